//! Walks a Python value and tells a sink its extended JSON.
//!
//! What counts as a document or an array is decided as PyMongo does: whatever has `items` is a document, whatever else
//! can be iterated is an array, except strings, bytes and numbers.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use pyo3::exceptions::{PyRecursionError, PyRuntimeError, PyTypeError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDateTime, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};

use super::MAX_WRITE_DEPTH;
use super::classes::{Classes, Kind};
use super::dates;
use super::options::{DateForm, Mode, WriteOptions};
use super::sink::Sink;
use super::text::{not_finite, push_float, push_hex, push_integer};
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

/// Writes values to a sink.
pub struct Writer<'a, 'py, S> {
    sink: S,
    options: &'a WriteOptions<'py>,
    classes: &'static Classes,
}

impl<'a, 'py, S: Sink<'py>> Writer<'a, 'py, S> {
    /// A writer to an empty sink.
    pub fn new(sink: S, options: &'a WriteOptions<'py>, classes: &'static Classes) -> Self {
        Self {
            sink,
            options,
            classes,
        }
    }

    /// The sink, with all that was written.
    pub fn into_sink(self) -> S {
        self.sink
    }

    /// Writes any value. `depth` is the number of containers around it.
    pub fn value(&mut self, value: &Bound<'py, PyAny>, depth: usize) -> PyResult<()> {
        if self.exact_scalar(value, depth)? {
            return Ok(());
        }
        if depth >= MAX_WRITE_DEPTH {
            return Err(PyRecursionError::new_err(
                "maximum recursion depth exceeded while encoding a JSON object",
            ));
        }
        if let Ok(dict) = value.cast_exact::<PyDict>() {
            return self.dict(dict, depth);
        }
        if let Ok(list) = value.cast_exact::<PyList>() {
            self.sink.begin_array()?;
            for element in list {
                self.sink.element()?;
                self.value(&element, depth + 1)?;
            }
            return self.sink.end_array();
        }
        self.other_value(value, depth)
    }

    #[inline(never)]
    fn other_value(&mut self, value: &Bound<'py, PyAny>, depth: usize) -> PyResult<()> {
        let py = value.py();
        if let Some(items) = value.getattr_opt(intern!(py, "items"))? {
            return self.items(&items.call0()?, depth);
        }
        // Flags are numbers that can be iterated, and give themselves.
        let scalar = value.is_instance_of::<PyString>()
            || value.is_instance_of::<PyBytes>()
            || value.is_instance_of::<PyInt>();
        if !scalar && value.getattr_opt(intern!(py, "__iter__"))?.is_some() {
            return self.iterable(value, depth);
        }
        if self.derived_scalar(value, depth)? {
            Ok(())
        } else {
            self.sink.other(value)
        }
    }

    /// A dictionary that shrinks or grows meanwhile, by what other code runs in between, is an error.
    fn dict(&mut self, dict: &Bound<'py, PyDict>, depth: usize) -> PyResult<()> {
        self.sink.begin_object()?;
        let length = dict.len();
        let mut items = dict.iter();
        for _ in 0..length {
            if dict.len() != length {
                return Err(PyRuntimeError::new_err(
                    "dictionary changed size during iteration",
                ));
            }
            let Some((key, value)) = items.next() else {
                break;
            };
            self.sink.key(&key)?;
            self.value(&value, depth + 1)?;
        }
        self.sink.end_object()
    }

    #[inline(never)]
    fn items(&mut self, items: &Bound<'py, PyAny>, depth: usize) -> PyResult<()> {
        self.sink.begin_object()?;
        for item in items.try_iter()? {
            let (key, value) = item?.extract::<(Bound<'py, PyAny>, Bound<'py, PyAny>)>()?;
            self.sink.key(&key)?;
            self.value(&value, depth + 1)?;
        }
        self.sink.end_object()
    }

    #[inline(never)]
    fn iterable(&mut self, value: &Bound<'py, PyAny>, depth: usize) -> PyResult<()> {
        self.sink.begin_array()?;
        for element in value.try_iter()? {
            self.sink.element()?;
            self.value(&element?, depth + 1)?;
        }
        self.sink.end_array()
    }

    /// Writes a value that is no container; false if it is one, or nothing that BSON has.
    pub fn scalar(&mut self, value: &Bound<'py, PyAny>, depth: usize) -> PyResult<bool> {
        Ok(self.exact_scalar(value, depth)? || self.derived_scalar(value, depth)?)
    }

    /// As `scalar`, for values of exactly a known class.
    fn exact_scalar(&mut self, value: &Bound<'py, PyAny>, depth: usize) -> PyResult<bool> {
        if let Ok(text) = value.cast_exact::<PyString>() {
            self.sink.string(text)?;
        } else if let Ok(int) = value.cast_exact::<PyInt>() {
            self.int(int)?;
        } else if let Ok(float) = value.cast_exact::<PyFloat>() {
            self.float(float)?;
        } else if let Ok(boolean) = value.cast_exact::<PyBool>() {
            self.sink.boolean(boolean.is_true())?;
        } else if value.is_none() {
            self.sink.null()?;
        } else if value.is_exact_instance_of::<PyDict>() || value.is_exact_instance_of::<PyList>() {
            return Ok(false);
        } else if let Some(kind) = self.classes.kind_of(&value.get_type()) {
            self.bson(kind, value, depth)?;
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    /// As `scalar`, for values of other classes: by `_type_marker` or inheritance.
    #[inline(never)]
    fn derived_scalar(&mut self, value: &Bound<'py, PyAny>, depth: usize) -> PyResult<bool> {
        let container = value.is_instance_of::<PyDict>()
            || value.is_instance_of::<PyList>()
            || value.is_instance_of::<PyTuple>();
        if container {
            return Ok(false);
        }
        if let Some(kind) = self.classes.kind_of_derived(value)? {
            self.bson(kind, value, depth)?;
        } else if let Ok(text) = value.cast::<PyString>() {
            self.sink.string(text)?;
        } else if let Ok(int) = value.cast::<PyInt>() {
            self.int(int)?;
        } else if let Ok(float) = value.cast::<PyFloat>() {
            self.float(float)?;
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    #[inline(never)]
    fn int(&mut self, value: &Bound<'py, PyInt>) -> PyResult<()> {
        if self.options.mode != Mode::Canonical {
            return self.sink.int(value);
        }
        let small = value.extract::<i64>().ok();
        let int32 = small.is_some_and(|small| i32::try_from(small).is_ok());
        let name = if int32 { "$numberInt" } else { "$numberLong" };
        match small {
            Some(small) if value.is_exact_instance_of::<PyInt>() => {
                let mut digits = String::new();
                push_integer(&mut digits, small);
                self.wrapped_text(name, &digits)
            }
            _ => self.wrapped(name, &value.str()?),
        }
    }

    #[inline(never)]
    fn float(&mut self, value: &Bound<'py, PyFloat>) -> PyResult<()> {
        let number = value.value();
        match self.options.mode {
            Mode::Legacy => self.sink.float(value),
            _ if !number.is_finite() => self.wrapped_text("$numberDouble", not_finite(number)),
            Mode::Relaxed => self.sink.float(value),
            Mode::Canonical if value.is_exact_instance_of::<PyFloat>() => {
                let mut digits = String::new();
                push_float(&mut digits, number);
                self.wrapped_text("$numberDouble", &digits)
            }
            Mode::Canonical => self.wrapped("$numberDouble", &value.repr()?),
        }
    }

    #[inline(never)]
    fn bson(&mut self, kind: Kind, value: &Bound<'py, PyAny>, depth: usize) -> PyResult<()> {
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

    fn wrapped(&mut self, name: &'static str, text: &Bound<'py, PyString>) -> PyResult<()> {
        self.sink.begin_object()?;
        self.sink.name(name)?;
        self.sink.string(text)?;
        self.sink.end_object()
    }

    fn wrapped_text(&mut self, name: &'static str, text: &str) -> PyResult<()> {
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
