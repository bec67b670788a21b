//! The `#[check]` attribute of the harness.

mod attribute;
mod claim;
mod expand;

/// Declares a check: its doc comment is the claim, the function's body finds out whether it holds.
///
/// | argument | meaning |
/// |---|---|
/// | `covers = "4.3.2"` or `["4.3.2", "4.3.4"]` | the clauses that ask for it |
/// | `needs(Builder, Compose)` | variants of `crate::Need` that it cannot do without |
/// | `stage = Installed` | the variant of `crate::Stage` that is brought up before it |
/// | `after = "module::check"` | a check that must pass first |
/// | `alone` | no other check or stage runs beside it |
/// | `apart` | it touches nothing that is under test: it runs beside everything, stages being brought up included |
/// | `within = "60s"` | its deadline; there is always one |
///
/// The check is registered in `crate::CHECKS`, a `linkme` distributed slice of `harness::Check<crate::Suite>`.
#[proc_macro_attribute]
pub fn check(attribute: proc_macro::TokenStream, item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    expand::check(attribute.into(), item.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}
