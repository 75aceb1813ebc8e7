//! The life of an alert, and who is to be told of it.
//!
//! A *rule* says what is watched and how patiently. Each round it is evaluated for each
//! *subject*, and from evaluations in time becomes the life of an *alert*:
//!
//! ```text
//!            ┌─────────┐  gone, or not seen                ┌────────┐
//!     ●─────►│ pending │──────────────────────────────────►│ lapsed │
//!     │      └────┬────┘                                   └────────┘
//!     │           │ held long enough
//!     │           ▼             gone
//!     │      ┌────────┐─────────────────►┌─────────┐       ┌──────────┐
//!     ├─────►│ firing │                  │ keeping │──────►│ resolved │
//!     │      └────────┘◄─────────────────└─────────┘ gone  └──────────┘
//!     │        ▲    │          back        ▲    │    long       ▲
//!     │        │    ▼                      │    ▼    enough     │
//!     │      ┌──────────────────────────────────────┐           │
//!     └─────►│   no data  ◄───────────────►  stale  │───────────┘
//!            └──────────────────────────────────────┘ too long to wait
//! ```
//!
//! - An alert begins pending; or firing, if its rule does not hold; or without data, if its rule
//!   says that this is bad. A pending one of such a rule can come to be without data, too. Where
//!   nothing is kept, it goes from firing to resolved at once.
//! - While it is firing, keeping, without data or stale, it *fires* for everybody who is told of
//!   it. Missing is not clear. It is stale when nobody has evaluated it for too long.
//! - A person resolves it from any state that fires, and so does the removal of its rule; a
//!   pending one lapses by that.
//! - Severity is a state of one alert, not its identity: what gets worse stays the same alert. It
//!   rises after the hold time and falls after the time that the alert is kept.
//! - What an immature baseline says is an info, and an info is told nobody.
//!
//! What fires joins an *incident*: alerts that are one event to a person. What people know of it
//! is kept, and compared with what there is to say; the difference, after its window, is what is
//! [due](Alerts::due). What is silenced says nothing, and what is inhibited has another alert
//! speak for it.
//!
//! Nothing here reads a clock or does input or output. Times are handed in as [`Now`].
//!
//! - `subject`, `fingerprint`: what an alert is about, and which it is.
//! - `rule`, `threshold`, `damping`: what is watched, from where on it is bad, how patiently.
//! - `evaluation`, `evidence`: what a rule sees at one time, and what speaks for it.
//! - `life`, `state`, `hold`, `step`: the alert, where it is, its clocks, and what moves it.
//! - `mark`, `next_step`: what changed before, and what to do.
//! - `matcher`, `silence`, `inhibition`: what keeps an alert quiet.
//! - `incident`, `told`, `decide`, `reason`, `due`: what is one event, what people know of it,
//!   what they are to be told and why.
//! - `settings`, `tiers`, `caps`: how soon and how often people are told, and how much is kept.
//! - `counts`, `moment`, `error`: what happened so far, what time it is, what is not accepted.
//! - `alerts`, `round`, `settle`, `people`, `explain`: all of it together.

mod alerts;
mod caps;
mod counts;
mod damping;
mod decide;
mod due;
mod error;
mod evaluation;
mod evidence;
mod explain;
mod fingerprint;
mod hold;
mod incident;
mod inhibition;
mod life;
mod mark;
mod matcher;
mod moment;
mod next_step;
mod people;
mod reason;
mod round;
mod rule;
mod settings;
mod settle;
mod silence;
mod state;
mod step;
mod subject;
mod threshold;
mod tiers;
mod told;

#[cfg(test)]
mod tests;

pub use alerts::{Alerts, Saved};
pub use caps::Caps;
pub use counts::{Counts, Dropped, Refused, Suppressed};
pub use damping::Damping;
pub use decide::{Case, Decision, Part};
pub use due::Due;
pub use error::AlertError;
pub use evaluation::{Evaluation, Found};
pub use evidence::{Band, BaselineUsed, Evidence};
pub use explain::{Because, Explanation};
pub use fingerprint::Fingerprint;
pub use hold::Hold;
pub use incident::{Acknowledged, Incident, Member};
pub use inhibition::{Inhibited, Inhibition};
pub use life::{Alert, Muted};
pub use mark::{Change, Mark};
pub use matcher::{Matcher, Term};
pub use moment::{Moment, Now};
pub use people::Silenced;
pub use reason::Reason;
pub use rule::{NoData, Rule, RuleBuilder, Watch};
pub use settings::Settings;
pub use silence::Silence;
pub use state::{State, Transition, Why};
pub use subject::{COMPONENT, OPERATION, RESOURCE, SIZE_CLASS, Subject};
pub use threshold::{Side, Threshold, Thresholds};
pub use tiers::{Tier, Tiers};
pub use told::{Told, UnderWay};
