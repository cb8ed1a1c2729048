//! Sizes for people, as Ansible and Jinja2 write and read them.

use super::number;
use crate::base::Value;
use crate::base::pyregex::{Flags, Pattern};
use crate::template::Reason;

const UNITS: [(&str, f64); 9] = [
    ("Y", 1208925819614629174706176.0),
    ("Z", 1180591620717411303424.0),
    ("E", 1152921504606846976.0),
    ("P", 1125899906842624.0),
    ("T", 1099511627776.0),
    ("G", 1073741824.0),
    ("M", 1048576.0),
    ("K", 1024.0),
    ("B", 1.0),
];

/// Returns `1.23 MB` or, of bits, `1.23 Mb`; `unit` names the unit to use whatever the size.
pub(in crate::template) fn ansible(bytes: f64, bits: bool, unit: Option<&str>) -> String {
    let unit = unit.map(str::to_uppercase);
    let (letter, limit) = UNITS
        .into_iter()
        .find(|(letter, limit)| match &unit {
            Some(unit) => unit == letter,
            None => bytes >= *limit,
        })
        .unwrap_or(("B", 1.0));
    let suffix = match (letter, bits) {
        ("B", true) => "bits".to_owned(),
        ("B", false) => "Bytes".to_owned(),
        (letter, true) => format!("{letter}b"),
        (letter, false) => format!("{letter}B"),
    };
    format!("{} {suffix}", fixed(bytes / limit, 2))
}

/// Writes a number with so many digits, and NaN as Python does.
fn fixed(number: f64, digits: usize) -> String {
    if number.is_nan() { "nan".to_owned() } else { format!("{number:.digits$}") }
}

/// Returns `1.2 MB`, or `1.2 MiB` in powers of 1024.
pub(in crate::template) fn jinja(bytes: f64, binary: bool) -> String {
    let base: f64 = if binary { 1024.0 } else { 1000.0 };
    if bytes == 1.0 {
        return "1 Byte".to_owned();
    }
    if bytes < base {
        return format!("{} Bytes", bytes.trunc() + 0.0);
    }
    let mut unit = base;
    let mut letter = 'k';
    for next in "kMGTPEZY".chars() {
        (letter, unit) = (next, unit * base);
        if bytes < unit {
            break;
        }
    }
    let letter = if binary { letter.to_ascii_uppercase() } else { letter };
    format!("{} {letter}{}", fixed(base * bytes / unit, 1), if binary { "iB" } else { "B" })
}

/// The long names of the units, without `byte` or `bit`.
const LONG: [&str; 9] = ["yotta", "zetta", "exa", "peta", "tera", "giga", "mega", "kilo", ""];

/// Returns the bytes (or bits) that a text such as `1.5 GB` stands for.
pub(in crate::template) fn parse(
    text: &str,
    default_unit: Option<&str>,
    bits: bool,
) -> Result<Value, Reason> {
    let pattern = Pattern::kept(r"^([0-9]*\.?[0-9]+)(?:\s*([A-Za-z]+))?\s*$", Flags::NONE)
        .expect("the pattern is a constant");
    let wrong = || {
        Reason::new(format!("cannot read `{text}` as a size; write it as `10`, `1.5G` or `2 MB`"))
    };
    let found = pattern.match_(text).ok().flatten().ok_or_else(wrong)?;
    let number: f64 = found.group(1).and_then(|digits| digits.parse().ok()).ok_or_else(wrong)?;
    let limit = match found.group(2).or(default_unit) {
        Some(unit) => unit_size(unit, bits).ok_or_else(|| {
            let (what, example) = if bits { ("bits", "Mb") } else { ("bytes", "MB") };
            Reason::new(format!(
                "`{unit}` in `{text}` is no unit of {what}; write it as in `10 {example}`"
            ))
        })?,
        None => 1.0,
    };
    number::whole((number * limit).round_ties_even()).ok_or_else(wrong)
}

/// Returns the size of a unit: a letter, `MB` (of bits `Mb`), or its long name.
fn unit_size(unit: &str, bits: bool) -> Option<f64> {
    let (sign, word) = if bits { ("b", "bit") } else { ("B", "byte") };
    let known = UNITS.iter().zip(LONG).find(|((letter, _), long)| {
        let short = if *letter == "B" { sign.to_owned() } else { format!("{letter}{sign}") };
        unit.to_uppercase() == *letter
            || unit == short
            || unit.to_lowercase() == format!("{long}{word}")
    });
    known.map(|((_, limit), _)| *limit)
}
