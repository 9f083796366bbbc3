//! BSON as bytes: reading with every bound checked, writing into a growing buffer, and validation.
//!
//! Owns the format of <https://bsonspec.org/spec.html> and nothing of Python. It never panics on any input,
//! never reads outside it, and allocates nothing while reading.

pub mod raw;
pub mod reader;
#[cfg(test)]
mod tests;
mod validate;

pub use raw::{Element, Elements, document, element_type};
pub use reader::{Error, ErrorKind, Reader};
pub use validate::validate;
