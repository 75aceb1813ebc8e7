//! 1,024 functions, each a call site of its own, and as many without the attribute; and 1,024
//! call sites in one function, which cost what their data costs and not their code.

use kgas_perf_runtime::catalog::{Category, SizeBounds};
use kgas_perf_runtime::measure::{
    CallSite, CatalogueText, Outcome, SAMPLED, ScopedMeasurement, SiteSpec,
};

use crate::harness::work;

/// So many in 32 modules.
type Functions = [[fn(u64) -> u64; 32]; 32];

/// Modules of 32 functions each, with the attribute and without.
macro_rules! many {
    ($($outer:ident)*) => {
        many!(@each [$($outer)*] [
            a b c d e f g h i j k l m n o p q r s t u v w x y z aa bb cc dd ee ff
        ]);
    };
    (@each [$($outer:ident)*] $inner:tt) => {
        $(many!(@module $outer $inner);)*
        /// Without the attribute.
        pub(crate) static PLAIN: Functions = [$($outer::PLAIN),*];
        /// With it.
        pub(crate) static MEASURED: Functions = [$($outer::MEASURED),*];
    };
    (@module $module:ident [$($name:ident)*]) => {
        mod $module {
            use kgas_perf_runtime::measure_performance;

            use crate::harness::work;

            mod plain {
                use super::work;

                $(#[inline(never)] pub(super) fn $name(number: u64) -> u64 { work(number) })*
            }

            $(#[measure_performance("tool_simple")]
            #[inline(never)] fn $name(number: u64) -> u64 { work(number) })*

            pub(super) const PLAIN: [fn(u64) -> u64; 32] = [$(plain::$name),*];
            pub(super) const MEASURED: [fn(u64) -> u64; 32] = [$($name),*];
        }
    };
}

many! {
    m00 m01 m02 m03 m04 m05 m06 m07 m08 m09 m10 m11 m12 m13 m14 m15
    m16 m17 m18 m19 m20 m21 m22 m23 m24 m25 m26 m27 m28 m29 m30 m31
}

/// Calls the next of the 1,024 functions.
#[inline(always)]
pub(crate) fn in_turn(functions: &Functions, number: u64) -> u64 {
    let index = number as usize % 1_024;
    functions[index / 32][index % 32](number)
}

static SITES: [CallSite; 1_024] = [const {
    CallSite::new(&SiteSpec {
        operation: "tool_simple",
        category: Category::Tool,
        file: file!(),
        line: line!(),
        path: || "many",
        sized: false,
        size_bounds: SizeBounds::DEFAULT,
        catalogue: CatalogueText::BUILTIN,
    })
}; 1_024];

/// One function that measures its calls at the next of 1,024 call sites.
#[inline(never)]
pub(crate) fn one_function(number: u64) -> u64 {
    let mut call = ScopedMeasurement::<SAMPLED>::idle();
    call.start(&SITES[number as usize % 1_024], None, 8, Outcome::Ok);
    work(number)
}
