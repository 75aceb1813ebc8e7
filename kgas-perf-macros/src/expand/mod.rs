//! Arguments and item to tokens.
//!
//! - `sync`: a function that is done when it returns.
//! - `asynchronous`, `polled`: an `async fn`, measured as a whole or poll by poll.
//! - `boxed`: a function that returns a future it makes in sight.
//! - `block`: an `impl` block or trait.
//! - `region`: `measure!`.
//! - `site`, `body`, `finish`, `exits`, `select`: what these are put together from.

mod asynchronous;
mod block;
mod body;
mod boxed;
mod exits;
mod finish;
mod polled;
mod region;
mod select;
mod site;
mod sync;
#[cfg(test)]
mod tests;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::{Error, ext::IdentExt};

use crate::args::{Args, Mistakes};
use crate::catalog::Declared;
use crate::expand::body::Body;
use crate::expand::site::Site;
use crate::fallback;
use crate::item::{Function, Item};
use crate::returns::Returns;
use crate::validate::{self, Place, Request};

pub(crate) use region::region;

/// What surrounds an expansion.
pub(crate) struct Context {
    /// The catalogue, or why there is none.
    pub(crate) declared: Result<Declared, String>,
    /// The feature `off`: check everything, change nothing.
    pub(crate) off: bool,
}

/// Expands `catalogue!`.
pub(crate) fn catalogue(tokens: TokenStream, context: &Context) -> TokenStream {
    if !tokens.is_empty() {
        return Error::new_spanned(tokens, "`catalogue!` takes no argument").into_compile_error();
    }
    let krate = syn::parse_quote!(::kgas_perf_runtime);
    match &context.declared {
        Ok(declared) => site::catalogue_text(declared, &site::Private(&krate)),
        Err(error) => Error::new(Span::call_site(), error).into_compile_error(),
    }
}

/// Expands the attribute.
pub(crate) fn attribute(args: TokenStream, tokens: TokenStream, context: &Context) -> TokenStream {
    let (args, found) = Args::read(args);
    let mut mistakes = Mistakes(found);
    let declared = declared(&args, context, &mut mistakes);
    let item = match syn::parse2::<Item>(tokens.clone()) {
        Ok(item) => item,
        Err(error) => {
            mistakes.add(error);
            return mistakes
                .0
                .map_or(TokenStream::new(), |error| fallback::untouched(&error, &tokens));
        }
    };
    let expanded = match &item {
        Item::Function(function) => {
            let request = validate::check(args, Place::Function, declared, &mut mistakes);
            whole_function(function, &request, declared, &mut mistakes)
        }
        Item::Block(block) => {
            let request = validate::check(args, Place::Block, declared, &mut mistakes);
            block::expand(block, &request, declared, &mut mistakes)
        }
    };
    match (mistakes.0, expanded) {
        (Some(error), _) => fallback::untouched(&error, &untouched(&item, tokens)),
        (None, Some(expanded)) if !context.off => expanded,
        _ => untouched(&item, tokens),
    }
}

/// The item as it was written, without what only a block's own attribute understands.
fn untouched(item: &Item, tokens: TokenStream) -> TokenStream {
    match item {
        Item::Function(_) => tokens,
        Item::Block(block) => block::without_skip(block),
    }
}

/// The catalogue; a malformed one is a mistake at the operation's name.
fn declared<'a>(
    args: &Args,
    context: &'a Context,
    mistakes: &mut Mistakes,
) -> Option<&'a Declared> {
    match &context.declared {
        Ok(declared) => Some(declared),
        Err(error) => {
            let at = args.name.as_ref().map_or_else(Span::call_site, syn::LitStr::span);
            mistakes.add(Error::new(at, error));
            None
        }
    }
}

fn whole_function(
    function: &Function,
    request: &Request,
    declared: Option<&Declared>,
    mistakes: &mut Mistakes,
) -> Option<TokenStream> {
    let operation = request.name.as_ref().map(syn::LitStr::value).unwrap_or_default();
    expand_function(function, &operation, request, declared, mistakes)
}

/// Expands one function. `None` if there is a mistake in it or no catalogue.
fn expand_function(
    function: &Function,
    operation: &str,
    request: &Request,
    declared: Option<&Declared>,
    mistakes: &mut Mistakes,
) -> Option<TokenStream> {
    if let Some(keyword) = &function.sig.constness {
        mistakes.add(Error::new_spanned(
            keyword,
            "a `const fn` cannot be measured: it may run while the program compiles",
        ));
        return None;
    }
    let declared = declared?;
    let site = Site { request, declared, operation, at: function.sig.ident.unraw().span() };
    match by_kind(function, &site) {
        Ok(expanded) => Some(expanded),
        Err(error) => {
            mistakes.add(error);
            None
        }
    }
}

fn by_kind(function: &Function, site: &Site<'_>) -> Result<TokenStream, Error> {
    let sig = &function.sig;
    let body = Body::new(&function.body);
    if sig.asyncness.is_some() {
        let returns = Returns::of_async(&sig.output);
        return match site.request.poll {
            Some(_) => polled::expand(function, &body, returns, site),
            None => Ok(asynchronous::expand(function, &body, returns, site)),
        };
    }
    if let Some(keyword) = site.request.poll {
        return Err(Error::new(
            keyword,
            "`poll = true` needs an `async fn`: nothing else is polled",
        ));
    }
    match Returns::of(&sig.output) {
        Returns::Future { output } => boxed::expand(function, &body, output, true, site),
        returns if body.words.r#async && boxed::ends_in_future(&body) => {
            drop(returns);
            boxed::expand(function, &body, None, false, site)
        }
        returns => sync::expand(function, &body, returns, site),
    }
}

/// A function whose body cannot be read, as it was written.
///
/// The compiler will say what is wrong with it. Should it be able to read what this crate cannot,
/// it comes to the use of something deprecated, and warns that the function is not measured.
fn unread(function: &Function, body: &Body, error: &Error) -> TokenStream {
    let note = format!("this body cannot be read, so its calls are not measured: {error}");
    let at = Span::mixed_site().located_at(function.sig.ident.span());
    let (attributes, rest) = (&body.inner_attributes, &body.rest);
    function.with_body(quote_spanned! {at=>
        #attributes
        #[deprecated(note = #note)]
        const __KGAS_NOT_MEASURED: () = ();
        let () = __KGAS_NOT_MEASURED;
        #rest
    })
}

/// A mistake about a function's return type.
fn at_return_type(function: &Function, message: &str) -> Error {
    match &function.sig.output {
        syn::ReturnType::Type(_, written) => Error::new_spanned(written, message),
        syn::ReturnType::Default => {
            Error::new_spanned(function.sig.ident.to_token_stream(), message)
        }
    }
}
