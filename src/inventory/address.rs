//! Names of hosts as inventories write them: with a port, with ranges (`db[01:10:2]`), or both.

use std::net::Ipv6Addr;

/// More hosts than anybody has: a mistyped range ends here instead of filling the memory.
const MOST: usize = 100_000;

/// Splits an address into host and port; nothing when the text is no address. Ranges count as part of the host.
pub(super) fn parse(text: &str) -> Option<(&str, Option<i64>)> {
    let (mut host, mut port) = (text, None);
    if let Some((inner, number)) = bracketed(host) {
        (host, port) = (inner, Some(number));
    }
    if let Some((name, number)) = with_port(host) {
        (host, port) = (name, Some(number));
    }
    (is_name(host) || is_ipv6(host)).then_some((host, port))
}

/// Returns the hosts that an entry of an inventory stands for, and their port.
pub(super) fn expand(text: &str) -> Result<(Vec<String>, Option<i64>), String> {
    let (pattern, port) = parse(text).unwrap_or((text, None));
    if !pattern.contains('[') {
        return Ok((vec![pattern.to_owned()], port));
    }
    let mut done = Vec::new();
    expand_range(pattern, &mut done)?;
    Ok((done, port))
}

/// `[host]:22`.
fn bracketed(text: &str) -> Option<(&str, i64)> {
    let (host, port) = text.strip_prefix('[')?.rsplit_once("]:")?;
    (!host.is_empty()).then_some((host, number(port)?))
}

/// `host:22`, where colons inside brackets belong to ranges.
fn with_port(text: &str) -> Option<(&str, i64)> {
    let (host, port) = text.rsplit_once(':')?;
    let port = number(port)?;
    let mut rest = host;
    while let Some(place) = rest.find([':', '[', ']']) {
        let after = rest[place..].strip_prefix('[')?;
        rest = after.split_once(']')?.1;
    }
    Some((host, port))
}

fn number(digits: &str) -> Option<i64> {
    let valid = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    if valid { digits.parse().ok() } else { None }
}

/// Returns whether a text is a host name or an IPv4 address: labels between dots, each of letters, digits, ranges, `_`
/// and `-`, the last two not at its end nor `-` at its start.
fn is_name(text: &str) -> bool {
    let mut rest = text;
    let mut last = '.';
    while let Some(c) = rest.chars().next() {
        let step = match c {
            '[' => match range_length(rest, char::is_ascii_alphabetic) {
                Some(length) => length,
                None => return false,
            },
            '.' if matches!(last, '.' | '-' | '_') => return false,
            '-' if last == '.' => return false,
            '.' | '-' | '_' => 1,
            c if c.is_alphanumeric() => c.len_utf8(),
            _ => return false,
        };
        last = c;
        rest = &rest[step..];
    }
    !matches!(last, '.' | '-' | '_')
}

/// Returns whether a text is an IPv6 address with ranges allowed in place of its parts.
fn is_ipv6(text: &str) -> bool {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, _)) = rest.split_once('[') {
        plain.push_str(before);
        plain.push('1');
        rest = &rest[before.len()..];
        match range_length(rest, char::is_ascii_hexdigit) {
            Some(length) => rest = &rest[length..],
            None => return false,
        }
    }
    plain.push_str(rest);
    plain.parse::<Ipv6Addr>().is_ok()
}

/// Returns the length of a range at the start of a text: two numbers or two letters, and perhaps a step.
fn range_length(text: &str, is_letter: fn(&char) -> bool) -> Option<usize> {
    let (inner, _) = text.strip_prefix('[')?.split_once(']')?;
    let bounds: Vec<&str> = inner.split(':').collect();
    let (first, last, step) = match bounds[..] {
        [first, last] => (first, last, "1"),
        [first, last, step] => (first, last, step),
        _ => return None,
    };
    let numeric = number(first).is_some() && number(last).is_some();
    let letter = |text: &str| text.chars().count() == 1 && text.chars().all(|c| is_letter(&c));
    let valid = (numeric || letter(first) && letter(last)) && number(step).is_some();
    valid.then_some(inner.len() + 2)
}

/// Replaces the first range by each of its values, then goes on with the next range.
fn expand_range(text: &str, done: &mut Vec<String>) -> Result<(), String> {
    let Some((head, rest)) = text.split_once('[') else {
        done.push(text.to_owned());
        return Ok(());
    };
    let (range, tail) = rest.split_once(']').ok_or_else(|| "the range needs a `]`".to_owned())?;
    for value in values(range)? {
        if done.len() >= MOST {
            return Err(format!("the range makes more than {MOST} hosts"));
        }
        expand_range(&format!("{head}{value}{tail}"), done)?;
    }
    Ok(())
}

/// Returns the values of a range: `01:10:2`, `a:f`.
fn values(range: &str) -> Result<Vec<String>, String> {
    let parts: Vec<&str> = range.split(':').collect();
    let (first, last, step) = match parts[..] {
        [first, last] => (first, last, "1"),
        [first, last, step] => (first, last, step),
        _ => {
            return Err(format!(
                "`[{range}]` is no range; write `[first:last]` or `[first:last:step]`"
            ));
        }
    };
    let first = if first.is_empty() { "0" } else { first };
    if last.is_empty() {
        return Err(format!("the range `[{range}]` has no end"));
    }
    let step = number(step)
        .and_then(|step| usize::try_from(step).ok())
        .filter(|step| *step > 0)
        .ok_or_else(|| format!("the step of the range `[{range}]` must be a number above zero"))?;
    let padded = first.len() > 1 && first.starts_with('0');
    if padded && first.len() != last.len() {
        return Err(format!(
            "both ends of the range `[{range}]` must have the same number of digits"
        ));
    }
    let backward = || format!("the range `[{range}]` ends before it begins");
    if let (Some(first), Some(last)) = (letter(first), letter(last)) {
        let letters: Vec<char> = ('a'..='z').chain('A'..='Z').collect();
        let slice = letters.get(first..=last).ok_or_else(backward)?;
        return Ok(slice.iter().step_by(step).map(char::to_string).collect());
    }
    let (Some(start), Some(end)) = (number(first), number(last)) else {
        return Err(format!("both ends of the range `[{range}]` must be numbers, or letters"));
    };
    if start > end {
        return Err(backward());
    }
    let width = if padded { first.len() } else { 0 };
    Ok((start..=end).step_by(step).take(MOST + 1).map(|value| format!("{value:0width$}")).collect())
}

/// Returns the place of a single letter in the order small, then capital.
fn letter(text: &str) -> Option<usize> {
    match text.as_bytes() {
        [byte @ b'a'..=b'z'] => Some(usize::from(byte - b'a')),
        [byte @ b'A'..=b'Z'] => Some(usize::from(byte - b'A') + 26),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(text: &str, expected: Option<(&str, Option<i64>)>) {
        assert_eq!(parse(text), expected, "{text}");
    }

    #[test]
    fn addresses() {
        case("web1", Some(("web1", None)));
        case("web1:2222", Some(("web1", Some(2222))));
        case("db[01:10:2].x:22", Some(("db[01:10:2].x", Some(22))));
        case("[::1]:22", Some(("::1", Some(22))));
        case("fe80::[a:f]:1", Some(("fe80::[a:f]:1", None)));
        case("::1", Some(("::1", None)));
        case("10.0.0.[1:5]", Some(("10.0.0.[1:5]", None)));
        case("web:db", None);
        case("a-", None);
        case("_a", Some(("_a", None)));
        case("web*", None);
        case("web[0]", None);
        case("a..b", None);
        case("ü1", Some(("ü1", None)));
    }

    #[track_caller]
    fn hosts(text: &str, expected: &str) {
        let got = expand(text).map(|(hosts, port)| {
            hosts.join(" ") + &port.map(|port| format!(" :{port}")).unwrap_or_default()
        });
        assert_eq!(got.unwrap_or_else(|error| error), expected, "{text}");
    }

    #[test]
    fn ranges() {
        hosts("db[1:3]", "db1 db2 db3");
        hosts("db[01:10:4]:22", "db01 db05 db09 :22");
        hosts("x[a:c]-[1:2]", "xa-1 xa-2 xb-1 xb-2 xc-1 xc-2");
        hosts("x[:2]", "x0 x1 x2");
        hosts("x[1:]", "the range `[1:]` has no end");
        hosts("x[3:1]", "the range `[3:1]` ends before it begins");
        hosts("x[01:100]", "both ends of the range `[01:100]` must have the same number of digits");
        hosts("x[1]", "`[1]` is no range; write `[first:last]` or `[first:last:step]`");
        hosts("x[a:10]", "both ends of the range `[a:10]` must be numbers, or letters");
        hosts("x[1:999999999999]", "the range makes more than 100000 hosts");
        hosts("x[1:3:0]", "the step of the range `[1:3:0]` must be a number above zero");
    }
}
