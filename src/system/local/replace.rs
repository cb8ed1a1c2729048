//! Files are replaced as a whole: whoever looks sees the old content or the new one, also when the power fails.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use super::kernel;

/// Makes names of temporary files differ within this process.
static COUNTER: AtomicU32 = AtomicU32::new(0);

/// Puts content into a file; returns the number of bytes.
pub(super) fn replace(path: &Path, content: &mut dyn Read) -> io::Result<u64> {
    // A link keeps leading where it leads; what it leads to is replaced.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let old = fs::metadata(&path).ok();
    let temporary = beside(&path)?;
    let guard = Remover(Some(temporary.clone()));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&temporary)?;
    let length = io::copy(content, &mut file)?;
    let mode = match &old {
        Some(old) => {
            // Owner first: changing it clears set-id bits.
            if (old.uid(), old.gid()) != (kernel::uid(), kernel::gid()) {
                std::os::unix::fs::fchown(&file, Some(old.uid()), Some(old.gid())).or_else(
                    |error| match error.kind() {
                        io::ErrorKind::PermissionDenied => Ok(()),
                        _ => Err(error),
                    },
                )?;
            }
            old.mode() & 0o7777
        }
        None => 0o666 & !kernel::umask(),
    };
    file.set_permissions(fs::Permissions::from_mode(mode))?;
    file.flush()?;
    file.sync_all()?;
    drop(file);
    fs::rename(&temporary, &path)?;
    guard.keep();
    if let Some(folder) = path.parent() {
        // Some file systems cannot sync folders; the rename is done either way.
        let _unsupported = File::open(folder).and_then(|folder| folder.sync_all());
    }
    Ok(length)
}

/// Writes into a file in place.
pub(super) fn overwrite(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).open(path)?;
    file.write_all(content)?;
    file.sync_all()
}

/// Returns a new name in the folder of a file.
fn beside(path: &Path) -> io::Result<PathBuf> {
    let name = path.file_name().ok_or_else(|| io::Error::from(io::ErrorKind::IsADirectory))?;
    // Long names leave no room for more.
    let name: String = name.to_string_lossy().chars().take(40).collect();
    let number = COUNTER.fetch_add(1, Ordering::Relaxed);
    Ok(path.with_file_name(format!(".~fcplay-{}-{number}-{name}", std::process::id())))
}

/// Removes a file unless it is kept.
struct Remover(Option<PathBuf>);

impl Remover {
    fn keep(mut self) {
        self.0 = None;
    }
}

impl Drop for Remover {
    fn drop(&mut self) {
        if let Some(path) = &self.0 {
            let _gone = fs::remove_file(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mode_and_links_stay() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let link = folder.path().join("l");
        std::os::unix::fs::symlink("a", &link).unwrap();
        assert_eq!(replace(&link, &mut b"new".as_slice()).unwrap(), 3);
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o7777, 0o640);
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn a_content_that_breaks_off_leaves_the_old_file() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::ErrorKind::ConnectionReset.into())
            }
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        fs::write(&path, "old").unwrap();
        assert!(replace(&path, &mut b"half".as_slice().chain(Broken)).is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
