//! The fake machine of a case: its `before`, what changed afterwards, and the controller's contents.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use fcplay::base::{Map, Value};
use fcplay::module::{Blobs, Failure, Watcher};
use fcplay::system::fake::{Answer, Body, Effect, Fake, Inode, START, State, TEMPORARY};
use fcplay::system::{Channel, Group, Kind, Output, User};

use super::words;

/// Returns the machine that a case begins with.
pub(crate) fn machine(before: &Map) -> Result<Fake, String> {
    let fake = Fake::default();
    for (key, value) in before {
        let key = key.to_string();
        fake.edit(|state| set(state, &key, value))
            .map_err(|error| format!("before.{key}: {error}"))?;
    }
    Ok(fake)
}

fn set(state: &mut State, key: &str, value: &Value) -> Result<(), String> {
    match key {
        "blobs" => {}
        "commands" => {
            for answer in value.as_list().ok_or("must be a list")?.iter() {
                state.answers.push(answer_of(answer)?);
            }
        }
        "env" => state.env.extend(texts(value)),
        // Owners by name need the users, so files that name one come after `users` in the case.
        "files" => {
            for (path, file) in value.as_map().ok_or("must be a map")?.iter() {
                put(state, Path::new(&path.to_string()), file)?;
            }
        }
        "gid" => state.gid = number(value)?,
        "groups" => state.groups.extend(groups(value)?),
        "host_name" => state.host_name = value.to_string(),
        "now" => state.now = value.as_float().ok_or("must be a number")?,
        // `host:port`, and what it says when somebody connects.
        "open" => {
            for (address, words) in texts(value) {
                let (host, port) = address.rsplit_once(':').ok_or("must be host:port")?;
                let port = port.parse().map_err(|_| "must be host:port")?;
                state.open.insert((host.into(), port), words);
            }
        }
        "programs" => {
            let names = value.as_list().ok_or("must be a list")?;
            state.programs.extend(names.iter().map(ToString::to_string));
        }
        "uid" => state.uid = number(value)?,
        "umask" => state.umask = number(value)?,
        "users" => state.users.extend(users(value)?),
        _ => return Err("is not known".into()),
    }
    Ok(())
}

fn number(value: &Value) -> Result<u32, String> {
    value
        .as_int()
        .and_then(|number| u32::try_from(number).ok())
        .ok_or_else(|| format!("{value} is no number"))
}

fn texts(value: &Value) -> BTreeMap<String, String> {
    let pairs = value
        .as_map()
        .map(|map| map.iter().map(|(key, value)| (key.to_string(), value.to_string())));
    pairs.into_iter().flatten().collect()
}

fn argv(value: &Value) -> Vec<String> {
    match value.as_list() {
        Some(list) => list.iter().map(ToString::to_string).collect(),
        None => words(&value.to_string()),
    }
}

fn answer_of(value: &Value) -> Result<Answer, String> {
    let keys = ["after", "host_name", "rc", "removes", "run", "stderr", "stdout", "writes"];
    let map = value.as_map().ok_or("a command must be a map with `run`")?;
    if let Some(key) = map.keys().find(|key| !keys.contains(&key.as_str().unwrap_or_default())) {
        return Err(format!("a command has no key `{key}`"));
    }
    let writes = texts(map.get("writes").unwrap_or(&Value::Null));
    let removes =
        map.get("removes").and_then(Value::as_list).map(|list| list.to_vec()).unwrap_or_default();
    let removes = removes.iter().map(|path| Effect::Remove(PathBuf::from(path.to_string())));
    let writes = writes.into_iter().map(|(path, content)| Effect::Write(path.into(), content));
    let named = map.get("host_name").map(|name| Effect::Name(name.to_string()));
    let after = map.get("after");
    Ok(Answer {
        words: argv(map.get("run").ok_or("a command needs `run`")?),
        output: output_of(value)?,
        after: after.map(output_of).transpose()?,
        after_command: after.and_then(|after| after.get("command")).map(argv),
        effects: removes.chain(writes).chain(named).collect(),
    })
}

fn output_of(value: &Value) -> Result<Output, String> {
    let text =
        |key: &str| value.get(key).map(|text| text.to_string().into_bytes()).unwrap_or_default();
    let code =
        value.get("rc").map(|code| code.as_int().ok_or("`rc` must be a number")).transpose()?;
    Ok(Output {
        code: i32::try_from(code.unwrap_or(0)).map_err(|error| error.to_string())?,
        stdout: text("stdout"),
        stderr: text("stderr"),
        timed_out: false,
    })
}

fn users(value: &Value) -> Result<Vec<User>, String> {
    let list = value.as_list().ok_or("must be a list")?;
    let user = |value: &Value| {
        let text = |key: &str| value.get(key).map(ToString::to_string);
        let name = text("name").ok_or("a user needs a name")?;
        Ok(User {
            uid: number(value.get("uid").ok_or("a user needs a uid")?)?,
            gid: number(value.get("gid").unwrap_or(&Value::Int(100)))?,
            comment: text("comment").unwrap_or_default(),
            home: text("home").unwrap_or_else(|| format!("/home/{name}")),
            shell: text("shell").unwrap_or_else(|| "/bin/sh".into()),
            name,
        })
    };
    list.iter().map(user).collect()
}

fn groups(value: &Value) -> Result<Vec<Group>, String> {
    let list = value.as_list().ok_or("must be a list")?;
    let group = |value: &Value| {
        let members = value.get("members").and_then(Value::as_list).map(|list| list.to_vec());
        Ok(Group {
            name: value.get("name").ok_or("a group needs a name")?.to_string(),
            gid: number(value.get("gid").ok_or("a group needs a gid")?)?,
            members: members.unwrap_or_default().iter().map(ToString::to_string).collect(),
        })
    };
    list.iter().map(group).collect()
}

/// Puts a file of a case: text, or a map that says more.
fn put(state: &mut State, path: &Path, file: &Value) -> Result<(), String> {
    let path_text = path.display();
    let fail = |what: &str| format!("{path_text}: {what}");
    let now = state.now;
    let Some(map) = file.as_map() else {
        state.tree.make(path, Body::File(bytes(file)), now);
        return Ok(());
    };
    let keys = ["content", "group", "kind", "link", "mode", "modified", "owner"];
    if let Some(key) = map.keys().find(|key| !keys.contains(&key.as_str().unwrap_or_default())) {
        return Err(fail(&format!("a file has no key `{key}`")));
    }
    let body = match (map.get("kind").map(ToString::to_string).as_deref(), map.get("link")) {
        (None | Some("link"), Some(target)) => Body::Link(PathBuf::from(target.to_string())),
        (None | Some("file"), None) => {
            Body::File(map.get("content").map(bytes).unwrap_or_default())
        }
        (Some("folder"), None) => Body::Folder,
        (Some("block"), None) => Body::Special(Kind::Block, 2048),
        (Some("character"), None) => Body::Special(Kind::Character, 1281),
        (Some("pipe"), None) => Body::Special(Kind::Pipe, 0),
        (Some("socket"), None) => Body::Special(Kind::Socket, 0),
        _ => {
            return Err(fail(
                "`kind` is none of block, character, file, folder, link, pipe, socket",
            ));
        }
    };
    let owner = map
        .get("owner")
        .map(|name| id(name, state.users.iter().map(|u| (&u.name, u.uid))))
        .transpose();
    let group = map
        .get("group")
        .map(|name| id(name, state.groups.iter().map(|g| (&g.name, g.gid))))
        .transpose();
    let (owner, group) = (owner.map_err(|e| fail(&e))?, group.map_err(|e| fail(&e))?);
    let inode = state.tree.make(path, body, now);
    if let Some(mode) = map.get("mode") {
        inode.mode = bits(mode).map_err(|error| fail(&error))?;
    }
    inode.uid = owner.unwrap_or(0);
    inode.gid = group.unwrap_or(0);
    inode.modified = map.get("modified").and_then(Value::as_float).unwrap_or(now);
    Ok(())
}

fn bytes(value: &Value) -> Vec<u8> {
    match value {
        Value::Bytes(bytes) => bytes.to_vec(),
        Value::Null => Vec::new(),
        other => other.to_string().into_bytes(),
    }
}

fn bits(mode: &Value) -> Result<u32, String> {
    match mode {
        Value::Int(bits) => u32::try_from(*bits).map_err(|error| error.to_string()),
        other => u32::from_str_radix(&other.to_string(), 8).map_err(|error| error.to_string()),
    }
}

fn id<'a>(name: &Value, mut known: impl Iterator<Item = (&'a String, u32)>) -> Result<u32, String> {
    match name {
        Value::Int(_) => number(name),
        name => {
            let name = name.to_string();
            let found = known.find(|(known, _)| **known == name);
            found
                .map(|(_, id)| id)
                .ok_or_else(|| format!("nobody is called {name} (yet: `users` before `files`)"))
        }
    }
}

/// Returns what is different afterwards, by path; nothing stands for what is gone.
pub(crate) fn changes(before: &Fake, after: &Fake) -> BTreeMap<PathBuf, Option<Inode>> {
    let all = |fake: &Fake| -> BTreeMap<PathBuf, Inode> {
        fake.inspect(|state| {
            let lasting = state.tree.iter().filter(|(path, _)| !path.starts_with(TEMPORARY));
            lasting.map(|(path, inode)| (path.to_owned(), inode.clone())).collect()
        })
    };
    let (before, mut after) = (all(before), all(after));
    let mut changes: BTreeMap<PathBuf, Option<Inode>> = BTreeMap::new();
    for (path, old) in before {
        match after.remove(&path) {
            None => {
                changes.insert(path, None);
            }
            Some(new)
                if (&new.body, new.mode, new.uid, new.gid)
                    != (&old.body, old.mode, old.uid, old.gid) =>
            {
                changes.insert(path, Some(new));
            }
            Some(_) => {}
        }
    }
    changes.extend(after.into_iter().map(|(path, inode)| (path, Some(inode))));
    changes
}

/// Returns what is not as the case expects of a file.
pub(crate) fn differs(
    fake: &Fake,
    path: &Path,
    inode: Option<&Inode>,
    expected: &Value,
) -> Option<String> {
    let Some(inode) = inode else {
        return (!expected.is_null()).then(|| format!("{} is gone", path.display()));
    };
    if expected.is_null() {
        return Some(format!("{} is there", path.display()));
    }
    let content = match &inode.body {
        Body::File(content) => Value::text(String::from_utf8_lossy(content).into_owned()),
        Body::Folder | Body::Link(_) | Body::Special(..) => Value::Null,
    };
    let Some(map) = expected.as_map() else {
        let expected = Value::text(expected.to_string());
        return (content != expected).then(|| {
            format!("{} holds {}, not {}", path.display(), content.repr(), expected.repr())
        });
    };
    let found = |key: &str| -> Value {
        match key {
            "content" => content.clone(),
            "group" => fake
                .inspect(|s| s.groups.iter().find(|g| g.gid == inode.gid).map(|g| g.name.clone()))
                .into(),
            "kind" => match inode.body {
                Body::File(_) => "file",
                Body::Folder => "folder",
                Body::Link(_) => "link",
                Body::Special(..) => "special",
            }
            .into(),
            "link" => match &inode.body {
                Body::Link(target) => target.to_string_lossy().into_owned().into(),
                Body::File(_) | Body::Folder | Body::Special(..) => Value::Null,
            },
            "mode" => format!("{:04o}", inode.mode).into(),
            "modified" => inode.modified.into(),
            "owner" => fake
                .inspect(|s| s.users.iter().find(|u| u.uid == inode.uid).map(|u| u.name.clone()))
                .into(),
            other => format!("a file has no key `{other}`").into(),
        }
    };
    map.iter().find_map(|(key, wanted)| {
        let key = key.to_string();
        let wanted = if key == "mode" {
            format!("{:04o}", bits(wanted).ok()?).into()
        } else {
            wanted.clone()
        };
        let got = found(&key);
        (got != wanted)
            .then(|| format!("{}: {key} is {}, not {}", path.display(), got.repr(), wanted.repr()))
    })
}

/// The controller's contents of a case.
pub(crate) struct Contents(pub(crate) Vec<Vec<u8>>);

impl Contents {
    /// Returns the contents that a case lists under `before.blobs`.
    pub(crate) fn of(before: &Map) -> Self {
        let list = before
            .get("blobs")
            .and_then(Value::as_list)
            .map(|list| list.to_vec())
            .unwrap_or_default();
        Self(list.iter().map(bytes).collect())
    }

    fn at(&self, index: usize) -> Result<&[u8], Failure> {
        self.0.get(index).map(Vec::as_slice).ok_or_else(|| Failure::new("no such content"))
    }
}

impl Blobs for Contents {
    fn size(&self, index: usize) -> u64 {
        self.at(index).map_or(0, |content| content.len() as u64)
    }

    fn sha1(&self, index: usize) -> Result<String, Failure> {
        let fake = Fake::default();
        fake.edit(|state| {
            state.tree.make(Path::new("/x"), Body::File(self.0[index].clone()), START).mode = 0o644;
        });
        Ok(fcplay::system::Look::digest(&fake, Path::new("/x"), fcplay::system::Digest::Sha1)?)
    }

    fn want(&self, _indexes: &[usize]) -> Result<(), Failure> {
        Ok(())
    }

    fn open(&self, index: usize) -> Result<Box<dyn Read + '_>, Failure> {
        Ok(Box::new(self.at(index)?))
    }
}

/// Nobody listens.
pub(crate) struct Nobody;

impl Watcher for Nobody {
    fn output(&self, _channel: Channel, _bytes: &[u8]) {}

    fn progress(&self, _what: &str, _done: u64, _all: u64) {}

    fn send(&self, _bytes: &[u8]) -> Result<(), Failure> {
        Ok(())
    }
}
