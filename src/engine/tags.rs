//! Tags: which tasks run.

use std::collections::BTreeSet;

use super::frame::Frame;
use super::options::Options;
use crate::base::Value;
use crate::playbook::Task;

/// Finds the value of a tag that is a template; nothing when it has none yet.
pub(super) type Resolve<'a> = &'a dyn Fn(&Value) -> Option<Value>;

/// Returns whether a task runs under `--tags` and `--skip-tags`.
pub(super) fn selected(
    options: &Options,
    task: &Task,
    frame: &Frame,
    resolve: Resolve<'_>,
) -> bool {
    if options.skip_tags.is_empty() && options.tags.iter().all(|tag| tag == "all") {
        // The usual case, without collecting anything.
        let matters = |tag: &Value| !tag.is_final() || tag.as_str() == Some("never");
        return !frame.tags.iter().chain(&task.tags).any(|tag| matters(&tag.value))
            || wanted(&of(task, frame, resolve), &options.tags, &options.skip_tags);
    }
    wanted(&of(task, frame, resolve), &options.tags, &options.skip_tags)
}

/// Returns whether `--list-tags` counts a task that a run would leave out: where all tags are wanted, `never` is one.
pub(super) fn listed(options: &Options, tags: &BTreeSet<String>) -> bool {
    let mut only = options.tags.clone();
    if only.iter().all(|tag| tag == "all") {
        only.push("never".to_owned());
    }
    wanted(tags, &only, &options.skip_tags)
}

/// Returns all tags of a task.
pub(super) fn of(task: &Task, frame: &Frame, resolve: Resolve<'_>) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for tag in frame.tags.iter().chain(&task.tags) {
        let value = if tag.value.is_final() { None } else { resolve(&tag.value) };
        match value.as_ref().unwrap_or(&tag.value) {
            Value::List(list) => all.extend(list.iter().map(ToString::to_string)),
            value => all.extend(value.to_string().split(',').map(|tag| tag.trim().to_owned())),
        }
    }
    all
}

/// Applies the rules to a set of tags.
fn wanted(tags: &BTreeSet<String>, only: &[String], skip: &[String]) -> bool {
    let has = |tag: &str| tags.contains(tag);
    let among = |list: &[String], word: &str| list.iter().any(|tag| tag == word);
    let shared = |list: &[String]| list.iter().any(|tag| has(tag));
    let run = only.is_empty()
        || has("always")
        || (among(only, "all") && !has("never"))
        || shared(only)
        || (among(only, "tagged") && !tags.is_empty() && !has("never"))
        || (among(only, "untagged") && tags.is_empty());
    let run = run && !(only.is_empty() && has("never"));
    let skipped = shared(skip)
        || (among(skip, "all") && (!has("always") || among(skip, "always")))
        || (among(skip, "tagged") && !tags.is_empty())
        || (among(skip, "untagged") && tags.is_empty());
    run && !skipped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(tags: &[&str], only: &[&str], skip: &[&str], expected: bool) {
        let owned = |list: &[&str]| list.iter().map(|tag| (*tag).to_owned()).collect::<Vec<_>>();
        let tags = owned(tags).into_iter().collect();
        assert_eq!(wanted(&tags, &owned(only), &owned(skip)), expected);
    }

    #[test]
    fn tags_select_as_in_ansible() {
        case(&[], &["all"], &[], true);
        case(&["a"], &["b"], &[], false);
        case(&["a", "b"], &["b"], &[], true);
        case(&["always"], &["b"], &[], true);
        case(&["always"], &["b"], &["always"], false);
        case(&["never"], &["all"], &[], false);
        case(&["never", "x"], &["x"], &[], true);
        case(&["x"], &["tagged"], &[], true);
        case(&[], &["tagged"], &[], false);
        case(&[], &["untagged"], &[], true);
        case(&["x"], &["all"], &["x"], false);
        case(&["always"], &["all"], &["all"], true);
    }
}
