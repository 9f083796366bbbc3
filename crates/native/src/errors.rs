//! Errors of the driver's own modules, raised from native code.

use std::fmt::Display;

use pyo3::prelude::*;
use pyo3::types::PyAny;

fn error(py: Python<'_>, class: &str, message: String) -> PyErr {
    let raised = || -> PyResult<Bound<'_, PyAny>> {
        py.import("petiole.errors")?
            .getattr(class)?
            .call1((message,))
    };
    match raised() {
        Ok(value) => PyErr::from_value(value),
        Err(failure) => failure,
    }
}

/// `petiole.errors.ProtocolError`: the bytes on the wire are not what they must be.
pub fn protocol_error(reason: impl Display) -> PyErr {
    Python::attach(|py| error(py, "ProtocolError", reason.to_string()))
}

/// `petiole.errors.DocumentTooLarge`, with PyMongo's words.
pub fn document_too_large(py: Python<'_>, size: usize, limit: usize) -> PyErr {
    let message = format!(
        "BSON document too large ({size} bytes) - the connected server supports BSON document sizes up to {limit} bytes."
    );
    error(py, "DocumentTooLarge", message)
}
