//! The modules for files against those of ansible-core: `tests/data/files/expected.json` tells what came of each case
//! there (`make.py` writes it), and here the same case runs on a fake machine.

use std::collections::BTreeMap;
use std::path::Path;

use fcplay::base::{Map, Value, json};
use fcplay::module::{Failure, Job, Outcome, Stage};
use fcplay::system::fake::{Answer, Body, Fake, START, TEMPORARY};
use fcplay::system::{Act, Output};

use crate::common::machine::{Contents, Nobody};

/// What differs from Ansible on purpose: the module, a part of the arguments or of Ansible's message, and why.
const ON_PURPOSE: [(&str, &str, &str); 22] = [
    (
        "assemble",
        "'validate': 'false %s'",
        "check mode runs no validators: what they need may only be predicted",
    ),
    ("assemble", "Invalid Regexp", "the message says more"),
    (
        "blockinfile",
        "'path': '/r/l'",
        "owner and mode are those of the file that is edited, not of the link to it",
    ),
    (
        "blockinfile",
        "'path': '/r/no/where', 'state': 'absent'",
        "no folder is made for a file that is not",
    ),
    (
        "blockinfile",
        "'validate': 'grep -q b'",
        "a validator without %s is refused in check mode too",
    ),
    (
        "blockinfile",
        "Block removed",
        "a last line without a line break stays as it is when there is no block to remove",
    ),
    ("copy", "'dest': '/r/no/where'", "check mode expects the folder of an earlier task"),
    ("copy", "'directory_mode': '0711'", "holds for folders of the host too"),
    ("copy", "'validate': 'true'", "a validator without %s is refused in check mode too"),
    (
        "copy",
        "'dest': '/r/l', 'remote_src': True, 'src': '/r/s', 'validate': 'false %s'",
        "a refused file leaves the old one",
    ),
    (
        "copy",
        "'remote_src': True, 'src': '/r/tree/'",
        "links at the top come along, what was there keeps its owner, and force is about single files",
    ),
    (
        "file",
        "'modification_time': 'preserve', 'path': '/r/l', 'state': 'touch'",
        "links have no mode, in check mode neither",
    ),
    ("file", "'path': '/r/f', 'src': '/r/f', 'state': 'hard'", "a file is a hard link to itself"),
    (
        "file",
        "'follow': False, 'mode': '0600', 'path': '/r/l', 'src': 'f'",
        "links have no mode, in check mode neither",
    ),
    ("file", "mode must be in octal or symbolic form", "the message says more"),
    ("file", "Error, could not touch target.", "the message says more"),
    ("find", "'patterns': '['", "a wrong expression is a failure"),
    (
        "lineinfile",
        "'path': '/r/l'",
        "owner and mode are those of the file that is edited, not of the link to it",
    ),
    (
        "lineinfile",
        "'validate': 'grep -q b'",
        "a validator without %s is refused in check mode too",
    ),
    (
        "replace",
        "'path': '/r/l'",
        "owner and mode are those of the file that is edited, not of the link to it",
    ),
    ("replace", "'validate': 'grep -q b'", "a validator without %s is refused in check mode too"),
    ("replace", "Unable to process replace due to error", "the message says more"),
];

fn text<'a>(row: &'a Value, key: &str) -> &'a str {
    row.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn truth(row: &Value, key: &str) -> bool {
    row.get(key).is_some_and(Value::truth)
}

/// Returns the machine that a case begins with.
fn machine(row: &Value) -> Fake {
    let fake = Fake::default();
    fake.folder("/r");
    let before = row.get("before").and_then(Value::as_map).unwrap();
    for (path, what) in before.iter() {
        put(&fake, &path.to_string(), what);
    }
    fake.edit(|state| {
        let failing = Output { code: 1, ..Output::default() };
        let grep = if truth(row, "failed") { failing.clone() } else { Output::default() };
        for (words, output) in [(["grep", "..."], grep), (["false", "..."], failing)] {
            state.answers.push(Answer { output, ..Answer::new(words, "") });
        }
    });
    fake.edit(|state| state.acts.clear());
    fake
}

fn put(fake: &Fake, path: &str, what: &Value) {
    if let Some(target) = what.get("hard") {
        fake.make_hard_link(Path::new(text(what, "hard")), Path::new(path)).unwrap();
        assert!(target.as_str().is_some());
        return;
    }
    let content = what.as_str().unwrap_or_else(|| text(what, "content"));
    let body = match what.get("link") {
        Some(target) => Body::Link(target.to_string().into()),
        None if text(what, "kind") == "folder" => Body::Folder,
        None if text(what, "encoding") == "latin-1" => {
            Body::File(content.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect())
        }
        None => Body::File(content.into()),
    };
    fake.edit(|state| {
        let age = what.get("age").and_then(Value::as_float).unwrap_or_default();
        let inode = state.tree.make(Path::new(path), body, START);
        inode.modified = START - age;
        inode.accessed = START - age;
        if let Some(mode) = what.get("mode") {
            inode.mode = u32::from_str_radix(&mode.to_string(), 8).unwrap();
        }
    });
}

/// What came of a run.
struct Run {
    changed: bool,
    failed: bool,
    values: Map,
}

fn run(row: &Value, fake: &Fake, check: bool) -> Run {
    let module = fcplay::modules::find(text(row, "module")).unwrap();
    let contents = Contents(Vec::new());
    let stage = Stage { check, diff: true, verbosity: 0 };
    let mut job = Job::new(fake, &Nobody, &contents, stage);
    let args = row.get("args").and_then(Value::as_map).unwrap();
    let (failed, message, mut values) = match module.run(args, &mut job) {
        Ok(Outcome { message, values, .. }) => (false, message, values),
        Err(Failure { message, values }) => (true, message, values),
    };
    if !values.contains_key("msg") && !message.is_empty() {
        values.insert("msg", message.into());
    }
    Run { changed: job.has_changed(), failed, values }
}

/// Returns the name of a backup without process and time.
fn plain(name: &str) -> String {
    let is_stamp = |rest: &str| rest.ends_with('~') && rest.contains('@');
    match name.char_indices().find(|(at, c)| {
        *c == '.'
            && is_stamp(&name[*at..])
            && name[at + 1..].starts_with(|c: char| c.is_ascii_digit())
    }) {
        Some((at, _)) => format!("{}.BACKUP", &name[..at]),
        None => name.to_owned(),
    }
}

/// Returns everything that is different afterwards, as the reference tells it.
fn changes(before: &Fake, after: &Fake) -> BTreeMap<String, Value> {
    let all = |fake: &Fake| -> BTreeMap<String, Value> {
        fake.inspect(|state| {
            let own = state.tree.iter().filter(|(path, _)| {
                path.starts_with("/r") && *path != Path::new("/r") && !path.starts_with(TEMPORARY)
            });
            own.map(|(path, inode)| {
                let mut entry = Map::new();
                match &inode.body {
                    Body::Link(target) => entry.insert("link", target.display().to_string().into()),
                    Body::File(content) => {
                        let names =
                            state.tree.iter().filter(|(_, other)| std::ptr::eq(*other, inode));
                        if names.count() > 1 {
                            entry.insert("hard", true.into());
                        }
                        let latin: String = content.iter().copied().map(char::from).collect();
                        entry.insert("content", latin.into())
                    }
                    Body::Folder | Body::Special(..) => None,
                };
                if !matches!(inode.body, Body::Link(_)) {
                    entry.insert("mode", format!("{:04o}", inode.mode).into());
                }
                entry.insert("uid", inode.uid.into());
                entry.insert("gid", inode.gid.into());
                (plain(&path.display().to_string()), Value::from(entry))
            })
            .collect()
        })
    };
    let (before, mut after) = (all(before), all(after));
    let mut changes = BTreeMap::new();
    for (path, old) in before {
        match after.remove(&path) {
            Some(new) if same(&new, &old) => {}
            Some(new) => drop(changes.insert(path, new)),
            None => drop(changes.insert(path, Value::Null)),
        }
    }
    changes.extend(after);
    changes
}

/// Compares without regard to the order of keys.
fn same(one: &Value, other: &Value) -> bool {
    match (one.as_map(), other.as_map()) {
        (Some(one), Some(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .all(|(key, value)| other.get(key.as_str().unwrap_or_default()) == Some(value))
        }
        _ => one == other,
    }
}

fn compare(row: &Value) -> Vec<String> {
    let start = machine(row);
    let fake = start.clone();
    let done = run(row, &fake, false);
    let mut problems = Vec::new();
    let failed = truth(row, "failed");
    if done.failed != failed {
        problems.push(format!(
            "failed is {}: {:?}",
            done.failed,
            done.values.get("msg").map(Value::repr)
        ));
        return problems;
    }
    if done.changed != truth(row, "changed") && !failed {
        problems.push(format!("changed is {}", done.changed));
    }
    let ours = changes(&start, &fake);
    let theirs = row.get("after").and_then(Value::as_map).unwrap();
    let paths: std::collections::BTreeSet<String> =
        ours.keys().cloned().chain(theirs.keys().map(ToString::to_string)).collect();
    for path in paths {
        let (our, their) = (ours.get(&path), theirs.get(path.as_str()));
        if !our.zip(their).is_some_and(|(our, their)| same(our, their)) {
            problems.push(format!("{path} is {our:?}, theirs {their:?}"));
        }
    }
    problems.extend(compare_values(row, &done));
    let checked = start;
    let prediction = run(row, &checked, true);
    if !checked.acts().is_empty() {
        problems.push(format!("check mode acts: {}", checked.acts().join(", ")));
    }
    if prediction.failed != truth(row, "check_failed") {
        problems.push(format!("in check mode failed is {}", prediction.failed));
    } else if prediction.changed != truth(row, "check") && !prediction.failed {
        problems.push(format!("in check mode changed is {}", prediction.changed));
    }
    problems
}

fn compare_values(row: &Value, done: &Run) -> Vec<String> {
    let theirs = row.get("values").and_then(Value::as_map).unwrap();
    let failed = truth(row, "failed");
    let is_file = text(&Value::from((**theirs).clone()), "state") == "file";
    let mut problems = Vec::new();
    for (key, their) in theirs.iter() {
        let key = key.to_string();
        // Sizes of folders are the file system's; failures tell more here.
        if (key == "size" && !is_file) || (failed && key != "msg") {
            continue;
        }
        let our = match key.as_str() {
            "files" => {
                let files = done.values.get("files").and_then(Value::as_list).unwrap();
                let mut paths: Vec<String> =
                    files.iter().map(|file| text(file, "path").to_owned()).collect();
                paths.sort();
                Value::list(paths.iter().map(Value::from))
            }
            "stat" => {
                let stat = done.values.get("stat").and_then(Value::as_map).unwrap();
                let known = their.as_map().unwrap();
                let kept = stat.iter().filter(|(key, _)| known.contains_key(key.as_str().unwrap()));
                kept.map(|(key, value)| (key.clone(), value.clone())).collect::<Map>().into()
            }
            key => match done.values.get(key) {
                Some(Value::Text(text)) => plain(text.as_str()).into(),
                Some(other) => other.clone(),
                None => Value::Null,
            },
        };
        if !same(&our, their) {
            problems.push(format!("`{key}` is {}, theirs {}", our.repr(), their.repr()));
        }
    }
    problems
}

#[test]
fn as_ansible_has_it() {
    let text_ = std::fs::read_to_string("tests/data/files/expected.json").unwrap();
    let filter = std::env::var("CASE").unwrap_or_default();
    let rows = json::parse(&text_).unwrap();
    let rows = rows.as_list().unwrap();
    let mut problems = Vec::new();
    for row in rows.iter().filter(|row| text(row, "module").contains(&filter)) {
        let found = compare(row);
        // A row without a difference is none.
        let known = ON_PURPOSE.iter().any(|(module, word, _)| {
            let msg = row.get("values").and_then(|values| values.get("msg"));
            *module == text(row, "module")
                && (row.get("args").unwrap().repr().contains(word)
                    || msg.is_some_and(|msg| msg.to_string().contains(word)))
        });
        if !found.is_empty() && !known {
            let (before, args) = (row.get("before").unwrap(), row.get("args").unwrap());
            problems.push(format!(
                "{} {} on {}\n    {}",
                text(row, "module"),
                args.repr(),
                before.repr(),
                found.join("\n    ")
            ));
        }
    }
    assert!(
        problems.is_empty(),
        "\n{}\n{} of {} cases differ\n",
        problems.join("\n"),
        problems.len(),
        rows.len()
    );
}
