//! Decoding the less common types.

use petiole_wire::bson::{self as wire, ErrorKind, Reader, element_type as kinds};
use pyo3::intern;
use pyo3::prelude::*;

use super::calendar;
use super::decode::{Decoder, Frame, Place};
use super::errors::{Failure, Fault};
use super::options::Conversion;
use crate::ffi::{number, object, python_code, text};
use crate::types::object_id::ObjectId;
use crate::types::timestamp::Timestamp;

/// The flags of Python's `re` by the letters of a BSON regular expression; other letters count for nothing.
const FLAGS: [(u8, i64); 6] = [
    (b'i', 2),
    (b'l', 4),
    (b'm', 8),
    (b's', 16),
    (b'u', 32),
    (b'x', 64),
];

const ADVICE: &str = "(Consider Using CodecOptions(datetime_conversion=DATETIME_AUTO) or \
                      MongoClient(datetime_conversion='DATETIME_AUTO')).";

impl<'py> Decoder<'_, 'py> {
    #[inline(never)]
    pub(super) fn rare_value(
        &mut self,
        kind: u8,
        reader: &mut Reader<'_>,
        name: &[u8],
    ) -> Result<Bound<'py, PyAny>, Failure> {
        let py = self.py;
        match kind {
            kinds::BINARY => {
                let (subtype, bytes) = reader.binary()?;
                self.binary(subtype, bytes)
            }
            kinds::UNDEFINED => Ok(py.None().into_bound(py)),
            kinds::SYMBOL => self.text(reader.string()?),
            kinds::TIMESTAMP => {
                let increment = reader.u32()?;
                Ok(Timestamp::new_bound(py, reader.u32()?, increment)?.into_any())
            }
            kinds::DECIMAL128 => {
                let bid = text::new_bytes(py, reader.take(16)?)?;
                self.with_attribute(
                    self.classes.decimal128.make(py, None)?,
                    &self.classes.names.bid,
                    &bid,
                )
            }
            kinds::MIN_KEY => Ok(self.classes.a_min_key.bind(py).clone()),
            kinds::MAX_KEY => Ok(self.classes.a_max_key.bind(py).clone()),
            kinds::REGEX => self.regex(reader.cstring()?, reader.cstring()?),
            kinds::CODE => {
                let source = reader.string()?;
                self.code(source, None)
            }
            kinds::CODE_WITH_SCOPE => self.code_with_scope(reader),
            kinds::DB_POINTER => {
                let collection = self.text(reader.string()?)?;
                let id = ObjectId::new_bound(py, reader.object_id()?)?;
                let class = self.classes.dbref.class().bind(py);
                Ok(python_code::call(class, [&collection, &id])?)
            }
            0 => Err(reader.error(ErrorKind::EarlyTerminator).into()),
            other => Err(unknown(other, name)),
        }
    }

    fn with_attribute(
        &self,
        object: Bound<'py, PyAny>,
        name: &Py<pyo3::types::PyString>,
        value: &Bound<'py, PyAny>,
    ) -> Result<Bound<'py, PyAny>, Failure> {
        object::set_attribute(&object, name.bind_borrowed(self.py), value.as_borrowed())?;
        Ok(object)
    }

    fn binary(&self, subtype: u8, bytes: &[u8]) -> Result<Bound<'py, PyAny>, Failure> {
        let py = self.py;
        if subtype == 0 {
            return Ok(text::new_bytes(py, bytes)?);
        }
        if self.options.uuids.subtype() == Some(subtype) {
            return self.uuid(bytes);
        }
        let binary = self
            .classes
            .binary
            .make(py, Some(text::new_bytes(py, bytes)?))?;
        let subtype = number::new_int(py, subtype.into())?;
        self.with_attribute(binary, &self.classes.names.binary_subtype, &subtype)
    }

    fn uuid(&self, bytes: &[u8]) -> Result<Bound<'py, PyAny>, Failure> {
        let py = self.py;
        let Ok(bytes) = <[u8; 16]>::try_from(bytes) else {
            let length = bytes.len();
            let message = format!("cannot decode a uuid from a {length}-byte payload, expected 16");
            return Err(Failure::new(Fault::Undecodable(message)));
        };
        let number = u128::from_be_bytes(self.options.uuids.reorder(bytes));
        let number = number.into_pyobject(py).map_err(PyErr::from)?.into_any();
        let uuids = self.classes.uuids(py)?;
        let uuid = self.with_attribute(
            uuids.class.make(py, None)?,
            &self.classes.names.int,
            &number,
        )?;
        self.with_attribute(
            uuid,
            &self.classes.names.is_safe,
            uuids.unknown_safety.bind(py),
        )
    }

    fn regex(&self, pattern: &[u8], letters: &[u8]) -> Result<Bound<'py, PyAny>, Failure> {
        let py = self.py;
        let names = &self.classes.names;
        let pattern = self.text(pattern)?;
        if !letters.is_ascii() {
            self.text(letters)?;
        }
        let flags = FLAGS
            .iter()
            .filter(|(letter, _)| letters.contains(letter))
            .map(|(_, flag)| flag)
            .sum();
        let regex =
            self.with_attribute(self.classes.regex.make(py, None)?, &names.pattern, &pattern)?;
        self.with_attribute(regex, &names.flags, &number::new_int(py, flags)?)
    }

    fn code(
        &self,
        source: &[u8],
        scope: Option<Bound<'py, PyAny>>,
    ) -> Result<Bound<'py, PyAny>, Failure> {
        let py = self.py;
        let code = self.classes.code.make(py, Some(self.text(source)?))?;
        let scope = scope.unwrap_or_else(|| py.None().into_bound(py));
        self.with_attribute(code, &self.classes.names.code_scope, &scope)
    }

    fn code_with_scope(&mut self, reader: &mut Reader<'_>) -> Result<Bound<'py, PyAny>, Failure> {
        let at = reader.offset();
        let length = reader.length()?;
        let source = reader.string()?;
        let scope = Frame::embedded(reader)?;
        if reader.offset() - at != length {
            return Err(wire::Error::new(ErrorKind::BadLength, at).into());
        }
        let scope = self.document(scope, Place::Top)?;
        self.code(source, Some(scope))
    }

    #[inline]
    pub(super) fn datetime(&self, milliseconds: i64) -> Result<Bound<'py, PyAny>, Failure> {
        let py = self.py;
        let dates = &self.options.dates;
        let outside = !(dates.first..=dates.last).contains(&milliseconds);
        let milliseconds = match dates.conversion {
            Conversion::Datetime => milliseconds,
            Conversion::Clamp => milliseconds.clamp(dates.first, dates.last),
            Conversion::Auto if !outside => milliseconds,
            Conversion::Auto | Conversion::Milliseconds => {
                let value = number::new_int(py, milliseconds)?;
                return self.with_attribute(
                    self.classes.datetime_ms.make(py, None)?,
                    &self.classes.names.value,
                    &value,
                );
            }
        };
        let fields = calendar::fields_of(milliseconds).map_err(|year| {
            Failure::new(Fault::Undecodable(format!(
                "year {year} is out of range {ADVICE}"
            )))
        })?;
        let utc = dates.aware.then(|| self.classes.utc.bind_borrowed(py));
        let datetime = self.classes.datetimes.make(py, fields, utc)?;
        match &dates.zone {
            None => Ok(datetime),
            Some(zone) => {
                let arguments = [&datetime, zone.bind(py)];
                Ok(python_code::call_method(
                    intern!(py, "astimezone"),
                    arguments,
                )?)
            }
        }
    }
}

#[cold]
fn unknown(kind: u8, name: &[u8]) -> Failure {
    let escaped: String = std::ascii::escape_default(kind).map(char::from).collect();
    let name = String::from_utf8_lossy(name);
    Failure::new(Fault::Undecodable(format!(
        "Detected unknown BSON type b'{escaped}' for fieldname '{name}'. Are you using the latest driver version?"
    )))
}
