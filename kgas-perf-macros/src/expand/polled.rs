//! An `async fn` under `poll = true`: its body becomes a future inside a future that counts polls.
//!
//! ```text
//! async fn f(a: A, (b, c): (B, C)) -> T {
//!     static SITE: …;
//!     Measured { site: &SITE, …, future: async move {
//!         let a = a;
//!         let __kgas_1 = __kgas_1; let (b, c) = __kgas_1;
//!         …statements…
//!     } }.await
//! }
//! ```
//!
//! The outer future is built in place, so no function takes the inner one by value. Arguments are
//! bound again in their order, used or not: they are dropped when and as they were.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::{Error, FnArg, Pat, Signature, Token};

use crate::expand::body::{Body, users_braces};
use crate::expand::exits::{Exits, Returned};
use crate::expand::finish::Finish;
use crate::expand::site::{Site, argument_bytes};
use crate::expand::{at_return_type, unread};
use crate::item::{Function, braces};
use crate::returns::Returns;

/// Expands an `async fn` with `poll = true`.
pub(crate) fn expand(
    function: &Function,
    body: &Body,
    returns: Returns,
    site: &Site<'_>,
) -> Result<TokenStream, Error> {
    let (Returns::Plain(Some(written)) | Returns::Named(written)) = &returns else {
        return Err(at_return_type(
            function,
            "`poll = true` needs a return type that can be written down: no `!` and no `impl Trait`",
        ));
    };
    let written = written.clone();
    let (p, at) = (site.private(), Span::mixed_site());
    let Some(finish) = Finish::new(returns, site.request.ok.as_ref(), site.private()) else {
        return Err(at_return_type(function, "`poll = true` has no end to measure here"));
    };
    let changed = body.changed(body.words.r#return, |statements| {
        Exits { p: site.private(), returned: Returned::Typed, early: None }.rewrite(statements);
    });
    let changed = match changed {
        Ok(changed) => changed,
        Err(error) => return Ok(unread(function, body, &error)),
    };
    let mut sig = function.sig.clone();
    let bound_again = bind_again(&mut sig);
    let (site_static, memory, size) = (site.tokens(), site.memory(), site.size());
    let bytes = argument_bytes(&function.sig, &body.rest, &p);
    let (attributes, verdict) = (&body.inner_attributes, finish.verdict_by_reference());
    let slot = if body.words.r#return { finish.return_slot() } else { TokenStream::new() };
    let inner = users_braces(function.body.span(), changed);
    let content = quote_spanned! {at=>
        #attributes
        #site_static
        #p::Measured::<_, _, #memory> {
            site: &__KGAS_SITE,
            size: #size,
            argument_bytes: #bytes,
            outcome_of: |__kgas_value: &#written| #verdict,
            state: #p::State::new(),
            future: async move {
                #bound_again
                #slot
                let __kgas_value: #written = #inner;
                #[allow(unreachable_code)]
                __kgas_value
            },
        }
        .await
    };
    let (attrs, vis, default) = (&function.attrs, &function.vis, &function.default);
    let body = braces(&function.body, content);
    Ok(quote_spanned!(at=> #(#attrs)* #vis #default #sig #body))
}

/// Makes every parameter a plain name, and answers the statements that bind the old patterns.
fn bind_again(sig: &mut Signature) -> TokenStream {
    let at = Span::mixed_site();
    let mut bound = TokenStream::new();
    for (position, input) in sig.inputs.iter_mut().enumerate() {
        let FnArg::Typed(argument) = input else {
            continue;
        };
        let pattern = argument.pat.to_token_stream();
        if let Pat::Ident(plain) = &mut *argument.pat
            && plain.by_ref.is_none()
            && plain.subpat.is_none()
        {
            plain.mutability = None::<Token![mut]>;
            let name = &plain.ident;
            bound.extend(quote_spanned!(at=> let #pattern = #name;));
        } else {
            let name = syn::Ident::new(&format!("__kgas_{position}"), at);
            bound.extend(quote_spanned!(at=> let #name = #name; let #pattern = #name;));
            *argument.pat = Pat::Verbatim(name.into_token_stream());
        }
    }
    bound
}
