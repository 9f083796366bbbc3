//! A place for one reusable object, for things that are costly to make and needed by one call at a time.

use std::ptr::null_mut;
use std::sync::atomic::{AtomicPtr, Ordering};

/// Holds at most one `T`. Taking and putting never block: who finds it empty makes a new one.
pub struct Pool<T> {
    slot: AtomicPtr<T>,
}

// SAFETY: the pool only moves whole values of `T` between threads.
unsafe impl<T: Send> Sync for Pool<T> {}

impl<T> Pool<T> {
    /// An empty pool.
    pub const fn new() -> Self {
        Self {
            slot: AtomicPtr::new(null_mut()),
        }
    }

    /// Takes what is there.
    pub fn take(&self) -> Option<Box<T>> {
        let found = self.slot.swap(null_mut(), Ordering::Acquire);
        // SAFETY: a pointer in the slot came from `Box::into_raw`, and the swap made it ours alone.
        (!found.is_null()).then(|| unsafe { Box::from_raw(found) })
    }

    /// Leaves `value` for the next one; what another call left meanwhile comes back, to be dropped.
    pub fn put(&self, value: Box<T>) -> Option<Box<T>> {
        let previous = self.slot.swap(Box::into_raw(value), Ordering::AcqRel);
        // SAFETY: as in `take`.
        (!previous.is_null()).then(|| unsafe { Box::from_raw(previous) })
    }
}
