//! An `async fn`, and the block of a future that is made in sight.
//!
//! The measurement is a variable of the body, so nothing takes the future by value: a chain of
//! measured functions makes a future that grows by a constant a link.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::{Error, Expr};

use crate::expand::body::{Body, users_braces};
use crate::expand::exits::{Exits, Returned};
use crate::expand::finish::Finish;
use crate::expand::site::{Site, argument_bytes};
use crate::expand::unread;
use crate::item::Function;
use crate::returns::Returns;

/// Expands an `async fn`.
pub(crate) fn expand(
    function: &Function,
    body: &Body,
    returns: Returns,
    site: &Site<'_>,
) -> TokenStream {
    let bytes = argument_bytes(&function.sig, &body.rest, &site.private());
    let finish = Finish::new(returns, site.request.ok.as_ref(), site.private());
    let span = function.body.span();
    match statements(body, span, finish.as_ref(), &site.size(), &bytes, site) {
        Ok(statements) => {
            let (attributes, site_static) = (&body.inner_attributes, site.tokens());
            function.with_body(quote_spanned! {Span::mixed_site()=>
                #attributes
                #site_static
                #statements
            })
        }
        Err(error) => unread(function, body, &error),
    }
}

/// What stands in an `async` body behind its inner attributes and its call site.
pub(crate) fn statements(
    body: &Body,
    span: Span,
    finish: Option<&Finish<'_>>,
    size: &TokenStream,
    bytes: &TokenStream,
    site: &Site<'_>,
) -> Result<TokenStream, Error> {
    let (p, at, memory) = (site.private(), Span::mixed_site(), site.memory());
    let start = quote_spanned! {at=>
        let mut __kgas_call = #p::DetachedMeasurement::<#memory>::idle();
            __kgas_call.start(&__KGAS_SITE, #size, #bytes);
    };
    let Some(finish) = finish else {
        let (items, rest) = body.items_first();
        return Ok(quote_spanned!(at=> #items #start #rest));
    };
    let leaves = body.words.leaves();
    let changed = body.changed(leaves, |statements| {
        let early = Some(finish.early());
        Exits { p: site.private(), returned: Returned::Judged(finish), early }.rewrite(statements);
    })?;
    let slot = if body.words.r#return { finish.return_slot() } else { TokenStream::new() };
    let type_declaration = if leaves { finish.type_declaration() } else { TokenStream::new() };
    let content = finish.body(users_braces(span, changed));
    Ok(quote_spanned!(at=> #slot #type_declaration #start #content))
}

/// The content of an `async` block that becomes measured. The call site stands in the function.
pub(crate) fn block(
    block: &syn::Block,
    returns: Option<Returns>,
    ok: Option<&Expr>,
    size: &TokenStream,
    bytes: &TokenStream,
    site: &Site<'_>,
) -> Result<TokenStream, Error> {
    let body = Body::of_block(block);
    let finish = match returns {
        Some(returns) => Finish::new(returns, ok, site.private()),
        None => Some(Finish::untyped(ok, site.private())),
    };
    let span = block.brace_token.span.join();
    let statements = statements(&body, span, finish.as_ref(), size, bytes, site)?;
    let attributes = &body.inner_attributes;
    Ok(quote_spanned!(Span::mixed_site()=> #attributes #statements))
}
