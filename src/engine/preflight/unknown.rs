//! Modules that are not there: misspelt, or of a collection that fcplay does not have.

use super::super::language;
use super::Checker;
use crate::base::{Mistake, suggest};
use crate::playbook::load::short;
use crate::playbook::{Keyword, Owner, Task};

impl Checker<'_> {
    /// Tells of a module that is not there. A task that has a condition, or a handler, may never need it:
    /// unless its name is a slip, the run begins all the same.
    pub(super) fn unknown(&mut self, task: &Task) {
        let word = &task.action.word;
        let near = suggest::closest(word, language::words())
            .or_else(|| suggest::closest(short(word), language::words()))
            .or_else(|| suggest::closest(word, Owner::Task.words()));
        let what = format!(
            "couldn't resolve module/action '{word}'. This often indicates a misspelling, missing collection, or incorrect module path"
        );
        let mistake = Mistake::new(what, &task.action.at).width(word.chars().count());
        let is_slip = near.is_some_and(|near| suggest::is_slip(short(word), near));
        if self.is_optional(task) && !is_slip {
            if self.unknown.insert(word.clone()) {
                let hint = "fcplay does not have it: the task fails if it has to run";
                self.warnings.push(mistake.hint(hint));
            }
            return;
        }
        self.mistakes.push(match near {
            Some(near) => mistake.label(format!("did you mean `{near}`?")),
            None => mistake.hint("`fcplay doc -l` lists the modules"),
        });
    }

    /// Tells of a mistake in a template. A filter, test or lookup of a collection that fcplay does not have keeps a run
    /// from starting only where it is needed for sure.
    pub(super) fn template_mistake(&mut self, mistake: Mistake) {
        let name =
            mistake.what.strip_prefix("there is no ").and_then(|rest| rest.split('`').nth(1));
        let is_foreign = name.is_some_and(|name| name.split('.').count() == 3);
        if is_foreign && self.is_needless && mistake.label.is_empty() {
            let hint = "fcplay does not have it: what needs it fails";
            self.warnings.push(mistake.hint(hint));
        } else {
            self.mistakes.push(mistake);
        }
    }

    /// Returns whether a task may never run, or its failure does not matter.
    pub(super) fn is_optional(&self, task: &Task) -> bool {
        self.is_in_handlers || self.is_forgiven(task)
    }

    /// Returns whether a task may be left out, or its failure does not matter.
    pub(super) fn is_forgiven(&self, task: &Task) -> bool {
        self.guards > 0
            || !task.when.is_empty()
            || task.keywords.get(Keyword::IgnoreErrors).is_some()
    }
}
