//! The error plus the untouched function.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Error;

/// The mistakes as compile errors, and the item as it was written: a missing function would be a second error at each of its callers.
pub(crate) fn untouched(mistakes: &Error, item: &TokenStream) -> TokenStream {
    let mistakes = mistakes.to_compile_error();
    quote!(#mistakes #item)
}
