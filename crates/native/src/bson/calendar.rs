//! Milliseconds since the Unix epoch and civil dates of the proleptic Gregorian calendar, in integers.

use crate::ffi::datetime::Fields;

const DAY: i64 = 86_400_000;

/// 0001-01-01T00:00:00, the first that `datetime` has.
pub const FIRST: i64 = -62_135_596_800_000;
/// 9999-12-31T23:59:59.999, the last one.
pub const LAST: i64 = 253_402_300_799_999;

/// Days from 1970-01-01 to a date. The year is counted from March, so that the leap day is its last one.
fn days_since_epoch(year: i32, month: u8, day: u8) -> i64 {
    let month = i64::from(month);
    let (year, month) = if month > 2 {
        (i64::from(year), month - 3)
    } else {
        (i64::from(year) - 1, month + 9)
    };
    let (era, year) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * month + 2) / 5 + i64::from(day) - 1;
    era * 146_097 + year * 365 + year / 4 - year / 100 + day_of_year - 719_468
}

/// Year, month and day of a day counted from 1970-01-01.
fn date_of(days: i64) -> (i64, u8, u8) {
    let days = days + 719_468;
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day_of_month = (day_of_year - (153 * month + 2) / 5 + 1) as u8;
    let (year, month) = if month < 10 {
        (year, month + 3)
    } else {
        (year + 1, month - 9)
    };
    (era * 400 + year, month as u8, day_of_month)
}

/// The fields of a time between [`FIRST`] and [`LAST`]; else its year.
#[inline]
pub fn fields_of(milliseconds: i64) -> Result<Fields, i64> {
    let (year, month, day) = date_of(milliseconds.div_euclid(DAY));
    if !(FIRST..=LAST).contains(&milliseconds) {
        return Err(year);
    }
    let rest = milliseconds.rem_euclid(DAY) as u32;
    Ok(Fields {
        year: year as i32,
        month,
        day,
        hour: (rest / 3_600_000) as u8,
        minute: (rest / 60_000 % 60) as u8,
        second: (rest / 1_000 % 60) as u8,
        microsecond: rest % 1_000 * 1_000,
    })
}

/// Microseconds since the epoch.
#[inline]
pub fn microseconds_of(fields: &Fields) -> i64 {
    let seconds =
        i64::from(fields.hour) * 3_600 + i64::from(fields.minute) * 60 + i64::from(fields.second);
    let days = days_since_epoch(fields.year, fields.month, fields.day);
    (days * 86_400 + seconds) * 1_000_000 + i64::from(fields.microsecond)
}
