//! OP_QUERY and OP_REPLY, which a driver still needs for the first `hello` to a server whose version it does not know.

use crate::error::{Error, ErrorKind};
use crate::frame::{self, Header, OP_QUERY, OP_REPLY};
use crate::limits::HEADER_LEN;
use crate::op_msg::Documents;
use crate::reader::Reader;

/// The query may run on a secondary.
pub const SECONDARY_OK: i32 = 1 << 2;
/// The cursor of an OP_GET_MORE does not exist.
pub const CURSOR_NOT_FOUND: i32 = 1;
/// The query failed; the reply holds one document with `$err`.
pub const QUERY_FAILURE: i32 = 1 << 1;

/// Appends an OP_QUERY up to its document, which is to follow; `frame::finish` ends it. Returns where it starts.
///
/// # Errors
/// When `namespace` holds a zero byte.
pub fn begin_op_query(
    out: &mut Vec<u8>,
    request_id: i32,
    flags: i32,
    namespace: &str,
    skip: i32,
    limit: i32,
) -> Result<usize, Error> {
    if let Some(at) = namespace.bytes().position(|byte| byte == 0) {
        return Err(Error::new(ErrorKind::NulInName, at));
    }
    let start = frame::begin(out, request_id, 0, OP_QUERY);
    out.extend_from_slice(&flags.to_le_bytes());
    out.extend_from_slice(namespace.as_bytes());
    out.push(0);
    out.extend_from_slice(&skip.to_le_bytes());
    out.extend_from_slice(&limit.to_le_bytes());
    Ok(start)
}

/// A parsed OP_REPLY; it borrows the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpReply<'a> {
    /// The header.
    pub header: Header,
    /// `CURSOR_NOT_FOUND`, `QUERY_FAILURE` and bits that say nothing to a driver.
    pub flags: i32,
    /// The cursor to go on with, or 0.
    pub cursor_id: i64,
    /// Where in the cursor these documents start.
    pub starting_from: i32,
    /// How many documents there are.
    pub count: usize,
    /// The documents, one after the other.
    pub documents: &'a [u8],
    /// Where `documents` starts in the message.
    pub offset: usize,
}

impl<'a> OpReply<'a> {
    /// Reads a whole message, header included.
    ///
    /// # Errors
    /// When it is not a well-formed OP_REPLY with the announced number of documents.
    pub fn parse(message: &'a [u8]) -> Result<Self, Error> {
        let header = Header::expect(message, OP_REPLY)?;
        let mut reader = Reader::at(message, HEADER_LEN);
        let flags = reader.i32()?;
        let cursor_id = reader.i64()?;
        let starting_from = reader.i32()?;
        let count_at = reader.position();
        let declared = reader.i32()?;
        let (documents, offset) = (reader.rest(), reader.position());
        let mut count = 0;
        while reader.remaining() > 0 {
            reader.document()?;
            count += 1;
        }
        if usize::try_from(declared) != Ok(count) {
            return Err(Error::new(
                ErrorKind::DocumentCount {
                    declared,
                    actual: count,
                },
                count_at,
            ));
        }
        Ok(Self {
            header,
            flags,
            cursor_id,
            starting_from,
            count,
            documents,
            offset,
        })
    }

    /// The documents one by one.
    #[must_use]
    pub fn iter(&self) -> Documents<'a> {
        Documents::new(self.documents, self.offset)
    }
}

impl<'a> IntoIterator for &OpReply<'a> {
    type Item = Result<&'a [u8], Error>;
    type IntoIter = Documents<'a>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY: &[u8] = &[5, 0, 0, 0, 0];

    fn reply(count: i32, documents: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        let start = frame::begin(&mut out, 3, 4, OP_REPLY);
        out.extend_from_slice(&8_i32.to_le_bytes());
        out.extend_from_slice(&77_i64.to_le_bytes());
        out.extend_from_slice(&5_i32.to_le_bytes());
        out.extend_from_slice(&count.to_le_bytes());
        out.extend_from_slice(documents);
        frame::finish(&mut out, start).unwrap();
        out
    }

    #[test]
    fn writes_a_query_as_the_protocol_says() {
        let mut out = Vec::new();
        let start = begin_op_query(&mut out, 1, SECONDARY_OK, "admin.$cmd", 0, -1).unwrap();
        out.extend_from_slice(EMPTY);
        frame::finish(&mut out, start).unwrap();
        let expected = b"\x2c\0\0\0\x01\0\0\0\0\0\0\0\xd4\x07\0\0\x04\0\0\0admin.$cmd\0\0\0\0\0\xff\xff\xff\xff\x05\0\0\0\0";
        assert_eq!(out, expected);
        assert!(begin_op_query(&mut out, 1, 0, "a\0b", 0, -1).is_err());
    }

    #[test]
    fn reads_a_reply() {
        let bytes = reply(2, &[EMPTY, EMPTY].concat());
        let parsed = OpReply::parse(&bytes).unwrap();
        assert_eq!(
            (
                parsed.flags,
                parsed.cursor_id,
                parsed.starting_from,
                parsed.count
            ),
            (8, 77, 5, 2)
        );
        assert_eq!(
            parsed.iter().collect::<Result<Vec<_>, _>>().unwrap(),
            [EMPTY, EMPTY]
        );
    }

    #[test]
    fn is_truncated_at_every_byte() {
        let whole = reply(2, &[EMPTY, EMPTY].concat());
        for end in 0..whole.len() {
            assert!(OpReply::parse(&whole[..end]).is_err());
            if end >= HEADER_LEN {
                let mut patched = whole[..end].to_vec();
                frame::finish(&mut patched, 0).unwrap();
                assert!(OpReply::parse(&patched).is_err(), "at {end}");
            }
        }
    }

    #[test]
    fn hostile_counts_and_lengths_are_errors() {
        for count in [i32::MIN, -1, 0, 2, i32::MAX] {
            let error = OpReply::parse(&reply(count, EMPTY)).unwrap_err();
            assert_eq!(
                error,
                Error::new(
                    ErrorKind::DocumentCount {
                        declared: count,
                        actual: 1
                    },
                    32
                )
            );
        }
        for length in [i32::MIN, -1, 0, 4, 6, i32::MAX] {
            let error =
                OpReply::parse(&reply(1, &[&length.to_le_bytes()[..], &[0]].concat())).unwrap_err();
            assert_eq!(error, Error::new(ErrorKind::BadLength(length), 36));
        }
    }
}
