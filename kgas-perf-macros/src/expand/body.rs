//! A body as tokens: what occurs in it, and its inner attributes.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::{TokenStreamExt, quote_spanned};
use syn::parse::Parser;
use syn::{Block, Error, Stmt};

/// A body between its braces.
pub(crate) struct Body {
    /// `#![…]`, which must stay in front.
    pub(crate) inner_attributes: TokenStream,
    /// Everything behind them.
    pub(crate) rest: TokenStream,
    /// The words that decide whether the body must be read.
    pub(crate) words: Words,
}

/// Words that occur in tokens, at any depth.
#[derive(Clone, Copy, Default)]
pub(crate) struct Words {
    pub(crate) r#return: bool,
    pub(crate) question: bool,
    pub(crate) r#async: bool,
    pub(crate) r#await: bool,
    /// `bail!` and its like.
    pub(crate) leaving_macro: bool,
}

impl Body {
    pub(crate) fn new(braces: &Group) -> Self {
        let mut inner_attributes = TokenStream::new();
        let mut tokens = braces.stream().into_iter().peekable();
        let mut rest = TokenStream::new();
        while let Some(token) = tokens.next() {
            let attribute = is(&token, '#') && tokens.peek().is_some_and(|next| is(next, '!'));
            if !attribute {
                rest.append(token);
                break;
            }
            inner_attributes.append(token);
            inner_attributes.extend(tokens.by_ref().take(2));
        }
        rest.extend(tokens);
        let words = Words::of(&rest);
        Self { inner_attributes, rest, words }
    }

    /// The body of an `async` block.
    pub(crate) fn of_block(block: &Block) -> Self {
        let mut rest = TokenStream::new();
        rest.append_all(&block.stmts);
        let words = Words::of(&rest);
        Self { inner_attributes: TokenStream::new(), rest, words }
    }

    /// The statements, where they can be read.
    pub(crate) fn statements(&self) -> Result<Vec<Stmt>, Error> {
        Block::parse_within.parse2(self.rest.clone())
    }

    /// The items a body begins with, and the rest. A statement may stand between the two without
    /// coming before an item that had none before it.
    pub(crate) fn items_first(&self) -> (TokenStream, TokenStream) {
        const FIRST_WORDS: [&str; 15] = [
            "async",
            "const",
            "enum",
            "extern",
            "fn",
            "impl",
            "macro_rules",
            "mod",
            "pub",
            "static",
            "struct",
            "trait",
            "type",
            "unsafe",
            "use",
        ];
        let may_be_item = match self.rest.clone().into_iter().next() {
            Some(TokenTree::Ident(word)) => FIRST_WORDS.iter().any(|first| word == first),
            Some(token) => is(&token, '#'),
            None => false,
        };
        let Some(statements) = may_be_item.then(|| self.statements().ok()).flatten() else {
            return (TokenStream::new(), self.rest.clone());
        };
        let is_item = |statement: &&Stmt| matches!(statement, Stmt::Item(_));
        let count = statements.iter().take_while(is_item).count();
        let (mut items, mut rest) = (TokenStream::new(), TokenStream::new());
        items.append_all(&statements[..count]);
        rest.append_all(&statements[count..]);
        (items, rest)
    }

    /// The body, read and changed only if `needed`.
    pub(crate) fn changed(
        &self,
        needed: bool,
        change: impl FnOnce(&mut Vec<Stmt>),
    ) -> Result<TokenStream, Error> {
        if !needed {
            return Ok(self.rest.clone());
        }
        let mut statements = self.statements()?;
        change(&mut statements);
        let mut tokens = TokenStream::new();
        tokens.append_all(&statements);
        Ok(tokens)
    }
}

/// A changed body in the user's own braces. Their edition decides how long temporaries of the last
/// expression live.
///
/// As a part of generated code they would look needless to the compiler around a single
/// expression on their line, so another statement goes first there.
pub(crate) fn users_braces(braces: Span, content: TokenStream) -> Group {
    let one_line = braces.start().line == braces.end().line;
    let first = if one_line && !content.clone().into_iter().any(|token| is(&token, ';')) {
        quote_spanned!(Span::mixed_site()=> let () = ();)
    } else {
        TokenStream::new()
    };
    let mut group = Group::new(Delimiter::Brace, quote_spanned!(braces=> #first #content));
    group.set_span(braces);
    group
}

impl Words {
    pub(crate) fn of(tokens: &TokenStream) -> Self {
        let mut words = Self::default();
        words.look(tokens.clone());
        words
    }

    fn look(&mut self, tokens: TokenStream) {
        let mut previous = None;
        for token in tokens {
            match &token {
                TokenTree::Group(group) => self.look(group.stream()),
                TokenTree::Ident(word) if word == "return" => self.r#return = true,
                TokenTree::Ident(word) if word == "async" => self.r#async = true,
                TokenTree::Ident(word) if word == "await" => self.r#await = true,
                TokenTree::Punct(punct) if punct.as_char() == '?' => self.question = true,
                TokenTree::Punct(punct) if punct.as_char() == '!' => {
                    if let Some(TokenTree::Ident(name)) = &previous {
                        self.leaving_macro |= leaves_by_name(&name.to_string());
                    }
                }
                _ => {}
            }
            previous = Some(token);
        }
    }

    /// Whether something can leave an `async` body by another way than its end.
    pub(crate) fn leaves(self) -> bool {
        self.r#return || self.question || self.leaving_macro
    }
}

/// Macros that return an error from the function they stand in: those of anyhow, eyre and snafu.
pub(crate) fn leaves_by_name(name: &str) -> bool {
    name.starts_with("bail") || name.starts_with("ensure") || matches!(name, "whatever" | "throw")
}

fn is(token: &TokenTree, character: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == character)
}
