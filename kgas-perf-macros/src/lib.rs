//! The attribute. (Contract stub.)
#[allow(missing_docs, reason = "stub")]
#[proc_macro_attribute]
pub fn measure_performance(
    _a: proc_macro::TokenStream,
    i: proc_macro::TokenStream,
) -> proc_macro::TokenStream {
    i
}
#[allow(missing_docs, reason = "stub")]
#[proc_macro]
pub fn measure(i: proc_macro::TokenStream) -> proc_macro::TokenStream {
    i
}
