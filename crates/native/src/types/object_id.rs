//! `ObjectId`: twelve bytes that identify a document.
//!
//! Its value is atomic because `__init__` and `__setstate__` run after the object exists; a reader that races with
//! them sees some bytes, never memory that is not its own.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use pyo3::basic::CompareOp;
use pyo3::exceptions::{PyKeyError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyString, PyTuple, PyType};

use super::object_id_generator::generate;
use crate::ffi::text;

/// A MongoDB ObjectId.
///
/// :param oid: 12 bytes, 24 hexadecimal digits or another ObjectId; None makes a new one
/// :raises InvalidId: for text that is not 24 hexadecimal digits, or other than 12 bytes
/// :raises TypeError: for anything else
#[pyclass(frozen, subclass, module = "petiole.bson.objectid")]
pub struct ObjectId {
    head: AtomicU64,
    tail: AtomicU32,
}

impl ObjectId {
    /// An ObjectId of these bytes.
    #[inline(always)]
    pub fn new_bound(py: Python<'_>, bytes: [u8; 12]) -> PyResult<Bound<'_, Self>> {
        Bound::new(py, Self::from_bytes(bytes))
    }

    #[inline(always)]
    fn from_bytes(bytes: [u8; 12]) -> Self {
        let (head, tail) = halves(bytes);
        Self {
            head: AtomicU64::new(head),
            tail: AtomicU32::new(tail),
        }
    }

    /// The twelve bytes.
    #[inline(always)]
    pub fn bytes(&self) -> [u8; 12] {
        let mut bytes = [0; 12];
        bytes[..8].copy_from_slice(&self.head.load(Ordering::Relaxed).to_be_bytes());
        bytes[8..].copy_from_slice(&self.tail.load(Ordering::Relaxed).to_be_bytes());
        bytes
    }

    fn set(&self, bytes: [u8; 12]) {
        let (head, tail) = halves(bytes);
        self.head.store(head, Ordering::Relaxed);
        self.tail.store(tail, Ordering::Relaxed);
    }

    fn hex(&self) -> String {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let digits = self
            .bytes()
            .into_iter()
            .flat_map(|byte| [byte >> 4, byte & 15]);
        digits
            .map(|digit| char::from(DIGITS[usize::from(digit)]))
            .collect()
    }
}

#[inline(always)]
fn halves(bytes: [u8; 12]) -> (u64, u32) {
    let [a, b, c, d, e, f, g, h, i, j, k, l] = bytes;
    (
        u64::from_be_bytes([a, b, c, d, e, f, g, h]),
        u32::from_be_bytes([i, j, k, l]),
    )
}

/// The bytes that an argument of the constructor means.
fn parse(oid: &Bound<'_, PyAny>) -> PyResult<[u8; 12]> {
    let py = oid.py();
    if oid.is_none() {
        return generate(py);
    }
    if let Ok(other) = oid.cast::<ObjectId>() {
        return Ok(other.get().bytes());
    }
    if let Ok(digits) = oid.cast::<PyString>() {
        return from_hex(text::utf8(digits.as_borrowed()).unwrap_or_default())
            .ok_or_else(|| invalid(oid));
    }
    if let Ok(bytes) = oid.cast::<PyBytes>()
        && let Ok(bytes) = bytes.as_bytes().try_into()
    {
        return Ok(bytes);
    }
    // An ObjectId of PyMongo's own package.
    if oid
        .getattr_opt("_type_marker")?
        .is_some_and(|marker| marker.eq(7).unwrap_or(false))
    {
        return oid.getattr("binary")?.extract();
    }
    let message = format!(
        "id must be an instance of (bytes, str, ObjectId), not {}",
        oid.get_type().repr()?
    );
    Err(PyTypeError::new_err(message))
}

fn from_hex(digits: &[u8]) -> Option<[u8; 12]> {
    let digits: &[u8; 24] = digits.try_into().ok()?;
    let value = |digit: u8| char::from(digit).to_digit(16);
    let mut bytes = [0; 12];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = (value(pair[0])? << 4 | value(pair[1])?) as u8;
    }
    Some(bytes)
}

#[cold]
fn invalid(oid: &Bound<'_, PyAny>) -> PyErr {
    let make = || -> PyResult<PyErr> {
        let class = oid
            .py()
            .import("petiole.bson.errors")?
            .getattr("InvalidId")?;
        let advice = "it must be a 12-byte input or a 24-character hex string";
        let message = format!("{} is not a valid ObjectId, {advice}", oid.repr()?);
        Ok(PyErr::from_value(class.call1((message,))?))
    };
    make().unwrap_or_else(|error| error)
}

#[pymethods]
impl ObjectId {
    #[classattr]
    #[pyo3(name = "_type_marker")]
    const TYPE_MARKER: u8 = 7;

    // The arguments are `__init__`'s, so that a subclass may take others and hand on what it likes.
    #[new]
    #[pyo3(signature = (*_args, **_kwargs), text_signature = "(oid=None)")]
    fn new(_args: &Bound<'_, PyTuple>, _kwargs: Option<&Bound<'_, PyDict>>) -> Self {
        Self::from_bytes([0; 12])
    }

    #[pyo3(signature = (oid = None))]
    fn __init__(&self, py: Python<'_>, oid: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
        self.set(match oid {
            None => generate(py)?,
            Some(oid) => parse(oid)?,
        });
        Ok(())
    }

    /// An ObjectId with the time given and zeros after it: for queries by time, not for documents.
    ///
    /// :param generation_time: a datetime; a naive one is in UTC
    #[classmethod]
    fn from_datetime<'py>(
        class: &Bound<'py, PyType>,
        generation_time: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let seconds = super::timestamp::seconds_of(generation_time)?;
        let seconds = u32::try_from(seconds).map_err(|_| {
            let text = "generation_time must be between 1970 and 2106: its seconds are an unsigned 32-bit number";
            match class.py().import("struct").and_then(|module| module.getattr("error")?.call1((text,))) {
                Ok(error) => PyErr::from_value(error),
                Err(error) => error,
            }
        })?;
        let mut bytes = [0; 12];
        bytes[..4].copy_from_slice(&seconds.to_be_bytes());
        class.call1((PyBytes::new(class.py(), &bytes),))
    }

    /// Whether the constructor would take the value; None is not valid.
    #[classmethod]
    fn is_valid(_class: &Bound<'_, PyType>, oid: &Bound<'_, PyAny>) -> bool {
        // Only an empty value can be None or text of no length: neither names an ObjectId.
        oid.is_truthy().unwrap_or(false) && parse(oid).is_ok()
    }

    /// The twelve bytes.
    #[getter]
    fn binary<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.bytes())
    }

    /// When the ObjectId was made, to the second; an aware datetime in UTC.
    #[getter]
    fn generation_time<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        super::timestamp::datetime_of(py, (self.head.load(Ordering::Relaxed) >> 32) as u32)
    }

    fn __getstate__<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        self.binary(py)
    }

    /// Takes the bytes, or the dictionary or the Latin-1 text that old pickles hold.
    fn __setstate__(&self, value: &Bound<'_, PyAny>) -> PyResult<()> {
        let state = match value.cast::<PyDict>() {
            Ok(state) => {
                let name = "_ObjectId__id";
                state
                    .get_item(name)?
                    .ok_or_else(|| PyKeyError::new_err(name))?
            }
            Err(_) => value.clone(),
        };
        let bytes = match state.cast::<PyString>() {
            Ok(text) => text.call_method1("encode", ("latin-1",))?.extract()?,
            Err(_) => state.extract()?,
        };
        self.set(bytes);
        Ok(())
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<super::Reduced<'py>> {
        super::reduce(slf.as_any())
    }

    fn __str__(&self) -> String {
        self.hex()
    }

    fn __repr__(slf: &Bound<'_, Self>) -> PyResult<String> {
        // A subclass may have a text of its own.
        Ok(format!("ObjectId('{}')", slf.str()?))
    }

    fn __hash__<'py>(&self, py: Python<'py>) -> PyResult<isize> {
        // As of the bytes, so that both kinds of key fall into one bucket as in PyMongo.
        self.binary(py).hash()
    }

    fn __richcmp__<'py>(
        slf: &Bound<'py, Self>,
        other: &Bound<'py, PyAny>,
        op: CompareOp,
    ) -> PyResult<Py<PyAny>> {
        let py = slf.py();
        let Ok(other) = other.cast::<Self>() else {
            return Ok(py.NotImplemented());
        };
        let answer = op.matches(slf.get().bytes().cmp(&other.get().bytes()));
        Ok(super::super::bson::constant(py, answer).unbind())
    }
}
