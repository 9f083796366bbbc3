//! How deep documents may nest: by levels, and by the native stack that the levels have taken.
//!
//! The second bound matters where frames are large (an unoptimised build, a mapping class written in Python between two
//! levels): there the stack would end before the levels do.

use std::hint::black_box;

use super::errors::{Failure, Fault};

/// Levels of nesting that are encoded and decoded. The server takes 180; PyMongo stops at Python's recursion limit.
const MOST_LEVELS: usize = 1000;
/// Bytes of native stack that one call may take: less than the smallest threads that run Python have.
const MOST_STACK: usize = 768 << 10;

/// The levels that are open, and where the stack was when the first one was opened.
pub struct Depth {
    levels: usize,
    start: usize,
}

impl Depth {
    #[inline(always)]
    pub fn new() -> Self {
        Self {
            levels: 0,
            start: stack_address(),
        }
    }

    /// Opens a level.
    #[inline(always)]
    pub fn enter(&mut self) -> Result<(), Failure> {
        if self.levels >= MOST_LEVELS || self.start.abs_diff(stack_address()) > MOST_STACK {
            return Err(Failure::new(Fault::Depth));
        }
        self.levels += 1;
        Ok(())
    }

    /// Closes a level.
    #[inline(always)]
    pub fn leave(&mut self) {
        self.levels -= 1;
    }
}

/// An address in the present frame.
#[inline(always)]
fn stack_address() -> usize {
    let marker = 0u8;
    black_box(&raw const marker) as usize
}
