//! `Regime`: which shape goes with which noise.

use super::{Clusters, Load, Shape, Wander, WarmUp, Wobble};

/// An operation and its machine while nothing changes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Regime {
    /// Its name.
    pub name: &'static str,
    /// How durations are spread.
    pub shape: Shape,
    /// How the machine's speed wanders.
    pub wobble: Option<Wobble>,
    /// Short stretches in which everything is slower.
    pub clusters: Option<Clusters>,
    /// The curve of the day.
    pub load: Option<Load>,
    /// The cold start.
    pub warm_up: Option<WarmUp>,
    /// How the share of misses of a cache wanders.
    pub wander: Option<Wander>,
    /// Whether durations come from a timer that ticks in 1 ms or 15.6 ms.
    pub coarse: bool,
    /// The share of calls that fails at the most; each stream has its own.
    pub errors: f64,
}

const CACHE: Shape = Shape::HitMiss { misses: 0.1, factor: 12.0, sigma: 0.25 };
const PARETO: Shape = Shape::ParetoMixture { share: 0.1, alpha: 1.5, sigma: 0.25 };
const CHAIN: Shape = Shape::Chain { phi: 0.8, sigma: 0.3 };
const WOBBLE: Wobble = Wobble { sd: 0.05, correlation: 20.0 };
const SMALL_WOBBLE: Wobble = Wobble { sd: 0.03, correlation: 20.0 };
const SLOW_WOBBLE: Wobble = Wobble { sd: 0.05, correlation: 60.0 };
const CLUSTERS: Clusters = Clusters { gap: 12.0, length: (0.02, 1.5), factor: (2.0, 5.0) };
const LOAD: Load = Load { slower: 0.25, busier: 0.5 };
const WARM_UP: WarmUp = WarmUp { extra: (1.0, 2.0), calls: (200.0, 600.0), seconds: 60.0 };

const fn bare(name: &'static str, shape: Shape) -> Regime {
    Regime {
        name,
        shape,
        wobble: None,
        clusters: None,
        load: None,
        warm_up: None,
        wander: None,
        coarse: false,
        errors: 0.003,
    }
}

impl Regime {
    /// The twelve that the goals speak of.
    pub const CORE: [Self; 12] = [
        Self { errors: 0.0, ..bare("quiet", Shape::Lognormal(0.2)) },
        bare("plain", Shape::Lognormal(0.3)),
        bare("wide", Shape::Lognormal(0.5)),
        bare("weibull", Shape::Weibull(3.0)),
        bare("cache", CACHE),
        bare("pareto", PARETO),
        bare("chain", CHAIN),
        Self { wobble: Some(WOBBLE), ..bare("wobble", Shape::Lognormal(0.3)) },
        Self { clusters: Some(CLUSTERS), ..bare("clusters", Shape::Lognormal(0.25)) },
        Self {
            load: Some(LOAD),
            wobble: Some(SMALL_WOBBLE),
            ..bare("daily", Shape::Lognormal(0.25))
        },
        Self { coarse: true, ..bare("ticks", Shape::Lognormal(0.3)) },
        Self { warm_up: Some(WARM_UP), ..bare("warm-up", Shape::Gamma(8.0)) },
    ];

    /// Others, to see whether a detector does well only on those it was tuned on.
    pub const OTHERS: [Self; 12] = [
        bare("very-wide", Shape::Lognormal(0.8)),
        bare("exponential", Shape::Weibull(1.0)),
        Self { wobble: Some(SLOW_WOBBLE), ..bare("slow-wobble", Shape::Lognormal(0.3)) },
        Self {
            wobble: Some(Wobble { sd: 0.1, correlation: 8.0 }),
            ..bare("sway", Shape::Lognormal(0.3))
        },
        Self {
            wander: Some(Wander { misses: 0.1, sd: 0.25, correlation: 7_200.0 }),
            ..bare("wander", CACHE)
        },
        Self { load: Some(LOAD), wobble: Some(WOBBLE), ..bare("daily-wobble", Shape::Gamma(8.0)) },
        Self { load: Some(LOAD), ..bare("daily-cache", CACHE) },
        Self { load: Some(LOAD), ..bare("daily-chain", Shape::Chain { phi: 0.8, sigma: 0.4 }) },
        Self { clusters: Some(CLUSTERS), ..bare("clusters-cache", CACHE) },
        Self {
            clusters: Some(CLUSTERS),
            load: Some(LOAD),
            wobble: Some(SLOW_WOBBLE),
            ..bare("everything", Shape::Lognormal(0.5))
        },
        Self { coarse: true, load: Some(LOAD), ..bare("daily-ticks", Shape::Lognormal(0.3)) },
        Self { warm_up: Some(WARM_UP), ..bare("warm-up-pareto", PARETO) },
    ];

    /// The regime of this name, if there is one.
    pub fn named(name: &str) -> Option<Self> {
        Self::CORE.into_iter().chain(Self::OTHERS).find(|regime| regime.name == name)
    }
}
