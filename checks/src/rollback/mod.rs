//! The rollback plan: when to go back, how, and whether it worked; shown by going there and back.

mod emergency;
mod procedure;
mod timeline;
mod triggers;
mod verification;
