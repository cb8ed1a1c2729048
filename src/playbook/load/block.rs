//! Lists of tasks, and blocks.

use super::{Loader, Place, each};
use crate::base::Mistake;
use crate::playbook::Owner;
use crate::playbook::model::{Block, Item};
use crate::yaml::Node;
use std::sync::Arc;

impl Loader<'_> {
    /// Loads a list of tasks, blocks and imports.
    pub(super) fn items(&self, node: &Node, place: &Place) -> Vec<Item> {
        if node.is_null() {
            return Vec::new();
        }
        if !node.is_list() {
            let what =
                format!("a list of tasks is wanted here, not {}", node.to_value().type_name());
            self.mistake(Mistake::new(what, &node.at).hint("begin each task with a dash"));
            return Vec::new();
        }
        node.items()
            .iter()
            .filter(|item| !item.is_null())
            .flat_map(|item| self.item(item, place))
            .collect()
    }

    fn item(&self, node: &Node, place: &Place) -> Vec<Item> {
        if !node.is_map() {
            let what = format!("a task must be a dictionary, not {}", node.to_value().type_name());
            self.mistake(
                Mistake::new(what, &node.at).hint("write it as `- name: …` with the module below"),
            );
            return Vec::new();
        }
        if ["block", "rescue", "always"].iter().any(|word| node.get(word).is_some()) {
            return self
                .block(node, place)
                .map(|block| Item::Block(Arc::new(block)))
                .into_iter()
                .collect();
        }
        self.task_or_import(node, place)
    }

    fn block(&self, node: &Node, place: &Place) -> Option<Block> {
        if place.handlers && place.nested {
            self.mistake(
                Mistake::new("Using a block as a handler is not supported.", &node.at)
                    .hint("only the outermost block of handlers may be one"),
            );
            return None;
        }
        let common = self.common(node, Owner::Block);
        let mut block = Block {
            at: node.at.clone(),
            name: common.name,
            keywords: common.keywords,
            tags: common.tags,
            vars: common.vars,
            ..Block::default()
        };
        let mut inner = place.clone().with_collections_of(&block.keywords);
        inner.nested = true;
        inner.vars.push(Arc::clone(&block.vars));
        let mut has_block = false;
        for (word, key, value) in common.rest {
            match word {
                "block" => {
                    has_block = true;
                    block.block = self.items(value, &inner);
                }
                "rescue" => block.rescue = self.items(value, &inner),
                "always" => block.always = self.items(value, &inner),
                "when" => block.when = each(value),
                "notify" => block.notify = each(value),
                _ => self.unknown_word(Owner::Block, word, key),
            }
        }
        if !has_block {
            let what = "'rescue' and 'always' need a 'block' beside them";
            self.mistake(Mistake::new(what, &node.at));
            return None;
        }
        Some(block)
    }
}
