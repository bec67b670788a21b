//! What stands between the brackets of `#[check(…)]`.

use std::time::Duration;

use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Ident, LitStr, Token, bracketed, parenthesized};

/// The arguments of one `#[check]`.
#[derive(Default)]
pub(crate) struct Attribute {
    pub(crate) covers: Vec<LitStr>,
    pub(crate) needs: Vec<Ident>,
    pub(crate) stage: Option<Ident>,
    pub(crate) after: Option<LitStr>,
    pub(crate) touch: Touch,
    pub(crate) within: Option<Duration>,
}

/// How a check touches the thing under test, by the names that the harness has.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) enum Touch {
    #[default]
    Shared,
    Alone,
    Never,
}

const ARGUMENTS: &str =
    "the arguments are `covers`, `needs(…)`, `stage`, `after`, `alone`, `apart` and `within`";

impl Parse for Attribute {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let mut attribute = Self::default();
        let mut seen: Vec<Ident> = Vec::new();
        while !input.is_empty() {
            let argument: Ident = input.parse()?;
            if seen.contains(&argument) {
                return Err(syn::Error::new(argument.span(), format!("`{argument}` is given twice")));
            }
            attribute.argument(&argument, input)?;
            seen.push(argument);
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(attribute)
    }
}

impl Attribute {
    fn argument(&mut self, name: &Ident, input: ParseStream) -> syn::Result<()> {
        match name.to_string().as_str() {
            "covers" => self.covers = clauses(input)?,
            "needs" => self.needs = needs(input)?,
            "stage" => self.stage = Some(value(input)?),
            "after" => self.after = Some(value(input)?),
            "alone" => self.touch = Touch::Alone,
            "apart" => self.touch = Touch::Never,
            "within" => self.within = Some(time(&value(input)?)?),
            _ => return Err(syn::Error::new(name.span(), ARGUMENTS)),
        }
        Ok(())
    }
}

fn value<T: Parse>(input: ParseStream) -> syn::Result<T> {
    input.parse::<Token![=]>()?;
    input.parse()
}

fn clauses(input: ParseStream) -> syn::Result<Vec<LitStr>> {
    input.parse::<Token![=]>()?;
    if !input.peek(syn::token::Bracket) {
        return Ok(vec![input.parse()?]);
    }
    let list;
    bracketed!(list in input);
    Ok(Punctuated::<LitStr, Token![,]>::parse_terminated(&list)?.into_iter().collect())
}

fn needs(input: ParseStream) -> syn::Result<Vec<Ident>> {
    let list;
    parenthesized!(list in input);
    Ok(Punctuated::<Ident, Token![,]>::parse_terminated(&list)?.into_iter().collect())
}

fn time(text: &LitStr) -> syn::Result<Duration> {
    match humantime::parse_duration(&text.value()) {
        Ok(time) if !time.is_zero() => Ok(time),
        _ => Err(syn::Error::new(text.span(), "write a time with its unit, such as \"60s\" or \"2m\"")),
    }
}
