//! Reading a fake machine.

use std::io;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Body, Fake, Inode};
use crate::system::{
    Address, Command, Digest, Error, FileSystem, Group, Look, Meta, Output, Result, User, Zone,
    digest,
};

/// Whether a missing file is an answer and not an error.
fn is_missing(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::ELOOP | libc::ENOENT | libc::ENOTDIR))
}

impl Fake {
    fn look_up(&self, path: &Path, follow: bool) -> Result<Option<Meta>> {
        self.inspect(|state| match state.tree.resolve(path, follow) {
            Ok(real) => Ok(state.tree.meta(&real)),
            Err(error) if is_missing(&error) => Ok(None),
            Err(error) => Err(Error::file("look at", path, error)),
        })
    }

    /// Returns what `take` makes of the inode a path leads to.
    fn inode<T>(
        &self,
        action: &'static str,
        path: &Path,
        take: impl FnOnce(&Path, &Inode) -> io::Result<T>,
    ) -> Result<T> {
        let found = self.inspect(|state| {
            let real = state.tree.resolve(path, true)?;
            let missing = || io::Error::from_raw_os_error(libc::ENOENT);
            take(&real, state.tree.at(&real).ok_or_else(missing)?)
        });
        found.map_err(|source| Error::file(action, path, source))
    }

    fn content_of(&self, path: &Path) -> Result<Vec<u8>> {
        let readable = self.access(path, 4);
        self.inode("read", path, |_, inode| match &inode.body {
            Body::File(_) if !readable => Err(io::Error::from_raw_os_error(libc::EACCES)),
            Body::File(content) => Ok(content.clone()),
            Body::Folder => Err(io::Error::from_raw_os_error(libc::EISDIR)),
            Body::Link(_) | Body::Special(..) => Ok(Vec::new()),
        })
    }
}

impl Look for Fake {
    fn stat(&self, path: &Path) -> Result<Option<Meta>> {
        self.look_up(path, false)
    }

    fn stat_followed(&self, path: &Path) -> Result<Option<Meta>> {
        self.look_up(path, true)
    }

    fn read(&self, path: &Path) -> Result<Option<Vec<u8>>> {
        match self.content_of(path) {
            Ok(content) => Ok(Some(content)),
            Err(error) if matches!(error.os_error(), Some(libc::ENOENT | libc::ENOTDIR)) => {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    fn open(&self, path: &Path) -> Result<Box<dyn io::Read + Send>> {
        Ok(Box::new(io::Cursor::new(self.content_of(path)?)))
    }

    fn digest(&self, path: &Path, digest: Digest) -> Result<String> {
        let content = self.content_of(path)?;
        digest::hexadecimal(digest, &mut content.as_slice())
            .map_err(|source| Error::file("read", path, source))
    }

    fn list(&self, path: &Path) -> Result<Vec<String>> {
        let real = self.inode("list", path, |real, inode| match inode.body {
            Body::Folder => Ok(real.to_owned()),
            Body::File(_) | Body::Link(_) | Body::Special(..) => {
                Err(io::Error::from_raw_os_error(libc::ENOTDIR))
            }
        })?;
        let mut names: Vec<String> = self.inspect(|state| {
            let names = state.tree.children(&real).into_iter();
            names.map(|name| name.to_string_lossy().into_owned()).collect()
        });
        names.sort();
        Ok(names)
    }

    fn read_link(&self, path: &Path) -> Result<PathBuf> {
        let target = self.inspect(|state| {
            let real = state.tree.resolve(path, false)?;
            match state.tree.at(&real).map(|inode| &inode.body) {
                Some(Body::Link(target)) => Ok(target.clone()),
                Some(_) => Err(io::Error::from_raw_os_error(libc::EINVAL)),
                None => Err(io::Error::from_raw_os_error(libc::ENOENT)),
            }
        });
        target.map_err(|source| Error::file("read the link", path, source))
    }

    fn real_path(&self, path: &Path) -> Result<PathBuf> {
        let mut rest = PathBuf::new();
        let mut known = path.to_owned();
        loop {
            match self.inspect(|state| state.tree.resolve(&known, true)) {
                Ok(real) if rest.as_os_str().is_empty() => return Ok(real),
                Ok(real) => return Ok(real.join(rest)),
                Err(error) if is_missing(&error) => {}
                Err(error) => return Err(Error::file("find", path, error)),
            }
            let (Some(parent), Some(name)) = (known.parent(), known.file_name()) else {
                return Ok(known.join(rest));
            };
            if let Ok(target) = self.read_link(&known) {
                known = parent.join(target);
                continue;
            }
            rest = Path::new(name).join(&rest);
            known = parent.to_owned();
        }
    }

    fn access(&self, path: &Path, bits: u32) -> bool {
        let (uid, gid) = (self.uid(), self.gid());
        let allowed = self.inode("look at", path, |_, inode| {
            let any_execute = inode.mode & 0o111 != 0 || inode.body == Body::Folder;
            Ok(if uid == 0 {
                bits & 1 == 0 || any_execute
            } else if uid == inode.uid {
                inode.mode >> 6 & bits == bits
            } else if gid == inode.gid {
                inode.mode >> 3 & bits == bits
            } else {
                inode.mode & bits == bits
            })
        });
        allowed.unwrap_or(false)
    }

    fn query(&self, command: &Command) -> Result<Output> {
        self.edit(|state| state.queries.push(command.clone()));
        self.reply(command).map(|(output, _)| output)
    }

    fn which(&self, program: &str) -> Option<PathBuf> {
        let path = PathBuf::from(program);
        if path.is_absolute() {
            let known = self.inspect(|state| state.programs.contains(program));
            return (known || self.access(&path, 1)).then_some(path);
        }
        let folders = self.env("PATH").unwrap_or_default();
        let mut places = folders.split(':').map(|folder| Path::new(folder).join(program));
        let is_program = |path: &PathBuf| {
            let key = path.to_string_lossy();
            self.inspect(|state| state.programs.contains(&*key)) || self.access(path, 1)
        };
        if let Some(found) = places.find(is_program) {
            return Some(found);
        }
        let named = self.inspect(|state| {
            let answered = state
                .answers
                .iter()
                .any(|answer| answer.words.first().is_some_and(|word| word == program));
            answered || state.programs.contains(program)
        });
        named.then(|| Path::new("/usr/bin").join(program))
    }

    fn env(&self, name: &str) -> Option<String> {
        self.inspect(|state| state.env.get(name).cloned())
    }

    fn env_all(&self) -> Vec<(String, String)> {
        self.inspect(|state| state.env.clone().into_iter().collect())
    }

    fn user(&self, name: &str) -> Result<Option<User>> {
        Ok(self.inspect(|state| state.users.iter().find(|user| user.name == name).cloned()))
    }

    fn user_by_id(&self, uid: u32) -> Result<Option<User>> {
        Ok(self.inspect(|state| state.users.iter().find(|user| user.uid == uid).cloned()))
    }

    fn group(&self, name: &str) -> Result<Option<Group>> {
        Ok(self.inspect(|state| state.groups.iter().find(|group| group.name == name).cloned()))
    }

    fn group_by_id(&self, gid: u32) -> Result<Option<Group>> {
        Ok(self.inspect(|state| state.groups.iter().find(|group| group.gid == gid).cloned()))
    }

    fn groups_of(&self, user: &str) -> Result<Vec<String>> {
        let has = |group: &&Group| group.members.iter().any(|member| member == user);
        Ok(self.inspect(|state| {
            state.groups.iter().filter(has).map(|group| group.name.clone()).collect()
        }))
    }

    fn uid(&self) -> u32 {
        self.inspect(|state| state.uid)
    }

    fn gid(&self) -> u32 {
        self.inspect(|state| state.gid)
    }

    fn umask(&self) -> u32 {
        self.inspect(|state| state.umask)
    }

    fn host_name(&self) -> String {
        self.inspect(|state| state.host_name.clone())
    }

    fn file_system(&self, _path: &Path) -> Result<FileSystem> {
        Ok(FileSystem {
            size: 10 << 30,
            available: 5 << 30,
            block_size: 4096,
            blocks: 2_621_440,
            blocks_available: 1_310_720,
            inodes: 655_360,
            inodes_available: 327_680,
        })
    }

    fn now(&self) -> f64 {
        self.inspect(|state| state.now)
    }

    fn addresses(&self) -> Result<Vec<Address>> {
        Ok(self.inspect(|state| state.addresses.clone()))
    }

    fn source_address(&self, to: IpAddr) -> Option<IpAddr> {
        self.inspect(|state| {
            let mut own = state.addresses.iter().map(|address| address.ip);
            own.find(|ip| !ip.is_loopback() && ip.is_ipv4() == to.is_ipv4())
        })
    }

    fn zone(&self, _at: f64) -> Zone {
        Zone { name: "UTC".into(), ..Zone::default() }
    }

    fn sleep(&self, time: Duration) {
        self.edit(|state| state.now += time.as_secs_f64());
    }

    fn has_ended(&self) -> bool {
        false
    }

    fn hear(
        &self,
        host: &str,
        port: u16,
        _within: Duration,
        enough: &mut dyn FnMut(&[u8]) -> bool,
    ) -> Result<Option<bool>> {
        let words = self.inspect(|state| state.open.get(&(host.to_owned(), port)).cloned());
        Ok(words.map(|words| enough(words.as_bytes())))
    }

    fn can_connect(&self, host: &str, port: u16, _within: Duration) -> Result<bool> {
        Ok(self.inspect(|state| state.open.contains_key(&(host.to_owned(), port))))
    }
}
