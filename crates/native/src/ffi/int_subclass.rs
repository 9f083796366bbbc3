//! Instances of subclasses of int, written in place.
//!
//! CPython's own way makes an int, packs it into a tuple, and copies its digits into the new object. Decoding makes so
//! many `Int64`s that it pays to write the digits directly; that depends on the layout of int, which is known for the
//! versions below. For others there is CPython's way.

use pyo3::ffi;
use pyo3::prelude::*;

use super::number;
use super::object::Derived;
use super::raised::Raised;

const DIGIT_BITS: u32 = 30;
const DIGIT_MASK: u64 = (1 << DIGIT_BITS) - 1;
/// Digits of 30 bits that a 64-bit number needs at most.
const MOST: usize = 3;

/// Up to 3.11: the number of digits is the object's size, negative for a negative number.
#[cfg(not(Py_3_12))]
#[repr(C)]
struct Layout {
    base: ffi::PyVarObject,
    digits: [u32; MOST],
}

/// From 3.12 on: a tag, with the number of digits above three bits, of which the lower two tell the sign.
#[cfg(all(Py_3_12, not(Py_3_15)))]
#[repr(C)]
struct Layout {
    base: ffi::PyObject,
    tag: usize,
    digits: [u32; MOST],
}

/// A new instance of `class`, which derives from int, of the value.
#[cfg(not(any(Py_3_15, Py_GIL_DISABLED, PyPy, GraalPy)))]
#[inline(always)]
pub fn new_int_of<'py>(
    py: Python<'py>,
    class: &Derived,
    value: i64,
) -> Result<Bound<'py, PyAny>, Raised> {
    let magnitude = value.unsigned_abs();
    let digits = [
        (magnitude & DIGIT_MASK) as u32,
        (magnitude >> DIGIT_BITS & DIGIT_MASK) as u32,
        (magnitude >> (2 * DIGIT_BITS)) as u32,
    ];
    let count = MOST - digits.iter().rev().take_while(|&&digit| digit == 0).count();
    let Some(allocate) = class.int_allocator() else {
        return class.make(py, Some(number::new_int(py, value)?));
    };
    // SAFETY: `allocate` is the class's own, whose instances are laid out as int's, and gives an object with room for
    // as many digits as asked for: at least one, as int itself always has. It is zeroed and nobody else's yet.
    unsafe {
        let object = allocate(
            class.class().as_ptr().cast(),
            count.max(1) as ffi::Py_ssize_t,
        );
        if object.is_null() {
            return Err(Raised::new(py));
        }
        let layout = object.cast::<Layout>();
        let target = (&raw mut (*layout).digits).cast::<u32>();
        for (place, digit) in digits.iter().take(count).enumerate() {
            *target.add(place) = *digit;
        }
        #[cfg(not(Py_3_12))]
        {
            (*layout).base.ob_size = if value < 0 {
                -(count as ffi::Py_ssize_t)
            } else {
                count as ffi::Py_ssize_t
            };
        }
        #[cfg(Py_3_12)]
        {
            let sign = if value == 0 {
                1
            } else {
                usize::from(value < 0) * 2
            };
            (*layout).tag = count << 3 | sign;
        }
        Ok(Bound::from_owned_ptr(py, object))
    }
}

/// A new instance of `class`, which derives from int, of the value.
#[cfg(any(Py_3_15, Py_GIL_DISABLED, PyPy, GraalPy))]
pub fn new_int_of<'py>(
    py: Python<'py>,
    class: &Derived,
    value: i64,
) -> Result<Bound<'py, PyAny>, Raised> {
    class.make(py, Some(number::new_int(py, value)?))
}
