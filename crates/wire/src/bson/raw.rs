//! Documents as slices: check one, and walk its elements without decoding their values.

use super::reader::{Error, ErrorKind, Reader};

/// The type bytes of <https://bsonspec.org/spec.html>.
pub mod element_type {
    #![allow(missing_docs)]
    pub const DOUBLE: u8 = 0x01;
    pub const STRING: u8 = 0x02;
    pub const DOCUMENT: u8 = 0x03;
    pub const ARRAY: u8 = 0x04;
    pub const BINARY: u8 = 0x05;
    pub const UNDEFINED: u8 = 0x06;
    pub const OBJECT_ID: u8 = 0x07;
    pub const BOOLEAN: u8 = 0x08;
    pub const DATETIME: u8 = 0x09;
    pub const NULL: u8 = 0x0A;
    pub const REGEX: u8 = 0x0B;
    pub const DB_POINTER: u8 = 0x0C;
    pub const CODE: u8 = 0x0D;
    pub const SYMBOL: u8 = 0x0E;
    pub const CODE_WITH_SCOPE: u8 = 0x0F;
    pub const INT32: u8 = 0x10;
    pub const TIMESTAMP: u8 = 0x11;
    pub const INT64: u8 = 0x12;
    pub const DECIMAL128: u8 = 0x13;
    pub const MAX_KEY: u8 = 0x7F;
    pub const MIN_KEY: u8 = 0xFF;
}

/// The document at the start of `data`: its length prefix and its terminator are checked, its elements are not.
#[inline]
pub fn document(data: &[u8]) -> Result<&[u8], Error> {
    let Some(prefix) = data.first_chunk::<4>() else {
        return Err(Error::new(ErrorKind::Truncated, 0));
    };
    match usize::try_from(i32::from_le_bytes(*prefix)) {
        Ok(length) if length >= 5 && length <= data.len() => {
            let document = &data[..length];
            if document[length - 1] != 0 {
                return Err(Error::new(ErrorKind::MissingTerminator, length - 1));
            }
            Ok(document)
        }
        _ => Err(Error::new(ErrorKind::BadLength, 0)),
    }
}

/// One element of a document. Offsets count from the start of that document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Element<'a> {
    /// The type byte.
    pub kind: u8,
    /// The key, not checked to be UTF-8.
    pub key: &'a [u8],
    /// The value's bytes, length prefix included.
    pub value: &'a [u8],
    /// Where the element (its type byte) starts.
    pub offset: usize,
}

impl<'a> Element<'a> {
    /// The value as a 32-bit integer, if it is one.
    pub fn as_i32(&self) -> Option<i32> {
        (self.kind == element_type::INT32)
            .then(|| Reader::new(self.value).i32().ok())
            .flatten()
    }

    /// The value as a 64-bit integer, if it is one.
    pub fn as_i64(&self) -> Option<i64> {
        (self.kind == element_type::INT64)
            .then(|| Reader::new(self.value).i64().ok())
            .flatten()
    }

    /// The value as a double, if it is one.
    pub fn as_f64(&self) -> Option<f64> {
        (self.kind == element_type::DOUBLE)
            .then(|| Reader::new(self.value).f64().ok())
            .flatten()
    }

    /// Any numeric value or boolean, truncated to an integer: what servers mean by `ok: 1.0`, `n: 1` and `true`.
    pub fn as_integer(&self) -> Option<i64> {
        match self.kind {
            element_type::INT32 => self.as_i32().map(i64::from),
            element_type::INT64 => self.as_i64(),
            element_type::DOUBLE => self.as_f64().map(|value| value as i64),
            element_type::BOOLEAN => self.as_bool().map(i64::from),
            _ => None,
        }
    }

    /// The value as a boolean, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        (self.kind == element_type::BOOLEAN)
            .then(|| self.value.first().map(|&byte| byte != 0))
            .flatten()
    }

    /// The value as a string, if it is one and is UTF-8.
    pub fn as_str(&self) -> Option<&'a str> {
        if self.kind != element_type::STRING {
            return None;
        }
        std::str::from_utf8(Reader::new(self.value).string().ok()?).ok()
    }

    /// The value as an embedded document, if it is one: ready for [`Elements::new`].
    pub fn as_document(&self) -> Option<&'a [u8]> {
        (self.kind == element_type::DOCUMENT).then_some(self.value)
    }

    /// The value as an array, if it is one: a document whose keys are to be ignored.
    pub fn as_array(&self) -> Option<&'a [u8]> {
        (self.kind == element_type::ARRAY).then_some(self.value)
    }
}

/// The elements of one document, in order. After an error it ends.
#[derive(Debug, Clone)]
pub struct Elements<'a> {
    reader: Reader<'a>,
    fault: Option<Error>,
    done: bool,
}

impl<'a> Elements<'a> {
    /// Walks `document`, which is one whole document: a fault in its frame comes out as the first item.
    pub fn new(data: &'a [u8]) -> Self {
        match document(data) {
            Ok(document) if document.len() == data.len() => {
                let mut reader = Reader::new(document);
                let fault = reader.take(4).err();
                Self {
                    reader,
                    fault,
                    done: false,
                }
            }
            Ok(document) => {
                let fault = Some(Error::new(ErrorKind::TrailingBytes, document.len()));
                Self {
                    reader: Reader::new(data),
                    fault,
                    done: false,
                }
            }
            Err(fault) => Self {
                reader: Reader::new(data),
                fault: Some(fault),
                done: false,
            },
        }
    }

    fn element(&mut self) -> Result<Option<Element<'a>>, Error> {
        let offset = self.reader.offset();
        let kind = self.reader.byte()?;
        if kind == 0 {
            return match self.reader.remaining() {
                0 => Ok(None),
                _ => Err(Error::new(ErrorKind::EarlyTerminator, offset)),
            };
        }
        let key = self.reader.cstring()?;
        let mut end = self.reader;
        skip_value(&mut end, kind)?;
        let value = self
            .reader
            .take(self.reader.remaining() - end.remaining())?;
        // The last byte belongs to the document, not to its last element.
        if self.reader.remaining() == 0 {
            return Err(self.reader.error(ErrorKind::Truncated));
        }
        Ok(Some(Element {
            kind,
            key,
            value,
            offset,
        }))
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = Result<Element<'a>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let item = match self.fault.take() {
            Some(fault) => Err(fault),
            None => self.element(),
        };
        self.done = !matches!(item, Ok(Some(_)));
        item.transpose()
    }
}

/// Moves past one value of `kind`, checking its frame.
pub(super) fn skip_value(reader: &mut Reader<'_>, kind: u8) -> Result<(), Error> {
    use element_type::*;
    match kind {
        DOUBLE | DATETIME | TIMESTAMP | INT64 => reader.take(8).map(drop),
        STRING | CODE | SYMBOL => reader.string().map(drop),
        DOCUMENT | ARRAY => reader.document().map(drop),
        BINARY => reader.binary().map(drop),
        OBJECT_ID => reader.take(12).map(drop),
        BOOLEAN => reader.take(1).map(drop),
        UNDEFINED | NULL | MIN_KEY | MAX_KEY => Ok(()),
        REGEX => {
            reader.cstring()?;
            reader.cstring().map(drop)
        }
        DB_POINTER => {
            reader.string()?;
            reader.take(12).map(drop)
        }
        CODE_WITH_SCOPE => {
            let at = reader.offset();
            let length = reader.length()?;
            reader.string()?;
            reader.document()?;
            match reader.offset() - at == length {
                true => Ok(()),
                false => Err(Error::new(ErrorKind::BadLength, at)),
            }
        }
        INT32 => reader.take(4).map(drop),
        DECIMAL128 => reader.take(16).map(drop),
        other => Err(reader.error(ErrorKind::UnknownType(other))),
    }
}
