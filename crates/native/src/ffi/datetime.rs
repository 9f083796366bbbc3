//! `datetime.datetime` by its C interface.

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyDateTime, PyDelta};

use super::raised::Raised;

/// The fields of a datetime, without its zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fields {
    /// 1 to 9999.
    pub year: i32,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
    /// 0 to 59.
    pub second: u8,
    /// 0 to 999,999.
    pub microsecond: u32,
}

/// Witness that the datetime interface is loaded.
#[derive(Debug, Clone, Copy)]
pub struct DateTimes {
    class: usize,
}

impl DateTimes {
    /// Loads the interface.
    pub fn load(py: Python<'_>) -> PyResult<Self> {
        // SAFETY: imports the capsule; a failure leaves a null pointer and an exception.
        let class = unsafe {
            ffi::PyDateTime_IMPORT();
            ffi::PyDateTimeAPI()
                .as_ref()
                .map(|api| api.DateTimeType as usize)
        };
        class
            .map(|class| Self { class })
            .ok_or_else(|| PyErr::fetch(py))
    }

    /// `object` as a datetime, if that is exactly its type.
    #[inline(always)]
    pub fn exact<'a, 'py>(
        &self,
        object: Borrowed<'a, 'py, PyAny>,
    ) -> Option<Borrowed<'a, 'py, PyDateTime>> {
        // SAFETY: the object's type is datetime's.
        (super::kind::type_address(object) == self.class)
            .then(|| unsafe { object.cast_unchecked() })
    }

    /// A new datetime. Python checks the fields.
    #[inline(always)]
    pub fn make<'py>(
        &self,
        py: Python<'py>,
        fields: Fields,
        zone: Option<Borrowed<'_, 'py, PyAny>>,
    ) -> Result<Bound<'py, PyAny>, Raised> {
        // SAFETY: `self` is witness that the interface is loaded; the zone is null or a live object, and the
        // function checks that it is None or a tzinfo.
        unsafe {
            let api = &*ffi::PyDateTimeAPI();
            let object = (api.DateTime_FromDateAndTime)(
                fields.year,
                fields.month.into(),
                fields.day.into(),
                fields.hour.into(),
                fields.minute.into(),
                fields.second.into(),
                fields.microsecond as i32,
                zone.map_or(ffi::Py_None(), |zone| zone.as_ptr()),
                api.DateTimeType,
            );
            Bound::from_owned_ptr_or_opt(py, object).ok_or_else(|| Raised::new(py))
        }
    }
}

/// The fields of a datetime, and whether it has a zone.
#[inline(always)]
pub fn fields(value: Borrowed<'_, '_, PyDateTime>) -> (Fields, bool) {
    // SAFETY: `value` is a datetime or of a subclass, so it has this layout, and CPython keeps its fields in range.
    unsafe {
        let ptr = value.as_ptr();
        let fields = Fields {
            year: ffi::PyDateTime_GET_YEAR(ptr),
            month: ffi::PyDateTime_GET_MONTH(ptr) as u8,
            day: ffi::PyDateTime_GET_DAY(ptr) as u8,
            hour: ffi::PyDateTime_DATE_GET_HOUR(ptr) as u8,
            minute: ffi::PyDateTime_DATE_GET_MINUTE(ptr) as u8,
            second: ffi::PyDateTime_DATE_GET_SECOND(ptr) as u8,
            microsecond: ffi::PyDateTime_DATE_GET_MICROSECOND(ptr) as u32,
        };
        (
            fields,
            (*ptr.cast::<ffi::PyDateTime_DateTime>()).hastzinfo != 0,
        )
    }
}

/// A timedelta in microseconds.
pub fn microseconds(delta: Borrowed<'_, '_, PyDelta>) -> i64 {
    // SAFETY: `delta` is a timedelta; its parts are bounded so that the sum is far below 2**63.
    unsafe {
        let ptr = delta.as_ptr();
        let seconds = i64::from(ffi::PyDateTime_DELTA_GET_DAYS(ptr)) * 86_400
            + i64::from(ffi::PyDateTime_DELTA_GET_SECONDS(ptr));
        seconds * 1_000_000 + i64::from(ffi::PyDateTime_DELTA_GET_MICROSECONDS(ptr))
    }
}
