//! The ways out of a body before its end: `return`, `?`, and macros that hold either.
//!
//! A function that is not `async` needs the first only: left by `?`, its measurement is dropped
//! as what was expected of an early exit. An `async` body that is dropped was cancelled unless
//! it said otherwise, so around each `?` it says so:
//!
//! ```text
//! read().await?   ⇒   staying(leaving(read().await, &call, error)?, &call)
//! ```
//!
//! Closures, `async` and `const` blocks and nested items are left in peace: they return elsewhere.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, TokenStreamExt, quote, quote_spanned};
use syn::punctuated::Punctuated;
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, ExprTry, Item, Macro, Stmt, StmtMacro, Token, parse::Parser, spanned::Spanned};

use crate::expand::body::{Words, leaves_by_name};
use crate::expand::finish::Finish;
use crate::expand::select;
use crate::expand::site::Private;
use crate::item::braces;

/// Rewrites the ways out of one body.
pub(crate) struct Exits<'a> {
    pub(crate) p: Private<'a>,
    /// What becomes of a returned value.
    pub(crate) returned: Returned<'a>,
    /// How the call ends at a `?`; `None` where it need not be said.
    pub(crate) early: Option<TokenStream>,
}

/// What becomes of a returned value.
pub(crate) enum Returned<'a> {
    /// It is judged.
    Judged(&'a Finish<'a>),
    /// It gets the declared type, no more: somebody else judges it.
    Typed,
    /// It leaves a block, not the measured function: that is no error.
    Leaves,
    /// Nothing.
    Untouched,
}

impl Exits<'_> {
    /// Rewrites all statements of a body.
    pub(crate) fn rewrite(&mut self, statements: &mut Vec<Stmt>) {
        let taken = std::mem::take(statements);
        for statement in taken {
            match statement {
                Stmt::Macro(mut found) => {
                    let seen_through = self.look_into(&mut found.mac);
                    match &self.early {
                        Some(early) if !seen_through && may_leave(&found.mac) => {
                            statements.extend(self.around(early, found));
                        }
                        _ => statements.push(Stmt::Macro(found)),
                    }
                }
                mut other => {
                    self.visit_stmt_mut(&mut other);
                    statements.push(other);
                }
            }
        }
    }

    /// Says before a macro how the call ends if it leaves, and takes it back behind it.
    fn around(&self, early: &TokenStream, found: StmtMacro) -> Vec<Stmt> {
        let (p, at) = (&self.p, Span::mixed_site());
        if found.semi_token.is_none() {
            // The value of the block: it must stay the last expression. Between braces, it may
            // be several statements.
            let mac = match found.mac.delimiter {
                syn::MacroDelimiter::Brace(_) => quote_spanned!(at=> { #found }),
                _ => found.to_token_stream(),
            };
            return vec![Stmt::Expr(self.around_value(early, &found.mac, mac), None)];
        }
        let statement = |tokens| Stmt::Expr(Expr::Verbatim(tokens), None);
        vec![
            statement(quote_spanned!(at=> __kgas_call.set(#early);)),
            Stmt::Macro(found),
            statement(quote_spanned! {at=>
                #[allow(unreachable_code)]
                #p::staying((), &__kgas_call);
            }),
        ]
    }

    /// The same for a macro that is an expression.
    fn around_value(&self, early: &TokenStream, mac: &Macro, tokens: impl ToTokens) -> Expr {
        let (p, at) = (&self.p, Span::mixed_site());
        let whole = if is_leaving(mac) {
            // It may have no value at all, which makes what is behind it unreachable.
            quote_spanned! {at=>
                match (match #p::leaving((), &__kgas_call, #early) { () => #tokens }) {
                    #[allow(unreachable_code)]
                    __kgas_stayed => #p::staying(__kgas_stayed, &__kgas_call),
                }
            }
        } else {
            // An argument, so that what it borrows from lives as long as it did.
            quote_spanned! {at=>
                #p::stayed(#p::leaving((), &__kgas_call, #early), #tokens, &__kgas_call)
            }
        };
        Expr::Verbatim(whole)
    }

    fn rewrite_return(&self, value: Option<Box<Expr>>) -> Option<Box<Expr>> {
        let at = Span::mixed_site();
        let given = match &value {
            Some(value) => value.to_token_stream(),
            None => quote_spanned!(at=> ()),
        };
        let rewritten = match &self.returned {
            Returned::Judged(finish) => finish.returned(given),
            Returned::Typed => {
                quote_spanned!(at=> { __kgas_value = #given; __kgas_value })
            }
            Returned::Leaves => {
                let p = &self.p;
                quote_spanned!(at=> #p::leaving(#given, &__kgas_call, #p::Outcome::Ok))
            }
            Returned::Untouched => return value,
        };
        Some(Box::new(Expr::Verbatim(rewritten)))
    }

    fn rewrite_try(&self, found: &mut ExprTry) -> Option<Expr> {
        let early = self.early.as_ref()?;
        let p = &self.p;
        let (operand, question, attrs) = (&found.expr, found.question_token, &found.attrs);
        let at = Span::mixed_site();
        let arguments = quote_spanned!(at=> #operand, &__kgas_call, #early);
        let mut arguments = Group::new(Delimiter::Parenthesis, arguments);
        // The operand of `?` begins and ends where the user's does, and so do complaints about it.
        arguments.set_span(operand.span());
        let leaving = respanned(quote!(#p::leaving), operand.span());
        Some(Expr::Verbatim(quote_spanned! {at=>
            #(#attrs)* #p::staying(#leaving #arguments #question, &__kgas_call)
        }))
    }

    /// Looks into a macro whose grammar is known. False for other macros.
    fn look_into(&mut self, found: &mut Macro) -> bool {
        let Some(name) = found.path.segments.last().map(|last| last.ident.to_string()) else {
            return false;
        };
        let words = Words::of(&found.tokens);
        match name.as_str() {
            _ if !words.leaves() => false,
            "measure" => self.rewrite_region(found),
            "select" | "select_biased" => self.rewrite_branches(found),
            name if OF_EXPRESSIONS.contains(&name) => self.rewrite_arguments(found),
            _ => false,
        }
    }

    fn rewrite_arguments(&mut self, found: &mut Macro) -> bool {
        let arguments = Punctuated::<Expr, Token![,]>::parse_terminated;
        let Ok(mut arguments) = arguments.parse2(found.tokens.clone()) else {
            return false;
        };
        for argument in &mut arguments {
            self.visit_expr_mut(argument);
        }
        found.tokens = arguments.into_token_stream();
        true
    }

    fn rewrite_branches(&mut self, found: &mut Macro) -> bool {
        let visited = select::visited(&found.tokens, &mut |expr| self.visit_expr_mut(expr));
        visited.map(|tokens| found.tokens = tokens).is_some()
    }

    /// Looks into the block of `measure!`: what leaves it may leave this body too.
    fn rewrite_region(&mut self, found: &mut Macro) -> bool {
        let mut tokens: Vec<TokenTree> = found.tokens.clone().into_iter().collect();
        let Some(TokenTree::Group(block)) = tokens.last_mut() else {
            return false;
        };
        let Ok(mut statements) = syn::Block::parse_within.parse2(block.stream()) else {
            return false;
        };
        self.rewrite(&mut statements);
        let mut content = TokenStream::new();
        content.append_all(&statements);
        *block = braces(block, content);
        found.tokens = tokens.into_iter().collect();
        true
    }
}

/// Well-known macros whose arguments are expressions, evaluated where the macro stands.
const OF_EXPRESSIONS: [&str; 22] = [
    "vec",
    "print",
    "println",
    "eprint",
    "eprintln",
    "format",
    "write",
    "writeln",
    "panic",
    "assert",
    "assert_eq",
    "assert_ne",
    "debug_assert",
    "debug_assert_eq",
    "debug_assert_ne",
    "todo",
    "unimplemented",
    "unreachable",
    "dbg",
    "format_args",
    "join",
    "try_join",
];

/// The tokens at another place.
fn respanned(tokens: TokenStream, at: Span) -> TokenStream {
    let respan = |mut token: TokenTree| {
        token.set_span(at);
        token
    };
    tokens.into_iter().map(respan).collect()
}

/// Whether a macro may leave the function, as far as its name and its tokens tell. One that waits
/// may be cancelled too, so nothing is said of it.
fn may_leave(found: &Macro) -> bool {
    let words = Words::of(&found.tokens);
    (words.leaves() || is_leaving(found)) && !words.r#await
}

fn is_leaving(found: &Macro) -> bool {
    found.path.segments.last().is_some_and(|last| leaves_by_name(&last.ident.to_string()))
}

impl VisitMut for Exits<'_> {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        match expr {
            Expr::Closure(_) | Expr::Async(_) | Expr::Const(_) | Expr::TryBlock(_) => {}
            Expr::Return(found) => {
                if let Some(value) = &mut found.expr {
                    self.visit_expr_mut(value);
                }
                found.expr = self.rewrite_return(found.expr.take());
            }
            Expr::Try(found) => {
                self.visit_expr_mut(&mut found.expr);
                if let Some(rewritten) = self.rewrite_try(found) {
                    *expr = rewritten;
                }
            }
            Expr::Macro(found) => {
                let seen_through = self.look_into(&mut found.mac);
                if let Some(early) = &self.early
                    && !seen_through
                    && may_leave(&found.mac)
                {
                    *expr = self.around_value(early, &found.mac, &*found);
                }
            }
            other => visit_mut::visit_expr_mut(self, other),
        }
    }

    fn visit_block_mut(&mut self, block: &mut syn::Block) {
        self.rewrite(&mut block.stmts);
    }

    fn visit_item_mut(&mut self, _: &mut Item) {}

    // Neither a type nor a pattern is left; a constant inside one returns nowhere.
    fn visit_type_mut(&mut self, _: &mut syn::Type) {}
    fn visit_pat_mut(&mut self, _: &mut syn::Pat) {}
}
