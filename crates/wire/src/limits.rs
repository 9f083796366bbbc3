//! Sizes that the protocol fixes, and the defaults for those that a server announces.

/// Bytes of a message header: four little-endian `int32`.
pub const HEADER_LEN: usize = 16;

/// The smallest BSON document: its length and the terminating zero.
pub const MIN_DOCUMENT_LEN: usize = 5;

/// `maxMessageSizeBytes` of every server so far; used until `hello` gives the server's own.
pub const DEFAULT_MAX_MESSAGE_LEN: usize = 48_000_000;

/// `maxBsonObjectSize` of every server so far.
pub const DEFAULT_MAX_DOCUMENT_LEN: usize = 16 * 1024 * 1024;

/// No message can be longer: its length is an `int32`.
pub const ABSOLUTE_MAX_MESSAGE_LEN: usize = i32::MAX as usize;
