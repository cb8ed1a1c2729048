//! The parser's complaints in the words of Jinja2, at the place that has to be changed.

use std::sync::Arc;

use minijinja::machinery::{self, Token};
use minijinja::syntax::SyntaxConfig;

use super::Span;
use crate::base::suggest;
use crate::template::ir::Origin;
use crate::template::place::{locate, text};
use crate::template::{Error, ErrorKind, TextKind};

/// Statements, sorted.
const STATEMENTS: &[&str] = &[
    "autoescape",
    "block",
    "break",
    "call",
    "continue",
    "do",
    "elif",
    "else",
    "extends",
    "filter",
    "for",
    "from",
    "if",
    "import",
    "include",
    "macro",
    "raw",
    "set",
    "with",
];

/// Returns a complaint as ours.
pub(super) fn of(
    error: &minijinja::Error,
    source: &Arc<str>,
    origin: &Origin,
    kind: TextKind,
) -> Error {
    let detail = error.detail().map_or_else(|| error.to_string(), ToOwned::to_owned);
    let range = error.range().unwrap_or_else(|| {
        let line = error.line().unwrap_or(1).saturating_sub(1);
        let start = source.split_inclusive('\n').take(line).map(str::len).sum();
        start..start
    });
    let clamp = |offset: usize| u32::try_from(offset.min(source.len())).unwrap_or(u32::MAX);
    let span = Span { start: clamp(range.start), end: clamp(range.end) };
    let open = if detail.contains("end of input") { innermost(source) } else { None };
    let (said, span, hint) = match &open {
        Some((name, span)) if kind == TextKind::Template => (
            format!(
                "Unexpected end of template. The innermost block that needs to be closed is '{name}'."
            ),
            *span,
            Some(format!("add `{{% end{name} %}}`")),
        ),
        _ => {
            let (said, hint) = said(&detail, text(source, span));
            (said, span, hint)
        }
    };
    let what = if kind == TextKind::Template { "template" } else { "expression" };
    let mut complaint = Error::new(ErrorKind::Syntax, format!("Syntax error in {what}: {said}"));
    let (at, width) = locate(source, origin, span);
    complaint.0.placed = true;
    complaint.0.at = at;
    complaint.0.width = width;
    complaint.0.expression = source.lines().next().unwrap_or_default().to_owned();
    match hint {
        Some(hint) => complaint.hint(hint),
        None => complaint,
    }
}

/// Returns what is wrong, and what to do where that is known.
fn said(detail: &str, token: &str) -> (String, Option<String>) {
    if let Some(name) = detail.strip_prefix("unknown statement ") {
        let said = format!("Encountered unknown tag '{name}'.");
        let hint = if name.starts_with("end") || name == "else" || name == "elif" {
            Some(format!("no block is open that `{name}` could belong to"))
        } else {
            suggest::closest(name, STATEMENTS.iter().copied())
                .map(|near| format!("did you mean `{near}`?"))
        };
        return (said, hint);
    }
    let detail = detail
        .replace("end of variable block", "end of print statement")
        .replace("end of block", "end of statement block")
        .replace("end of input", "end of template");
    let said = match detail.strip_prefix("unexpected identifier") {
        Some(rest) if !token.is_empty() => format!("unexpected '{token}'{rest}"),
        _ => match detail.as_str() {
            "unexpected end of comment" => "Missing end of comment tag".to_owned(),
            "unexpected end of raw statement block" | "unexpected end of raw block" => {
                "Missing end of raw directive".to_owned()
            }
            "unexpected end of string" => "a text constant is not closed".to_owned(),
            other => other.to_owned(),
        },
    };
    let hint = match token {
        "&" | "&&" => Some("write `and`".to_owned()),
        "=" => Some("write `==` to compare".to_owned()),
        _ if said.starts_with("unexpected `=`") => Some("write `==` to compare".to_owned()),
        _ => None,
    };
    (said, hint)
}

/// Returns the innermost statement that is open at the end of a text.
fn innermost(source: &str) -> Option<(String, Span)> {
    let mut open: Vec<(String, Span)> = Vec::new();
    let mut tokens =
        machinery::tokenize(source, false, SyntaxConfig::default()).map_while(Result::ok);
    while let Some((token, _)) = tokens.next() {
        if !matches!(token, Token::BlockStart) {
            continue;
        }
        let Some((Token::Ident(name), at)) = tokens.next() else { continue };
        let span = Span { start: at.start_offset, end: at.end_offset };
        if let Some(ended) = name.strip_prefix("end") {
            if open.last().is_some_and(|(name, _)| name == ended) {
                open.pop();
            }
            continue;
        }
        let is_open = match name {
            "autoescape" | "block" | "call" | "filter" | "for" | "if" | "macro" | "with" => true,
            // `set` without `=` has a body.
            "set" => !tokens
                .by_ref()
                .take_while(|(token, _)| !matches!(token, Token::BlockEnd))
                .any(|(token, _)| matches!(token, Token::Assign)),
            _ => false,
        };
        if is_open {
            open.push((name.to_owned(), span));
        }
    }
    open.pop()
}
