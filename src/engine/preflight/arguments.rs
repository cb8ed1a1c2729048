//! Arguments of units: names, types, choices, and the rules between them.

use super::super::language::Meaning;
use super::Checker;
use crate::base::{Map, Mistake, suggest};
use crate::module::{self, ArgumentSpec, Kind};
use crate::playbook::{Argument, Keyword, Task};

/// Arguments that Ansible's own actions give to modules. Playbooks may give them too, and are heard when they run.
const INTERNAL: [&str; 4] = ["_diff_peek", "_original_basename", "_raw_params", "_uses_shell"];

impl Checker<'_> {
    /// Checks what a task gives to its unit.
    pub(super) fn arguments(&mut self, meaning: &Meaning, task: &Task) {
        let Some(specs) = meaning.arguments() else { return };
        let action = &task.action;
        self.names(&action.word, &specs, &action.args);
        let has_defaults =
            task.keywords.iter().any(|(keyword, _)| keyword == Keyword::ModuleDefaults);
        if action.all.is_none() && !has_defaults {
            self.values(meaning, &specs, task);
        }
    }

    fn names(&mut self, word: &str, specs: &[ArgumentSpec], args: &[Argument]) {
        for argument in args {
            if specs.iter().any(|spec| spec.answers_to(&argument.name))
                || INTERNAL.contains(&argument.name.as_str())
                || argument.name.contains("{{")
            {
                continue;
            }
            let known =
                specs.iter().flat_map(|spec| spec.aliases.iter().copied().chain([spec.name]));
            let what = format!("`{}` has no argument `{}`", word, argument.name);
            let mistake = Mistake::new(what, &argument.at).width(argument.name.chars().count());
            self.mistakes.push(match suggest::closest(&argument.name, known) {
                Some(near) => mistake.label(format!("did you mean `{near}`?")),
                None => {
                    let mut names: Vec<&str> = specs.iter().map(|spec| spec.name).collect();
                    names.sort_unstable();
                    mistake.hint(format!("it takes {}", names.join(", ")))
                }
            });
        }
    }

    /// Checks types and rules of arguments that need no template.
    fn values(&mut self, meaning: &Meaning, specs: &[ArgumentSpec], task: &Task) {
        let action = &task.action;
        let mut args = Map::new();
        let mut open = false;
        for argument in &action.args {
            if !argument.value.is_final() {
                open = true;
                continue;
            }
            args.insert(argument.name.as_str(), argument.value.clone());
            if let Some(spec) = specs.iter().find(|spec| spec.answers_to(&argument.name)) {
                self.value_of(spec, argument);
            }
        }
        if open || action.free_form.is_some() {
            return;
        }
        let Some(spec) = meaning.spec() else { return };
        let is_missing = |spec: &&ArgumentSpec| {
            spec.required && module::find(&args, spec.name, spec.aliases).is_none()
        };
        let missing: Vec<&str> = specs.iter().filter(is_missing).map(|spec| spec.name).collect();
        let what = if missing.is_empty() {
            module::rules::check(spec.rules, specs, &args).err().map(|error| error.message)
        } else {
            Some(format!("missing required arguments: {}", missing.join(", ")))
        };
        if let Some(what) = what {
            self.mistakes.push(Mistake::new(what, &action.at).width(action.word.chars().count()));
        }
    }

    fn value_of(&mut self, spec: &ArgumentSpec, argument: &Argument) {
        if argument.value.is_null() {
            return;
        }
        let text = argument.value.to_string();
        let mistake = |what: String| {
            Mistake::new(what, &argument.value_at).width(text.lines().next().map_or(1, str::len))
        };
        if let Kind::Choice(words) = spec.kind {
            let given = module::spellings(&argument.value);
            if given.iter().any(|word| words.contains(&word.as_str())) {
                return;
            }
            let mistake = mistake(format!("`{}` cannot be `{text}`", spec.name));
            self.mistakes.push(match suggest::closest(&text, words.iter().copied()) {
                Some(near) => mistake.label(format!("did you mean `{near}`?")),
                None => mistake.hint(format!("it is one of {}", words.join(", "))),
            });
        } else if let Err(error) = (spec.check)(&argument.value) {
            self.mistakes.push(mistake(error.of(spec.name).message));
        }
    }
}
