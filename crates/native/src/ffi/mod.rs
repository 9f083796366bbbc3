//! The only folder with `unsafe`: thin wrappers over CPython that uphold its rules.
