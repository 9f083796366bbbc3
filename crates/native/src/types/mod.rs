//! Value classes that are native because every document has them.

pub mod object_id;
pub mod object_id_generator;
pub mod timestamp;

use pyo3::prelude::*;
use pyo3::types::PyType;

/// What `__reduce__` answers: a function, its arguments and the state for `__setstate__`.
type Reduced<'py> = (Bound<'py, PyAny>, (Bound<'py, PyType>,), Bound<'py, PyAny>);

/// The reduction of a class with `__getstate__`: the instructions that PyMongo's own classes leave in pickles.
fn reduce<'py>(value: &Bound<'py, PyAny>) -> PyResult<Reduced<'py>> {
    let make = value.py().import("copyreg")?.getattr("__newobj__")?;
    Ok((
        make,
        (value.get_type(),),
        value.call_method0("__getstate__")?,
    ))
}

/// Adds the classes to the module, and what `ObjectId` needs after a fork.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<object_id::ObjectId>()?;
    module.add_class::<timestamp::Timestamp>()?;
    object_id_generator::register(module)
}
