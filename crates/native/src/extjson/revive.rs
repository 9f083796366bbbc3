//! From a document that wraps a value to the value: `{"$oid": "..."}` to an ObjectId.
//!
//! Canonical, relaxed and PyMongo's legacy forms are all accepted, whatever the options. The first key that names a
//! wrapper decides; what else may then stand in the document, and what is an error, is as in PyMongo.

use pyo3::exceptions::PyTypeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{IntoPyDict, PyBytes, PyDict, PyFloat, PyInt, PyNone, PyString, PyType};

use super::classes::Classes;
use super::dates;
use super::options::ReadOptions;
use super::text::from_hex;
use super::wrapper::Wrapper;
use crate::ffi::int_subclass::new_int_of;
use crate::ffi::object::Derived;
use crate::types::object_id::ObjectId;
use crate::types::timestamp::Timestamp;

/// Makes values of documents.
pub struct Reviver<'o, 'py> {
    pub(super) py: Python<'py>,
    pub(super) options: &'o ReadOptions<'py>,
    pub(super) classes: &'static Classes,
}

/// A document under the key that makes it a wrapper.
pub(super) struct Wrapped<'a, 'py> {
    pub(super) name: &'static str,
    /// The value under that key.
    pub(super) value: Bound<'py, PyAny>,
    pub(super) fields: &'a Bound<'py, PyDict>,
    /// The document as the application would see it.
    pub(super) document: &'a Bound<'py, PyAny>,
}

pub(super) type Value<'py> = PyResult<Bound<'py, PyAny>>;

impl<'py> Wrapped<'_, 'py> {
    pub(super) fn bad(&self, what: &str) -> PyErr {
        match self.document.repr() {
            Ok(text) => PyTypeError::new_err(format!("{what}: {}", text.to_string_lossy())),
            Err(error) => error,
        }
    }

    /// An error if there are more than `count` fields.
    pub(super) fn at_most(&self, count: usize) -> PyResult<()> {
        if self.fields.len() <= count {
            return Ok(());
        }
        Err(self.bad(&format!("Bad {}, extra field(s)", self.name)))
    }

    fn string(&self) -> PyResult<&Bound<'py, PyString>> {
        self.value
            .cast()
            .map_err(|_| self.bad(&format!("{} must be string", self.name)))
    }

    fn is_one(&self) -> PyResult<()> {
        match self.value.cast_exact::<PyInt>() {
            Ok(int) if int.extract::<i64>().ok() == Some(1) => Ok(()),
            _ => Err(self.bad(&format!("{} value must be 1", self.name))),
        }
    }
}

impl<'o, 'py> Reviver<'o, 'py> {
    /// A reviver with these options.
    pub fn new(py: Python<'py>, options: &'o ReadOptions<'py>, classes: &'static Classes) -> Self {
        Self {
            py,
            options,
            classes,
        }
    }

    /// The value that a document wraps, or `document` if it does not after all. `fields` are those of `document`.
    pub fn revive(
        &self,
        wrapper: Wrapper,
        fields: &Bound<'py, PyDict>,
        document: &Bound<'py, PyAny>,
    ) -> Value<'py> {
        let name = wrapper.key();
        let Some(value) = fields.get_item(name)? else {
            return Ok(document.clone());
        };
        let wrapped = Wrapped {
            name,
            value,
            fields,
            document,
        };
        match wrapper {
            Wrapper::Binary => self.binary(&wrapped),
            Wrapper::Code => self.code(&wrapped),
            Wrapper::Date => self.date(&wrapped),
            Wrapper::DbPointer => self.db_pointer(&wrapped),
            Wrapper::Ref => self.db_ref(&wrapped),
            Wrapper::Regex => self.legacy_regex(&wrapped),
            Wrapper::RegularExpression => self.regular_expression(&wrapped),
            Wrapper::Timestamp => self.timestamp(&wrapped),
            Wrapper::Undefined => Ok(PyNone::get(self.py).to_owned().into_any()),
            Wrapper::Uuid => self.uuid(&wrapped),
            _ => self.simple(wrapper, &wrapped),
        }
    }

    /// Wrappers of one string or number, with nothing beside it.
    fn simple(&self, wrapper: Wrapper, wrapped: &Wrapped<'_, 'py>) -> Value<'py> {
        wrapped.at_most(1)?;
        match wrapper {
            Wrapper::MinKey => wrapped
                .is_one()
                .map(|()| self.classes.codec.a_min_key.bind(self.py).clone()),
            Wrapper::MaxKey => wrapped
                .is_one()
                .map(|()| self.classes.codec.a_max_key.bind(self.py).clone()),
            Wrapper::NumberDecimal => self
                .class(&self.classes.codec.decimal128)
                .call1((wrapped.string()?,)),
            Wrapper::NumberDouble => self.py.get_type::<PyFloat>().call1((wrapped.string()?,)),
            Wrapper::NumberInt => self.py.get_type::<PyInt>().call1((wrapped.string()?,)),
            Wrapper::NumberLong => self
                .class(&self.classes.codec.int64)
                .call1((&wrapped.value,)),
            Wrapper::Symbol => Ok(wrapped.value.str()?.into_any()),
            _ => self.py.get_type::<ObjectId>().call1((&wrapped.value,)),
        }
    }

    pub(super) fn class(&self, class: &'static Derived) -> &Bound<'py, PyType> {
        class.class().bind(self.py)
    }

    fn int64(&self, value: i64) -> Value<'py> {
        new_int_of(self.py, &self.classes.codec.int64, value)
            .map_err(|raised| raised.fetch(self.py))
    }

    /// The value of a document that has only this key, with a text: the wrappers met most, as they are usually written.
    /// For anything else there is `revive`.
    pub fn revive_text(&self, wrapper: Wrapper, text: &str) -> PyResult<Option<Bound<'py, PyAny>>> {
        let plain = |extra: &[u8]| {
            text.len() < 20
                && text
                    .bytes()
                    .all(|byte| byte.is_ascii_digit() || extra.contains(&byte))
        };
        Ok(Some(match wrapper {
            Wrapper::Oid => match from_hex(text) {
                Some(bytes) => ObjectId::new_bound(self.py, bytes)?.into_any(),
                None => return Ok(None),
            },
            Wrapper::NumberInt | Wrapper::NumberLong if plain(b"-") => match text.parse() {
                Ok(value) if wrapper == Wrapper::NumberLong => self.int64(value)?,
                Ok(value) => PyInt::new(self.py, value).into_any(),
                Err(_) => return Ok(None),
            },
            Wrapper::NumberDouble if plain(b"-.eE+") => match text.parse() {
                Ok(value) => PyFloat::new(self.py, value).into_any(),
                Err(_) => return Ok(None),
            },
            Wrapper::NumberDecimal => self.class(&self.classes.codec.decimal128).call1((text,))?,
            Wrapper::Date if !self.options.datetimes_as_ms() => {
                self.datetime(dates::parse_iso(text)?)?
            }
            _ => return Ok(None),
        }))
    }

    fn date(&self, wrapped: &Wrapped<'_, 'py>) -> Value<'py> {
        wrapped.at_most(1)?;
        if let Ok(text) = wrapped.value.cast::<PyString>() {
            let moment = dates::parse_iso(text.to_str()?)?;
            if self.options.datetimes_as_ms() {
                return self
                    .class(&self.classes.codec.datetime_ms)
                    .call1((dates::millis(moment),));
            }
            return self.datetime(moment);
        }
        let millis = self.py.get_type::<PyInt>().call1((&wrapped.value,))?;
        if self.options.plain_datetimes() && self.zone().is_none() {
            if let Some(moment) = millis.extract().ok().and_then(dates::from_millis) {
                return self.datetime(moment);
            }
        }
        self.classes
            .millis_to_datetime
            .bind(self.py)
            .call1((millis, &self.options.object))
    }

    fn datetime(&self, moment: i64) -> Value<'py> {
        let datetimes = self.classes.codec.datetimes;
        if !self.options.tz_aware {
            return dates::new_datetime(self.py, datetimes, moment, None);
        }
        let utc = self.classes.codec.utc.bind(self.py);
        let aware = dates::new_datetime(self.py, datetimes, moment, Some(utc))?;
        match self.zone() {
            Some(zone) => aware.call_method1(intern!(self.py, "astimezone"), (zone,)),
            None => Ok(aware),
        }
    }

    /// The time zone that datetimes are to be converted to, if it is not UTC.
    fn zone(&self) -> Option<&Bound<'py, PyAny>> {
        self.options
            .tzinfo
            .as_ref()
            .filter(|zone| !zone.is(&self.classes.codec.utc))
    }

    fn code(&self, wrapped: &Wrapped<'_, 'py>) -> Value<'py> {
        let scope = wrapped.fields.get_item(intern!(self.py, "$scope"))?;
        wrapped.at_most(1 + usize::from(scope.is_some()))?;
        self.class(&self.classes.codec.code)
            .call1((&wrapped.value, scope))
    }

    fn timestamp(&self, wrapped: &Wrapped<'_, 'py>) -> Value<'py> {
        wrapped.at_most(1)?;
        let Ok(inner) = wrapped.value.cast::<PyDict>() else {
            return Err(
                wrapped.bad("$timestamp value must be a document with \"t\" and \"i\" components")
            );
        };
        let (time, inc) = (
            inner.get_item(intern!(self.py, "t"))?,
            inner.get_item(intern!(self.py, "i"))?,
        );
        match (time, inc) {
            (Some(time), Some(inc)) if inner.len() == 2 => {
                self.py.get_type::<Timestamp>().call1((time, inc))
            }
            _ => Err(wrapped.bad("$timestamp must include exactly \"t\" and \"i\" components")),
        }
    }

    /// The values of a DBRef of the right types; others are documents that only look like one.
    fn db_ref(&self, wrapped: &Wrapped<'_, 'py>) -> Value<'py> {
        let id = wrapped.fields.get_item(intern!(self.py, "$id"))?;
        let database = wrapped
            .fields
            .get_item(intern!(self.py, "$db"))?
            .filter(|database| !database.is_none());
        let named = database
            .as_ref()
            .is_none_or(|database| database.is_instance_of::<PyString>());
        let Some(id) = id.filter(|_| wrapped.value.is_instance_of::<PyString>() && named) else {
            return Ok(wrapped.document.clone());
        };
        let extra = wrapped.fields.copy()?;
        for key in ["$ref", "$id", "$db"] {
            if extra.contains(key)? {
                extra.del_item(key)?;
            }
        }
        let arguments = [("_extra", extra.into_any())].into_py_dict(self.py)?;
        let dbref = self.class(&self.classes.codec.dbref);
        match database {
            Some(database) => dbref.call((&wrapped.value, id, database), Some(&arguments)),
            None => dbref.call((&wrapped.value, id), Some(&arguments)),
        }
    }

    fn db_pointer(&self, wrapped: &Wrapped<'_, 'py>) -> Value<'py> {
        wrapped.at_most(1)?;
        let value = &wrapped.value;
        if !value.is_instance(self.class(&self.classes.codec.dbref))? {
            return Err(wrapped.bad("Bad $dbPointer, expected a DBRef"));
        }
        if !value.getattr(intern!(self.py, "database"))?.is_none() {
            return Err(wrapped.bad("Bad $dbPointer, extra field $db"));
        }
        if !value
            .getattr(intern!(self.py, "id"))?
            .is_instance_of::<ObjectId>()
        {
            return Err(wrapped.bad("Bad $dbPointer, $id must be an ObjectId"));
        }
        if value.call_method0(intern!(self.py, "as_doc"))?.len()? != 2 {
            return Err(wrapped.bad("Bad $dbPointer, extra field(s) in DBRef"));
        }
        Ok(value.clone())
    }

    /// `$regex` is also a query operator: with anything but a pattern the document stays what it is.
    fn legacy_regex(&self, wrapped: &Wrapped<'_, 'py>) -> Value<'py> {
        let pattern = &wrapped.value;
        if !pattern.is_instance_of::<PyString>() && !pattern.is_instance_of::<PyBytes>() {
            return Ok(wrapped.document.clone());
        }
        match wrapped.fields.get_item(intern!(self.py, "$options"))? {
            Some(options) => self.regex(wrapped, pattern, &options),
            None => self.class(&self.classes.codec.regex).call1((pattern,)),
        }
    }

    fn regular_expression(&self, wrapped: &Wrapped<'_, 'py>) -> Value<'py> {
        wrapped.at_most(1)?;
        let Some(inner) = wrapped
            .value
            .cast::<PyDict>()
            .ok()
            .filter(|inner| inner.len() == 2)
        else {
            let what =
                "Bad $regularExpression must include only \"pattern\" and \"options\" components";
            return Err(wrapped.bad(what));
        };
        let inner = inner.as_any();
        let pattern = inner.get_item(intern!(self.py, "pattern"))?;
        let options = inner.get_item(intern!(self.py, "options"))?;
        self.regex(wrapped, &pattern, &options)
    }

    /// `Regex` reads the letters itself, and passes over those that `re` has no flag for.
    fn regex(
        &self,
        wrapped: &Wrapped<'_, 'py>,
        pattern: &Bound<'py, PyAny>,
        options: &Bound<'py, PyAny>,
    ) -> Value<'py> {
        if !options.is_instance_of::<PyString>() {
            return Err(wrapped.bad(&format!(
                "Bad {} options, options must be string",
                wrapped.name
            )));
        }
        self.class(&self.classes.codec.regex)
            .call1((pattern, options))
    }
}
