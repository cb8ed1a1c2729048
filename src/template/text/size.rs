//! Sizes for people, as Ansible and Jinja2 write and read them.

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
    format!("{:.2} {suffix}", bytes / limit)
}

/// Returns `1.2 MB`, or `1.2 MiB` in powers of 1024.
pub(in crate::template) fn jinja(bytes: f64, binary: bool) -> String {
    let base: f64 = if binary { 1024.0 } else { 1000.0 };
    if bytes == 1.0 {
        return "1 Byte".to_owned();
    }
    if bytes < base {
        return format!("{} Bytes", bytes.trunc());
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
    format!("{:.1} {letter}{}", base * bytes / unit, if binary { "iB" } else { "B" })
}

/// Returns the bytes (or bits) that a text such as `1.5 GB` stands for.
pub(in crate::template) fn parse(
    text: &str,
    default_unit: Option<&str>,
    bits: bool,
) -> Result<i64, Reason> {
    let pattern = Pattern::kept(r"^([0-9]*\.?[0-9]+)(?:\s*([A-Za-z]+))?\s*$", Flags::NONE)
        .expect("the pattern is a constant");
    let wrong = || {
        Reason::new(format!("cannot read `{text}` as a size; write it as `10`, `1.5G` or `2 MB`"))
    };
    let trimmed = text.trim();
    let found = pattern.match_(trimmed).ok().flatten().ok_or_else(wrong)?;
    let number: f64 = found.group(1).and_then(|digits| digits.parse().ok()).ok_or_else(wrong)?;
    let Some(unit) = found.group(2).or(default_unit) else {
        return Ok(number.round_ties_even() as i64);
    };
    let letter =
        unit.chars().next().map(|c| c.to_ascii_uppercase().to_string()).unwrap_or_default();
    let (_, limit) = UNITS.into_iter().find(|(known, _)| *known == letter).ok_or_else(|| {
        Reason::new(format!(
            "`{unit}` in `{text}` is no unit; use one of B, K, M, G, T, P, E, Z, Y"
        ))
    })?;
    check_unit(unit, &letter, text, bits)?;
    Ok((number * limit).round_ties_even() as i64)
}

/// Refuses `Mb` where bytes are meant and `MB` where bits are, and words that are no unit.
fn check_unit(unit: &str, letter: &str, text: &str, bits: bool) -> Result<(), Reason> {
    if unit.len() < 2 {
        // A lone `b` means bits.
        return if unit == "b" && !bits || unit == "B" && bits {
            Err(mixed(unit, text, bits))
        } else {
            Ok(())
        };
    }
    let (sign, word) = if bits { ('b', "bit") } else { ('B', "byte") };
    let lower = unit.to_lowercase();
    let long = lower.contains(word);
    if !long && unit.chars().nth(1) != Some(sign) && !(letter == "B" && lower == "b") {
        return Err(mixed(unit, text, bits));
    }
    Ok(())
}

fn mixed(unit: &str, text: &str, bits: bool) -> Reason {
    let (what, example) = if bits { ("bits", "Mb") } else { ("bytes", "MB") };
    Reason::new(format!("`{unit}` in `{text}` is no unit of {what}; write it as in `10 {example}`"))
}
