//! Where the handlers of a play come from: its roles, the roles that its tasks import, its own section, includes.

use std::sync::Arc;

use super::{Handler, flatten};
use crate::engine::frame::Frame;
use crate::engine::play::PlayRun;
use crate::engine::run::Run;
use crate::engine::{scope, task};
use crate::playbook::{Block, Given, Item, Origin, Task};
use crate::template::Scope;

/// Registers the handlers of the roles, then those of the play.
pub(in crate::engine) fn of_play(run: &Run, play: &PlayRun) {
    let frame = Frame { handlers: true, ..Frame::of_play(&play.play) };
    let mut all = Vec::new();
    for block in &play.play.roles {
        of_role(block, &frame, &mut all);
    }
    let mut inside = Vec::new();
    for (_, items) in play.play.sections() {
        of_imported_roles(&items, &frame, &mut inside);
    }
    all.extend(inside);
    all.extend(flatten(&play.play.handlers, &frame));
    let nobody = Arc::from("");
    for (task, frame) in all {
        add(run, play, &nobody, task, frame);
    }
}

/// Adds a handler; its name is resolved with what is known of a host.
pub(in crate::engine) fn add(
    run: &Run,
    play: &PlayRun,
    host: &Arc<str>,
    task: Arc<Task>,
    frame: Frame,
) {
    let resolve = |given: &Given| {
        let scope = scope::of_task(run, play, host, &task, &frame);
        let scope: Arc<dyn Scope> = Arc::new(scope);
        run.templates.resolve(&given.value, &scope)
    };
    let name = task.name.as_ref().map(resolve).transpose();
    // Topics are no templates, in Ansible neither.
    let topics = task.listen.iter().flat_map(|given| match given.value.as_list() {
        Some(list) => list.iter().map(task::source_text).collect(),
        None => vec![task::source_text(&given.value)],
    });
    let topics: Vec<String> = topics.collect();
    let unusable = name.as_ref().err().filter(|_| topics.is_empty()).map(|error| {
        let name = task.name.as_ref().map(|name| task::source_text(&name.value));
        format!(
            "Handler '{}' is unusable: its name must be the same for all hosts, but {}; it does not listen to anything either",
            name.unwrap_or_default(),
            error.message()
        )
    });
    let name = name.ok().flatten().map(|value| value.to_string());
    play.handlers.add(Handler { task, frame, name, topics, unusable });
}

/// Collects the handlers of a role and of the roles in it, dependencies first.
pub(in crate::engine) fn of_role(block: &Block, frame: &Frame, all: &mut Vec<(Arc<Task>, Frame)>) {
    let inner = frame.enter(block);
    for item in &block.block {
        if let Item::Block(block) = item {
            of_role(block, &inner, all);
        }
    }
    if let Origin::Role(role) = &block.origin {
        all.extend(flatten(&role.handlers, &inner));
    }
}

/// Collects the handlers of roles that are imported among the items.
pub(in crate::engine) fn of_imported_roles(
    items: &[Item],
    frame: &Frame,
    all: &mut Vec<(Arc<Task>, Frame)>,
) {
    for item in items {
        if let Item::Block(block) = item {
            if matches!(block.origin, Origin::Role(_)) {
                of_role(block, frame, all);
            } else {
                let inner = frame.enter(block);
                for items in [&block.block, &block.rescue, &block.always] {
                    of_imported_roles(items, &inner, all);
                }
            }
        }
    }
}
