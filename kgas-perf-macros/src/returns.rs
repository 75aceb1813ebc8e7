//! What a signature tells of the value a call returns.

use proc_macro2::Span;
use quote::ToTokens;
use syn::visit_mut::{self, VisitMut};
use syn::{
    GenericArgument, Lifetime, PathArguments, PathSegment, ReturnType, Type, TypeParamBound,
    spanned::Spanned,
};

/// What a call returns, as far as tokens tell.
pub(crate) enum Returns {
    /// `!`
    Never,
    /// Certainly no `Result` and no future. `None` where the type cannot be written down in a
    /// body, because it is or holds an `impl Trait`.
    Plain(Option<Type>),
    /// A type with a name: perhaps a `Result`.
    Named(Type),
    /// A type with a name that cannot be written down, such as `Result<impl Iterator, E>`.
    Opaque { early: Early },
    /// A future, and what it gives in the end, where that can be written down.
    Future { output: Option<Type> },
}

/// How a call ended that was left where the attribute does not see.
#[derive(Clone, Copy)]
pub(crate) enum Early {
    Ok,
    Error,
}

impl Returns {
    /// Reads the return type of a function that is not `async`.
    pub(crate) fn of(output: &ReturnType) -> Self {
        match output {
            ReturnType::Default => Self::Plain(Some(unit())),
            ReturnType::Type(_, written) => Self::of_type(written),
        }
    }

    fn of_type(written: &Type) -> Self {
        match written {
            Type::Group(inner) => Self::of_type(&inner.elem),
            Type::Paren(inner) => Self::of_type(&inner.elem),
            Type::Never(_) => Self::Never,
            Type::Reference(_)
            | Type::Tuple(_)
            | Type::Array(_)
            | Type::Ptr(_)
            | Type::FnPtr(_) => {
                Self::Plain((!has_opaque(written)).then(|| without_lifetimes(written)))
            }
            Type::Path(path) if is_primitive(path) => Self::Plain(Some(written.clone())),
            _ => match future_output(written) {
                Some(output) => Self::Future { output },
                None if matches!(written, Type::ImplTrait(_)) => Self::Plain(None),
                None if has_opaque(written) => Self::Opaque { early: early_by_name(written) },
                None => Self::Named(without_lifetimes(written)),
            },
        }
    }

    /// Reads the return type of an `async fn`: there a future is a value like others.
    pub(crate) fn of_async(output: &ReturnType) -> Self {
        match output {
            ReturnType::Default => Self::Plain(Some(unit())),
            ReturnType::Type(_, written) => Self::of_output(written),
        }
    }

    /// Reads what a future gives in the end.
    pub(crate) fn of_output(written: &Type) -> Self {
        match Self::of_type(written) {
            Self::Future { .. } if has_opaque(written) => Self::Plain(None),
            Self::Future { .. } => Self::Named(without_lifetimes(written)),
            other => other,
        }
    }
}

/// `()`.
pub(crate) fn unit() -> Type {
    Type::Tuple(syn::TypeTuple {
        attrs: Vec::new(),
        paren_token: syn::token::Paren(Span::mixed_site()),
        elems: syn::punctuated::Punctuated::new(),
    })
}

fn is_primitive(path: &syn::TypePath) -> bool {
    const PRIMITIVES: [&str; 17] = [
        "bool", "char", "str", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32",
        "i64", "i128", "isize", "f32", "f64",
    ];
    path.path.get_ident().is_some_and(|name| PRIMITIVES.iter().any(|primitive| name == primitive))
}

/// Whether `impl Trait` occurs anywhere in a type.
pub(crate) fn has_opaque(written: &Type) -> bool {
    struct Search(bool);
    impl<'ast> syn::visit::Visit<'ast> for Search {
        fn visit_type_impl_trait(&mut self, _: &'ast syn::TypeImplTrait) {
            self.0 = true;
        }
    }
    let mut search = Search(false);
    syn::visit::Visit::visit_type(&mut search, written);
    search.0
}

/// The type with every lifetime left to the compiler.
///
/// A parameter's lifetime that is named once more in the body would silence the lint that finds
/// it needless.
pub(crate) fn without_lifetimes(written: &Type) -> Type {
    struct Erase;
    impl VisitMut for Erase {
        fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
            if lifetime.ident != "static" && lifetime.ident != "_" {
                *lifetime = Lifetime::new("'_", lifetime.span());
            }
        }
        fn visit_type_reference_mut(&mut self, reference: &mut syn::TypeReference) {
            if reference.lifetime.as_ref().is_some_and(|lifetime| lifetime.ident != "static") {
                reference.lifetime = None;
            }
            visit_mut::visit_type_reference_mut(self, reference);
        }
        // In `fn(&'a T)` and `Fn(&'a T)` a lifetime left out means any lifetime.
        fn visit_type_fn_ptr_mut(&mut self, _: &mut syn::TypeFnPtr) {}
        fn visit_parenthesized_generic_arguments_mut(
            &mut self,
            _: &mut syn::ParenthesizedGenericArguments,
        ) {
        }
        fn visit_trait_bound_mut(&mut self, bound: &mut syn::TraitBound) {
            if bound.lifetimes.is_none() {
                visit_mut::visit_trait_bound_mut(self, bound);
            }
        }
    }
    let mut erased = written.clone();
    Erase.visit_type_mut(&mut erased);
    erased
}

/// For a type that cannot be written down, its name decides.
fn early_by_name(written: &Type) -> Early {
    match written {
        Type::Path(path) => match path.path.segments.last() {
            Some(last) if last.ident.to_string().ends_with("Result") => Early::Error,
            _ => Early::Ok,
        },
        _ => Early::Ok,
    }
}

/// `Some` if the type is a future by its name; inside, what it gives, where that has a name.
fn future_output(written: &Type) -> Option<Option<Type>> {
    match written {
        Type::Group(inner) => future_output(&inner.elem),
        Type::Paren(inner) => future_output(&inner.elem),
        Type::ImplTrait(opaque) => output_of_bounds(opaque.bounds.iter()),
        Type::TraitObject(object) => output_of_bounds(object.bounds.iter()),
        Type::Path(path) => {
            let last = path.path.segments.last()?;
            match last.ident.to_string().as_str() {
                "Pin" | "Box" => future_output(only_type(last)?),
                "BoxFuture" | "LocalBoxFuture" => {
                    Some(only_type(last).filter(|output| !has_opaque(output)).cloned())
                }
                _ => None,
            }
        }
        _ => None,
    }
}

fn output_of_bounds<'a>(
    mut bounds: impl Iterator<Item = &'a TypeParamBound>,
) -> Option<Option<Type>> {
    bounds.find_map(|bound| {
        let TypeParamBound::Trait(bound) = bound else {
            return None;
        };
        let last = bound.path.segments.last()?;
        match last.ident.to_string().as_str() {
            "Future" | "IntoFuture" => {
                Some(output_binding(last).filter(|output| !has_opaque(output)).cloned())
            }
            _ => None,
        }
    })
}

/// `T` of `Future<Output = T>`.
fn output_binding(segment: &PathSegment) -> Option<&Type> {
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else {
        return None;
    };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::AssocType(binding) if binding.ident == "Output" => Some(&binding.ty),
        _ => None,
    })
}

/// The last type argument: `T` of `Pin<T>`, `Box<T>` and `BoxFuture<'a, T>`.
fn only_type(segment: &PathSegment) -> Option<&Type> {
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else {
        return None;
    };
    arguments.args.iter().rev().find_map(|argument| match argument {
        GenericArgument::Type(inner) => Some(inner),
        _ => None,
    })
}

/// Where an error about a return type belongs.
pub(crate) fn span_of(output: &ReturnType) -> Span {
    match output {
        ReturnType::Default => output.to_token_stream().span(),
        ReturnType::Type(_, written) => written.span(),
    }
}
