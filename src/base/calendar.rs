//! Dates of the Gregorian calendar without a time zone: to and from seconds, and read as Python's `strptime` reads them.
//!
//! Both sides use it; whoever needs local time adds the machine's offset.

/// A date and a time of day.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Date {
    /// The year.
    pub year: i64,
    /// The month, from 1.
    pub month: i64,
    /// The day of the month, from 1.
    pub day: i64,
    /// The hour.
    pub hour: i64,
    /// The minute.
    pub minute: i64,
    /// The second.
    pub second: i64,
}

impl Default for Date {
    /// Returns the date that Python starts from when a format leaves something out.
    fn default() -> Self {
        Self { year: 1900, month: 1, day: 1, hour: 0, minute: 0, second: 0 }
    }
}

const MONTHS: [&str; 12] = [
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

const DAYS: [&str; 7] =
    ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

impl Date {
    /// Returns the date that is so many seconds after the beginning of 1970.
    pub fn from_seconds(seconds: i64) -> Self {
        let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        // Counted in eras of 400 years that begin in March, so that the leap day is the last day of a year.
        let shifted = days + 719_468;
        let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
        let year_of_era =
            (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let index = (5 * day_of_year + 2) / 153;
        let month = if index < 10 { index + 3 } else { index - 9 };
        Self {
            year: year_of_era + era * 400 + i64::from(month <= 2),
            month,
            day: day_of_year - (153 * index + 2) / 5 + 1,
            hour: rest / 3600,
            minute: rest / 60 % 60,
            second: rest % 60,
        }
    }

    /// Returns how many seconds after the beginning of 1970 the date is.
    pub fn seconds(&self) -> i64 {
        let (year, index) = if self.month > 2 {
            (self.year, self.month - 3)
        } else {
            (self.year - 1, self.month + 9)
        };
        let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
        let day_of_year = (153 * index + 2) / 5 + self.day - 1;
        let days = era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100
            + day_of_year
            - 719_468;
        days * 86_400 + self.hour * 3600 + self.minute * 60 + self.second
    }

    /// Reads a date in a format of `strptime`; nothing when the text does not match it.
    pub fn parse(text: &str, format: &str) -> Option<Self> {
        let mut parser = Parser { rest: text, date: Self::default(), afternoon: None, days: None };
        parser.format(format)?;
        parser.rest.is_empty().then(|| parser.finish())?
    }
}

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

    fn finish(mut self) -> Option<Date> {
        if self.afternoon == Some(true) {
            self.date.hour += 12;
        }
        if let Some(days) = self.days {
            let start = Date { month: 1, day: 1, ..self.date };
            return Some(Date::from_seconds(start.seconds() + (days - 1) * 86_400));
        }
        // The 31st of a short month comes back as another date.
        let day = Date { hour: 0, minute: 0, second: 0, ..self.date };
        (Date::from_seconds(day.seconds()) == day).then_some(self.date)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(text: &str, format: &str, expected: Option<i64>) {
        assert_eq!(Date::parse(text, format).map(|date| date.seconds()), expected);
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

    #[test]
    fn seconds_and_dates() {
        for seconds in [-1, 0, 951_782_400, 1_709_210_096, 4_102_444_800] {
            assert_eq!(Date::from_seconds(seconds).seconds(), seconds);
        }
        let date = Date::from_seconds(1_709_210_096);
        assert_eq!((date.year, date.month, date.day), (2024, 2, 29));
        assert_eq!((date.hour, date.minute, date.second), (12, 34, 56));
    }
}
