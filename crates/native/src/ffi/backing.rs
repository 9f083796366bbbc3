//! The memory of a message: a `bytes` object, a `bytearray` pinned through the buffer protocol, or our own.

use pyo3::buffer::PyBuffer;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

enum Memory {
    Bytes(Py<PyBytes>),
    Pinned(PyBuffer<u8>),
    Owned(Vec<u8>),
}

/// Bytes that stay where they are and as they are for as long as this lives.
pub struct Backing(Memory);

impl Backing {
    /// Holds on to `object`: `bytes`, or a contiguous buffer that nobody writes to any more.
    pub fn new(object: &Bound<'_, PyAny>) -> PyResult<Self> {
        if let Ok(bytes) = object.cast::<PyBytes>() {
            return Ok(Self(Memory::Bytes(bytes.clone().unbind())));
        }
        let buffer = PyBuffer::<u8>::get(object)?;
        if !buffer.is_c_contiguous() {
            return Err(pyo3::exceptions::PyBufferError::new_err(
                "a message must be contiguous",
            ));
        }
        Ok(Self(Memory::Pinned(buffer)))
    }

    /// Memory of our own.
    pub fn owned(bytes: Vec<u8>) -> Self {
        Self(Memory::Owned(bytes))
    }

    /// The bytes.
    pub fn as_slice<'a>(&'a self, py: Python<'a>) -> &'a [u8] {
        match &self.0 {
            Memory::Bytes(bytes) => bytes.as_bytes(py),
            // SAFETY: the buffer is contiguous and exported, so it is neither moved nor resized while this
            // lives; it is a message the driver has received whole and hands to nobody who writes.
            Memory::Pinned(buffer) => unsafe {
                std::slice::from_raw_parts(buffer.buf_ptr().cast::<u8>(), buffer.len_bytes())
            },
            Memory::Owned(bytes) => bytes,
        }
    }
}
