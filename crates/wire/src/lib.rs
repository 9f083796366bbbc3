//! MongoDB's wire protocol and BSON, without Python.
//!
//! Everything here reads bytes that a server, a proxy or an attacker chose. So every read is bounds-checked, nothing
//! recurses on input, memory is bounded by limits that the caller gives, and every error carries a kind and the
//! offset of the byte at fault.
#![forbid(unsafe_code)]

pub mod bson;
pub mod compression;
mod crc32c;
pub mod error;
pub mod frame;
pub mod legacy;
pub mod limits;
pub mod op_msg;
mod reader;

pub use error::{Error, ErrorKind};
