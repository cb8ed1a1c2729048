//! Reading a file that may be encrypted.

use std::path::Path;
use std::sync::Arc;

use super::{Secrets, is_encrypted};
use crate::base::{Mistake, Position, Secret, SourceFile};

/// A file that was read. Of an encrypted one nothing is kept for excerpts.
#[derive(Debug)]
pub struct Opened {
    /// The file, for positions.
    pub file: Arc<SourceFile>,
    /// The decrypted text, when the file is encrypted.
    plain: Option<Secret>,
}

impl Opened {
    /// Returns the text.
    pub fn text(&self) -> &str {
        self.plain.as_ref().map_or(&self.file.text, Secret::reveal)
    }

    /// Returns whether the file was encrypted, so that what it says is secret.
    pub fn is_secret(&self) -> bool {
        self.plain.is_some()
    }
}

/// Reads a text file and decrypts it when it is encrypted.
pub fn open(path: &Path, secrets: &Secrets) -> Result<Opened, Mistake> {
    open_as(path, &path.display().to_string(), secrets)
}

/// Reads a text file that messages call by another name than its path.
pub fn open_as(path: &Path, name: &str, secrets: &Secrets) -> Result<Opened, Mistake> {
    let at = Position::new(&SourceFile::new(name, ""), 0, 0);
    let bytes = std::fs::read(path)
        .map_err(|error| Mistake::new(format!("cannot read `{name}`: {}", reason(&error)), &at))?;
    if is_encrypted(&bytes) {
        let plain =
            secrets.decrypt(&bytes).map_err(|error| Mistake::new(error.to_string(), &at))?;
        let plain = text(plain, &at)?;
        return Ok(Opened { file: Arc::clone(&at.file), plain: Some(Secret::new(plain)) });
    }
    Ok(Opened { file: SourceFile::new(name, text(bytes, &at)?), plain: None })
}

fn text(bytes: Vec<u8>, at: &Position) -> Result<String, Mistake> {
    String::from_utf8(bytes).map_err(|error| {
        let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = good.iter().filter(|byte| **byte == b'\n').count() + 1;
        let at = Position::new(&at.file, u32::try_from(line).unwrap_or(0), 0);
        Mistake::new("this is not UTF-8 text", &at).hint("save the file as UTF-8")
    })
}

/// Returns the kernel's words without Rust's `(os error 13)`.
fn reason(error: &std::io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_lowercase()
}
