//! Requirement 4: what was installed works, shown by using it.

mod builder_functionality;
