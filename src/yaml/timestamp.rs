//! Dates and times: `2024-01-02`, `2001-12-14t21:59:43.10-05:00`.

use std::any::Any;
use std::fmt;

use crate::base::{Object, Value};

/// A date, or a date with a time, as PyYAML makes them of plain scalars.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Timestamp {
    /// The year.
    pub year: u16,
    /// The month, 1 to 12.
    pub month: u8,
    /// The day of the month.
    pub day: u8,
    /// The time of the day; nothing for a date.
    pub time: Option<Time>,
}

/// A time of the day.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Time {
    /// The hour, 0 to 23.
    pub hour: u8,
    /// The minute.
    pub minute: u8,
    /// The second.
    pub second: u8,
    /// The part of the second, in millionths.
    pub microsecond: u32,
    /// Minutes east of UTC, when the zone is written.
    pub offset: Option<i32>,
}

impl Timestamp {
    /// Returns the text as Python's `isoformat()` writes it, which is what goes into JSON.
    pub fn iso(&self) -> String {
        self.format('T')
    }

    fn format(&self, between: char) -> String {
        let mut out = format!("{:04}-{:02}-{:02}", self.year, self.month, self.day);
        let Some(time) = &self.time else { return out };
        let Time { hour, minute, second, microsecond, offset } = time;
        out += &format!("{between}{hour:02}:{minute:02}:{second:02}");
        if *microsecond > 0 {
            out += &format!(".{microsecond:06}");
        }
        if let Some(offset) = offset {
            let sign = if *offset < 0 { '-' } else { '+' };
            out += &format!("{sign}{:02}:{:02}", offset.abs() / 60, offset.abs() % 60);
        }
        out
    }
}

impl fmt::Display for Timestamp {
    /// Writes the text as Python's `str()` does: a space between date and time.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.format(' '))
    }
}

impl Object for Timestamp {
    fn type_name(&self) -> &'static str {
        if self.time.is_some() { "datetime" } else { "date" }
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn plain(&self) -> Value {
        Value::text(self.iso())
    }
}

/// Returns whether a plain scalar looks like a date to PyYAML. A lone date needs two digits everywhere.
pub(super) fn is_timestamp(text: &str) -> bool {
    split(text).is_some_and(|parts| parts.time.is_some() || text.len() == 10)
}

/// Returns the date and time that a text stands for; nothing when it is none, as `2024-13-45`.
pub(super) fn timestamp(text: &str) -> Option<Timestamp> {
    let parts = split(text)?;
    let (year, month, day) = (parts.year, parts.month, parts.day);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 => 28 + u8::from(leap),
        _ => 0,
    };
    let time_fits = parts.time.as_ref().is_none_or(|time| {
        time.hour < 24
            && time.minute < 60
            && time.second < 60
            && time.offset.is_none_or(|offset| offset.abs() < 24 * 60)
    });
    (year > 0 && (1..=days).contains(&day) && time_fits).then_some(parts)
}

/// Splits a text by the shape alone.
fn split(text: &str) -> Option<Timestamp> {
    let mut rest = text;
    let year = digits(&mut rest, 4, 4)?;
    eat(&mut rest, '-')?;
    let month = digits(&mut rest, 1, 2)?;
    eat(&mut rest, '-')?;
    let day = digits(&mut rest, 1, 2)?;
    let (month, day) = (u8::try_from(month).ok()?, u8::try_from(day).ok()?);
    let year = u16::try_from(year).ok()?;
    let time = if rest.is_empty() { None } else { Some(split_time(rest)?) };
    Some(Timestamp { year, month, day, time })
}

fn split_time(text: &str) -> Option<Time> {
    let blank = [' ', '\t'];
    let mut rest = match text.strip_prefix(['T', 't']) {
        Some(rest) => rest,
        None => text.starts_with(blank).then(|| text.trim_start_matches(blank))?,
    };
    let hour = digits(&mut rest, 1, 2)?;
    eat(&mut rest, ':')?;
    let minute = digits(&mut rest, 2, 2)?;
    eat(&mut rest, ':')?;
    let second = digits(&mut rest, 2, 2)?;
    let mut microsecond = 0;
    if eat(&mut rest, '.').is_some() {
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let fraction: String = rest.chars().take(end).chain("000000".chars()).take(6).collect();
        microsecond = fraction.parse().ok()?;
        rest = &rest[end..];
    }
    let zone = rest.trim_start_matches(blank);
    let offset = match zone.chars().next() {
        None if rest.is_empty() => None,
        None => return None,
        Some('Z') if zone.len() == 1 => Some(0),
        Some(sign @ ('+' | '-')) => {
            let mut zone = &zone[1..];
            let hours = digits(&mut zone, 1, 2)?;
            let minutes = match eat(&mut zone, ':') {
                Some(()) => digits(&mut zone, 2, 2)?,
                None => 0,
            };
            let offset = i32::try_from(hours * 60 + minutes).ok()?;
            zone.is_empty().then_some(Some(if sign == '-' { -offset } else { offset }))?
        }
        Some(_) => return None,
    };
    let small = |number: u32| u8::try_from(number).ok();
    Some(Time {
        hour: small(hour)?,
        minute: small(minute)?,
        second: small(second)?,
        microsecond,
        offset,
    })
}

/// Takes `least` to `most` digits from the front.
fn digits(rest: &mut &str, least: usize, most: usize) -> Option<u32> {
    let count = rest.bytes().take(most).take_while(u8::is_ascii_digit).count();
    if count < least {
        return None;
    }
    let (number, tail) = rest.split_at(count);
    *rest = tail;
    number.parse().ok()
}

fn eat(rest: &mut &str, c: char) -> Option<()> {
    *rest = rest.strip_prefix(c)?;
    Some(())
}
