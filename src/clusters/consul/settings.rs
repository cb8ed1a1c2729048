//! Settings of autopilot: read, compared and written as Consul has them.

use std::fmt;

use crate::base::{Map, Value};

/// A setting that was wished.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// Its name, as the API has it.
    pub(super) name: &'static str,
    /// Its name, as configuration files have it.
    pub(super) word: &'static str,
    /// Its value.
    pub(super) value: Value,
}

/// What values a setting takes.
#[derive(Clone, Copy)]
enum Kind {
    Flag,
    Number,
    Text,
    Time,
}

/// The settings that Consul knows: as files have them, as the API has them.
const KNOWN: [(&str, &str, Kind); 8] = [
    ("cleanup_dead_servers", "CleanupDeadServers", Kind::Flag),
    ("disable_upgrade_migration", "DisableUpgradeMigration", Kind::Flag),
    ("last_contact_threshold", "LastContactThreshold", Kind::Time),
    ("max_trailing_logs", "MaxTrailingLogs", Kind::Number),
    ("min_quorum", "MinQuorum", Kind::Number),
    ("redundancy_zone_tag", "RedundancyZoneTag", Kind::Text),
    ("server_stabilization_time", "ServerStabilizationTime", Kind::Time),
    ("upgrade_version_tag", "UpgradeVersionTag", Kind::Text),
];

/// Reads settings as configuration files name them.
pub fn settings(map: &Map) -> Result<Vec<Setting>, String> {
    map.iter().map(|(name, value)| setting(&name.to_string(), value)).collect()
}

fn setting(given: &str, value: &Value) -> Result<Setting, String> {
    let Some((word, name, kind)) = KNOWN.iter().find(|(word, ..)| *word == given) else {
        let words: Vec<&str> = KNOWN.iter().map(|(word, ..)| *word).collect();
        return Err(format!("knows no `{given}`; it has {}", words.join(", ")));
    };
    let text = value.to_string();
    let wrong = |what: &str| format!("needs {what} for `{word}`, not `{text}`");
    let value = match kind {
        Kind::Flag => match text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" => Value::from(true),
            "false" | "no" | "off" => Value::from(false),
            _ => return Err(wrong("true or false")),
        },
        Kind::Number => {
            let number = text.parse::<u32>().map_err(|_| wrong("a whole number"))?;
            Value::from(i64::from(number))
        }
        Kind::Text => Value::from(text.as_str()),
        Kind::Time => {
            nanoseconds(&text).ok_or_else(|| wrong("a time like 200ms, 10s or 1h30m"))?;
            Value::from(text.as_str())
        }
    };
    Ok(Setting { name, word, value })
}

impl Setting {
    /// Returns whether a configuration has it already.
    pub(super) fn is_in(&self, configuration: &Value) -> bool {
        let Some(found) = configuration.get(self.name) else { return false };
        let times = found.as_str().and_then(nanoseconds);
        let wished = self.value.as_str().and_then(nanoseconds);
        *found == self.value || (times.is_some() && times == wished)
    }

    /// Returns it as a configuration has it.
    pub(super) fn found(&self, configuration: &Value) -> Self {
        Self { value: configuration.get(self.name).cloned().unwrap_or(Value::Null), ..self.clone() }
    }

    /// Puts it into a configuration.
    pub(super) fn put(&self, configuration: &Value) -> Value {
        let mut map = configuration.as_map().map(|map| (**map).clone()).unwrap_or_default();
        map.insert(self.name, self.value.clone());
        Value::from(map)
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.word)?;
        match &self.value {
            Value::Bool(flag) => write!(f, "{flag}"),
            value => write!(f, "{value}"),
        }
    }
}

/// Returns the settings of a cluster that was just formed.
pub(super) fn defaults() -> Value {
    Value::map([
        ("CleanupDeadServers", Value::from(true)),
        ("DisableUpgradeMigration", false.into()),
        ("LastContactThreshold", "200ms".into()),
        ("MaxTrailingLogs", 250.into()),
        ("MinQuorum", 0.into()),
        ("RedundancyZoneTag", "".into()),
        ("ServerStabilizationTime", "10s".into()),
        ("UpgradeVersionTag", "".into()),
    ])
}

/// Reads a time as Go writes it: `1h2m3.5s`.
fn nanoseconds(text: &str) -> Option<u64> {
    let mut rest = text.trim();
    let mut sum = 0.0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() && rest != "0" {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let end = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        let unit = match &rest[..end] {
            "ns" => 1.0,
            "us" | "µs" => 1e3,
            "ms" => 1e6,
            "s" => 1e9,
            "m" => 6e10,
            "h" => 3.6e12,
            _ => return None,
        };
        sum += number * unit;
        rest = &rest[end..];
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "digits have no sign, and a cast of what is too large stops at the largest number"
    )]
    Some(sum.round() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(json: &str, expected: Result<bool, &str>) {
        let wished = crate::base::json::parse(json).unwrap();
        let there = r#"{"CleanupDeadServers": true, "LastContactThreshold": "1m0s", "MaxTrailingLogs": 250, "CreateIndex": 4}"#;
        let there = crate::base::json::parse(there).unwrap();
        let found = settings(wished.as_map().unwrap());
        let found = found.map(|settings| settings.iter().all(|setting| setting.is_in(&there)));
        assert_eq!(found, expected.map_err(str::to_owned), "{json}");
    }

    #[test]
    fn settings_are_compared() {
        case(r#"{"cleanup_dead_servers": "yes", "max_trailing_logs": "250"}"#, Ok(true));
        case(r#"{"last_contact_threshold": "60s"}"#, Ok(true));
        case(r#"{"last_contact_threshold": "200ms"}"#, Ok(false));
        case(r#"{"min_quorum": 3}"#, Ok(false));
        case(r#"{"min_quorum": "x"}"#, Err("needs a whole number for `min_quorum`, not `x`"));
        case(
            r#"{"last_contact_threshold": 10}"#,
            Err("needs a time like 200ms, 10s or 1h30m for `last_contact_threshold`, not `10`"),
        );
        case(
            r#"{"x": 1}"#,
            Err(
                "knows no `x`; it has cleanup_dead_servers, disable_upgrade_migration, last_contact_threshold, max_trailing_logs, min_quorum, redundancy_zone_tag, server_stabilization_time, upgrade_version_tag",
            ),
        );
    }

    #[test]
    fn times() {
        assert_eq!(nanoseconds("1h0m0.5s"), Some(3_600_500_000_000));
        assert_eq!(nanoseconds("200ms"), nanoseconds("0.2s"));
        assert_eq!(nanoseconds("0"), Some(0));
        assert_eq!(nanoseconds(""), None);
        assert_eq!(nanoseconds("5 d"), None);
    }
}
