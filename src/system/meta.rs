//! What is known of files, users, groups and file systems.

/// What kind of thing is at a path.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link.
    Link,
    /// A block device.
    Block,
    /// A character device.
    Character,
    /// A named pipe.
    Pipe,
    /// A socket.
    Socket,
}

/// What `stat` tells.
#[derive(Clone, Debug, PartialEq)]
pub struct Meta {
    /// What it is.
    pub kind: Kind,
    /// The twelve permission bits.
    pub mode: u32,
    /// The owner.
    pub uid: u32,
    /// The group.
    pub gid: u32,
    /// The size in bytes.
    pub size: u64,
    /// The device it is on.
    pub device: u64,
    /// Its number on the device.
    pub inode: u64,
    /// How many names it has.
    pub links: u64,
    /// Its device number, when it is a device.
    pub special: u64,
    /// The block size in bytes.
    pub block_size: u64,
    /// How many blocks of 512 bytes it takes.
    pub blocks: u64,
    /// The time of the last access, in seconds since 1970.
    pub accessed: f64,
    /// The time of the last change of its content.
    pub modified: f64,
    /// The time of the last change of its inode.
    pub changed: f64,
}

impl Meta {
    /// Returns whether it is a folder.
    pub fn is_folder(&self) -> bool {
        self.kind == Kind::Folder
    }

    /// Returns whether it is a regular file.
    pub fn is_file(&self) -> bool {
        self.kind == Kind::File
    }

    /// Returns whether it is a symbolic link.
    pub fn is_link(&self) -> bool {
        self.kind == Kind::Link
    }
}

/// How a file is written: what it has before anybody can see it.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Finish {
    /// The owner; nothing means that of the file that is replaced, else that of the process.
    pub uid: Option<u32>,
    /// The group, likewise.
    pub gid: Option<u32>,
    /// The mode; nothing means that of the file that is replaced, else 0666 without the umask.
    pub mode: Option<u32>,
    /// Whether a link at the path is replaced itself, not what it leads to.
    pub over_link: bool,
    /// Whether a file that cannot be renamed over (a mount point) is written in place, which is not atomic.
    pub in_place: bool,
}

/// A line of the user database.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct User {
    /// The login name.
    pub name: String,
    /// The number.
    pub uid: u32,
    /// The primary group.
    pub gid: u32,
    /// The comment field.
    pub comment: String,
    /// The home folder.
    pub home: String,
    /// The login shell.
    pub shell: String,
}

/// A line of the group database.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Group {
    /// The name.
    pub name: String,
    /// The number.
    pub gid: u32,
    /// The members besides those who have it as their primary group.
    pub members: Vec<String>,
}

/// Sizes of a file system, in bytes and inodes.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct FileSystem {
    /// All of it, in bytes.
    pub size: u64,
    /// What ordinary users may still use, in bytes.
    pub available: u64,
    /// The block size in bytes.
    pub block_size: u64,
    /// All blocks.
    pub blocks: u64,
    /// The free blocks that ordinary users may use.
    pub blocks_available: u64,
    /// All inodes.
    pub inodes: u64,
    /// The free inodes.
    pub inodes_available: u64,
}

/// An address of an interface.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Address {
    /// The interface, or the label of an alias (`eth0:1`).
    pub interface: String,
    /// The address.
    pub ip: std::net::IpAddr,
    /// How many bits its network has.
    pub prefix: u8,
    /// The broadcast address.
    pub broadcast: Option<std::net::IpAddr>,
}

/// The time zone at some time.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Zone {
    /// Its short name (`UTC`, `CEST`).
    pub name: String,
    /// The seconds it is ahead of UTC.
    pub offset: i64,
    /// Whether clocks are set forward for the summer.
    pub summer: bool,
}

/// A digest that modules offer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Digest {
    /// MD5.
    Md5,
    /// SHA-1.
    Sha1,
    /// SHA-224.
    Sha224,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}
