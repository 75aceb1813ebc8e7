//! `Crew`: the threads that call, kept from sample to sample.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

type Work = &'static (dyn Fn(u64) + Sync);

/// The calling thread alone, or so many others.
pub(crate) struct Crew {
    hands: Vec<Hand>,
}

struct Hand {
    orders: Sender<(Work, u64)>,
    done: Receiver<()>,
    /// `None` only while the crew is dismissed.
    thread: Option<JoinHandle<()>>,
}

impl Crew {
    /// One thread is the calling one; more are hired.
    pub(crate) fn new(threads: usize) -> Self {
        let hired = if threads == 1 { 0 } else { threads };
        Self { hands: (0..hired).map(|_| Hand::hire()).collect() }
    }

    pub(crate) fn threads(&self) -> usize {
        self.hands.len().max(1)
    }

    /// Lets every thread do the work with so many calls, and waits for all of them.
    pub(crate) fn run(&self, work: &(dyn Fn(u64) + Sync), calls: u64) {
        if self.hands.is_empty() {
            return work(calls);
        }
        // SAFETY: every thread is done with the work when this function returns.
        let work: Work = unsafe { std::mem::transmute::<&(dyn Fn(u64) + Sync), Work>(work) };
        for hand in &self.hands {
            hand.orders.send((work, calls)).expect("the thread waits for orders");
        }
        for hand in &self.hands {
            hand.done.recv().expect("the thread tells when it is done");
        }
    }
}

impl Hand {
    fn hire() -> Self {
        let (orders, taken) = channel::<(Work, u64)>();
        let (tell, done) = channel();
        let thread = std::thread::spawn(move || {
            for (work, calls) in taken {
                work(calls);
                tell.send(()).expect("the crew waits");
            }
        });
        Self { orders, done, thread: Some(thread) }
    }
}

impl Drop for Hand {
    fn drop(&mut self) {
        // Without anybody to give orders the thread's loop ends.
        self.orders = channel().0;
        if let Some(thread) = self.thread.take() {
            thread.join().expect("the thread did not panic");
        }
    }
}
