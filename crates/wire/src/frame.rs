//! The header that every message begins with, and the back-patching of its length.
//!
//! A message is written into a `Vec<u8>` by `begin`, its contents, and `finish`; several may follow each other in one
//! buffer, so each writer returns where its message starts.

use crate::error::{Error, ErrorKind};
use crate::limits::{ABSOLUTE_MAX_MESSAGE_LEN, HEADER_LEN};
use crate::reader::Reader;

/// The legacy reply, which old servers give to an OP_QUERY.
pub const OP_REPLY: i32 = 1;
/// The legacy query; drivers send it for the first `hello` only.
pub const OP_QUERY: i32 = 2004;
/// A compressed message of another opcode.
pub const OP_COMPRESSED: i32 = 2012;
/// Every other message, both ways.
pub const OP_MSG: i32 = 2013;

/// The standard message header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Bytes of the whole message, this header included.
    pub length: usize,
    /// The sender's number for this message.
    pub request_id: i32,
    /// The `request_id` that this message answers, or 0.
    pub response_to: i32,
    /// What follows.
    pub opcode: i32,
}

impl Header {
    /// Reads a header from the first 16 of `bytes`; more may follow. The length must be between 16 and `max_length`.
    ///
    /// # Errors
    /// When fewer than 16 bytes are there, or the length is out of bounds.
    pub fn read(bytes: &[u8], max_length: usize) -> Result<Self, Error> {
        let mut reader = Reader::at(bytes, 0);
        let declared = reader.i32()?;
        let request_id = reader.i32()?;
        let response_to = reader.i32()?;
        let opcode = reader.i32()?;
        let length = usize::try_from(declared)
            .ok()
            .filter(|length| *length >= HEADER_LEN)
            .ok_or(Error::new(ErrorKind::MessageTooShort(declared), 0))?;
        if length > max_length {
            return Err(Error::new(
                ErrorKind::MessageTooLong {
                    length,
                    limit: max_length,
                },
                0,
            ));
        }
        Ok(Self {
            length,
            request_id,
            response_to,
            opcode,
        })
    }

    /// Reads the header of a message that is there as a whole: its length must be that of `message`.
    ///
    /// # Errors
    /// As `read`, and when there are fewer or more bytes than the header says.
    pub fn of_whole(message: &[u8]) -> Result<Self, Error> {
        let header = Self::read(message, ABSOLUTE_MAX_MESSAGE_LEN)?;
        if header.length != message.len() {
            let kind = ErrorKind::LengthMismatch {
                declared: header.length,
                actual: message.len(),
            };
            return Err(Error::new(kind, 0));
        }
        Ok(header)
    }

    /// As `of_whole`, for a message that must have this opcode.
    pub(crate) fn expect(message: &[u8], opcode: i32) -> Result<Self, Error> {
        let header = Self::of_whole(message)?;
        if header.opcode == opcode {
            Ok(header)
        } else {
            Err(Error::new(ErrorKind::UnexpectedOpcode(header.opcode), 12))
        }
    }
}

/// Appends a header whose length is still open, and returns where the message starts, for `finish`.
pub fn begin(out: &mut Vec<u8>, request_id: i32, response_to: i32, opcode: i32) -> usize {
    let start = out.len();
    out.extend_from_slice(&0_i32.to_le_bytes());
    out.extend_from_slice(&request_id.to_le_bytes());
    out.extend_from_slice(&response_to.to_le_bytes());
    out.extend_from_slice(&opcode.to_le_bytes());
    start
}

/// Writes the length of the message that starts at `start` and ends with `out`.
///
/// # Errors
/// When the message is longer than an `int32` can say; `out` is then to be discarded.
pub fn finish(out: &mut [u8], start: usize) -> Result<(), Error> {
    patch_length(out, start, start)
}

/// Writes at `at` the count of bytes from there to the end of `out`. `message` is where offsets count from.
pub(crate) fn patch_length(out: &mut [u8], at: usize, message: usize) -> Result<(), Error> {
    let length = out.len().saturating_sub(at);
    let too_long = ErrorKind::MessageTooLong {
        length,
        limit: ABSOLUTE_MAX_MESSAGE_LEN,
    };
    let offset = at.saturating_sub(message);
    let declared = i32::try_from(length).map_err(|_| Error::new(too_long, offset))?;
    let field = out
        .get_mut(at..at + 4)
        .ok_or(Error::new(ErrorKind::Truncated { needed: 4 }, offset))?;
    field.copy_from_slice(&declared.to_le_bytes());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(length: i32) -> Vec<u8> {
        [length, 7, 9, OP_MSG]
            .iter()
            .flat_map(|field| field.to_le_bytes())
            .collect()
    }

    #[test]
    fn reads_its_four_fields() {
        let expected = Header {
            length: 99,
            request_id: 7,
            response_to: 9,
            opcode: OP_MSG,
        };
        assert_eq!(Header::read(&header(99), 99), Ok(expected));
    }

    #[test]
    fn is_truncated_at_every_byte() {
        let bytes = header(99);
        for end in 0..HEADER_LEN {
            let error = Header::read(&bytes[..end], 99).unwrap_err();
            assert_eq!(
                error,
                Error::new(ErrorKind::Truncated { needed: 4 }, end / 4 * 4)
            );
        }
    }

    #[test]
    fn bounds_the_length() {
        for length in [i32::MIN, -1, 0, 15] {
            let error = Header::read(&header(length), 1000).unwrap_err();
            assert_eq!(error, Error::new(ErrorKind::MessageTooShort(length), 0));
        }
        assert!(Header::read(&header(1000), 1000).is_ok());
        for length in [1001, i32::MAX] {
            let error = Header::read(&header(length), 1000).unwrap_err();
            let kind = ErrorKind::MessageTooLong {
                length: length as usize,
                limit: 1000,
            };
            assert_eq!(error, Error::new(kind, 0));
        }
    }

    #[test]
    fn a_whole_message_has_the_declared_length() {
        assert!(Header::of_whole(&header(16)).is_ok());
        let error = Header::of_whole(&header(17)).unwrap_err();
        assert_eq!(
            error.kind,
            ErrorKind::LengthMismatch {
                declared: 17,
                actual: 16
            }
        );
    }

    #[test]
    fn finish_patches_the_length_of_its_own_message() {
        let mut out = b"before".to_vec();
        let start = begin(&mut out, 1, 2, OP_MSG);
        out.extend_from_slice(b"four");
        finish(&mut out, start).unwrap();
        assert_eq!(Header::of_whole(&out[start..]).unwrap().length, 20);
        assert_eq!(&out[..start], b"before");
    }
}
