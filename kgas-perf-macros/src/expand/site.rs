//! The call site's static, and the arguments of the call that starts a measurement.

use kgas_perf_catalog::SizeBounds;
use proc_macro2::{Literal, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::{FnArg, Pat, PatType, Path, Receiver, ReceiverKind, Signature};

use crate::catalog::Declared;
use crate::returns::{has_opaque, without_lifetimes};
use crate::validate::{Memory, Request};

/// Everything a call site says of itself.
pub(crate) struct Site<'a> {
    pub(crate) request: &'a Request,
    pub(crate) declared: &'a Declared,
    /// The operation's name.
    pub(crate) operation: &'a str,
    /// The function's name, for file and line.
    pub(crate) at: Span,
}

impl Site<'_> {
    /// The path of `__private`.
    pub(crate) fn private(&self) -> Private<'_> {
        Private(&self.request.krate)
    }

    /// The static.
    pub(crate) fn tokens(&self) -> TokenStream {
        let p = self.private();
        let operation = self.operation;
        let category = self
            .declared
            .catalogue
            .get(operation)
            .map_or_else(|| "Custom".to_owned(), |operation| format!("{:?}", operation.category));
        let category = proc_macro2::Ident::new(&category, Span::mixed_site());
        let (file, line) = (self.at.file(), self.at.start().line);
        let line = u32::try_from(line).unwrap_or(u32::MAX);
        let sized = self.request.size.is_some();
        let bounds = self.declared.catalogue.size_bounds();
        let bounds = if bounds == SizeBounds::DEFAULT {
            quote_spanned!(Span::mixed_site()=> #p::SizeBounds::DEFAULT)
        } else {
            let (small, medium, large) = (bounds.small, bounds.medium, bounds.large);
            quote_spanned! {Span::mixed_site()=>
                #p::SizeBounds { small: #small, medium: #medium, large: #large }
            }
        };
        let catalogue = catalogue_text(self.declared, &p);
        quote_spanned! {Span::mixed_site()=>
            fn __kgas_path() -> &'static str {
                #p::path_of(&__kgas_path)
            }
            static __KGAS_SITE: #p::CallSite = #p::CallSite::new(&#p::SiteSpec {
                operation: #operation,
                category: #p::Category::#category,
                file: #file,
                line: #line,
                path: __kgas_path,
                sized: #sized,
                size_bounds: #bounds,
                catalogue: #catalogue,
            });
        }
    }

    /// The memory mode, as a const argument: the value of `SAMPLED`, `EXACT` or `OFF` in
    /// `__private`. Their names, in braces, would cost the compiler a tenth of all that this
    /// attribute costs.
    pub(crate) fn memory(&self) -> Literal {
        Literal::u8_unsuffixed(match self.request.memory {
            Memory::Sampled => 0,
            Memory::Exact => 1,
            Memory::Off => 2,
        })
    }

    /// The input size: an `Option<u64>`.
    pub(crate) fn size(&self) -> TokenStream {
        let p = self.private();
        match &self.request.size {
            Some(size) => quote_spanned!(Span::mixed_site()=> #p::size(#size)),
            None => quote_spanned!(Span::mixed_site()=> ::core::option::Option::None),
        }
    }
}

/// `::kgas_perf_runtime::__private`, or what `crate = …` makes of it.
pub(crate) struct Private<'a>(pub(crate) &'a Path);

impl ToTokens for Private<'_> {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let krate = self.0;
        tokens.extend(quote_spanned!(Span::mixed_site()=> #krate::__private));
    }
}

/// A catalogue as the program carries it.
pub(crate) fn catalogue_text(declared: &Declared, p: &Private<'_>) -> TokenStream {
    let Some(absolute) = &declared.file else {
        return quote_spanned!(Span::mixed_site()=> #p::CatalogueText::BUILTIN);
    };
    let (file, absolute) = (declared.file_for_people(), absolute.display().to_string());
    // `include_str!` makes the compiler build again when the catalogue changes.
    quote_spanned! {Span::mixed_site()=>
        #p::CatalogueText { file: #file, text: ::core::include_str!(#absolute) }
    }
}

/// The shallow size of the arguments.
pub(crate) fn argument_bytes(sig: &Signature, body: &TokenStream, p: &Private<'_>) -> TokenStream {
    let mut sum = TokenStream::new();
    for input in &sig.inputs {
        let term = match input {
            // What `#[cfg]` may take away is not counted.
            FnArg::Receiver(Receiver { attrs, .. }) | FnArg::Typed(PatType { attrs, .. })
                if !attrs.is_empty() =>
            {
                continue;
            }
            FnArg::Receiver(receiver) => {
                let receiver = type_of_receiver(receiver);
                quote_spanned!(Span::mixed_site()=> <#receiver as #p::Named>::BYTES)
            }
            FnArg::Typed(argument) if !has_opaque(&argument.ty) => {
                let written = without_lifetimes(&argument.ty);
                quote_spanned!(Span::mixed_site()=> <#written as #p::Named>::BYTES)
            }
            // The type has no name, so the value is looked at, unless that would be its only use:
            // the compiler is to find an unused argument.
            FnArg::Typed(argument) => match &*argument.pat {
                Pat::Ident(name) if name.subpat.is_none() && mentions(body, &name.ident) => {
                    let name = &name.ident;
                    quote_spanned!(Span::mixed_site()=> #p::bytes_of(&#name))
                }
                _ => continue,
            },
        };
        if sum.is_empty() {
            sum = term;
        } else {
            sum.extend(quote_spanned!(Span::mixed_site()=> + #term));
        }
    }
    if sum.is_empty() { quote_spanned!(Span::mixed_site()=> 0) } else { sum }
}

fn type_of_receiver(receiver: &Receiver) -> TokenStream {
    match &receiver.kind {
        ReceiverKind::Reference(_, _, Some(_)) => quote_spanned!(Span::mixed_site()=> &mut Self),
        ReceiverKind::Reference(..) => quote_spanned!(Span::mixed_site()=> &Self),
        ReceiverKind::Typed(_, written) => without_lifetimes(written).into_token_stream(),
        _ => quote_spanned!(Span::mixed_site()=> Self),
    }
}

/// Whether a name occurs in tokens, at any depth.
fn mentions(tokens: &TokenStream, name: &syn::Ident) -> bool {
    tokens.clone().into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == *name,
        TokenTree::Group(group) => mentions(&group.stream(), name),
        _ => false,
    })
}
