//! A function that is done when it returns.
//!
//! ```text
//! fn f(…) -> u64 {                    fn f(…) -> Result<T, E> {
//!     static SITE: …;                     static SITE: …;
//!     let call = start(&SITE, …);         let call = start(&SITE, …, on `?`: error);
//!     …statements…                        let value: Result<T, E> = { …statements… };
//! }                                       call.set(outcome of &value);
//!                                         value
//!                                     }
//! ```
//!
//! No closure stands around the statements: borrows, `?`, `return` and `#[track_caller]` mean
//! what they meant.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;

use crate::expand::body::{Body, users_braces};
use crate::expand::exits::{Exits, Returned};
use crate::expand::finish::Finish;
use crate::expand::site::{Site, argument_bytes};
use crate::expand::{at_return_type, unread};
use crate::item::Function;
use crate::returns::{Returns, span_of};

/// Expands a function that is not `async` and returns no future.
pub(crate) fn expand(
    function: &Function,
    body: &Body,
    returns: Returns,
    site: &Site<'_>,
) -> Result<TokenStream, syn::Error> {
    let p = site.private();
    let at = Span::mixed_site();
    let (site_static, memory, size) = (site.tokens(), site.memory(), site.size());
    let bytes = argument_bytes(&function.sig, &body.rest, &p);
    let attributes = &body.inner_attributes;
    let ok = site.request.ok.as_ref();
    if matches!(returns, Returns::Never) && ok.is_some() {
        return Err(at_return_type(
            function,
            "`ok` has nothing to look at: this function never returns",
        ));
    }
    let finish = match &returns {
        Returns::Never => None,
        Returns::Plain(_) if ok.is_none() => None,
        _ => Finish::new(returns, ok, site.private()),
    };
    let Some(finish) = finish else {
        let (items, rest) = body.items_first();
        return Ok(function.with_body(quote_spanned! {at=>
            #attributes
            #site_static
            #items
            let mut __kgas_call = #p::ScopedMeasurement::<#memory>::idle();
            __kgas_call.start(&__KGAS_SITE, #size, #bytes, #p::Outcome::Ok);
            #rest
        }));
    };
    let changed = body.changed(body.words.r#return, |statements| {
        Exits { p: site.private(), returned: Returned::Judged(&finish), early: None }
            .rewrite(statements);
    });
    let changed = match changed {
        Ok(changed) => changed,
        Err(error) => return Ok(unread(function, body, &error)),
    };
    let slot = if body.words.r#return { finish.return_slot() } else { TokenStream::new() };
    let early = finish.early_sync(span_of(&function.sig.output));
    let content = finish.body(users_braces(function.body.span(), changed));
    Ok(function.with_body(quote_spanned! {at=>
        #attributes
        #site_static
        #slot
        let mut __kgas_call = #p::ScopedMeasurement::<#memory>::idle();
        __kgas_call.start(&__KGAS_SITE, #size, #bytes, #early);
        #content
    }))
}
