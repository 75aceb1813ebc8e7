//! Looks into `select!`, whose handlers and futures stand in the function around it.
//!
//! ```text
//! select! { biased; PATTERN = FUTURE, if CONDITION => HANDLER, …, else => HANDLER }
//! ```

use proc_macro2::TokenStream;
use quote::{ToTokens, TokenStreamExt};
use syn::parse::{ParseStream, Parser};
use syn::{Error, Expr, Ident, Pat, Token, ext::IdentExt, token};

/// The content of a `select!` with every expression in it given to `visit`. `None` if it is not
/// written as tokio's or futures' macro of that name wants it.
pub(crate) fn visited(
    content: &TokenStream,
    visit: &mut dyn FnMut(&mut Expr),
) -> Option<TokenStream> {
    let branches = |input: ParseStream<'_>| {
        let mut out = TokenStream::new();
        while !input.is_empty() {
            branch(input, &mut out, visit)?;
        }
        Ok(out)
    };
    branches.parse2(content.clone()).ok()
}

fn branch(
    input: ParseStream<'_>,
    out: &mut TokenStream,
    visit: &mut dyn FnMut(&mut Expr),
) -> Result<(), Error> {
    if input.peek(Ident) && input.peek2(Token![;]) {
        // `biased;`
        out.append(input.parse::<Ident>()?);
        return copy::<Token![;]>(input, out);
    }
    let alone = input.peek(Ident::peek_any) && input.peek2(Token![=>]);
    if alone {
        // `else`, `default` and `complete`
        out.append(input.call(Ident::parse_any)?);
    } else {
        Pat::parse_multi_with_leading_vert(input)?.to_tokens(out);
        copy::<Token![=]>(input, out)?;
        copy_expr(input, out, visit)?;
        if input.peek(Token![,]) && input.peek2(Token![if]) {
            copy::<Token![,]>(input, out)?;
            copy::<Token![if]>(input, out)?;
            copy_expr(input, out, visit)?;
        }
    }
    copy::<Token![=>]>(input, out)?;
    if input.peek(token::Brace) {
        // A block ends the branch; the comma behind it may be left out.
        let mut handler =
            Expr::Block(syn::ExprBlock { attrs: Vec::new(), label: None, block: input.parse()? });
        visit(&mut handler);
        handler.to_tokens(out);
    } else {
        copy_expr(input, out, visit)?;
    }
    if input.peek(Token![,]) { copy::<Token![,]>(input, out) } else { Ok(()) }
}

fn copy<T: syn::parse::Parse + ToTokens>(
    input: ParseStream<'_>,
    out: &mut TokenStream,
) -> Result<(), Error> {
    input.parse::<T>()?.to_tokens(out);
    Ok(())
}

fn copy_expr(
    input: ParseStream<'_>,
    out: &mut TokenStream,
    visit: &mut dyn FnMut(&mut Expr),
) -> Result<(), Error> {
    let mut expr: Expr = input.parse()?;
    visit(&mut expr);
    expr.to_tokens(out);
    Ok(())
}
