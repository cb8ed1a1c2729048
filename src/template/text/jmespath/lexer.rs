//! Splits a query into its tokens.

use crate::base::Value;
use crate::template::text::json;

use super::Comparison;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    And,
    Colon,
    Comma,
    Compare(Comparison),
    Current,
    Dot,
    End,
    Expression,
    Filter,
    Flatten,
    LeftBrace,
    LeftBracket,
    LeftParenthesis,
    Literal(Value),
    Name(String),
    Not,
    Number(i64),
    Or,
    Pipe,
    QuotedName(String),
    RightBrace,
    RightBracket,
    RightParenthesis,
    Star,
}

/// Marks of one or two characters, the longer ones first.
const MARKS: &[(&str, Token)] = &[
    ("[?", Token::Filter),
    ("[]", Token::Flatten),
    ("==", Token::Compare(Comparison::Equal)),
    ("!=", Token::Compare(Comparison::NotEqual)),
    ("<=", Token::Compare(Comparison::LessOrEqual)),
    (">=", Token::Compare(Comparison::GreaterOrEqual)),
    ("&&", Token::And),
    ("||", Token::Or),
    ("<", Token::Compare(Comparison::Less)),
    (">", Token::Compare(Comparison::Greater)),
    ("&", Token::Expression),
    ("|", Token::Pipe),
    ("!", Token::Not),
    (".", Token::Dot),
    ("*", Token::Star),
    ("[", Token::LeftBracket),
    ("]", Token::RightBracket),
    ("{", Token::LeftBrace),
    ("}", Token::RightBrace),
    ("(", Token::LeftParenthesis),
    (")", Token::RightParenthesis),
    (",", Token::Comma),
    (":", Token::Colon),
    ("@", Token::Current),
];

/// Returns the tokens of a query; the last one is the end.
pub(super) fn tokens(query: &str) -> Result<Vec<Token>, String> {
    let mut out = Vec::new();
    let mut rest = query;
    loop {
        rest = rest.trim_start_matches([' ', '\t', '\r', '\n']);
        let Some(first) = rest.chars().next() else {
            out.push(Token::End);
            return Ok(out);
        };
        if let Some((mark, token)) = MARKS.iter().find(|(mark, _)| rest.starts_with(mark)) {
            out.push(token.clone());
            rest = &rest[mark.len()..];
            continue;
        }
        let (token, used) = match first {
            'a'..='z' | 'A'..='Z' | '_' => {
                let end = rest
                    .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                    .unwrap_or(rest.len());
                (Token::Name(rest[..end].to_owned()), end)
            }
            '-' | '0'..='9' => number(rest)?,
            '"' => {
                let inner = until(rest, '"')?;
                let text =
                    json::read(&format!("\"{inner}\"")).map_err(|error| error.to_string())?;
                (Token::QuotedName(text.to_string()), inner.len() + 2)
            }
            '\'' => {
                let inner = until(rest, '\'')?;
                (Token::Literal(inner.replace("\\'", "'").into()), inner.len() + 2)
            }
            '`' => {
                let inner = until(rest, '`')?;
                (Token::Literal(literal(&inner.replace("\\`", "`"))?), inner.len() + 2)
            }
            other => return Err(format!("`{other}` means nothing here")),
        };
        out.push(token);
        rest = &rest[used..];
    }
}

fn number(rest: &str) -> Result<(Token, usize), String> {
    let digits = rest[1..].bytes().take_while(u8::is_ascii_digit).count();
    let text = &rest[..=digits];
    let number = text.parse().map_err(|_| format!("`{text}` is no integer"))?;
    Ok((Token::Number(number), text.len()))
}

/// Returns the text up to the closing mark; a backslash keeps the character after it.
fn until(rest: &str, mark: char) -> Result<&str, String> {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == mark => return Ok(&rest[1..at]),
            _ => {}
        }
    }
    Err(format!("the {mark} in `{rest}` is never closed"))
}

/// Reads a literal in backticks: JSON, or (as older queries write it) bare text.
fn literal(text: &str) -> Result<Value, String> {
    let trimmed = text.trim_start();
    json::read(trimmed)
        .or_else(|_| json::read(&format!("\"{trimmed}\"")))
        .map_err(|error| error.to_string())
}
