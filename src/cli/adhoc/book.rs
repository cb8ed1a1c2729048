//! The playbook that an ad-hoc run is: one play with one task. Its places are the flags of the command line.

use std::path::Path;
use std::sync::Arc;

use crate::base::{Lazy, Map, Position, SourceFile, Value};
use crate::engine::Run;
use crate::playbook::{Action, Item, Loader};
use crate::yaml::{self, Kind, Node};

/// The longest line that is shown of a task.
const WIDEST: usize = 120;

/// What the task is.
pub(super) struct Task {
    /// The hosts.
    pub(super) pattern: String,
    /// The module.
    pub(super) module: String,
    /// Its arguments, as given.
    pub(super) args: Option<String>,
    /// How long it may run in the background; 0 is not there.
    pub(super) background: u64,
    /// How often it is looked at then.
    pub(super) poll: u64,
    /// How long it may take.
    pub(super) timeout: u64,
}

impl Task {
    /// Puts the playbook where the engine finds it.
    pub(super) fn keep(&self, path: &Path, run: &Run) {
        // The line that failures show has the arguments as they are understood, so they are read twice.
        run.files.keep(path, self.book(""));
        let loader = Loader::new(&run.files, &run.words);
        let book = loader.playbook(path);
        let tasks = book.plays.first().map_or(&[][..], |play| &play.tasks);
        let args = match tasks.first() {
            Some(Item::Task(task)) => arguments(&task.action),
            Some(Item::Block(_)) | None => Map::new(),
        };
        run.files.keep(path, self.book(&self.line(args)));
    }

    /// Returns the line that failures show of the task.
    fn line(&self, args: Map) -> String {
        let line = Value::map([
            ("action", self.module.as_str().into()),
            ("args", args.into()),
            ("timeout", self.timeout.into()),
            ("async_val", self.background.into()),
            ("poll", self.poll.into()),
        ]);
        shortened(&line.repr())
    }

    fn book(&self, line: &str) -> Node {
        let place = |name: String, text: &str| Position::new(&SourceFile::new(name, text), 0, 0);
        let at = place(format!("<adhoc '{}' task>", self.module), line);
        let module_at = place("<CLI option '-m'>".to_owned(), &self.module);
        let number = |number: u64| scalar(&at, number.into());
        let mut task = vec![(text(&module_at, &self.module), self.arguments())];
        for (name, value) in
            [("async", self.background), ("poll", self.poll), ("timeout", self.timeout)]
        {
            if self.background > 0 || name == "timeout" && value > 0 {
                task.push((text(&at, name), number(value)));
            }
        }
        let play = vec![
            (text(&at, "name"), text(&at, "Ansible Ad-Hoc")),
            (text(&at, "hosts"), text(&at, &self.pattern)),
            (text(&at, "gather_facts"), scalar(&at, false.into())),
            (text(&at, "tasks"), node(&at, Kind::list(vec![node(&at, Kind::map(task))]))),
        ];
        node(&at, Kind::list(vec![node(&at, Kind::map(play))]))
    }

    fn arguments(&self) -> Node {
        let given = self.args.as_deref().unwrap_or_default();
        let at = Position::new(&SourceFile::new("<CLI option '-a'>", given), 0, 0);
        if given.trim_start().starts_with('{')
            && let Ok(document) = yaml::parse(&at.file, yaml::Trust::Templates)
            && let Some(map) = document.nodes.into_iter().next().filter(Node::is_map)
        {
            return map;
        }
        match given.trim() {
            "" => scalar(&at, Value::Null),
            _ => text(&at, given),
        }
    }
}

/// Returns the arguments of a task as they are understood.
fn arguments(action: &Action) -> Map {
    let plain = |value: &Value| match value {
        Value::Lazy(lazy) => Value::text(Arc::clone(lazy.source())),
        other => other.clone(),
    };
    let named =
        action.args.iter().map(|argument| (argument.name.as_str().into(), plain(&argument.value)));
    let free = action.free_form.iter().map(|given| ("_raw_params".into(), plain(&given.value)));
    named.chain(free).collect::<Vec<(Value, Value)>>().into_iter().collect()
}

fn node(at: &Position, kind: Kind) -> Node {
    Node::new(at.clone(), (0, 0), kind)
}

fn scalar(at: &Position, value: Value) -> Node {
    let raw = Arc::from(value.to_string());
    node(at, Kind::Scalar(value, raw))
}

fn text(at: &Position, chars: &str) -> Node {
    let value = if yaml::is_template(chars) {
        Value::Lazy(Arc::new(Lazy::template(chars, at.clone())))
    } else {
        Value::written(chars)
    };
    node(at, Kind::Scalar(value, Arc::from(chars)))
}

/// Returns a line that is not too long: whole words, and a mark for those that are left out.
fn shortened(line: &str) -> String {
    const MARK: &str = " [...]";
    let words: Vec<&str> = line.split_whitespace().collect();
    let whole = words.join(" ");
    if whole.chars().count() <= WIDEST {
        return whole;
    }
    let mut kept = String::new();
    for word in words {
        let space = usize::from(!kept.is_empty());
        if kept.chars().count() + space + word.chars().count() + MARK.len() > WIDEST {
            break;
        }
        if space > 0 {
            kept.push(' ');
        }
        kept.push_str(word);
    }
    if kept.is_empty() { MARK.trim_start().to_owned() } else { kept + MARK }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_loses_its_last_words() {
        assert_eq!(shortened("a  b"), "a b");
        let long = format!("{} tail", "word ".repeat(30));
        let found = shortened(&long);
        assert!(found.ends_with("word [...]") && found.len() <= WIDEST, "{found}");
    }
}
