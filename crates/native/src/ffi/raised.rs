//! "The interpreter's error indicator is set", as a type.

use std::marker::PhantomData;

use pyo3::prelude::*;

/// Proof that a C function failed and left an exception behind. Free to make and to pass on; the exception is only
/// fetched where it becomes a [`PyErr`].
///
/// It cannot leave its thread, and it is only made by code that holds the interpreter. Dropping it clears the
/// exception, so that one that is not passed on does not come out somewhere else.
#[derive(Debug)]
#[must_use]
pub struct Raised(PhantomData<*mut ()>);

impl Raised {
    /// A C function has just reported failure.
    #[cold]
    pub(super) fn new(_py: Python<'_>) -> Self {
        Self(PhantomData)
    }

    /// Takes the exception out of the interpreter.
    #[cold]
    pub fn fetch(self, py: Python<'_>) -> PyErr {
        std::mem::forget(self);
        PyErr::fetch(py)
    }
}

impl Drop for Raised {
    #[cold]
    fn drop(&mut self) {
        // The interpreter is held already: this only gets the token for it.
        Python::attach(|py| drop(PyErr::take(py)));
    }
}
