//! Writes the values that JSON does not have: each as a document with a name that begins with `$`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use pyo3::exceptions::PyTypeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDateTime, PyInt, PyString};

use super::classes::Kind;
use super::dates;
use super::options::{DateForm, Mode};
use super::sink::Sink;
use super::text::{push_hex, push_integer};
use super::write::Writer;
use crate::types::object_id::ObjectId;

/// The letters of regular expressions' options, in the order they are written, and `re`'s flags.
const REGEX_FLAGS: [(char, i64); 6] = [
    ('i', 2),
    ('l', 4),
    ('m', 8),
    ('s', 16),
    ('u', 32),
    ('x', 64),
];

impl<'py, S: Sink<'py>> Writer<'_, 'py, S> {
    #[inline(never)]
    pub(super) fn bson(
        &mut self,
        kind: Kind,
        value: &Bound<'py, PyAny>,
        depth: usize,
    ) -> PyResult<()> {
        match kind {
            Kind::ObjectId => self.object_id(value),
            Kind::Decimal128 => self.wrapped("$numberDecimal", &value.str()?),
            Kind::Int64 if self.options.strict_number_long => {
                self.wrapped("$numberLong", &value.str()?)
            }
            Kind::Int64 => match value.extract() {
                Ok(small) => self.sink.integer(small),
                Err(_) => self.sink.int(
                    &value
                        .py()
                        .get_type::<PyInt>()
                        .call1((value,))?
                        .cast_into()?,
                ),
            },
            Kind::Datetime => self.datetime(value.cast()?),
            Kind::DatetimeMs => self.datetime_ms(value),
            Kind::Bytes => self.binary(value, 0),
            Kind::Binary => self.binary(
                value,
                value.getattr(intern!(value.py(), "subtype"))?.extract()?,
            ),
            Kind::Uuid => self.uuid(value),
            Kind::Timestamp => self.timestamp(value),
            Kind::Regex => self.regex(value),
            Kind::Code => self.code(value, depth),
            Kind::DbRef => {
                let document = value.call_method0(intern!(value.py(), "as_doc"))?;
                self.value(&document, depth)
            }
            Kind::MaxKey => self.wrapped_one("$maxKey"),
            Kind::MinKey => self.wrapped_one("$minKey"),
        }
    }

    fn object_id(&mut self, value: &Bound<'py, PyAny>) -> PyResult<()> {
        if let Ok(object_id) = value.cast_exact::<ObjectId>() {
            let mut hex = String::with_capacity(24);
            push_hex(&mut hex, &object_id.get().bytes());
            return self.wrapped_text("$oid", &hex);
        }
        self.wrapped("$oid", &value.str()?)
    }

    pub(super) fn wrapped(
        &mut self,
        name: &'static str,
        text: &Bound<'py, PyString>,
    ) -> PyResult<()> {
        self.sink.begin_object()?;
        self.sink.name(name)?;
        self.sink.string(text)?;
        self.sink.end_object()
    }

    pub(super) fn wrapped_text(&mut self, name: &'static str, text: &str) -> PyResult<()> {
        self.sink.begin_object()?;
        self.sink.name(name)?;
        self.sink.text(text)?;
        self.sink.end_object()
    }

    fn wrapped_one(&mut self, name: &'static str) -> PyResult<()> {
        self.sink.begin_object()?;
        self.sink.name(name)?;
        self.sink.integer(1)?;
        self.sink.end_object()
    }

    fn datetime(&mut self, value: &Bound<'py, PyDateTime>) -> PyResult<()> {
        let (moment, fields, offset) = dates::read(value)?;
        if self.options.date_form == DateForm::Iso8601 && moment >= 0 {
            return self.wrapped_text(
                "$date",
                &dates::iso(fields, offset.as_deref().unwrap_or("Z")),
            );
        }
        let mut millis = String::new();
        push_integer(&mut millis, dates::millis(moment));
        self.date_in_millis(&millis, |sink| sink.integer(dates::millis(moment)))
    }

    fn datetime_ms(&mut self, value: &Bound<'py, PyAny>) -> PyResult<()> {
        let number = value
            .py()
            .get_type::<PyInt>()
            .call1((value,))?
            .cast_into::<PyInt>()?;
        if self.options.date_form == DateForm::Iso8601 {
            if let Some(text) = number.extract().ok().and_then(dates::iso_of_millis) {
                return self.wrapped_text("$date", &text);
            }
        }
        let digits = number.str()?;
        self.date_in_millis(digits.to_str()?, |sink| sink.int(&number))
    }

    fn date_in_millis(
        &mut self,
        digits: &str,
        plain: impl FnOnce(&mut S) -> PyResult<()>,
    ) -> PyResult<()> {
        self.sink.begin_object()?;
        self.sink.name("$date")?;
        if self.options.date_form == DateForm::Millis {
            plain(&mut self.sink)?;
        } else {
            self.wrapped_text("$numberLong", digits)?;
        }
        self.sink.end_object()
    }

    fn binary(&mut self, value: &Bound<'py, PyAny>, subtype: u8) -> PyResult<()> {
        let text = BASE64.encode(value.cast::<PyBytes>()?.as_bytes());
        let subtype = format!("{subtype:02x}");
        self.sink.begin_object()?;
        self.sink.name("$binary")?;
        if self.options.mode == Mode::Legacy {
            self.sink.text(&text)?;
            self.sink.name("$type")?;
            self.sink.text(&subtype)?;
        } else {
            self.sink.begin_object()?;
            self.sink.name("base64")?;
            self.sink.text(&text)?;
            self.sink.name("subType")?;
            self.sink.text(&subtype)?;
            self.sink.end_object()?;
        }
        self.sink.end_object()
    }

    fn uuid(&mut self, value: &Bound<'py, PyAny>) -> PyResult<()> {
        let py = value.py();
        if self.options.strict_uuid {
            let arguments = (value, &self.options.uuid_representation);
            let binary = self
                .classes
                .codec
                .binary
                .class()
                .bind(py)
                .call_method1(intern!(py, "from_uuid"), arguments)?;
            let subtype = binary.getattr(intern!(py, "subtype"))?.extract()?;
            return self.binary(&binary, subtype);
        }
        let hex = value.getattr(intern!(py, "hex"))?.cast_into::<PyString>()?;
        self.wrapped("$uuid", &hex)
    }

    fn timestamp(&mut self, value: &Bound<'py, PyAny>) -> PyResult<()> {
        let py = value.py();
        self.sink.begin_object()?;
        self.sink.name("$timestamp")?;
        self.sink.begin_object()?;
        self.sink.name("t")?;
        self.sink.int(value.getattr(intern!(py, "time"))?.cast()?)?;
        self.sink.name("i")?;
        self.sink.int(value.getattr(intern!(py, "inc"))?.cast()?)?;
        self.sink.end_object()?;
        self.sink.end_object()
    }

    fn regex(&mut self, value: &Bound<'py, PyAny>) -> PyResult<()> {
        let py = value.py();
        let flags = value.getattr(intern!(py, "flags"))?.extract::<i64>()?;
        let options: String = REGEX_FLAGS
            .iter()
            .filter(|(_, flag)| flags & flag != 0)
            .map(|(letter, _)| letter)
            .collect();
        let pattern = value.getattr(intern!(py, "pattern"))?;
        let pattern = match pattern.cast::<PyBytes>() {
            Ok(bytes) => bytes.call_method0(intern!(py, "decode"))?,
            Err(_) => pattern,
        };
        let pattern = pattern.cast::<PyString>()?;
        let legacy = self.options.mode == Mode::Legacy;
        self.sink.begin_object()?;
        if !legacy {
            self.sink.name("$regularExpression")?;
            self.sink.begin_object()?;
        }
        self.sink.name(if legacy { "$regex" } else { "pattern" })?;
        self.sink.string(pattern)?;
        self.sink
            .name(if legacy { "$options" } else { "options" })?;
        self.sink.text(&options)?;
        if !legacy {
            self.sink.end_object()?;
        }
        self.sink.end_object()
    }

    #[inline(never)]
    fn code(&mut self, value: &Bound<'py, PyAny>, depth: usize) -> PyResult<()> {
        let scope = value.getattr(intern!(value.py(), "scope"))?;
        self.sink.begin_object()?;
        self.sink.name("$code")?;
        let text = value
            .cast::<PyString>()
            .map_err(|_| PyTypeError::new_err("code must be a string"))?;
        self.sink.string(&text.str()?)?;
        if !scope.is_none() {
            self.sink.name("$scope")?;
            self.value(&scope, depth + 1)?;
        }
        self.sink.end_object()
    }
}
