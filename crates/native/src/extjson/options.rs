//! What of `JSONOptions` each direction needs, read once per call.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// `JSONMode`: which flavour of extended JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Legacy,
    Relaxed,
    Canonical,
}

/// `DatetimeRepresentation`: what stands under `$date`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateForm {
    Millis,
    NumberLong,
    Iso8601,
}

/// The options of `dumps`.
pub struct WriteOptions<'py> {
    pub mode: Mode,
    pub strict_number_long: bool,
    pub date_form: DateForm,
    pub strict_uuid: bool,
    pub uuid_representation: Bound<'py, PyAny>,
}

impl<'py> WriteOptions<'py> {
    /// Reads the attributes of a `JSONOptions`, which has validated them.
    pub fn read(options: &Bound<'py, PyAny>) -> PyResult<Self> {
        let py = options.py();
        let mode = options
            .getattr(intern!(py, "json_mode"))?
            .extract::<i64>()?;
        let date_form = options
            .getattr(intern!(py, "datetime_representation"))?
            .extract::<i64>()?;
        Ok(Self {
            mode: match mode {
                0 => Mode::Legacy,
                2 => Mode::Canonical,
                _ => Mode::Relaxed,
            },
            strict_number_long: options
                .getattr(intern!(py, "strict_number_long"))?
                .is_truthy()?,
            date_form: match date_form {
                0 => DateForm::Millis,
                1 => DateForm::NumberLong,
                _ => DateForm::Iso8601,
            },
            strict_uuid: options.getattr(intern!(py, "strict_uuid"))?.is_truthy()?,
            uuid_representation: options.getattr(intern!(py, "uuid_representation"))?,
        })
    }
}

/// `UuidRepresentation.UNSPECIFIED`.
pub const UUID_UNSPECIFIED: i64 = 0;
/// `UuidRepresentation.PYTHON_LEGACY`.
pub const UUID_PYTHON_LEGACY: i64 = 3;
/// `UuidRepresentation.STANDARD`.
pub const UUID_STANDARD: i64 = 4;

const CONVERT_TO_DATETIME: i64 = 1;
const CONVERT_TO_MS: i64 = 3;

/// The options of `loads`; a `CodecOptions` has them too.
pub struct ReadOptions<'py> {
    /// The class of documents, where it is not `dict`.
    pub document_class: Option<Bound<'py, PyAny>>,
    pub tz_aware: bool,
    /// The time zone to convert to.
    pub tzinfo: Option<Bound<'py, PyAny>>,
    pub uuid_representation: i64,
    conversion: i64,
    /// The options themselves, for Python's functions.
    pub object: Bound<'py, PyAny>,
}

impl<'py> ReadOptions<'py> {
    /// Reads the attributes.
    pub fn read(options: &Bound<'py, PyAny>) -> PyResult<Self> {
        let py = options.py();
        let document_class = options.getattr(intern!(py, "document_class"))?;
        let tzinfo = options.getattr(intern!(py, "tzinfo"))?;
        let conversion = options.getattr(intern!(py, "datetime_conversion"))?;
        Ok(Self {
            document_class: (!document_class.is(py.get_type::<PyDict>())).then_some(document_class),
            tz_aware: options.getattr(intern!(py, "tz_aware"))?.is_truthy()?,
            tzinfo: (!tzinfo.is_none()).then_some(tzinfo),
            uuid_representation: options
                .getattr(intern!(py, "uuid_representation"))?
                .extract()?,
            conversion: conversion
                .extract::<Option<i64>>()?
                .unwrap_or(CONVERT_TO_DATETIME),
            object: options.clone(),
        })
    }

    /// Whether dates become `datetime`, and one out of range is an error.
    pub fn plain_datetimes(&self) -> bool {
        self.conversion == CONVERT_TO_DATETIME
    }

    /// Whether dates become `DatetimeMS`.
    pub fn datetimes_as_ms(&self) -> bool {
        self.conversion == CONVERT_TO_MS
    }
}
