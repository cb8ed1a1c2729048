//! Where something stands: file, line and column. Errors point at it.

use std::fmt;
use std::sync::{Arc, LazyLock};

/// A file that was read, with its text for excerpts.
#[derive(Debug)]
pub struct SourceFile {
    /// The path as the user would write it.
    pub path: String,
    /// The whole text; empty where it must not be shown (a decrypted vault file).
    pub text: String,
}

impl SourceFile {
    /// Returns a source file.
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        Arc::new(Self { path: path.into(), text: text.into() })
    }

    /// Returns a line of the text, counted from one.
    pub fn line(&self, number: u32) -> Option<&str> {
        self.text.lines().nth((number as usize).checked_sub(1)?)
    }
}

/// A place in a file. Lines and columns count from one; zero means the file as a whole.
#[derive(Clone)]
pub struct Position {
    /// The file.
    pub file: Arc<SourceFile>,
    /// The line.
    pub line: u32,
    /// The column, in characters.
    pub column: u32,
}

static NOWHERE: LazyLock<Arc<SourceFile>> = LazyLock::new(|| SourceFile::new("", ""));

impl Position {
    /// Returns a place in a file.
    pub fn new(file: &Arc<SourceFile>, line: u32, column: u32) -> Self {
        Self { file: Arc::clone(file), line, column }
    }

    /// Returns whether this is a real place.
    pub fn is_known(&self) -> bool {
        !self.file.path.is_empty()
    }
}

impl Default for Position {
    fn default() -> Self {
        Self { file: Arc::clone(&NOWHERE), line: 0, column: 0 }
    }
}

impl PartialEq for Position {
    fn eq(&self, other: &Self) -> bool {
        self.file.path == other.file.path && (self.line, self.column) == (other.line, other.column)
    }
}

impl Eq for Position {}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.line, self.column) {
            (0, _) => f.write_str(&self.file.path),
            (line, 0) => write!(f, "{}:{line}", self.file.path),
            (line, column) => write!(f, "{}:{line}:{column}", self.file.path),
        }
    }
}

impl fmt::Debug for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}
