//! Notes a new host key down in `known_hosts`.

use std::fs::{self, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::sync::Mutex;

use russh::keys::PublicKey;

use super::entry;

/// Hosts are met by many tasks at once: one line at a time.
static WRITING: Mutex<()> = Mutex::new(());

/// Whether names are written in clear.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::connection::ssh) enum Names {
    Clear,
    Hashed,
}

/// Appends a host's key to a file, making the file and its folder when they are missing.
pub(in crate::connection::ssh) fn learn(
    file: &Path,
    host: &str,
    key: &PublicKey,
    names: Names,
) -> io::Result<()> {
    let _guard = WRITING.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(folder) = file.parent().filter(|folder| !folder.exists()) {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let name = match names {
        Names::Clear => host.to_owned(),
        Names::Hashed => entry::hash(host, rand::random()),
    };
    let key = PublicKey::new(key.key_data().clone(), "");
    let key = key.to_openssh().map_err(io::Error::other)?;
    let mut line = format!("{name} {key}\n");
    let mut file =
        OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(file)?;
    if lacks_newline(&mut file) {
        line.insert(0, '\n');
    }
    file.write_all(line.as_bytes())
}

/// Returns whether the file's last line is not ended: somebody's editor left it so.
fn lacks_newline(file: &mut fs::File) -> bool {
    let mut last = [b'\n'];
    let read = file.seek(SeekFrom::End(-1)).and_then(|_| file.read_exact(&mut last));
    read.is_ok() && last != [b'\n']
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::ssh::known_hosts::{Known, Verdict};

    const KEY: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJdD7y3aLq454yWBdwLWbieU1ebz9/cu7/QEXn9OIeZJ";

    #[test]
    fn a_key_is_noted_down_on_its_own_line() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("new/known_hosts");
        let key = PublicKey::from_openssh(&format!("{KEY} a comment")).unwrap();
        learn(&file, "web", &key, Names::Clear).unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), format!("web {KEY}\n"));
        fs::write(&file, "# no newline").unwrap();
        learn(&file, "[web]:22", &key, Names::Hashed).unwrap();
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.starts_with("# no newline\n|1|"), "{text}");
        assert_eq!(Known::read(&[file], "[web]:22").check(&key), Verdict::Known);
    }
}
