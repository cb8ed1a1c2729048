//! Reads dates as Python's `strptime` does. No time zones here: whoever needs local time adds the machine's offset.

use super::time::{Civil, days_before};

/// Returns the seconds between the start of 1970 and a date in a format; nothing when the text does not match it.
pub fn parse(text: &str, format: &str) -> Option<i64> {
    let mut parser = Parser { rest: text, date: Date::default(), afternoon: None, days: None };
    parser.format(format)?;
    parser.rest.is_empty().then(|| parser.finish())?
}

/// What was read so far.
#[derive(Clone, Copy)]
struct Date {
    year: i64,
    month: i64,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
}

impl Default for Date {
    /// Returns the date that Python starts from when a format leaves something out.
    fn default() -> Self {
        Self { year: 1900, month: 1, day: 1, hour: 0, minute: 0, second: 0 }
    }
}

/// The names of the months.
pub const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// The names of the days of the week, Monday first.
pub const DAYS: [&str; 7] =
    ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// Reads a text along a format.
struct Parser<'a> {
    rest: &'a str,
    date: Date,
    afternoon: Option<bool>,
    days: Option<i64>,
}

impl Parser<'_> {
    fn format(&mut self, format: &str) -> Option<()> {
        let mut marks = format.chars();
        while let Some(c) = marks.next() {
            match c {
                '%' => self.field(marks.next()?)?,
                c if c.is_whitespace() => self.rest = self.rest.trim_start(),
                c => self.rest = self.rest.strip_prefix(c)?,
            }
        }
        Some(())
    }

    fn field(&mut self, mark: char) -> Option<()> {
        match mark {
            'Y' => self.date.year = self.exactly(4)?,
            'y' => {
                let year = self.exactly(2)?;
                self.date.year = if year < 69 { 2000 + year } else { 1900 + year };
            }
            'm' => self.date.month = self.number(2, 1..=12)?,
            'd' => self.date.day = self.number(2, 1..=31)?,
            'H' => self.date.hour = self.number(2, 0..=23)?,
            'I' => self.date.hour = self.number(2, 1..=12)? % 12,
            'M' => self.date.minute = self.number(2, 0..=59)?,
            'S' => self.date.second = self.number(2, 0..=61)?,
            'j' => self.days = Some(self.number(3, 1..=366)?),
            'w' => drop(self.number(1, 0..=6)?),
            'f' => drop(self.number(6, 0..=999_999)?),
            'b' | 'B' | 'h' => self.date.month = self.name(&MONTHS)?,
            'a' | 'A' => drop(self.name(&DAYS)?),
            'p' => self.afternoon = Some(self.name(&["am", "pm"])? == 2),
            'T' => self.format("%H:%M:%S")?,
            'D' | 'x' => self.format("%m/%d/%y")?,
            'F' => self.format("%Y-%m-%d")?,
            'R' => self.format("%H:%M")?,
            'X' => self.format("%H:%M:%S")?,
            'c' => self.format("%a %b %d %H:%M:%S %Y")?,
            '%' => self.rest = self.rest.strip_prefix('%')?,
            _ => return None,
        }
        Some(())
    }

    fn digits(&mut self, most: usize) -> Option<(usize, i64)> {
        let length = self.rest.bytes().take(most).take_while(u8::is_ascii_digit).count();
        let (digits, rest) = self.rest.split_at(length);
        self.rest = rest;
        Some((length, digits.parse().ok()?))
    }

    fn exactly(&mut self, width: usize) -> Option<i64> {
        self.digits(width).filter(|(length, _)| *length == width).map(|(_, number)| number)
    }

    /// Reads a number; as Python does, with a digit less when the whole one is out of range (`312` as `%m%d`).
    fn number(&mut self, most: usize, range: std::ops::RangeInclusive<i64>) -> Option<i64> {
        let start = self.rest;
        for width in (1..=most).rev() {
            self.rest = start;
            if let Some((_, number)) = self.digits(width)
                && range.contains(&number)
            {
                return Some(number);
            }
        }
        None
    }

    /// Reads a whole name or its first three letters; returns its number from 1.
    fn name(&mut self, names: &[&str]) -> Option<i64> {
        let taken = |name: &str| {
            let head = self.rest.get(..name.len())?;
            head.eq_ignore_ascii_case(name).then_some(name.len())
        };
        let short = |name: &'static str| name.get(..3).unwrap_or(name);
        let found = names.iter().enumerate().find_map(|(index, name)| {
            let known = MONTHS.iter().chain(&DAYS).find(|known| *known == name);
            let length = taken(name).or_else(|| taken(short(known?)))?;
            Some((index, length))
        });
        let (index, length) = found?;
        self.rest = &self.rest[length..];
        i64::try_from(index).ok().map(|index| index + 1)
    }

    fn finish(self) -> Option<i64> {
        let Date { year, month, day, hour, minute, second } = self.date;
        let hour = if self.afternoon == Some(true) { hour + 12 } else { hour };
        let small = |number: i64| u32::try_from(number).ok();
        let days = match self.days {
            Some(days) => days_before(year, 1, 1) + days - 1,
            None => {
                let days = days_before(year, small(month)?, small(day)?);
                // The 31st of a short month comes back as another date.
                let date = Civil::new(days * 86_400);
                (i64::from(date.month) == month).then_some(days)?
            }
        };
        Some(days * 86_400 + hour * 3600 + minute * 60 + second)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(text: &str, format: &str, expected: Option<i64>) {
        assert_eq!(parse(text, format), expected);
    }

    #[test]
    fn formats() {
        case("197001010001.02", "%Y%m%d%H%M.%S", Some(62));
        case("2024-02-29", "%Y-%m-%d", Some(1_709_164_800));
        case("29 Feb 2024 01:02:03 PM", "%d %b %Y %I:%M:%S %p", Some(1_709_211_723));
        case("Thursday, February 29, 24", "%A, %B %d, %y", Some(1_709_164_800));
        case("2024 060", "%Y %j", Some(1_709_164_800));
        case("2023-02-29", "%Y-%m-%d", None);
        case("2024", "%Y%m%d%H%M.%S", None);
        case("2024-1-2x", "%Y-%m-%d", None);
    }
}
