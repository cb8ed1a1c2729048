//! Files in which lookups keep what the next run has to find again.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

/// Makes the folder of a file with a mode, and those above it.
pub(super) fn make_folder(of: &Path, mode: u32) -> io::Result<()> {
    let folder = of.parent().unwrap_or(Path::new("."));
    DirBuilder::new().recursive(true).mode(mode).create(folder)
}

/// Writes a file as a whole or not at all, for its owner only.
pub(super) fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let new = path.with_file_name(format!(".{name}.{}", std::process::id()));
    let mut file =
        OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
    file.write_all(content).and_then(|()| file.sync_all()).and_then(|()| fs::rename(&new, path))
}
