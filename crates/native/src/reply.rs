//! Reads replies: one scan of the top level finds what the driver acts on; documents are decoded on demand.

use std::ops::Range;

use petiole_wire::bson::raw::{Element, Elements};
use petiole_wire::compression;
use petiole_wire::frame::{Header, OP_COMPRESSED, OP_MSG, OP_REPLY};
use petiole_wire::legacy::OpReply;
use petiole_wire::limits::ABSOLUTE_MAX_MESSAGE_LEN;
use petiole_wire::op_msg::OpMsg;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyTuple};

use crate::batch::Batch;
use crate::bson::Codec;
use crate::errors::protocol_error;
use crate::ffi::backing::Backing;
use crate::ffi::memory::message_memory;

/// A parsed reply; documents in it are decoded when asked for.
#[pyclass(frozen, module = "petiole._native")]
pub struct Reply {
    data: Backing,
    body: Range<usize>,
    more_to_come: bool,
    response_to: i32,
    head: Head,
}

/// What one scan of the top level finds.
#[derive(Default)]
struct Head {
    ok: bool,
    troubled: bool,
    n: i64,
    cursor: Option<Range<usize>>,
    cluster_time: Option<Range<usize>>,
    operation_time: Option<u64>,
}

fn u64_of(value: &[u8]) -> Option<u64> {
    value
        .first_chunk::<8>()
        .map(|bytes| u64::from_le_bytes(*bytes))
}

impl Head {
    fn read(body: &[u8]) -> PyResult<Self> {
        let mut head = Self::default();
        for element in Elements::new(body) {
            let element = element.map_err(protocol_error)?;
            let whole =
                element.offset..element.offset + 2 + element.key.len() + element.value.len();
            match element.key {
                b"ok" => head.ok = element.as_integer() == Some(1),
                b"n" => head.n = element.as_integer().unwrap_or(0),
                b"cursor" if element.as_document().is_some() => {
                    head.cursor = Some(whole.end - element.value.len()..whole.end);
                }
                b"writeErrors" | b"writeConcernError" | b"errorLabels" => head.troubled = true,
                b"$clusterTime" => head.cluster_time = Some(whole),
                b"operationTime" => head.operation_time = u64_of(element.value),
                _ => {}
            }
        }
        Ok(head)
    }
}

fn find<'a>(document: &'a [u8], name: &[u8]) -> PyResult<Option<Element<'a>>> {
    for element in Elements::new(document) {
        let element = element.map_err(protocol_error)?;
        if element.key == name {
            return Ok(Some(element));
        }
    }
    Ok(None)
}

/// Cursor id, namespace and where the batch stands in the cursor document.
struct CursorHead<'a> {
    id: i64,
    namespace: &'a str,
    batch: Range<usize>,
}

impl<'a> CursorHead<'a> {
    fn read(cursor: &'a [u8]) -> PyResult<Self> {
        let mut head = CursorHead {
            id: 0,
            namespace: "",
            batch: 0..0,
        };
        for element in Elements::new(cursor) {
            let element = element.map_err(protocol_error)?;
            match element.key {
                b"id" => head.id = element.as_integer().unwrap_or(0),
                b"ns" => head.namespace = element.as_str().unwrap_or(""),
                b"firstBatch" | b"nextBatch" if element.as_array().is_some() => {
                    let start = element.offset + 2 + element.key.len();
                    head.batch = start..start + element.value.len();
                }
                _ => {}
            }
        }
        Ok(head)
    }
}

impl Reply {
    pub(crate) fn bytes<'a>(&'a self, py: Python<'a>) -> &'a [u8] {
        self.data.as_slice(py)
    }

    fn body_bytes<'a>(&'a self, py: Python<'a>) -> &'a [u8] {
        &self.data.as_slice(py)[self.body.clone()]
    }

    fn cursor_bytes<'a>(&'a self, py: Python<'a>) -> PyResult<(usize, &'a [u8])> {
        match &self.head.cursor {
            Some(range) => {
                let start = self.body.start + range.start;
                Ok((start, &self.bytes(py)[start..self.body.start + range.end]))
            }
            None => Err(protocol_error("the reply holds no cursor")),
        }
    }
}

#[pymethods]
impl Reply {
    #[getter]
    fn clean(&self) -> bool {
        self.head.ok && !self.head.troubled
    }

    #[getter]
    fn ok(&self) -> bool {
        self.head.ok
    }

    #[getter]
    fn n(&self) -> i64 {
        self.head.n
    }

    #[getter]
    fn more_to_come(&self) -> bool {
        self.more_to_come
    }

    #[getter]
    fn response_to(&self) -> i32 {
        self.response_to
    }

    #[getter]
    fn operation_time(&self) -> Option<u64> {
        self.head.operation_time
    }

    /// `atClusterTime`, of the cursor or of the reply: the time a snapshot read was made at.
    #[getter]
    fn snapshot_time(&self, py: Python<'_>) -> PyResult<Option<u64>> {
        const NAME: &[u8] = b"atClusterTime";
        let found = match &self.head.cursor {
            Some(_) => find(self.cursor_bytes(py)?.1, NAME)?,
            None => find(self.body_bytes(py), NAME)?,
        };
        Ok(found.and_then(|time| u64_of(time.value)))
    }

    #[getter]
    fn cluster_time<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyTuple>>> {
        let Some(range) = &self.head.cluster_time else {
            return Ok(None);
        };
        let element = &self.body_bytes(py)[range.clone()];
        let document = &element[b"\x03$clusterTime\0".len()..];
        match find(document, b"clusterTime")?.and_then(|time| u64_of(time.value)) {
            Some(time) => Ok(Some((time, PyBytes::new(py, element)).into_pyobject(py)?)),
            None => Ok(None),
        }
    }

    #[getter]
    fn raw<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, self.body_bytes(py))
    }

    #[pyo3(signature = (name, codec, /))]
    fn get(&self, py: Python<'_>, name: &str, codec: &Codec) -> PyResult<Py<PyAny>> {
        match find(self.body_bytes(py), name.as_bytes())? {
            Some(element) => codec.decode_element(py, &element),
            None => Ok(py.None()),
        }
    }

    /// One value beside the batch of a cursor reply, decoded; None when there is none.
    #[pyo3(signature = (name, codec, /))]
    fn cursor_value(&self, py: Python<'_>, name: &str, codec: &Codec) -> PyResult<Py<PyAny>> {
        match find(self.cursor_bytes(py)?.1, name.as_bytes())? {
            Some(element) => codec.decode_element(py, &element),
            None => Ok(py.None()),
        }
    }

    #[pyo3(signature = (codec, /))]
    fn document(&self, py: Python<'_>, codec: &Codec) -> PyResult<Py<PyAny>> {
        codec.decode_document(py, self.body_bytes(py))
    }

    #[pyo3(signature = (codec, /))]
    fn cursor<'py>(
        slf: &Bound<'py, Self>,
        codec: &Bound<'py, Codec>,
    ) -> PyResult<Bound<'py, PyTuple>> {
        let py = slf.py();
        let reply = slf.get();
        let (start, cursor) = reply.cursor_bytes(py)?;
        let head = CursorHead::read(cursor)?;
        let range = start + head.batch.start..start + head.batch.end;
        let batch = Batch::new(slf.clone().unbind(), codec.clone().unbind(), range);
        (head.id, head.namespace, batch).into_pyobject(py)
    }

    #[pyo3(signature = (codec, /))]
    fn first(&self, py: Python<'_>, codec: &Codec) -> PyResult<Py<PyAny>> {
        let (_, cursor) = self.cursor_bytes(py)?;
        let head = CursorHead::read(cursor)?;
        if head.batch.is_empty() {
            return Ok(py.None()); // There is no batch at all.
        }
        match Elements::new(&cursor[head.batch]).next() {
            Some(element) => codec.decode_document(py, element.map_err(protocol_error)?.value),
            None => Ok(py.None()),
        }
    }
}

/// Read one reply: OP_MSG, OP_COMPRESSED around it, or the OP_REPLY of a legacy hello.
///
/// With `request`, the message that it must answer, a reply to anything else is an error.
#[pyfunction]
#[pyo3(signature = (message, request=None, /))]
pub fn parse_reply(message: &Bound<'_, PyAny>, request: Option<&[u8]>) -> PyResult<Reply> {
    let py = message.py();
    let mut data = Backing::new(message)?;
    let mut header = Header::of_whole(data.as_slice(py)).map_err(protocol_error)?;
    if header.opcode == OP_COMPRESSED {
        let inflated = compression::decompress(data.as_slice(py), ABSOLUTE_MAX_MESSAGE_LEN)
            .map_err(protocol_error)?;
        data = Backing::owned(inflated);
        header = Header::of_whole(data.as_slice(py)).map_err(protocol_error)?;
    }
    if let Some(request) = request {
        let expected = Header::of_whole(request)
            .map_err(protocol_error)?
            .request_id;
        if header.response_to != expected {
            return Err(protocol_error(format!(
                "Got response id {} but expected {expected}",
                header.response_to
            )));
        }
    }
    let bytes = data.as_slice(py);
    let (body, more_to_come) = match header.opcode {
        OP_MSG => {
            let parsed = OpMsg::parse(bytes).map_err(protocol_error)?;
            (
                parsed.body_offset..parsed.body_offset + parsed.body.len(),
                parsed.more_to_come(),
            )
        }
        OP_REPLY => {
            let parsed = OpReply::parse(bytes).map_err(protocol_error)?;
            let Some(first) = parsed.iter().next() else {
                return Err(protocol_error("the reply holds no document"));
            };
            let first = first.map_err(protocol_error)?;
            let start = first.as_ptr() as usize - bytes.as_ptr() as usize;
            (start..start + first.len(), false)
        }
        other => {
            return Err(protocol_error(format!(
                "unexpected opcode {other} in a reply"
            )));
        }
    };
    let head = Head::read(&bytes[body.clone()])?;
    Ok(Reply {
        data,
        body,
        more_to_come,
        response_to: header.response_to,
        head,
    })
}

/// Registers what Python sees of this module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Reply>()?;
    module.add_class::<Batch>()?;
    module.add_function(wrap_pyfunction!(message_memory, module)?)?;
    module.add_function(wrap_pyfunction!(parse_reply, module)?)
}
