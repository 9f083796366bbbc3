//! Integers and doubles.

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyFloat, PyInt};

use super::raised::Raised;

/// A new int.
#[inline(always)]
pub fn new_int(py: Python<'_>, value: i64) -> Result<Bound<'_, PyAny>, Raised> {
    // SAFETY: returns a new reference, or null with an exception.
    unsafe { Bound::from_owned_ptr_or_opt(py, ffi::PyLong_FromLongLong(value)) }
        .ok_or_else(|| Raised::new(py))
}

/// A new float.
#[inline(always)]
pub fn new_float(py: Python<'_>, value: f64) -> Result<Bound<'_, PyAny>, Raised> {
    // SAFETY: returns a new reference, or null with an exception.
    unsafe { Bound::from_owned_ptr_or_opt(py, ffi::PyFloat_FromDouble(value)) }
        .ok_or_else(|| Raised::new(py))
}

/// The value of an int, or None if it does not fit in 64 bits.
#[inline(always)]
pub fn as_i64(number: Borrowed<'_, '_, PyInt>) -> Option<i64> {
    let mut overflow = 0;
    // SAFETY: `number` is an int, so no conversion runs and the function cannot raise.
    let value = unsafe { ffi::PyLong_AsLongLongAndOverflow(number.as_ptr(), &raw mut overflow) };
    (overflow == 0).then_some(value)
}

/// The value of a float.
#[inline(always)]
pub fn as_f64(number: Borrowed<'_, '_, PyFloat>) -> f64 {
    // SAFETY: `number` is a float.
    unsafe { ffi::PyFloat_AS_DOUBLE(number.as_ptr()) }
}
