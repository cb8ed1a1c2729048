//! Changes of the real machine.

use std::fs;
use std::io::Read;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::PoisonError;
use std::sync::atomic::{AtomicU32, Ordering};

use super::{Local, kernel, process, replace};
use crate::system::{Act, Channel, Command, Error, Finish, Look, Output, Result};

static COUNTER: AtomicU32 = AtomicU32::new(0);

impl Act for Local {
    fn replace(&self, path: &Path, content: &[u8]) -> Result<()> {
        self.replace_from(path, &mut &*content).map(drop)
    }

    fn replace_as(&self, path: &Path, content: &mut dyn Read, finish: &Finish) -> Result<u64> {
        replace::replace(path, content, finish).map_err(|error| Error::file("write", path, error))
    }

    fn prepare(&self, path: &Path, content: &mut dyn Read, finish: &Finish) -> Result<u64> {
        let mut prepared = self.prepared.lock().unwrap_or_else(PoisonError::into_inner);
        prepared.prepare(path, content, finish).map_err(|error| Error::file("write", path, error))
    }

    fn publish(&self) -> Result<()> {
        let prepared =
            std::mem::take(&mut *self.prepared.lock().unwrap_or_else(PoisonError::into_inner));
        prepared.publish().map_err(|(path, error)| Error::file("write", &path, error))
    }

    fn make_folder(&self, path: &Path) -> Result<()> {
        fs::create_dir(path).map_err(|error| Error::file("make the folder", path, error))
    }

    fn make_link(&self, target: &Path, path: &Path) -> Result<()> {
        std::os::unix::fs::symlink(target, path)
            .map_err(|error| Error::file("make the link", path, error))
    }

    fn make_hard_link(&self, target: &Path, path: &Path) -> Result<()> {
        fs::hard_link(target, path).map_err(|error| Error::file("make the hard link", path, error))
    }

    fn remove(&self, path: &Path) -> Result<()> {
        let folder = fs::symlink_metadata(path).is_ok_and(|meta| meta.is_dir());
        let removed = if folder { fs::remove_dir(path) } else { fs::remove_file(path) };
        removed.map_err(|error| Error::file("remove", path, error))
    }

    fn remove_tree(&self, path: &Path) -> Result<()> {
        fs::remove_dir_all(path).map_err(|error| Error::file("remove", path, error))
    }

    fn rename(&self, from: &Path, to: &Path) -> Result<()> {
        fs::rename(from, to).map_err(|error| Error::file("rename", from, error))
    }

    fn set_mode(&self, path: &Path, bits: u32) -> Result<()> {
        fs::set_permissions(path, fs::Permissions::from_mode(bits))
            .map_err(|error| Error::file("set the mode of", path, error))
    }

    fn set_owner(
        &self,
        path: &Path,
        uid: Option<u32>,
        gid: Option<u32>,
        follow: bool,
    ) -> Result<()> {
        let set =
            if follow { std::os::unix::fs::chown } else { std::os::unix::fs::lchown::<&Path> };
        set(path, uid, gid).map_err(|error| Error::file("set the owner of", path, error))
    }

    fn set_times(&self, path: &Path, accessed: Option<f64>, modified: Option<f64>) -> Result<()> {
        kernel::set_times(path, accessed, modified)
            .map_err(|error| Error::file("set the times of", path, error))
    }

    fn temporary_folder(&self) -> Result<PathBuf> {
        let base = self.env("TMPDIR").map_or_else(|| PathBuf::from("/tmp"), PathBuf::from);
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        let time = (self.now() * 1e6) as u64;
        let path = base.join(format!("fcplay-{}-{number}-{time:x}", std::process::id()));
        let made = fs::DirBuilder::new().mode(0o700).create(&path);
        made.map_err(|error| Error::file("make the folder", &path, error))?;
        self.temporary.lock().unwrap_or_else(PoisonError::into_inner).push(path.clone());
        Ok(path)
    }

    fn run(&self, command: &Command) -> Result<Output> {
        process::run(self, command, &mut |_, _| {})
    }

    fn run_watched(
        &self,
        command: &Command,
        watch: &mut dyn FnMut(Channel, &[u8]),
    ) -> Result<Output> {
        process::run(self, command, watch)
    }
}
