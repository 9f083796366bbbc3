//! The value classes, imported once: which class a value is of, and what to call for a new one.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyDateTime, PyType};

/// What a value of BSON is, as far as extended JSON tells values apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Binary,
    Bytes,
    Code,
    Datetime,
    DatetimeMs,
    DbRef,
    Decimal128,
    Int64,
    MaxKey,
    MinKey,
    ObjectId,
    Regex,
    Timestamp,
    Uuid,
}

/// Python's and petiole's classes.
pub struct Classes {
    pub binary: Py<PyAny>,
    pub code: Py<PyAny>,
    pub datetime_ms: Py<PyAny>,
    pub dbref: Py<PyAny>,
    pub decimal128: Py<PyAny>,
    pub int64: Py<PyAny>,
    pub max_key: Py<PyAny>,
    pub min_key: Py<PyAny>,
    pub object_id: Py<PyAny>,
    pub regex: Py<PyAny>,
    pub timestamp: Py<PyAny>,
    pub uuid: Py<PyAny>,
    pub pattern: Py<PyAny>,
    /// The time zone UTC.
    pub utc: Py<PyAny>,
    /// `petiole.bson.datetime_ms._millis_to_datetime`.
    pub millis_to_datetime: Py<PyAny>,
    exact: Vec<(Py<PyAny>, Kind)>,
}

static CLASSES: PyOnceLock<Classes> = PyOnceLock::new();

impl Classes {
    /// The classes, imported at the first call.
    pub fn get(py: Python<'_>) -> PyResult<&'static Self> {
        CLASSES.get_or_try_init(py, || Self::load(py))
    }

    fn load(py: Python<'_>) -> PyResult<Self> {
        let import = |module: &str, name: &str| -> PyResult<Py<PyAny>> {
            Ok(py.import(module)?.getattr(name)?.unbind())
        };
        let own = |module: &str, name: &str| import(&format!("petiole.bson.{module}"), name);
        let mut classes = Self {
            binary: own("binary", "Binary")?,
            code: own("code", "Code")?,
            datetime_ms: own("datetime_ms", "DatetimeMS")?,
            dbref: own("dbref", "DBRef")?,
            decimal128: own("decimal128", "Decimal128")?,
            int64: own("int64", "Int64")?,
            max_key: own("max_key", "MaxKey")?,
            min_key: own("min_key", "MinKey")?,
            object_id: own("objectid", "ObjectId")?,
            regex: own("regex", "Regex")?,
            timestamp: own("timestamp", "Timestamp")?,
            uuid: import("uuid", "UUID")?,
            pattern: import("re", "Pattern")?,
            utc: own("tz_util", "utc")?,
            millis_to_datetime: own("datetime_ms", "_millis_to_datetime")?,
            exact: Vec::new(),
        };
        let datetime = py.get_type::<PyDateTime>().into_any().unbind();
        let bytes = py.get_type::<PyBytes>().into_any().unbind();
        let exact = [
            (&classes.object_id, Kind::ObjectId),
            (&datetime, Kind::Datetime),
            (&classes.int64, Kind::Int64),
            (&classes.decimal128, Kind::Decimal128),
            (&classes.binary, Kind::Binary),
            (&bytes, Kind::Bytes),
            (&classes.uuid, Kind::Uuid),
            (&classes.timestamp, Kind::Timestamp),
            (&classes.regex, Kind::Regex),
            (&classes.pattern, Kind::Regex),
            (&classes.code, Kind::Code),
            (&classes.dbref, Kind::DbRef),
            (&classes.datetime_ms, Kind::DatetimeMs),
            (&classes.max_key, Kind::MaxKey),
            (&classes.min_key, Kind::MinKey),
        ];
        classes.exact = exact
            .iter()
            .map(|(class, kind)| (class.clone_ref(py), *kind))
            .collect();
        Ok(classes)
    }

    /// What a value of exactly this class is.
    pub fn kind_of(&self, class: &Bound<'_, PyType>) -> Option<Kind> {
        self.exact
            .iter()
            .find(|(known, _)| known.is(class))
            .map(|(_, kind)| *kind)
    }

    /// What a value is by its `_type_marker`, which all BSON classes have, PyMongo's too, or by inheritance.
    pub fn kind_of_derived(&self, value: &Bound<'_, PyAny>) -> PyResult<Option<Kind>> {
        let py = value.py();
        if let Some(marker) = value.getattr_opt(pyo3::intern!(py, "_type_marker"))? {
            let kind = marker.extract::<i64>().ok().and_then(marked);
            if kind.is_some() {
                return Ok(kind);
            }
        }
        for (class, kind) in &self.exact {
            if value.is_instance(class.bind(py))? {
                return Ok(Some(*kind));
            }
        }
        Ok(None)
    }
}

const fn marked(marker: i64) -> Option<Kind> {
    Some(match marker {
        5 => Kind::Binary,
        7 => Kind::ObjectId,
        9 => Kind::DatetimeMs,
        11 => Kind::Regex,
        13 => Kind::Code,
        17 => Kind::Timestamp,
        18 => Kind::Int64,
        19 => Kind::Decimal128,
        100 => Kind::DbRef,
        127 => Kind::MaxKey,
        255 => Kind::MinKey,
        _ => return None,
    })
}
