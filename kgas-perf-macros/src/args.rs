//! Tokens to `Args`; every value keeps the keyword it came with.

use proc_macro2::Span;
use syn::parse::{ParseStream, Parser};
use syn::{Error, Expr, Ident, LitBool, LitStr, Path, Token, ext::IdentExt};

/// What the attribute and `measure!` accept, as error messages list it.
pub(crate) const ACCEPTED: &str = "`size`, `memory`, `ok`, `crate`, `poll`";

/// What an attribute was given. Nothing is checked yet but the shape.
#[derive(Default)]
pub(crate) struct Args {
    /// The operation's name.
    pub(crate) name: Option<LitStr>,
    /// `skip`, the marker on a method of a measured block.
    pub(crate) skip: Option<Ident>,
    pub(crate) size: Option<Value<Expr>>,
    pub(crate) memory: Option<Value<LitStr>>,
    pub(crate) ok: Option<Value<Expr>>,
    pub(crate) krate: Option<Value<Path>>,
    pub(crate) poll: Option<Value<LitBool>>,
}

/// A value and the keyword before it, so that an error can underline either.
pub(crate) struct Value<T> {
    pub(crate) key: Ident,
    pub(crate) value: T,
}

impl Args {
    /// Reads the attribute's tokens. The second part holds every mistake found on the way; what was readable is in the first.
    pub(crate) fn read(tokens: proc_macro2::TokenStream) -> (Self, Option<Error>) {
        let mut args = Self::default();
        let mut mistakes = Mistakes::default();
        let whole = |input: ParseStream<'_>| {
            args.read_all(input, &mut mistakes, false);
            Ok(())
        };
        if let Err(error) = whole.parse2(tokens) {
            mistakes.add(error);
        }
        (args, mistakes.0)
    }

    /// Reads the arguments of `measure!`, up to the block.
    pub(crate) fn read_before_block(input: ParseStream<'_>) -> (Self, Option<Error>) {
        let mut args = Self::default();
        let mut mistakes = Mistakes::default();
        args.read_all(input, &mut mistakes, true);
        (args, mistakes.0)
    }

    fn read_all(&mut self, input: ParseStream<'_>, mistakes: &mut Mistakes, stop_at_block: bool) {
        let mut first = true;
        // Behind a name, what is no `keyword = value` stands where the block belongs.
        let done = |input: ParseStream<'_>, first: bool| {
            let at_block = input.peek(syn::token::Brace) || !first && !input.peek2(Token![=]);
            input.is_empty() || stop_at_block && at_block
        };
        while !done(input, first) {
            if let Err(error) = self.read_one(input, first, mistakes) {
                mistakes.add(error);
                skip_to_comma(input);
            }
            first = false;
            if input.is_empty() {
                return;
            }
            if let Err(error) = input.parse::<Token![,]>() {
                mistakes.add(error);
                skip_to_comma(input);
                let _: Result<Token![,], Error> = input.parse();
            }
        }
    }

    fn read_one(
        &mut self,
        input: ParseStream<'_>,
        first: bool,
        mistakes: &mut Mistakes,
    ) -> Result<(), Error> {
        if input.peek(Ident::peek_any) && input.peek2(Token![=]) && !input.peek2(Token![==]) {
            let key = Ident::parse_any(input)?;
            input.parse::<Token![=]>()?;
            if input.is_empty() || input.peek(Token![,]) {
                return Err(Error::new(key.span(), format!("`{key}` has no value")));
            }
            return self.read_value(key, input, mistakes);
        }
        if input.peek(LitStr) {
            let name: LitStr = input.parse()?;
            if self.name.is_some() {
                return Err(Error::new(
                    name.span(),
                    "a second operation name; an attribute takes one",
                ));
            }
            if !first {
                mistakes.add(Error::new(name.span(), "the operation's name comes first"));
            }
            self.name = Some(name);
            return Ok(());
        }
        if input.peek(Ident::peek_any) && first {
            let lookahead = input.fork();
            let word = Ident::parse_any(&lookahead)?;
            if word == "skip" && lookahead.is_empty() {
                self.skip = Some(Ident::parse_any(input)?);
                return Ok(());
            }
        }
        Err(not_an_argument(input, first))
    }

    fn read_value(
        &mut self,
        key: Ident,
        input: ParseStream<'_>,
        mistakes: &mut Mistakes,
    ) -> Result<(), Error> {
        match key.to_string().as_str() {
            "size" => set(&mut self.size, key, input.parse()?),
            "memory" => {
                let value = expected(input, "`\"sampled\"`, `\"exact\"` or `\"off\"`", &key)?;
                set(&mut self.memory, key, value)
            }
            "ok" => set(&mut self.ok, key, input.parse()?),
            "crate" => {
                let value = input.call(Path::parse_mod_style).map_err(|error| {
                    Error::new(
                        error.span(),
                        "`crate` takes a path, such as `crate = ::kgas_perf_runtime`",
                    )
                })?;
                set(&mut self.krate, key, value)
            }
            "poll" => {
                let value = expected(input, "`true` or `false`", &key)?;
                set(&mut self.poll, key, value)
            }
            unknown => {
                mistakes.add(Error::new(
                    key.span(),
                    format!("unknown argument `{unknown}`; accepted: {ACCEPTED}"),
                ));
                // What stands behind an unknown keyword is read past, so that later mistakes show too.
                input.parse::<Expr>().map(drop)
            }
        }
    }
}

/// The mistakes so far, as one error.
#[derive(Default)]
pub(crate) struct Mistakes(pub(crate) Option<Error>);

impl Mistakes {
    /// Adds a mistake behind the others.
    pub(crate) fn add(&mut self, error: Error) {
        match &mut self.0 {
            Some(all) => all.combine(error),
            none => *none = Some(error),
        }
    }
}

fn set<T>(slot: &mut Option<Value<T>>, key: Ident, value: T) -> Result<(), Error> {
    if slot.is_some() {
        return Err(Error::new(
            key.span(),
            format!("`{key}` is given twice; each argument is accepted once: {ACCEPTED}"),
        ));
    }
    *slot = Some(Value { key, value });
    Ok(())
}

fn expected<T: syn::parse::Parse>(
    input: ParseStream<'_>,
    accepted: &str,
    key: &Ident,
) -> Result<T, Error> {
    let span = value_span(input);
    input.parse().map_err(|_| Error::new(span, format!("`{key}` takes {accepted}")))
}

/// The error for something in an argument's place that is neither a name nor `keyword = value`.
fn not_an_argument(input: ParseStream<'_>, first: bool) -> Error {
    let span = value_span(input);
    if first && input.fork().parse::<Expr>().is_ok() {
        return Error::new(
            span,
            "the operation's name must be a string literal: it is looked up in the catalogue when compiling",
        );
    }
    if input.peek(Ident::peek_any) {
        let word = Ident::parse_any(&input.fork()).map(|word| word.to_string()).unwrap_or_default();
        return Error::new(
            span,
            format!("unknown argument `{word}`; accepted: {ACCEPTED}, each with `= value`"),
        );
    }
    Error::new(span, format!("expected an argument; accepted: {ACCEPTED}"))
}

/// The span of what comes next; of a whole expression where there is one.
fn value_span(input: ParseStream<'_>) -> Span {
    use syn::spanned::Spanned;
    input.fork().parse::<Expr>().map_or_else(|_| input.span(), |expr| expr.span())
}

fn skip_to_comma(input: ParseStream<'_>) {
    while !input.is_empty() && !input.peek(Token![,]) {
        let _: Result<proc_macro2::TokenTree, Error> = input.parse();
    }
}
