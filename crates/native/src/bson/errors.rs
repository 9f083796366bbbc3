//! What can go wrong in the codec, and which exception of Python's it becomes.
//!
//! A failure is one pointer, so that results stay small on the hot path. Everything here is cold.

use petiole_wire::bson as wire;
use pyo3::exceptions::{PyException, PyMemoryError, PyOverflowError, PyRecursionError};
use pyo3::prelude::*;
use pyo3::types::PyString;

use super::classes::Classes;
use crate::ffi::python_code;
use crate::ffi::raised::Raised;

/// The codec's error.
#[derive(Debug)]
pub struct Failure(Box<Detail>);

#[derive(Debug)]
struct Detail {
    fault: Fault,
    /// Keys from the innermost to the outermost.
    path: Vec<String>,
}

/// What went wrong.
#[derive(Debug)]
pub enum Fault {
    /// Python raised.
    Raised(PyErr),
    /// The application's own type decoder raised: its exception is passed on as it is.
    User(PyErr),
    /// The bytes are not BSON.
    Bytes(wire::Error),
    /// The bytes are BSON that cannot be decoded, or not BSON in a way that needs words.
    Undecodable(String),
    /// A document that cannot be encoded; the path of the key is added.
    Document(String),
    /// A string that cannot be encoded.
    StringData(&'static str),
    /// An integer beyond 64 bits.
    Overflow,
    /// Nesting beyond what [`super::depth`] allows.
    Depth,
}

impl Failure {
    #[cold]
    pub fn new(fault: Fault) -> Self {
        Self(Box::new(Detail {
            fault,
            path: Vec::new(),
        }))
    }

    /// The same failure, seen from the container in which it is under `key`.
    #[cold]
    pub fn under(mut self, key: &[u8]) -> Self {
        self.0.path.push(String::from_utf8_lossy(key).into_owned());
        self
    }

    /// A document that cannot be encoded.
    #[cold]
    pub fn document(message: impl Into<String>) -> Self {
        Self::new(Fault::Document(message.into()))
    }

    fn parts(self) -> (Fault, String) {
        let Detail { fault, mut path } = *self.0;
        path.reverse();
        (fault, path.join("."))
    }

    /// The exception that encoding `document` raises.
    #[cold]
    pub fn while_encoding(
        self,
        py: Python<'_>,
        classes: &Classes,
        document: Option<&Bound<'_, PyAny>>,
    ) -> PyErr {
        let (fault, path) = self.parts();
        match fault {
            Fault::Document(message) => {
                let place = if path.is_empty() {
                    String::new()
                } else {
                    format!(", at key '{path}'")
                };
                let message = format!("Invalid document: {message}{place}");
                let class = classes.invalid_document.bind(py);
                let (message, none) = (PyString::new(py, &message), py.None().into_bound(py));
                python_code::call(class, [message.as_any(), document.unwrap_or(&none)])
                    .map_or_else(|error| error, PyErr::from_value)
            }
            Fault::StringData(message) => {
                exception(py, &classes.invalid_string_data, message.to_owned())
            }
            Fault::Overflow => {
                PyOverflowError::new_err("MongoDB can only handle up to 8-byte ints")
            }
            Fault::Depth => PyRecursionError::new_err(
                "maximum recursion depth exceeded while encoding an object to BSON",
            ),
            Fault::Raised(error) | Fault::User(error) => error,
            other => exception(py, &classes.invalid_document, format!("{other:?}")),
        }
    }

    /// The exception that decoding raises: `InvalidBSON`, but for errors of the application's own classes.
    #[cold]
    pub fn while_decoding(self, py: Python<'_>, classes: &Classes) -> PyErr {
        let message = match self.parts().0 {
            Fault::User(error) => return error,
            Fault::Raised(error) => {
                let kind = error.get_type(py);
                let passes = error.is_instance(py, classes.invalid_bson.bind(py))
                    || error.is_instance_of::<PyMemoryError>(py)
                    || !error.is_instance_of::<PyException>(py);
                if passes {
                    return error;
                }
                let message = error
                    .value(py)
                    .str()
                    .map_or_else(|_| kind.to_string(), |text| text.to_string());
                let wrapped = exception(py, &classes.invalid_bson, message);
                wrapped.set_cause(py, Some(error));
                return wrapped;
            }
            Fault::Bytes(error) => error.to_string(),
            Fault::Undecodable(message) | Fault::Document(message) => message,
            Fault::Depth => {
                "maximum recursion depth exceeded while decoding a BSON document".to_owned()
            }
            other => format!("{other:?}"),
        };
        exception(py, &classes.invalid_bson, message)
    }
}

fn exception(py: Python<'_>, class: &Py<PyAny>, message: String) -> PyErr {
    python_code::call(class.bind(py), [PyString::new(py, &message).as_any()])
        .map_or_else(|error| error, PyErr::from_value)
}

impl From<Raised> for Failure {
    #[cold]
    fn from(raised: Raised) -> Self {
        // The interpreter is held already (see `Raised`): this only gets the token for it.
        Self::new(Fault::Raised(Python::attach(|py| raised.fetch(py))))
    }
}

impl From<PyErr> for Failure {
    #[cold]
    fn from(error: PyErr) -> Self {
        Self::new(Fault::Raised(error))
    }
}

impl From<wire::Error> for Failure {
    #[cold]
    fn from(error: wire::Error) -> Self {
        Self::new(Fault::Bytes(error))
    }
}
