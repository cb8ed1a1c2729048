//! What `--tags` and `--skip-tags` leave of a walk.

use std::sync::Arc;

use super::Walker;
use crate::engine::frame::Frame;
use crate::engine::{scope, tags};
use crate::playbook::load::short;
use crate::playbook::{Block, Item, Origin, Role, Task};
use crate::template::Scope;

impl Walker {
    /// Returns whether the task runs under `--tags` and `--skip-tags`.
    pub(super) fn is_selected(&self, task: &Task, frame: &Frame) -> bool {
        tags::selected(&self.run.options, task, frame, &|tag| {
            let task = Arc::new(task.clone());
            let scope = scope::of_task(&self.run, &self.play, &self.host, &task, frame);
            let scope: Arc<dyn Scope> = Arc::new(scope);
            self.run.templates.resolve(tag, &scope).ok()
        })
    }

    /// Returns what there is to walk of a role. Its arguments are of no interest when `--tags` leave nothing that takes
    /// them: `-t check` must not ask for the passwords of services.
    pub(super) fn items_of_role<'a>(
        &self,
        block: &'a Block,
        role: &Role,
        inner: &Frame,
    ) -> &'a [Item] {
        let (depending, own) = block.block.split_at(role.dependencies.len().min(block.block.len()));
        match own {
            [Item::Task(first), rest @ ..]
                if !self.run.options.tags.is_empty()
                    && is_validation(first, role)
                    && !self.leaves_any(rest, inner) =>
            {
                depending
            }
            _ => &block.block,
        }
    }

    fn leaves_any(&self, items: &[Item], frame: &Frame) -> bool {
        items.iter().any(|item| match item {
            Item::Task(task) => self.is_selected(task, frame),
            Item::Block(block) => {
                let inner = frame.enter(block);
                let own = match &block.origin {
                    Origin::Role(role) => self.items_of_role(block, role, &inner),
                    Origin::Written | Origin::Tasks => &block.block,
                };
                [own, &block.rescue, &block.always]
                    .into_iter()
                    .any(|items| self.leaves_any(items, &inner))
            }
        })
    }
}

/// Returns whether a task is the one that checks the arguments of a role, and not one that its author wrote.
fn is_validation(task: &Task, role: &Role) -> bool {
    role.argument_spec.is_some()
        && short(&task.action.word) == "validate_argument_spec"
        && task.tags.iter().any(|tag| tag.value.as_str() == Some("always"))
}
