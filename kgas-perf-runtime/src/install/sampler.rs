//! `Sampler`: the thread that reads resources, or whoever does it by hand.

use std::sync::{Arc, Mutex, PoisonError, TryLockError};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::install::error::InstallError;
use crate::install::stop::Stop;
use crate::registry::Registry;
use crate::resource::{Monitor, Reading, Readings};

/// Reads resources, on a thread of its own or by hand. The collector has another thread: a file
/// system that does not answer holds up readings, and no judging.
#[derive(Debug)]
pub(crate) struct Sampler {
    monitor: Arc<Mutex<Monitor>>,
    readings: Readings,
    stop: Arc<Stop>,
    /// Taken by whoever has seen its end.
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Sampler {
    /// `every` is how often a thread reads; without it there is no thread.
    pub(crate) fn start(
        monitor: Monitor,
        registry: &Registry,
        every: Option<Duration>,
    ) -> Result<Self, InstallError> {
        let readings = monitor.readings();
        let monitor = Arc::new(Mutex::new(monitor));
        let stop = Arc::new(Stop::default());
        let spawn = |every: Duration| {
            let (monitor, stop, registry) =
                (Arc::clone(&monitor), Arc::clone(&stop), registry.clone());
            std::thread::Builder::new()
                .name("kgas-perf-read".to_owned())
                .spawn(move || run(&monitor, &stop, &registry, every))
                .map_err(|source| InstallError::Thread { source })
        };
        let thread = every.map(spawn).transpose()?;
        Ok(Self { monitor, readings, stop, thread: Mutex::new(thread) })
    }

    pub(crate) fn readings(&self) -> &Readings {
        &self.readings
    }

    /// Reads now; `None` while another reading is under way.
    pub(crate) fn read(&self, registry: &Registry) -> Option<Arc<Reading>> {
        let mut monitor = match self.monitor.try_lock() {
            Ok(monitor) => monitor,
            Err(TryLockError::Poisoned(monitor)) => monitor.into_inner(),
            Err(TryLockError::WouldBlock) => return None,
        };
        let (monotonic, unix) = registry.now();
        Some(monitor.read(monotonic, unix))
    }

    /// Asks the thread to end, and waits for nothing.
    pub(crate) fn ask_to_stop(&self) {
        self.stop.ask();
    }

    /// Waits for the end of the thread, at most so long; answers whether it has ended.
    pub(crate) fn wait(&self, deadline: Duration) -> bool {
        let lock = || self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        if lock().is_none() {
            return true;
        }
        let done = self.stop.wait(deadline);
        if let Some(thread) = lock().take_if(|_| done) {
            // A panic of the thread has been printed; there is nothing to add.
            let _ = thread.join();
        }
        done
    }
}

/// The sampler's thread: reads in its rhythm until it is asked to stop.
fn run(monitor: &Mutex<Monitor>, stop: &Stop, registry: &Registry, every: Duration) {
    let _done = stop.done_in_the_end();
    loop {
        {
            let mut monitor = monitor.lock().unwrap_or_else(PoisonError::into_inner);
            let (monotonic, unix) = registry.now();
            monitor.read(monotonic, unix);
        }
        if stop.pause(every) {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::ManualClock;

    #[test]
    fn without_a_rhythm_there_is_no_thread_and_readings_are_made_by_hand() {
        let clock = ManualClock::new();
        let registry = Registry::with_clock(clock.clone());
        let sampler = Sampler::start(Monitor::new(), &registry, None).unwrap();
        assert!(sampler.readings().latest().is_none());
        clock.advance(Duration::from_secs(7));
        let reading = sampler.read(&registry).unwrap();
        assert_eq!(reading.monotonic, Duration::from_secs(7));
        assert!(sampler.wait(Duration::ZERO));
    }

    #[test]
    fn a_reading_that_hangs_holds_up_neither_who_asks_nor_who_stops() {
        let sampler = Sampler::start(Monitor::new(), &Registry::new(), None).unwrap();
        // A file system that does not answer keeps the lock for as long as it likes.
        let _hangs = sampler.monitor.lock().unwrap();
        assert!(sampler.read(&Registry::new()).is_none());
        assert!(sampler.readings().all().is_empty());
        *sampler.thread.lock().unwrap() = Some(std::thread::spawn(|| ()));
        sampler.ask_to_stop();
        assert!(!sampler.wait(Duration::from_millis(1)));
    }
}
