//! Tasks and handlers.

use super::{Loader, Place, each, given};
use crate::base::{Mistake, suggest};
use crate::playbook::Owner;
use crate::playbook::model::{Action, Loop, LoopControl, Task};
use crate::yaml::Node;

impl Loader<'_> {
    /// Loads a task; nothing when its action is not clear.
    pub(super) fn task(&self, node: &Node, place: &Place) -> Option<Task> {
        let common = self.common(node, Owner::Task);
        let mut task = Task {
            at: node.at.clone(),
            name: common.name,
            keywords: common.keywords,
            tags: common.tags,
            vars: common.vars,
            folder: place.folder.clone(),
            ..Task::default()
        };
        let mut args = None;
        let mut control = None;
        let mut actions: Vec<(&str, &Node, &Node)> = Vec::new();
        for (word, key, value) in common.rest {
            match word {
                "when" => task.when = each(value),
                "register" => task.register = Some(given(value)),
                "until" => task.until = each(value),
                "retries" => task.retries = Some(given(value)),
                "delay" => task.delay = Some(given(value)),
                "changed_when" => task.changed_when = Some(each(value)),
                "failed_when" => task.failed_when = Some(each(value)),
                "notify" => task.notify = each(value),
                "async" => task.r#async = Some(given(value)),
                "poll" => task.poll = Some(given(value)),
                "args" => args = Some(value),
                "loop_control" => control = Some(value),
                "listen" if place.handlers => task.listen = each(value),
                "loop" => self.set_loop(&mut task, None, value),
                "action" | "local_action" => actions.push((word, key, value)),
                _ => match word.strip_prefix("with_") {
                    Some(lookup) => self.set_loop(&mut task, Some(lookup), value),
                    None => actions.push((word, key, value)),
                },
            }
        }
        task.action = self.action(node, &actions, args)?;
        self.refuse_internal(&task.action);
        if actions.iter().any(|(word, ..)| *word == "local_action") {
            let given = crate::playbook::model::Given {
                value: "localhost".into(),
                at: task.action.at.clone(),
            };
            task.keywords.set(crate::playbook::Keyword::DelegateTo, given);
        }
        if let Some(control) = control {
            let control = self.loop_control(control);
            // Without a loop it has no effect, as in Ansible.
            if let Some(repeat) = &mut task.repeat {
                repeat.control = control;
            }
        }
        Some(task)
    }

    fn set_loop(&self, task: &mut Task, lookup: Option<&str>, value: &Node) {
        if task.repeat.is_some() {
            self.mistake(
                Mistake::new("duplicate loop in task", &value.at)
                    .hint("a task has one loop at most"),
            );
        }
        let lookup = lookup.map(str::to_owned);
        task.repeat = Some(Loop { lookup, over: given(value), control: LoopControl::default() });
    }

    /// Finds the one word that is the action, and reads its arguments.
    fn action(
        &self,
        node: &Node,
        actions: &[(&str, &Node, &Node)],
        args: Option<&Node>,
    ) -> Option<Action> {
        // A misspelt keyword beside a real module must not hide the module.
        let known: Vec<_> = actions.iter().filter(|(word, ..)| self.is_action(word)).collect();
        let (word, key, value) = match (known.as_slice(), actions) {
            ([one], _) => {
                for (word, key, _) in actions.iter().filter(|(word, ..)| *word != one.0) {
                    self.unknown_or_second(word, key, one.0);
                }
                **one
            }
            ([], [one]) => *one,
            ([], []) => {
                let what = "no module/action detected in task.";
                self.mistake(
                    Mistake::new(what, &node.at)
                        .hint("add the module that does the work, as in `command: …`"),
                );
                return None;
            }
            _ => {
                let words: Vec<_> = actions.iter().map(|(word, ..)| *word).collect();
                let what = format!("conflicting action statements: {}", words.join(", "));
                self.mistake(Mistake::new(what, &actions[1].1.at).width(actions[1].0.len()));
                return None;
            }
        };
        self.read_action(word, key, value, args)
    }

    fn is_action(&self, word: &str) -> bool {
        matches!(word, "action" | "local_action") || self.language.is_action(word)
    }

    fn unknown_or_second(&self, word: &str, key: &Node, action: &str) {
        match suggest::closest(word, Owner::Task.words()) {
            Some(_) => self.unknown_word(Owner::Task, word, key),
            None => {
                let what = format!("conflicting action statements: {action}, {word}");
                let hint = format!(
                    "`{word}` is neither a keyword of tasks nor a module; is it indented too little?"
                );
                self.mistake(Mistake::new(what, &key.at).width(word.chars().count()).hint(hint));
            }
        }
    }

    fn loop_control(&self, node: &Node) -> LoopControl {
        let mut control = LoopControl::default();
        for (key, value) in node.entries() {
            let word = key.as_str().unwrap_or_default();
            match word {
                "loop_var" => control.loop_var = Some(given(value)),
                "index_var" => control.index_var = Some(given(value)),
                "label" => control.label = Some(given(value)),
                "pause" => control.pause = Some(given(value)),
                "extended" => control.extended = Some(given(value)),
                "extended_allitems" => control.extended_allitems = Some(given(value)),
                "break_when" => control.break_when = each(value),
                _ => {
                    const WORDS: [&str; 7] = [
                        "break_when",
                        "extended",
                        "extended_allitems",
                        "index_var",
                        "label",
                        "loop_var",
                        "pause",
                    ];
                    let what = format!("'{word}' is not a valid attribute for a LoopControl");
                    let mistake = Mistake::new(what, &key.at).width(word.chars().count());
                    self.mistake(match suggest::closest(word, WORDS) {
                        Some(near) => mistake.label(format!("did you mean `{near}`?")),
                        None => mistake,
                    });
                }
            }
        }
        if !node.is_map() {
            self.mistake(Mistake::new("`loop_control` must be a dictionary", &node.at));
        }
        control
    }
}
