//! Points in time: `to_datetime`, `strftime`.

use jiff::tz::{Offset, TimeZone};

use crate::base::Value;
use crate::template::arguments::described;
use crate::template::moment::Moment;
use crate::template::table::builtin;
use crate::template::text::{number, strptime};
use crate::template::{Call, Entry, Reason};

pub(super) const ENTRIES: &[Entry] =
    &[builtin(&["strftime"], strftime), builtin(&["to_datetime"], to_datetime)];

fn to_datetime(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["format"])?;
    let format = call.text(0, "format", "%Y-%m-%d %H:%M:%S");
    let (civil, offset) = strptime::parse(&call.need_input_text()?, &format)?;
    let offset = offset.and_then(|seconds| Offset::from_seconds(seconds).ok());
    Ok(Moment::value(civil, offset))
}

/// Writes a time (seconds since 1970, now when none is given) by a format.
fn strftime(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["second", "utc"])?;
    if call.input.as_str().is_none() {
        return Err(Reason::new(format!(
            "the format must be text, not {}",
            described(&call.input)
        )));
    }
    let seconds = match call.given(0, "second") {
        None => jiff::Timestamp::now().as_second(),
        Some(value) => {
            let read = match value {
                Value::Text(text) => number::parse_float(text.as_str()),
                other => other.as_float(),
            };
            let read = read.filter(|seconds| seconds.is_finite());
            read.ok_or_else(|| {
                Reason::new(format!("Invalid value for epoch value: {}", described(value)))
            })?
            .floor() as i64
        }
    };
    let stamp =
        jiff::Timestamp::from_second(seconds).map_err(|error| Reason::new(error.to_string()))?;
    let utc = call.flag(1, "utc", false);
    let zoned = stamp.to_zoned(if utc { TimeZone::UTC } else { TimeZone::system() });
    // The C library knows no fractions, and calls Greenwich by its name.
    let mut format = call.input_text().replace("%f", "%%f");
    if utc {
        format = format.replace("%Z", "GMT");
    }
    jiff::fmt::strtime::format(&format, &zoned)
        .map(Value::from)
        .map_err(|error| Reason::new(format!("cannot write a time by '{}': {error}", call.input)))
}
