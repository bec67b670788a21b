//! The claim: the first paragraph of a check's doc comment.

use syn::{Attribute, Expr, ExprLit, Ident, Lit, Meta};

/// The claim in one line.
pub(crate) fn of(check: &Ident, attributes: &[Attribute]) -> syn::Result<String> {
    let lines = attributes.iter().filter_map(doc_line);
    let paragraph = lines.skip_while(|line| line.is_empty()).take_while(|line| !line.is_empty());
    let claim = paragraph.collect::<Vec<_>>().join(" ");
    if claim.is_empty() {
        let message =
            "a check needs a claim: write it as a doc comment, in one sentence about the thing under test";
        return Err(syn::Error::new(check.span(), message));
    }
    if !claim.ends_with('.') {
        return Err(syn::Error::new(check.span(), "a claim is a sentence: end it with a full stop"));
    }
    Ok(claim)
}

fn doc_line(attribute: &Attribute) -> Option<String> {
    let Meta::NameValue(pair) = &attribute.meta else { return None };
    let Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) = &pair.value else { return None };
    attribute.path().is_ident("doc").then(|| text.value().trim().to_owned())
}
