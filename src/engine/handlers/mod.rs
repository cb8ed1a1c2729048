//! Handlers of a play: who listens to what, and which hosts have notified which.

pub(super) mod collect;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use super::frame::Frame;
use crate::playbook::{Item, Task};

/// A handler with what is around it.
#[derive(Clone, Debug)]
pub(super) struct Handler {
    /// The task.
    pub task: Arc<Task>,
    /// What it inherits.
    pub frame: Frame,
    /// Its name, resolved; nothing when it has none or it cannot be resolved.
    pub name: Option<String>,
    /// The topics it listens to.
    pub topics: Vec<String>,
    /// Why nothing can notify it: its name cannot be resolved, and it listens to nothing.
    pub unusable: Option<String>,
}

impl Handler {
    /// Returns whether a notification means it by its name: `name`, or `role : name`.
    fn answers_to(&self, word: &str) -> bool {
        self.name.as_deref().is_some_and(|name| self.is_called(name, word))
    }

    /// Returns whether it listens to a notification: `topic`, or `role : topic`.
    fn listens_to(&self, word: &str) -> bool {
        self.topics.iter().any(|topic| self.is_called(topic, word))
    }

    fn is_called(&self, name: &str, word: &str) -> bool {
        if name == word {
            return true;
        }
        let Some((role, rest)) = self.frame.role().zip(word.strip_suffix(name)) else {
            return false;
        };
        // A role of a collection answers to its short name too.
        let short = role.path.file_name().and_then(|name| name.to_str());
        let is_role = |prefix: &str| prefix == role.name || Some(prefix) == short;
        rest.strip_suffix(" : ").is_some_and(is_role)
    }

    /// Returns whether both stand in the same list: the same file of the same role.
    fn is_beside(&self, other: &Self) -> bool {
        let role = |handler: &Self| handler.frame.role().map(Arc::as_ptr);
        role(self) == role(other) && self.task.at.file.path == other.task.at.file.path
    }
}

/// All handlers of a play. Includes of roles add some while it runs.
#[derive(Debug, Default)]
pub(super) struct Handlers(Mutex<Vec<Handler>>);

/// Returns the handlers in a list of items, blocks opened.
pub(super) fn flatten(items: &[Item], frame: &Frame) -> Vec<(Arc<Task>, Frame)> {
    items
        .iter()
        .flat_map(|item| match item {
            Item::Task(task) => vec![(Arc::clone(task), frame.clone())],
            Item::Block(block) => flatten(&block.block, &frame.enter(block)),
        })
        .collect()
}

impl Handlers {
    /// Adds a handler, once.
    pub(super) fn add(&self, handler: Handler) {
        let mut all = self.lock();
        if !all.iter().any(|known| Arc::ptr_eq(&known.task, &handler.task)) {
            all.push(handler);
        }
    }

    /// Returns the handlers that a notification reaches: one of that name, and of those that listen to it one of each name.
    /// Of several lists with that name the last counts, and in it the first: a role that is used five times restarts its
    /// service once.
    pub(super) fn reached(&self, word: &str) -> Vec<usize> {
        let all = self.lock();
        let first_of_last_list = |is_meant: &dyn Fn(&Handler) -> bool| {
            let last = all.iter().rfind(|handler| is_meant(handler))?;
            all.iter().position(|handler| is_meant(handler) && handler.is_beside(last))
        };
        let named = first_of_last_list(&|handler| handler.answers_to(word));
        let listening = all.iter().enumerate().filter(|(_, one)| one.listens_to(word));
        let listening = listening.filter_map(|(index, one)| match &one.name {
            Some(_) => {
                first_of_last_list(&|other| other.name == one.name && other.listens_to(word))
            }
            None => Some(index),
        });
        let reached: BTreeSet<usize> = named.into_iter().chain(listening).collect();
        reached.into_iter().collect()
    }

    /// Returns what to tell of handlers that nothing can notify, once for each.
    pub(super) fn take_unusable(&self) -> Vec<String> {
        self.lock().iter_mut().filter_map(|handler| handler.unusable.take()).collect()
    }

    /// Returns a handler.
    pub(super) fn get(&self, index: usize) -> Option<Handler> {
        self.lock().get(index).cloned()
    }

    /// Returns how many there are.
    pub(super) fn len(&self) -> usize {
        self.lock().len()
    }

    /// Returns the names and topics, for suggestions.
    pub(super) fn words(&self) -> Vec<String> {
        self.lock()
            .iter()
            .flat_map(|handler| handler.name.iter().chain(&handler.topics).cloned())
            .collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Handler>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::playbook::Role;

    fn handler(name: &str, role: Option<&str>, topics: &[&str]) -> Handler {
        let mut frame = Frame::default();
        frame
            .roles
            .extend(role.map(|name| Arc::new(Role { name: name.into(), ..Role::default() })));
        let topics = topics.iter().map(|topic| (*topic).to_owned()).collect();
        Handler { task: Arc::default(), frame, name: Some(name.into()), topics, unusable: None }
    }

    #[test]
    fn of_listeners_with_one_name_one_is_reached() {
        let handlers = Handlers::default();
        for role in ["web", "db"] {
            handlers.add(handler("reload", Some(role), &["changed"]));
            handlers.add(Handler { name: None, ..handler("", Some(role), &["changed"]) });
        }
        assert_eq!(handlers.reached("changed"), [1, 2, 3]);
    }

    #[test]
    fn the_last_of_a_name_and_all_listeners_are_reached() {
        let handlers = Handlers::default();
        for one in [
            handler("restart", Some("web"), &[]),
            handler("reload", None, &["changed"]),
            handler("restart", Some("db"), &["changed"]),
        ] {
            handlers.add(one);
        }
        assert_eq!(handlers.reached("restart"), [2]);
        assert_eq!(handlers.reached("web : restart"), [0]);
        assert_eq!(handlers.reached("changed"), [1, 2]);
        assert_eq!(handlers.reached("db : changed"), [2]);
        assert!(handlers.reached("nobody").is_empty());
        handlers
            .add(Handler { task: Arc::default(), ..handler("reload", Some("db"), &["changed"]) });
        assert_eq!(handlers.reached("changed"), [2, 3]);
    }
}
