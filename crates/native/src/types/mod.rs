//! Value classes that are native because every document has them.

pub mod object_id;
pub mod object_id_generator;
pub mod timestamp;

use pyo3::prelude::*;

/// Adds the classes to the module, and what `ObjectId` needs after a fork.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<object_id::ObjectId>()?;
    module.add_class::<timestamp::Timestamp>()?;
    object_id_generator::register(module)
}
