//! Points in time and the time between them, as Python's `datetime` and `timedelta` behave in templates.

use std::any::Any;
use std::cmp::Ordering;
use std::sync::Arc;

use jiff::civil::{Date, DateTime};
use jiff::fmt::strtime;
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, ToSpan};

use super::Reason;
use super::ir::Operator;
use crate::base::{Object, Value};

const DAY: i64 = 86_400;
const MICRO: i64 = 1_000_000;

/// A date with a time; without an offset it is local time, or whatever its maker meant.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Moment {
    /// The date and the time.
    pub civil: DateTime,
    /// The offset from UTC, when it is known.
    pub offset: Option<Offset>,
}

/// A date alone.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Day(Date);

/// The time between two moments, in microseconds.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Duration(pub i64);

impl Moment {
    /// Returns the value of a moment.
    pub fn value(civil: DateTime, offset: Option<Offset>) -> Value {
        Value::Object(Arc::new(Self { civil, offset }))
    }

    /// Returns the moment as text, by Python's `strftime` marks.
    pub fn format(&self, format: &str) -> Result<String, Reason> {
        let zoned = self.civil.to_zoned(self.zone());
        let zoned = zoned.map_err(|error| Reason::new(error.to_string()))?;
        strtime::format(self.marks(format), &zoned)
            .map_err(|error| Reason::new(format!("cannot format a date by '{format}': {error}")))
    }

    /// Returns Python's marks as those of the formatter: six digits of microseconds, English words, and nothing for the
    /// offset of a time that has none.
    fn marks(&self, format: &str) -> String {
        let mut out = String::with_capacity(format.len());
        let mut chars = format.chars();
        while let Some(c) = chars.next() {
            if c != '%' {
                out.push(c);
                continue;
            }
            match (chars.next(), self.offset) {
                (Some('f'), _) => out.push_str("%6f"),
                (Some('c'), _) => out.push_str("%a %b %e %H:%M:%S %Y"),
                (Some('x'), _) => out.push_str("%m/%d/%y"),
                (Some('X'), _) => out.push_str("%H:%M:%S"),
                (Some('z' | 'Z'), None) => {}
                (Some('Z'), Some(Offset::UTC)) => out.push_str("UTC"),
                (Some('Z'), Some(_)) => out.push_str("UTC%:z"),
                (Some(mark), _) => out.extend(['%', mark]),
                (None, _) => out.push_str("%%"),
            }
        }
        out
    }

    fn zone(&self) -> TimeZone {
        self.offset.map_or_else(TimeZone::system, TimeZone::fixed)
    }

    fn iso(&self, between: char) -> String {
        let (date, time) = (self.civil.date(), self.civil.time());
        let mut text = format!(
            "{:04}-{:02}-{:02}{between}{:02}:{:02}:{:02}",
            date.year(),
            date.month(),
            date.day(),
            time.hour(),
            time.minute(),
            time.second()
        );
        let micro = time.subsec_nanosecond() / 1000;
        if micro != 0 {
            text += &format!(".{micro:06}");
        }
        if let Some(offset) = self.offset {
            let (sign, seconds) = if offset.seconds() < 0 {
                ('-', -offset.seconds())
            } else {
                ('+', offset.seconds())
            };
            text += &format!("{sign}{:02}:{:02}", seconds / 3600, seconds / 60 % 60);
        }
        text
    }

    fn timestamp(&self) -> Result<f64, Reason> {
        let zoned = self.civil.to_zoned(self.zone());
        let zoned = zoned.map_err(|error| Reason::new(error.to_string()))?;
        Ok(zoned.timestamp().as_microsecond() as f64 / MICRO as f64)
    }

    fn since(&self, other: &Self) -> Duration {
        let shift = |moment: &Self| i64::from(moment.offset.map_or(0, Offset::seconds));
        let between = self.civil.duration_since(other.civil);
        let micros = i64::try_from(between.as_micros()).unwrap_or(i64::MAX);
        Duration(micros - (shift(self) - shift(other)) * MICRO)
    }

    fn plus(&self, duration: Duration) -> Option<Value> {
        let civil = self.civil.checked_add(SignedDuration::from_micros(duration.0)).ok()?;
        Some(Self::value(civil, self.offset))
    }
}

impl Duration {
    /// Returns the value of a duration.
    pub fn value(micros: i64) -> Value {
        Value::Object(Arc::new(Self(micros)))
    }

    fn parts(self) -> (i64, i64, i64) {
        let seconds = self.0.div_euclid(MICRO);
        (seconds.div_euclid(DAY), seconds.rem_euclid(DAY), self.0.rem_euclid(MICRO))
    }
}

impl Object for Moment {
    fn type_name(&self) -> &'static str {
        "datetime"
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn plain(&self) -> Value {
        Value::text(self.iso(' '))
    }
}

impl Object for Day {
    fn type_name(&self) -> &'static str {
        "date"
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn plain(&self) -> Value {
        Value::text(self.0.to_string())
    }
}

impl Object for Duration {
    fn type_name(&self) -> &'static str {
        "timedelta"
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn truth(&self) -> bool {
        self.0 != 0
    }

    fn plain(&self) -> Value {
        let (days, seconds, micros) = self.parts();
        let mut text = match days {
            0 => String::new(),
            1 | -1 => format!("{days} day, "),
            _ => format!("{days} days, "),
        };
        text += &format!("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
        if micros != 0 {
            text += &format!(".{micros:06}");
        }
        Value::text(text)
    }
}

/// Returns an attribute of a moment, a date or a duration.
pub(super) fn field(value: &Value, name: &str) -> Option<Value> {
    if let Some(Day(date)) = value.as_object::<Day>() {
        return date_field(*date, name);
    }
    if let Some(duration) = value.as_object::<Duration>() {
        let (days, seconds, micros) = duration.parts();
        return match name {
            "days" => Some(days.into()),
            "microseconds" => Some(micros.into()),
            "seconds" => Some(seconds.into()),
            _ => None,
        };
    }
    let moment = value.as_object::<Moment>()?;
    let time = moment.civil.time();
    match name {
        "hour" => Some(i64::from(time.hour()).into()),
        "microsecond" => Some(i64::from(time.subsec_nanosecond() / 1000).into()),
        "minute" => Some(i64::from(time.minute()).into()),
        "second" => Some(i64::from(time.second()).into()),
        "tzinfo" => {
            Some(moment.offset.map_or(Value::Null, |offset| Value::text(offset.to_string())))
        }
        _ => date_field(moment.civil.date(), name),
    }
}

fn date_field(date: Date, name: &str) -> Option<Value> {
    match name {
        "day" => Some(i64::from(date.day()).into()),
        "month" => Some(i64::from(date.month()).into()),
        "year" => Some(i64::from(date.year()).into()),
        _ => None,
    }
}

/// Methods of these objects.
const METHODS: &[&str] = &[
    "date",
    "isocalendar",
    "isoformat",
    "isoweekday",
    "strftime",
    "timestamp",
    "total_seconds",
    "weekday",
];

/// Returns whether there is such a method.
pub(super) fn has_method(value: &Value, name: &str) -> bool {
    let is_date = value.as_object::<Moment>().is_some() || value.as_object::<Day>().is_some();
    let is_duration = value.as_object::<Duration>().is_some();
    METHODS.contains(&name)
        && (is_duration == (name == "total_seconds"))
        && (is_date || is_duration)
}

/// Calls a method; nothing when the value is none of these.
pub(super) fn method(base: &Value, name: &str, args: &[Value]) -> Option<Result<Value, Reason>> {
    if let Some(duration) = base.as_object::<Duration>() {
        return (name == "total_seconds")
            .then(|| Ok(Value::Float(duration.0 as f64 / MICRO as f64)));
    }
    let moment = match base.as_object::<Day>() {
        Some(Day(date)) => Moment { civil: date.at(0, 0, 0, 0), offset: None },
        None => *base.as_object::<Moment>()?,
    };
    let is_day = base.as_object::<Day>().is_some();
    let date = moment.civil.date();
    let weekday = i64::from(date.weekday().to_monday_one_offset());
    Some(match name {
        "date" => Ok(Value::Object(Arc::new(Day(date)))),
        "isocalendar" => {
            let week = date.iso_week_date();
            let parts = [i64::from(week.year()), i64::from(week.week()), weekday];
            Ok(Value::Tuple(Arc::new(parts.into_iter().map(Value::Int).collect())))
        }
        "isoformat" if is_day => Ok(Value::text(date.to_string())),
        "isoformat" => {
            let between = args.first().and_then(Value::as_str).and_then(|text| text.chars().next());
            Ok(Value::text(moment.iso(between.unwrap_or('T'))))
        }
        "isoweekday" => Ok(weekday.into()),
        "strftime" => {
            let format = args.first().map(ToString::to_string).unwrap_or_default();
            moment.format(&format).map(Value::from)
        }
        "timestamp" => moment.timestamp().map(Value::Float),
        "weekday" => Ok((weekday - 1).into()),
        _ => return None,
    })
}

/// Applies `+` or `-`; nothing where Python knows no such operation.
pub(super) fn binary(operator: Operator, left: &Value, right: &Value) -> Option<Value> {
    if !matches!((left, right), (Value::Object(_), _) | (_, Value::Object(_))) {
        return None;
    }
    let (a, b) = (left.as_object::<Moment>(), right.as_object::<Moment>());
    let (x, y) = (left.as_object::<Duration>(), right.as_object::<Duration>());
    match (operator, a, b, x, y) {
        (Operator::Subtract, Some(a), Some(b), ..) => Some(Duration::value(a.since(b).0)),
        (Operator::Subtract, Some(a), _, _, Some(y)) => a.plus(Duration(-y.0)),
        (Operator::Add, Some(a), _, _, Some(y)) => a.plus(*y),
        (Operator::Add, _, Some(b), Some(x), _) => b.plus(*x),
        (Operator::Add, _, _, Some(x), Some(y)) => Some(Duration::value(x.0.checked_add(y.0)?)),
        (Operator::Subtract, _, _, Some(x), Some(y)) => {
            Some(Duration::value(x.0.checked_sub(y.0)?))
        }
        (Operator::Multiply, _, _, Some(x), None) => {
            Some(Duration::value(x.0.checked_mul(right.as_int()?)?))
        }
        (Operator::Subtract, ..) => days(left, right),
        _ => None,
    }
}

fn days(left: &Value, right: &Value) -> Option<Value> {
    let (Day(a), Day(b)) = (left.as_object::<Day>()?, right.as_object::<Day>()?);
    let between = a.since(*b).ok()?.get_days();
    Some(Duration::value(i64::from(between) * DAY * MICRO))
}

/// Returns the order of two moments, dates or durations.
pub(super) fn order(left: &Value, right: &Value) -> Option<Ordering> {
    if let (Some(a), Some(b)) = (left.as_object::<Moment>(), right.as_object::<Moment>()) {
        return Some(a.since(b).0.cmp(&0));
    }
    if let (Some(Day(a)), Some(Day(b))) = (left.as_object::<Day>(), right.as_object::<Day>()) {
        return Some(a.cmp(b));
    }
    Some(left.as_object::<Duration>()?.cmp(right.as_object::<Duration>()?))
}

/// Returns the moment of a clock, in local time or UTC, without an offset as Python's is.
pub(super) fn at(clock: std::time::SystemTime, utc: bool) -> Result<Moment, Reason> {
    let stamp = jiff::Timestamp::try_from(clock).map_err(|error| Reason::new(error.to_string()))?;
    let zone = if utc { TimeZone::UTC } else { TimeZone::system() };
    let civil = stamp.to_zoned(zone).datetime();
    // Python counts microseconds.
    let rest = i64::from(civil.subsec_nanosecond() % 1000);
    let civil = civil.checked_sub(rest.nanoseconds()).unwrap_or(civil);
    Ok(Moment { civil, offset: None })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn moments_print_and_subtract_as_pythons() {
        let a = Moment::value(date(2024, 2, 29).at(13, 4, 5, 0), None);
        let b = Moment::value(date(2024, 2, 28).at(14, 0, 0, 500_000_000), None);
        assert_eq!(a.to_string(), "2024-02-29 13:04:05");
        let between = binary(Operator::Subtract, &a, &b).unwrap();
        assert_eq!(between.to_string(), "23:04:04.500000");
        let back = binary(Operator::Subtract, &b, &a).unwrap();
        assert_eq!(back.to_string(), "-1 day, 0:55:55.500000");
        assert_eq!(field(&back, "days").unwrap(), Value::Int(-1));
        assert_eq!(order(&b, &a), Some(Ordering::Less));
        assert_eq!(method(&a, "weekday", &[]).unwrap().unwrap(), Value::Int(3));
        let text = method(&b, "strftime", &[Value::text("%d.%m.%Y %f")]).unwrap().unwrap();
        assert_eq!(text.to_string(), "28.02.2024 500000");
    }
}
