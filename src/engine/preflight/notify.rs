//! Notifications: a name that no handler of the play answers to is told, for its task may change something only today.

use super::Checker;
use crate::base::{Mistake, suggest};
use crate::playbook::load::short;
use crate::playbook::{Block, Given, Item, Origin, Play, Task};

/// What a play notifies, and what answers.
#[derive(Default)]
struct Names {
    notified: Vec<Given>,
    known: Vec<String>,
    /// Whether names exist that only the run knows.
    open: bool,
}

impl Checker<'_> {
    pub(super) fn notifications(&mut self, play: &Play) {
        let mut names = Names::default();
        for (_, items) in play.sections() {
            names.items(&items);
        }
        names.handlers(&play.handlers);
        if names.open {
            return;
        }
        for given in &names.notified {
            let Some(word) = given.value.as_str() else { continue };
            if names.known.iter().any(|known| known == word) {
                continue;
            }
            let known = names.known.iter().map(String::as_str);
            let what = format!("no handler of this play is called `{word}`, nor listens to it");
            let mistake = Mistake::new(what, &given.at).width(word.chars().count());
            self.warnings.push(match suggest::closest(word, known) {
                Some(near) => mistake.label(format!("did you mean `{near}`?")),
                None => mistake,
            });
        }
    }
}

impl Names {
    fn items(&mut self, items: &[Item]) {
        for item in items {
            match item {
                Item::Task(task) => self.task(task),
                Item::Block(block) => self.block(block),
            }
        }
    }

    fn block(&mut self, block: &Block) {
        if let Origin::Role(role) = &block.origin {
            let before = self.known.len();
            self.handlers(&role.handlers);
            let own: Vec<String> =
                self.known[before..].iter().map(|name| format!("{} : {name}", role.name)).collect();
            self.known.extend(own);
        }
        for items in [&block.block, &block.rescue, &block.always] {
            self.items(items);
        }
    }

    fn task(&mut self, task: &Task) {
        self.open |=
            matches!(short(&task.action.word), "include" | "include_role" | "include_tasks");
        self.notified.extend(task.notify.iter().flat_map(Given::each));
    }

    fn handlers(&mut self, items: &[Item]) {
        for item in items {
            match item {
                Item::Task(task) => {
                    self.task(task);
                    for given in task.name.iter().chain(&task.listen) {
                        match given.value.as_str() {
                            Some(name) => self.known.push(name.to_owned()),
                            None => self.open = true,
                        }
                    }
                }
                Item::Block(block) => self.handlers(&block.block),
            }
        }
    }
}
