//! The value classes, imported once: which class a value is of, and what to call for a new one.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyDateTime, PyType};

use crate::bson::classes as codec;
use crate::ffi::object::Derived;
use crate::types::object_id::ObjectId;
use crate::types::timestamp::Timestamp;

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

/// The codec's classes, and what extended JSON needs besides.
pub struct Classes {
    pub codec: &'static codec::Classes,
    pub uuid: Py<PyAny>,
    /// `petiole.bson.datetime_ms._millis_to_datetime`.
    pub millis_to_datetime: Py<PyAny>,
    exact: Vec<(Py<PyType>, Kind)>,
}

static CLASSES: PyOnceLock<Classes> = PyOnceLock::new();

impl Classes {
    /// The classes, looked up at the first call.
    pub fn get(py: Python<'_>) -> PyResult<&'static Self> {
        CLASSES.get_or_try_init(py, || Self::load(py))
    }

    fn load(py: Python<'_>) -> PyResult<Self> {
        let codec = codec::Classes::get(py)?;
        let uuid = py.import("uuid")?.getattr("UUID")?;
        let pattern = codec.pattern.bind(py).cast::<PyType>()?;
        let own = |class: &Derived| class.class().clone_ref(py);
        let exact = vec![
            (py.get_type::<ObjectId>().unbind(), Kind::ObjectId),
            (py.get_type::<PyDateTime>().unbind(), Kind::Datetime),
            (own(&codec.int64), Kind::Int64),
            (own(&codec.decimal128), Kind::Decimal128),
            (own(&codec.binary), Kind::Binary),
            (py.get_type::<PyBytes>().unbind(), Kind::Bytes),
            (uuid.cast::<PyType>()?.clone().unbind(), Kind::Uuid),
            (py.get_type::<Timestamp>().unbind(), Kind::Timestamp),
            (own(&codec.regex), Kind::Regex),
            (pattern.clone().unbind(), Kind::Regex),
            (own(&codec.code), Kind::Code),
            (own(&codec.dbref), Kind::DbRef),
            (own(&codec.datetime_ms), Kind::DatetimeMs),
            (own(&codec.max_key), Kind::MaxKey),
            (own(&codec.min_key), Kind::MinKey),
        ];
        let millis_to_datetime = py
            .import("petiole.bson.datetime_ms")?
            .getattr("_millis_to_datetime")?;
        Ok(Self {
            codec,
            uuid: uuid.unbind(),
            millis_to_datetime: millis_to_datetime.unbind(),
            exact,
        })
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
