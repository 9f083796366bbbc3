//! Dates: the proleptic Gregorian calendar, ISO 8601 as extended JSON has it, and Python's `datetime`.
//!
//! A moment is microseconds since the epoch, UTC.

use std::fmt::Write;

use pyo3::exceptions::{PyOverflowError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDateTime, PyDelta};

use crate::bson::calendar;
use crate::ffi::datetime::{self, DateTimes, Fields};

const SECOND: i64 = 1_000_000;
const MILLISECOND: i64 = 1000;
/// 0001-01-01T00:00:00, the first moment of `datetime`.
const FIRST: i64 = calendar::FIRST * MILLISECOND;
/// 9999-12-31T23:59:59.999999, the last one.
const LAST: i64 = calendar::LAST * MILLISECOND + 999;

/// The moment of a datetime; a naive one is in UTC. With its own fields and, unless it is in UTC, its offset's text.
pub fn read(value: &Bound<'_, PyDateTime>) -> PyResult<(i64, Fields, Option<String>)> {
    let (fields, zoned) = datetime::fields(value.as_borrowed());
    let local = calendar::microseconds_of(&fields);
    if !zoned {
        return Ok((local, fields, None));
    }
    let offset = value.call_method0(intern!(value.py(), "utcoffset"))?;
    if offset.is_none() {
        return Ok((local, fields, None));
    }
    let micros = datetime::microseconds(offset.cast::<PyDelta>()?.as_borrowed());
    let text = match micros {
        0 => None,
        _ => Some(
            value
                .call_method1(intern!(value.py(), "strftime"), ("%z",))?
                .extract()?,
        ),
    };
    Ok((local - micros, fields, text))
}

/// Milliseconds since the epoch, rounded down.
pub const fn millis(moment: i64) -> i64 {
    moment.div_euclid(MILLISECOND)
}

/// The moment of milliseconds since the epoch, if `datetime` can hold it.
pub fn from_millis(millis: i64) -> Option<i64> {
    millis
        .checked_mul(MILLISECOND)
        .filter(|moment| (FIRST..=LAST).contains(moment))
}

/// A datetime, aware if a zone is given; the moment must be in its range.
pub fn new_datetime<'py>(
    py: Python<'py>,
    datetimes: DateTimes,
    moment: i64,
    zone: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    let fields = fields_of(moment).ok_or_else(out_of_range)?;
    datetimes
        .make(py, fields, zone.map(Bound::as_borrowed))
        .map_err(|raised| raised.fetch(py))
}

fn out_of_range() -> PyErr {
    PyOverflowError::new_err("date value out of range")
}

/// The fields of a moment, in UTC.
fn fields_of(moment: i64) -> Option<Fields> {
    let fields = calendar::fields_of(millis(moment)).ok()?;
    let micros = moment.rem_euclid(MILLISECOND) as u32;
    Some(Fields {
        microsecond: fields.microsecond + micros,
        ..fields
    })
}

/// The text of milliseconds from 1970 on, as far as `datetime` goes.
pub fn iso_of_millis(millis: i64) -> Option<String> {
    let fields = calendar::fields_of(millis).ok().filter(|_| millis >= 0)?;
    Some(iso(fields, "Z"))
}

/// `2020-01-31T23:59:59.123` and `offset`; milliseconds only if there are any.
pub fn iso(fields: Fields, offset: &str) -> String {
    let Fields {
        year,
        month,
        day,
        hour,
        minute,
        second,
        microsecond,
    } = fields;
    let mut text = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}");
    if microsecond >= 1000 {
        let _ = write!(text, ".{:03}", microsecond / 1000);
    }
    text.push_str(offset);
    text
}

/// Reads `2020-01-31T23:59:59`; numbers other than the year may have one digit.
fn parse_fields(text: &str) -> Option<Fields> {
    let (date, time) = text.split_once('T')?;
    let mut date = date.splitn(3, '-');
    let year = date
        .next()
        .filter(|year| year.len() == 4)
        .and_then(digits)?;
    let (month, day) = (digits(date.next()?)?, digits(date.next()?)?);
    let mut time = time.splitn(3, ':');
    let (hour, minute, second) = (
        digits(time.next()?)?,
        digits(time.next()?)?,
        digits(time.next()?)?,
    );
    let valid = year >= 1
        && (1..=12).contains(&month)
        && (1..=days_in_month(year, month)).contains(&day)
        && hour < 24
        && minute < 60
        && second < 60;
    valid.then_some(Fields {
        year: year as i32,
        month: month as u8,
        day: day as u8,
        hour: hour as u8,
        minute: minute as u8,
        second: second as u8,
        microsecond: 0,
    })
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// One or two digits, or the four of a year.
fn digits(text: &str) -> Option<i64> {
    let plain = matches!(text.len(), 1 | 2 | 4) && text.bytes().all(|byte| byte.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

/// The moment of `2020-01-31T23:59:59.123456+01:00`: the fraction may be missing, and the offset may be `Z`, `+01:00`,
/// `+0100`, `+01` or missing.
pub fn parse_iso(text: &str) -> PyResult<i64> {
    let malformed = || {
        PyValueError::new_err(format!(
            "time data '{text}' does not match ISO-8601 datetime format"
        ))
    };
    let (local, offset) = split_offset(text).ok_or_else(malformed)?;
    let (whole, micros) = match local.rsplit_once('.') {
        Some((whole, fraction)) => (whole, fraction_in_micros(fraction).ok_or_else(malformed)?),
        None => (local, 0),
    };
    let fields = parse_fields(whole).ok_or_else(malformed)?;
    let moment = calendar::microseconds_of(&fields) + micros - offset;
    if (FIRST..=LAST).contains(&moment) {
        Ok(moment)
    } else {
        Err(out_of_range())
    }
}

/// The text before the offset, and the offset in microseconds.
fn split_offset(text: &str) -> Option<(&str, i64)> {
    if let Some(local) = text.strip_suffix('Z') {
        return Some((local, 0));
    }
    let sign_at = |back: usize| -> Option<(usize, i64)> {
        let at = text.len().checked_sub(back)?;
        match text.as_bytes()[at] {
            b'+' => Some((at, 1)),
            b'-' => Some((at, -1)),
            _ => None,
        }
    };
    let minutes = |hour: &str, minute: &str| Some(digits(hour)? * 60 + digits(minute)?);
    let (at, sign, minutes) =
        if let Some((at, sign)) = sign_at(6).filter(|(at, _)| text.as_bytes()[at + 3] == b':') {
            (
                at,
                sign,
                minutes(text.get(at + 1..at + 3)?, text.get(at + 4..)?)?,
            )
        } else if let Some((at, sign)) = sign_at(5) {
            (
                at,
                sign,
                minutes(text.get(at + 1..at + 3)?, text.get(at + 3..)?)?,
            )
        } else if let Some((at, sign)) = sign_at(3) {
            (at, sign, minutes(text.get(at + 1..)?, "0")?)
        } else {
            return Some((text, 0));
        };
    Some((text.get(..at)?, sign * minutes * 60 * SECOND))
}

/// The digits after the point. They go through a float, so that what is cut off is what PyMongo cuts off.
fn fraction_in_micros(fraction: &str) -> Option<i64> {
    if fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let seconds: f64 = format!("0.{fraction}").parse().ok()?;
    Some((seconds * SECOND as f64) as i64)
}
