//! The documents of one cursor reply, decoded one by one as they are iterated.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use petiole_wire::bson::raw;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList};

use crate::bson::Codec;
use crate::errors::protocol_error;
use crate::reply::Reply;

/// Documents not yet handed out. Several threads may iterate one batch: each document goes to one of them.
#[pyclass(frozen, module = "petiole._native")]
pub struct Batch {
    reply: Py<Reply>,
    codec: Py<Codec>,
    position: AtomicUsize,
    end: usize,
}

impl Batch {
    /// The batch whose BSON array stands at `range` in the reply's message.
    pub fn new(reply: Py<Reply>, codec: Py<Codec>, range: Range<usize>) -> Self {
        // Between the array's length prefix and its terminator; an empty range is an empty batch.
        let (start, end) = if range.is_empty() {
            (0, 0)
        } else {
            (range.start + 4, range.end - 1)
        };
        Self {
            reply,
            codec,
            position: AtomicUsize::new(start),
            end,
        }
    }

    /// The next document's bytes, and past them. The reply's scan has checked every length on the way.
    fn advance<'a>(&self, bytes: &'a [u8], position: usize) -> PyResult<Option<(&'a [u8], usize)>> {
        let element = &bytes[position..self.end];
        let Some(&kind) = element.first() else {
            return Ok(None);
        };
        let key = element.iter().skip(1).position(|&byte| byte == 0);
        match (kind, key) {
            (raw::element_type::DOCUMENT, Some(key)) => {
                let document = raw::document(&element[key + 2..]).map_err(protocol_error)?;
                Ok(Some((document, position + key + 2 + document.len())))
            }
            _ => Err(protocol_error(
                "a batch holds something that is not a document",
            )),
        }
    }

    fn next_bytes<'a>(&self, bytes: &'a [u8]) -> PyResult<Option<&'a [u8]>> {
        match self.advance(bytes, self.position.load(Ordering::Relaxed))? {
            Some((document, after)) => {
                self.position.store(after, Ordering::Relaxed);
                Ok(Some(document))
            }
            None => Ok(None),
        }
    }
}

#[pymethods]
impl Batch {
    fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Option<Py<PyAny>>> {
        match self.next_bytes(self.reply.get().bytes(py))? {
            Some(document) => self.codec.get().decode_document(py, document).map(Some),
            None => Ok(None),
        }
    }

    fn __len__(&self, py: Python<'_>) -> PyResult<usize> {
        let bytes = self.reply.get().bytes(py);
        let mut position = self.position.load(Ordering::Relaxed);
        let mut count = 0;
        while let Some((_, after)) = self.advance(bytes, position)? {
            position = after;
            count += 1;
        }
        Ok(count)
    }

    fn __bool__(&self) -> bool {
        self.position.load(Ordering::Relaxed) < self.end
    }

    #[pyo3(signature = (count, /))]
    fn take<'py>(&self, py: Python<'py>, count: usize) -> PyResult<Bound<'py, PyList>> {
        let bytes = self.reply.get().bytes(py);
        let mut documents = Vec::new();
        while documents.len() < count {
            match self.next_bytes(bytes)? {
                Some(document) => documents.push(document),
                None => break,
            }
        }
        self.codec.get().decode_documents(py, documents.into_iter())
    }

    fn rest<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        self.take(py, usize::MAX)
    }

    fn raw<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let bytes = self.reply.get().bytes(py);
        let mut out = Vec::with_capacity(
            self.end
                .saturating_sub(self.position.load(Ordering::Relaxed)),
        );
        while let Some(document) = self.next_bytes(bytes)? {
            out.extend_from_slice(document);
        }
        Ok(PyBytes::new(py, &out))
    }
}
