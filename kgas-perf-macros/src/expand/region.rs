//! `measure!("name", { … })`: a block that is measured where it stands.

use proc_macro2::{Group, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::parse::{ParseStream, Parser};
use syn::visit_mut::{self, VisitMut};
use syn::{Error, Expr, Item, Lifetime, parse_quote_spanned};

use crate::args::{Args, Mistakes};
use crate::expand::body::{Body, Words, users_braces};
use crate::expand::exits::{Exits, Returned};
use crate::expand::finish::Finish;
use crate::expand::site::{Private, Site};
use crate::expand::{Context, declared};
use crate::item::braced;
use crate::validate::{self, Place, Request};

/// Expands `measure!`.
pub(crate) fn region(tokens: TokenStream, context: &Context) -> TokenStream {
    let read = |input: ParseStream<'_>| {
        let (args, found) = Args::read_before_block(input);
        let mut mistakes = Mistakes(found);
        let at = if input.is_empty() { Span::call_site() } else { input.span() };
        let block = braced(input).ok();
        if block.is_none() {
            mistakes.add(Error::new(at, "expected a block to measure: measure!(\"name\", { … })"));
        } else if !input.is_empty() {
            mistakes.add(input.error("nothing may stand behind the block"));
        }
        // What is left has been complained about.
        input.parse::<TokenStream>()?;
        Ok((args, mistakes, block))
    };
    let (args, mut mistakes, block) = match read.parse2(tokens) {
        Ok(parts) => parts,
        Err(error) => return error.to_compile_error(),
    };
    let declared = declared(&args, context, &mut mistakes);
    let request = validate::check(args, Place::Region, declared, &mut mistakes);
    let (Some(block), None) = (&block, &mistakes.0) else {
        let mistakes = mistakes.0.map(|error| error.to_compile_error());
        // The block stays, so that its value and its variables are no second error.
        let content = block.map(|block| block.stream());
        return quote!({ #mistakes #content });
    };
    match (declared, context.off) {
        (Some(declared), false) => {
            let operation = request.name.as_ref().map(syn::LitStr::value).unwrap_or_default();
            let at = request.name.as_ref().map_or_else(Span::call_site, syn::LitStr::span);
            let site = Site { request: &request, declared, operation: &operation, at };
            expand(block, &request, &site).unwrap_or_else(|_| quote!(#block))
        }
        _ => quote!(#block),
    }
}

fn expand(block: &Group, request: &Request, site: &Site<'_>) -> Result<TokenStream, Error> {
    let body = Body::new(block);
    let (p, at) = (site.private(), Span::mixed_site());
    let finish = Finish::untyped(request.ok.as_ref(), site.private());
    let mut statements = body.statements()?;
    let waits = waits(&mut statements);
    let leaves = body.words.leaves() || waits;
    let changed = body.changed(leaves, |statements| {
        let early = Some(quote_spanned!(at=> #p::Outcome::Error));
        // A call on the stack that says nothing more has ended well; only a future must say so.
        let returned = if waits { Returned::Leaves } else { Returned::Untouched };
        if waits {
            let mut jumps = Jumps { p: site.private(), loops: 0, labels: Vec::new() };
            for statement in &mut *statements {
                jumps.visit_stmt_mut(statement);
            }
        }
        Exits { p: site.private(), returned, early }.rewrite(statements);
    })?;
    let (site_static, memory, size) = (site.tokens(), site.memory(), site.size());
    let start = if waits {
        quote_spanned! {at=>
            let mut __kgas_call = #p::DetachedMeasurement::<#memory>::idle();
            __kgas_call.start(&__KGAS_SITE, #size, 0);
        }
    } else {
        quote_spanned! {at=>
            let mut __kgas_call = #p::ScopedMeasurement::<#memory>::idle();
            __kgas_call.start(&__KGAS_SITE, #size, 0, #p::Outcome::Ok);
        }
    };
    let attributes = &body.inner_attributes;
    let braces = users_braces(block.span(), quote!(#attributes #changed));
    let content = finish.body(braces);
    Ok(quote_spanned! {at=> {
        #site_static
        #start
        #content
    }})
}

/// Whether a block waits for a future, so that it belongs to an `async` body.
fn waits(statements: &mut [syn::Stmt]) -> bool {
    struct Search(bool);
    impl VisitMut for Search {
        fn visit_expr_mut(&mut self, expr: &mut Expr) {
            match expr {
                Expr::Closure(_) | Expr::Async(_) | Expr::Const(_) => {}
                Expr::Await(_) => self.0 = true,
                other => visit_mut::visit_expr_mut(self, other),
            }
        }
        fn visit_macro_mut(&mut self, found: &mut syn::Macro) {
            const WAITING: [&str; 5] = ["join", "try_join", "select", "select_biased", "pending"];
            let name = found.path.segments.last();
            self.0 |= Words::of(&found.tokens).r#await
                || name.is_some_and(|name| WAITING.iter().any(|known| name.ident == known));
        }
        fn visit_item_mut(&mut self, _: &mut Item) {}
    }
    let mut search = Search(false);
    for statement in statements {
        search.visit_stmt_mut(statement);
    }
    search.0
}

/// `break` and `continue` that leave the block.
struct Jumps<'a> {
    p: Private<'a>,
    /// How many loops of the block itself we are in.
    loops: usize,
    labels: Vec<Lifetime>,
}

impl Jumps<'_> {
    fn leaves(&self, label: Option<&Lifetime>) -> bool {
        match label {
            Some(label) => !self.labels.contains(label),
            None => self.loops == 0,
        }
    }

    fn inside(&mut self, label: Option<&syn::Label>, is_loop: bool, visit: impl FnOnce(&mut Self)) {
        let labels = self.labels.len();
        self.labels.extend(label.map(|label| label.name.clone()));
        self.loops += usize::from(is_loop);
        visit(self);
        self.loops -= usize::from(is_loop);
        self.labels.truncate(labels);
    }
}

impl VisitMut for Jumps<'_> {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        let at = Span::mixed_site();
        match expr {
            Expr::Closure(_) | Expr::Async(_) | Expr::Const(_) => {}
            Expr::Loop(found) => {
                let label = found.label.clone();
                self.inside(label.as_ref(), true, |jumps| jumps.visit_block_mut(&mut found.body));
            }
            Expr::While(found) => {
                let label = found.label.clone();
                self.inside(label.as_ref(), true, |jumps| {
                    visit_mut::visit_expr_while_mut(jumps, found)
                });
            }
            Expr::ForLoop(found) => {
                self.visit_expr_mut(&mut found.expr);
                let label = found.label.clone();
                self.inside(label.as_ref(), true, |jumps| jumps.visit_block_mut(&mut found.body));
            }
            Expr::Block(found) => {
                let label = found.label.clone();
                self.inside(label.as_ref(), false, |jumps| jumps.visit_block_mut(&mut found.block));
            }
            Expr::Break(found) if self.leaves(found.label.as_ref()) => {
                let p = &self.p;
                match &found.expr {
                    Some(value) => {
                        found.expr = Some(parse_quote_spanned! {at=>
                            #p::leaving(#value, &__kgas_call, #p::Outcome::Ok)
                        });
                    }
                    None => {
                        *expr = Expr::Verbatim(quote_spanned! {at=>
                            { __kgas_call.set(#p::Outcome::Ok); #found }
                        });
                    }
                }
            }
            Expr::Continue(found) if self.leaves(found.label.as_ref()) => {
                let p = &self.p;
                *expr = Expr::Verbatim(
                    quote_spanned!(at=> { __kgas_call.set(#p::Outcome::Ok); #found }),
                );
            }
            other => visit_mut::visit_expr_mut(self, other),
        }
    }

    fn visit_item_mut(&mut self, _: &mut Item) {}
}
