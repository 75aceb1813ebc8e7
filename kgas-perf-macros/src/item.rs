//! What the attribute stands on. Bodies stay tokens: a half-typed one must not cost an editor the
//! signature, and most need no look inside.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, TokenStreamExt};
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Attribute, Error, Signature, Token, Visibility, ext::IdentExt};

/// What the attribute stands on.
pub(crate) enum Item {
    Function(Box<Function>),
    Block(Block),
}

/// A function or method with a body.
pub(crate) struct Function {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) default: Option<Token![default]>,
    pub(crate) sig: Signature,
    /// The body, braces included.
    pub(crate) body: Group,
}

/// An `impl` block or a trait.
pub(crate) struct Block {
    /// All that stands before the braces.
    pub(crate) head: TokenStream,
    pub(crate) members: Vec<Member>,
    /// The braces; their content is in `members`.
    pub(crate) braces: Group,
}

/// One thing in a block.
pub(crate) enum Member {
    /// A method with a body.
    Function(Box<Function>),
    /// Everything else, as it was written.
    Other(TokenStream),
}

impl Parse for Item {
    fn parse(input: ParseStream<'_>) -> Result<Self, Error> {
        match function(input)? {
            Some(Found::Function(function)) => return Ok(Self::Function(function)),
            Some(Found::NoBody(name)) => {
                return Err(Error::new(
                    name,
                    "there is no body to measure here: put the attribute on an implementation",
                ));
            }
            None => {}
        }
        let attrs = input.call(Attribute::parse_outer)?;
        let vis: Visibility = input.parse()?;
        let ahead = input.fork();
        while ahead.peek(Token![unsafe])
            || ahead.peek(Token![default])
            || ahead.peek(Token![const])
            || ahead.peek(Token![auto])
        {
            ahead.call(syn::Ident::parse_any)?;
        }
        if ahead.peek(Token![impl]) || ahead.peek(Token![trait]) {
            return Block::parse(attrs, vis, input).map(Self::Block);
        }
        let found =
            input.parse::<TokenTree>().map_or_else(|_| Span::call_site(), |token| token.span());
        Err(Error::new(found, "expected a function, an `impl` block or a `trait`"))
    }
}

/// A function, or its name if it has no body.
enum Found {
    Function(Box<Function>),
    NoBody(Span),
}

/// Reads a function if one comes next; else nothing is read.
fn function(input: ParseStream<'_>) -> Result<Option<Found>, Error> {
    use syn::parse::discouraged::Speculative;

    let ahead = input.fork();
    let attrs = ahead.call(Attribute::parse_outer)?;
    let vis: Visibility = ahead.parse()?;
    let default = if ahead.peek(Token![default]) { Some(ahead.parse()?) } else { None };
    let Ok(sig) = ahead.parse::<Signature>() else {
        return Ok(None);
    };
    let found = if ahead.peek(syn::token::Brace) {
        let body = braced(&ahead)?;
        Found::Function(Box::new(Function { attrs, vis, default, sig, body }))
    } else {
        ahead.parse::<Token![;]>()?;
        Found::NoBody(sig.ident.span())
    };
    input.advance_to(&ahead);
    Ok(Some(found))
}

impl Function {
    /// The same function with another body.
    pub(crate) fn with_body(&self, body: TokenStream) -> TokenStream {
        let mut tokens = TokenStream::new();
        tokens.append_all(&self.attrs);
        self.vis.to_tokens(&mut tokens);
        self.default.to_tokens(&mut tokens);
        self.sig.to_tokens(&mut tokens);
        tokens.append(braces(&self.body, body));
        tokens
    }
}

impl ToTokens for Function {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.append_all(self.with_body(self.body.stream()));
    }
}

/// Reads tokens in braces; a macro may have passed them on as one thing.
pub(crate) fn braced(input: ParseStream<'_>) -> Result<Group, Error> {
    let content;
    let brace = syn::braced!(content in input);
    let mut group = Group::new(Delimiter::Brace, content.parse()?);
    group.set_span(brace.span.join());
    Ok(group)
}

/// Other content between the same braces.
pub(crate) fn braces(like: &Group, content: TokenStream) -> Group {
    let mut group = Group::new(Delimiter::Brace, content);
    group.set_span(like.span());
    group
}

impl Block {
    fn parse(
        attrs: Vec<Attribute>,
        vis: Visibility,
        input: ParseStream<'_>,
    ) -> Result<Self, Error> {
        let mut head = TokenStream::new();
        head.append_all(&attrs);
        vis.to_tokens(&mut head);
        // A brace before the last one belongs to a constant in a type, such as `Matrix<{ N }>`.
        loop {
            let token: TokenTree = input.parse()?;
            match token {
                TokenTree::Group(braces)
                    if braces.delimiter() == Delimiter::Brace && input.is_empty() =>
                {
                    let members = members.parse2(braces.stream())?;
                    return Ok(Self { head, members, braces });
                }
                other => head.append(other),
            }
        }
    }

    /// The same block with other members.
    pub(crate) fn with_members(&self, members: TokenStream) -> TokenStream {
        let mut tokens = self.head.clone();
        tokens.append(braces(&self.braces, members));
        tokens
    }
}

/// Splits a block's content. What is no method is passed over up to its `;` or `}`.
fn members(input: ParseStream<'_>) -> Result<Vec<Member>, Error> {
    let mut members = Vec::new();
    while !input.is_empty() {
        let before = input.fork();
        match function(input) {
            Ok(Some(Found::Function(function))) => members.push(Member::Function(function)),
            Ok(Some(Found::NoBody(_))) => {
                members.push(Member::Other(between(&before, input)?));
            }
            Ok(None) | Err(_) => {
                let mut other = TokenStream::new();
                while !input.is_empty() {
                    let token: TokenTree = input.parse()?;
                    let last = match &token {
                        TokenTree::Punct(punct) => punct.as_char() == ';',
                        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
                        _ => false,
                    };
                    other.append(token);
                    if last {
                        break;
                    }
                }
                members.push(Member::Other(other));
            }
        }
    }
    Ok(members)
}

/// The tokens from one point of a stream to a later one.
fn between(start: ParseStream<'_>, end: ParseStream<'_>) -> Result<TokenStream, Error> {
    let mut tokens = TokenStream::new();
    while start.cursor() != end.cursor() {
        tokens.append(start.parse::<TokenTree>()?);
    }
    Ok(tokens)
}
