//! `vars_prompt`.

use super::{Loader, given};
use crate::base::{Mistake, Value, fold};
use crate::playbook::model::Prompt;
use crate::yaml::Node;

impl Loader<'_> {
    pub(super) fn prompts(&self, node: &Node) -> Vec<Prompt> {
        if node.is_null() {
            return Vec::new();
        }
        let items = if node.is_list() { node.items() } else { std::slice::from_ref(node) };
        items.iter().filter_map(|item| self.prompt(item)).collect()
    }

    fn prompt(&self, node: &Node) -> Option<Prompt> {
        let Some(name) = node.get("name").and_then(Node::as_str) else {
            self.mistake(Mistake::new(
                "Invalid vars_prompt data structure, missing 'name' key",
                &node.at,
            ));
            return None;
        };
        let mut prompt = Prompt { name: name.to_owned(), private: true, ..Prompt::default() };
        for (key, value) in node.entries() {
            let word = key.as_str().unwrap_or_default();
            let text = || Some(value.to_value().to_string());
            match word {
                "name" => {}
                "prompt" => prompt.prompt = Some(given(value)),
                "default" => prompt.default = Some(given(value)),
                "private" => prompt.private = truth(value),
                "confirm" => prompt.confirm = truth(value),
                "encrypt" => prompt.encrypt = text(),
                "salt" => prompt.salt = text(),
                "salt_size" => prompt.salt_size = value.to_value().as_int(),
                "unsafe" => prompt.is_unsafe = truth(value),
                _ => {
                    let what = format!(
                        "Invalid vars_prompt data structure, found unsupported key '{word}'"
                    );
                    self.mistake(Mistake::new(what, &key.at).width(word.len()));
                }
            }
        }
        Some(prompt)
    }
}

fn truth(node: &Node) -> bool {
    let value = node.to_value();
    value.as_str().and_then(fold::truth).unwrap_or_else(|| value != Value::Null && value.truth())
}
