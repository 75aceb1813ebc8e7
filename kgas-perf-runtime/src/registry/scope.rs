//! `Scope`: a stretch in which a thread records in a registry of its own; `Scoped`: a future
//! that does so wherever it is polled.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::ptr::NonNull;
use std::task::{Context, Poll};

use crate::measure::shard::Shard;
use crate::measure::thread::{self, Before};
use crate::registry::Registry;

/// Until it is dropped, the current thread records in the registry that was entered.
///
/// Scopes on one thread end in the reverse order of their beginning. One that does not leaves
/// the thread where it is, and the memory of its registry is then kept for ever.
#[derive(Debug)]
#[must_use = "the thread leaves the registry when the scope is dropped"]
pub struct Scope {
    /// `None` when there was no memory: the thread stayed where it was.
    entered: Option<(NonNull<Shard>, Before)>,
    /// Keeps the shards alive.
    _registry: Registry,
    /// The shard belongs to this thread.
    _not_send: PhantomData<*const ()>,
}

impl Registry {
    /// Makes the current thread record in this registry until the scope is dropped.
    pub fn enter(&self) -> Scope {
        let entered = self.inner.roster.claim().map(|shard| {
            // SAFETY: the scope keeps the registry, and that its shards.
            (shard, thread::enter(unsafe { shard.as_ref() }))
        });
        Scope { entered, _registry: self.clone(), _not_send: PhantomData }
    }

    /// Runs a function whose calls are recorded in this registry, and answers what it answers.
    pub fn run<T>(&self, work: impl FnOnce() -> T) -> T {
        let _scope = self.enter();
        work()
    }

    /// A future whose calls are recorded in this registry, on whatever thread it is polled.
    /// Tasks that it spawns are not: they are other futures.
    pub fn scope<F: Future>(&self, future: F) -> Scoped<F> {
        Scoped { registry: self.clone(), future }
    }
}

impl Drop for Scope {
    fn drop(&mut self) {
        let Some((shard, before)) = &self.entered else {
            return;
        };
        if !std::ptr::eq(thread::current(), shard.as_ptr()) {
            // Out of order: another scope is still to return to this shard, so it stays owned.
            return;
        }
        thread::leave(before);
        // SAFETY: the registry is kept until after this.
        unsafe { shard.as_ref() }.hand_over();
    }
}

/// A future whose calls are recorded in a registry of its own. Made by [`Registry::scope`].
#[derive(Debug)]
#[must_use = "a future does nothing unless it is polled"]
pub struct Scoped<F> {
    registry: Registry,
    future: F,
}

impl<F: Future> Future for Scoped<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        // SAFETY: `future` is pinned with `self` and never moved out of it.
        let (registry, future) = unsafe {
            let this = self.get_unchecked_mut();
            (&this.registry, Pin::new_unchecked(&mut this.future))
        };
        let _scope = registry.enter();
        future.poll(context)
    }
}
