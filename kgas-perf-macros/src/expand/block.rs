//! An `impl` block or a trait: every method with a body is measured.

use proc_macro2::TokenStream;
use quote::{ToTokens, TokenStreamExt};
use syn::{Attribute, Meta, ext::IdentExt};

use crate::args::Mistakes;
use crate::catalog::Declared;
use crate::expand::expand_function;
use crate::item::{Block, Function, Member};
use crate::validate::{self, Request};

const ATTRIBUTE: &str = "measure_performance";

/// Expands a block. `None` if there is a mistake in it or no catalogue.
pub(crate) fn expand(
    block: &Block,
    request: &Request,
    declared: Option<&Declared>,
    mistakes: &mut Mistakes,
) -> Option<TokenStream> {
    let mut members = TokenStream::new();
    let mut complete = true;
    for member in &block.members {
        let function = match member {
            Member::Other(tokens) => {
                members.extend(tokens.clone());
                continue;
            }
            Member::Function(function) => function,
        };
        match own_attribute(function) {
            Own::Skip => members.extend(without_own(function)),
            // It is expanded after this one, and needs no help.
            Own::Measured => function.to_tokens(&mut members),
            Own::None => {
                let operation = match &request.name {
                    Some(name) => name.value(),
                    None => {
                        let name = function.sig.ident.unraw().to_string();
                        validate::check_name(&name, function.sig.ident.span(), declared, mistakes);
                        name
                    }
                };
                match expand_function(function, &operation, request, declared, mistakes) {
                    Some(expanded) => members.extend(expanded),
                    None => complete = false,
                }
            }
        }
    }
    complete.then(|| block.with_members(members))
}

/// The block as it was written, without the markers that only this attribute understands.
pub(crate) fn without_skip(block: &Block) -> TokenStream {
    let mut members = TokenStream::new();
    for member in &block.members {
        match member {
            Member::Function(function) => match own_attribute(function) {
                Own::Skip => members.extend(without_own(function)),
                _ => function.to_tokens(&mut members),
            },
            Member::Other(tokens) => members.append_all([tokens]),
        }
    }
    block.with_members(members)
}

/// What a method says of itself.
enum Own {
    None,
    Measured,
    Skip,
}

fn own_attribute(function: &Function) -> Own {
    match function.attrs.iter().find(|attribute| is_own(attribute)) {
        None => Own::None,
        Some(attribute) => match &attribute.meta {
            Meta::List(list) if list.tokens.to_string() == "skip" => Own::Skip,
            _ => Own::Measured,
        },
    }
}

fn is_own(attribute: &Attribute) -> bool {
    attribute.path().segments.last().is_some_and(|last| last.ident == ATTRIBUTE)
}

fn without_own(function: &Function) -> TokenStream {
    let mut tokens = TokenStream::new();
    tokens.append_all(function.attrs.iter().filter(|attribute| !is_own(attribute)));
    function.vis.to_tokens(&mut tokens);
    function.default.to_tokens(&mut tokens);
    function.sig.to_tokens(&mut tokens);
    function.body.to_tokens(&mut tokens);
    tokens
}
