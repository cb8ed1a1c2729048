//! A machine in memory, for tests of modules: files, users, programs with prepared answers, a clock that stands still.
//!
//! Every act is recorded, so a test can see that check mode acted on nothing. Programs answer what [`Answer`] says; one
//! without an answer is an error, so a test cannot overlook a program. Both sides may use it, only tests do.

mod act;
mod answer;
mod look;
mod tree;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::{Address, Command, Finish, Group, User};

pub use answer::{Answer, Effect};
pub use tree::{Body, Inode, Tree};

/// Where the private temporary folders are; what happens below is no change of the machine.
pub const TEMPORARY: &str = "/tmp/fake";

/// The time at which a fake machine's clock stands at first: 2024-07-03 05:20:00 UTC.
pub const START: f64 = 1_719_984_000.0;

/// A machine in memory.
#[derive(Clone, Debug)]
pub struct Fake {
    state: RefCell<State>,
}

/// What a fake machine consists of.
#[derive(Clone, Debug)]
pub struct State {
    /// Files, folders and links.
    pub tree: Tree,
    /// The user database.
    pub users: Vec<User>,
    /// The group database.
    pub groups: Vec<Group>,
    /// What programs answer, the first that matches.
    pub answers: Vec<Answer>,
    /// Programs that exist without an answer, by name or path.
    pub programs: BTreeSet<String>,
    /// Environment variables.
    pub env: BTreeMap<String, String>,
    /// Hosts and ports that take connections, and what they say then.
    pub open: BTreeMap<(String, u16), String>,
    /// The addresses of its interfaces.
    pub addresses: Vec<Address>,
    /// The time in seconds since 1970.
    pub now: f64,
    /// Effective user number.
    pub uid: u32,
    /// Effective group number.
    pub gid: u32,
    /// Bits that new files do not get.
    pub umask: u32,
    /// The host's name.
    pub host_name: String,
    /// What was done, in order: `replace /etc/hosts`.
    pub acts: Vec<String>,
    /// Programs that were run to change something, in order.
    pub commands: Vec<Command>,
    /// Programs that were asked, in order.
    pub queries: Vec<Command>,
    /// Whether answers for the second run hold.
    pub after: bool,
    prepared: Vec<(PathBuf, Vec<u8>, Finish)>,
    temporary: u32,
}

impl Default for Fake {
    /// Returns a machine with root and the usual folders.
    fn default() -> Self {
        let root = User {
            name: "root".into(),
            comment: "root".into(),
            home: "/root".into(),
            shell: "/bin/bash".into(),
            ..User::default()
        };
        let state = State {
            tree: Tree::default(),
            users: vec![root],
            groups: vec![Group { name: "root".into(), ..Group::default() }],
            answers: Vec::new(),
            programs: BTreeSet::new(),
            env: BTreeMap::from([("PATH".into(), "/usr/sbin:/usr/bin:/sbin:/bin".into())]),
            open: BTreeMap::new(),
            addresses: Vec::new(),
            now: START,
            uid: 0,
            gid: 0,
            umask: 0o022,
            host_name: "fake".into(),
            acts: Vec::new(),
            commands: Vec::new(),
            queries: Vec::new(),
            after: false,
            prepared: Vec::new(),
            temporary: 0,
        };
        let fake = Self { state: RefCell::new(state) };
        for folder in ["/etc", "/root", "/usr/bin", "/var"] {
            fake.folder(folder);
        }
        fake.edit(|state| {
            let tmp = state.tree.make(Path::new("/tmp"), Body::Folder, START);
            tmp.mode = 0o1777;
        });
        fake
    }
}

impl Fake {
    /// Returns what `read` makes of the machine's state.
    pub fn inspect<T>(&self, read: impl FnOnce(&State) -> T) -> T {
        read(&self.state.borrow())
    }

    /// Changes the machine's state without recording it.
    pub fn edit<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.state.borrow_mut())
    }

    /// Puts a file there (root's, 0644), with the folders above it.
    pub fn file(&self, path: &str, content: &str) -> &Self {
        self.edit(|state| {
            let now = state.now;
            state.tree.make(Path::new(path), Body::File(content.into()), now);
        });
        self
    }

    /// Puts a folder there (root's, 0755), with those above it.
    pub fn folder(&self, path: &str) -> &Self {
        self.edit(|state| {
            let now = state.now;
            state.tree.make(Path::new(path), Body::Folder, now);
        });
        self
    }

    /// Prepares the answer of a program: status 0 and this on standard output.
    pub fn answer(&self, words: &[&str], stdout: &str) -> &Self {
        let answer = Answer::new(words.iter().copied(), stdout);
        self.edit(|state| state.answers.push(answer));
        self
    }

    /// Returns the content of a file as text; nothing when it is none.
    pub fn content(&self, path: &str) -> Option<String> {
        self.inspect(|state| match state.tree.at(Path::new(path))?.body {
            Body::File(ref content) => Some(String::from_utf8_lossy(content).into_owned()),
            Body::Folder | Body::Link(_) | Body::Special(..) => None,
        })
    }

    /// Returns the acts so far, those in private temporary folders left out.
    pub fn acts(&self) -> Vec<String> {
        let lasting = |act: &&String| !act.contains(TEMPORARY) || act.starts_with("run ");
        self.inspect(|state| state.acts.iter().filter(lasting).cloned().collect())
    }

    fn note(&self, act: &str, path: &Path) {
        self.edit(|state| state.acts.push(format!("{act} {}", path.display())));
    }

    fn new_temporary(&self) -> PathBuf {
        self.edit(|state| {
            state.temporary += 1;
            let path = Path::new(TEMPORARY).join(state.temporary.to_string());
            let now = state.now;
            state.tree.make(&path, Body::Folder, now).mode = 0o700;
            path
        })
    }
}
