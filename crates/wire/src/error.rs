//! What can be wrong with a frame. BSON has its own error in `bson`.

use std::fmt;

/// A malformed frame: what is wrong, and at which byte of the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Error {
    /// What is wrong.
    pub kind: ErrorKind,
    /// Offset from the start of the message, its header included.
    pub offset: usize,
}

/// The ways in which a frame can be malformed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The message ends before a field that needs this many bytes.
    Truncated {
        /// Bytes that the field needs.
        needed: usize,
    },
    /// A message length below the header's 16 bytes.
    MessageTooShort(i32),
    /// A message length above what the caller allows.
    MessageTooLong {
        /// The length declared or reached.
        length: usize,
        /// The limit.
        limit: usize,
    },
    /// The header's length is not that of the bytes given.
    LengthMismatch {
        /// The length in the header.
        declared: usize,
        /// The bytes at hand.
        actual: usize,
    },
    /// Another opcode than the one expected.
    UnexpectedOpcode(i32),
    /// Bits of the flags' required half that this driver does not know.
    UnknownFlags(u32),
    /// An OP_MSG section of a kind that servers do not send to drivers.
    UnknownSection(u8),
    /// An OP_MSG without a body section.
    MissingBody,
    /// An OP_MSG with two body sections.
    SecondBody,
    /// The length of a document or a document sequence cannot be true.
    BadLength(i32),
    /// A document does not end with a zero byte.
    UnterminatedDocument,
    /// A name without a terminating zero.
    UnterminatedString,
    /// A name that is not UTF-8.
    InvalidUtf8,
    /// A name to be written holds a zero byte.
    NulInName,
    /// The CRC-32C at the end of the message is not that of its bytes.
    Checksum {
        /// The checksum in the message.
        declared: u32,
        /// The checksum of its bytes.
        actual: u32,
    },
    /// Bytes are left after the last document.
    TrailingBytes(usize),
    /// OP_REPLY announces another number of documents than it holds.
    DocumentCount {
        /// The number in `numberReturned`.
        declared: i32,
        /// The documents found.
        actual: usize,
    },
    /// A compressor id that was not negotiated.
    UnknownCompressor(u8),
    /// OP_COMPRESSED inside OP_COMPRESSED.
    NestedCompression,
    /// The compressed bytes are not what the compressor writes.
    Corrupt(&'static str),
    /// The bytes inflate to another size than declared.
    InflatedSize {
        /// The size in `uncompressedSize`.
        declared: usize,
        /// The size reached; for a stream that goes on, the first one beyond `declared`.
        actual: usize,
    },
    /// The compressor failed on a message to be sent.
    CompressionFailed(&'static str),
}

impl Error {
    pub(crate) const fn new(kind: ErrorKind, offset: usize) -> Self {
        Self { kind, offset }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (at byte {})", self.kind, self.offset)
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Truncated { needed } => {
                write!(f, "message ends inside a field of {needed} bytes")
            }
            Self::MessageTooShort(length) => write!(
                f,
                "message length {length} is smaller than a message header"
            ),
            Self::MessageTooLong { length, limit } => {
                write!(
                    f,
                    "message length {length} is larger than the maximum of {limit} bytes"
                )
            }
            Self::LengthMismatch { declared, actual } => {
                write!(f, "message declares {declared} bytes but has {actual}")
            }
            Self::UnexpectedOpcode(opcode) => write!(f, "unexpected opcode {opcode}"),
            Self::UnknownFlags(bits) => write!(f, "unknown required flag bits {bits:#06x}"),
            Self::UnknownSection(kind) => write!(f, "unknown section kind {kind}"),
            Self::MissingBody => f.write_str("message has no body section"),
            Self::SecondBody => f.write_str("message has a second body section"),
            Self::BadLength(length) => write!(f, "length {length} does not fit its surroundings"),
            Self::UnterminatedDocument => f.write_str("document does not end with a zero byte"),
            Self::UnterminatedString => f.write_str("name has no terminating zero byte"),
            Self::InvalidUtf8 => f.write_str("name is not UTF-8"),
            Self::NulInName => f.write_str("name holds a zero byte"),
            Self::Checksum { declared, actual } => {
                write!(
                    f,
                    "checksum {declared:#010x} does not match the message's {actual:#010x}"
                )
            }
            Self::TrailingBytes(count) => write!(f, "{count} bytes after the end"),
            Self::DocumentCount { declared, actual } => {
                write!(f, "reply announces {declared} documents but holds {actual}")
            }
            Self::UnknownCompressor(id) => write!(f, "unknown compressor {id}"),
            Self::NestedCompression => {
                f.write_str("compressed message inside a compressed message")
            }
            Self::Corrupt(compressor) => write!(f, "corrupt {compressor} data"),
            Self::InflatedSize { declared, actual } => {
                write!(
                    f,
                    "compressed message declares {declared} bytes but inflates to {actual}"
                )
            }
            Self::CompressionFailed(compressor) => write!(f, "{compressor} compression failed"),
        }
    }
}

impl std::error::Error for Error {}
