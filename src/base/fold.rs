//! Reading truth and numbers out of text, as Ansible's modules and keywords do.

/// Returns the boolean that a text stands for (`yes`, `on`, `1`, `true`, `t`, `y` and their opposites, any case).
pub fn truth(text: &str) -> Option<bool> {
    match text.trim().to_lowercase().as_str() {
        "y" | "yes" | "on" | "1" | "true" | "t" | "1.0" => Some(true),
        "n" | "no" | "off" | "0" | "false" | "f" | "0.0" => Some(false),
        _ => None,
    }
}

/// Returns the bytes that a human size stands for (`10`, `1.5G`, `2MB`, `1 KiB`): powers of 1024, as Ansible counts.
pub fn bytes(text: &str) -> Option<u64> {
    let text = text.trim();
    let split = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let number: f64 = number.parse().ok()?;
    let power = match unit.trim().to_uppercase().trim_end_matches('B').trim_end_matches('I') {
        "" => 0,
        "K" => 1,
        "M" => 2,
        "G" => 3,
        "T" => 4,
        "P" => 5,
        "E" => 6,
        _ => return None,
    };
    Some((number * 1024_f64.powi(power)) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn truth_and_sizes() {
        assert_eq!(truth("Yes"), Some(true));
        assert_eq!(truth("off"), Some(false));
        assert_eq!(truth("2"), None);
        assert_eq!(bytes("1.5G"), Some(1_610_612_736));
        assert_eq!(bytes("2MB"), Some(2_097_152));
        assert_eq!(bytes("x"), None);
    }
}
