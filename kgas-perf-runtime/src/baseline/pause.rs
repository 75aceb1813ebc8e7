//! `Pause`: why nothing is learned for a while.

use serde::{Deserialize, Serialize};

/// A reason not to learn: what happens now is not what is normal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Pause {
    /// The process has just started.
    StartUp,
    /// A load test is running.
    LoadTest,
    /// An alert on the operation is open.
    Alert,
    /// The machine was suspended, or time has jumped.
    Suspend,
}

impl Pause {
    /// Every reason.
    pub const ALL: [Self; 4] = [Self::StartUp, Self::LoadTest, Self::Alert, Self::Suspend];

    /// The name used in tables, JSON and metric labels.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::StartUp => "start_up",
            Self::LoadTest => "load_test",
            Self::Alert => "alert",
            Self::Suspend => "suspend",
        }
    }
}

/// The reasons in force, and the calls that were not learned because of each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Pauses {
    in_force: [bool; Pause::ALL.len()],
    calls: [u64; Pause::ALL.len()],
}

impl Pauses {
    pub(crate) fn set(&mut self, pause: Pause, in_force: bool) {
        self.in_force[pause as usize] = in_force;
    }

    pub(crate) fn any(&self) -> bool {
        self.in_force.contains(&true)
    }

    pub(crate) fn has(&self, pause: Pause) -> bool {
        self.in_force[pause as usize]
    }

    /// Counts calls that are not learned, for every reason in force.
    pub(crate) fn count(&mut self, calls: u64) {
        for (count, _) in self.calls.iter_mut().zip(self.in_force).filter(|(_, here)| *here) {
            *count += calls;
        }
    }

    pub(crate) fn most_calls(&self) -> u64 {
        self.calls.into_iter().fold(0, u64::max)
    }

    pub(crate) fn calls(&self, pause: Pause) -> u64 {
        self.calls[pause as usize]
    }
}
