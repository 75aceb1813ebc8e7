//! `Handle`: what is installed, and how it is taken down.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::baseline::Baseline;
use crate::catalog::Catalogue;
use crate::collector::{Collector, Tick};
use crate::install::error::{InstallError, ShutdownError};
use crate::install::sampler::Sampler;
use crate::install::stop::Stop;
use crate::install::watcher::{EVERY, Watcher};
use crate::measure::MemoryResolution;
use crate::registry::{Registry, Snapshot};
use crate::resource::{Monitor, Reading, Readings};
use crate::store::{Archive, Status, StoreError, Writer};

/// An installed runtime. Clones are the same one.
///
/// Dropping the last handle of a runtime asks its thread to stop and does not wait for it; a
/// runtime over the global registry stays until [`Handle::shutdown`].
#[derive(Clone, Debug)]
pub struct Handle {
    runtime: Arc<Runtime>,
}

#[derive(Debug)]
pub(crate) struct Runtime {
    collector: Arc<Collector>,
    memory: Option<MemoryResolution>,
    sampler: Option<Sampler>,
    stop: Arc<Stop>,
    /// Whether there was ever a thread.
    ticks: bool,
    /// Taken by whoever has waited for its end.
    thread: Mutex<Option<JoinHandle<()>>>,
    /// A process made by `fork` has a copy of this, and not the thread.
    process: u32,
}

/// The runtime over the global registry.
static INSTALLED: Mutex<Option<Arc<Runtime>>> = Mutex::new(None);

impl Handle {
    pub(crate) fn of(runtime: Runtime) -> Self {
        Self { runtime: Arc::new(runtime) }
    }

    /// The runtime over the global registry, started if there is none in this process.
    pub(crate) fn global(
        start: impl FnOnce() -> Result<Runtime, InstallError>,
    ) -> Result<Self, InstallError> {
        let mut installed = INSTALLED.lock().unwrap_or_else(PoisonError::into_inner);
        let here = std::process::id();
        if let Some(runtime) =
            installed.as_ref().filter(|known| known.process == here && !known.stop.is_asked())
        {
            return Ok(Self { runtime: Arc::clone(runtime) });
        }
        let runtime = Arc::new(start()?);
        if let Some(inherited) = installed.replace(Arc::clone(&runtime))
            && inherited.process != here
        {
            // Its thread does not exist here, so nobody can wait for it.
            std::mem::forget(inherited);
        }
        Ok(Self { runtime })
    }

    /// Ticks now, beside the rhythm.
    pub fn tick(&self) -> Tick {
        self.runtime.collector.tick()
    }

    /// Copies everything that was recorded so far.
    pub fn snapshot(&self) -> Snapshot {
        self.registry().snapshot()
    }

    /// The registry it looks at.
    pub fn registry(&self) -> &Registry {
        self.runtime.collector.registry()
    }

    /// What learns and judges.
    pub fn collector(&self) -> &Collector {
        &self.runtime.collector
    }

    /// The baselines learned so far, by operation and size class.
    pub fn baselines(&self) -> Vec<Baseline> {
        self.runtime.collector.baselines()
    }

    /// The operations and objectives, with overrides.
    pub fn catalogue(&self) -> &Catalogue {
        self.runtime.collector.catalogue()
    }

    /// How finely this machine reports the resident set, as it was found when the runtime was
    /// installed: what RSS deltas are true to. `None` where it cannot be read.
    pub fn memory_resolution(&self) -> Option<MemoryResolution> {
        self.runtime.memory
    }

    /// What resources read in the last hour, and what reading costs; `None` where nobody reads
    /// them, and in a process made by `fork`, which has no thread to do so.
    pub fn resources(&self) -> Option<&Readings> {
        Some(self.sampler()?.readings())
    }

    /// Reads resources now, on this thread, besides the rhythm; the next tick judges it. `None`
    /// as for [`Self::resources`], and while another reading is under way.
    ///
    /// # Examples
    /// ```
    /// use kgas_perf_runtime::Registry;
    /// use kgas_perf_runtime::install::Builder;
    ///
    /// let handle = Builder::new().registry(Registry::new()).tick_by_hand().install()?;
    /// let reading = handle.read_resources().unwrap();
    /// assert_eq!(handle.resources().unwrap().latest(), Some(reading));
    /// # Ok::<(), kgas_perf_runtime::install::InstallError>(())
    /// ```
    pub fn read_resources(&self) -> Option<Arc<Reading>> {
        self.sampler()?.read(self.registry())
    }

    /// A process made by `fork` may have inherited locks that nobody there can open.
    fn sampler(&self) -> Option<&Sampler> {
        self.runtime.sampler.as_ref().filter(|_| self.runtime.process == std::process::id())
    }

    /// What became of everything that was to be kept beyond the process, and how its store is;
    /// `None` where nothing is kept.
    pub fn store_status(&self) -> Option<Status> {
        Some(self.runtime.collector.writer()?.status())
    }

    /// Opens what was kept, for reading: calls by the minute, hour and day, baselines, alerts,
    /// notes. `None` where nothing is kept, or it cannot be read back, and in a process made by
    /// `fork`.
    ///
    /// # Errors
    /// If it cannot be opened.
    pub fn archive(&self) -> Option<Result<Box<dyn Archive>, StoreError>> {
        let here = self.runtime.process == std::process::id();
        self.runtime.collector.writer().filter(|_| here)?.archive()
    }

    /// Keeps what waits to be kept, now and on this thread: before an exit without
    /// [`Handle::shutdown`], or where ticks are made by hand.
    ///
    /// # Errors
    /// If the store failed; what waits goes on waiting.
    pub fn flush(&self) -> Result<(), StoreError> {
        let here = self.runtime.process == std::process::id();
        let writer = self.runtime.collector.writer().filter(|_| here);
        writer.map_or(Ok(()), |writer| writer.flush())
    }

    /// Asks the collector to tick a last time and stop, and the store to be closed, and waits for
    /// that at most this long.
    ///
    /// Asking again, from any handle, is fine. It needs no asynchronous runtime; inside one it
    /// blocks its thread until the last tick is over, commonly for milliseconds. Calls are
    /// measured after it as before; nobody judges them.
    ///
    /// # Errors
    /// If the last tick, or a reading of resources, was not over in time.
    pub fn shutdown(&self, deadline: Duration) -> Result<(), ShutdownError> {
        let runtime = &self.runtime;
        let begin = self.registry().now().0;
        let left = || deadline.saturating_sub(self.registry().now().0.saturating_sub(begin));
        if let Some(sampler) = self.sampler() {
            sampler.ask_to_stop();
        }
        runtime.stop.ask();
        if runtime.process != std::process::id() {
            return Ok(());
        }
        if !runtime.ticks {
            runtime.collector.keep_all();
            runtime.collector.writer().into_iter().for_each(|writer| writer.close());
            return self.await_sampler(left(), deadline);
        }
        if !runtime.stop.wait(deadline) {
            return Err(ShutdownError::TimedOut { waited: deadline });
        }
        // Only now, when it has nothing left to do: others may be waiting with deadlines of
        // their own.
        let thread = runtime.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            // A panic of the thread has been printed; there is nothing to add.
            let _ = thread.join();
        }
        self.await_sampler(left(), deadline)
    }

    fn await_sampler(&self, left: Duration, deadline: Duration) -> Result<(), ShutdownError> {
        match self.sampler() {
            Some(sampler) if !sampler.wait(left) => {
                Err(ShutdownError::Reading { waited: deadline })
            }
            _ => Ok(()),
        }
    }
}

impl Runtime {
    pub(crate) fn start(
        collector: Collector,
        tick_every: Option<Duration>,
        reading: Option<(Monitor, Option<Duration>)>,
    ) -> Result<Self, InstallError> {
        let sampler = reading
            .map(|(monitor, every)| Sampler::start(monitor, collector.registry(), every))
            .transpose()?;
        let collector = Arc::new(collector);
        let stop = Arc::new(Stop::default());
        let thread = match tick_every {
            None => None,
            Some(every) => {
                watch(&collector, &stop, every)?;
                let (collector, stop) = (Arc::clone(&collector), Arc::clone(&stop));
                let writing = collector.writer().map(Writer::spawn).transpose();
                let writing = writing.map_err(|source| InstallError::Thread { source })?;
                let thread = std::thread::Builder::new()
                    .name("kgas-perf".to_owned())
                    .spawn(move || run(&collector, &stop, every, writing))
                    .map_err(|source| InstallError::Thread { source })?;
                Some(thread)
            }
        };
        Ok(Self {
            collector,
            memory: MemoryResolution::probe(),
            sampler,
            stop,
            ticks: tick_every.is_some(),
            thread: Mutex::new(thread),
            process: std::process::id(),
        })
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        self.stop.ask();
        if let Some(sampler) = self.sampler.as_ref().filter(|_| self.process == std::process::id())
        {
            sampler.ask_to_stop();
        }
    }
}

/// Starts the thread that notices that the collector's hangs. It ends when that is asked to.
fn watch(
    collector: &Arc<Collector>,
    stop: &Arc<Stop>,
    every: Duration,
) -> Result<(), InstallError> {
    let (collector, stop) = (Arc::clone(collector), Arc::clone(stop));
    let mut watcher = Watcher::new(every);
    let look = move || {
        while !stop.pause(EVERY) {
            let (now, _) = collector.registry().now();
            if let Some(news) = watcher.look(now, collector.last_tick()) {
                news.tell();
            }
        }
    };
    let thread = std::thread::Builder::new().name("kgas-perf-watch".to_owned()).spawn(look);
    thread.map(drop).map_err(|source| InstallError::Thread { source })
}

/// The collector's thread: ticks in its rhythm until it is asked to stop, and once more then; the
/// thread that writes ends after it.
fn run(collector: &Collector, stop: &Stop, every: Duration, writing: Option<JoinHandle<()>>) {
    let _done = stop.done_in_the_end();
    loop {
        let asked = stop.pause(every);
        collector.tick();
        if asked {
            collector.keep_all();
            if let (Some(writer), Some(writing)) = (collector.writer(), writing) {
                writer.ask_to_end();
                // A panic of the thread has been printed; there is nothing to add.
                let _ = writing.join();
            }
            return;
        }
    }
}
