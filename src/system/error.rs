//! What can go wrong with the machine, always with the path or program it went wrong with.

use std::io;
use std::path::{Path, PathBuf};

/// An error of the machine.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Something with a file.
    #[error("cannot {action} `{}`: {}", path.display(), reason(source))]
    File {
        /// What was tried: `read`, `write`, `make the folder` …
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A program could not be started.
    #[error("cannot run `{program}`: {}", reason(source))]
    Program {
        /// The program as it was asked for.
        program: String,
        /// Why not.
        source: io::Error,
    },
    /// Anything else.
    #[error("cannot {action}: {}", reason(source))]
    Other {
        /// What was tried.
        action: String,
        /// Why not.
        source: io::Error,
    },
}

impl Error {
    /// Returns an error about a file.
    pub fn file(action: &'static str, path: &Path, source: io::Error) -> Self {
        Self::File { action, path: path.to_owned(), source }
    }

    /// Returns the kind of the underlying error.
    pub fn kind(&self) -> io::ErrorKind {
        match self {
            Self::File { source, .. }
            | Self::Program { source, .. }
            | Self::Other { source, .. } => source.kind(),
        }
    }

    /// Returns the number of the underlying error (`ENOENT` …), when the kernel gave one.
    pub fn os_error(&self) -> Option<i32> {
        match self {
            Self::File { source, .. }
            | Self::Program { source, .. }
            | Self::Other { source, .. } => source.raw_os_error(),
        }
    }
}

/// Returns the kernel's words without Rust's `(os error 13)`.
fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_lowercase()
}
