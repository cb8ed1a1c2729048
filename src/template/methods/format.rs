//! `str.format`: `{}`, `{0}`, `{name.attribute[key]!r:spec}`.

use crate::base::{Map, Value, value::float_repr};
use crate::template::Reason;

/// Fills a format text with positional and named values.
pub(super) fn format(text: &str, args: &[Value], kwargs: &Map) -> Result<String, Reason> {
    let mut filler = Filler { args: Some(args), kwargs, next: 0, numbered: false };
    filler.fill(text, 0)
}

/// Fills a format text with named values only.
pub(super) fn format_map(text: &str, map: &Map) -> Result<String, Reason> {
    Filler { args: None, kwargs: map, next: 0, numbered: false }.fill(text, 0)
}

struct Filler<'a> {
    args: Option<&'a [Value]>,
    kwargs: &'a Map,
    next: usize,
    numbered: bool,
}

impl Filler<'_> {
    fn fill(&mut self, text: &str, depth: usize) -> Result<String, Reason> {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            out.push_str(&rest[..at]);
            let mark = &rest[at..=at];
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix(mark) {
                out.push_str(mark);
                rest = after;
                continue;
            }
            if mark == "}" {
                return Err(Reason::new("Single '}' encountered in format string"));
            }
            let end = closing(rest).ok_or_else(|| {
                Reason::new(if rest.is_empty() {
                    "Single '{' encountered in format string"
                } else {
                    "expected '}' before end of string"
                })
            })?;
            out += &self.field(&rest[..end], depth)?;
            rest = &rest[end + 1..];
        }
        out.push_str(rest);
        Ok(out)
    }

    fn field(&mut self, field: &str, depth: usize) -> Result<String, Reason> {
        if depth > 1 {
            return Err(Reason::new("Max string recursion exceeded"));
        }
        let end = field.find(['!', ':']).unwrap_or(field.len());
        let (path, rest) = field.split_at(end);
        let (conversion, spec) = match rest.strip_prefix('!') {
            Some(rest) => {
                let (conversion, spec) = rest.split_once(':').unwrap_or((rest, ""));
                (Some(conversion), spec)
            }
            None => (None, rest.strip_prefix(':').unwrap_or_default()),
        };
        let value = self.value(path)?;
        let value = match conversion {
            None => value,
            Some("r" | "a") => Value::from(value.repr()),
            Some("s") => Value::from(value.to_string()),
            Some(other) => {
                return Err(Reason::new(format!("Unknown conversion specifier {other}")));
            }
        };
        let spec = if spec.contains('{') { self.fill(spec, depth + 1)? } else { spec.to_owned() };
        apply(&value, &spec)
    }

    /// Returns the value that `name.attribute[key]` means.
    fn value(&mut self, path: &str) -> Result<Value, Reason> {
        let end = path.find(['.', '[']).unwrap_or(path.len());
        let (name, mut rest) = path.split_at(end);
        let mut value = self.named(name)?;
        while !rest.is_empty() {
            if let Some(tail) = rest.strip_prefix('[') {
                let (key, tail) = tail
                    .split_once(']')
                    .ok_or_else(|| Reason::new("Missing ']' in format string"))?;
                value = element(&value, key)?;
                rest = tail;
            } else {
                let tail = rest.strip_prefix('.').unwrap_or(rest);
                let end = tail.find(['.', '[']).unwrap_or(tail.len());
                let number = value.as_float().is_some();
                let field = super::number::field(&value, &tail[..end]).filter(|_| number);
                value = field.ok_or_else(|| {
                    let (of, name) = (value.type_name(), &tail[..end]);
                    Reason::new(format!("'{of}' object has no attribute '{name}'"))
                })?;
                rest = &tail[end..];
            }
        }
        Ok(value)
    }

    fn named(&mut self, name: &str) -> Result<Value, Reason> {
        let place = if name.is_empty() {
            if self.numbered {
                return Err(Reason::new(
                    "cannot switch from manual field specification to automatic field numbering",
                ));
            }
            self.next += 1;
            Some(self.next - 1)
        } else {
            let place = name.parse::<usize>().ok();
            if place.is_some() && self.next > 0 {
                return Err(Reason::new(
                    "cannot switch from automatic field numbering to manual field specification",
                ));
            }
            self.numbered |= place.is_some();
            place
        };
        let Some(place) = place else {
            return self.kwargs.get(name).cloned().ok_or_else(|| Reason::new(format!("'{name}'")));
        };
        let Some(args) = self.args else {
            return Err(Reason::new("Format string contains positional fields"));
        };
        args.get(place).cloned().ok_or_else(|| {
            Reason::new(format!("Replacement index {place} out of range for positional args tuple"))
        })
    }
}

fn element(value: &Value, key: &str) -> Result<Value, Reason> {
    let index = key.parse::<usize>().ok();
    if let (Value::Text(text), Some(index)) = (value, index) {
        let one = text.as_str().chars().nth(index);
        return one
            .map(|one| one.to_string().into())
            .ok_or_else(|| Reason::new("string index out of range"));
    }
    let found = match value {
        Value::Map(map) => match index {
            Some(index) => map.get_value(&index.into()),
            None => map.get(key),
        },
        Value::List(list) | Value::Tuple(list) => index.and_then(|index| list.get(index)),
        _ => None,
    };
    found.cloned().ok_or_else(|| Reason::new(format!("the value has no element {key}")))
}

/// Returns where a replacement field ends; fields may stand inside its specification.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0;
    for (place, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => return Some(place),
            '}' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// A specification: `[[fill]align][sign][#][0][width][,][.precision][type]`.
#[derive(Debug, Default)]
struct Spec {
    fill: Option<char>,
    align: Option<char>,
    sign: Option<char>,
    alternate: bool,
    /// Whether the width began with a zero, which means something else for text.
    zeros: bool,
    width: usize,
    grouping: Option<char>,
    precision: Option<usize>,
    kind: Option<char>,
}

impl Spec {
    fn parse(text: &str) -> Result<Self, Reason> {
        let chars: Vec<char> = text.chars().collect();
        let mut spec = Self::default();
        let is_align = |c: Option<&char>| c.is_some_and(|c| matches!(c, '<' | '>' | '=' | '^'));
        let mut at = 0;
        if is_align(chars.get(1)) {
            spec.fill = Some(chars[0]);
            spec.align = Some(chars[1]);
            at = 2;
        } else if is_align(chars.first()) {
            spec.align = Some(chars[0]);
            at = 1;
        }
        if let Some(c @ ('+' | '-' | ' ')) = chars.get(at) {
            spec.sign = Some(*c);
            at += 1;
        }
        if chars.get(at) == Some(&'#') {
            spec.alternate = true;
            at += 1;
        }
        if chars.get(at) == Some(&'0') {
            spec.zeros = spec.align.is_none();
            spec.fill.get_or_insert('0');
            spec.align.get_or_insert('=');
            at += 1;
        }
        spec.width = digits(&chars, &mut at)?.unwrap_or(0);
        if let Some(c @ (',' | '_')) = chars.get(at) {
            spec.grouping = Some(*c);
            at += 1;
        }
        if chars.get(at) == Some(&'.') {
            at += 1;
            let precision = digits(&chars, &mut at)?;
            spec.precision =
                Some(precision.ok_or_else(|| Reason::new("Format specifier missing precision"))?);
        }
        spec.kind = chars.get(at).copied();
        if chars.len() > at + 1 {
            return Err(Reason::new(format!("Invalid format specifier '{text}'")));
        }
        Ok(spec)
    }

    /// Puts text into the width; numbers stand to the right, and may have their sign before the fill.
    fn pad(&self, sign: &str, body: &str, right: bool) -> String {
        let missing = self.width.saturating_sub(sign.chars().count() + body.chars().count());
        let fill = self.fill.unwrap_or(' ').to_string();
        match self.align.unwrap_or(if right { '>' } else { '<' }) {
            '<' => format!("{sign}{body}{}", fill.repeat(missing)),
            '^' => {
                let before = missing / 2;
                format!("{}{sign}{body}{}", fill.repeat(before), fill.repeat(missing - before))
            }
            '=' => format!("{sign}{}{body}", fill.repeat(missing)),
            _ => format!("{}{sign}{body}", fill.repeat(missing)),
        }
    }
}

fn digits(chars: &[char], at: &mut usize) -> Result<Option<usize>, Reason> {
    let text: String = chars[*at..].iter().take_while(|c| c.is_ascii_digit()).collect();
    *at += text.len();
    if text.is_empty() {
        return Ok(None);
    }
    let number: usize = text.parse().unwrap_or(usize::MAX);
    if number > 1_000_000 {
        return Err(Reason::new("Too many decimal digits in format string"));
    }
    Ok(Some(number))
}

fn apply(value: &Value, spec: &str) -> Result<String, Reason> {
    if spec.is_empty() {
        return Ok(value.to_string());
    }
    let parsed = Spec::parse(spec)?;
    let kind = parsed.kind;
    match value {
        Value::Object(object) if object.type_name() == "datetime" => {
            match value.as_object::<crate::template::moment::Moment>() {
                Some(moment) => moment.format(spec),
                None => Ok(value.to_string()),
            }
        }
        Value::Float(number) => float(*number, &parsed),
        Value::Int(_) | Value::Big(_) | Value::Bool(_)
            if matches!(kind, Some('e' | 'E' | 'f' | 'F' | 'g' | 'G' | '%')) =>
        {
            float(value.as_float().unwrap_or_default(), &parsed)
        }
        Value::Int(_) | Value::Big(_) | Value::Bool(_) => integer(value, &parsed),
        Value::Text(_) => {
            if let Some(kind) = kind.filter(|kind| *kind != 's') {
                let of = value.type_name();
                return Err(Reason::new(format!(
                    "Unknown format code '{kind}' for object of type '{of}'"
                )));
            }
            if let Some(sign) = parsed.sign {
                let what = if sign == ' ' { "Space" } else { "Sign" };
                return Err(Reason::new(format!("{what} not allowed in string format specifier")));
            }
            if let Some(mark) = parsed.grouping {
                return Err(Reason::new(format!("Cannot specify '{mark}' with 's'.")));
            }
            if parsed.align == Some('=') && !parsed.zeros {
                return Err(Reason::new("'=' alignment not allowed in string format specifier"));
            }
            let parsed = Spec { align: parsed.align.filter(|_| !parsed.zeros), ..parsed };
            let text = value.to_string();
            let shown: String = match parsed.precision {
                Some(precision) => text.chars().take(precision).collect(),
                None => text,
            };
            Ok(parsed.pad("", &shown, false))
        }
        other => Err(Reason::new(format!(
            "unsupported format string passed to {}.__format__",
            other.type_name()
        ))),
    }
}

fn sign(negative: bool, spec: &Spec) -> &'static str {
    match (negative, spec.sign) {
        (true, _) => "-",
        (false, Some('+')) => "+",
        (false, Some(' ')) => " ",
        _ => "",
    }
}

fn integer(value: &Value, spec: &Spec) -> Result<String, Reason> {
    let big = match value {
        Value::Big(number) => (**number).clone(),
        other => other.as_int().unwrap_or_default().into(),
    };
    if spec.precision.is_some() {
        return Err(Reason::new("Precision not allowed in integer format specifier"));
    }
    let negative = big.sign() == num_bigint::Sign::Minus;
    let (prefix, radix) = match spec.kind {
        None | Some('d' | 'n') => ("", 10),
        Some('b') => ("0b", 2),
        Some('o') => ("0o", 8),
        Some('x') => ("0x", 16),
        Some('X') => ("0X", 16),
        Some('c') => {
            let code = u32::try_from(&big).ok().and_then(char::from_u32);
            let c = code.ok_or_else(|| Reason::new("%c arg not in range(0x110000)"))?;
            return Ok(spec.pad("", &c.to_string(), false));
        }
        Some(kind) => {
            return Err(Reason::new(format!(
                "Unknown format code '{kind}' for object of type 'int'"
            )));
        }
    };
    let mut digits = big.magnitude().to_str_radix(radix);
    if spec.kind == Some('X') {
        digits = digits.to_uppercase();
    }
    let every = if radix == 10 { 3 } else { 4 };
    let digits = grouped(&digits, spec.grouping, every);
    let lead = format!("{}{}", sign(negative, spec), if spec.alternate { prefix } else { "" });
    Ok(spec.pad(&lead, &digits, true))
}

fn grouped(digits: &str, grouping: Option<char>, every: usize) -> String {
    let Some(mark) = grouping else { return digits.to_owned() };
    let mut out = String::new();
    for (place, c) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(every) {
            out.push(mark);
        }
        out.push(c);
    }
    out
}

fn float(number: f64, spec: &Spec) -> Result<String, Reason> {
    let size = number.abs();
    // No float has more digits; the formatter of the standard library takes no more than 16 bits.
    let precision = spec.precision.unwrap_or(6).min(1200);
    let mut body = match spec.kind {
        _ if size.is_nan() => "nan".to_owned(),
        _ if size.is_infinite() => "inf".to_owned(),
        Some('f' | 'F') => format!("{size:.precision$}"),
        Some('%') => format!("{:.precision$}%", size * 100.0),
        Some('e' | 'E') => exponent(size, precision),
        Some('g' | 'G' | 'n') => general(size, precision.max(1)),
        None if spec.precision.is_some() => {
            let body = general(size, precision.max(1));
            if body.contains(['.', 'e']) { body } else { body + ".0" }
        }
        None => float_repr(size),
        Some(kind) => {
            return Err(Reason::new(format!(
                "Unknown format code '{kind}' for object of type 'float'"
            )));
        }
    };
    if matches!(spec.kind, Some('E' | 'F' | 'G')) {
        body = body.to_uppercase();
    }
    if spec.grouping.is_some() {
        let end = body.find(|c: char| !c.is_ascii_digit()).unwrap_or(body.len());
        body = format!("{}{}", grouped(&body[..end], spec.grouping, 3), &body[end..]);
    }
    Ok(spec.pad(sign(number.is_sign_negative(), spec), &body, true))
}

fn exponent(size: f64, precision: usize) -> String {
    let text = format!("{size:.precision$e}");
    let (digits, power) = text.split_once('e').unwrap_or((&text, "0"));
    let (mark, power) = power.strip_prefix('-').map_or(('+', power), |power| ('-', power));
    format!("{digits}e{mark}{power:0>2}")
}

fn general(size: f64, precision: usize) -> String {
    let text = exponent(size, precision - 1);
    let power: i32 = text.split_once('e').and_then(|(_, power)| power.parse().ok()).unwrap_or(0);
    let precision = i32::try_from(precision).unwrap_or(i32::MAX);
    let trim = |text: &str| -> String {
        if text.contains('.') {
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        } else {
            text.to_owned()
        }
    };
    if power < -4 || power >= precision {
        let (digits, power) = text.split_once('e').unwrap_or((&text, "+00"));
        return format!("{}e{power}", trim(digits));
    }
    let decimals = usize::try_from(precision - 1 - power).unwrap_or(0);
    trim(&format!("{size:.decimals$}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(text: &str, args: &[Value], expected: &str) {
        let filled = format(text, args, &Map::new());
        assert_eq!(filled.unwrap_or_else(|reason| reason.to_string()), expected);
    }

    #[test]
    fn specifications_are_pythons() {
        case("{:>5}|{:<5}|{:^5}", &[1.into(), "a".into(), "b".into()], "    1|a    |  b  ");
        case("{:05.1f}", &[2.25.into()], "002.2");
        case("{:,}", &[1_234_567.into()], "1,234,567");
        case("{:#x} {:X} {:08b}", &[255.into(), 255.into(), 5.into()], "0xff FF 00000101");
        case("{:+d} {: d}", &[5.into(), 5.into()], "+5  5");
        case("{:.3}", &["abcdef".into()], "abc");
        case(
            "{:.2e} {:g} {:.1%}",
            &[12345.678.into(), 1e-7.into(), 0.256.into()],
            "1.23e+04 1e-07 25.6%",
        );
        case("{0}{1}{0}", &["a".into(), "b".into()], "aba");
        case("{!r} {{}}", &["x".into()], "'x' {}");
        case("{:{}}", &[1.into(), 4.into()], "   1");
        case("{}", &[], "Replacement index 0 out of range for positional args tuple");
        case("}", &[], "Single '}' encountered in format string");
    }
}
