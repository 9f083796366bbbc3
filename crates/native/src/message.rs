//! Builds requests: one native pass from Python documents to one buffer.
//!
//! The body comes first, then elements that are encoded already (`lsid`, `$clusterTime`, ...), then a
//! document sequence cut at the server's limits, with `_id`s made on the way.

use std::mem;
use std::sync::Mutex;
use std::sync::atomic::{AtomicI32, Ordering};

use petiole_wire::compression::{self, Compressor};
use petiole_wire::op_msg as opmsg;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList, PyTuple};

use crate::bson::Codec;
use crate::errors::{document_too_large, protocol_error};
use crate::ffi;
use crate::types::object_id::ObjectId;
use crate::types::object_id_generator::generate;

static REQUEST_ID: AtomicI32 = AtomicI32::new(1);

/// What servers allow a command document to exceed `maxBsonObjectSize` by.
const COMMAND_OVERHEAD: usize = 16 * 1024;

/// The buffer of the last large message, for the next: memory that is given back and asked for anew costs
/// more, page by page, than what is written into it. One for the process.
static SPARE: Mutex<Vec<u8>> = Mutex::new(Vec::new());
const MOST_SPARE: usize = 8 * 1024 * 1024;

fn take_buffer() -> Vec<u8> {
    match SPARE.try_lock() {
        Ok(mut spare) if spare.capacity() > 0 => mem::take(&mut *spare),
        _ => Vec::with_capacity(1024),
    }
}

fn keep_buffer(mut buffer: Vec<u8>) {
    if buffer.capacity() <= MOST_SPARE {
        buffer.clear();
        if let Ok(mut spare) = SPARE.try_lock() {
            *spare = buffer;
        }
    }
}

fn next_request_id() -> i32 {
    REQUEST_ID.fetch_add(1, Ordering::Relaxed)
}

fn write_body(
    codec: &Codec,
    body: &Bound<'_, PyAny>,
    database: &str,
    fragments: &[u8],
    out: &mut Vec<u8>,
) -> PyResult<()> {
    opmsg::begin_body(out);
    let start = out.len();
    codec.encode_document(body.py(), body, out, false, false)?;
    out.pop(); // Its end comes later.
    out.extend_from_slice(b"\x02$db\0");
    out.extend_from_slice(&(database.len() as i32 + 1).to_le_bytes());
    out.extend_from_slice(database.as_bytes());
    out.push(0);
    out.extend_from_slice(fragments);
    out.push(0);
    let length =
        i32::try_from(out.len() - start).map_err(|_| protocol_error("command too large"))?;
    out[start..start + 4].copy_from_slice(&length.to_le_bytes());
    Ok(())
}

/// An OP_MSG of one body section.
#[pyfunction]
#[pyo3(signature = (codec, flags, body, database, fragments, /))]
pub fn op_msg<'py>(
    py: Python<'py>,
    codec: &Codec,
    flags: u32,
    body: &Bound<'py, PyAny>,
    database: &str,
    fragments: &[u8],
) -> PyResult<Bound<'py, PyBytes>> {
    let mut out = Vec::with_capacity(512);
    let start = opmsg::begin_op_msg(&mut out, next_request_id(), flags);
    write_body(codec, body, database, fragments, &mut out)?;
    opmsg::finish(&mut out, start).map_err(protocol_error)?;
    Ok(PyBytes::new(py, &out))
}

/// An OP_MSG with a document sequence of `documents[start:end]`, and that `end`.
#[pyfunction]
#[pyo3(signature = (codec, flags, body, database, fragments, identifier, documents, start, ids,
                    max_count, max_message_size, max_bson_size, /))]
#[expect(
    clippy::too_many_arguments,
    reason = "one call from Python, positional for speed"
)]
pub fn op_msg_batch<'py>(
    py: Python<'py>,
    codec: &Codec,
    flags: u32,
    body: &Bound<'py, PyAny>,
    database: &str,
    fragments: &[u8],
    identifier: &str,
    documents: &Bound<'py, PyAny>,
    start: usize,
    ids: Option<&Bound<'py, PyList>>,
    max_count: usize,
    max_message_size: usize,
    max_bson_size: usize,
) -> PyResult<Bound<'py, PyTuple>> {
    let total = documents.len()?;
    let mut out = take_buffer();
    let message = opmsg::begin_op_msg(&mut out, next_request_id(), flags);
    write_body(codec, body, database, fragments, &mut out)?;
    let sequence = opmsg::begin_sequence(&mut out, identifier).map_err(protocol_error)?;
    let mut end = start;
    while end < total && end - start < max_count {
        let document = documents.get_item(end)?;
        let before = out.len();
        if let Some(ids) = ids {
            ids.append(id_of(&document)?)?;
        }
        codec.encode_document(py, &document, &mut out, false, ids.is_some())?;
        let size = out.len() - before;
        // An update's or delete's statement may exceed the limit a little; the server checks what it holds.
        let allowed = if ids.is_some() {
            max_bson_size
        } else {
            max_bson_size + COMMAND_OVERHEAD
        };
        if size > allowed {
            return Err(document_too_large(py, size, max_bson_size));
        }
        if out.len() - message > max_message_size && end > start {
            out.truncate(before);
            if let Some(ids) = ids {
                ids.del_item(ids.len() - 1)?;
            }
            break;
        }
        end += 1;
    }
    opmsg::end_sequence(&mut out, sequence).map_err(protocol_error)?;
    opmsg::finish(&mut out, message).map_err(protocol_error)?;
    let bytes = PyBytes::new(py, &out);
    keep_buffer(out);
    (bytes, end).into_pyobject(py)
}

/// The document's `_id`; a document without one is given an ObjectId, unless it cannot be changed.
fn id_of<'py>(document: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let py = document.py();
    let key = intern!(py, "_id");
    if let Ok(fields) = document.cast_exact::<PyDict>() {
        if let Some(id) = fields.get_item(key)? {
            return Ok(id);
        }
        let id = ObjectId::new_bound(py, generate(py)?)?.into_any();
        fields.set_item(key, &id)?;
        return Ok(id);
    }
    if document.hasattr(intern!(py, "raw"))? {
        return Ok(py.None().into_bound(py)); // A raw document is sent as it is.
    }
    if ffi::python_code::contains(document, key)? {
        return ffi::python_code::get_item(document, key);
    }
    let id = ObjectId::new_bound(py, generate(py)?)?.into_any();
    ffi::python_code::set_item(document, key, &id)?;
    Ok(id)
}

/// Request id, body and document sequences of a message this module built: what listeners are shown.
#[pyfunction]
#[pyo3(signature = (message, /))]
pub fn op_msg_parts<'py>(py: Python<'py>, message: &[u8]) -> PyResult<Bound<'py, PyTuple>> {
    let parsed = opmsg::OpMsg::parse(message).map_err(protocol_error)?;
    let sequences = PyList::empty(py);
    for sequence in &parsed.sequences {
        sequences.append((sequence.identifier, PyBytes::new(py, sequence.documents)))?;
    }
    (
        parsed.header.request_id,
        PyBytes::new(py, parsed.body),
        sequences,
    )
        .into_pyobject(py)
}

/// Put a message into an OP_COMPRESSED one.
#[pyfunction]
#[pyo3(signature = (compressor, level, message, /))]
pub fn compress<'py>(
    py: Python<'py>,
    compressor: &str,
    level: i32,
    message: &[u8],
) -> PyResult<Bound<'py, PyBytes>> {
    let Some(known) = Compressor::from_name(compressor) else {
        return Err(protocol_error(format!("no such compressor: {compressor}")));
    };
    let compressed = compression::compress(message, known, level).map_err(protocol_error)?;
    Ok(PyBytes::new(py, &compressed))
}

/// Registers what Python sees of this module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(op_msg, module)?)?;
    module.add_function(wrap_pyfunction!(op_msg_batch, module)?)?;
    module.add_function(wrap_pyfunction!(op_msg_parts, module)?)?;
    module.add_function(wrap_pyfunction!(compress, module)?)?;
    ffi::coroutine::register(module)
}
