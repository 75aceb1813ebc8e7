//! The hot path: measuring calls, and nothing else.
//!
//! ```text
//!  thread 1 ──► Shard ──► Recorder (operation a) ─► histogram, sums, in flight
//!                    └──► Recorder (operation b)
//!  thread 2 ──► Shard ──► …                            readers walk the Roster's shards
//!                 ▲                                    and copy; writers never notice
//!              Roster: all shards of one registry, the clock, what calls are judged by
//! ```
//!
//! A call finds its recorder with two loads (the thread's shard, the call site's index), reads
//! the clock twice, and stores to memory that only its own thread writes. There is no queue, no
//! lock, no allocation by the program's allocator, and nothing that can fail.
//!
//! A signal handler may call measured functions that its thread has called before, unless it is
//! to be told of slow ones: a subscriber may do what a handler may not. The first call of a
//! thread registers the thread's end with the system, which allocates. Should the handler
//! interrupt the very stores of another call of the same operation, one of the two counts can be
//! lost.
//!
//! - `mode`: whether calls are measured at all.
//! - `clock`: the only place time enters.
//! - `call_site`, `named`: what is measured, by attribute and by name.
//! - `scoped`, `detached`, `future`, `measurement`: a call in progress, on the stack, in
//!   a future, poll by poll, by hand.
//! - `thread`, `shard`, `ownership`, `recorder`, `roster`: where a finished call goes.
//! - `in_flight`: what runs now; `memory`, `tally`: what it took besides time.
//! - `outcome`, `severity`, `slow_calls`: how it ended, and what if it was slow.

pub(crate) mod call_site;
pub(crate) mod clock;
pub(crate) mod detached;
pub(crate) mod future;
pub(crate) mod in_flight;
pub(crate) mod measurement;
pub(crate) mod memory;
pub(crate) mod mode;
pub(crate) mod named;
pub(crate) mod outcome;
pub(crate) mod ownership;
pub(crate) mod recorder;
pub(crate) mod roster;
pub(crate) mod scoped;
pub(crate) mod severity;
pub(crate) mod shard;
pub(crate) mod slow_calls;
pub(crate) mod tally;
pub(crate) mod thread;

pub use call_site::{CallSite, CatalogueText, SiteSpec};
pub use clock::{Clock, ManualClock, SystemClock};
pub use detached::DetachedMeasurement;
pub use future::{Measured, State};
pub use measurement::{Measurement, Metadata, record_operation};
pub use memory::MemoryResolution;
pub use mode::{ENVIRONMENT_VARIABLE, is_on, set_on};
pub use named::{MOST_NAMES, OTHER};
pub use outcome::Outcome;
pub use scoped::{EXACT, OFF, SAMPLED, ScopedMeasurement};
pub use severity::Severity;
pub use slow_calls::{BURST, EVERY};
pub(crate) use tally::allocated_by_process;
pub use tally::{AllThreads, TallyAllocator};
