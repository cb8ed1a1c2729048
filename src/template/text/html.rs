//! HTML: escaping, stripping tags, making links.

use crate::base::pyregex::{Flags, Pattern};

/// Returns the text with everything escaped that means something in HTML.
pub(in crate::template) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\'' => out.push_str("&#39;"),
            '"' => out.push_str("&#34;"),
            c => out.push(c),
        }
    }
    out
}

/// Returns the text without comments and tags, white space made single, entities resolved.
pub(in crate::template) fn strip_tags(text: &str) -> String {
    let without = |text: &str, open: &str, close: &str| {
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, inside)) = rest.split_once(open) {
            let Some((_, after)) = inside.split_once(close) else {
                break;
            };
            out.push_str(before);
            rest = after;
        }
        out + rest
    };
    let plain = without(&without(text, "<!--", "-->"), "<", ">");
    unescape(&super::words::split(&plain, usize::MAX).join(" "))
}

const ENTITIES: [(&str, &str); 14] = [
    ("amp", "&"),
    ("apos", "'"),
    ("copy", "©"),
    ("euro", "€"),
    ("gt", ">"),
    ("hellip", "…"),
    ("laquo", "«"),
    ("lt", "<"),
    ("mdash", "—"),
    ("nbsp", "\u{a0}"),
    ("ndash", "–"),
    ("quot", "\""),
    ("raquo", "»"),
    ("reg", "®"),
];

fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let entity = rest[1..].split_once(';').map(|(name, _)| name).filter(|name| name.len() < 12);
        match entity.and_then(|name| Some((name, entity_text(name)?))) {
            Some((name, text)) => {
                out.push_str(&text);
                rest = &rest[name.len() + 2..];
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out + rest
}

fn entity_text(name: &str) -> Option<String> {
    if let Some(code) = name.strip_prefix('#') {
        let code = match code.strip_prefix(['x', 'X']) {
            Some(digits) => u32::from_str_radix(digits, 16).ok()?,
            None => code.parse().ok()?,
        };
        return char::from_u32(code).map(String::from);
    }
    ENTITIES.iter().find(|(known, _)| *known == name).map(|(_, text)| (*text).to_owned())
}

/// How links are made.
pub(in crate::template) struct Links {
    /// How many characters of the address are shown; nothing shows all.
    pub(in crate::template) shown: Option<usize>,
    /// The `rel` attribute, empty for none.
    pub(in crate::template) rel: String,
    /// The `target` attribute, empty for none.
    pub(in crate::template) target: String,
    /// Schemes that make links besides `http`, `https` and `mailto`.
    pub(in crate::template) schemes: Vec<String>,
}

const HTTP: &str = r"^((https?://|www\.)(([\w%-]+\.)+)?([a-z]{2,63}|xn--[\w%]{2,59})|([\w%-]{2,63}\.)+(com|net|int|edu|gov|org|info|mil)|(https?://)((([\d]{1,3})(\.[\d]{1,3}){3})|(\[([\da-f]{0,4}:){2}([\da-f]{0,4}:?){1,6}\])))(?::[\d]{1,5})?(?:[/?#]\S*)?$";
const MAIL: &str = r"^\S+@\w[\w.-]*\.\w+$";

/// Returns the text, escaped, with its addresses made links.
pub(in crate::template) fn urlize(text: &str, links: &Links) -> String {
    let escaped = escape(text);
    let mut out = String::new();
    let mut rest = escaped.as_str();
    while !rest.is_empty() {
        let space = rest.find(|c: char| !c.is_whitespace()).unwrap_or(rest.len());
        out.push_str(&rest[..space]);
        rest = &rest[space..];
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        out.push_str(&word(&rest[..end], links));
        rest = &rest[end..];
    }
    out
}

fn word(word: &str, links: &Links) -> String {
    if word.is_empty() {
        return String::new();
    }
    let (head, middle, tail) = surrounded(word);
    let is = |pattern: &str, text: &str| {
        let pattern = Pattern::kept(pattern, Flags::IGNORECASE).expect("the pattern is a constant");
        pattern.search(text).is_ok_and(|found| found.is_some())
    };
    let attribute = |name: &str, value: &str| {
        if value.is_empty() { String::new() } else { format!(" {name}=\"{}\"", escape(value)) }
    };
    let (rel, target) = (attribute("rel", &links.rel), attribute("target", &links.target));
    let shown = match links.shown {
        Some(most) if middle.chars().count() > most => {
            middle.chars().take(most).chain("...".chars()).collect()
        }
        _ => middle.clone(),
    };
    let link = if is(HTTP, &middle) {
        let scheme = if middle.starts_with("http://") || middle.starts_with("https://") {
            ""
        } else {
            "https://"
        };
        format!("<a href=\"{scheme}{middle}\"{rel}{target}>{shown}</a>")
    } else if let Some(address) = middle.strip_prefix("mailto:").filter(|address| is(MAIL, address))
    {
        format!("<a href=\"{middle}\">{address}</a>")
    } else if middle.contains('@')
        && !middle.starts_with("www.")
        && !middle.contains(':')
        && is(MAIL, &middle)
    {
        format!("<a href=\"mailto:{middle}\">{middle}</a>")
    } else if links
        .schemes
        .iter()
        .any(|scheme| middle != *scheme && middle.starts_with(scheme.as_str()))
    {
        format!("<a href=\"{middle}\"{rel}{target}>{middle}</a>")
    } else {
        middle
    };
    format!("{head}{link}{tail}")
}

/// Splits brackets and punctuation off a word; closing ones stay when their opening ones are inside.
fn surrounded(word: &str) -> (String, String, String) {
    let mut middle = word;
    while let Some(rest) = ["(", "<", "&lt;"].iter().find_map(|open| middle.strip_prefix(open)) {
        middle = rest;
    }
    let head = word[..word.len() - middle.len()].to_owned();
    let whole = middle;
    while let Some(rest) =
        [")", ">", ".", ",", "\n", "&gt;"].iter().find_map(|close| middle.strip_suffix(close))
    {
        middle = rest;
    }
    let mut tail = whole[middle.len()..].to_owned();
    let mut middle = middle.to_owned();
    for (open, close) in [("(", ")"), ("<", ">"), ("&lt;", "&gt;")] {
        let opened = middle.matches(open).count();
        if opened <= middle.matches(close).count() {
            continue;
        }
        for _ in 0..opened.min(tail.matches(close).count()) {
            let end = tail.find(close).map_or(0, |at| at + close.len());
            middle.push_str(&tail[..end]);
            tail.drain(..end);
        }
    }
    (head, middle, tail)
}
