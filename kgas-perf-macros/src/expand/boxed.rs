//! A function that is not `async` and returns a future it makes in sight: `Box::pin(async …)`, an
//! `async` block, and what `#[async_trait]` makes of a method.
//!
//! Each `async` block that leaves the function is measured, from its first poll on. Statements
//! before it run where they ran, unmeasured. A future made elsewhere cannot be measured from
//! here, so it is refused: timing the call would time nothing but its making.

use proc_macro2::{Span, TokenStream};
use quote::{TokenStreamExt, quote_spanned};
use syn::visit_mut::{self, VisitMut};
use syn::{Block, Error, Expr, Pat, Stmt, Type};

use crate::expand::body::Body;
use crate::expand::site::{Site, argument_bytes};
use crate::expand::{asynchronous, at_return_type, unread};
use crate::item::Function;
use crate::returns::Returns;

const REFUSED: &str = "the work of this call is a future made elsewhere, and only its making would be timed: \
     make this an `async fn`, or end it with `Box::pin(async move { … })`";

/// Whether a body ends in a future made in sight, whatever its return type is called.
pub(crate) fn ends_in_future(body: &Body) -> bool {
    let Ok(mut statements) = body.statements() else {
        return false;
    };
    let mut count = 0;
    let found = on_value(&mut statements, &mut |_| {
        count += 1;
        Ok(())
    });
    found.is_ok() && count > 0
}

/// Expands such a function. `output` is what its future gives; `certain` says that the return type
/// is a future, so that an error can stand at it.
pub(crate) fn expand(
    function: &Function,
    body: &Body,
    output: Option<Type>,
    certain: bool,
    site: &Site<'_>,
) -> Result<TokenStream, Error> {
    let mut statements = match body.statements() {
        Ok(statements) => statements,
        Err(error) => return Ok(unread(function, body, &error)),
    };
    let p = site.private();
    let at = Span::mixed_site();
    // Evaluated when the function is called: the future may own by then what the size is of.
    let size = match &site.request.size {
        Some(_) => quote_spanned!(at=> __kgas_size),
        None => site.size(),
    };
    let size_declaration = site.request.size.as_ref().map(|_| {
        let given = site.size();
        quote_spanned!(at=> let __kgas_size = #given;)
    });
    let bytes = argument_bytes(&function.sig, &TokenStream::new(), &p);
    let mut measure = |found: &mut Block| {
        let returns = output.as_ref().map(Returns::of_output);
        let ok = site.request.ok.as_ref();
        let content = asynchronous::block(found, returns, ok, &size, &bytes, site)?;
        found.stmts = vec![Stmt::Expr(Expr::Verbatim(content), None)];
        Ok(())
    };
    let mut returned = OnReturn { measure: &mut measure, mistake: None };
    for statement in &mut statements {
        returned.visit_stmt_mut(statement);
    }
    if let Some(error) = returned.mistake {
        return Err(error);
    }
    match on_value(&mut statements, &mut measure) {
        Ok(()) => {}
        Err(Unseen::At(_)) if certain => return Err(at_return_type(function, REFUSED)),
        Err(Unseen::At(span)) => return Err(Error::new(span, REFUSED)),
        Err(Unseen::Mistake(error)) => return Err(error),
    }
    let (attributes, site_static) = (&body.inner_attributes, site.tokens());
    let mut rest = TokenStream::new();
    rest.append_all(&statements);
    Ok(function.with_body(quote_spanned!(at=> #attributes #site_static #size_declaration #rest)))
}

/// Why a value is not a future made in sight.
enum Unseen {
    At(Span),
    Mistake(Error),
}

impl From<Error> for Unseen {
    fn from(error: Error) -> Self {
        Self::Mistake(error)
    }
}

type Measure<'a> = dyn FnMut(&mut Block) -> Result<(), Error> + 'a;

/// Measures every future that is the value of a block.
fn on_value(statements: &mut [Stmt], measure: &mut Measure<'_>) -> Result<(), Unseen> {
    use syn::spanned::Spanned;

    let Some((last, before)) = statements.split_last_mut() else {
        return Err(Unseen::At(Span::call_site()));
    };
    match last {
        Stmt::Expr(value, None) => on_future(value, before, measure),
        // A block that ends in `return …;` has no value of its own.
        Stmt::Expr(Expr::Return(_), Some(_)) => Ok(()),
        other => Err(Unseen::At(other.span())),
    }
}

/// Measures a future made in sight. `before` are the statements that may have named it.
fn on_future(
    value: &mut Expr,
    before: &mut [Stmt],
    measure: &mut Measure<'_>,
) -> Result<(), Unseen> {
    use syn::spanned::Spanned;

    let at = value.span();
    match value {
        Expr::Async(found) => Ok(measure(&mut found.block)?),
        Expr::Call(call) if wraps(&call.func) && call.args.len() == 1 => {
            on_future(&mut call.args[0], before, measure)
        }
        Expr::MethodCall(call) if call.method == "boxed" || call.method == "boxed_local" => {
            on_future(&mut call.receiver, before, measure)
        }
        Expr::Paren(inner) => on_future(&mut inner.expr, before, measure),
        Expr::Group(inner) => on_future(&mut inner.expr, before, measure),
        Expr::Cast(inner) => on_future(&mut inner.expr, before, measure),
        Expr::Block(inner) => on_value(&mut inner.block.stmts, measure),
        Expr::If(inner) => {
            on_value(&mut inner.then_branch.stmts, measure)?;
            match &mut inner.else_branch {
                Some((_, other)) => on_future(other, before, measure),
                None => Err(Unseen::At(at)),
            }
        }
        Expr::Match(inner) => {
            for arm in &mut inner.arms {
                on_future(arm_body(arm), before, measure)?;
            }
            Ok(())
        }
        // Measured where it is returned, or never arrived at.
        Expr::Return(_) => Ok(()),
        Expr::Macro(inner) if diverges(&inner.mac) => Ok(()),
        Expr::Path(name) => {
            let Some(name) = name.path.get_ident().cloned() else {
                return Err(Unseen::At(at));
            };
            on_variable(&name, before, measure)
        }
        _ => Err(Unseen::At(at)),
    }
}

/// Measures a future that was given a name first.
fn on_variable(
    name: &syn::Ident,
    before: &mut [Stmt],
    measure: &mut Measure<'_>,
) -> Result<(), Unseen> {
    for position in (0..before.len()).rev() {
        let (earlier, rest) = before.split_at_mut(position);
        let Stmt::Local(local) = &mut rest[0] else {
            continue;
        };
        let pattern = match &local.pat {
            Pat::Type(typed) => &*typed.pat,
            pattern => pattern,
        };
        let Pat::Ident(bound) = pattern else {
            continue;
        };
        if bound.ident == *name {
            return match &mut local.init {
                Some(init) => on_future(&mut init.expr, earlier, measure),
                None => Err(Unseen::At(name.span())),
            };
        }
    }
    Err(Unseen::At(name.span()))
}

/// `Box::pin` and its like: what takes a future and is that future.
fn wraps(function: &Expr) -> bool {
    let Expr::Path(path) = function else {
        return false;
    };
    let mut names = path.path.segments.iter().rev().map(|segment| segment.ident.to_string());
    let last = names.next().unwrap_or_default();
    let owner = names.next().unwrap_or_default();
    matches!(
        (owner.as_str(), last.as_str()),
        ("Box", "pin" | "new" | "into_pin")
            | ("Pin", "from")
            | ("FutureExt", "boxed" | "boxed_local")
    )
}

fn diverges(found: &syn::Macro) -> bool {
    const DIVERGING: [&str; 4] = ["panic", "todo", "unimplemented", "unreachable"];
    found.path.segments.last().is_some_and(|last| DIVERGING.iter().any(|name| last.ident == name))
}

fn arm_body(arm: &mut syn::Arm) -> &mut Expr {
    &mut arm.body
}

/// Measures every future that is returned before the end.
struct OnReturn<'a, 'b> {
    measure: &'a mut Measure<'b>,
    mistake: Option<Error>,
}

impl VisitMut for OnReturn<'_, '_> {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        match expr {
            Expr::Closure(_) | Expr::Async(_) | Expr::Const(_) => {}
            Expr::Return(found) => {
                let Some(value) = &mut found.expr else {
                    return;
                };
                let error = match on_future(value, &mut [], self.measure) {
                    Ok(()) => return,
                    Err(Unseen::At(_)) => Error::new_spanned(value, REFUSED),
                    Err(Unseen::Mistake(error)) => error,
                };
                self.mistake.get_or_insert(error);
            }
            other => visit_mut::visit_expr_mut(self, other),
        }
    }

    fn visit_item_mut(&mut self, _: &mut syn::Item) {}
}
