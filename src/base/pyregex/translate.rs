//! Rewrites a Python pattern into `fancy-regex` syntax.
//!
//! The two agree on most; they differ in what an unescaped `[`, `{` or `&&` means, in `$` and `\Z`, in octal escapes,
//! and in escapes of punctuation (`\<` is a plain `<` in Python).

use std::fmt::Write;
use std::iter::Peekable;
use std::str::Chars;

use super::Flags;

/// A rewritten pattern.
pub(super) struct Translated {
    /// The pattern for `fancy-regex`.
    pub(super) text: String,
    /// The names of the groups from 1 on. The rewritten pattern has none: references are by number.
    pub(super) names: Vec<Option<String>>,
    /// Whether it holds a `$` outside of multi-line mode.
    pub(super) uses_end: bool,
}

/// Rewrites a pattern; `end` stands for a `$` outside of multi-line mode.
pub(super) fn translate(source: &str, flags: Flags, end: &str) -> Result<Translated, String> {
    let (global, body) = global_flags(source);
    let flags = flags | global;
    let mut reader = Reader {
        rest: body.chars().peekable(),
        out: String::with_capacity(body.len() + 8),
        groups: vec![flags],
        names: Vec::new(),
        end,
        uses_end: false,
    };
    reader.pattern()?;
    if reader.groups.len() > 1 {
        return Err("missing ), unterminated subpattern".into());
    }
    let letters: String = [(Flags::IGNORECASE, 'i'), (Flags::MULTILINE, 'm'), (Flags::DOTALL, 's')]
        .into_iter()
        .filter_map(|(flag, letter)| flags.contains(flag).then_some(letter))
        .collect();
    let text = if letters.is_empty() { reader.out } else { format!("(?{letters}:{})", reader.out) };
    Ok(Translated { text, names: reader.names, uses_end: reader.uses_end })
}

/// Takes flags for the whole pattern (`(?im)`) off its start.
fn global_flags(source: &str) -> (Flags, &str) {
    let mut flags = Flags::NONE;
    let mut rest = source;
    while let Some((letters, tail)) = rest.strip_prefix("(?").and_then(|tail| tail.split_once(')'))
    {
        if letters.is_empty() || !letters.chars().all(|letter| flag(letter).is_some()) {
            break;
        }
        flags = letters.chars().filter_map(flag).fold(flags, |all, one| all | one);
        rest = tail;
    }
    (flags, rest)
}

fn flag(letter: char) -> Option<Flags> {
    match letter {
        'i' => Some(Flags::IGNORECASE),
        'm' => Some(Flags::MULTILINE),
        's' => Some(Flags::DOTALL),
        'x' => Some(Flags::VERBOSE),
        'a' => Some(Flags::ASCII),
        'u' => Some(Flags::NONE),
        _ => None,
    }
}

struct Reader<'a> {
    rest: Peekable<Chars<'a>>,
    out: String,
    /// The flags of the open groups, the innermost last.
    groups: Vec<Flags>,
    names: Vec<Option<String>>,
    end: &'a str,
    uses_end: bool,
}

impl Reader<'_> {
    fn has(&self, flag: Flags) -> bool {
        self.groups.last().is_some_and(|flags| flags.contains(flag))
    }

    fn eat(&mut self, expected: char) -> bool {
        self.rest.next_if_eq(&expected).is_some()
    }

    fn pattern(&mut self) -> Result<(), String> {
        while let Some(c) = self.rest.next() {
            match c {
                '\\' => self.escape()?,
                '[' => self.class()?,
                '(' => self.open()?,
                ')' => {
                    if self.groups.len() == 1 {
                        return Err("unbalanced parenthesis".into());
                    }
                    self.groups.pop();
                    self.out.push(')');
                }
                '$' if !self.has(Flags::MULTILINE) => {
                    self.uses_end = true;
                    self.out.push_str(self.end);
                }
                '{' => self.brace(),
                ' ' | '\t' | '\n' | '\r' | '\u{b}' | '\u{c}' if self.has(Flags::VERBOSE) => {}
                '#' if self.has(Flags::VERBOSE) => {
                    while self.rest.next().is_some_and(|c| c != '\n') {}
                }
                '|' | '.' | '^' | '$' | '*' | '+' | '?' => self.out.push(c),
                c => self.literal(c),
            }
        }
        Ok(())
    }

    /// Writes a character that means itself.
    fn literal(&mut self, c: char) {
        if c.is_ascii_punctuation() && !"<>_'\"`".contains(c) {
            self.out.push('\\');
        }
        self.out.push(c);
    }

    /// Reads `{`: a repetition, or just that character.
    fn brace(&mut self) {
        let ahead: String = self.rest.clone().take_while(|c| *c != '}').collect();
        let closed = self.rest.clone().nth(ahead.chars().count()) == Some('}');
        let (low, high) = ahead.split_once(',').unwrap_or((&ahead, &ahead));
        let digits = |text: &str| text.chars().all(|c| c.is_ascii_digit());
        if !closed
            || !digits(low)
            || !digits(high)
            || (low.is_empty() && (high.is_empty() || !ahead.contains(',')))
        {
            // `{,}` repeats without bounds, as `*` does.
            if closed && ahead == "," {
                self.rest.nth(1);
                self.out.push('*');
            } else {
                self.out.push_str("\\{");
            }
            return;
        }
        self.rest.nth(ahead.chars().count());
        let low = if low.is_empty() { "0" } else { low };
        if ahead.contains(',') {
            write!(self.out, "{{{low},{high}}}").expect("writing to a string does not fail");
        } else {
            write!(self.out, "{{{low}}}").expect("writing to a string does not fail");
        }
    }

    fn open(&mut self) -> Result<(), String> {
        let flags = *self.groups.last().expect("the outermost level is never closed");
        if !self.eat('?') {
            self.names.push(None);
            self.groups.push(flags);
            self.out.push('(');
            return Ok(());
        }
        match self.rest.next() {
            Some('#') => {
                return match self.rest.find(|c| *c == ')') {
                    Some(_) => Ok(()),
                    None => Err("missing ), unterminated comment".into()),
                };
            }
            Some('P') => return self.named(flags),
            Some('(') => self.conditional()?,
            Some('<') => match self.rest.next() {
                Some(c @ ('=' | '!')) => {
                    write!(self.out, "(?<{c}").expect("writing to a string does not fail");
                }
                other => {
                    return Err(format!(
                        "unknown extension ?<{}",
                        other.map(String::from).unwrap_or_default()
                    ));
                }
            },
            Some(c @ (':' | '=' | '!' | '>')) => {
                write!(self.out, "(?{c}").expect("writing to a string does not fail");
            }
            Some(c) => return self.flagged(c, flags),
            None => return Err("unexpected end of pattern".into()),
        }
        self.groups.push(flags);
        Ok(())
    }

    /// Reads `(?P<name>…`, `(?P=name)`.
    fn named(&mut self, flags: Flags) -> Result<(), String> {
        match self.rest.next() {
            Some('<') => {
                let name = self.until('>')?;
                if let Some(group) = self.group_of(&name) {
                    return Err(format!("group name '{name}' is taken by group {group}"));
                }
                self.names.push(Some(name));
                self.groups.push(flags);
                self.out.push('(');
                Ok(())
            }
            Some('=') => {
                let name = self.until(')')?;
                let group =
                    self.group_of(&name).ok_or_else(|| format!("unknown group name '{name}'"))?;
                write!(self.out, "(?:\\{group})").expect("writing to a string does not fail");
                Ok(())
            }
            other => {
                Err(format!("unknown extension ?P{}", other.map(String::from).unwrap_or_default()))
            }
        }
    }

    fn group_of(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|known| known.as_deref() == Some(name)).map(|place| place + 1)
    }

    fn until(&mut self, stop: char) -> Result<String, String> {
        let mut name = String::new();
        for c in self.rest.by_ref() {
            if c == stop {
                let valid = name.chars().all(|c| c == '_' || c.is_alphanumeric())
                    && name.chars().next().is_some_and(|c| !c.is_numeric());
                return if valid {
                    Ok(name)
                } else {
                    Err(format!("bad character in group name '{name}'"))
                };
            }
            name.push(c);
        }
        Err(format!("missing {stop}, unterminated name"))
    }

    /// Reads `(?(1)…` or `(?(name)…`.
    fn conditional(&mut self) -> Result<(), String> {
        let mut name = String::new();
        for c in self.rest.by_ref() {
            if c == ')' {
                let group = name.parse().ok().or_else(|| self.group_of(&name));
                let group = group.ok_or_else(|| format!("unknown group name '{name}'"))?;
                write!(self.out, "(?({group})").expect("writing to a string does not fail");
                return Ok(());
            }
            name.push(c);
        }
        Err("missing ), unterminated name".into())
    }

    /// Reads `(?im-s:…`.
    fn flagged(&mut self, first: char, mut flags: Flags) -> Result<(), String> {
        let (mut on, mut off) = (String::new(), String::new());
        let mut removing = false;
        let mut next = Some(first);
        loop {
            match next {
                Some('-') if !removing => removing = true,
                Some(':') => break,
                Some(')') => return Err("global flags not at the start of the expression".into()),
                Some(c) => {
                    let one = flag(c).ok_or_else(|| format!("unknown extension ?{c}"))?;
                    flags = if removing { flags.without(one) } else { flags | one };
                    if matches!(c, 'i' | 'm' | 's') {
                        if removing { off.push(c) } else { on.push(c) }
                    }
                }
                None => return Err("missing :".into()),
            }
            next = self.rest.next();
        }
        let dash = if off.is_empty() { "" } else { "-" };
        write!(self.out, "(?{on}{dash}{off}:").expect("writing to a string does not fail");
        self.groups.push(flags);
        Ok(())
    }

    /// Reads what follows a backslash outside of a class.
    fn escape(&mut self) -> Result<(), String> {
        let c = *self.rest.peek().ok_or("bad escape (end of pattern)")?;
        match c {
            'A' | 'b' | 'B' | 'd' | 'D' | 'w' | 'W' | 's' | 'S' => {
                self.rest.next();
                self.category(c);
            }
            'Z' => {
                self.rest.next();
                self.out.push_str(r"\z");
            }
            '1'..='9' => {
                if let Some(c) = self.three_octal_digits()? {
                    self.literal_or_code(c);
                    return Ok(());
                }
                self.rest.next();
                let mut group = c.to_digit(10).expect("a digit was matched") as usize;
                if let Some(digit) = self.rest.next_if(char::is_ascii_digit) {
                    group = group * 10 + digit.to_digit(10).expect("a digit was matched") as usize;
                }
                if group > self.names.len() {
                    return Err(format!("invalid group reference {group}"));
                }
                write!(self.out, "(?:\\{group})").expect("writing to a string does not fail");
            }
            _ => {
                let c = self.character()?;
                self.literal_or_code(c);
            }
        }
        Ok(())
    }

    fn literal_or_code(&mut self, c: char) {
        if c.is_control() || c.is_whitespace() {
            write!(self.out, "\\x{{{:x}}}", u32::from(c))
                .expect("writing to a string does not fail");
        } else {
            self.literal(c);
        }
    }

    fn category(&mut self, c: char) {
        let ascii = self.has(Flags::ASCII);
        self.out.push_str(match c {
            'd' if ascii => "[0-9]",
            'D' if ascii => "[^0-9]",
            'w' if ascii => "[0-9A-Za-z_]",
            'W' if ascii => "[^0-9A-Za-z_]",
            's' if ascii => r"[ \t\n\r\x0b\x0c]",
            'S' if ascii => r"[^ \t\n\r\x0b\x0c]",
            _ => {
                self.out.push('\\');
                self.out.push(c);
                return;
            }
        });
    }

    /// Returns the character of `\123`, when three octal digits follow.
    fn three_octal_digits(&mut self) -> Result<Option<char>, String> {
        let digits: String = self.rest.clone().take(3).collect();
        if digits.len() != 3 || !digits.chars().all(|c| ('0'..='7').contains(&c)) {
            return Ok(None);
        }
        self.rest.nth(2);
        match u8::from_str_radix(&digits, 8) {
            Ok(code) => Ok(Some(code.into())),
            Err(_) => Err(format!("octal escape value \\{digits} outside of range 0-0o377")),
        }
    }

    /// Reads an escape that stands for one character; the backslash is read already.
    fn character(&mut self) -> Result<char, String> {
        if let Some(c) = self.three_octal_digits()? {
            return Ok(c);
        }
        let c = self.rest.next().ok_or("bad escape (end of pattern)")?;
        Ok(match c {
            'a' => '\u{7}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\u{b}',
            '0' => {
                let digit =
                    self.rest.next_if(|c| ('0'..='7').contains(c)).and_then(|c| c.to_digit(8));
                char::from_u32(digit.unwrap_or(0)).unwrap_or('\0')
            }
            'x' => self.code(2)?,
            'u' => self.code(4)?,
            'U' => self.code(8)?,
            c if c.is_ascii_alphanumeric() => return Err(format!("bad escape \\{c}")),
            c => c,
        })
    }

    fn code(&mut self, digits: usize) -> Result<char, String> {
        let text: String = self.rest.by_ref().take(digits).collect();
        let code = (text.len() == digits).then(|| u32::from_str_radix(&text, 16).ok()).flatten();
        code.and_then(char::from_u32).ok_or_else(|| format!("incomplete escape `{text}`"))
    }

    /// Reads a character class; everything in it is written with codes, so that nothing means more than in Python.
    fn class(&mut self) -> Result<(), String> {
        const OPEN: &str = "unterminated character set";
        self.out.push('[');
        if self.eat('^') {
            self.out.push('^');
        }
        let mut first = true;
        loop {
            let c = self.rest.next().ok_or(OPEN)?;
            if c == ']' && !first {
                break;
            }
            first = false;
            let low = self.class_item(c)?;
            let mut ahead = self.rest.clone();
            if ahead.next() != Some('-') || ahead.next().is_none_or(|c| c == ']') {
                low.into_iter().for_each(|low| self.class_character(low));
                continue;
            }
            self.rest.next();
            let c = self.rest.next().ok_or(OPEN)?;
            let high = self.class_item(c)?;
            let (Some(low), Some(high)) = (low, high.filter(|high| low <= Some(*high))) else {
                return Err(format!("bad character range before {c}"));
            };
            self.class_character(low);
            self.out.push('-');
            self.class_character(high);
        }
        self.out.push(']');
        Ok(())
    }

    /// Reads one item of a class: a character, or nothing when it was a category, which is written at once.
    fn class_item(&mut self, c: char) -> Result<Option<char>, String> {
        if c != '\\' {
            return Ok(Some(c));
        }
        match self.rest.peek() {
            Some('d' | 'D' | 'w' | 'W' | 's' | 'S') => {
                let c = self.rest.next().unwrap_or('d');
                self.category(c);
                Ok(None)
            }
            Some('b') => {
                self.rest.next();
                Ok(Some('\u{8}'))
            }
            _ => self.character().map(Some),
        }
    }

    fn class_character(&mut self, c: char) {
        if c.is_alphanumeric() {
            self.out.push(c);
        } else {
            write!(self.out, "\\x{{{:x}}}", u32::from(c))
                .expect("writing to a string does not fail");
        }
    }
}
