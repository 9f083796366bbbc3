//! Dates: the proleptic Gregorian calendar, ISO 8601 as extended JSON has it, and Python's `datetime`.
//!
//! A moment is microseconds since the epoch, UTC.

use std::fmt::Write;

use pyo3::exceptions::{PyOverflowError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{
    PyDateAccess, PyDateTime, PyDelta, PyDeltaAccess, PyTimeAccess, PyTzInfo, PyTzInfoAccess,
};

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;
const MILLISECOND: i64 = 1000;
/// 0001-01-01T00:00:00, the first moment of `datetime`.
const FIRST: i64 = -62_135_596_800 * SECOND;
/// 9999-12-31T23:59:59.999999, the last one.
const LAST: i64 = 253_402_300_800 * SECOND - 1;
/// The last millisecond that `datetime` can hold.
pub const LAST_MILLIS: i64 = LAST / MILLISECOND;

/// A date and time without a zone, as `datetime` has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fields {
    year: i64,
    month: u8,
    day: u8,
    hour: u8,
    minute: u8,
    second: u8,
    micros: u32,
}

/// The moment of a datetime; a naive one is in UTC. With its own fields and, unless it is in UTC, its offset's text.
pub fn read(value: &Bound<'_, PyDateTime>) -> PyResult<(i64, Fields, Option<String>)> {
    let fields = Fields {
        year: i64::from(value.get_year()),
        month: value.get_month(),
        day: value.get_day(),
        hour: value.get_hour(),
        minute: value.get_minute(),
        second: value.get_second(),
        micros: value.get_microsecond(),
    };
    let local = fields.moment();
    if value.get_tzinfo().is_none() {
        return Ok((local, fields, None));
    }
    let offset = value.call_method0(intern!(value.py(), "utcoffset"))?;
    if offset.is_none() {
        return Ok((local, fields, None));
    }
    let offset = offset.cast::<PyDelta>()?;
    let seconds = i64::from(offset.get_days()) * 86_400 + i64::from(offset.get_seconds());
    let micros = seconds * SECOND + i64::from(offset.get_microseconds());
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
    moment: i64,
    zone: Option<&Bound<'py, PyTzInfo>>,
) -> PyResult<Bound<'py, PyDateTime>> {
    let fields = Fields::at(moment);
    let year = i32::try_from(fields.year).map_err(|_| out_of_range())?;
    let Fields {
        month,
        day,
        hour,
        minute,
        second,
        micros,
        ..
    } = fields;
    PyDateTime::new(py, year, month, day, hour, minute, second, micros, zone)
}

fn out_of_range() -> PyErr {
    PyOverflowError::new_err("date value out of range")
}

impl Fields {
    /// The fields of a moment, in UTC.
    pub fn at(moment: i64) -> Self {
        let (days, rest) = (moment.div_euclid(DAY), moment.rem_euclid(DAY));
        // Years begin in March here, so that a leap day is the last one; eras have 400 years.
        let shifted = days + 719_468;
        let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
        let leap_days = day_of_era / 1460 - day_of_era / 36_524 + day_of_era / 146_096;
        let year_of_era = (day_of_era - leap_days) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let month = if shifted_month < 10 {
            shifted_month + 3
        } else {
            shifted_month - 9
        };
        let seconds = rest / SECOND;
        Self {
            year: era * 400 + year_of_era + i64::from(month <= 2),
            month: month as u8,
            day: (day_of_year - (153 * shifted_month + 2) / 5 + 1) as u8,
            hour: (seconds / 3600) as u8,
            minute: (seconds / 60 % 60) as u8,
            second: (seconds % 60) as u8,
            micros: (rest % SECOND) as u32,
        }
    }

    fn moment(self) -> i64 {
        let (month, day) = (i64::from(self.month), i64::from(self.day));
        let year = self.year - i64::from(month <= 2);
        let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
        let shifted_month = if month > 2 { month - 3 } else { month + 9 };
        let day_of_year = (153 * shifted_month + 2) / 5 + day - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        let days = era * 146_097 + day_of_era - 719_468;
        let seconds =
            i64::from(self.hour) * 3600 + i64::from(self.minute) * 60 + i64::from(self.second);
        days * DAY + seconds * SECOND + i64::from(self.micros)
    }

    /// `2020-01-31T23:59:59.123` and `offset`; milliseconds only if there are any.
    pub fn iso(self, offset: &str) -> String {
        let Self {
            year,
            month,
            day,
            hour,
            minute,
            second,
            micros,
        } = self;
        let mut text = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}");
        if micros >= 1000 {
            let _ = write!(text, ".{:03}", micros / 1000);
        }
        text.push_str(offset);
        text
    }

    /// Reads `2020-01-31T23:59:59`; numbers other than the year may have one digit.
    fn parse(text: &str) -> Option<Self> {
        let (date, time) = text.split_once('T')?;
        let mut date = date.splitn(3, '-');
        let year = date.next()?;
        let year = if year.len() == 4 {
            digits(year)?
        } else {
            return None;
        };
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
        valid.then_some(Self {
            year,
            month: month as u8,
            day: day as u8,
            hour: hour as u8,
            minute: minute as u8,
            second: second as u8,
            micros: 0,
        })
    }
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
    let fields = Fields::parse(whole).ok_or_else(malformed)?;
    let moment = fields.moment() + micros - offset;
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
