//! The words of plays, roles, blocks and tasks against Ansible's, and that each of them means something.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value as Json;

use super::{Keyword, Owner};

/// Words that Ansible understands, too, but does not list as keywords of the owner.
fn unlisted(owner: Owner) -> &'static [&'static str] {
    match owner {
        // Ansible does not know `needs`: it is ours (docs/side-by-side.md).
        Owner::Play => &["import_playbook", "needs", "user"],
        Owner::Import => &["needs"],
        Owner::Role => &["role"],
        Owner::Block => &[],
        Owner::Task => &["listen", "local_action"],
    }
}

/// Keywords that are refused when they are used (docs/differences.md).
const REFUSED: &[&str] = &["debugger"];

/// Words that the loader turns into something with another name: where the engine reads it.
const BY_ANOTHER_NAME: &[(&str, &str)] = &[
    ("always", ".always"),
    ("args", ".action.args"),
    ("async", "r#async"),
    ("local_action", ".action"),
    ("loop", ".repeat"),
    ("loop_control", ".control"),
    ("role", ".role()"),
    ("user", "Keyword::RemoteUser"),
    ("vars_prompt", ".prompts"),
];

fn ansibles(owner: &str) -> BTreeSet<String> {
    let facts: Json =
        serde_json::from_str(include_str!("../../tests/data/config/keywords.json")).unwrap();
    let has = |fact: &Json| fact["applies_to"].as_array().unwrap().contains(&owner.into());
    let words = facts.as_object().unwrap().iter().filter(|(_, fact)| has(fact));
    words.map(|(word, _)| word.clone()).collect()
}

/// Returns the code that gives keywords their meaning: all of the engine but what checks before the run.
fn code() -> String {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src/engine")];
    let mut code = String::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() && !path.ends_with("preflight") {
                folders.push(path);
            } else if path.is_file() {
                code += &std::fs::read_to_string(path).unwrap();
            }
        }
    }
    code
}

#[test]
fn each_owner_has_the_words_that_it_has_in_ansible() {
    for owner in [Owner::Play, Owner::Role, Owner::Block, Owner::Task] {
        let kind = if owner == Owner::Role { "Role" } else { owner.name() };
        let unlisted = unlisted(owner).iter().map(|word| (*word).to_owned());
        let expected: BTreeSet<String> = ansibles(kind).into_iter().chain(unlisted).collect();
        let words: BTreeSet<String> = owner.words().into_iter().map(str::to_owned).collect();
        assert_eq!(words, expected, "{kind}");
    }
    assert_eq!(ansibles("Task"), ansibles("Handler"));
}

#[test]
fn each_word_means_something_or_is_refused() {
    let code = code();
    for owner in [Owner::Play, Owner::Role, Owner::Block, Owner::Task] {
        for word in owner.words() {
            // What it imports or calls is no longer there in a run; collections are for finding roles.
            let is_for_loading = ["collections", "import_playbook"].contains(&word);
            if REFUSED.contains(&word) || is_for_loading {
                continue;
            }
            let inherited = Keyword::of(word).map(|keyword| format!("Keyword::{keyword:?}"));
            let renamed = BY_ANOTHER_NAME.iter().find(|(old, _)| *old == word);
            let needle = inherited
                .or_else(|| renamed.map(|(_, new)| (*new).to_owned()))
                .unwrap_or_else(|| format!(".{word}"));
            assert!(code.contains(&needle), "nothing in the engine reads `{word}` ({needle})");
        }
    }
}
