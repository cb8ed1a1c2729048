//! The machine, behind two traits: [`Look`] reads it, [`Act`] changes it.
//!
//! A module sees an `Act` only inside `Job::change`, so check mode cannot be forgotten. [`Local`] is the real machine and
//! the only place with `std::fs` writes, `Command` and `unsafe`; [`Fake`] is one in memory for tests of modules.

mod command;
mod digest;
mod error;
mod expand;
#[doc(hidden)]
pub mod fake;
mod local;
mod meta;

use std::path::{Path, PathBuf};

pub use command::{Channel, Command, Output};
pub use digest::{Digester, digest_of};
pub use error::Error;
pub use expand::expand;
#[doc(hidden)]
pub use fake::Fake;
pub use local::{Children, Local, addresses, detach, end_in_order, keep_freed_memory, on_terminal};
#[cfg(feature = "controller")]
pub use local::{Keyboard, Keys, give_back_keyboard};
pub use meta::{Address, Digest, FileSystem, Finish, Group, Kind, Meta, User, Zone};

/// The result of asking or changing the machine.
pub type Result<T> = std::result::Result<T, Error>;

/// Reads the machine and changes nothing.
pub trait Look {
    /// Returns what is at a path, without following a link there; nothing when there is nothing.
    fn stat(&self, path: &Path) -> Result<Option<Meta>>;

    /// Returns what a path leads to, following links; nothing when there is nothing (a dangling link included).
    fn stat_followed(&self, path: &Path) -> Result<Option<Meta>>;

    /// Returns the content of a file; nothing when it does not exist.
    fn read(&self, path: &Path) -> Result<Option<Vec<u8>>>;

    /// Returns a reader of a file that may be large.
    fn open(&self, path: &Path) -> Result<Box<dyn std::io::Read + Send>>;

    /// Returns the hexadecimal digest of a file.
    fn digest(&self, path: &Path, digest: Digest) -> Result<String>;

    /// Returns the sorted names in a folder.
    fn list(&self, path: &Path) -> Result<Vec<String>>;

    /// Returns where a link points, as it is written in the link.
    fn read_link(&self, path: &Path) -> Result<PathBuf>;

    /// Returns the absolute path without links; the missing rest of a path that does not exist wholly is kept.
    fn real_path(&self, path: &Path) -> Result<PathBuf>;

    /// Returns whether this process may read, write or execute (bits 4, 2, 1) what is at a path.
    fn access(&self, path: &Path, bits: u32) -> bool;

    /// Runs a program that only reads.
    fn query(&self, command: &Command) -> Result<Output>;

    /// Returns the path of a program in `PATH` and the usual system folders.
    fn which(&self, program: &str) -> Option<PathBuf>;

    /// Returns an environment variable of the task.
    fn env(&self, name: &str) -> Option<String>;

    /// Returns all environment variables of the task.
    fn env_all(&self) -> Vec<(String, String)>;

    /// Returns a user by name.
    fn user(&self, name: &str) -> Result<Option<User>>;

    /// Returns a user by number.
    fn user_by_id(&self, uid: u32) -> Result<Option<User>>;

    /// Returns a group by name.
    fn group(&self, name: &str) -> Result<Option<Group>>;

    /// Returns a group by number.
    fn group_by_id(&self, gid: u32) -> Result<Option<Group>>;

    /// Returns the names of all groups that have the user as a member (the primary one not counted).
    fn groups_of(&self, user: &str) -> Result<Vec<String>>;

    /// Returns the effective user number of this process.
    fn uid(&self) -> u32;

    /// Returns the effective group number of this process.
    fn gid(&self) -> u32;

    /// Returns the bits that new files do not get.
    fn umask(&self) -> u32;

    /// Returns the host's name as the kernel knows it.
    fn host_name(&self) -> String;

    /// Returns sizes of the file system that a path is on.
    fn file_system(&self, path: &Path) -> Result<FileSystem>;

    /// Returns the time in seconds since 1970.
    fn now(&self) -> f64;

    /// Returns the addresses of all interfaces, in the kernel's order.
    fn addresses(&self) -> Result<Vec<Address>>;

    /// Returns the address that packets to another host would come from; nothing is sent.
    fn source_address(&self, to: std::net::IpAddr) -> Option<std::net::IpAddr>;

    /// Returns the time zone that holds at a time.
    fn zone(&self, at: f64) -> Zone;

    /// Waits. Tests do not.
    fn sleep(&self, time: std::time::Duration);

    /// Returns whether the task was told to end: what waits should stop waiting.
    fn has_ended(&self) -> bool;

    /// Connects to host and port and listens until `enough` says so of all bytes so far, the other side ends, or the time
    /// is over. Returns what `enough` said last; nothing when the connection did not succeed.
    fn hear(
        &self,
        host: &str,
        port: u16,
        within: std::time::Duration,
        enough: &mut dyn FnMut(&[u8]) -> bool,
    ) -> Result<Option<bool>>;

    /// Returns whether a TCP connection to host and port succeeds within the time.
    fn can_connect(&self, host: &str, port: u16, within: std::time::Duration) -> Result<bool>;
}

/// Changes the machine.
pub trait Act: Look {
    /// Puts content into a file: written beside it, synced, given owner and mode of the file it replaces (0666 without
    /// the umask for a new one), renamed over it. A link at the path is followed.
    fn replace(&self, path: &Path, content: &[u8]) -> Result<()>;

    /// Like [`Act::replace`], from a reader; returns the number of bytes.
    fn replace_from(&self, path: &Path, content: &mut dyn std::io::Read) -> Result<u64> {
        self.replace_as(path, content, &Finish::default())
    }

    /// Like [`Act::replace_from`]; the file has its owner and mode before it has its name, so that nobody can read a
    /// secret in between.
    fn replace_as(
        &self,
        path: &Path,
        content: &mut dyn std::io::Read,
        finish: &Finish,
    ) -> Result<u64>;

    /// Like [`Act::replace_as`] for one of many files: it is written beside its place and gets its name with all others
    /// in [`Act::publish`], so that they are synced together. Those not published when the task ends are removed.
    fn prepare(&self, path: &Path, content: &mut dyn std::io::Read, finish: &Finish)
    -> Result<u64>;

    /// Gives all files that were prepared their names. Each is the old or the new one at any time, also when the power
    /// fails in between.
    fn publish(&self) -> Result<()>;

    /// Makes one folder with mode 0777 less the umask.
    fn make_folder(&self, path: &Path) -> Result<()>;

    /// Makes a symbolic link.
    fn make_link(&self, target: &Path, path: &Path) -> Result<()>;

    /// Makes a hard link.
    fn make_hard_link(&self, target: &Path, path: &Path) -> Result<()>;

    /// Removes a file, a link or an empty folder.
    fn remove(&self, path: &Path) -> Result<()>;

    /// Removes a folder with everything below, following no links.
    fn remove_tree(&self, path: &Path) -> Result<()>;

    /// Renames, over what is there.
    fn rename(&self, from: &Path, to: &Path) -> Result<()>;

    /// Sets the twelve permission bits; follows a link.
    fn set_mode(&self, path: &Path, bits: u32) -> Result<()>;

    /// Sets owner and group, either of which may stay; never follows a link unless `follow`.
    fn set_owner(
        &self,
        path: &Path,
        uid: Option<u32>,
        gid: Option<u32>,
        follow: bool,
    ) -> Result<()>;

    /// Sets access and modification time, in seconds since 1970; nothing leaves one as it is.
    fn set_times(&self, path: &Path, accessed: Option<f64>, modified: Option<f64>) -> Result<()>;

    /// Makes a private temporary folder (mode 0700) and returns its path; it is removed when the task ends.
    fn temporary_folder(&self) -> Result<PathBuf>;

    /// Runs a program to its end.
    fn run(&self, command: &Command) -> Result<Output>;

    /// Runs a program and hands on what it writes as it writes it.
    fn run_watched(
        &self,
        command: &Command,
        watch: &mut dyn FnMut(Channel, &[u8]),
    ) -> Result<Output>;
}
