//! Encoding the less common values, once it is known what they are.

use petiole_wire::bson::element_type as kinds;
use pyo3::exceptions::{PyOverflowError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDateTime, PyDelta, PyString};

use super::calendar;
use super::encode::Encoder;
use super::errors::{Failure, Fault};
use crate::ffi::{datetime, python_code, text};

/// The letters of a BSON regular expression by the flags of Python's `re`, in the alphabetical order that BSON asks for.
const LETTERS: [(i64, u8); 6] = [
    (2, b'i'),
    (4, b'l'),
    (8, b'm'),
    (16, b's'),
    (32, b'u'),
    (64, b'x'),
];

const UNSPECIFIED_UUID: &str = "cannot encode native uuid.UUID with UuidRepresentation.UNSPECIFIED. UUIDs can be \
    manually converted to bson.Binary instances using bson.Binary.from_uuid() or a different UuidRepresentation can be \
    configured. See the documentation for UuidRepresentation for more information.";

impl<'py> Encoder<'_, 'py> {
    pub(super) fn object_id(&mut self, key: &[u8], bytes: [u8; 12]) {
        self.head(kinds::OBJECT_ID, key);
        self.out.extend_from_slice(&bytes);
    }

    pub(super) fn timestamp(&mut self, key: &[u8], value: u64) {
        self.head(kinds::TIMESTAMP, key);
        self.out.extend_from_slice(&value.to_le_bytes());
    }

    pub(super) fn datetime(
        &mut self,
        key: &[u8],
        value: Borrowed<'_, 'py, PyDateTime>,
    ) -> Result<(), Failure> {
        let (fields, has_zone) = datetime::fields(value);
        let mut microseconds = calendar::microseconds_of(&fields);
        if has_zone {
            let offset = python_code::call_method(intern!(self.py, "utcoffset"), [value.as_any()])?;
            if let Ok(offset) = offset.cast::<PyDelta>() {
                microseconds -= datetime::microseconds(offset.as_borrowed());
            }
        }
        let milliseconds = microseconds.div_euclid(1_000);
        if !(calendar::FIRST..=calendar::LAST).contains(&milliseconds) {
            return Err(PyOverflowError::new_err("date value out of range").into());
        }
        self.head(kinds::DATETIME, key);
        self.out.extend_from_slice(&milliseconds.to_le_bytes());
        Ok(())
    }

    pub(super) fn binary_of(
        &mut self,
        key: &[u8],
        value: Borrowed<'_, 'py, PyAny>,
        subtype: &Py<PyString>,
    ) -> Result<(), Failure> {
        let subtype: u8 = python_code::get_attribute(&value, subtype.bind(self.py))?.extract()?;
        let bytes = value.cast::<PyBytes>().map_err(PyErr::from)?;
        self.binary(key, subtype, text::bytes(bytes))
    }

    pub(super) fn decimal128(
        &mut self,
        key: &[u8],
        value: Borrowed<'_, 'py, PyAny>,
        bid: &Py<PyString>,
    ) -> Result<(), Failure> {
        let bid: [u8; 16] = python_code::get_attribute(&value, bid.bind(self.py))?.extract()?;
        self.head(kinds::DECIMAL128, key);
        self.out.extend_from_slice(&bid);
        Ok(())
    }

    pub(super) fn code(
        &mut self,
        key: &[u8],
        value: Borrowed<'_, 'py, PyAny>,
        scope: &Py<PyString>,
    ) -> Result<(), Failure> {
        let source = text::utf8(value.cast::<PyString>().map_err(PyErr::from)?)?;
        let scope = python_code::get_attribute(&value, scope.bind(self.py))?;
        if scope.is_none() {
            self.head(kinds::CODE, key);
            return self.sized_text(source);
        }
        self.head(kinds::CODE_WITH_SCOPE, key);
        let start = self.out.len();
        self.out.extend_from_slice(&[0; 4]);
        self.sized_text(source)?;
        self.unchecked_document(&scope)?;
        self.patch_length(start)
    }

    /// A `Regex`, or a compiled expression of Python's: both have `pattern` and `flags`.
    pub(super) fn regex(
        &mut self,
        key: &[u8],
        value: Borrowed<'_, 'py, PyAny>,
    ) -> Result<(), Failure> {
        let names = &self.classes.names;
        let pattern = python_code::get_attribute(&value, names.pattern.bind(self.py))?;
        let flags = python_code::get_attribute(&value, names.flags.bind(self.py))?;
        let flags: i64 = flags.extract()?;
        let bytes = if let Ok(pattern) = pattern.cast::<PyString>() {
            text::utf8(pattern.as_borrowed())?
        } else {
            let bytes = pattern.cast::<PyBytes>().map_err(PyErr::from)?.as_bytes();
            if std::str::from_utf8(bytes).is_err() {
                return Err(Failure::new(Fault::StringData(
                    "regex patterns must be valid UTF-8",
                )));
            }
            bytes
        };
        if bytes.contains(&0) {
            return Err(Failure::document(
                "regex patterns must not contain the NULL byte",
            ));
        }
        self.head(kinds::REGEX, key);
        self.out.extend_from_slice(bytes);
        self.out.push(0);
        self.out.extend(
            LETTERS
                .iter()
                .filter(|(flag, _)| flags & flag != 0)
                .map(|(_, letter)| letter),
        );
        self.out.push(0);
        Ok(())
    }

    pub(super) fn uuid(
        &mut self,
        key: &[u8],
        value: Borrowed<'_, 'py, PyAny>,
    ) -> Result<(), Failure> {
        let uuids = self.options.uuids;
        let Some(subtype) = uuids.subtype() else {
            return Err(PyValueError::new_err(UNSPECIFIED_UUID).into());
        };
        let number: u128 = value.getattr(&self.classes.names.int)?.extract()?;
        self.binary(key, subtype, &uuids.reorder(number.to_be_bytes()))
    }
}
