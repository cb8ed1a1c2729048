//! Which plays wait for which (`needs`).
//!
//! A play without `needs` waits for all before it, a play with `needs` for those that it names. The plays of an imported
//! playbook belong together: they begin when what imports them may begin, and inside of it the same two rules hold. So a
//! playbook means the same alone and as a part of a site. Only what stands above can be needed, so there are no circles.

mod names;

use std::collections::BTreeSet;
use std::sync::Arc;

use super::run::Run;
use crate::base::{Map, Mistake, Mistakes, Position, Value};
use crate::playbook::{Given, Language, Play, Playbook};

/// A play, or what brings in several.
#[derive(Debug, Default)]
struct Entry {
    name: Option<String>,
    /// What it waits for; nothing when that is all before it.
    needs: Option<Vec<Need>>,
    parts: Parts,
}

#[derive(Debug)]
enum Parts {
    /// A play, by its number in the run.
    Play(usize),
    /// What an import brings in.
    Several(Vec<Entry>),
}

impl Default for Parts {
    fn default() -> Self {
        Self::Several(Vec::new())
    }
}

/// A name in `needs`.
#[derive(Clone, Debug)]
struct Need {
    name: String,
    at: Position,
}

/// A play among the others.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Placed {
    /// Its name, as far as it is known before the run.
    pub name: String,
    /// What imports it, where plays with one name may run side by side.
    pub within: Option<String>,
    /// All plays that have to be through before it, also those that the needed ones need; by their numbers in the run.
    pub after: BTreeSet<usize>,
    /// Whether it, or what imports it, says `needs`.
    pub chooses: bool,
    /// Whether another play may run at the same time.
    pub beside: bool,
}

/// Returns the place of each play of the playbooks, one list a playbook.
pub(super) fn of(run: &Run, playbooks: &[Playbook], mistakes: &mut Mistakes) -> Vec<Vec<Placed>> {
    let mut number = 0;
    let mut reader = Reader { run, mistakes };
    let books = playbooks.iter().map(|playbook| {
        let parts = Parts::Several(reader.entries(&playbook.plays, 0, &mut number));
        Entry { parts, ..Entry::default() }
    });
    let books: Vec<Entry> = books.collect();
    let mut all = placed(&books, number, mistakes).into_iter();
    playbooks.iter().map(|playbook| all.by_ref().take(playbook.plays.len()).collect()).collect()
}

/// Returns the place of each play.
fn placed(books: &[Entry], count: usize, mistakes: &mut Mistakes) -> Vec<Placed> {
    let mut graph = Graph { placed: vec![Placed::default(); count], mistakes };
    graph.level(books, &BTreeSet::new(), false, &mut Vec::new());
    let mut placed = graph.placed;
    for number in 0..count {
        let through = placed[number].after.iter().flat_map(|before| &placed[*before].after);
        let through: BTreeSet<usize> = through.copied().collect();
        placed[number].after.extend(through);
    }
    for number in 0..count {
        for before in 0..number {
            if !placed[number].after.contains(&before) {
                placed[number].beside = true;
                placed[before].beside = true;
            }
        }
    }
    for number in 0..count {
        let Placed { name, within, beside, .. } = &placed[number];
        let is_like = |other: &Placed| other.name == *name && other.within != *within;
        if !beside || !placed.iter().any(is_like) {
            placed[number].within = None;
        }
    }
    placed
}

impl Placed {
    /// Returns what it is called in a report: its name, behind that of what imports it where the name is not enough.
    pub(super) fn title(&self) -> String {
        titled(self.within.as_deref(), &self.name)
    }
}

/// Returns a name behind that of what imports it.
pub(super) fn titled(within: Option<&str>, name: &str) -> String {
    within.map_or_else(|| name.to_owned(), |within| format!("{within}: {name}"))
}

struct Graph<'a> {
    placed: Vec<Placed>,
    mistakes: &'a mut Mistakes,
}

/// The lists around an entry, outermost first, each with the number of the one that leads to it.
type Around<'e> = Vec<(&'e [Entry], usize)>;

impl Graph<'_> {
    /// Places the plays of a list that begins after some others.
    fn level<'e>(
        &mut self,
        entries: &'e [Entry],
        begin: &BTreeSet<usize>,
        chosen: bool,
        around: &mut Around<'e>,
    ) {
        for (number, entry) in entries.iter().enumerate() {
            around.push((entries, number));
            let mut after = begin.clone();
            match &entry.needs {
                None => entries[..number].iter().for_each(|entry| entry.collect(&mut after)),
                Some(needs) => {
                    for need in needs {
                        match names::find(need, around) {
                            Ok(found) => found.collect(&mut after),
                            Err(mistake) => self.mistakes.push(mistake),
                        }
                    }
                }
            }
            let chooses = chosen || entry.needs.is_some();
            match &entry.parts {
                Parts::Play(play) => {
                    let name = entry.name.clone().unwrap_or_default();
                    let mut outer = around[..around.len() - 1].iter();
                    let within = outer.find_map(|(list, number)| list[*number].name.clone());
                    self.placed[*play] = Placed { name, within, after, chooses, beside: false };
                }
                Parts::Several(inner) => self.level(inner, &after, chooses, around),
            }
            around.pop();
        }
    }
}

impl Entry {
    /// Adds the numbers of its plays.
    fn collect(&self, all: &mut BTreeSet<usize>) {
        match &self.parts {
            Parts::Play(number) => {
                all.insert(*number);
            }
            Parts::Several(inner) => inner.iter().for_each(|entry| entry.collect(all)),
        }
    }
}

/// Reads names and needs, which may be templates of what is known before the run.
struct Reader<'a> {
    run: &'a Run,
    mistakes: &'a mut Mistakes,
}

impl Reader<'_> {
    /// Returns the entries of plays that have so many imports in common.
    fn entries(&mut self, plays: &[Arc<Play>], depth: usize, number: &mut usize) -> Vec<Entry> {
        let import = |play: &Play| play.imports.get(depth).map(Arc::as_ptr);
        let mut entries = Vec::new();
        for together in plays.chunk_by(|a, b| import(a).is_some() && import(a) == import(b)) {
            let play = &together[0];
            let Some(import) = play.imports.get(depth) else {
                let needs = self.needs(play.needs.as_deref(), &[&play.vars]);
                entries.push(Entry { name: self.name(play), needs, parts: Parts::Play(*number) });
                *number += 1;
                continue;
            };
            let vars: Vec<&Map> = play.imports[..=depth].iter().map(|one| &*one.vars).collect();
            let name = import.name.as_ref().map(|name| self.text(name, &vars));
            let needs = self.needs(import.needs.as_deref(), &vars);
            let parts = Parts::Several(self.entries(together, depth + 1, number));
            entries.push(Entry { name, needs, parts });
        }
        entries
    }

    /// Returns the name of a play: its pattern of hosts when it has none, as in Ansible.
    fn name(&self, play: &Play) -> Option<String> {
        let vars: [&Map; 1] = [&play.vars];
        match &play.name {
            Some(name) => Some(self.text(name, &vars)),
            None => super::course::pattern_of(&self.fixed(&play.hosts.value, &vars).ok()?).ok(),
        }
    }

    fn text(&self, given: &Given, vars: &[&Map]) -> String {
        self.fixed(&given.value, vars).unwrap_or_else(|_| given.value.clone()).to_string()
    }

    fn fixed(&self, value: &Value, vars: &[&Map]) -> Result<Value, String> {
        let vars: Vec<&Map> =
            std::iter::once(&*self.run.fixed).chain(vars.iter().copied()).collect();
        self.run.words.fixed(value, &vars)
    }

    fn needs(&mut self, given: Option<&[Given]>, vars: &[&Map]) -> Option<Vec<Need>> {
        let mut needs = Vec::new();
        for given in given? {
            match self.fixed(&given.value, vars) {
                Ok(value) => {
                    let names = Given { value, at: given.at.clone() }.each().into_iter();
                    needs.extend(
                        names.map(|name| Need { name: name.value.to_string(), at: name.at }),
                    );
                }
                Err(reason) => {
                    let what = format!("'needs' must be known before the run: {reason}");
                    let hint = "it sees variables of the play and of `-e`, not those of hosts";
                    self.mistakes.push(Mistake::new(what, &given.at).hint(hint));
                }
            }
        }
        Some(needs)
    }
}

#[cfg(test)]
mod tests;
