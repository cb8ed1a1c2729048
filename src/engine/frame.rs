//! What a task inherits: keywords, conditions, tags, variables and roles of everything around it.

use std::sync::Arc;

use crate::base::Map;
use crate::playbook::{Block, Given, Keyword, Keywords, Origin, Play, Role, Task};

/// What is around a task. Cheap to clone; entering a block makes a new one.
#[derive(Clone, Debug, Default)]
pub(super) struct Frame {
    /// Keywords, outermost first.
    pub(super) keywords: Vec<Keywords>,
    /// Conditions, outermost first.
    pub when: Vec<Given>,
    /// Tags.
    pub tags: Vec<Given>,
    /// Variables of blocks, outermost first.
    pub vars: Vec<Arc<Map>>,
    /// Roles, outermost first.
    pub roles: Vec<Arc<Role>>,
    /// Parameters of roles and includes, outermost first.
    pub params: Vec<Arc<Map>>,
    /// Handlers that every task notifies.
    pub notify: Vec<Given>,
    /// Whether a failure here is taken care of by a `rescue` around it.
    pub rescued: bool,
    /// Whether handlers run here.
    pub handlers: bool,
}

impl Frame {
    /// Returns the frame of a play.
    pub(super) fn of_play(play: &Play) -> Self {
        Self {
            keywords: vec![play.keywords.clone()],
            when: play.when.clone(),
            tags: play.tags.clone(),
            ..Self::default()
        }
    }

    /// Returns the frame inside of a block.
    #[must_use]
    pub(super) fn enter(&self, block: &Block) -> Self {
        let mut frame = self.clone();
        if !block.keywords.is_empty() {
            frame.keywords.push(block.keywords.clone());
        }
        frame.when.extend(block.when.iter().cloned());
        frame.tags.extend(block.tags.iter().cloned());
        frame.notify.extend(block.notify.iter().cloned());
        if !block.vars.is_empty() {
            frame.vars.push(Arc::clone(&block.vars));
        }
        if !block.params.is_empty() {
            frame.params.push(Arc::clone(&block.params));
        }
        if let Origin::Role(role) = &block.origin {
            frame.roles.push(Arc::clone(role));
        }
        frame
    }

    /// Returns what holds for a keyword at a task: its own, else that of the innermost block around it that has one.
    pub(super) fn keyword<'a>(&'a self, task: &'a Task, keyword: Keyword) -> Option<&'a Given> {
        task.keywords
            .get(keyword)
            .or_else(|| self.keywords.iter().rev().find_map(|keywords| keywords.get(keyword)))
    }

    /// Returns all that is given for a keyword that adds up (`environment`, `module_defaults`), outermost first.
    pub(super) fn keyword_all<'a>(&'a self, task: &'a Task, keyword: Keyword) -> Vec<&'a Given> {
        self.keywords
            .iter()
            .chain([&task.keywords])
            .filter_map(|keywords| keywords.get(keyword))
            .collect()
    }

    /// Returns the innermost role.
    pub(super) fn role(&self) -> Option<&Arc<Role>> {
        self.roles.last()
    }
}
