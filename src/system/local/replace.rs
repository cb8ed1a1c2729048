//! Files are replaced as a whole: whoever looks sees the old content or the new one, also when the power fails.

use std::collections::BTreeSet;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use super::kernel;
use crate::system::Finish;

/// Makes names of temporary files differ within this process.
static COUNTER: AtomicU32 = AtomicU32::new(0);

/// From this many files or folders on, one sync of the file system is cheaper than one of each.
const MANY: usize = 8;

/// Puts content into a file; returns the number of bytes.
pub(super) fn replace(path: &Path, content: &mut dyn Read, finish: &Finish) -> io::Result<u64> {
    let mut batch = Batch::default();
    let length = batch.prepare(path, content, finish)?;
    batch.publish().map_err(|(_, error)| error)?;
    Ok(length)
}

/// After so many bytes the disk begins to write, so that the sync at the end has little left to wait for.
const STRIDE: u64 = 8 << 20;

/// Copies a content into a file; returns the number of bytes.
fn pour(content: &mut dyn Read, file: &mut File) -> io::Result<u64> {
    let mut buffer = vec![0; 64 << 10];
    let (mut length, mut begun) = (0, 0);
    loop {
        let count = match content.read(&mut buffer) {
            Ok(0) => return Ok(length),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        file.write_all(&buffer[..count])?;
        length += count as u64;
        if length - begun >= STRIDE {
            kernel::begin_writing(file, begun, length - begun);
            begun = length;
        }
    }
}

/// Files that wait beside their places for their names; dropped, they are gone.
#[derive(Debug, Default)]
pub(super) struct Batch {
    prepared: Vec<Prepared>,
}

/// A file with its content, owner and mode that waits for its name.
#[derive(Debug)]
struct Prepared {
    path: PathBuf,
    temporary: Temporary,
    /// Open as long as there are few on the device: it may be unreadable by its mode, and descriptors are not endless.
    file: Option<File>,
    device: u64,
    in_place: bool,
}

impl Batch {
    /// Writes content beside a file; returns the number of bytes.
    pub(super) fn prepare(
        &mut self,
        path: &Path,
        content: &mut dyn Read,
        finish: &Finish,
    ) -> io::Result<u64> {
        // A link keeps leading where it leads; what it leads to is replaced.
        let path = match fs::canonicalize(path) {
            Ok(real) if !finish.over_link => real,
            _ => path.to_owned(),
        };
        let old = fs::symlink_metadata(&path).ok().filter(|old| !old.is_symlink());
        let (temporary, mut file) = match beside(&path) {
            Ok(made) => made,
            Err(error) if finish.in_place && is_obstacle(&error) => {
                return overwrite(&path, content);
            }
            Err(error) => return Err(error),
        };
        let length = pour(content, &mut file)?;
        give(&file, &path, old.as_ref(), finish)?;
        let device = file.metadata()?.dev();
        let same_device = self.prepared.iter().filter(|other| other.device == device);
        let file = Some(file).filter(|_| same_device.take(MANY).count() < MANY);
        let in_place = finish.in_place;
        self.prepared.push(Prepared { path, temporary, file, device, in_place });
        Ok(length)
    }

    /// Gives the files their names: contents are on the disk before the first name, names before this returns.
    pub(super) fn publish(self) -> Result<(), (PathBuf, io::Error)> {
        self.sync()?;
        let mut folders = BTreeSet::new();
        for Prepared { path, temporary, in_place, device, .. } in self.prepared {
            match fs::rename(&temporary.path, &path) {
                Ok(()) => temporary.keep(),
                Err(error) if in_place && is_obstacle(&error) => {
                    let copied = File::open(&temporary.path)
                        .and_then(|mut content| overwrite(&path, &mut content));
                    copied.map_err(|error| (path.clone(), error))?;
                }
                Err(error) => return Err((path, error)),
            }
            folders.extend(path.parent().map(|folder| (device, folder.to_owned())));
        }
        sync_folders(&folders);
        Ok(())
    }

    /// Waits until all contents are on the disk.
    fn sync(&self) -> Result<(), (PathBuf, io::Error)> {
        let crowded: BTreeSet<u64> =
            self.prepared.iter().filter(|one| one.file.is_none()).map(|one| one.device).collect();
        let mut done = BTreeSet::new();
        for one in &self.prepared {
            let Some(file) = &one.file else { continue };
            let synced = if !crowded.contains(&one.device) {
                file.sync_all()
            } else if done.insert(one.device) {
                kernel::sync_file_system(file)
            } else {
                Ok(())
            };
            synced.map_err(|error| (one.path.clone(), error))?;
        }
        Ok(())
    }
}

/// Waits until the names in folders are on the disk. Some file systems cannot sync folders; the names are there either
/// way.
fn sync_folders(folders: &BTreeSet<(u64, PathBuf)>) {
    let mut done = BTreeSet::new();
    for (device, folder) in folders {
        let Ok(file) = File::open(folder) else { continue };
        let _unsupported = if folders.len() < MANY {
            file.sync_all()
        } else if done.insert(*device) {
            kernel::sync_file_system(&file)
        } else {
            Ok(())
        };
    }
}

/// Gives a new file its owner and mode.
fn give(file: &File, path: &Path, old: Option<&Metadata>, finish: &Finish) -> io::Result<()> {
    let mut mode = match old {
        Some(old) => old.mode() & 0o7777,
        None => 0o666 & !kernel::umask(),
    };
    if old.is_some() {
        kernel::keep_attributes(path, file);
    }
    let uid = finish.uid.or_else(|| old.map(MetadataExt::uid)).filter(|uid| *uid != kernel::uid());
    let gid = finish.gid.or_else(|| old.map(MetadataExt::gid));
    let gid = gid.filter(|gid| file.metadata().map_or(true, |new| new.gid() != *gid));
    // Owner first: changing it clears set-id bits.
    if (uid.is_some() || gid.is_some())
        && let Err(error) = std::os::unix::fs::fchown(file, uid, gid)
    {
        let asked = finish.uid.is_some() || finish.gid.is_some();
        if asked || error.kind() != io::ErrorKind::PermissionDenied {
            return Err(error);
        }
        // Who may not keep the owner makes the file its own, and must not make it run as somebody else.
        mode &= 0o1777;
    }
    file.set_permissions(fs::Permissions::from_mode(finish.mode.unwrap_or(mode)))
}

/// Returns whether an error means that a file may be written but not replaced: it is a mount point, it is on a file
/// system without renames, or its folder may not be changed.
fn is_obstacle(error: &io::Error) -> bool {
    let obstacles =
        [libc::EACCES, libc::EBUSY, libc::EPERM, libc::EROFS, libc::ETXTBSY, libc::EXDEV];
    error.raw_os_error().is_some_and(|number| obstacles.contains(&number))
}

/// Writes into a file in place.
fn overwrite(path: &Path, content: &mut dyn Read) -> io::Result<u64> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).open(path)?;
    let length = pour(content, &mut file)?;
    file.sync_all()?;
    Ok(length)
}

/// Makes a file under a new name in the folder of a file.
fn beside(path: &Path) -> io::Result<(Temporary, File)> {
    let name = path.file_name().ok_or_else(|| io::Error::from(io::ErrorKind::IsADirectory))?;
    // Long names leave no room for more.
    let name: String = name.to_string_lossy().chars().take(40).collect();
    let number = COUNTER.fetch_add(1, Ordering::Relaxed);
    let path = path.with_file_name(format!(".~fcplay-{}-{number}-{name}", std::process::id()));
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
    Ok((Temporary { path, kept: false }, file))
}

/// A file that is removed unless it is kept.
#[derive(Debug)]
struct Temporary {
    path: PathBuf,
    kept: bool,
}

impl Temporary {
    fn keep(mut self) {
        self.kept = true;
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !self.kept {
            let _gone = fs::remove_file(&self.path);
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
        assert_eq!(replace(&link, &mut b"new".as_slice(), &Finish::default()).unwrap(), 3);
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o7777, 0o640);
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn attributes_of_users_stay() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        fs::write(&path, "old").unwrap();
        let set = |program: &str, words: &[&str]| {
            std::process::Command::new(program).args(words).arg(&path).output()
        };
        // Not every machine has the program, nor every file system such attributes.
        let Ok(done) = set("setfacl", &["-m", "u:1:r"]) else { return };
        if !done.status.success() {
            return;
        }
        let rights = || set("getfacl", &["--omit-header"]).unwrap().stdout;
        let before = rights();
        replace(&path, &mut b"new".as_slice(), &Finish::default()).unwrap();
        assert_eq!(String::from_utf8_lossy(&rights()), String::from_utf8_lossy(&before));
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
        let mut content = b"half".as_slice().chain(Broken);
        assert!(replace(&path, &mut content, &Finish::default()).is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn many_files_wait_for_their_names() {
        let folder = tempfile::tempdir().unwrap();
        let paths: Vec<PathBuf> =
            (0..2 * MANY).map(|n| folder.path().join(n.to_string())).collect();
        let contents = || paths.iter().map(|path| fs::read_to_string(path).unwrap());
        let prepare = || {
            let mut batch = Batch::default();
            for path in &paths {
                batch.prepare(path, &mut b"new".as_slice(), &Finish::default()).unwrap();
            }
            batch
        };
        for path in &paths {
            fs::write(path, "old").unwrap();
        }
        // Cut off before the names: all are old and nothing is left behind.
        drop(prepare());
        assert!(contents().all(|content| content == "old"));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), paths.len());
        // Cut off in the middle of the names: each is old or new as a whole.
        let batch = prepare();
        fs::remove_file(&paths[5]).unwrap();
        fs::create_dir(&paths[5]).unwrap();
        let (path, error) = batch.publish().unwrap_err();
        assert_eq!(
            (path.as_path(), error.kind()),
            (paths[5].as_path(), io::ErrorKind::IsADirectory)
        );
        fs::remove_dir(&paths[5]).unwrap();
        fs::write(&paths[5], "old").unwrap();
        let expected = (0..paths.len()).map(|n| if n < 5 { "new" } else { "old" });
        assert!(contents().eq(expected));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), paths.len());
        prepare().publish().unwrap();
        assert!(contents().all(|content| content == "new"));
    }

    #[test]
    fn owner_and_mode_are_there_before_the_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        let finish = Finish { mode: Some(0o400), ..Finish::default() };
        replace(&path, &mut b"x".as_slice(), &finish).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o7777, 0o400);
        let link = folder.path().join("l");
        std::os::unix::fs::symlink("secret", &link).unwrap();
        let over = Finish { over_link: true, ..Finish::default() };
        replace(&link, &mut b"y".as_slice(), &over).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_file());
        assert_eq!(fs::read_to_string(&path).unwrap(), "x");
    }
}
