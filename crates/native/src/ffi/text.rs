//! Strings and bytes: in without a copy, out with one.

use std::ffi::{CStr, c_char};
use std::mem::MaybeUninit;

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

use super::raised::Raised;

/// A string of `bytes`, which must be UTF-8; most are ASCII and need only a copy.
#[inline(always)]
pub fn new_str<'py>(py: Python<'py>, bytes: &[u8]) -> Result<Bound<'py, PyAny>, Raised> {
    if bytes.is_ascii() {
        return new_ascii(py, bytes);
    }
    decode_utf8(py, bytes, None)
}

#[inline(always)]
fn new_ascii<'py>(py: Python<'py>, bytes: &[u8]) -> Result<Bound<'py, PyAny>, Raised> {
    // SAFETY: with a maximum character of 127 the new string is compact ASCII: its data is `len` bytes and a zero,
    // owned by nobody else yet. The empty string is shared, and nothing is written to it. A slice's length never
    // exceeds isize::MAX.
    unsafe {
        let text = ffi::PyUnicode_New(bytes.len() as ffi::Py_ssize_t, 127);
        if text.is_null() {
            return Err(Raised::new(py));
        }
        if !bytes.is_empty() {
            let data = text.cast::<ffi::PyASCIIObject>().add(1).cast::<u8>();
            std::ptr::copy_nonoverlapping(bytes.as_ptr(), data, bytes.len());
        }
        Ok(Bound::from_owned_ptr(py, text))
    }
}

/// A string of `bytes` by Python's UTF-8 decoder, with the error handler named, or strict.
pub fn decode_utf8<'py>(
    py: Python<'py>,
    bytes: &[u8],
    errors: Option<&CStr>,
) -> Result<Bound<'py, PyAny>, Raised> {
    let errors = errors.map_or(std::ptr::null(), CStr::as_ptr);
    // SAFETY: the pointer and the length are a slice's; `errors` is null or zero-terminated.
    unsafe {
        let text = ffi::PyUnicode_DecodeUTF8(
            bytes.as_ptr().cast::<c_char>(),
            bytes.len() as ffi::Py_ssize_t,
            errors,
        );
        Bound::from_owned_ptr_or_opt(py, text).ok_or_else(|| Raised::new(py))
    }
}

/// The UTF-8 of a string: its own data where it is ASCII, else the form that Python caches inside it.
/// It fails for lone surrogates.
#[inline(always)]
pub fn utf8<'a>(text: Borrowed<'a, '_, PyString>) -> Result<&'a [u8], Raised> {
    // SAFETY: `text` is a string that lives for 'a; strings are immutable, and both forms live as long as it does.
    unsafe {
        let ptr = text.as_ptr();
        if ffi::PyUnicode_IS_COMPACT_ASCII(ptr) != 0 {
            let data = ptr.cast::<ffi::PyASCIIObject>().add(1).cast::<u8>();
            return Ok(std::slice::from_raw_parts(
                data,
                ffi::PyUnicode_GET_LENGTH(ptr) as usize,
            ));
        }
        let mut length = 0;
        let data = ffi::PyUnicode_AsUTF8AndSize(ptr, &raw mut length);
        if data.is_null() {
            return Err(Raised::new(text.py()));
        }
        Ok(std::slice::from_raw_parts(
            data.cast::<u8>(),
            length as usize,
        ))
    }
}

/// A new bytes object.
#[inline]
pub fn new_bytes<'py>(py: Python<'py>, bytes: &[u8]) -> Result<Bound<'py, PyAny>, Raised> {
    // SAFETY: the pointer and the length are a slice's.
    unsafe {
        let object = ffi::PyBytes_FromStringAndSize(
            bytes.as_ptr().cast::<c_char>(),
            bytes.len() as ffi::Py_ssize_t,
        );
        Bound::from_owned_ptr_or_opt(py, object).ok_or_else(|| Raised::new(py))
    }
}

/// The bytes of a bytes object.
#[inline(always)]
pub fn bytes<'a>(object: Borrowed<'a, '_, PyBytes>) -> &'a [u8] {
    // SAFETY: `object` is a bytes object that lives for 'a, and bytes are immutable.
    unsafe {
        let ptr = object.as_ptr();
        std::slice::from_raw_parts(
            ffi::PyBytes_AS_STRING(ptr).cast::<u8>(),
            ffi::PyBytes_Size(ptr) as usize,
        )
    }
}

/// A copy of what a buffer holds, whatever its items and its strides are.
pub fn copy_buffer(object: &Bound<'_, PyAny>) -> Result<Vec<u8>, Raised> {
    let mut view = MaybeUninit::<ffi::Py_buffer>::uninit();
    // SAFETY: on success the view is filled, until its release; on failure it is left alone. The copy writes exactly
    // `len` bytes, and the vector has as many.
    unsafe {
        if ffi::PyObject_GetBuffer(object.as_ptr(), view.as_mut_ptr(), ffi::PyBUF_FULL_RO) != 0 {
            return Err(Raised::new(object.py()));
        }
        let mut view = view.assume_init();
        let mut copied = vec![0; view.len as usize];
        let status = ffi::PyBuffer_ToContiguous(
            copied.as_mut_ptr().cast(),
            &raw mut view,
            view.len,
            b'C' as c_char,
        );
        ffi::PyBuffer_Release(&raw mut view);
        if status == 0 {
            Ok(copied)
        } else {
            Err(Raised::new(object.py()))
        }
    }
}

/// Replaces a string by the interpreter's one copy of it, whose hash is known.
pub fn intern<'py>(text: Bound<'py, PyAny>) -> Bound<'py, PyAny> {
    let py = text.py();
    let mut ptr = text.into_ptr();
    // SAFETY: `ptr` is an owned reference; the function swaps it for another owned reference.
    unsafe {
        ffi::PyUnicode_InternInPlace(&raw mut ptr);
        Bound::from_owned_ptr(py, ptr)
    }
}
