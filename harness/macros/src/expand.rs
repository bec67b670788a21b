//! From an annotated function to a registered check.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Ident, ItemFn};

use crate::attribute::{Attribute, Touch};
use crate::claim;

/// The function as written, and the static that registers it.
pub(crate) fn check(attribute: TokenStream, item: TokenStream) -> syn::Result<TokenStream> {
    let attribute: Attribute = syn::parse2(attribute)?;
    let function: ItemFn = syn::parse2(item)?;
    let name = &function.sig.ident;
    let claim = claim::of(name, &function.attrs)?;
    if function.sig.asyncness.is_none() {
        let message = "a check is an `async fn`: a deadline can end it only where it awaits";
        return Err(syn::Error::new(function.sig.fn_token.span, message));
    }
    let registration = registration(name, &claim, &attribute)?;
    Ok(quote! { #function #registration })
}

fn registration(name: &Ident, claim: &str, attribute: &Attribute) -> syn::Result<TokenStream> {
    let Attribute { covers, needs, stage, after, touch, within } = attribute;
    let Some(within) = within else {
        return Err(syn::Error::new(name.span(), "a check needs a deadline, such as `within = \"60s\"`"));
    };
    let (seconds, nanos) = (within.as_secs(), within.subsec_nanos());
    let stage = option(stage.as_ref().map(|stage| quote!(crate::Stage::#stage)));
    let after = option(after.as_ref().map(|after| quote!(#after)));
    let touch = match touch {
        Touch::Shared => quote!(Shared),
        Touch::Alone => quote!(Alone),
        Touch::Never => quote!(Never),
    };
    Ok(quote! {
        #[expect(unsafe_code, reason = "the linker gathers the checks into one section")]
        const _: () = {
            #[::harness::linkme::distributed_slice(crate::CHECKS)]
            #[linkme(crate = ::harness::linkme)]
            static CHECK: ::harness::Check<crate::Suite> = ::harness::Check {
                path: ::core::concat!(::core::module_path!(), "::", ::core::stringify!(#name)),
                file: ::core::file!(),
                line: ::core::line!(),
                claim: #claim,
                covers: &[#(#covers),*],
                needs: &[#(crate::Need::#needs),*],
                stage: #stage,
                after: #after,
                touch: ::harness::Touch::#touch,
                within: ::core::time::Duration::new(#seconds, #nanos),
                body: |cx| ::std::boxed::Box::pin(#name(cx)),
            };
        };
    })
}

fn option(tokens: Option<TokenStream>) -> TokenStream {
    match tokens {
        Some(tokens) => quote!(::core::option::Option::Some(#tokens)),
        None => quote!(::core::option::Option::None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOUND: &str = "/// It holds.\n async fn it_holds(cx: &Cx) -> Verdict { Ok(()) }";

    fn refusal(attribute: &str, item: &str) -> String {
        let [attribute, item] = [attribute, item].map(|text| text.parse().unwrap());
        check(attribute, item).expect_err("the macro should refuse this").to_string()
    }

    fn expansion(attribute: &str) -> String {
        check(attribute.parse().unwrap(), SOUND.parse().unwrap()).unwrap().to_string().replace(' ', "")
    }

    #[test]
    fn a_check_without_a_claim_is_refused() {
        let message = refusal(r#"within = "1s""#, "async fn it_holds(cx: &Cx) -> Verdict { Ok(()) }");
        assert!(message.starts_with("a check needs a claim"), "{message}");
    }

    #[test]
    fn a_claim_without_a_full_stop_is_refused() {
        let item = "/// It holds\n async fn it_holds(cx: &Cx) -> Verdict { Ok(()) }";
        assert_eq!(refusal(r#"within = "1s""#, item), "a claim is a sentence: end it with a full stop");
    }

    #[test]
    fn a_check_without_a_deadline_is_refused() {
        assert_eq!(refusal("", SOUND), "a check needs a deadline, such as `within = \"60s\"`");
    }

    #[test]
    fn a_time_without_a_unit_is_refused() {
        for time in ["60", "", "0s", "soon"] {
            let message = refusal(&format!("within = {time:?}"), SOUND);
            assert_eq!(message, "write a time with its unit, such as \"60s\" or \"2m\"", "{time:?}");
        }
    }

    #[test]
    fn a_check_that_is_not_async_is_refused() {
        let item = "/// It holds.\n fn it_holds(cx: &Cx) -> Verdict { Ok(()) }";
        let message = refusal(r#"within = "1s""#, item);
        assert!(message.starts_with("a check is an `async fn`"), "{message}");
    }

    #[test]
    fn an_unknown_or_repeated_argument_is_refused() {
        assert!(refusal(r#"need(Builder), within = "1s""#, SOUND).starts_with("the arguments are"));
        assert_eq!(refusal(r#"alone, alone, within = "1s""#, SOUND), "`alone` is given twice");
    }

    #[test]
    fn how_a_check_touches_things_reaches_the_registration() {
        let touches = [("", "Shared"), ("alone, ", "Alone"), ("apart, ", "Never")];
        for (argument, touch) in touches {
            let expansion = expansion(&format!(r#"{argument}within = "1s""#));
            assert!(expansion.contains(&format!("touch:::harness::Touch::{touch},")), "{expansion}");
        }
    }

    #[test]
    fn every_argument_reaches_the_registration() {
        let attribute = r#"covers = ["1.2.3", "1.2.4"], needs(A, B), stage = S, after = "m::c", alone, within = "1500ms""#;
        let expansion = expansion(attribute);
        for part in [
            r#"covers:&["1.2.3","1.2.4"]"#,
            "needs:&[crate::Need::A,crate::Need::B]",
            "stage:::core::option::Option::Some(crate::Stage::S)",
            r#"after:::core::option::Option::Some("m::c")"#,
            "touch:::harness::Touch::Alone",
            "::core::time::Duration::new(1u64,500000000u32)",
            r#"claim:"Itholds.""#,
        ] {
            assert!(expansion.contains(part), "{part} is not in {expansion}");
        }
    }
}
