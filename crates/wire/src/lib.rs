//! MongoDB's wire protocol and BSON, without Python.
#![forbid(unsafe_code)]

pub mod bson;
