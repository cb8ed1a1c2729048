//! Reading times by a format, as Python's `datetime.strptime` does.

use jiff::civil::{Date, DateTime, Time};

use crate::base::pyregex::{Flags, Match, Pattern};
use crate::base::strptime::{DAYS, MONTHS};
use crate::template::Reason;

/// Returns what a directive matches.
fn directive(c: char) -> Option<String> {
    let any = |words: &[&str], length: usize| {
        words.iter().map(|word| &word[..length.min(word.len())]).collect::<Vec<_>>().join("|")
    };
    Some(match c {
        'd' => "3[01]|[12]\\d|0[1-9]|[1-9]| [1-9]".to_owned(),
        'f' => "\\d{1,6}".to_owned(),
        'H' => "2[0-3]|[01]\\d|\\d".to_owned(),
        'I' => "1[0-2]|0[1-9]|[1-9]".to_owned(),
        'j' => "36[0-6]|3[0-5]\\d|[12]\\d\\d|0[1-9]\\d|00[1-9]|[1-9]\\d|0[1-9]|[1-9]".to_owned(),
        'm' => "1[0-2]|0[1-9]|[1-9]".to_owned(),
        'M' => "[0-5]\\d|\\d".to_owned(),
        'S' => "6[01]|[0-5]\\d|\\d".to_owned(),
        'w' => "[0-6]".to_owned(),
        'y' => "\\d\\d".to_owned(),
        'Y' => "\\d{4}".to_owned(),
        'z' => "[+-]\\d\\d:?[0-5]\\d(?::?[0-5]\\d)?|(?-i:Z)".to_owned(),
        'A' => any(&DAYS, 9),
        'a' => any(&DAYS, 3),
        'B' => any(&MONTHS, 9),
        'b' | 'h' => any(&MONTHS, 3),
        'p' => "am|pm".to_owned(),
        'Z' => "[A-Za-z]{1,5}".to_owned(),
        _ => return None,
    })
}

/// Returns the pattern of a format; each directive is a group of its own name.
fn pattern(format: &str) -> Result<String, Reason> {
    let mut out = String::new();
    let mut chars = format.chars().peekable();
    while let Some(c) = chars.next() {
        if c.is_whitespace() {
            while chars.next_if(|c| c.is_whitespace()).is_some() {}
            out.push_str("\\s+");
        } else if c == '%' {
            let c =
                chars.next().ok_or_else(|| Reason::new(format!("stray % in format '{format}'")))?;
            match (c, directive(c)) {
                ('%', _) => out.push('%'),
                ('T', _) => out.push_str(&pattern("%H:%M:%S")?),
                ('D', _) => out.push_str(&pattern("%m/%d/%y")?),
                ('F', _) => out.push_str(&pattern("%Y-%m-%d")?),
                ('R', _) => out.push_str(&pattern("%H:%M")?),
                (c, Some(words)) => out.push_str(&format!("(?P<{c}>{words})")),
                (c, None) => {
                    return Err(Reason::new(format!(
                        "'{c}' is a bad directive in format '{format}'"
                    )));
                }
            }
        } else {
            out.push_str(&crate::base::pyregex::escape(&c.to_string()));
        }
    }
    Ok(out)
}

/// Reads a time and its offset from UTC in seconds, if the format has one.
pub(in crate::template) fn parse(
    text: &str,
    format: &str,
) -> Result<(DateTime, Option<i32>), Reason> {
    let pattern = Pattern::kept(&pattern(format)?, Flags::IGNORECASE)?;
    let found = pattern.match_(text)?.filter(|found| found.end() == text.len());
    let found = found.ok_or_else(|| {
        Reason::new(format!("time data '{text}' does not match format '{format}'"))
    })?;
    let part = |name: &str| pattern.group_of(name).and_then(|group| found.group(group));
    let fields = Fields { found: &found, pattern: &pattern };
    let year = match (fields.number("Y"), fields.number("y")) {
        (Some(year), _) => year,
        (None, Some(year)) if year < 69 => year + 2000,
        (None, Some(year)) => year + 1900,
        (None, None) => 1900,
    };
    let named = |name: &str, words: &[&str]| {
        let text = part(name)?.to_lowercase();
        words.iter().position(|word| word.starts_with(&text)).map(|place| place as i64 + 1)
    };
    let month = fields.number("m").or_else(|| named("B", &MONTHS)).or_else(|| named("b", &MONTHS));
    let wrong = |error: jiff::Error| Reason::new(format!("time data '{text}' is no date: {error}"));
    let mut date =
        Date::new(year as i16, month.unwrap_or(1) as i8, fields.number("d").unwrap_or(1) as i8)
            .map_err(wrong)?;
    if let (Some(day), None) = (fields.number("j"), month) {
        date = date.first_of_year().checked_add(jiff::Span::new().days(day - 1)).map_err(wrong)?;
    }
    let noon = part("p").map(str::to_lowercase);
    let hour = match (fields.number("H"), fields.number("I"), noon.as_deref()) {
        (Some(hour), ..) => hour,
        (None, Some(hour), Some("pm")) => hour % 12 + 12,
        (None, Some(hour), _) => hour % 12,
        (None, None, _) => 0,
    };
    let micro: i32 = part("f").map_or(0, |digits| format!("{digits:0<6}").parse().unwrap_or(0));
    // Leap seconds exist in text only.
    let second = fields.number("S").unwrap_or(0).min(59);
    let minute = fields.number("M").unwrap_or(0);
    let time = Time::new(hour as i8, minute as i8, second as i8, micro * 1000).map_err(wrong)?;
    Ok((date.to_datetime(time), part("z").map(offset)))
}

struct Fields<'a> {
    found: &'a Match<'a>,
    pattern: &'a Pattern,
}

impl Fields<'_> {
    fn number(&self, name: &str) -> Option<i64> {
        self.found.group(self.pattern.group_of(name)?)?.trim().parse().ok()
    }
}

/// Reads `+02:00`, `-0530` or `Z`.
fn offset(text: &str) -> i32 {
    let digits: Vec<i32> =
        text.chars().filter_map(|c| c.to_digit(10)).map(|digit| digit as i32).collect();
    let pair = |place: usize| match digits.get(place..place + 2) {
        Some([tens, ones]) => tens * 10 + ones,
        _ => 0,
    };
    let seconds = pair(0) * 3600 + pair(2) * 60 + pair(4);
    if text.starts_with('-') { -seconds } else { seconds }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(text: &str, format: &str, expected: &str) {
        let (civil, offset) = parse(text, format).unwrap();
        let offset = offset.map(|seconds| format!(" {seconds}")).unwrap_or_default();
        assert_eq!(format!("{civil}{offset}"), expected);
    }

    #[test]
    fn times_are_read() {
        case("2020-01-02", "%Y-%m-%d", "2020-01-02T00:00:00");
        case("2020-01-02T03:04:05.678Z", "%Y-%m-%dT%H:%M:%S.%fZ", "2020-01-02T03:04:05.678");
        case("2020-1-2 3:4:5 +0200", "%Y-%m-%d %H:%M:%S %z", "2020-01-02T03:04:05 7200");
        case("Jan  5 12:00:00 2024 GMT", "%b %d %H:%M:%S %Y %Z", "2024-01-05T12:00:00");
        case("12:30 PM, 5 March 99", "%I:%M %p, %d %B %y", "1999-03-05T12:30:00");
        case("2024-060", "%Y-%j", "2024-02-29T00:00:00");
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let wrong = |text: &str, format: &str| parse(text, format).unwrap_err().to_string();
        assert_eq!(wrong("2020", "%Y-%m"), "time data '2020' does not match format '%Y-%m'");
        assert_eq!(wrong("2020", "%Q"), "'Q' is a bad directive in format '%Q'");
    }
}
