//! Changing a fake machine.

use std::io;
use std::path::{Path, PathBuf};

use super::{Body, Fake, State, answer};
use crate::system::{Act, Channel, Command, Error, Finish, Output, Result};

fn fail<T>(number: i32) -> io::Result<T> {
    Err(io::Error::from_raw_os_error(number))
}

impl Fake {
    /// Records an act on a path and does it on the path without links on the way.
    fn act<T>(
        &self,
        name: (&str, &'static str),
        path: &Path,
        follow: bool,
        change: impl FnOnce(&mut State, &Path) -> io::Result<T>,
    ) -> Result<T> {
        let (note, action) = name;
        self.note(note, path);
        let done = self.edit(|state| {
            let real = state.tree.resolve(path, follow)?;
            if state.uid != 0 && !state.may_write(&real) {
                return fail(libc::EACCES);
            }
            change(state, &real)
        });
        done.map_err(|source| Error::file(action, path, source))
    }
}

impl State {
    /// Returns whether this process may change what has a name: the file there, else the folder above.
    fn may_write(&self, path: &Path) -> bool {
        let inode = self.tree.at(path).or_else(|| self.tree.at(path.parent()?));
        inode.is_some_and(|inode| {
            let shift = if inode.uid == self.uid {
                6
            } else if inode.gid == self.gid {
                3
            } else {
                0
            };
            inode.mode >> shift & 2 != 0 || inode.uid == self.uid
        })
    }

    /// Returns an error unless the folder that a new name goes into is there.
    fn need_parent(&self, path: &Path) -> io::Result<()> {
        let parent = path.parent().unwrap_or(Path::new("/"));
        match self.tree.at(parent).map(|inode| &inode.body) {
            Some(Body::Folder) => Ok(()),
            Some(_) => fail(libc::ENOTDIR),
            None => fail(libc::ENOENT),
        }
    }

    fn put(&mut self, path: &Path, content: &[u8], finish: &Finish) -> io::Result<()> {
        self.need_parent(path)?;
        let (uid, gid, now) = (self.uid, self.gid, self.now);
        let before =
            self.tree.at(path).map(|inode| (inode.body.clone(), inode.mode, inode.uid, inode.gid));
        if matches!(before, Some((Body::Folder, ..))) {
            return fail(libc::EISDIR);
        }
        let inode = self.tree.make(path, Body::File(content.into()), now);
        (inode.mode, inode.uid, inode.gid) = match before {
            Some((Body::File(_) | Body::Special(..), mode, uid, gid)) => (mode, uid, gid),
            Some((Body::Folder | Body::Link(_), ..)) | None => (0o666 & !self.umask, uid, gid),
        };
        let inode = self.inode(path)?;
        inode.mode = finish.mode.unwrap_or(inode.mode);
        inode.uid = finish.uid.unwrap_or(inode.uid);
        inode.gid = finish.gid.unwrap_or(inode.gid);
        Ok(())
    }

    fn add(&mut self, path: &Path, body: Body, mode: u32) -> io::Result<()> {
        self.need_parent(path)?;
        if self.tree.at(path).is_some() {
            return fail(libc::EEXIST);
        }
        let (uid, gid, now) = (self.uid, self.gid, self.now);
        let inode = self.tree.make(path, body, now);
        (inode.mode, inode.uid, inode.gid) = (mode, uid, gid);
        Ok(())
    }

    fn inode(&mut self, path: &Path) -> io::Result<&mut super::Inode> {
        self.tree.at_mut(path).ok_or_else(|| io::Error::from_raw_os_error(libc::ENOENT))
    }
}

impl Act for Fake {
    fn replace(&self, path: &Path, content: &[u8]) -> Result<()> {
        self.replace_from(path, &mut &*content).map(drop)
    }

    fn replace_as(&self, path: &Path, content: &mut dyn io::Read, finish: &Finish) -> Result<u64> {
        self.act(("replace", "write"), path, !finish.over_link, |state, real| {
            let mut bytes = Vec::new();
            content.read_to_end(&mut bytes)?;
            state.put(real, &bytes, finish)?;
            Ok(bytes.len() as u64)
        })
    }

    fn prepare(&self, path: &Path, content: &mut dyn io::Read, finish: &Finish) -> Result<u64> {
        let mut bytes = Vec::new();
        content.read_to_end(&mut bytes).map_err(|error| Error::file("write", path, error))?;
        let length = bytes.len() as u64;
        self.edit(|state| state.prepared.push((path.to_owned(), bytes, *finish)));
        Ok(length)
    }

    fn publish(&self) -> Result<()> {
        for (path, bytes, finish) in self.edit(|state| std::mem::take(&mut state.prepared)) {
            self.replace_as(&path, &mut &*bytes, &finish)?;
        }
        Ok(())
    }

    fn make_folder(&self, path: &Path) -> Result<()> {
        self.act(("make_folder", "make the folder"), path, false, |state, real| {
            let mode = 0o777 & !state.umask;
            state.add(real, Body::Folder, mode)
        })
    }

    fn make_link(&self, target: &Path, path: &Path) -> Result<()> {
        self.act(("make_link", "make the link"), path, false, |state, real| {
            state.add(real, Body::Link(target.to_owned()), 0o777)
        })
    }

    fn make_hard_link(&self, target: &Path, path: &Path) -> Result<()> {
        self.act(("make_hard_link", "make the link"), path, false, |state, real| {
            let source = state.tree.resolve(target, false)?;
            state.inode(&source)?;
            state.need_parent(real)?;
            if state.tree.at(real).is_some() {
                return fail(libc::EEXIST);
            }
            state.tree.link(&source, real);
            Ok(())
        })
    }

    fn remove(&self, path: &Path) -> Result<()> {
        self.act(("remove", "remove"), path, false, |state, real| {
            let is_folder = state.inode(real)?.body == Body::Folder;
            if is_folder && !state.tree.children(real).is_empty() {
                return fail(libc::ENOTEMPTY);
            }
            state.tree.unlink(real);
            Ok(())
        })
    }

    fn remove_tree(&self, path: &Path) -> Result<()> {
        self.act(("remove_tree", "remove"), path, false, |state, real| {
            state.inode(real)?;
            answer::remove(&mut state.tree, real);
            Ok(())
        })
    }

    fn rename(&self, from: &Path, to: &Path) -> Result<()> {
        let target = to.to_owned();
        self.note("rename to", to);
        self.act(("rename", "rename"), from, false, move |state, real| {
            let target = state.tree.resolve(&target, false)?;
            state.inode(real)?;
            state.need_parent(&target)?;
            if state.tree.at(&target).is_some_and(|inode| inode.body == Body::Folder)
                && !state.tree.children(&target).is_empty()
            {
                return fail(libc::ENOTEMPTY);
            }
            state.tree.rename(real, &target);
            Ok(())
        })
    }

    fn set_mode(&self, path: &Path, bits: u32) -> Result<()> {
        let note = format!("set_mode {bits:04o}");
        self.act((&note, "set the mode of"), path, true, |state, real| {
            let now = state.now;
            let inode = state.inode(real)?;
            (inode.mode, inode.changed) = (bits & 0o7777, now);
            Ok(())
        })
    }

    fn set_owner(
        &self,
        path: &Path,
        uid: Option<u32>,
        gid: Option<u32>,
        follow: bool,
    ) -> Result<()> {
        let word = |id: Option<u32>| id.map_or_else(|| "-".into(), |id| id.to_string());
        let note = format!("set_owner {}:{}", word(uid), word(gid));
        self.act((&note, "set the owner of"), path, follow, |state, real| {
            let now = state.now;
            let inode = state.inode(real)?;
            // As the kernel does, whoever asks.
            if matches!(inode.body, Body::File(_)) {
                inode.mode &= 0o1777;
            }
            inode.uid = uid.unwrap_or(inode.uid);
            inode.gid = gid.unwrap_or(inode.gid);
            inode.changed = now;
            Ok(())
        })
    }

    fn set_times(&self, path: &Path, accessed: Option<f64>, modified: Option<f64>) -> Result<()> {
        self.act(("set_times", "set the times of"), path, true, |state, real| {
            let inode = state.inode(real)?;
            inode.accessed = accessed.unwrap_or(inode.accessed);
            inode.modified = modified.unwrap_or(inode.modified);
            Ok(())
        })
    }

    fn temporary_folder(&self) -> Result<PathBuf> {
        let path = self.new_temporary();
        self.note("temporary_folder", &path);
        Ok(path)
    }

    fn run(&self, command: &Command) -> Result<Output> {
        self.edit(|state| {
            state.acts.push(format!("run {}", command.argv.join(" ")));
            state.commands.push(command.clone());
        });
        let (output, effects) = self.reply(command)?;
        self.apply(&effects);
        Ok(output)
    }

    fn run_watched(
        &self,
        command: &Command,
        watch: &mut dyn FnMut(Channel, &[u8]),
    ) -> Result<Output> {
        let output = self.run(command)?;
        watch(Channel::Out, &output.stdout);
        watch(Channel::Err, &output.stderr);
        Ok(output)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::Look;

    #[test]
    fn a_file_keeps_owner_and_mode() {
        let fake = Fake::default();
        fake.file("/etc/hosts", "a");
        fake.set_mode(Path::new("/etc/hosts"), 0o600).unwrap();
        fake.make_link(Path::new("hosts"), Path::new("/etc/names")).unwrap();
        fake.replace(Path::new("/etc/names"), b"b").unwrap();
        assert_eq!(fake.content("/etc/hosts").as_deref(), Some("b"));
        assert_eq!(fake.stat(Path::new("/etc/hosts")).unwrap().unwrap().mode, 0o600);
        assert_eq!(
            fake.acts(),
            ["set_mode 0600 /etc/hosts", "make_link /etc/names", "replace /etc/names"]
        );
    }

    #[test]
    fn prepared_files_wait_for_their_names() {
        let fake = Fake::default();
        fake.file("/srv/a", "old");
        fake.prepare(Path::new("/srv/a"), &mut b"new".as_slice(), &Finish::default()).unwrap();
        assert_eq!(fake.content("/srv/a").as_deref(), Some("old"));
        assert!(fake.acts().is_empty());
        fake.publish().unwrap();
        assert_eq!(fake.content("/srv/a").as_deref(), Some("new"));
        assert_eq!(fake.acts(), ["replace /srv/a"]);
    }

    #[test]
    fn errors_are_the_kernels() {
        let fake = Fake::default();
        let error = fake.replace(Path::new("/no/file"), b"").unwrap_err();
        assert_eq!(error.to_string(), "cannot write `/no/file`: no such file or directory");
        let error = fake.remove(Path::new("/usr")).unwrap_err();
        assert_eq!(error.os_error(), Some(libc::ENOTEMPTY));
        assert_eq!(fake.read(Path::new("/no/file")).unwrap(), None);
    }

    #[test]
    fn a_tree_moves_and_goes() {
        let fake = Fake::default();
        fake.file("/srv/a/b", "x");
        fake.rename(Path::new("/srv/a"), Path::new("/srv/c")).unwrap();
        assert_eq!(fake.content("/srv/c/b").as_deref(), Some("x"));
        fake.remove_tree(Path::new("/srv/c")).unwrap();
        assert!(fake.list(Path::new("/srv")).unwrap().is_empty());
    }
}
