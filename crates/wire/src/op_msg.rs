//! OP_MSG, the message of every command and every reply since MongoDB 3.6 (specification: `message/OP_MSG`).
//!
//! ```text
//! header, flagBits: uint32, sections, [checksum: uint32]
//! section kind 0: one document, the command or the reply; exactly one in a message
//! section kind 1: length: int32 (of itself and what follows), identifier: cstring, documents
//! ```
//! What the documents hold is not looked at here.

use crate::crc32c::checksum;
use crate::error::{Error, ErrorKind};
use crate::frame::{self, Header, OP_MSG};
use crate::limits::HEADER_LEN;
use crate::reader::Reader;

/// The message ends with a CRC-32C of all bytes before it.
pub const CHECKSUM_PRESENT: u32 = 1;
/// Another message follows without a request; of a request: no reply is wanted.
pub const MORE_TO_COME: u32 = 1 << 1;
/// The client is ready for several replies to this request.
pub const EXHAUST_ALLOWED: u32 = 1 << 16;

const KNOWN_REQUIRED: u32 = CHECKSUM_PRESENT | MORE_TO_COME;
const REQUIRED: u32 = 0xffff;
const FLAGS_AT: usize = HEADER_LEN;
const SECTIONS_AT: usize = FLAGS_AT + 4;
const CHECKSUM_LEN: usize = 4;
const BODY: u8 = 0;
const SEQUENCE: u8 = 1;
/// A sequence's length and an empty identifier.
const MIN_SEQUENCE_LEN: usize = 5;

/// A parsed message; it borrows the bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpMsg<'a> {
    /// The header.
    pub header: Header,
    /// The flag bits as sent.
    pub flags: u32,
    /// The document of the body section.
    pub body: &'a [u8],
    /// Where `body` starts in the message.
    pub body_offset: usize,
    /// The document sequences, in the order sent.
    pub sequences: Vec<DocumentSequence<'a>>,
}

/// A section of kind 1: documents that belong to one field of the command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DocumentSequence<'a> {
    /// The field's name.
    pub identifier: &'a str,
    /// The documents, one after the other.
    pub documents: &'a [u8],
    /// Where `documents` starts in the message.
    pub offset: usize,
}

/// Splits bytes that are documents one after the other. After an error it ends.
#[derive(Clone, Debug)]
pub struct Documents<'a> {
    reader: Reader<'a>,
    base: usize,
}

impl<'a> OpMsg<'a> {
    /// Reads a whole message, header included.
    ///
    /// # Errors
    /// When it is not a well-formed OP_MSG, or its checksum is wrong.
    pub fn parse(message: &'a [u8]) -> Result<Self, Error> {
        let header = Header::expect(message, OP_MSG)?;
        let flags = Reader::at(message, FLAGS_AT).u32()?;
        let unknown = flags & REQUIRED & !KNOWN_REQUIRED;
        if unknown != 0 {
            return Err(Error::new(ErrorKind::UnknownFlags(unknown), FLAGS_AT));
        }
        let sections = if flags & CHECKSUM_PRESENT == 0 {
            message
        } else {
            verify_checksum(message)?
        };
        let mut reader = Reader::at(sections, SECTIONS_AT);
        let mut body = None;
        let mut sequences = Vec::new();
        while reader.remaining() > 0 {
            let offset = reader.position();
            match reader.u8()? {
                BODY if body.is_some() => return Err(Error::new(ErrorKind::SecondBody, offset)),
                BODY => body = Some((reader.position(), reader.document()?)),
                SEQUENCE => sequences.push(DocumentSequence::read(sections, &mut reader)?),
                kind => return Err(Error::new(ErrorKind::UnknownSection(kind), offset)),
            }
        }
        let (body_offset, body) = body.ok_or(Error::new(ErrorKind::MissingBody, sections.len()))?;
        Ok(Self {
            header,
            flags,
            body,
            body_offset,
            sequences,
        })
    }

    /// Whether the sender will send another message without being asked.
    #[must_use]
    pub fn more_to_come(&self) -> bool {
        self.flags & MORE_TO_COME != 0
    }

    /// Whether the sender takes several replies.
    #[must_use]
    pub fn exhaust_allowed(&self) -> bool {
        self.flags & EXHAUST_ALLOWED != 0
    }

    /// Whether the message came with a checksum, which was then verified.
    #[must_use]
    pub fn checksum_present(&self) -> bool {
        self.flags & CHECKSUM_PRESENT != 0
    }
}

/// The message without its checksum, which must be right.
fn verify_checksum(message: &[u8]) -> Result<&[u8], Error> {
    let at = message
        .len()
        .checked_sub(CHECKSUM_LEN)
        .filter(|at| *at >= SECTIONS_AT)
        .ok_or(Error::new(
            ErrorKind::Truncated {
                needed: CHECKSUM_LEN,
            },
            SECTIONS_AT.min(message.len()),
        ))?;
    let declared = Reader::at(message, at).u32()?;
    let actual = checksum(&message[..at]);
    if declared == actual {
        Ok(&message[..at])
    } else {
        Err(Error::new(ErrorKind::Checksum { declared, actual }, at))
    }
}

impl<'a> DocumentSequence<'a> {
    /// Reads a section after its kind byte. All its documents are walked, so that splitting it later cannot fail.
    fn read(message: &'a [u8], reader: &mut Reader<'a>) -> Result<Self, Error> {
        let start = reader.position();
        reader.sized(MIN_SEQUENCE_LEN)?;
        let mut section = Reader::at(&message[..reader.position()], start + 4);
        let identifier = section.cstring()?;
        let sequence = Self {
            identifier,
            documents: section.rest(),
            offset: section.position(),
        };
        while section.remaining() > 0 {
            section.document()?;
        }
        Ok(sequence)
    }

    /// The documents one by one.
    #[must_use]
    pub fn iter(&self) -> Documents<'a> {
        Documents {
            reader: Reader::at(self.documents, 0),
            base: self.offset,
        }
    }
}

impl<'a> Documents<'a> {
    pub(crate) fn new(documents: &'a [u8], base: usize) -> Self {
        Self {
            reader: Reader::at(documents, 0),
            base,
        }
    }
}

impl<'a> Iterator for Documents<'a> {
    type Item = Result<&'a [u8], Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.reader.remaining() == 0 {
            return None;
        }
        let document = self.reader.document();
        if document.is_err() {
            self.reader = Reader::at(&[], 0);
        }
        Some(document.map_err(|error| Error::new(error.kind, error.offset + self.base)))
    }
}

impl<'a> IntoIterator for &DocumentSequence<'a> {
    type Item = Result<&'a [u8], Error>;
    type IntoIter = Documents<'a>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// Appends the header and flags of a message, and returns where it starts, for `finish`.
pub fn begin_op_msg(out: &mut Vec<u8>, request_id: i32, flags: u32) -> usize {
    let start = frame::begin(out, request_id, 0, OP_MSG);
    out.extend_from_slice(&flags.to_le_bytes());
    start
}

/// Appends the head of the body section; one document is to follow. Returns where that document starts.
pub fn begin_body(out: &mut Vec<u8>) -> usize {
    out.push(BODY);
    out.len()
}

/// Appends the head of a document sequence; its documents are to follow. Returns where to patch, for `end_sequence`.
///
/// # Errors
/// When `identifier` holds a zero byte.
pub fn begin_sequence(out: &mut Vec<u8>, identifier: &str) -> Result<usize, Error> {
    if let Some(at) = identifier.bytes().position(|byte| byte == 0) {
        return Err(Error::new(ErrorKind::NulInName, at));
    }
    out.push(SEQUENCE);
    let sequence = out.len();
    out.extend_from_slice(&0_i32.to_le_bytes());
    out.extend_from_slice(identifier.as_bytes());
    out.push(0);
    Ok(sequence)
}

/// Writes the length of the sequence that ends with `out`.
///
/// # Errors
/// When it is longer than an `int32` can say.
pub fn end_sequence(out: &mut [u8], sequence: usize) -> Result<(), Error> {
    frame::patch_length(out, sequence, 0)
}

/// Ends the message that starts at `start`: writes its length and, where its flags say so, its checksum.
///
/// # Errors
/// When the message is longer than an `int32` can say; `out` is then to be discarded.
pub fn finish(out: &mut Vec<u8>, start: usize) -> Result<(), Error> {
    let flags = Reader::at(out, start.saturating_add(FLAGS_AT)).u32()?;
    if flags & CHECKSUM_PRESENT == 0 {
        return frame::finish(out, start);
    }
    let at = out.len();
    out.extend_from_slice(&[0; CHECKSUM_LEN]);
    frame::finish(out, start)?;
    let sum = checksum(&out[start..at]);
    out[at..].copy_from_slice(&sum.to_le_bytes());
    Ok(())
}

#[cfg(test)]
#[path = "op_msg_tests.rs"]
mod tests;
