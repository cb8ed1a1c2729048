//! Filters of dates: `to_datetime`, `strftime`.

use jiff::fmt::strtime;
use jiff::tz::Offset;
use jiff::{Timestamp, tz::TimeZone};

use crate::base::Value;
use crate::template::moment::Moment;
use crate::template::table::builtin;
use crate::template::{Call, Entry, Reason};

pub(super) const ENTRIES: &[Entry] =
    &[builtin(&["strftime"], strftime), builtin(&["to_datetime"], to_datetime)];

/// Reads a date; what the format does not name is the first of January 1900, midnight.
fn to_datetime(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["format"])?;
    let (text, format) = (call.input.to_string(), call.text(0, "format", "%Y-%m-%d %H:%M:%S"));
    let unfit = || Reason::new(format!("time data '{text}' does not match format '{format}'"));
    let parsed = strtime::parse(&format, &text).map_err(|_| unfit())?;
    let date = jiff::civil::date(
        parsed.year().unwrap_or(1900),
        parsed.month().unwrap_or(1),
        parsed.day().unwrap_or(1),
    );
    let nanosecond = parsed.subsec_nanosecond().unwrap_or(0);
    let civil = match parsed.to_datetime() {
        Ok(civil) => civil,
        Err(_) => date.at(
            parsed.hour().unwrap_or(0),
            parsed.minute().unwrap_or(0),
            parsed.second().unwrap_or(0),
            nanosecond,
        ),
    };
    let offset: Option<Offset> = parsed.offset();
    Ok(Moment::value(civil, offset))
}

/// Writes a time given in seconds since 1970, or the current one; the input is the format.
fn strftime(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["second", "utc"])?;
    let format = call.input.to_string();
    let stamp = match call.given(0, "second") {
        None => Timestamp::now(),
        Some(value) => {
            let seconds = value.as_float().or_else(|| value.as_str()?.trim().parse().ok());
            let stamp = seconds
                .and_then(|seconds| Timestamp::from_microsecond((seconds * 1e6) as i64).ok());
            stamp.ok_or_else(|| Reason::new(format!("Invalid value for epoch value ({value})")))?
        }
    };
    let zone = if call.flag(1, "utc", false) { TimeZone::UTC } else { TimeZone::system() };
    let zoned = stamp.to_zoned(zone);
    Moment { civil: zoned.datetime(), offset: Some(zoned.offset()) }
        .format(&format)
        .map(Value::from)
}
