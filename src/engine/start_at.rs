//! `--start-at-task`: which task is meant, by its name or a glob.

use super::frame::Frame;
use crate::base::{Position, glob};
use crate::playbook::{Item, Play, Task};

/// Returns whether a task is the one to start at: by its name, else by its action, with or without `role : `.
pub(super) fn is_meant(start: &str, task: &Task, frame: &Frame) -> bool {
    let own = name(task);
    let full = frame.role().map(|role| format!("{} : {own}", role.name));
    [Some(own), full].iter().flatten().any(|name| name == start || glob::matches(start, name))
}

/// Returns what a task is called before any template is resolved.
pub(super) fn name(task: &Task) -> String {
    task.name.as_ref().map_or_else(|| task.action.word.clone(), |name| name.value.to_string())
}

/// Returns whether the task to start at is among the items, as far as that is known without includes.
pub(super) fn is_among(start: &str, items: &[Item], frame: &Frame) -> bool {
    items.iter().any(|item| match item {
        Item::Task(task) => is_meant(start, task, frame),
        Item::Block(block) => {
            let inner = frame.enter(block);
            [&block.block, &block.rescue, &block.always]
                .iter()
                .any(|items| is_among(start, items, &inner))
        }
    })
}

/// Returns whether a task gathers the facts of a play by itself: it stands where the play does.
pub(super) fn is_gathering(task: &Task, play: &Play) -> bool {
    let place = |at: &Position| (at.line, at.column);
    std::sync::Arc::ptr_eq(&task.at.file, &play.at.file) && place(&task.at) == place(&play.at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::playbook::{Given, Role};

    #[track_caller]
    fn case(start: &str, name: Option<&str>, expected: bool) {
        let mut task = Task::default();
        task.action.word = "debug".into();
        task.name = name.map(|name| Given { value: name.into(), at: Position::default() });
        let mut frame = Frame::default();
        frame.roles.push(Role { name: "web".into(), ..Role::default() }.into());
        assert_eq!(is_meant(start, &task, &frame), expected, "{start}");
    }

    #[test]
    fn tasks_are_meant_by_name_glob_role_or_action() {
        case("install", Some("install"), true);
        case("inst*", Some("install"), true);
        case("web : install", Some("install"), true);
        case("db : install", Some("install"), false);
        case("debug", None, true);
        case("debug", Some("install"), false);
    }
}
