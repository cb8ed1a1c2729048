//! Shell globs over names: `*`, `?`, `[abc]`, `[!a-c]`, as Python's `fnmatch` reads them.

/// Returns whether a whole name fits a glob.
pub(super) fn fits(glob: &[char], name: &str) -> bool {
    let name: Vec<char> = name.chars().collect();
    let (mut g, mut n) = (0, 0);
    // Where to go on when what follows the last star did not fit: the star takes one more character.
    let mut retry = None;
    loop {
        match glob.get(g) {
            Some('*') => {
                g += 1;
                retry = Some((g, n));
                continue;
            }
            None if n == name.len() => return true,
            Some(_) if n < name.len() => {
                if let Some(length) = one(&glob[g..], name[n]) {
                    (g, n) = (g + length, n + 1);
                    continue;
                }
            }
            Some(_) | None => {}
        }
        match retry {
            Some((star, from)) if from < name.len() => {
                retry = Some((star, from + 1));
                (g, n) = (star, from + 1);
            }
            Some(_) | None => return false,
        }
    }
}

/// Returns how long the part at the start of a glob is that fits one character.
fn one(glob: &[char], c: char) -> Option<usize> {
    match glob[0] {
        '?' => Some(1),
        '[' => match class(glob) {
            Some((members, negated, length)) => (in_class(members, c) != negated).then_some(length),
            None => (c == '[').then_some(1),
        },
        literal => (literal == c).then_some(1),
    }
}

/// Takes `[…]` apart; a `]` right at its start is one of its members.
fn class(glob: &[char]) -> Option<(&[char], bool, usize)> {
    let negated = glob.get(1) == Some(&'!');
    let start = 1 + usize::from(negated);
    let close = glob.iter().skip(start + 1).position(|c| *c == ']')? + start + 1;
    Some((&glob[start..close], negated, close + 1))
}

fn in_class(members: &[char], c: char) -> bool {
    match members {
        [] => false,
        [first, '-', last, rest @ ..] => (*first..=*last).contains(&c) || in_class(rest, c),
        [first, rest @ ..] => *first == c || in_class(rest, c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(glob: &str, yes: &[&str], no: &[&str]) {
        let chars: Vec<char> = glob.chars().collect();
        yes.iter().for_each(|name| assert!(fits(&chars, name), "{glob} {name}"));
        no.iter().for_each(|name| assert!(!fits(&chars, name), "{glob} {name}"));
    }

    #[test]
    fn globs() {
        case("*", &["", "a"], &[]);
        case("web*", &["web", "web1"], &["aweb", "we"]);
        case("*.x.*", &["a.x.b", ".x.x."], &["a.xb"]);
        case("w?b", &["web", "wüb"], &["wb", "weeb"]);
        case("[a-c]1", &["a1", "c1"], &["d1"]);
        case("[!a-c]1", &["d1"], &["a1"]);
        case("[]]x", &["]x"], &["x"]);
        case("[ab", &["[ab"], &["a"]);
        case("", &[""], &["a"]);
        case("*a*b*c", &["xaxbxc", "abc"], &["acb"]);
    }
}
