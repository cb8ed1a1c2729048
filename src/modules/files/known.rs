//! What `stat` and `find` tell of a file.

use std::path::Path;

use crate::base::{Map, Value};
use crate::module::Failure;
use crate::system::{Kind, Look, Meta};

/// Returns type, owner, mode, size and times of a file, with the names of its owner and group.
pub(super) fn known(path: &Path, meta: &Meta, look: &dyn Look) -> Result<Map, Failure> {
    let bit = |bits: u32| Value::Bool(meta.mode & bits != 0);
    let kind = |kind: Kind| Value::Bool(meta.kind == kind);
    let mut values = Map::from_iter([
        ("path", Value::from(path.to_string_lossy().into_owned())),
        ("mode", format!("{:04o}", meta.mode).into()),
        ("isdir", kind(Kind::Folder)),
        ("ischr", kind(Kind::Character)),
        ("isblk", kind(Kind::Block)),
        ("isreg", kind(Kind::File)),
        ("isfifo", kind(Kind::Pipe)),
        ("islnk", kind(Kind::Link)),
        ("issock", kind(Kind::Socket)),
        ("uid", meta.uid.into()),
        ("gid", meta.gid.into()),
        ("size", meta.size.into()),
        ("inode", meta.inode.into()),
        ("dev", meta.device.into()),
        ("nlink", meta.links.into()),
        ("atime", meta.accessed.into()),
        ("mtime", meta.modified.into()),
        ("ctime", meta.changed.into()),
        ("wusr", bit(0o200)),
        ("rusr", bit(0o400)),
        ("xusr", bit(0o100)),
        ("wgrp", bit(0o020)),
        ("rgrp", bit(0o040)),
        ("xgrp", bit(0o010)),
        ("woth", bit(0o002)),
        ("roth", bit(0o004)),
        ("xoth", bit(0o001)),
        ("isuid", bit(0o4000)),
        ("isgid", bit(0o2000)),
    ]);
    if let Some(user) = look.user_by_id(meta.uid)? {
        values.insert("pw_name", user.name.into());
    }
    if let Some(group) = look.group_by_id(meta.gid)? {
        values.insert("gr_name", group.name.into());
    }
    Ok(values)
}
