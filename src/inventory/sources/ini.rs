//! INI inventories: `[group]`, `[group:children]`, `[group:vars]`, a host with its variables on each line.
//!
//! Values are Python literals where they look like one and text otherwise. The whole file is read even after a mistake,
//! so that all of them are told at once,
//! except where mistakes are warnings.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Reading, Text};
use crate::base::{Lazy, Mistake, Position, Text as Chars, Value, suggest};
use crate::inventory::graph::{Graph, UNGROUPED};
use crate::inventory::{address, literal, words};
use crate::yaml::is_template;

/// What the lines of a section are.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Section {
    Hosts,
    Children,
    Vars,
}

const SECTIONS: [(&str, Section); 3] =
    [("children", Section::Children), ("hosts", Section::Hosts), ("vars", Section::Vars)];

/// More mistakes than this say nothing new.
const MOST_MISTAKES: usize = 20;

pub(super) fn read(text: &Text<'_>, reading: &mut Reading<'_>) {
    if !reading.may_read(&["ini"], text) {
        return;
    }
    let mut reader = Reader {
        source: text,
        line: Position::new(text.file, 0, 1),
        group: UNGROUPED,
        section: Section::Hosts,
        waiting: Vec::new(),
        undeclared: Vec::new(),
        names: HashMap::new(),
    };
    let mut failed = 0;
    for (number, line) in (1..).zip(text.text.lines()) {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
            continue;
        }
        let indent = line.chars().count() - line.trim_start().chars().count();
        reader.line = Position::new(text.file, number, u32::try_from(indent).unwrap_or(0) + 1);
        if let Err(mistake) = reader.read(trimmed, reading.graph) {
            reading.push(mistake);
            failed += 1;
            if failed >= MOST_MISTAKES || reading.is_over() {
                return;
            }
        }
    }
    reader.check_declared(reading);
}

/// Returns a value that shares no list and no map with the other one.
fn copied(value: &Value) -> Value {
    match value {
        Value::List(items) => Value::list(items.iter().map(copied)),
        Value::Map(map) => Value::map(map.iter().map(|(key, value)| (key.clone(), copied(value)))),
        other => other.clone(),
    }
}

struct Reader<'a> {
    source: &'a Text<'a>,
    line: Position,
    group: usize,
    section: Section,
    /// Children that are named before their group is declared: parent, child, place.
    waiting: Vec<(usize, String, Position)>,
    /// Groups of which so far only variables were met.
    undeclared: Vec<(String, Position)>,
    /// Names of variables, each kept once.
    names: HashMap<String, Arc<str>>,
}

impl Reader<'_> {
    fn read(&mut self, line: &str, graph: &mut Graph) -> Result<(), Mistake> {
        if let Some((name, kind)) = header(line) {
            return self.open(name, kind, graph);
        }
        if line.starts_with('[') && line.ends_with(']') {
            return Err(self.mistake(line, "this is no section").hint(
                "write `[group]`, `[group:vars]` or `[group:children]`, without blanks in the name",
            ));
        }
        match self.section {
            Section::Hosts => self.host(line, graph),
            Section::Vars => self.variable(line, graph),
            Section::Children => self.child(line, graph),
        }
    }

    fn open(&mut self, name: &str, kind: Option<&str>, graph: &mut Graph) -> Result<(), Mistake> {
        let kind = kind.unwrap_or("hosts");
        let Some((_, section)) = SECTIONS.iter().find(|(word, _)| *word == kind) else {
            let mistake = self.mistake(kind, &format!("`{kind}` is no kind of section"));
            let near = suggest::closest(kind, SECTIONS.iter().map(|(word, _)| *word));
            return Err(match near {
                Some(near) => mistake.label(format!("did you mean `{near}`?")),
                None => mistake.hint("write `[group]`, `[group:vars]` or `[group:children]`"),
            });
        };
        self.section = *section;
        let name = &*graph.group_name(name);
        let is_waiting = self.waiting.iter().any(|(_, child, _)| child == name);
        if !graph.groups.contains_key(name) && *section == Section::Vars && !is_waiting {
            self.undeclared.push((name.to_owned(), self.line.clone()));
        }
        self.group = graph.add_group(name);
        if *section == Section::Vars {
            return Ok(());
        }
        self.undeclared.retain(|(group, _)| group != name);
        let (here, waiting) =
            std::mem::take(&mut self.waiting).into_iter().partition(|(_, child, _)| child == name);
        self.waiting = waiting;
        let here: Vec<(usize, String, Position)> = here;
        here.into_iter().try_for_each(|(parent, _, at)| add_child(graph, parent, self.group, &at))
    }

    fn child(&mut self, line: &str, graph: &mut Graph) -> Result<(), Mistake> {
        let name = line.split('#').next().unwrap_or_default().trim_end();
        if name.is_empty() || name.contains([':', ']']) || name.contains(char::is_whitespace) {
            return Err(self
                .mistake(line, "this is no name of a group")
                .hint("each line below `[group:children]` is the name of one group"));
        }
        let name = &*graph.group_name(name);
        match graph.groups.get_index_of(name) {
            Some(child) => add_child(graph, self.group, child, &self.line),
            None => {
                self.waiting.push((self.group, name.to_owned(), self.line.clone()));
                Ok(())
            }
        }
    }

    fn variable(&mut self, line: &str, graph: &mut Graph) -> Result<(), Mistake> {
        let Some((name, value)) = line.split_once('=') else {
            return Err(self
                .mistake(line, "this is no `name=value`")
                .hint("below `[group:vars]` each line sets one variable"));
        };
        let behind = name.chars().count() + 1;
        let blanks = value.chars().count() - value.trim_start().chars().count();
        let (name, value) = (name.trim(), value.trim());
        if name == "ansible_group_priority" {
            let digits = value.trim_matches(['"', '\'']);
            graph.group_mut(self.group).priority = digits.parse().map_err(|_| {
                self.mistake(line, "`ansible_group_priority` must be a whole number")
            })?;
            return Ok(());
        }
        let value = self.value(value, &self.at(behind + blanks));
        let (name, at) = (self.name(name), self.line.clone());
        graph.set_group_var(self.group, &name, value, &at);
        Ok(())
    }

    fn host(&mut self, line: &str, graph: &mut Graph) -> Result<(), Mistake> {
        let parts = words::split(line).map_err(|why| self.mistake(line, why))?;
        let Some(((pattern, _), assignments)) = parts.split_first() else { return Ok(()) };
        let (hosts, port) = address::expand(pattern).map_err(|why| self.mistake(pattern, &why))?;
        if pattern.ends_with(':') || pattern == "---" {
            return Err(self
                .mistake(pattern, &format!("`{pattern}` is no name of a host"))
                .hint("if this is YAML, give the file a name that ends with `.yml`"));
        }
        let mut vars = Vec::with_capacity(assignments.len());
        for (word, column) in assignments {
            let offset = *column as usize - 1;
            let Some((name, value)) = word.split_once('=') else {
                let what = format!("`{word}` is no `name=value`");
                return Err(Mistake::new(what, &self.at(offset)).width(word.chars().count()).hint(
                    if line.starts_with('[') {
                        "a comment behind a section starts with `#`"
                    } else {
                        "quote a value with blanks in it; each line names one host"
                    },
                ));
            };
            let value = self.value(value, &self.at(offset + name.chars().count() + 1));
            vars.push((self.name(name), value, self.at(offset)));
        }
        for host in hosts {
            let host = graph.add_host(&host, self.group, port);
            for (name, value, at) in &vars {
                // Each host has values of its own: what one shares with another one is not theirs.
                graph.set_host_var(host, name, copied(value), at);
            }
        }
        Ok(())
    }

    fn value(&self, source: &str, at: &Position) -> Value {
        let text = |text: String| {
            if is_template(&text) {
                Value::Lazy(Arc::new(Lazy::template(text, at.clone())))
            } else if self.source.secret {
                Value::Text(Chars::secret(text).into_written())
            } else {
                Value::written(text)
            }
        };
        literal::parse(source, &text).unwrap_or_else(|| text(source.to_owned()))
    }

    /// Returns the place so many characters into the trimmed line.
    fn at(&self, offset: usize) -> Position {
        let column = self.line.column + u32::try_from(offset).unwrap_or(0);
        Position::new(&self.line.file, self.line.line, column)
    }

    fn name(&mut self, name: &str) -> Arc<str> {
        if let Some(name) = self.names.get(name) {
            return Arc::clone(name);
        }
        let shared: Arc<str> = Arc::from(name);
        self.names.insert(name.to_owned(), Arc::clone(&shared));
        shared
    }

    /// Returns a mistake on this line that underlines a part of it.
    fn mistake(&self, part: &str, what: &str) -> Mistake {
        let line = self.line.file.line(self.line.line).unwrap_or_default();
        let column = line.find(part).map_or(0, |place| line[..place].chars().count());
        let at =
            Position::new(&self.line.file, self.line.line, u32::try_from(column).unwrap_or(0) + 1);
        Mistake::new(what, &at).width(part.chars().count())
    }

    fn check_declared(&self, reading: &mut Reading<'_>) {
        let declared = |name: &str| {
            suggest::closest(name, reading.graph.groups.keys().map(|group| &**group))
                .map(str::to_owned)
        };
        let label = |mistake: Mistake, name: &str| match declared(name) {
            Some(near) => mistake.label(format!("did you mean `{near}`?")),
            None => mistake.hint(format!("declare it: `[{name}]`")),
        };
        let missing = |name: &str, at: &Position, width: usize| {
            label(Mistake::new(format!("there is no group `{name}`"), at).width(width), name)
        };
        let vars = self.undeclared.iter().map(|(name, at)| missing(name, at, name.len() + 7));
        let children = self.waiting.iter().map(|(_, name, at)| missing(name, at, name.len()));
        let mut mistakes: Vec<_> = vars.chain(children).collect();
        mistakes.sort_by_key(|mistake| mistake.at.line);
        mistakes.into_iter().for_each(|mistake| reading.mistakes.push(mistake));
    }
}

/// Takes `[name:kind]` apart; a comment may follow.
fn header(line: &str) -> Option<(&str, Option<&str>)> {
    let (inner, rest) = line.strip_prefix('[')?.split_once(']')?;
    let rest = rest.trim_start();
    if !rest.is_empty() && !rest.starts_with('#') {
        return None;
    }
    let (name, kind) = match inner.split_once(':') {
        Some((name, kind)) => (name, Some(kind)),
        None => (inner, None),
    };
    let is_word =
        |kind: &str| !kind.is_empty() && kind.chars().all(|c| c.is_alphanumeric() || c == '_');
    let valid = !name.is_empty() && !name.contains(char::is_whitespace) && kind.is_none_or(is_word);
    valid.then_some((name, kind))
}

fn add_child(graph: &mut Graph, parent: usize, child: usize, at: &Position) -> Result<(), Mistake> {
    if graph.add_child(parent, child).is_some() {
        return Ok(());
    }
    let name = |number: usize| graph.groups[number].name.clone();
    Err(Mistake::new(format!("`{}` would be below itself", name(child)), at)
        .width(name(child).chars().count())
        .hint(format!(
            "`{}` is `{}` or below it; take one of the two out",
            name(parent),
            name(child)
        )))
}
