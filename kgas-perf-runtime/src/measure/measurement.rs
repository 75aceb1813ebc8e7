//! Stub of the guards: the real ones have the same signatures.
use crate::measure::{call_site::CallSite, outcome::Outcome};
use std::cell::Cell;
/// `memory = "sampled"`.
pub const SAMPLED: u8 = 0;
/// `memory = "exact"`.
pub const EXACT: u8 = 1;
/// `memory = "off"`.
pub const OFF: u8 = 2;

/// A synchronous call in progress: `!Send`, lives on the stack, ends by drop.
pub struct Guard<const MEMORY: u8> { outcome: Cell<Outcome>, _not_send: std::marker::PhantomData<*const ()> }
/// `size` is `Some` exactly when the site's spec says `sized`. `fallback` is the outcome recorded at drop when `set` was never called and no panic passes through.
#[inline(always)]
pub fn start<const MEMORY: u8>(_site: &'static CallSite, _size: Option<u64>, _argument_bytes: u64, fallback: Outcome) -> Guard<MEMORY> { Guard { outcome: Cell::new(fallback), _not_send: std::marker::PhantomData } }
impl<const MEMORY: u8> Guard<MEMORY> { #[inline(always)] pub fn set(&self, outcome: Outcome) { self.outcome.set(outcome) } }
impl<const MEMORY: u8> Drop for Guard<MEMORY> { #[inline(always)] fn drop(&mut self) { let _ = self.outcome.get(); } }

/// An asynchronous call in progress: lives in the future, `Send + Sync + UnwindSafe`, at most 48 bytes.
/// Dropped without `set`: cancelled (or panicked while unwinding).
pub struct AsyncGuard<const MEMORY: u8> { outcome: Cell<Outcome> }
unsafe impl<const M: u8> Sync for AsyncGuard<M> {}
impl<const M: u8> std::panic::RefUnwindSafe for AsyncGuard<M> {}
#[inline(always)]
pub fn start_async<const MEMORY: u8>(_site: &'static CallSite, _size: Option<u64>, _argument_bytes: u64) -> AsyncGuard<MEMORY> { AsyncGuard { outcome: Cell::new(Outcome::Cancelled) } }
impl<const MEMORY: u8> AsyncGuard<MEMORY> {
    /// Says how the call will have ended if the guard is dropped from here on. `Outcome::Cancelled` takes it back.
    #[inline(always)] pub fn set(&self, outcome: Outcome) { self.outcome.set(outcome) }
}
impl<const MEMORY: u8> Drop for AsyncGuard<MEMORY> { fn drop(&mut self) { let _ = self.outcome.get(); } }
