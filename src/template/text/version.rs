//! Comparing version numbers by the four sets of rules that the `version` test knows.

use std::cmp::Ordering;

use crate::base::pyregex::{Flags, Match, Pattern};
use crate::template::Reason;

/// By which rules versions are read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::template) enum Rules {
    /// Numbers and words in the order they stand there.
    Loose,
    /// `1.2`, `1.2.3`, `1.2a1` and nothing else.
    Strict,
    /// <https://semver.org>.
    Semantic,
    /// Versions of Python packages.
    Pep440,
}

/// Returns the order of two versions.
pub(in crate::template) fn compare(a: &str, b: &str, rules: Rules) -> Result<Ordering, Reason> {
    match rules {
        Rules::Loose => loose(a, b),
        Rules::Strict => Ok(strict(a)?.cmp(&strict(b)?)),
        Rules::Semantic => Ok(semantic_order(&semantic(a)?, &semantic(b)?)),
        Rules::Pep440 => Ok(pep440(a)?.cmp(&pep440(b)?)),
    }
}

#[derive(Clone, Debug, Eq, PartialEq)]
enum Part {
    Number(u128),
    Word(String),
}

/// Returns the numbers and words of a version; dots only separate.
fn loose_parts(version: &str) -> Vec<Part> {
    #[derive(PartialEq)]
    enum Class {
        Digit,
        Lower,
        Dot,
        Other,
    }
    let class = |c: char| match c {
        '0'..='9' => Class::Digit,
        'a'..='z' => Class::Lower,
        '.' => Class::Dot,
        _ => Class::Other,
    };
    let mut parts = Vec::new();
    let mut rest = version;
    while let Some(first) = rest.chars().next() {
        let kind = class(first);
        let end = match kind {
            Class::Dot => 1,
            _ => rest.find(|c| class(c) != kind).unwrap_or(rest.len()),
        };
        let text = &rest[..end];
        match kind {
            Class::Dot => {}
            Class::Digit => {
                parts.push(text.parse().map_or_else(|_| Part::Word(text.to_owned()), Part::Number));
            }
            _ => parts.push(Part::Word(text.to_owned())),
        }
        rest = &rest[end..];
    }
    parts
}

fn loose(a: &str, b: &str) -> Result<Ordering, Reason> {
    let (x, y) = (loose_parts(a), loose_parts(b));
    for (one, other) in x.iter().zip(&y) {
        match (one, other) {
            (Part::Number(one), Part::Number(other)) if one != other => return Ok(one.cmp(other)),
            (Part::Word(one), Part::Word(other)) if one != other => return Ok(one.cmp(other)),
            (Part::Number(number), Part::Word(word)) | (Part::Word(word), Part::Number(number)) => {
                return Err(Reason::new(format!(
                    "cannot compare the versions '{a}' and '{b}': {number} stands where the other has '{word}'"
                )));
            }
            _ => {}
        }
    }
    Ok(x.len().cmp(&y.len()))
}

fn wanted<'t>(
    pattern: &str,
    flags: Flags,
    version: &'t str,
    kind: &str,
) -> Result<Match<'t>, Reason> {
    let pattern = Pattern::kept(pattern, flags).expect("the pattern is a constant");
    pattern
        .fullmatch(version.trim())?
        .ok_or_else(|| Reason::new(format!("'{version}' is not a {kind} version number")))
}

fn number(found: &Match<'_>, group: usize) -> u128 {
    found.group(group).and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

/// The numbers, whether it is final, and the prerelease.
type Strict = ([u128; 3], u8, (String, u128));

/// Reads a strict version; one without a prerelease comes after those with one.
fn strict(version: &str) -> Result<Strict, Reason> {
    let found =
        wanted(r"(\d+)\.(\d+)(?:\.(\d+))?(?:([ab])(\d+))?", Flags::ASCII, version, "strict")?;
    let numbers = [number(&found, 1), number(&found, 2), number(&found, 3)];
    Ok(match found.group(4) {
        Some(letter) => (numbers, 0, (letter.to_owned(), number(&found, 5))),
        None => (numbers, 1, (String::new(), 0)),
    })
}

type Semantic = ([u128; 3], Vec<Part>);

fn semantic(version: &str) -> Result<Semantic, Reason> {
    const PATTERN: &str = r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-((?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*))?(?:\+([0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*))?";
    let found = wanted(PATTERN, Flags::ASCII, version, "semantic")?;
    let part = |text: &str| text.parse().map_or_else(|_| Part::Word(text.to_owned()), Part::Number);
    let prerelease =
        found.group(4).map(|text| text.split('.').map(part).collect()).unwrap_or_default();
    Ok(([number(&found, 1), number(&found, 2), number(&found, 3)], prerelease))
}

fn semantic_order(a: &Semantic, b: &Semantic) -> Ordering {
    let parts = |x: &Part, y: &Part| match (x, y) {
        (Part::Number(x), Part::Number(y)) => x.cmp(y),
        (Part::Number(_), Part::Word(_)) => Ordering::Less,
        (Part::Word(_), Part::Number(_)) => Ordering::Greater,
        (Part::Word(x), Part::Word(y)) => x.cmp(y),
    };
    let prerelease = match (a.1.is_empty(), b.1.is_empty()) {
        (true, true) => Ordering::Equal,
        (true, false) => Ordering::Greater,
        (false, true) => Ordering::Less,
        (false, false) => {
            let differ = a.1.iter().zip(&b.1).map(|(x, y)| parts(x, y)).find(|order| order.is_ne());
            differ.unwrap_or_else(|| a.1.len().cmp(&b.1.len()))
        }
    };
    a.0.cmp(&b.0).then(prerelease)
}

/// What a Python package's version is ordered by, part by part.
type Pep440 = (u128, Vec<u128>, (i8, u128), (i8, u128), (i8, u128), Vec<(u8, u128, String)>);

fn pep440(version: &str) -> Result<Pep440, Reason> {
    const PATTERN: &str = r"v?(?:(\d+)!)?(\d+(?:\.\d+)*)(?:[-_.]?(a|b|c|rc|alpha|beta|pre|preview)[-_.]?(\d+)?)?(?:-(\d+)|[-_.]?(post|rev|r)[-_.]?(\d+)?)?(?:[-_.]?(dev)[-_.]?(\d+)?)?(?:\+([a-z0-9]+(?:[-_.][a-z0-9]+)*))?";
    let found = wanted(PATTERN, Flags::ASCII | Flags::IGNORECASE, version, "Python package")?;
    let mut release: Vec<u128> = found
        .group(2)
        .unwrap_or_default()
        .split('.')
        .filter_map(|digits| digits.parse().ok())
        .collect();
    while release.len() > 1 && release.last() == Some(&0) {
        release.pop();
    }
    let post = if found.group(5).is_some() {
        Some(number(&found, 5))
    } else {
        found.group(6).map(|_| number(&found, 7))
    };
    let dev = found.group(8).map(|_| number(&found, 9));
    let pre = found.group(3).map(|letter| match letter.to_lowercase().as_str() {
        "a" | "alpha" => (-3, number(&found, 4)),
        "b" | "beta" => (-2, number(&found, 4)),
        _ => (-1, number(&found, 4)),
    });
    // A lone development version comes before all prereleases, a final version after them.
    let pre = pre.unwrap_or(if post.is_none() && dev.is_some() { (-4, 0) } else { (0, 0) });
    let local = found.group(10).map(|text| {
        let part = |part: &str| match part.parse() {
            Ok(number) => (1, number, String::new()),
            Err(_) => (0, 0, part.to_lowercase()),
        };
        text.split(['-', '_', '.']).map(part).collect()
    });
    Ok((
        number(&found, 1),
        release,
        pre,
        post.map_or((-1, 0), |post| (0, post)),
        dev.map_or((1, 0), |dev| (0, dev)),
        local.unwrap_or_default(),
    ))
}
