//! Drives a coroutine that never suspends, with one `send(None)`.

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::PyString;
use pyo3::{ffi, intern};

/// Run `coroutine` to its end and return its result.
///
/// The blocking runtime's awaitables never suspend. If one does, that is a defect of the driver: the
/// coroutine is closed, so that its `finally` clauses run, and `RuntimeError` is raised.
#[pyfunction]
pub fn run<'py>(coroutine: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let py = coroutine.py();
    let mut result: *mut ffi::PyObject = std::ptr::null_mut();
    // SAFETY: the thread is attached, both arguments are live objects, and `result` receives a new
    // reference, or null when an exception is set.
    let outcome = unsafe { ffi::PyIter_Send(coroutine.as_ptr(), ffi::Py_None(), &mut result) };
    // SAFETY: `result` is that new reference or null; this takes ownership of it.
    let result = unsafe { Bound::from_owned_ptr_or_opt(py, result) };
    match (outcome, result) {
        (ffi::PySendResult::PYGEN_RETURN, Some(value)) => Ok(value),
        (ffi::PySendResult::PYGEN_NEXT, yielded) => {
            drop(yielded);
            coroutine.call_method0(intern!(py, "close"))?;
            let name = coroutine
                .getattr(intern!(py, "__qualname__"))
                .unwrap_or_else(|_| PyString::new(py, "coroutine").into_any());
            Err(PyRuntimeError::new_err(format!(
                "{name} suspended, which a blocking operation never may"
            )))
        }
        _ => Err(PyErr::fetch(py)),
    }
}
