//! `SizeClass` and the `SizeBounds` between them.

/// How large a call's input is, in classes that have objectives and baselines of their own.
///
/// The discriminant is the index of the class in [`SizeClass::ALL`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[repr(u8)]
pub enum SizeClass {
    /// The call site does not say how large its input is.
    Unsized,
    /// Fewer entities than the lower bound of small.
    Tiny,
    /// By default 100 to 999 entities.
    Small,
    /// By default 1,000 to 9,999 entities.
    Medium,
    /// By default 10,000 entities and more.
    Large,
}

impl SizeClass {
    /// Every class, by ascending size.
    pub const ALL: [Self; 5] = [Self::Unsized, Self::Tiny, Self::Small, Self::Medium, Self::Large];

    /// The name that catalogues, tables, JSON and metric labels use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unsized => "unsized",
            Self::Tiny => "tiny",
            Self::Small => "small",
            Self::Medium => "medium",
            Self::Large => "large",
        }
    }
}

/// The lower bounds, in entities, of small, medium and large inputs; they ascend strictly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SizeBounds {
    /// The first size that is no longer tiny.
    pub small: u64,
    /// The first size that is no longer small.
    pub medium: u64,
    /// The first size that is no longer medium.
    pub large: u64,
}

impl SizeBounds {
    /// The bounds of a catalogue that names none: 100, 1,000 and 10,000.
    pub const DEFAULT: Self = Self { small: 100, medium: 1_000, large: 10_000 };

    /// Sorts an input of `size` entities into its class; never [`SizeClass::Unsized`].
    ///
    /// ```
    /// use kgas_perf_catalog::{SizeBounds, SizeClass};
    ///
    /// assert_eq!(SizeBounds::DEFAULT.classify(99), SizeClass::Tiny);
    /// assert_eq!(SizeBounds::DEFAULT.classify(100), SizeClass::Small);
    /// ```
    #[inline]
    pub const fn classify(self, size: u64) -> SizeClass {
        if size < self.small {
            SizeClass::Tiny
        } else if size < self.medium {
            SizeClass::Small
        } else if size < self.large {
            SizeClass::Medium
        } else {
            SizeClass::Large
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_bound_is_the_first_size_of_its_class() {
        let classes = [0, 99, 100, 999, 1_000, 9_999, 10_000, u64::MAX]
            .map(|size| SizeBounds::DEFAULT.classify(size).as_str());
        assert_eq!(
            classes,
            ["tiny", "tiny", "small", "small", "medium", "medium", "large", "large"]
        );
    }

    #[test]
    fn discriminants_are_positions() {
        for (position, class) in SizeClass::ALL.into_iter().enumerate() {
            assert_eq!(class as usize, position);
        }
    }
}
