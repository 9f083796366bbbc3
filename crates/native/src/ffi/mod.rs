//! The only folder with `unsafe`: thin wrappers over CPython that uphold its rules.

pub mod backing;
pub mod container;
pub mod coroutine;
pub mod datetime;
pub mod int_subclass;
pub mod kind;
pub mod memory;
pub mod number;
pub mod object;
pub mod pool;
pub mod python_code;
pub mod raised;
pub mod text;
