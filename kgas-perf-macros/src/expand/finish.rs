//! How a value leaves a measured body: it is looked at, the call is told how it ended, and the
//! value goes on.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::{Expr, Type};

use crate::expand::site::Private;
use crate::returns::{Early, Returns};

/// How values leave one body.
pub(crate) struct Finish<'a> {
    p: Private<'a>,
    value: Value,
    ok: Option<&'a Expr>,
}

/// What is known of the value.
enum Value {
    /// Its type. A variable of that type takes the value, so that what the body gives is
    /// coerced, and complained about, exactly as if it were returned.
    Typed { written: Box<Type>, certainly_ok: bool },
    /// Its type cannot be written down: the value goes through a function, whose argument the
    /// compiler expects to be what is expected of the result.
    Untyped { early: Early },
}

impl<'a> Finish<'a> {
    /// `None` for `!`: no value ever leaves.
    pub(crate) fn new(returns: Returns, ok: Option<&'a Expr>, p: Private<'a>) -> Option<Self> {
        let value = match returns {
            Returns::Never => return None,
            Returns::Plain(Some(written)) => {
                Value::Typed { written: Box::new(written), certainly_ok: true }
            }
            Returns::Named(written) => {
                Value::Typed { written: Box::new(written), certainly_ok: false }
            }
            Returns::Plain(None) => Value::Untyped { early: Early::Ok },
            Returns::Opaque { early } => Value::Untyped { early },
            Returns::Future { .. } => Value::Untyped { early: Early::Error },
        };
        Some(Self { p, value, ok })
    }

    /// For a value of which nothing is known.
    pub(crate) fn untyped(ok: Option<&'a Expr>, p: Private<'a>) -> Self {
        Self { p, value: Value::Untyped { early: Early::Error }, ok }
    }

    /// What must stand before a body with a `return`: where its value goes. Inside the body the
    /// type's name may mean another type.
    pub(crate) fn return_slot(&self) -> TokenStream {
        match &self.value {
            Value::Typed { written, .. } => {
                quote_spanned!(Span::mixed_site()=> let __kgas_value: #written;)
            }
            Value::Untyped { .. } => TokenStream::new(),
        }
    }

    /// The body in its braces, and what becomes of its value. A body that never comes to its end
    /// makes this unreachable, which is no concern of its author.
    pub(crate) fn body(&self, body: impl ToTokens) -> TokenStream {
        let (p, at) = (&self.p, Span::mixed_site());
        let verdict = self.verdict();
        match &self.value {
            Value::Typed { written, .. } => quote_spanned! {at=>
                let __kgas_value: #written = #body;
                #[allow(unreachable_code)]
                __kgas_call.set(#verdict);
                __kgas_value
            },
            Value::Untyped { .. } => quote_spanned! {at=>
                #[allow(unreachable_code)]
                #p::end(#body, &__kgas_call, |__kgas_value| #verdict)
            },
        }
    }

    /// What stands behind `return` instead of a value.
    pub(crate) fn returned(&self, value: impl ToTokens) -> TokenStream {
        let (p, at) = (&self.p, Span::mixed_site());
        let verdict = self.verdict();
        match &self.value {
            Value::Typed { .. } => quote_spanned! {at=> {
                __kgas_value = #value;
                __kgas_call.set(#verdict);
                __kgas_value
            }},
            Value::Untyped { .. } => quote_spanned! {at=>
                #p::end(#value, &__kgas_call, |__kgas_value| #verdict)
            },
        }
    }

    fn verdict(&self) -> TokenStream {
        match &self.value {
            Value::Typed { .. } => self.verdict_on(quote_spanned!(Span::mixed_site()=> &)),
            Value::Untyped { .. } => self.verdict_by_reference(),
        }
    }

    /// An outcome, where `__kgas_value` is a reference to the value.
    pub(crate) fn verdict_by_reference(&self) -> TokenStream {
        self.verdict_on(TokenStream::new())
    }

    fn verdict_on(&self, borrow: TokenStream) -> TokenStream {
        let (p, at) = (&self.p, Span::mixed_site());
        match (&self.value, self.ok) {
            (_, Some(ok)) => quote_spanned!(at=> #p::ask(#borrow __kgas_value, #ok)),
            (Value::Typed { certainly_ok: true, .. }, None) => quote_spanned!(at=> #p::Outcome::Ok),
            _ => quote_spanned!(at=> #p::Returned(#borrow __kgas_value).outcome()),
        }
    }

    /// What must stand before an `async` body that can be left by `?`.
    pub(crate) fn type_declaration(&self) -> TokenStream {
        let p = &self.p;
        match &self.value {
            Value::Typed { written, .. } if self.ok.is_none() => {
                quote_spanned! {Span::mixed_site()=>
                    let __kgas_type = <#written as #p::Named>::TYPE;
                }
            }
            _ => TokenStream::new(),
        }
    }

    /// How an `async` body ended that is left by `?`.
    pub(crate) fn early(&self) -> TokenStream {
        let (p, at) = (&self.p, Span::mixed_site());
        match &self.value {
            _ if self.ok.is_some() => quote_spanned!(at=> #p::Outcome::Error),
            Value::Typed { .. } => quote_spanned!(at=> __kgas_type.early()),
            Value::Untyped { early } => early_outcome(*early, p),
        }
    }

    /// How a body ended that is not `async` and was left where the attribute does not see. Refuses a
    /// future, at the return type.
    pub(crate) fn early_sync(&self, return_type: Span) -> TokenStream {
        let (p, at) = (&self.p, Span::mixed_site());
        let by_type = match &self.value {
            Value::Typed { written, certainly_ok: false } => {
                let at = at.located_at(return_type);
                quote_spanned!(at=> <#written as #p::Named>::TYPE.early_sync())
            }
            Value::Typed { .. } => quote_spanned!(at=> #p::Outcome::Ok),
            Value::Untyped { early } => early_outcome(*early, p),
        };
        match self.ok {
            // Where the predicate is not asked, it would hardly have said yes.
            Some(_) => quote_spanned!(at=> match #by_type { _ => #p::Outcome::Error }),
            None => by_type,
        }
    }
}

fn early_outcome(early: Early, p: &Private<'_>) -> TokenStream {
    match early {
        Early::Ok => quote_spanned!(Span::mixed_site()=> #p::Outcome::Ok),
        Early::Error => quote_spanned!(Span::mixed_site()=> #p::Outcome::Error),
    }
}
