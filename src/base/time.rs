//! Dates out of seconds, and the text of times as Ansible's modules print them. No time zones here.

/// A date and a time of day.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Civil {
    /// The year.
    pub year: i64,
    /// The month, from 1.
    pub month: u32,
    /// The day of the month, from 1.
    pub day: u32,
    /// The hour.
    pub hour: u32,
    /// The minute.
    pub minute: u32,
    /// The second.
    pub second: u32,
    /// The day of the week, Sunday being 0.
    pub weekday: u32,
    /// The day of the year, from 1.
    pub yearday: u32,
}

const DAY: i64 = 86_400;

impl Civil {
    /// Returns the date and time so many seconds after the start of 1970.
    pub fn new(seconds: i64) -> Self {
        let days = seconds.div_euclid(DAY);
        let rest = seconds.rem_euclid(DAY);
        let (year, month, day) = date(days);
        let small = |number: i64| u32::try_from(number).expect("a remainder of a day is small");
        Self {
            year,
            month,
            day,
            hour: small(rest / 3600),
            minute: small(rest / 60 % 60),
            second: small(rest % 60),
            weekday: small((days + 4).rem_euclid(7)),
            yearday: small(days - days_before(year, 1, 1) + 1),
        }
    }

    /// Returns the week of the year; weeks begin on Monday, and days before the first one are in week 0.
    pub fn week(&self) -> u32 {
        let monday = (self.weekday + 6) % 7;
        (self.yearday + 6 - monday) / 7
    }

    /// Returns `2024-07-03`.
    pub fn date_text(&self) -> String {
        format!("{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }

    /// Returns `05:20:00`.
    pub fn time_text(&self) -> String {
        format!("{:02}:{:02}:{:02}", self.hour, self.minute, self.second)
    }
}

/// Returns year, month and day of a number of days after the start of 1970; the algorithm counts years from March.
fn date(days: i64) -> (i64, u32, u32) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let small = |number: i64| u32::try_from(number).expect("days and months are small");
    (year, small(month), small(day))
}

/// Returns how many days lie between the start of 1970 and a date.
pub fn days_before(year: i64, month: u32, day: u32) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_from_march = i64::from((month + 9) % 12);
    let day_of_year = (153 * month_from_march + 2) / 5 + i64::from(day) - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// Returns `0:00:01.500000` or `2 days, 1:00:00`, as Python prints a difference of times.
pub fn delta(seconds: f64) -> String {
    let micros = (seconds.max(0.0) * 1e6).round() as u64;
    let (whole, micros) = (micros / 1_000_000, micros % 1_000_000);
    let (days, rest) = (whole / 86_400, whole % 86_400);
    let mut text = match days {
        0 => String::new(),
        1 => "1 day, ".into(),
        days => format!("{days} days, "),
    };
    text += &format!("{}:{:02}:{:02}", rest / 3600, rest / 60 % 60, rest % 60);
    if micros > 0 {
        text += &format!(".{micros:06}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(seconds: i64, expected: &str, weekday: u32, week: u32) {
        let civil = Civil::new(seconds);
        assert_eq!(format!("{} {}", civil.date_text(), civil.time_text()), expected);
        assert_eq!((civil.weekday, civil.week()), (weekday, week));
        let days = days_before(civil.year, civil.month, civil.day);
        assert_eq!(days, seconds.div_euclid(DAY));
    }

    #[test]
    fn dates() {
        case(0, "1970-01-01 00:00:00", 4, 0);
        case(1_719_984_000, "2024-07-03 05:20:00", 3, 27);
        case(951_782_400, "2000-02-29 00:00:00", 2, 9);
        case(-1, "1969-12-31 23:59:59", 3, 52);
        case(1_704_067_200, "2024-01-01 00:00:00", 1, 1);
    }

    #[test]
    fn deltas() {
        assert_eq!(delta(0.003993), "0:00:00.003993");
        assert_eq!(delta(3725.0), "1:02:05");
        assert_eq!(delta(180_000.5), "2 days, 2:00:00.500000");
    }
}
