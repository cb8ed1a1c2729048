//! The real machine. The only place with writing `std::fs`, `std::process::Command` and `unsafe`.
//!
//! Nothing here asks the C library for users, groups or addresses: the helper is linked statically, and a static C
//! library knows nothing of the host's plug-ins for that. Files are read, and `getent` answers for the rest.

mod accounts;
mod change;
mod detach;
mod kernel;
#[cfg(feature = "controller")]
mod keyboard;
mod process;
mod replace;
mod signals;
mod terminal;

use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::{
    Address, Command, Digest, Error, FileSystem, Group, Kind, Look, Meta, Output, Result, User,
    Zone, digest,
};

pub use detach::detach;
pub use kernel::keep_freed_memory;
#[cfg(feature = "controller")]
pub use keyboard::{Keyboard, Keys, give_back_keyboard};
pub use process::Children;
pub use signals::end_in_order;
pub use terminal::on_terminal;

/// This machine as one task sees it.
#[derive(Debug)]
pub struct Local {
    environment: Vec<(String, String)>,
    children: Arc<Children>,
    temporary: Mutex<Vec<PathBuf>>,
    prepared: Mutex<replace::Batch>,
}

impl Local {
    /// Returns the machine with more variables in the environment of its programs; those are noted in `children`.
    pub fn new(environment: Vec<(String, String)>, children: Arc<Children>) -> Self {
        Self { environment, children, temporary: Mutex::default(), prepared: Mutex::default() }
    }
}

impl Drop for Local {
    /// Removes temporary folders of the task.
    fn drop(&mut self) {
        for folder in self.temporary.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            let _gone = fs::remove_dir_all(folder);
        }
    }
}

impl Look for Local {
    fn stat(&self, path: &Path) -> Result<Option<Meta>> {
        found(path, fs::symlink_metadata(path))
    }

    fn stat_followed(&self, path: &Path) -> Result<Option<Meta>> {
        found(path, fs::metadata(path))
    }

    fn read(&self, path: &Path) -> Result<Option<Vec<u8>>> {
        match fs::read(path) {
            Ok(content) => Ok(Some(content)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::file("read", path, error)),
        }
    }

    fn open(&self, path: &Path) -> Result<Box<dyn Read + Send>> {
        let file = File::open(path).map_err(|error| Error::file("open", path, error))?;
        Ok(Box::new(file))
    }

    fn digest(&self, path: &Path, kind: Digest) -> Result<String> {
        let mut file = File::open(path).map_err(|error| Error::file("open", path, error))?;
        digest::hexadecimal(kind, &mut file).map_err(|error| Error::file("read", path, error))
    }

    fn list(&self, path: &Path) -> Result<Vec<String>> {
        let failed = |error| Error::file("list", path, error);
        let mut names = Vec::new();
        for entry in fs::read_dir(path).map_err(failed)? {
            names.push(entry.map_err(failed)?.file_name().to_string_lossy().into_owned());
        }
        names.sort();
        Ok(names)
    }

    fn read_link(&self, path: &Path) -> Result<PathBuf> {
        fs::read_link(path).map_err(|error| Error::file("read the link", path, error))
    }

    fn real_path(&self, path: &Path) -> Result<PathBuf> {
        let mut rest = PathBuf::new();
        let mut known =
            std::path::absolute(path).map_err(|error| Error::file("find", path, error))?;
        loop {
            match fs::canonicalize(&known) {
                Ok(real) if rest.as_os_str().is_empty() => return Ok(real),
                Ok(real) => return Ok(real.join(rest)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(Error::file("find", path, error)),
            }
            let (Some(parent), Some(name)) = (known.parent(), known.file_name()) else {
                return Ok(known.join(rest));
            };
            // The kernel tells of links in a circle, so that those that lead nowhere have an end.
            if let Ok(target) = fs::read_link(&known) {
                known = parent.join(target);
                continue;
            }
            rest = Path::new(name).join(&rest);
            known = parent.to_owned();
        }
    }

    fn access(&self, path: &Path, bits: u32) -> bool {
        kernel::access(path, bits)
    }

    fn query(&self, command: &Command) -> Result<Output> {
        process::run(self, command, &mut |_, _| {})
    }

    fn which(&self, program: &str) -> Option<PathBuf> {
        process::which(program, self.env("PATH").as_deref())
    }

    fn env(&self, name: &str) -> Option<String> {
        let own = self.environment.iter().rev().find(|(known, _)| known == name);
        own.map(|(_, value)| value.clone()).or_else(|| std::env::var(name).ok())
    }

    fn env_all(&self) -> Vec<(String, String)> {
        let inherited = std::env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        });
        let mut all: Vec<(String, String)> = inherited
            .filter(|(name, _)| !self.environment.iter().any(|(own, _)| own == name))
            .collect();
        all.extend(self.environment.iter().cloned());
        all
    }

    fn user(&self, name: &str) -> Result<Option<User>> {
        accounts::user(self, name)
    }

    fn user_by_id(&self, uid: u32) -> Result<Option<User>> {
        accounts::user_by_id(self, uid)
    }

    fn group(&self, name: &str) -> Result<Option<Group>> {
        accounts::group(self, name)
    }

    fn group_by_id(&self, gid: u32) -> Result<Option<Group>> {
        accounts::group_by_id(self, gid)
    }

    fn groups_of(&self, user: &str) -> Result<Vec<String>> {
        accounts::groups_of(self, user)
    }

    fn uid(&self) -> u32 {
        kernel::uid()
    }

    fn gid(&self) -> u32 {
        kernel::gid()
    }

    fn umask(&self) -> u32 {
        kernel::umask()
    }

    fn host_name(&self) -> String {
        fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default().trim().to_owned()
    }

    fn file_system(&self, path: &Path) -> Result<FileSystem> {
        kernel::file_system(path).map_err(|error| Error::file("measure", path, error))
    }

    fn now(&self) -> f64 {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        since.map_or(0.0, |time| time.as_secs_f64())
    }

    fn addresses(&self) -> Result<Vec<Address>> {
        kernel::addresses()
            .map_err(|source| Error::Other { action: "list the addresses".into(), source })
    }

    fn source_address(&self, to: std::net::IpAddr) -> Option<std::net::IpAddr> {
        let any = if to.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
        let socket = std::net::UdpSocket::bind(any).ok()?;
        socket.connect((to, 53)).ok()?;
        socket.local_addr().ok().map(|address| address.ip())
    }

    fn zone(&self, at: f64) -> Zone {
        kernel::zone(at)
    }

    fn sleep(&self, time: Duration) {
        // In short steps: a task that is told to end must not sleep on.
        let step = Duration::from_millis(100);
        let mut left = time;
        while !left.is_zero() && !self.has_ended() {
            std::thread::sleep(left.min(step));
            left = left.saturating_sub(step);
        }
    }

    fn has_ended(&self) -> bool {
        self.children.has_ended()
    }

    fn hear(
        &self,
        host: &str,
        port: u16,
        within: Duration,
        enough: &mut dyn FnMut(&[u8]) -> bool,
    ) -> Result<Option<bool>> {
        let deadline = std::time::Instant::now() + within;
        let stream = addresses(self, host, port)?
            .iter()
            .find_map(|address| std::net::TcpStream::connect_timeout(address, within).ok());
        let Some(mut stream) = stream else { return Ok(None) };
        let mut heard = Vec::new();
        let mut buffer = [0; 1024];
        let mut answer = enough(&heard);
        while !answer {
            let left = deadline.saturating_duration_since(std::time::Instant::now());
            // A time of zero would mean without end.
            if left.is_zero() || stream.set_read_timeout(Some(left)).is_err() {
                break;
            }
            match stream.read(&mut buffer) {
                Ok(0) | Err(_) => break,
                Ok(length) => heard.extend_from_slice(&buffer[..length]),
            }
            answer = enough(&heard);
        }
        Ok(Some(answer))
    }

    fn can_connect(&self, host: &str, port: u16, within: Duration) -> Result<bool> {
        Ok(addresses(self, host, port)?
            .iter()
            .any(|address| std::net::TcpStream::connect_timeout(address, within).is_ok()))
    }
}

/// Returns the addresses of a host: a number as it is, a name as `getent` resolves it.
pub fn addresses(machine: &dyn Look, host: &str, port: u16) -> Result<Vec<std::net::SocketAddr>> {
    if let Ok(address) = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>() {
        return Ok(vec![(address, port).into()]);
    }
    let output = machine.query(&Command::new(["getent", "ahosts", host]))?;
    let mut found: Vec<std::net::SocketAddr> = Vec::new();
    for address in output
        .out()
        .lines()
        .filter_map(|line| line.split_whitespace().next()?.parse::<std::net::IpAddr>().ok())
    {
        if !found.iter().any(|known| known.ip() == address) {
            found.push((address, port).into());
        }
    }
    if found.is_empty() && host == "localhost" {
        found.push(([127, 0, 0, 1], port).into());
    }
    Ok(found)
}

fn found(path: &Path, meta: io::Result<fs::Metadata>) -> Result<Option<Meta>> {
    match meta {
        Ok(meta) => Ok(Some(from_metadata(&meta))),
        Err(error) if is_nothing(&error) => Ok(None),
        Err(error) => Err(Error::file("look at", path, error)),
    }
}

/// Returns whether an error means that nothing is there: not even a folder above, or only links in a circle.
fn is_nothing(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::ELOOP | libc::ENOENT | libc::ENOTDIR))
}

fn from_metadata(meta: &fs::Metadata) -> Meta {
    let kind = meta.file_type();
    let time = |seconds: i64, nanos: i64| seconds as f64 + nanos as f64 / 1e9;
    Meta {
        kind: match () {
            () if kind.is_symlink() => Kind::Link,
            () if kind.is_dir() => Kind::Folder,
            () if kind.is_block_device() => Kind::Block,
            () if kind.is_char_device() => Kind::Character,
            () if kind.is_fifo() => Kind::Pipe,
            () if kind.is_socket() => Kind::Socket,
            () => Kind::File,
        },
        mode: meta.mode() & 0o7777,
        uid: meta.uid(),
        gid: meta.gid(),
        size: meta.size(),
        device: meta.dev(),
        inode: meta.ino(),
        links: meta.nlink(),
        special: meta.rdev(),
        block_size: meta.blksize(),
        blocks: meta.blocks(),
        accessed: time(meta.atime(), meta.atime_nsec()),
        modified: time(meta.mtime(), meta.mtime_nsec()),
        changed: time(meta.ctime(), meta.ctime_nsec()),
    }
}
