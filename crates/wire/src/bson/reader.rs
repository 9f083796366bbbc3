//! A cursor over untrusted bytes: each read is bounds-checked and reports where it failed.

use std::fmt;

/// What is wrong with the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The input ends before the value does.
    Truncated,
    /// A length prefix is negative, too small, or reaches past its container.
    BadLength,
    /// A document does not end with a zero byte.
    MissingTerminator,
    /// A string's last byte is not zero, or a cstring has no end.
    UnterminatedString,
    /// The type byte names no type of the specification.
    UnknownType(u8),
    /// Bytes that should be UTF-8 are not.
    InvalidUtf8,
    /// A boolean is neither 0 nor 1.
    BadBoolean(u8),
    /// A document ends before its length says.
    EarlyTerminator,
    /// More levels of nesting than the caller allows.
    TooDeep,
    /// Bytes follow the document.
    TrailingBytes,
}

/// A fault in the bytes, and the offset (from the start of the slice given) where it was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Error {
    /// What is wrong.
    pub kind: ErrorKind,
    /// Where, in bytes from the start of what was read.
    pub offset: usize,
}

impl Error {
    /// An error at `offset`.
    #[cold]
    pub fn new(kind: ErrorKind, offset: usize) -> Self {
        Self { kind, offset }
    }

    /// The same error, seen from a container in which the slice starts at `base`.
    #[must_use]
    pub fn within(self, base: usize) -> Self {
        Self {
            offset: self.offset + base,
            ..self
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            ErrorKind::Truncated => f.write_str("not enough bytes for the value")?,
            ErrorKind::BadLength => f.write_str("invalid length")?,
            ErrorKind::MissingTerminator => f.write_str("bad eoo")?,
            ErrorKind::UnterminatedString => f.write_str("invalid end of string")?,
            ErrorKind::UnknownType(kind) => write!(f, "unknown BSON type 0x{kind:02x}")?,
            ErrorKind::InvalidUtf8 => f.write_str("invalid UTF-8")?,
            ErrorKind::BadBoolean(value) => write!(f, "invalid boolean value {value}")?,
            ErrorKind::EarlyTerminator => f.write_str("bad object or element length")?,
            ErrorKind::TooDeep => f.write_str("document nested too deeply")?,
            ErrorKind::TrailingBytes => f.write_str("unexpected bytes after the document")?,
        }
        write!(f, " at offset {}", self.offset)
    }
}

impl std::error::Error for Error {}

/// A cursor over one slice.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a> {
    rest: &'a [u8],
    /// Where the slice ends, in the larger whole that offsets are told in.
    end: usize,
}

impl<'a> Reader<'a> {
    /// A cursor at the start of `data`.
    #[inline(always)]
    pub fn new(data: &'a [u8]) -> Self {
        Self::within(data, 0)
    }

    /// A cursor at the start of `data`, which is part of something larger and starts there at `base`: errors tell
    /// their offsets in the larger one.
    #[inline(always)]
    pub fn within(data: &'a [u8], base: usize) -> Self {
        Self {
            rest: data,
            end: base + data.len(),
        }
    }

    /// Where the cursor is in the larger whole.
    #[inline(always)]
    pub fn offset(&self) -> usize {
        self.end - self.rest.len()
    }

    /// Bytes not yet read.
    #[inline(always)]
    pub fn remaining(&self) -> usize {
        self.rest.len()
    }

    /// An error of `kind` at the cursor.
    #[cold]
    pub fn error(&self, kind: ErrorKind) -> Error {
        Error::new(kind, self.offset())
    }

    /// The next `count` bytes.
    #[inline(always)]
    pub fn take(&mut self, count: usize) -> Result<&'a [u8], Error> {
        match self.rest.split_at_checked(count) {
            Some((bytes, rest)) => {
                self.rest = rest;
                Ok(bytes)
            }
            None => Err(self.error(ErrorKind::Truncated)),
        }
    }

    #[inline(always)]
    fn array<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        match self.rest.split_first_chunk::<N>() {
            Some((bytes, rest)) => {
                self.rest = rest;
                Ok(*bytes)
            }
            None => Err(self.error(ErrorKind::Truncated)),
        }
    }

    /// One byte.
    #[inline(always)]
    pub fn byte(&mut self) -> Result<u8, Error> {
        self.array::<1>().map(|[byte]| byte)
    }

    /// A little-endian 32-bit integer.
    #[inline(always)]
    pub fn i32(&mut self) -> Result<i32, Error> {
        self.array().map(i32::from_le_bytes)
    }

    /// A little-endian unsigned 32-bit integer.
    #[inline(always)]
    pub fn u32(&mut self) -> Result<u32, Error> {
        self.array().map(u32::from_le_bytes)
    }

    /// A little-endian 64-bit integer.
    #[inline(always)]
    pub fn i64(&mut self) -> Result<i64, Error> {
        self.array().map(i64::from_le_bytes)
    }

    /// A little-endian double.
    #[inline(always)]
    pub fn f64(&mut self) -> Result<f64, Error> {
        self.array().map(f64::from_le_bytes)
    }

    /// The twelve bytes of an ObjectId.
    #[inline(always)]
    pub fn object_id(&mut self) -> Result<[u8; 12], Error> {
        self.array()
    }

    /// A length prefix: not negative.
    #[inline(always)]
    pub fn length(&mut self) -> Result<usize, Error> {
        let at = self.offset();
        usize::try_from(self.i32()?).map_err(|_| Error::new(ErrorKind::BadLength, at))
    }

    /// A zero-terminated string, without its zero. Its bytes are not checked to be UTF-8.
    #[inline(always)]
    pub fn cstring(&mut self) -> Result<&'a [u8], Error> {
        match find_zero(self.rest) {
            Some(length) => {
                let text = &self.rest[..length];
                self.rest = &self.rest[length + 1..];
                Ok(text)
            }
            None => Err(self.error(ErrorKind::UnterminatedString)),
        }
    }

    /// A length-prefixed string, without its zero. Its bytes are not checked to be UTF-8.
    #[inline(always)]
    pub fn string(&mut self) -> Result<&'a [u8], Error> {
        let at = *self;
        let length = self.length()?;
        match self.rest.split_at_checked(length) {
            Some(([text @ .., 0], rest)) => {
                self.rest = rest;
                Ok(text)
            }
            Some(([_, ..], rest)) => {
                self.rest = rest;
                Err(Error::new(ErrorKind::UnterminatedString, self.offset() - 1))
            }
            _ => Err(at.error(ErrorKind::BadLength)),
        }
    }

    /// An embedded document or array: the whole of it, its length and terminator checked.
    #[inline(always)]
    pub fn document(&mut self) -> Result<&'a [u8], Error> {
        match super::raw::document(self.rest) {
            Ok(document) => {
                self.rest = &self.rest[document.len()..];
                Ok(document)
            }
            Err(error) => Err(error.within(self.offset())),
        }
    }

    /// A binary: its subtype and its bytes. Subtype 2's inner length is checked and left out.
    #[inline]
    pub fn binary(&mut self) -> Result<(u8, &'a [u8]), Error> {
        let at = self.offset();
        let length = self.length()?;
        let subtype = self.byte()?;
        if length > self.remaining() {
            return Err(Error::new(ErrorKind::BadLength, at));
        }
        if subtype != 2 {
            return Ok((subtype, self.take(length)?));
        }
        let inner = self.length()?;
        if inner.checked_add(4) != Some(length) {
            return Err(Error::new(ErrorKind::BadLength, at + 5));
        }
        Ok((subtype, self.take(inner)?))
    }
}

/// The index of the first zero byte, eight bytes at a time: keys are short, so this beats a call to memchr.
#[inline(always)]
fn find_zero(bytes: &[u8]) -> Option<usize> {
    const LOW: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let mut start = 0;
    while let Some(chunk) = bytes[start..].first_chunk::<8>() {
        let word = u64::from_le_bytes(*chunk);
        let zeros = word.wrapping_sub(LOW) & !word & HIGH;
        if zeros != 0 {
            return Some(start + (zeros.trailing_zeros() / 8) as usize);
        }
        start += 8;
    }
    bytes[start..]
        .iter()
        .position(|&byte| byte == 0)
        .map(|index| start + index)
}
