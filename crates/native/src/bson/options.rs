//! `CodecOptions`, compiled: every question that encoding and decoding ask is answered by a field.

use std::ffi::CString;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyType};
use pyo3::{PyTraverseError, PyVisit};

use super::calendar;
use crate::ffi::container;

/// See the module.
pub struct Options {
    /// The `CodecOptions` itself, for raw documents.
    pub python: Py<PyAny>,
    pub document: DocumentClass,
    /// Whether a `DBRef` must have a `$db`: it does where documents invent the items they lack.
    pub references_need_database: bool,
    pub dates: Dates,
    pub uuids: UuidRepresentation,
    /// The error handler for strings that are not UTF-8; None is strict.
    pub text_errors: Option<CString>,
    /// From exact types to functions; None without entries.
    pub encoders: Option<Py<PyDict>>,
    pub decoders: Option<Py<PyDict>>,
    pub fallback: Option<Py<PyAny>>,
}

/// What documents are decoded to.
pub enum DocumentClass {
    /// `dict`.
    Dict,
    /// A subclass of dict that stores items as dict does: made by a call, filled without one.
    DictLike(Py<PyAny>),
    /// Any `MutableMapping`: filled by `__setitem__`.
    Mapping(Py<PyAny>),
    /// `RawBSONDocument` or a subclass: made of the bytes.
    Raw(Py<PyAny>),
}

/// How datetimes are decoded.
pub struct Dates {
    pub conversion: Conversion,
    pub aware: bool,
    pub zone: Option<Py<PyAny>>,
    /// The first and the last millisecond that `datetime` can hold both in UTC and in `zone`.
    pub first: i64,
    pub last: i64,
}

/// `DatetimeConversion`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conversion {
    Datetime,
    Clamp,
    Milliseconds,
    Auto,
}

/// `UuidRepresentation`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UuidRepresentation {
    Unspecified,
    Standard,
    PythonLegacy,
    JavaLegacy,
    CsharpLegacy,
}

impl UuidRepresentation {
    fn new(number: i64) -> Self {
        match number {
            3 => Self::PythonLegacy,
            4 => Self::Standard,
            5 => Self::JavaLegacy,
            6 => Self::CsharpLegacy,
            _ => Self::Unspecified,
        }
    }

    /// The subtype that UUIDs are stored with.
    pub fn subtype(self) -> Option<u8> {
        match self {
            Self::Unspecified => None,
            Self::Standard => Some(4),
            Self::PythonLegacy | Self::JavaLegacy | Self::CsharpLegacy => Some(3),
        }
    }

    /// Between the standard byte order and the stored one; the same both ways.
    pub fn reorder(self, mut bytes: [u8; 16]) -> [u8; 16] {
        match self {
            Self::Unspecified | Self::Standard | Self::PythonLegacy => {}
            Self::JavaLegacy => {
                bytes[..8].reverse();
                bytes[8..].reverse();
            }
            Self::CsharpLegacy => {
                bytes[..4].reverse();
                bytes[4..6].reverse();
                bytes[6..8].reverse();
            }
        }
        bytes
    }
}

impl Options {
    /// Reads a `CodecOptions`, or any object with its attributes.
    pub fn new(options: &Bound<'_, PyAny>) -> PyResult<Self> {
        let py = options.py();
        let registry = options.getattr("type_registry")?;
        let map = |name: &str| -> PyResult<Option<Py<PyDict>>> {
            let map = registry.getattr(name)?.cast_into::<PyDict>()?;
            Ok((!map.is_empty()).then(|| map.unbind()))
        };
        let errors: String = options.getattr("unicode_decode_error_handler")?.extract()?;
        let fallback = registry.getattr("_fallback_encoder")?;
        Ok(Self {
            python: options.clone().unbind(),
            document: DocumentClass::new(&options.getattr("document_class")?)?,
            references_need_database: invents_items(&options.getattr("document_class")?),
            dates: Dates::new(py, options)?,
            uuids: UuidRepresentation::new(options.getattr("uuid_representation")?.extract()?),
            text_errors: if errors == "strict" {
                None
            } else {
                Some(CString::new(errors)?)
            },
            encoders: map("_encoder_map")?,
            decoders: map("_decoder_map")?,
            fallback: (!fallback.is_none()).then(|| fallback.unbind()),
        })
    }
}

impl Options {
    /// Shows the garbage collector what this holds: the options hold the codec that is made of them.
    pub fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.python)?;
        match &self.document {
            DocumentClass::Dict => {}
            DocumentClass::DictLike(class)
            | DocumentClass::Mapping(class)
            | DocumentClass::Raw(class) => {
                visit.call(class)?;
            }
        }
        visit.call(&self.dates.zone)?;
        visit.call(&self.encoders)?;
        visit.call(&self.decoders)?;
        visit.call(&self.fallback)
    }
}

impl DocumentClass {
    fn new(class: &Bound<'_, PyAny>) -> PyResult<Self> {
        // `dict[str, Any]` and other parametrised classes stand for their origin.
        let origin = class
            .getattr_opt("__origin__")?
            .unwrap_or_else(|| class.clone());
        if origin.is(class.py().get_type::<PyDict>()) {
            return Ok(Self::Dict);
        }
        let raw = class
            .getattr_opt("_type_marker")?
            .is_some_and(|marker| marker.eq(101).unwrap_or(false));
        if raw {
            return Ok(Self::Raw(class.clone().unbind()));
        }
        match origin.cast::<PyType>() {
            Ok(origin) if container::stores_like_dict(origin) => {
                Ok(Self::DictLike(class.clone().unbind()))
            }
            _ => Ok(Self::Mapping(class.clone().unbind())),
        }
    }
}

/// Whether documents of a class have items that nobody stored, as a `Counter` does. As in PyMongo, one is not a
/// reference unless its `$db` is stored: the invented one is no string.
fn invents_items(class: &Bound<'_, PyAny>) -> bool {
    let invented = || -> PyResult<bool> {
        Ok(class.hasattr("__missing__")?
            && !class.call0()?.get_item("$db")?.is_instance_of::<PyString>())
    };
    invented().unwrap_or(false)
}

impl Dates {
    fn new(py: Python<'_>, options: &Bound<'_, PyAny>) -> PyResult<Self> {
        let zone = options.getattr("tzinfo")?;
        let conversion = match options.getattr("datetime_conversion")? {
            value if value.is_none() => Conversion::Datetime,
            value => match value.extract::<i64>()? {
                2 => Conversion::Clamp,
                3 => Conversion::Milliseconds,
                4 => Conversion::Auto,
                _ => Conversion::Datetime,
            },
        };
        let (mut first, mut last) = (calendar::FIRST, calendar::LAST);
        if !zone.is_none() && matches!(conversion, Conversion::Clamp | Conversion::Auto) {
            first += (-offset(py, &zone, "min")?).max(0);
            last -= offset(py, &zone, "max")?.max(0);
        }
        Ok(Self {
            conversion,
            aware: options.getattr("tz_aware")?.is_truthy()?,
            zone: (!zone.is_none()).then(|| zone.unbind()),
            first,
            last,
        })
    }
}

/// A time zone's distance from UTC at `datetime`'s first or last moment, in milliseconds.
fn offset(py: Python<'_>, zone: &Bound<'_, PyAny>, limit: &str) -> PyResult<i64> {
    let moment = py.import("datetime")?.getattr("datetime")?.getattr(limit)?;
    match zone.call_method1("utcoffset", (moment,))? {
        offset if offset.is_none() => Ok(0),
        offset => Ok((offset.call_method0("total_seconds")?.extract::<f64>()? * 1000.0) as i64),
    }
}
