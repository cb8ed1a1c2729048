//! File modes as playbooks write them: octal text or number, or symbolic (`u=rwX,g+s,o-rwx`).

use std::fmt;
use std::str::FromStr;

/// Permission bits to set, absolute or relative to what a file has.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Mode {
    /// Exactly these twelve bits.
    Octal(u32),
    /// Changes, as `chmod` takes them.
    Symbolic(String),
}

/// Why a text is not a mode.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{0}` is no file mode; write it as \"0644\" or as `u=rw,g=r,o=r`")]
pub struct NotAMode(pub String);

impl Mode {
    /// Returns the bits a file gets that has `current`; `umask` holds for clauses that name nobody.
    pub fn apply(&self, current: u32, directory: bool, umask: u32) -> u32 {
        match self {
            Self::Octal(bits) => *bits,
            Self::Symbolic(text) => text
                .split(',')
                .filter(|clause| !clause.is_empty())
                .fold(current & 0o7777, |mode, clause| {
                    apply_clause(clause, mode, directory, umask).unwrap_or(mode)
                }),
        }
    }
}

impl FromStr for Mode {
    type Err = NotAMode;

    fn from_str(text: &str) -> Result<Self, NotAMode> {
        let digits = text.strip_prefix("0o").unwrap_or(text);
        if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) {
            return u32::from_str_radix(digits, 8)
                .ok()
                .filter(|bits| *bits <= 0o7777)
                .map(Self::Octal)
                .ok_or_else(|| NotAMode(text.to_owned()));
        }
        let valid = !text.is_empty()
            && text.split(',').all(|clause| apply_clause(clause, 0, false, 0).is_some());
        if valid { Ok(Self::Symbolic(text.to_owned())) } else { Err(NotAMode(text.to_owned())) }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Octal(bits) => write!(f, "{bits:04o}"),
            Self::Symbolic(text) => f.write_str(text),
        }
    }
}

/// Applies one clause (`ug+rwX`, `o=`, `g=u`, `a+r-w`), or returns nothing when it is not one.
fn apply_clause(clause: &str, mut mode: u32, directory: bool, umask: u32) -> Option<u32> {
    let split = clause.find(['+', '-', '='])?;
    let (who, mut rest) = clause.split_at(split);
    // All of them beside some of them is a slip of the pen.
    if who.len() > 1 && who.contains('a') {
        return None;
    }
    let mut mask = 0;
    for c in who.chars() {
        mask |= match c {
            'u' => 0o4700,
            'g' => 0o2070,
            'o' => 0o1007,
            'a' => 0o7777,
            _ => return None,
        };
    }
    let hidden = if who.is_empty() { umask } else { 0 };
    if who.is_empty() {
        mask = 0o7777;
    }
    while !rest.is_empty() {
        let (operator, tail) = rest.split_at(1);
        let end = tail.find(['+', '-', '=']).unwrap_or(tail.len());
        let (permissions, next) = tail.split_at(end);
        let bits = bits_of(permissions, mode, directory)? & mask & !hidden;
        match operator {
            "+" => mode |= bits,
            "-" => mode &= !bits,
            // A directory keeps its set-id bits unless they are named, as with GNU chmod.
            _ => {
                let kept =
                    if directory && !permissions.contains('s') { mask & !0o6000 } else { mask };
                mode = mode & !(kept & !hidden) | bits;
            }
        }
        rest = next;
    }
    Some(mode)
}

fn bits_of(permissions: &str, mode: u32, directory: bool) -> Option<u32> {
    let mut bits = 0;
    for c in permissions.chars() {
        bits |= match c {
            'r' => 0o444,
            'w' => 0o222,
            'x' => 0o111,
            'X' if directory || mode & 0o111 != 0 => 0o111,
            'X' => 0,
            's' => 0o6000,
            't' => 0o1000,
            'u' => spread(mode >> 6 & 7),
            'g' => spread(mode >> 3 & 7),
            'o' => spread(mode & 7),
            _ => return None,
        };
    }
    Some(bits)
}

fn spread(bits: u32) -> u32 {
    bits << 6 | bits << 3 | bits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(text: &str, current: u32, directory: bool, expected: u32) {
        let mode: Mode = text.parse().unwrap();
        let got = mode.apply(current, directory, 0o022);
        assert_eq!(got, expected, "{text} on {current:04o}: {got:04o}");
    }

    #[test]
    fn octal() {
        case("0644", 0o777, false, 0o644);
        case("1777", 0, true, 0o1777);
        case("0o750", 0, true, 0o750);
    }

    #[test]
    fn symbolic() {
        case("u=rwX,g=rX,o=", 0o644, false, 0o640);
        case("u=rwX,g=rX,o=", 0o600, true, 0o750);
        case("a+x", 0o644, false, 0o755);
        case("+x", 0o644, false, 0o755);
        case("g+s", 0o755, true, 0o2755);
        case("u+s", 0o755, false, 0o4755);
        case("o=g", 0o750, false, 0o755);
        case("+t", 0o777, true, 0o1777);
        case("u+rw-x,o-rwx", 0o557, false, 0o650);
    }

    #[test]
    fn nonsense_is_refused() {
        for text in ["", "9", "u=z", "rwx", "77777", "u"] {
            assert!(text.parse::<Mode>().is_err(), "{text}");
        }
    }
}
