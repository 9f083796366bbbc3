//! `petiole._native`: the codec, the message builder and reader, and the coroutine driver.
//!
//! Each module registers what Python sees of it. All `unsafe` is in `ffi`.

use pyo3::prelude::*;

mod batch;
mod bson;
mod errors;
mod extjson;
mod ffi;
mod message;
mod reply;
mod types;

#[pymodule]
fn _native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    bson::register(module)?;
    extjson::register(module)?;
    types::register(module)?;
    message::register(module)?;
    reply::register(module)
}
