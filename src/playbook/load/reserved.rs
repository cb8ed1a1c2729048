//! Names of variables that mean something else: keywords, and functions of templates.

use super::Loader;
use crate::base::{Mistake, Position};
use crate::playbook::Owner;
use crate::yaml::Node;

/// What templates call, and words of tasks that are no keywords of ours.
const NAMES: [&str; 18] = [
    "block",
    "cycler",
    "dict",
    "finalize",
    "joiner",
    "lipsum",
    "local_action",
    "lookup",
    "namespace",
    "now",
    "omit",
    "q",
    "query",
    "range",
    "role",
    "serial",
    "strategy",
    "undef",
];

/// Returns the warning of a variable whose name is reserved.
pub fn warning(name: &str, at: &Position) -> Option<String> {
    let owners = [Owner::Play, Owner::Block, Owner::Task];
    let is_keyword = owners.iter().any(|owner| owner.words().contains(&name));
    // Content for Ansible may call a variable `needs`: that word is no keyword there.
    if matches!(name, "needs" | "vars") || !is_keyword && !NAMES.contains(&name) {
        return None;
    }
    let path = std::path::absolute(&*at.file.path).unwrap_or_default();
    Some(format!(
        "Found variable using reserved name '{name}'.\nOrigin: {}:{}:{}\n",
        path.display(),
        at.line,
        at.column
    ))
}

/// Returns the warnings of a file of variables.
pub fn warnings(node: &Node) -> Vec<String> {
    let names = node.entries().iter().filter_map(|(key, _)| Some((key.as_str()?, &key.at)));
    names.filter_map(|(name, at)| warning(name, at)).collect()
}

impl Loader<'_> {
    /// Warns of a variable whose name is reserved.
    pub(super) fn warn_of_reserved(&self, name: &str, at: &Position) {
        if let Some(text) = warning(name, at) {
            self.files.warn(Mistake::new(text, &Position::default()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(name: &str, expected: bool) {
        assert_eq!(warning(name, &Position::default()).is_some(), expected, "{name}");
    }

    #[test]
    fn keywords_and_functions_are_reserved() {
        for name in ["environment", "hosts", "lookup", "port", "tags", "when"] {
            case(name, true);
        }
        for name in ["app_port", "item", "vars", "version"] {
            case(name, false);
        }
    }
}
