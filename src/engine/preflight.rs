//! Preflight: everything that can be known before the first connection is checked, and all mistakes are shown at once.
//!
//! Names of units and their arguments, values of choices, rules between arguments, templates, conditions, files that are
//! named without a template. What depends on a host is checked when the run gets there.

use std::path::{Path, PathBuf};

use super::language::{Meaning, meaning};
use super::run::Run;
use crate::base::{Map, Mistake, Mistakes, Position, Value, suggest};
use crate::module::{self, ArgumentSpec, Kind};
use crate::playbook::load::short;
use crate::playbook::{Argument, Block, Given, Item, Keywords, Origin, Play, Playbook, Task};
use crate::template::TextKind;

/// What was checked, for the first line of a run.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Count {
    /// Tasks known before the run.
    pub tasks: usize,
}

/// Checks playbooks.
pub(super) fn check(run: &Run, playbooks: &[Playbook], mistakes: &mut Mistakes) -> Count {
    let mut checker = Checker {
        run,
        mistakes,
        count: Count::default(),
        roles: Vec::new(),
        playbook: PathBuf::new(),
    };
    for playbook in playbooks {
        for play in &playbook.plays {
            checker.play(play);
        }
    }
    checker.count
}

/// Checks items that were loaded in a run.
pub(super) fn check_items(run: &Run, items: &[Item], mistakes: &mut Mistakes) {
    let mut checker = Checker {
        run,
        mistakes,
        count: Count::default(),
        roles: Vec::new(),
        playbook: PathBuf::new(),
    };
    checker.items(items);
}

struct Checker<'a> {
    run: &'a Run,
    mistakes: &'a mut Mistakes,
    count: Count,
    /// The roles around, by their folders.
    roles: Vec<PathBuf>,
    playbook: PathBuf,
}

impl Checker<'_> {
    fn play(&mut self, play: &Play) {
        self.playbook.clone_from(&play.folder);
        self.value(&play.hosts.value, &play.hosts.at);
        self.map(&play.vars, &play.at);
        self.keywords(&play.keywords);
        self.conditions(&play.when);
        let given = [
            &play.gather_facts,
            &play.gather_subset,
            &play.serial,
            &play.strategy,
            &play.order,
            &play.max_fail_percentage,
            &play.force_handlers,
        ];
        for given in given.into_iter().flatten().chain(&play.vars_files) {
            self.value(&given.value, &given.at);
        }
        self.strategy(play.strategy.as_ref());
        for (_, items) in play.sections() {
            self.items(&items);
        }
        self.items(&play.handlers);
    }

    fn strategy(&mut self, given: Option<&Given>) {
        const KNOWN: [&str; 4] = ["debug", "free", "host_pinned", "linear"];
        let Some((name, at)) = given.and_then(|given| Some((given.value.as_str()?, &given.at)))
        else {
            return;
        };
        let plain = short(name);
        if !KNOWN.contains(&plain) && !plain.starts_with("mitogen") {
            let mistake = Mistake::new(format!("Invalid play strategy specified: {name}"), at)
                .width(name.len());
            self.mistakes.push(match suggest::closest(plain, KNOWN) {
                Some(near) => mistake.label(format!("did you mean `{near}`?")),
                None => mistake.hint("fcplay knows `linear`, `free` and `host_pinned`"),
            });
        }
    }

    fn items(&mut self, items: &[Item]) {
        for item in items {
            match item {
                Item::Task(task) => self.task(task),
                Item::Block(block) => self.block(block),
            }
        }
    }

    fn block(&mut self, block: &Block) {
        self.map(&block.vars, &block.at);
        self.map(&block.params, &block.at);
        self.keywords(&block.keywords);
        self.conditions(&block.when);
        if let Some(name) = &block.name {
            self.value(&name.value, &name.at);
        }
        let role = match &block.origin {
            Origin::Role(role) => Some(role),
            Origin::Written | Origin::Tasks => None,
        };
        if let Some(role) = role {
            self.roles.push(role.path.clone());
            self.map(&role.defaults, &block.at);
            self.map(&role.vars, &block.at);
            self.items(&role.handlers);
        }
        for items in [&block.block, &block.rescue, &block.always] {
            self.items(items);
        }
        if role.is_some() {
            self.roles.pop();
        }
    }

    fn task(&mut self, task: &Task) {
        self.count.tasks += 1;
        self.map(&task.vars, &task.at);
        self.keywords(&task.keywords);
        self.conditions(&task.when);
        self.conditions(&task.until);
        for conditions in [&task.changed_when, &task.failed_when].into_iter().flatten() {
            self.conditions(conditions);
        }
        let given = [&task.name, &task.retries, &task.delay, &task.r#async, &task.poll];
        for given in given.into_iter().flatten().chain(&task.notify) {
            self.value(&given.value, &given.at);
        }
        self.register(task);
        if let Some(repeat) = &task.repeat {
            self.value(&repeat.over.value, &repeat.over.at);
            let control = &repeat.control;
            for given in [&control.label, &control.pause].into_iter().flatten() {
                self.value(&given.value, &given.at);
            }
            self.conditions(&control.break_when);
            if let Some(lookup) = &repeat.lookup {
                self.lookup(lookup, &repeat.over.at);
            }
        }
        self.action(task);
    }

    fn register(&mut self, task: &Task) {
        let Some(given) = &task.register else { return };
        let name = given.value.to_string();
        let valid = name.starts_with(|c: char| c.is_alphabetic() || c == '_')
            && name.chars().all(|c| c.is_alphanumeric() || c == '_');
        if !valid {
            let what = format!("Invalid variable name in 'register' specified: '{name}'");
            self.mistakes.push(Mistake::new(what, &given.at).width(name.chars().count()));
        }
    }

    fn lookup(&mut self, name: &str, at: &Position) {
        let call = format!("query('{name}')");
        for mistake in self.run.templates.check(&call, at, TextKind::Condition) {
            self.mistakes.push(mistake);
        }
    }

    fn action(&mut self, task: &Task) {
        let action = &task.action;
        let Some(meaning) = meaning(&action.word) else { return };
        let expressions: &[&str] = match meaning {
            Meaning::Action(action) => action.expressions(),
            Meaning::Module(_) | Meaning::Engine => &[],
        };
        for argument in &action.args {
            if expressions.contains(&argument.name.as_str()) {
                self.expression(&argument.value, &argument.value_at);
            } else {
                self.value(&argument.value, &argument.value_at);
            }
        }
        for given in action.free_form.iter().chain(&action.all) {
            self.value(&given.value, &given.at);
        }
        if short(&action.word) == "meta" {
            self.meta(task);
        }
        if let Some(specs) = meaning.arguments() {
            self.names(&action.word, &specs, &action.args);
            if action.all.is_none()
                && !task
                    .keywords
                    .iter()
                    .any(|(keyword, _)| keyword == crate::playbook::Keyword::ModuleDefaults)
            {
                self.values(&meaning, &specs, task);
            }
        }
        self.files(task);
    }

    fn meta(&mut self, task: &Task) {
        let word = super::meta::word(task);
        if word.contains("{{") || super::meta::WORDS.contains(&word.as_str()) {
            return;
        }
        let at = task.action.free_form.as_ref().map_or(&task.action.at, |given| &given.at);
        let mistake =
            Mistake::new(format!("invalid meta action requested: {word}"), at).width(word.len());
        self.mistakes.push(match suggest::closest(&word, super::meta::WORDS) {
            Some(near) => mistake.label(format!("did you mean `{near}`?")),
            None => mistake,
        });
    }

    fn names(&mut self, word: &str, specs: &[ArgumentSpec], args: &[Argument]) {
        for argument in args {
            if specs.iter().any(|spec| spec.answers_to(&argument.name))
                || argument.name == "_raw_params"
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
                self.choice(spec, argument);
            }
        }
        if open || action.free_form.is_some() {
            return;
        }
        if let Some(spec) = meaning.spec() {
            let missing: Vec<&str> = specs
                .iter()
                .filter(|spec| {
                    spec.required && module::find(&args, spec.name, spec.aliases).is_none()
                })
                .map(|spec| spec.name)
                .collect();
            if !missing.is_empty() {
                let what = format!("missing required arguments: {}", missing.join(", "));
                self.mistakes
                    .push(Mistake::new(what, &action.at).width(action.word.chars().count()));
            } else if let Err(error) = module::rules::check(spec.rules, specs, &args) {
                self.mistakes.push(
                    Mistake::new(error.message, &action.at).width(action.word.chars().count()),
                );
            }
        }
    }

    fn choice(&mut self, spec: &ArgumentSpec, argument: &Argument) {
        let Kind::Choice(words) = spec.kind else { return };
        let given = module::spellings(&argument.value);
        if argument.value.is_null() || given.iter().any(|word| words.contains(&word.as_str())) {
            return;
        }
        let text = argument.value.to_string();
        let what = format!("`{}` cannot be `{text}`", spec.name);
        let mistake = Mistake::new(what, &argument.value_at).width(text.chars().count());
        self.mistakes.push(match suggest::closest(&text, words.iter().copied()) {
            Some(near) => mistake.label(format!("did you mean `{near}`?")),
            None => mistake.hint(format!("it is one of {}", words.join(", "))),
        });
    }

    /// Looks for files that are named without a template.
    fn files(&mut self, task: &Task) {
        let (folder, required) = match short(&task.action.word) {
            "template" => ("templates", true),
            "copy" | "script" | "unarchive" => ("files", !has_truth(task, "remote_src")),
            _ => return,
        };
        let source = task.action.args.iter().find(|argument| argument.name == "src");
        let Some(argument) = source.filter(|_| required) else { return };
        let Some(name) = argument.value.as_str() else { return };
        if name.contains("://") || name.starts_with('~') || self.exists(name, folder, &task.folder)
        {
            return;
        }
        let what = format!("there is no file `{name}`");
        let places = self.search(name, folder, &task.folder);
        let near = near_file(name, &places);
        let mistake = Mistake::new(what, &argument.value_at).width(name.chars().count());
        self.mistakes.push(match near {
            Some(near) => mistake.label(format!("did you mean `{near}`?")),
            None => {
                let places: Vec<_> = places
                    .iter()
                    .filter_map(|path| path.parent())
                    .map(|path| path.display().to_string())
                    .collect();
                mistake.hint(format!("searched in {}", places.join(", ")))
            }
        });
    }

    fn exists(&self, name: &str, folder: &str, file: &Path) -> bool {
        self.search(name, folder, file).iter().any(|path| path.exists())
    }

    fn search(&self, name: &str, folder: &str, file: &Path) -> Vec<PathBuf> {
        if Path::new(name).is_absolute() {
            return vec![name.into()];
        }
        let roles = self.roles.iter().rev().map(PathBuf::as_path);
        let folders = roles.chain([file, &self.playbook]);
        folders.flat_map(|path| [path.join(folder).join(name), path.join(name)]).collect()
    }

    fn keywords(&mut self, keywords: &Keywords) {
        for (_, given) in keywords.iter() {
            self.value(&given.value, &given.at);
        }
    }

    fn map(&mut self, map: &Map, at: &Position) {
        if map.flags().contains(crate::base::Flags::LAZY) {
            map.values().for_each(|value| self.value(value, at));
        }
    }

    fn conditions(&mut self, conditions: &[Given]) {
        for given in conditions {
            self.expression(&given.value, &given.at);
        }
    }

    fn expression(&mut self, value: &Value, at: &Position) {
        match value {
            Value::Text(text) => self.phrase(text.as_str(), at, TextKind::Condition),
            Value::List(list) => list.iter().for_each(|value| self.expression(value, at)),
            other => self.value(other, at),
        }
    }

    /// Checks the templates in a value.
    fn value(&mut self, value: &Value, at: &Position) {
        if value.is_final() {
            return;
        }
        match value {
            Value::Lazy(lazy) if lazy.kind() == crate::base::LazyKind::Template => {
                let at = if lazy.at().is_known() { lazy.at() } else { at };
                self.phrase(lazy.source(), at, TextKind::Template);
            }
            Value::List(list) | Value::Tuple(list) => {
                list.iter().for_each(|value| self.value(value, at));
            }
            Value::Map(map) => map.values().for_each(|value| self.value(value, at)),
            _ => {}
        }
    }

    fn phrase(&mut self, text: &str, at: &Position, kind: TextKind) {
        for mistake in self.run.templates.check(text, at, kind) {
            self.mistakes.push(mistake);
        }
    }
}

fn has_truth(task: &Task, name: &str) -> bool {
    let argument = task.action.args.iter().find(|argument| argument.name == name);
    argument.is_some_and(|argument| match &argument.value {
        Value::Text(text) => crate::base::fold::truth(text.as_str()).unwrap_or(true),
        Value::Lazy(_) => true,
        other => other.truth(),
    })
}

/// Returns the file beside the searched ones whose name is nearest.
fn near_file(name: &str, places: &[PathBuf]) -> Option<String> {
    let wanted = Path::new(name).file_name()?.to_str()?;
    let folders = places.iter().filter_map(|path| path.parent());
    let names: Vec<String> = folders
        .filter_map(|folder| std::fs::read_dir(folder).ok())
        .flat_map(|entries| {
            entries.flatten().filter_map(|entry| entry.file_name().into_string().ok())
        })
        .collect();
    suggest::closest(wanted, names.iter().map(String::as_str)).map(str::to_owned)
}
