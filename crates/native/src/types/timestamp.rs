//! `Timestamp`: MongoDB's internal time, a second and an increment within it.
//!
//! Its value is atomic because `__init__` and `__setstate__` run after the object exists.

use std::sync::atomic::{AtomicU64, Ordering};

use pyo3::basic::CompareOp;
use pyo3::exceptions::{PyKeyError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDateTime, PyDelta, PyDict, PyInt, PyTuple};

use crate::bson::calendar;
use crate::bson::classes::Classes;
use crate::ffi::{datetime, number};

/// A timestamp of MongoDB's replication; for times of an application there is `datetime`.
///
/// :param time: seconds since the epoch below 2**32, or a datetime (a naive one is in UTC)
/// :param inc: a counter below 2**32
#[pyclass(frozen, subclass, module = "petiole.bson.timestamp")]
pub struct Timestamp {
    /// The seconds in the upper half, as in BSON.
    value: AtomicU64,
}

impl Timestamp {
    /// A timestamp.
    pub fn new_bound(py: Python<'_>, time: u32, increment: u32) -> PyResult<Bound<'_, Self>> {
        Bound::new(
            py,
            Self {
                value: AtomicU64::new(u64::from(time) << 32 | u64::from(increment)),
            },
        )
    }

    /// Both parts, the seconds in the upper half.
    #[inline(always)]
    pub fn value(&self) -> u64 {
        self.value.load(Ordering::Relaxed)
    }

    fn set(&self, time: &Bound<'_, PyAny>, increment: &Bound<'_, PyAny>) -> PyResult<()> {
        let (time, increment) = (part("time", time)?, part("inc", increment)?);
        self.value.store(
            u64::from(time) << 32 | u64::from(increment),
            Ordering::Relaxed,
        );
        Ok(())
    }
}

fn part(name: &str, value: &Bound<'_, PyAny>) -> PyResult<u32> {
    let Ok(number) = value.cast::<PyInt>() else {
        let kind = value.get_type().repr()?;
        return Err(PyTypeError::new_err(format!(
            "{name} must be an instance of int, not {kind}"
        )));
    };
    number::as_i64(number.as_borrowed())
        .and_then(|number| u32::try_from(number).ok())
        .ok_or_else(|| PyValueError::new_err(format!("{name} must be contained in [0, 2**32)")))
}

/// Whole seconds from the epoch to a datetime; a naive one is in UTC.
pub fn seconds_of(value: &Bound<'_, PyAny>) -> PyResult<i64> {
    let value = value.cast::<PyDateTime>()?;
    let (fields, _) = datetime::fields(value.as_borrowed());
    let offset = match value.call_method0("utcoffset")? {
        offset if offset.is_none() => 0,
        offset => datetime::microseconds(offset.cast::<PyDelta>()?.as_borrowed()),
    };
    Ok((calendar::microseconds_of(&fields) - offset).div_euclid(1_000_000))
}

/// An aware datetime in UTC.
pub fn datetime_of(py: Python<'_>, seconds: u32) -> PyResult<Bound<'_, PyAny>> {
    let classes = Classes::get(py)?;
    let fields = calendar::fields_of(i64::from(seconds) * 1_000)
        .map_err(|year| PyValueError::new_err(format!("year {year} is out of range")))?;
    classes
        .datetimes
        .make(py, fields, Some(classes.utc.bind_borrowed(py)))
        .map_err(|raised| raised.fetch(py))
}

#[pymethods]
impl Timestamp {
    #[classattr]
    #[pyo3(name = "_type_marker")]
    const TYPE_MARKER: u8 = 17;

    // The arguments are `__init__`'s, so that a subclass may take others and hand on what it likes.
    #[new]
    #[pyo3(signature = (*_args, **_kwargs), text_signature = "(time, inc)")]
    fn new(_args: &Bound<'_, PyTuple>, _kwargs: Option<&Bound<'_, PyDict>>) -> Self {
        Self {
            value: AtomicU64::new(0),
        }
    }

    fn __init__(&self, time: &Bound<'_, PyAny>, inc: &Bound<'_, PyAny>) -> PyResult<()> {
        if time.is_instance_of::<PyDateTime>() {
            let seconds = seconds_of(time)?.into_pyobject(time.py())?;
            return self.set(&seconds, inc);
        }
        self.set(time, inc)
    }

    /// Seconds since the epoch.
    #[getter]
    fn time(&self) -> u32 {
        (self.value() >> 32) as u32
    }

    /// The increment within the second.
    #[getter]
    fn inc(&self) -> u32 {
        self.value() as u32
    }

    /// The time as an aware datetime in UTC; the increment is lost.
    fn as_datetime<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        datetime_of(py, self.time())
    }

    fn __getstate__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let state = PyDict::new(py);
        state.set_item("_Timestamp__inc", self.inc())?;
        state.set_item("_Timestamp__time", self.time())?;
        Ok(state)
    }

    fn __setstate__(&self, state: &Bound<'_, PyDict>) -> PyResult<()> {
        let get = |name: &'static str| {
            state
                .get_item(name)?
                .ok_or_else(|| PyKeyError::new_err(name))
        };
        self.set(&get("_Timestamp__time")?, &get("_Timestamp__inc")?)
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<super::Reduced<'py>> {
        super::reduce(slf.as_any())
    }

    fn __repr__(&self) -> String {
        format!("Timestamp({}, {})", self.time(), self.inc())
    }

    fn __hash__(&self) -> isize {
        (self.time() ^ self.inc()) as isize
    }

    fn __richcmp__<'py>(
        slf: &Bound<'py, Self>,
        other: &Bound<'py, PyAny>,
        op: CompareOp,
    ) -> PyResult<Py<PyAny>> {
        let py = slf.py();
        let Ok(other) = other.cast::<Self>() else {
            return Ok(py.NotImplemented());
        };
        let answer = op.matches(slf.get().value().cmp(&other.get().value()));
        Ok(super::super::bson::constant(py, answer).unbind())
    }
}
