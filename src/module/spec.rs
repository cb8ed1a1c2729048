//! What a module is: names, summary, what it promises, its rules, examples and results.

use super::Rule;

/// What a module does in check mode.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Check {
    /// Predicts its change and its diff.
    Full,
    /// Predicts what it can; a later step may depend on an earlier one.
    Partial,
    /// Is skipped.
    Skip,
}

/// How text instead of a dictionary of arguments is read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum FreeForm {
    /// Only `key=value` words.
    No,
    /// Words that are not `key=value` of a known argument make up this argument (`command`, `shell`, `script`, `raw`).
    Argument(&'static str),
}

/// An example that is shown and parsed by the tests.
#[derive(Clone, Copy, Debug)]
pub struct Example {
    /// What it does, a sentence.
    pub about: &'static str,
    /// The task in YAML, without the leading dash.
    pub task: &'static str,
}

/// A value that comes back.
#[derive(Clone, Copy, Debug)]
pub struct Return {
    /// Its name.
    pub name: &'static str,
    /// What it is, a sentence.
    pub about: &'static str,
}

/// What a module or an action is.
#[derive(Clone, Copy, Debug)]
pub struct Spec {
    /// The short name.
    pub name: &'static str,
    /// The collection it belongs to (`ansible.builtin`).
    pub collection: &'static str,
    /// Other full names it answers to (`community.docker.docker_compose_v2`).
    pub also: &'static [&'static str],
    /// What it does, one sentence.
    pub summary: &'static str,
    /// What it does in check mode.
    pub check: Check,
    /// Whether it shows differences.
    pub diff: bool,
    /// How text instead of arguments is read.
    pub free_form: FreeForm,
    /// Rules between arguments.
    pub rules: &'static [Rule],
    /// Examples.
    pub examples: &'static [Example],
    /// What comes back.
    pub returns: &'static [Return],
    /// The version that brought it.
    pub since: &'static str,
}

impl Spec {
    /// What most modules have in common; a module's own `Spec` starts from it.
    pub const BASE: Self = Self {
        name: "",
        collection: "ansible.builtin",
        also: &[],
        summary: "",
        check: Check::Full,
        diff: false,
        free_form: FreeForm::No,
        rules: &[],
        examples: &[],
        returns: &[],
        since: "0.1.0",
    };

    /// Returns whether it answers to a word of a playbook: short name, full name, or one of the others.
    pub fn answers_to(&self, word: &str) -> bool {
        let in_collection = |collection: &str| {
            word.strip_prefix(collection).and_then(|rest| rest.strip_prefix('.')) == Some(self.name)
        };
        word == self.name
            || in_collection(self.collection)
            || (self.collection == "ansible.builtin" && in_collection("ansible.legacy"))
            || self.also.contains(&word)
    }
}
