//! Memory for a large message while it is received: a buffer that Python writes to, used again for the next message.

use std::alloc::{Layout, alloc_zeroed};
use std::cell::UnsafeCell;
use std::ffi::c_int;
use std::mem;
use std::sync::Mutex;

use pyo3::exceptions::{PyBufferError, PyMemoryError};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyMemoryView;

/// The memory of the last large message that nobody holds any more; all of it is initialised. One for the process.
static SPARE: Mutex<Vec<u8>> = Mutex::new(Vec::new());
/// Smaller messages get memory of their own, which costs little.
const LEAST_SPARE: usize = 128 * 1024;
const MOST_SPARE: usize = 8 * 1024 * 1024;

/// Memory that fits `length` bytes: the spare one, unless that is more than twice as large, for whoever holds the
/// message holds all of it; else memory that the system zeroes only where it is written to.
fn take(length: usize) -> PyResult<Vec<u8>> {
    if let Ok(mut spare) = SPARE.try_lock() {
        if (length..=length.saturating_mul(2)).contains(&spare.len()) {
            return Ok(mem::take(&mut spare));
        }
    }
    zeroed(length).ok_or_else(|| PyMemoryError::new_err(()))
}

/// As `vec![0; length]`, which would end the process if there was no such memory.
fn zeroed(length: usize) -> Option<Vec<u8>> {
    if length == 0 {
        return Some(Vec::new());
    }
    let layout = Layout::array::<u8>(length).ok()?;
    // SAFETY: the layout is not empty; what comes back has that layout and is initialised, and the vector owns it.
    unsafe {
        let start = alloc_zeroed(layout);
        (!start.is_null()).then(|| Vec::from_raw_parts(start, length, length))
    }
}

/// What is behind the memoryview; it goes when the last view of it goes.
#[pyclass(frozen, module = "petiole._native")]
struct MessageMemory {
    bytes: UnsafeCell<Vec<u8>>,
    length: usize,
}

// SAFETY: the vector itself is not touched before `drop`; its bytes are reached through exported buffers only, and who
// holds one sees to it that nobody reads while another writes, as with any writable buffer of Python's.
unsafe impl Sync for MessageMemory {}

impl Drop for MessageMemory {
    fn drop(&mut self) {
        let bytes = mem::take(self.bytes.get_mut());
        if (LEAST_SPARE..=MOST_SPARE).contains(&bytes.len()) {
            if let Ok(mut spare) = SPARE.try_lock() {
                *spare = bytes;
            }
        }
    }
}

#[pymethods]
impl MessageMemory {
    /// Exports the first `length` bytes, writable.
    ///
    /// # Safety
    ///
    /// As `bf_getbuffer`: `view` points to a `Py_buffer` to be filled.
    unsafe fn __getbuffer__(
        slf: &Bound<'_, Self>,
        view: *mut ffi::Py_buffer,
        flags: c_int,
    ) -> PyResult<()> {
        let memory = slf.get();
        let length = isize::try_from(memory.length)
            .map_err(|_| PyBufferError::new_err("a message must fit the address space"))?;
        // SAFETY: there are at least `length` bytes, initialised; they stay where they are, since the vector is not
        // changed while the object lives, and `view` keeps the object.
        let filled = unsafe {
            let start = (*memory.bytes.get()).as_mut_ptr();
            ffi::PyBuffer_FillInfo(view, slf.as_ptr(), start.cast(), length, 0, flags)
        };
        if filled == 0 {
            Ok(())
        } else {
            Err(PyErr::fetch(slf.py()))
        }
    }
}

/// Writable memory for a message of `length` bytes. What is in it is unspecified until it is written.
#[pyfunction]
#[pyo3(signature = (length, /))]
pub fn message_memory(py: Python<'_>, length: usize) -> PyResult<Bound<'_, PyMemoryView>> {
    let bytes = UnsafeCell::new(take(length)?);
    PyMemoryView::from(Bound::new(py, MessageMemory { bytes, length })?.as_any())
}
