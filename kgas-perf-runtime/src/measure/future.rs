//! Stub of `Measured`: a future measured across its polls, with busy and idle time.
use crate::measure::{call_site::CallSite, outcome::Outcome};
use std::{future::Future, pin::Pin, task::{Context, Poll}};
/// Built in place by struct literal in generated code: `Measured { site, size, argument_bytes, outcome_of, state: State::NEW, future: async move { … } }`.
pub struct Measured<F, J, const MEMORY: u8> {
    pub site: &'static CallSite,
    pub size: Option<u64>,
    pub argument_bytes: u64,
    /// Says how the finished call ended: `|output: &T| -> Outcome`.
    pub outcome_of: J,
    pub state: State,
    pub future: F,
}
/// What `Measured` remembers between polls.
pub struct State { _private: () }
impl State { pub const NEW: Self = Self { _private: () }; }
impl<F: Future, J: FnMut(&F::Output) -> Outcome, const MEMORY: u8> Future for Measured<F, J, MEMORY> {
    type Output = F::Output;
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> { unsafe { self.map_unchecked_mut(|m| &mut m.future) }.poll(cx) }
}
