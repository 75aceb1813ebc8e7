//! `Arena`: zeroed memory for one recording thread, never taken from the program's allocator.
//!
//! A measured function may be the allocator itself, may run inside it, or may be watched for
//! its allocations; so recording must not allocate there. The arena takes chunks straight from
//! the operating system and hands them out from front to back. Nothing is given back before the
//! arena is dropped: what it holds is bounded by what one thread records.

use std::cell::Cell;
use std::ptr::NonNull;

/// Bytes asked from the system at a time. They become resident only as they are touched.
const CHUNK: usize = 256 * 1024;

/// At the start of each chunk: the chunk before it.
const HEADER: usize = 64;

/// A bump allocator that one thread at a time may use.
#[derive(Debug)]
pub(crate) struct Arena {
    next: Cell<*mut u8>,
    left: Cell<usize>,
    chunk: Cell<*mut u8>,
}

impl Arena {
    /// An arena that holds nothing yet.
    pub(crate) const fn new() -> Self {
        Self {
            next: Cell::new(std::ptr::null_mut()),
            left: Cell::new(0),
            chunk: Cell::new(std::ptr::null_mut()),
        }
    }

    /// Room for a `T`, all bytes zero and aligned to a cache line; `None` when the system has no
    /// more memory. `T` must be smaller than a chunk.
    pub(crate) fn zeroed<T>(&self) -> Option<NonNull<T>> {
        const { assert!(size_of::<T>() <= CHUNK - HEADER && align_of::<T>() <= 64) };
        let bytes = size_of::<T>().next_multiple_of(64);
        if self.left.get() < bytes {
            let chunk = map_zeroed(CHUNK)?.as_ptr();
            // SAFETY: a fresh chunk is `CHUNK` writable bytes, aligned to a page.
            unsafe { chunk.cast::<*mut u8>().write(self.chunk.get()) };
            self.chunk.set(chunk);
            self.next.set(chunk.wrapping_add(HEADER));
            self.left.set(CHUNK - HEADER);
        }
        let place = self.next.get();
        self.next.set(place.wrapping_add(bytes));
        self.left.set(self.left.get() - bytes);
        NonNull::new(place.cast())
    }
}

impl Drop for Arena {
    fn drop(&mut self) {
        let mut chunk = self.chunk.get();
        while !chunk.is_null() {
            // SAFETY: `zeroed` wrote the link; every chunk came from `map_zeroed(CHUNK)`, and
            // whoever drops the arena has made sure that nothing in it is used any more.
            unsafe {
                let before = chunk.cast::<*mut u8>().read();
                unmap(chunk, CHUNK);
                chunk = before;
            }
        }
    }
}

/// Zeroed pages from the operating system; `None` when it refuses.
#[cfg(unix)]
pub(crate) fn map_zeroed(bytes: usize) -> Option<NonNull<u8>> {
    // SAFETY: an anonymous private mapping touches no memory that exists.
    let place = unsafe {
        libc::mmap(
            std::ptr::null_mut(),
            bytes,
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_PRIVATE | libc::MAP_ANON | libc::MAP_NORESERVE,
            -1,
            0,
        )
    };
    if place == libc::MAP_FAILED {
        return None;
    }
    NonNull::new(place.cast())
}

/// Gives pages back.
///
/// # Safety
/// `place` and `bytes` are those of one `map_zeroed`, and nobody uses the pages any more.
#[cfg(unix)]
pub(crate) unsafe fn unmap(place: *mut u8, bytes: usize) {
    // SAFETY: the caller's promise.
    unsafe { libc::munmap(place.cast(), bytes) };
}

/// Zeroed memory from the system's allocator, where there is no `mmap`.
#[cfg(not(unix))]
pub(crate) fn map_zeroed(bytes: usize) -> Option<NonNull<u8>> {
    use std::alloc::{GlobalAlloc, Layout, System};
    let layout = Layout::from_size_align(bytes, 4096).ok()?;
    // SAFETY: no caller asks for zero bytes.
    NonNull::new(unsafe { System.alloc_zeroed(layout) })
}

/// Gives memory back.
///
/// # Safety
/// `place` and `bytes` are those of one `map_zeroed`, and nobody uses the memory any more.
#[cfg(not(unix))]
pub(crate) unsafe fn unmap(place: *mut u8, bytes: usize) {
    use std::alloc::{GlobalAlloc, Layout, System};
    if let Ok(layout) = Layout::from_size_align(bytes, 4096) {
        // SAFETY: the caller's promise; the layout is the one it was allocated with.
        unsafe { System.dealloc(place, layout) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hands_out_zeroed_aligned_places_that_do_not_overlap() {
        let arena = Arena::new();
        let mut places = Vec::new();
        for _ in 0..2_000 {
            let place = arena.zeroed::<[u64; 40]>().expect("memory");
            assert_eq!(place.addr().get() % 64, 0);
            // SAFETY: the place is ours, zeroed and large enough.
            let words = unsafe { &mut *place.as_ptr() };
            assert_eq!(words, &[0; 40]);
            words.fill(u64::MAX);
            places.push(place.addr().get());
        }
        places.sort_unstable();
        assert!(places.windows(2).all(|pair| pair[1] - pair[0] >= 320));
    }
}
