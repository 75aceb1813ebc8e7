//! What the process uses and what the host has left.
//!
//! ```text
//!  /proc, /sys, a few calls ──► System ──► Monitor ──► Reading ──► Readings (an hour)
//!                                             ▲                        │
//!                                     told the time         levels, what rose, forecasts
//! ```
//!
//! A *reading* is one look, as plain data. What it cannot say is `None`, with the reason beside
//! it. Nothing here reads a clock of the day: whoever asks for a reading says what time it is.
//!
//! - `reading`: one look; `process`, `host`, `threads`, `mount`, `network`, `control_group`: its
//!   parts; `missing`: those that are not available.
//! - `system`: whoever answers on this system: `linux`, or `portable` elsewhere; `unix`: what
//!   POSIX systems share.
//! - `own`: reads this process alone; `monitor`: takes readings; `cost`: what they cost;
//!   `readings`: those of the last hour.
//! - `level`: one number of a resource; `rise`: what rose; `forecast`, `trend`: when a limit is
//!   reached.

mod control_group;
mod cost;
mod forecast;
mod host;
mod level;
#[cfg(target_os = "linux")]
mod linux;
mod missing;
mod monitor;
mod mount;
mod network;
mod own;
#[cfg(any(test, not(target_os = "linux")))]
mod portable;
mod process;
mod reading;
mod readings;
mod rise;
mod system;
mod threads;
mod trend;
#[cfg(unix)]
mod unix;

pub use control_group::ControlGroup;
pub use cost::{Cost, PartCost};
pub use forecast::{Forecast, Outlook};
pub use host::{Core, Host, Pressure};
pub use level::Level;
pub(crate) use level::levels;
pub use missing::{Part, Why};
pub use monitor::{MOST_FOLDERS, Monitor};
pub use mount::Mount;
pub use network::{Interface, TcpStates};
pub use own::OwnProcess;
pub use process::Process;
pub use reading::{Reading, Timed, per_second};
pub use readings::{KEPT_FOR, MOST_BYTES, MOST_READINGS, Readings};
pub use rise::{Rise, rises};
pub use threads::{MOST_GROUPS, OTHER, ThreadGroup};
pub use trend::Trend;
