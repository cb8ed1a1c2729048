//! The files of a fake machine: inodes and their names, with links in the middle of a path followed.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::path::{Component, Path, PathBuf};

use crate::system::{Kind, Meta};

/// What an inode holds.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Body {
    /// A file and its content.
    File(Vec<u8>),
    /// A folder.
    Folder,
    /// A symbolic link and where it points.
    Link(PathBuf),
    /// A device, pipe or socket, with the device number.
    Special(Kind, u64),
}

/// An inode.
#[derive(Clone, Debug, PartialEq)]
pub struct Inode {
    /// What it holds.
    pub body: Body,
    /// The permission bits.
    pub mode: u32,
    /// The owner.
    pub uid: u32,
    /// The group.
    pub gid: u32,
    /// The last access, in seconds since 1970.
    pub accessed: f64,
    /// The last change of the content.
    pub modified: f64,
    /// The last change of the inode.
    pub changed: f64,
}

impl Inode {
    fn new(body: Body, now: f64) -> Self {
        let mode = match body {
            Body::Folder => 0o755,
            Body::Link(_) => 0o777,
            Body::File(_) | Body::Special(..) => 0o644,
        };
        Self { body, mode, uid: 0, gid: 0, accessed: now, modified: now, changed: now }
    }

    fn kind(&self) -> Kind {
        match self.body {
            Body::File(_) => Kind::File,
            Body::Folder => Kind::Folder,
            Body::Link(_) => Kind::Link,
            Body::Special(kind, _) => kind,
        }
    }
}

/// All files.
#[derive(Clone, Debug)]
pub struct Tree {
    names: BTreeMap<PathBuf, u64>,
    inodes: BTreeMap<u64, Inode>,
    next: u64,
}

impl Default for Tree {
    fn default() -> Self {
        let root = Inode::new(Body::Folder, super::START);
        Self {
            names: BTreeMap::from([(PathBuf::from("/"), 2)]),
            inodes: BTreeMap::from([(2, root)]),
            next: 100,
        }
    }
}

/// How many links may follow one another, as Linux has it.
const LINKS: usize = 40;

fn fail<T>(number: i32) -> io::Result<T> {
    Err(io::Error::from_raw_os_error(number))
}

impl Tree {
    /// Returns the inode of exactly this name.
    pub fn at(&self, path: &Path) -> Option<&Inode> {
        self.inodes.get(self.names.get(path)?)
    }

    /// Returns the inode of exactly this name, to change it.
    pub fn at_mut(&mut self, path: &Path) -> Option<&mut Inode> {
        self.inodes.get_mut(self.names.get(path)?)
    }

    /// Returns all names with their inodes.
    pub fn iter(&self) -> impl Iterator<Item = (&Path, &Inode)> {
        self.names.iter().map(|(path, number)| (path.as_path(), &self.inodes[number]))
    }

    /// Puts something there, over what is there, with the folders above it, and returns it.
    pub fn make(&mut self, path: &Path, body: Body, now: f64) -> &mut Inode {
        let parent = path.parent().filter(|parent| !self.names.contains_key(*parent));
        if let Some(parent) = parent {
            self.make(parent, Body::Folder, now);
        }
        let number = self.next;
        self.next += 1;
        self.unlink(path);
        self.names.insert(path.to_owned(), number);
        self.inodes.entry(number).or_insert_with(|| Inode::new(body, now))
    }

    /// Gives an inode another name.
    pub fn link(&mut self, from: &Path, to: &Path) {
        if let Some(number) = self.names.get(from) {
            let number = *number;
            self.unlink(to);
            self.names.insert(to.to_owned(), number);
        }
    }

    /// Takes a name away, and its inode with the last one.
    pub fn unlink(&mut self, path: &Path) {
        if let Some(number) = self.names.remove(path)
            && !self.names.values().any(|other| *other == number)
        {
            self.inodes.remove(&number);
        }
    }

    /// Renames something with everything below it.
    pub fn rename(&mut self, from: &Path, to: &Path) {
        let moved: Vec<PathBuf> =
            self.names.keys().filter(|name| name.starts_with(from)).cloned().collect();
        for name in moved {
            let rest = name.strip_prefix(from).expect("the name starts with it");
            let target = if rest.as_os_str().is_empty() { to.to_owned() } else { to.join(rest) };
            self.link(&name, &target);
            self.unlink(&name);
        }
    }

    /// Returns the names of what is right below a folder.
    pub fn children(&self, folder: &Path) -> Vec<OsString> {
        self.names
            .keys()
            .filter(|name| name.parent() == Some(folder))
            .filter_map(|name| name.file_name().map(OsString::from))
            .collect()
    }

    /// Returns the path without links on the way (the last name's too when `follow`), whether or not something is there.
    pub fn resolve(&self, path: &Path, follow: bool) -> io::Result<PathBuf> {
        self.walk(path, follow, &mut 0)
    }

    fn walk(&self, path: &Path, follow: bool, links: &mut usize) -> io::Result<PathBuf> {
        let mut done = PathBuf::from("/");
        let mut parts = path.components().peekable();
        while let Some(part) = parts.next() {
            match part {
                Component::RootDir | Component::CurDir | Component::Prefix(_) => continue,
                Component::ParentDir => {
                    done.pop();
                    continue;
                }
                Component::Normal(name) => done.push(name),
            }
            let last = parts.peek().is_none();
            match self.at(&done).map(|inode| &inode.body) {
                Some(Body::Link(target)) if follow || !last => {
                    *links += 1;
                    if *links > LINKS {
                        return fail(libc::ELOOP);
                    }
                    done.pop();
                    done = self.walk(&done.join(target), true, links)?;
                }
                None if !last => return fail(libc::ENOENT),
                Some(Body::File(_) | Body::Special(..)) if !last => return fail(libc::ENOTDIR),
                Some(_) | None => {}
            }
        }
        Ok(done)
    }

    /// Returns what `stat` would tell of exactly this name.
    pub fn meta(&self, path: &Path) -> Option<Meta> {
        let number = *self.names.get(path)?;
        let inode = &self.inodes[&number];
        let (size, special) = match &inode.body {
            Body::File(content) => (content.len() as u64, 0),
            Body::Folder => (4096, 0),
            Body::Link(target) => (target.as_os_str().len() as u64, 0),
            Body::Special(_, device) => (0, *device),
        };
        let names = self.names.values().filter(|other| **other == number).count() as u64;
        Some(Meta {
            kind: inode.kind(),
            mode: inode.mode,
            uid: inode.uid,
            gid: inode.gid,
            size,
            device: 2049,
            inode: number,
            links: if inode.body == Body::Folder { 2 } else { names },
            special,
            block_size: 4096,
            blocks: size.div_ceil(4096) * 8,
            accessed: inode.accessed,
            modified: inode.modified,
            changed: inode.changed,
        })
    }
}
