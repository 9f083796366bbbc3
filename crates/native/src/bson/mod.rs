//! BSON to and from Python: `Codec` is `CodecOptions`, compiled.
//!
//! It follows the BSON specification 1.1. Bytes are read by `petiole_wire::bson`, which checks every bound; Python is
//! reached through `ffi`. Nothing here keeps state between calls but the cache of keys and one spare buffer.

pub mod calendar;
pub mod classes;
mod decode;
mod decode_values;
mod depth;
mod encode;
mod encode_other;
mod encode_values;
mod errors;
mod keys;
mod options;

use petiole_wire::bson as wire;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDict, PyList, PyString};
use pyo3::{PyTraverseError, PyVisit};

use crate::ffi::container::Items;
use crate::ffi::pool::Pool;
use crate::ffi::python_code;
use crate::ffi::text;
use classes::Classes;
use decode::Decoder;
use encode::Encoder;
use errors::Failure;
use options::Options;

/// A spare buffer for encoding, so that most calls allocate nothing but their result.
static SPARE: Pool<Vec<u8>> = Pool::new();
const SPARE_LIMIT: usize = 1 << 16;

/// Encodes and decodes by the `CodecOptions` it is made of.
#[pyclass(frozen, module = "petiole._native")]
pub struct Codec {
    options: Options,
    classes: &'static Classes,
}

impl Codec {
    /// Appends a whole document. With `top_level`, `_id` goes first. On an error `out` is as it was.
    pub fn encode_document(
        &self,
        py: Python<'_>,
        doc: &Bound<'_, PyAny>,
        out: &mut Vec<u8>,
        check_keys: bool,
        top_level: bool,
    ) -> PyResult<()> {
        let start = out.len();
        let result = python_code::running(|| {
            Encoder::new(py, &self.options, self.classes, out, check_keys).document(doc, top_level)
        });
        result.map_err(|failure| {
            out.truncate(start);
            failure.while_encoding(py, self.classes, Some(doc))
        })
    }

    /// Decodes exactly one document.
    pub fn decode_document(&self, py: Python<'_>, bytes: &[u8]) -> PyResult<Py<PyAny>> {
        self.decoder(py, |decoder| decoder.whole(bytes))
            .map(Bound::unbind)
    }

    /// Decodes one value of an element, by its type byte and its bytes.
    pub fn decode_element(
        &self,
        py: Python<'_>,
        element: &wire::Element<'_>,
    ) -> PyResult<Py<PyAny>> {
        let decoded = self.decoder(py, |decoder| decoder.element(element));
        decoded.map(Bound::unbind)
    }

    /// Decodes documents into a list, with one decoder: for the batches of cursors.
    pub fn decode_documents<'py, 'd>(
        &self,
        py: Python<'py>,
        documents: impl ExactSizeIterator<Item = &'d [u8]>,
    ) -> PyResult<Bound<'py, PyList>> {
        let mut decoded = Vec::with_capacity(documents.len());
        self.decoder(py, |decoder| {
            for document in documents {
                decoded.push(decoder.whole(document)?);
            }
            Ok(())
        })?;
        PyList::new(py, decoded)
    }

    #[inline]
    fn decoder<'py, T>(
        &self,
        py: Python<'py>,
        act: impl FnOnce(&mut Decoder<'_, 'py>) -> Result<T, Failure>,
    ) -> PyResult<T> {
        python_code::running(|| Decoder::with(py, &self.options, self.classes, act))
    }
}

#[pymethods]
impl Codec {
    #[new]
    fn new(codec_options: &Bound<'_, PyAny>) -> PyResult<Self> {
        let classes = Classes::get(codec_options.py())?;
        Ok(Self {
            options: Options::new(codec_options)?,
            classes,
        })
    }

    /// Encodes a mapping.
    #[pyo3(signature = (document, check_keys = None, /))]
    fn encode<'py>(
        &self,
        document: &Bound<'py, PyAny>,
        check_keys: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let py = document.py();
        let check_keys = check_keys.map_or(Ok(false), |check| check.is_truthy())?;
        let mut out = SPARE.take().unwrap_or_default();
        out.clear();
        let result = self.encode_document(py, document, &mut out, check_keys, true);
        let encoded = result.map(|()| PyBytes::new(py, &out));
        if out.capacity() <= SPARE_LIMIT {
            drop(SPARE.put(out));
        }
        encoded
    }

    /// Decodes exactly one document.
    #[pyo3(signature = (data, /))]
    fn decode(&self, data: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        with_bytes(data, |bytes| self.decode_document(data.py(), bytes))
    }

    /// Decodes one document into a dict; documents inside it become what the options say. For raw documents.
    #[pyo3(signature = (data, /))]
    fn inflate(&self, data: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        let py = data.py();
        with_bytes(data, |bytes| {
            self.decoder(py, |decoder| decoder.inflate(bytes))
                .map(Bound::unbind)
        })
    }

    /// Decodes documents that stand one after the other.
    #[pyo3(signature = (data, /))]
    fn decode_all<'py>(&self, data: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyList>> {
        let py = data.py();
        with_bytes(data, |bytes| {
            let mut frames = Vec::new();
            let mut rest = bytes;
            while !rest.is_empty() {
                let frame = decode::frame(rest)
                    .map_err(|failure| failure.while_decoding(py, self.classes))?;
                frames.push(frame);
                rest = &rest[frame.len()..];
            }
            self.decode_documents(py, frames.into_iter())
        })
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.options.traverse(&visit)
    }

    /// The `CodecOptions` that this was made of.
    #[getter]
    fn options(&self, py: Python<'_>) -> Py<PyAny> {
        self.options.python.clone_ref(py)
    }
}

/// Adds what Python sees to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Codec>()?;
    module.add_function(wrap_pyfunction!(begins_with_operator, module)?)
}

/// Whether a dict's first key begins with `$`; None for anything but a dict whose first key is a str.
#[pyfunction]
#[pyo3(signature = (document, /))]
fn begins_with_operator(document: &Bound<'_, PyAny>) -> Option<bool> {
    let fields = document.cast_exact::<PyDict>().ok()?;
    let (key, _) = Items::new(fields.as_borrowed()).next()?;
    let key = key.cast_exact::<PyString>().ok()?;
    Some(key.to_str().ok()?.starts_with('$'))
}

/// `True` or `False`.
#[inline(always)]
pub fn constant(py: Python<'_>, value: bool) -> Bound<'_, PyAny> {
    PyBool::new(py, value).to_owned().into_any()
}

/// Calls `act` with the bytes of a buffer. Other buffers than bytes are copied, as they could change meanwhile.
fn with_bytes<T>(data: &Bound<'_, PyAny>, act: impl FnOnce(&[u8]) -> PyResult<T>) -> PyResult<T> {
    match data.cast::<PyBytes>() {
        Ok(bytes) => act(text::bytes(bytes.as_borrowed())),
        Err(_) => act(&text::copy_buffer(data).map_err(|raised| raised.fetch(data.py()))?),
    }
}
