//! What parses but cannot be meant; collects all mistakes before answering.

use proc_macro2::Span;
use syn::{Error, Expr, LitStr, Path};

use crate::args::{Args, Mistakes};
use crate::catalog::Declared;

/// What may be said where.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// A function or method.
    Function,
    /// An `impl` block or trait: what is said holds for every method.
    Block,
    /// `measure!`.
    Region,
}

/// Arguments that have been checked.
pub(crate) struct Request {
    /// `None` on a block whose methods name their own operations.
    pub(crate) name: Option<LitStr>,
    pub(crate) size: Option<Expr>,
    pub(crate) memory: Memory,
    pub(crate) ok: Option<Expr>,
    /// Where generated code finds the runtime.
    pub(crate) krate: Path,
    /// Whether each poll is measured; the keyword's place for errors.
    pub(crate) poll: Option<Span>,
}

/// How memory is read.
#[derive(Clone, Copy)]
pub(crate) enum Memory {
    Sampled,
    Exact,
    Off,
}

/// Checks the arguments. The second part holds all mistakes.
pub(crate) fn check(
    args: Args,
    place: Place,
    declared: Option<&Declared>,
    mistakes: &mut Mistakes,
) -> Request {
    if let Some(name) = &args.name {
        check_name(&name.value(), name.span(), declared, mistakes);
    } else if let Some(word) = &args.skip {
        mistakes.add(Error::new(
            word.span(),
            "`skip` marks a method inside a measured `impl` block or trait; there is none here",
        ));
    } else if place != Place::Block && mistakes.0.is_none() {
        mistakes.add(Error::new(
            Span::call_site(),
            match place {
                Place::Region => "name the operation: measure!(\"name\", { … })",
                _ => "name the operation: #[measure_performance(\"name\")]",
            },
        ));
    }
    if place == Place::Block {
        let of_one_method = [
            args.size.as_ref().map(|size| &size.key),
            args.ok.as_ref().map(|ok| &ok.key),
            args.poll.as_ref().map(|poll| &poll.key),
        ];
        for key in of_one_method.into_iter().flatten() {
            let message = format!(
                "`{key}` belongs to one method; on a whole block `memory` and `crate` are accepted"
            );
            mistakes.add(Error::new(key.span(), message));
        }
    }
    if place == Place::Region
        && let Some(poll) = &args.poll
        && poll.value.value
    {
        mistakes.add(Error::new(
            poll.key.span(),
            "`poll` needs an `async fn`: a block is polled with the future around it",
        ));
    }
    let memory = args.memory.map_or(Memory::Sampled, |memory| {
        memory_of(&memory.value).unwrap_or_else(|error| {
            mistakes.add(error);
            Memory::Sampled
        })
    });
    Request {
        name: args.name,
        size: args.size.map(|size| size.value),
        memory,
        ok: args.ok.map(|ok| ok.value),
        krate: args.krate.map_or_else(default_crate, |krate| krate.value),
        poll: args
            .poll
            .filter(|poll| poll.value.value && place == Place::Function)
            .map(|poll| poll.key.span()),
    }
}

/// Checks that the catalogue declares an operation of that name.
pub(crate) fn check_name(
    name: &str,
    span: Span,
    declared: Option<&Declared>,
    mistakes: &mut Mistakes,
) {
    if name.is_empty() {
        mistakes.add(Error::new(span, "the operation's name is empty"));
        return;
    }
    // Without a catalogue the mistake is the catalogue's, and is told once.
    if let Some(declared) = declared
        && declared.catalogue.get(name).is_none()
    {
        mistakes.add(Error::new(span, declared.catalogue.unknown_operation(name)));
    }
}

fn memory_of(value: &LitStr) -> Result<Memory, Error> {
    match value.value().as_str() {
        "sampled" => Ok(Memory::Sampled),
        "exact" => Ok(Memory::Exact),
        "off" => Ok(Memory::Off),
        other => Err(Error::new(
            value.span(),
            format!("unknown memory mode `{other}`; accepted: `sampled`, `exact`, `off`"),
        )),
    }
}

fn default_crate() -> Path {
    let mut path = Path::from(syn::Ident::new("kgas_perf_runtime", Span::mixed_site()));
    path.leading_colon = Some(syn::token::PathSep(Span::mixed_site()));
    path
}
