//! Expansions as tokens. What they mean to the compiler is tried in the workspace's `tests/`.

use std::path::PathBuf;
use std::sync::Arc;

use kgas_perf_catalog::Catalogue;
use proc_macro2::TokenStream;
use quote::quote;

use super::{Context, attribute, region};
use crate::catalog::Declared;

fn context() -> Context {
    Context { declared: Ok(Declared::builtin()), off: false }
}

fn tokens(text: &str) -> TokenStream {
    text.parse().unwrap()
}

/// An expansion, with the file of the item's tokens shown as `FILE`.
fn expanded(args: &str, item: &str) -> String {
    let item = tokens(item);
    let file = item.clone().into_iter().next().unwrap().span().file();
    attribute(tokens(args), item, &context())
        .to_string()
        .replace(&file, "FILE")
        .replace("#!", "# !")
}

/// The call site of a function measured as `tool_simple`.
fn site(sized: bool) -> TokenStream {
    quote! {
        fn __kgas_path() -> &'static str {
            ::kgas_perf_runtime::__private::path_of(&__kgas_path)
        }
        static __KGAS_SITE: ::kgas_perf_runtime::__private::CallSite =
            ::kgas_perf_runtime::__private::CallSite::new(&::kgas_perf_runtime::__private::SiteSpec {
                operation: "tool_simple",
                category: ::kgas_perf_runtime::__private::Category::Tool,
                file: "FILE",
                line: 1u32,
                path: __kgas_path,
                sized: #sized,
                size_bounds: ::kgas_perf_runtime::__private::SizeBounds::DEFAULT,
                catalogue: ::kgas_perf_runtime::__private::CatalogueText::BUILTIN,
            });
    }
}

#[test]
fn statements_of_a_plain_function_are_spliced_in() {
    let site = site(false);
    let expected = quote! {
        #[inline]
        pub(crate) fn call<'a>(a: &'a str, b: u8) -> u64 where u8: Copy {
            #![allow(dead_code)]
            #site
            const LIMIT: u8 = 7;
            let mut __kgas_call = ::kgas_perf_runtime::__private::ScopedMeasurement::<0>::idle();
            __kgas_call.start(
                &__KGAS_SITE,
                ::core::option::Option::None,
                <&str as ::kgas_perf_runtime::__private::Named>::BYTES
                    + <u8 as ::kgas_perf_runtime::__private::Named>::BYTES,
                ::kgas_perf_runtime::__private::Outcome::Ok
            );
            drop(a);
            b.into()
        }
    };
    let item = "#[inline] pub(crate) fn call<'a>(a: &'a str, b: u8) -> u64 where u8: Copy { \
                #![allow(dead_code)] const LIMIT: u8 = 7; drop(a); b.into() }";
    assert_eq!(expanded(r#""tool_simple""#, item), expected.to_string());
}

#[test]
fn what_may_be_a_result_is_looked_at() {
    let site = site(true);
    let expected = quote! {
        fn call(n: usize) -> Answer<u8> {
            #site
            let __kgas_value: Answer<u8>;
            let mut __kgas_call = ::kgas_perf_runtime::__private::ScopedMeasurement::<1>::idle();
            __kgas_call.start(
                &__KGAS_SITE,
                ::kgas_perf_runtime::__private::size(n),
                <usize as ::kgas_perf_runtime::__private::Named>::BYTES,
                <Answer<u8> as ::kgas_perf_runtime::__private::Named>::TYPE.early_sync()
            );
            let __kgas_value: Answer<u8> = {
                let () = ();
                if n == 0 {
                    return {
                        __kgas_value = Err(0);
                        __kgas_call.set(
                            ::kgas_perf_runtime::__private::Returned(&__kgas_value).outcome()
                        );
                        __kgas_value
                    };
                }
                Ok(read()?)
            };
            #[allow(unreachable_code)]
            __kgas_call.set(::kgas_perf_runtime::__private::Returned(&__kgas_value).outcome());
            __kgas_value
        }
    };
    let item = "fn call(n: usize) -> Answer<u8> { if n == 0 { return Err(0); } Ok(read()?) }";
    let found = expanded(r#""tool_simple", size = n, memory = "exact""#, item);
    assert_eq!(found, expected.to_string());
}

#[test]
fn an_async_function_says_so_where_it_may_be_left() {
    let site = site(false);
    let expected = quote! {
        async fn call(&self) -> Result<u8, E> {
            #site
            let __kgas_type =
                <Result<u8, E> as ::kgas_perf_runtime::__private::Named>::TYPE;
            let mut __kgas_call =
                ::kgas_perf_runtime::__private::DetachedMeasurement::<2>::idle();
            __kgas_call.start(
                &__KGAS_SITE,
                ::core::option::Option::None,
                <&Self as ::kgas_perf_runtime::__private::Named>::BYTES
            );
            let __kgas_value: Result<u8, E> = {
                let () = ();
                Ok(::kgas_perf_runtime::__private::staying(
                    ::kgas_perf_runtime::__private::leaving(
                        read().await, &__kgas_call, __kgas_type.early()
                    )?,
                    &__kgas_call
                ))
            };
            #[allow(unreachable_code)]
            __kgas_call.set(::kgas_perf_runtime::__private::Returned(&__kgas_value).outcome());
            __kgas_value
        }
    };
    let item = "async fn call(&self) -> Result<u8, E> { Ok(read().await?) }";
    assert_eq!(expanded(r#""tool_simple", memory = "off""#, item), expected.to_string());
}

#[test]
fn the_runtime_is_found_where_the_user_says() {
    let found = expanded(r#""tool_simple", crate = crate::performance"#, "fn call() {}");
    assert!(
        found.contains(&quote!(crate::performance::__private::ScopedMeasurement::<0>).to_string())
    );
    assert!(!found.contains("kgas_perf_runtime"), "{found}");
}

#[test]
fn a_catalogue_of_ones_own_travels_with_the_call_site() {
    let text = "[size_classes]\nsmall = 10\n[operations.tool_simple]\ncategory = \"tool\"\n";
    let declared = Declared {
        catalogue: Arc::new(Catalogue::parse(text, "work/kgas-perf.toml").unwrap()),
        file: Some(PathBuf::from("/elsewhere/kgas-perf.toml")),
    };
    let context = Context { declared: Ok(declared), off: false };
    let found = attribute(tokens(r#""tool_simple""#), tokens("fn call() {}"), &context).to_string();
    let text = quote! {
        ::kgas_perf_runtime::__private::CatalogueText {
            file: "work/kgas-perf.toml",
            text: ::core::include_str!("/elsewhere/kgas-perf.toml")
        }
    };
    assert!(found.contains(&text.to_string()), "{found}");
    let bounds = quote!({ small: 10u64, medium: 1000u64, large: 10000u64 });
    assert!(found.contains(&bounds.to_string()), "{found}");
    let found =
        attribute(tokens(r#""graph_to_table""#), tokens("fn call() {}"), &context).to_string();
    let told = "unknown operation `graph_to_table`. Operations are declared in work/kgas-perf.toml";
    assert!(found.contains(told), "{found}");
}

#[test]
fn a_malformed_catalogue_is_told_once_and_the_function_stays() {
    let told = "kgas-perf.toml:3: operations.a.category: unknown category";
    let context = Context { declared: Err(told.to_owned()), off: false };
    let found = attribute(tokens(r#""tool_simple""#), tokens("fn call() {}"), &context).to_string();
    assert_eq!(found.matches(told).count(), 1, "{found}");
    assert!(found.ends_with("fn call () { }"), "{found}");
}

#[test]
fn switched_off_everything_is_checked_and_nothing_is_changed() {
    let context = Context { declared: Ok(Declared::builtin()), off: true };
    let of = |args, item| attribute(tokens(args), tokens(item), &context).to_string();
    let item = "#[inline] async fn call() -> Result<u8, u8> { Ok(read().await?) }";
    assert_eq!(of(r#""tool_simple", poll = true"#, item), tokens(item).to_string());
    assert!(of(r#""tool_simpel""#, item).contains("did you mean `tool_simple`?"));
    assert!(of(r#""tool_simple""#, "const fn call() {}").contains("compile_error"));
    let block = "impl Tool { #[measure_performance(skip)] fn a() {} const B: u8 = 7; \
                 #[measure_performance(\"tool_simple\")] fn c() {} }";
    let kept = "impl Tool { fn a() {} const B: u8 = 7; \
                #[measure_performance(\"tool_simple\")] fn c() {} }";
    assert_eq!(of(r#""tool_simple""#, block), tokens(kept).to_string());
    let found = region(tokens(r#""tool_simple", size = 7, { read()? }"#), &context).to_string();
    assert_eq!(found, tokens("{ read()? }").to_string());
}

#[test]
fn a_body_that_cannot_be_read_stays_as_it_is() {
    let item = "fn call(early: bool) -> Result<u8, u8> { if early { return Ok(1); } let a = b. }";
    let found = expanded(r#""tool_simple""#, item);
    assert!(found.contains("let a = b ."), "{found}");
    assert!(found.contains("its calls are not measured"), "{found}");
    assert!(!found.contains("compile_error"), "the compiler will say it: {found}");
}

#[test]
fn everything_in_a_block_but_its_methods_passes_untouched() {
    let block = "unsafe impl<const N: usize> Tool for Work<{ N }> where [u8; { N }]: Sized { \
                 const A: B = B { c: 7 }; type D = [u8; 7]; fn e(&self); half typed";
    let block = format!("{block} }}");
    assert_eq!(expanded(r#""tool_simple""#, &block), tokens(&block).to_string());
}
