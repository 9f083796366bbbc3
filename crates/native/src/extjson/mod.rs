//! Extended JSON, both ways (specification: `extended-json`), behind `petiole.bson.json_util`.
//!
//! `write` walks Python values and tells a `Sink` what it meets: `TextSink` writes JSON, `ObjectSink` builds plain
//! Python values for the standard library's `json`. `parse` reads JSON and hands documents that wrap a value
//! (`{"$oid": ...}`) to `revive`. Text that is not JSON is not diagnosed here: `loads` then gives `NotImplemented`, and
//! the standard library, reading it again, raises its own error.

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyString};

mod classes;
mod dates;
mod keys;
mod options;
mod parse;
mod revive;
mod revive_binary;
mod sink;
mod text;
mod wrapper;
mod write;
mod write_values;

use classes::Classes;
use options::{ReadOptions, WriteOptions};
use sink::{ObjectSink, TextSink};
use wrapper::Wrapper;
use write::Writer;

/// Levels of documents and arrays within each other that are written, and that are read. Beyond it is a RecursionError.
///
/// They are about what PyMongo manages at Python's default recursion limit; the server itself takes 100. A level costs
/// up to 1 KiB of native stack in writing and a third of that in reading, and threads can have as little as 512 KiB.
const MAX_WRITE_DEPTH: usize = 500;
const MAX_READ_DEPTH: usize = 1000;

/// `value` as extended JSON.
#[pyfunction]
fn extjson_dumps<'py>(
    value: &Bound<'py, PyAny>,
    options: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyString>> {
    let py = value.py();
    let options = WriteOptions::read(options)?;
    let mut writer = Writer::new(TextSink::default(), &options, Classes::get(py)?);
    writer.value(value, 0)?;
    Ok(PyString::new(py, &writer.into_sink().into_text()))
}

/// `value` as Python values that `json.dumps` writes as extended JSON. What is not BSON stays as it is.
#[pyfunction]
fn extjson_convert<'py>(
    value: &Bound<'py, PyAny>,
    options: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = value.py();
    let options = WriteOptions::read(options)?;
    let mut writer = Writer::new(ObjectSink::new(py), &options, Classes::get(py)?);
    writer.value(value, 0)?;
    Ok(writer.into_sink().into_value())
}

/// As `extjson_convert` for one value that is no container, for use as `default` of `json.dumps`.
#[pyfunction]
fn extjson_default<'py>(
    value: &Bound<'py, PyAny>,
    options: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = value.py();
    let options = WriteOptions::read(options)?;
    let mut writer = Writer::new(ObjectSink::new(py), &options, Classes::get(py)?);
    if writer.scalar(value, 0)? {
        Ok(writer.into_sink().into_value())
    } else {
        Err(PyTypeError::new_err(format!(
            "{} is not JSON serializable",
            value.repr()?.to_string_lossy()
        )))
    }
}

/// The value of extended JSON in `text`, or `NotImplemented` for text that is left to the standard library.
#[pyfunction]
fn extjson_loads<'py>(
    text: &Bound<'py, PyAny>,
    options: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = text.py();
    let not_here = || Ok(py.NotImplemented().into_bound(py));
    let source = if let Ok(text) = text.cast::<PyString>() {
        text.to_str().ok()
    } else if let Ok(bytes) = text.cast::<PyBytes>() {
        std::str::from_utf8(bytes.as_bytes()).ok()
    } else {
        None
    };
    let Some(source) = source else {
        return not_here();
    };
    match parse::parse(py, source, &ReadOptions::read(options)?, Classes::get(py)?)? {
        Some(value) => Ok(value),
        None => not_here(),
    }
}

/// The value that `document` wraps, or `document` itself where it wraps none.
#[pyfunction]
fn extjson_hook<'py>(
    document: &Bound<'py, PyAny>,
    options: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = document.py();
    let mut found = None;
    for key in document.try_iter()? {
        let key = key?;
        let Ok(key) = key.cast::<PyString>() else {
            continue;
        };
        found = key.to_str().ok().and_then(Wrapper::named);
        if found.is_some() {
            break;
        }
    }
    let Some(wrapper) = found else {
        return Ok(document.clone());
    };
    let fields = match document.cast::<PyDict>() {
        Ok(dict) => dict.clone(),
        Err(_) => py
            .get_type::<PyDict>()
            .call1((document,))?
            .cast_into::<PyDict>()?,
    };
    revive::Reviver::new(py, &ReadOptions::read(options)?, Classes::get(py)?)
        .revive(wrapper, &fields, document)
}

/// Adds the functions to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(extjson_dumps, module)?)?;
    module.add_function(wrap_pyfunction!(extjson_convert, module)?)?;
    module.add_function(wrap_pyfunction!(extjson_default, module)?)?;
    module.add_function(wrap_pyfunction!(extjson_loads, module)?)?;
    module.add_function(wrap_pyfunction!(extjson_hook, module)?)
}
