//! `CallSite`: one static an attribute leaves behind.

use std::fmt;
use std::sync::atomic::{AtomicPtr, AtomicU32, AtomicUsize, Ordering};

use crate::catalog::{Category, SizeBounds, SizeClass};

/// What is known of a call site when it compiles.
#[derive(Debug)]
pub struct SiteSpec {
    /// The operation's name.
    pub operation: &'static str,
    /// Its category in the catalogue.
    pub category: Category,
    /// `file!()` of the attributed function.
    pub file: &'static str,
    /// `line!()` of the function's name; 1 is the first line.
    pub line: u32,
    /// Answers the path of the function.
    pub path: fn() -> &'static str,
    /// Whether calls come with an input size; each size class then has recorders of its own.
    pub sized: bool,
    /// Where the size classes begin.
    pub size_bounds: SizeBounds,
    /// The catalogue that declares the operation.
    pub catalogue: CatalogueText,
}

/// A catalogue's own text, as it was when the call site compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CatalogueText {
    /// Where it was read; empty for the built-in one.
    pub file: &'static str,
    /// Its TOML text; empty for the built-in one.
    pub text: &'static str,
}

impl CatalogueText {
    /// The built-in catalogue.
    pub const BUILTIN: Self = Self { file: "", text: "" };
}

/// How many recorders a thread can hold: one a call site, five a call site with sizes.
pub(crate) const CAPACITY: usize = 1 << 16;

/// The first index that a site can have. Those below stand for a site that is not registered,
/// whatever its size class: no thread ever has such a recorder.
const FIRST: usize = 8;

/// Takes the calls of all sites beyond the capacity, so that they are counted somewhere.
static OVERFLOW: CallSite = CallSite::new(&SiteSpec {
    operation: "other",
    category: Category::Custom,
    file: "",
    line: 0,
    path: || "",
    sized: false,
    size_bounds: SizeBounds::DEFAULT,
    catalogue: CatalogueText::BUILTIN,
});

/// One attributed place in the source.
pub struct CallSite {
    /// Index of its first recorder in every thread's table; 0 before the first call.
    first: AtomicU32,
    spec: &'static SiteSpec,
    /// Its durations are reported in nanoseconds, not measured in ticks.
    reported: bool,
}

impl CallSite {
    /// A call site that registers itself at its first call.
    pub const fn new(spec: &'static SiteSpec) -> Self {
        Self { first: AtomicU32::new(0), spec, reported: false }
    }

    /// A call site whose durations come from elsewhere, in nanoseconds.
    pub(crate) const fn reported(spec: &'static SiteSpec) -> Self {
        Self { first: AtomicU32::new(0), spec, reported: true }
    }

    /// Whether its durations come from elsewhere, in nanoseconds.
    pub(crate) fn is_reported(&self) -> bool {
        self.reported
    }

    /// What was known of it when it compiled.
    pub fn spec(&self) -> &'static SiteSpec {
        self.spec
    }

    /// Index of the recorder for a call with this input size, which counts only if the site is
    /// sized; below `CAPACITY`. Belongs to no
    /// recorder while the site is not registered.
    #[inline(always)]
    pub(crate) fn recorder(&self, size: Option<u64>) -> usize {
        let first = self.first.load(Ordering::Relaxed) as usize;
        match size {
            Some(size) if self.spec.sized => first + self.spec.size_bounds.classify(size) as usize,
            _ => first,
        }
    }

    /// Registers the site if it is not yet; answers as [`Self::recorder`] does.
    #[cold]
    pub(crate) fn register(&'static self, size: Option<u64>) -> usize {
        if self.first.load(Ordering::Relaxed) == 0 {
            SITES.register(self);
        }
        self.recorder(size)
    }
}

impl fmt::Debug for CallSite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallSite")
            .field("operation", &self.spec.operation)
            .field("file", &self.spec.file)
            .field("line", &self.spec.line)
            .finish_non_exhaustive()
    }
}

/// Every registered call site of the process. Only grows.
struct Sites {
    by_recorder: [AtomicPtr<CallSite>; CAPACITY],
    next: AtomicUsize,
}

static SITES: Sites = Sites {
    by_recorder: [const { AtomicPtr::new(std::ptr::null_mut()) }; CAPACITY],
    next: AtomicUsize::new(FIRST + SizeClass::ALL.len()),
};

impl Sites {
    fn register(&self, site: &'static CallSite) {
        let recorders = if site.spec.sized { SizeClass::ALL.len() } else { 1 };
        // Two threads may both come here; the loser's indices then stay unused.
        let taken = self.next.try_update(Ordering::Relaxed, Ordering::Relaxed, |next| {
            (next + recorders <= CAPACITY).then_some(next + recorders)
        });
        let first = match taken {
            Ok(first) => {
                for recorder in first..first + recorders {
                    self.by_recorder[recorder]
                        .store(std::ptr::from_ref(site).cast_mut(), Ordering::Release);
                }
                first
            }
            Err(_) => {
                for recorder in FIRST..FIRST + SizeClass::ALL.len() {
                    self.by_recorder[recorder]
                        .store(std::ptr::from_ref(&OVERFLOW).cast_mut(), Ordering::Release);
                }
                OVERFLOW.first.store(FIRST as u32, Ordering::Release);
                FIRST
            }
        };
        let first = first as u32;
        let _ = site.first.compare_exchange(0, first, Ordering::Release, Ordering::Relaxed);
    }
}

/// The site and size class that a recorder belongs to; `None` when nobody has it.
pub(crate) fn owner(recorder: usize) -> Option<(&'static CallSite, SizeClass)> {
    let site = SITES.by_recorder.get(recorder)?.load(Ordering::Acquire);
    // SAFETY: only `&'static CallSite`s are stored.
    let site: &'static CallSite = unsafe { site.as_ref() }?;
    let class = recorder.checked_sub(site.first.load(Ordering::Acquire) as usize)?;
    Some((site, *SizeClass::ALL.get(class)?))
}

/// One more than the greatest index that a recorder can have so far.
pub(crate) fn recorders() -> usize {
    SITES.next.load(Ordering::Acquire)
}
