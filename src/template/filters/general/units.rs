//! Durations in units of time, checksums, random hardware addresses.

use rand::Rng;

use crate::base::Value;
use crate::base::pyregex::{Flags, Pattern};
use crate::template::filters::bytes_of;
use crate::template::text::{number, twister::Twister};
use crate::template::{Call, Reason};

/// Units with their lengths in milliseconds and the words for them; month and year may be changed.
const UNITS: [(&str, f64, &[&str]); 8] = [
    ("millisecond", 1.0, &["ms", "msec", "msecs", "millisecond", "milliseconds"]),
    ("second", 1000.0, &["s", "sec", "secs", "second", "seconds"]),
    ("minute", 60_000.0, &["m", "min", "mins", "minute", "minutes"]),
    ("hour", 3_600_000.0, &["h", "hour", "hours"]),
    ("day", 86_400_000.0, &["d", "day", "days"]),
    ("week", 604_800_000.0, &["w", "week", "weeks"]),
    ("month", 2_592_000_000.0, &["mo", "month", "months"]),
    ("year", 31_536_000_000.0, &["y", "year", "years"]),
];

pub(super) fn to_time_unit(call: &mut Call<'_>) -> Result<Value, Reason> {
    let unit = match call.kwargs.remove("unit") {
        Some(unit) => unit.to_string(),
        None if call.args.is_empty() => "ms".to_owned(),
        None => call.args.remove(0).to_string(),
    };
    let known = UNITS.iter().find(|(.., words)| words.contains(&unit.to_lowercase().as_str()));
    let (name, ..) =
        known.ok_or_else(|| Reason::new(format!("`unit` is no unit of time: `{unit}`")))?;
    to_unit(call, name)
}

/// Returns a duration such as `1h 30m` in a unit.
pub(super) fn to_unit(call: &mut Call<'_>, unit: &str) -> Result<Value, Reason> {
    const NONE: usize = usize::MAX;
    call.accept(&["month", "year"])?;
    let days = |name: &str, default: f64| match call.given(NONE, name) {
        None => Ok(default),
        Some(value) => value
            .as_float()
            .ok_or_else(|| Reason::new(format!("`{name}` must be a number of days"))),
    };
    let (month, year) = (days("month", 30.0)? * 86_400_000.0, days("year", 365.0)? * 86_400_000.0);
    let length = |name: &str, usual: f64| match name {
        "month" => month,
        "year" => year,
        _ => usual,
    };
    let text = call.input_text();
    let wrong =
        || Reason::new(format!("cannot read `{text}` as a duration; write it as in `1h 30m`"));
    let pattern = Pattern::kept(r"(-?\d+)([a-zA-Z]+)", Flags::NONE)?;
    let mut total = 0.0;
    for word in text.split_whitespace() {
        let found = pattern.fullmatch(word)?.ok_or_else(wrong)?;
        let amount: f64 =
            found.group(1).and_then(|digits| digits.parse().ok()).ok_or_else(wrong)?;
        let name = found.group(2).unwrap_or_default();
        let (name, usual, _) =
            UNITS.iter().find(|(.., words)| words.contains(&name)).ok_or_else(wrong)?;
        total += amount * length(name, *usual);
    }
    let usual = UNITS.iter().find(|(name, ..)| *name == unit).map_or(1.0, |(_, usual, _)| *usual);
    Ok(Value::Float(number::round(total / length(unit, usual), 12)))
}

pub(super) fn crc32(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept_none()?;
    let mut crc = flate2::Crc::new();
    crc.update(&bytes_of(&call.input));
    Ok(format!("{:x}", crc.sum()).into())
}

/// Completes the first bytes of a hardware address.
pub(super) fn random_mac(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["seed"])?;
    let prefix = call.need_input_text()?.to_lowercase();
    let parts: Vec<&str> = prefix.split(':').filter(|part| !part.is_empty()).collect();
    let wrong =
        |why: String| Reason::new(format!("Invalid value ({prefix}) for random_mac: {why}"));
    if parts.len() > 5 {
        return Err(wrong("5 colon(:) separated items max".to_owned()));
    }
    if parts.is_empty() {
        return Err(wrong("no byte at all".to_owned()));
    }
    if let Some(part) =
        parts.iter().find(|part| part.len() != 2 || !part.bytes().all(|b| b.is_ascii_hexdigit()))
    {
        return Err(wrong(format!("{part} not hexa byte")));
    }
    let (low, high) = (68_719_476_736_u64, 1_099_511_627_775_u64);
    let number = match call.given(0, "seed") {
        Some(seed) => low + Twister::seeded(seed)?.below(high - low + 1),
        None => rand::rng().random_range(low..=high),
    };
    let digits = format!("{number:x}");
    let mut out: Vec<&str> = parts;
    let mut at = 0;
    while out.len() < 6 {
        out.push(&digits[at..at + 2]);
        at += 2;
    }
    Ok(out.join(":").into())
}
