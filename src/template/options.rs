//! How a template file is read: delimiters, white space, newlines, and where its includes are looked for.

use std::path::PathBuf;
use std::sync::Arc;

/// The text of a template file.
#[derive(Clone, Debug)]
pub struct Source {
    /// The text.
    pub text: Arc<str>,
    /// The path as the user would write it, for messages and for finding what it includes.
    pub path: String,
}

/// The marks around expressions, statements and comments.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Delimiters {
    /// Around statements: `{%` and `%}`.
    pub block: (String, String),
    /// Around expressions: `{{` and `}}`.
    pub variable: (String, String),
    /// Around comments: `{#` and `#}`.
    pub comment: (String, String),
    /// What starts a line that is a statement; empty for none.
    pub line_statement: String,
    /// What starts a comment that ends with the line; empty for none.
    pub line_comment: String,
}

impl Default for Delimiters {
    fn default() -> Self {
        let pair = |start: &str, end: &str| (start.to_owned(), end.to_owned());
        Self {
            block: pair("{%", "%}"),
            variable: pair("{{", "}}"),
            comment: pair("{#", "#}"),
            line_statement: String::new(),
            line_comment: String::new(),
        }
    }
}

/// How a template file is read.
#[derive(Clone, Debug)]
pub struct RenderOptions {
    /// The marks.
    pub delimiters: Delimiters,
    /// Whether the newline after a statement goes.
    pub trim_blocks: bool,
    /// Whether blanks before a statement at the start of a line go.
    pub lstrip_blocks: bool,
    /// Whether text ends with the newlines that the template ends with.
    pub keep_trailing_newline: bool,
    /// What ends the lines of the result: `\n`, `\r\n` or `\r`.
    pub newline_sequence: String,
    /// Folders in which includes are looked for, before `ansible_search_path` and the template's own folder.
    pub search: Vec<PathBuf>,
}

impl Default for RenderOptions {
    /// Returns what the `template` module does when nothing is said.
    fn default() -> Self {
        Self {
            delimiters: Delimiters::default(),
            trim_blocks: true,
            lstrip_blocks: false,
            keep_trailing_newline: true,
            newline_sequence: "\n".to_owned(),
            search: Vec::new(),
        }
    }
}
