//! A bounds-checked position in a message; its offsets are those that errors report.

use crate::error::{Error, ErrorKind};
use crate::limits::MIN_DOCUMENT_LEN;

/// Reads forward through `bytes` up to `end`.
#[derive(Clone, Debug)]
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    position: usize,
}

impl<'a> Reader<'a> {
    /// Starts at `position` of `bytes`; offsets count from the start of `bytes`.
    pub(crate) fn at(bytes: &'a [u8], position: usize) -> Self {
        Self {
            bytes,
            position: position.min(bytes.len()),
        }
    }

    pub(crate) fn position(&self) -> usize {
        self.position
    }

    pub(crate) fn remaining(&self) -> usize {
        self.bytes.len() - self.position
    }

    pub(crate) fn rest(&self) -> &'a [u8] {
        &self.bytes[self.position..]
    }

    pub(crate) fn take(&mut self, count: usize) -> Result<&'a [u8], Error> {
        let taken = self.rest().get(..count).ok_or(Error::new(
            ErrorKind::Truncated { needed: count },
            self.position,
        ))?;
        self.position += count;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let offset = self.position;
        let taken = self.take(N)?;
        taken
            .try_into()
            .map_err(|_| Error::new(ErrorKind::Truncated { needed: N }, offset))
    }

    pub(crate) fn u8(&mut self) -> Result<u8, Error> {
        self.array::<1>().map(|[byte]| byte)
    }

    pub(crate) fn u32(&mut self) -> Result<u32, Error> {
        self.array().map(u32::from_le_bytes)
    }

    pub(crate) fn i32(&mut self) -> Result<i32, Error> {
        self.array().map(i32::from_le_bytes)
    }

    pub(crate) fn i64(&mut self) -> Result<i64, Error> {
        self.array().map(i64::from_le_bytes)
    }

    /// A name that ends with a zero byte, without that byte.
    pub(crate) fn cstring(&mut self) -> Result<&'a str, Error> {
        let offset = self.position;
        let end = self
            .rest()
            .iter()
            .position(|byte| *byte == 0)
            .ok_or(Error::new(ErrorKind::UnterminatedString, offset))?;
        let name = self.take(end)?;
        self.position += 1;
        std::str::from_utf8(name)
            .map_err(|error| Error::new(ErrorKind::InvalidUtf8, offset + error.valid_up_to()))
    }

    /// A length that counts itself, and the bytes it spans, itself included.
    pub(crate) fn sized(&mut self, minimum: usize) -> Result<&'a [u8], Error> {
        let offset = self.position;
        let declared = self.clone().i32()?;
        let length = usize::try_from(declared)
            .ok()
            .filter(|length| (minimum..=self.remaining()).contains(length))
            .ok_or(Error::new(ErrorKind::BadLength(declared), offset))?;
        self.take(length)
    }

    /// One BSON document, of which only the outer frame is looked at.
    pub(crate) fn document(&mut self) -> Result<&'a [u8], Error> {
        let document = self.sized(MIN_DOCUMENT_LEN)?;
        match document.last() {
            Some(0) => Ok(document),
            _ => Err(Error::new(
                ErrorKind::UnterminatedDocument,
                self.position - 1,
            )),
        }
    }
}
