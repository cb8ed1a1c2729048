//! The first line `#jinja2: key: value, …` of a template, which overrides how it is read.

use super::{Error, ErrorKind, RenderOptions};
use crate::base::{fold, suggest};

pub(super) const MARK: &str = "#jinja2:";

/// Names of what can be overridden, sorted.
const KEYS: &[&str] = &[
    "block_end_string",
    "block_start_string",
    "comment_end_string",
    "comment_start_string",
    "keep_trailing_newline",
    "line_comment_prefix",
    "line_statement_prefix",
    "lstrip_blocks",
    "newline_sequence",
    "trim_blocks",
    "variable_end_string",
    "variable_start_string",
];

/// Returns whether a file has anything of a template in it; any other stays as it is, to the last byte.
pub(super) fn is_template(text: &str, options: &RenderOptions) -> bool {
    let marks = &options.delimiters;
    let starts = [&marks.block.0, &marks.variable.0, &marks.comment.0];
    let lines = [&marks.line_statement, &marks.line_comment];
    text.starts_with(MARK)
        || starts.iter().any(|mark| text.contains(mark.as_str()))
        || lines.iter().any(|mark| !mark.is_empty() && text.contains(mark.as_str()))
}

/// Returns the options of a template, and where its text starts.
pub(super) fn split(text: &str, options: &RenderOptions) -> Result<(RenderOptions, usize), Error> {
    let mut options = options.clone();
    let Some(rest) = text.strip_prefix(MARK) else { return Ok((options, 0)) };
    let end = rest.find('\n').unwrap_or(rest.len());
    for pair in pairs(&rest[..end]) {
        let (key, value) = pair.split_once(':').ok_or_else(|| {
            Error::new(
                ErrorKind::Syntax,
                format!("the `{MARK}` line: `{}` is no `key: value`", pair.trim()),
            )
        })?;
        set(&mut options, key.trim(), value.trim())?;
    }
    Ok((options, (MARK.len() + end + 1).min(text.len())))
}

/// Splits at the commas that stand outside of quotes.
fn pairs(line: &str) -> Vec<&str> {
    let mut quote = None;
    let mut parts = Vec::new();
    let mut start = 0;
    for (place, c) in line.char_indices() {
        match (c, quote) {
            ('\'' | '"', None) => quote = Some(c),
            (c, Some(open)) if c == open => quote = None,
            (',', None) => {
                parts.push(&line[start..place]);
                start = place + 1;
            }
            _ => {}
        }
    }
    parts.push(&line[start..]);
    parts.retain(|part| !part.trim().is_empty());
    parts
}

fn set(options: &mut RenderOptions, key: &str, value: &str) -> Result<(), Error> {
    let text = || unquoted(value);
    let truth = || {
        fold::truth(&unquoted(value)).ok_or_else(|| {
            Error::new(
                ErrorKind::Syntax,
                format!("the `{MARK}` line: `{key}` must be True or False, not {value}"),
            )
        })
    };
    let marks = &mut options.delimiters;
    match key {
        "block_end_string" => marks.block.1 = text(),
        "block_start_string" => marks.block.0 = text(),
        "comment_end_string" => marks.comment.1 = text(),
        "comment_start_string" => marks.comment.0 = text(),
        "keep_trailing_newline" => options.keep_trailing_newline = truth()?,
        "line_comment_prefix" => marks.line_comment = text(),
        "line_statement_prefix" => marks.line_statement = text(),
        "lstrip_blocks" => options.lstrip_blocks = truth()?,
        "newline_sequence" => options.newline_sequence = text(),
        "trim_blocks" => options.trim_blocks = truth()?,
        "variable_end_string" => marks.variable.1 = text(),
        "variable_start_string" => marks.variable.0 = text(),
        other => {
            let error = Error::new(
                ErrorKind::Syntax,
                format!("the `{MARK}` line: there is no setting `{other}`"),
            );
            return Err(match suggest::closest(other, KEYS.iter().copied()) {
                Some(near) => error.hint(format!("did you mean `{near}`?")),
                None => error.hint(format!("settings are {}", KEYS.join(", "))),
            });
        }
    }
    Ok(())
}

/// Returns a value without its quotes and escapes.
fn unquoted(value: &str) -> String {
    let quoted =
        ['\'', '"'].iter().find_map(|quote| value.strip_prefix(*quote)?.strip_suffix(*quote));
    match quoted {
        Some(text) => text.replace("\\r", "\r").replace("\\n", "\n").replace("\\\\", "\\"),
        None => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_overrides_options() {
        let text = "#jinja2: trim_blocks: False, variable_start_string: '[[', variable_end_string: ']]', newline_sequence: '\\r\\n'\nx";
        let (options, start) = split(text, &RenderOptions::default()).unwrap();
        assert!(!options.trim_blocks);
        assert_eq!(options.delimiters.variable, ("[[".to_owned(), "]]".to_owned()));
        assert_eq!(options.newline_sequence, "\r\n");
        assert_eq!(&text[start..], "x");
    }

    #[test]
    fn unknown_settings_are_refused() {
        let error = split("#jinja2: trim_block: no\n", &RenderOptions::default()).unwrap_err();
        assert_eq!(error.message(), "the `#jinja2:` line: there is no setting `trim_block`");
    }
}
