//! Preflight: everything that can be known before the first connection is checked, and all mistakes are shown at once.
//!
//! Names of units and their arguments, types of values, rules between arguments, templates, conditions, files that are
//! named without a template, variables of hosts. What depends on a host is checked when the run gets there.

mod arguments;
mod files;
mod hosts;
mod keywords;
mod notify;
mod unknown;

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::language::{Meaning, meaning};
use super::run::Run;
use super::start_at;
use crate::base::glob;
use crate::base::{Flags, LazyKind, Map, Mistake, Mistakes, Position, Value, suggest};
use crate::playbook::load::{Place as LoadPlace, short};
use crate::playbook::{Block, Given, Item, Keyword, Loop, Origin, Play, Playbook, Task};
use crate::template::TextKind;
use keywords::Takes;

/// What was checked, for the first line of a run.
#[derive(Debug)]
pub(super) struct Checked {
    /// How many tasks are known before the run.
    pub tasks: usize,
    /// What is odd, but may be meant.
    pub warnings: Vec<Mistake>,
}

/// Checks playbooks.
pub(super) fn check(run: &Run, playbooks: &[Playbook], mistakes: &mut Mistakes) -> Checked {
    let mut checker = Checker::new(run, mistakes);
    let mut seen = BTreeSet::new();
    for playbook in playbooks {
        for play in &playbook.plays {
            checker.play(play);
            checker.hosts(play, &mut seen);
        }
    }
    checker.start();
    Checked { tasks: checker.tasks, warnings: checker.warnings }
}

/// Checks items that were loaded in a run.
pub(super) fn check_items(run: &Run, items: &[Item], place: &LoadPlace, mistakes: &mut Mistakes) {
    let roles = place.role.iter().flat_map(|role| role.parents.iter().chain([role]));
    let mut checker = Checker {
        roles: roles.map(|role| role.path.clone()).collect(),
        playbook: place.playbook.clone(),
        // Tasks have run by now, and may have made any file: what is missing is found when it is sent.
        makes_files: true,
        ..Checker::new(run, mistakes)
    };
    checker.items(items);
}

struct Checker<'a> {
    run: &'a Run,
    mistakes: &'a mut Mistakes,
    /// What is odd, but may be meant.
    warnings: Vec<Mistake>,
    /// The modules that are not there, each told once.
    unknown: BTreeSet<String>,
    /// The names of all tasks.
    names: Vec<Value>,
    /// Whether the controller may have files by now that it has not yet, made by tasks before.
    makes_files: bool,
    /// Whether the play runs on the controller.
    is_local: bool,
    /// How many plays and blocks around may be left out, or forgive failures.
    guards: usize,
    /// Whether handlers are checked.
    is_in_handlers: bool,
    /// Whether what is checked may never be needed: variables, and tasks that may not run.
    is_needless: bool,
    tasks: usize,
    /// The roles around, by their folders.
    roles: Vec<PathBuf>,
    playbook: PathBuf,
}

impl<'a> Checker<'a> {
    fn new(run: &'a Run, mistakes: &'a mut Mistakes) -> Self {
        Self {
            run,
            mistakes,
            warnings: Vec::new(),
            unknown: BTreeSet::new(),
            names: Vec::new(),
            makes_files: false,
            is_local: false,
            guards: 0,
            is_in_handlers: false,
            is_needless: false,
            tasks: 0,
            roles: Vec::new(),
            playbook: PathBuf::new(),
        }
    }
}

impl Checker<'_> {
    fn play(&mut self, play: &Play) {
        self.playbook.clone_from(&play.folder);
        self.guards = usize::from(!play.when.is_empty());
        let is_local =
            |value: &Value| matches!(value.as_str(), Some("local" | "localhost" | "127.0.0.1"));
        let connection = play.keywords.get(Keyword::Connection).map(|given| &given.value);
        self.is_local = connection.is_some_and(is_local) || is_local(&play.hosts.value);
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
        self.vars_files(&play.vars_files);
        for (word, given) in
            [("force_handlers", &play.force_handlers), ("gather_facts", &play.gather_facts)]
        {
            if let Some(given) = given {
                self.takes(word, Takes::Bool, given);
            }
        }
        if let Some(given) = &play.max_fail_percentage {
            self.takes("max_fail_percentage", Takes::Number, given);
        }
        for (_, items) in play.sections() {
            self.items(&items);
        }
        self.handlers(&play.handlers);
        self.notifications(play);
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

    /// Checks handlers: they run when they are notified, and maybe never.
    fn handlers(&mut self, items: &[Item]) {
        let outer = std::mem::replace(&mut self.is_in_handlers, true);
        self.items(items);
        self.is_in_handlers = outer;
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
            self.handlers(&role.handlers);
        }
        let forgives = !block.rescue.is_empty()
            || !block.when.is_empty()
            || block.keywords.get(Keyword::IgnoreErrors).is_some();
        let guard = usize::from(forgives);
        self.guards += guard;
        let before = self.mistakes.0.len();
        self.items(&block.block);
        if !block.rescue.is_empty() {
            // What goes wrong here is taken care of.
            self.warnings.extend(self.mistakes.0.drain(before..));
        }
        self.items(&block.rescue);
        self.items(&block.always);
        self.guards -= guard;
        if role.is_some() {
            self.roles.pop();
        }
    }

    /// Refuses `--start-at-task` with a name that no task has: nothing would run.
    fn start(&mut self) {
        let Some(wanted) = &self.run.options.start_at else { return };
        let is_open = |name: &Value| !name.is_final();
        let names: Vec<&str> = self.names.iter().filter_map(Value::as_str).collect();
        if self.names.iter().any(is_open)
            || names.iter().any(|name| name == wanted || glob::matches(wanted, name))
        {
            return;
        }
        let mistake =
            Mistake::new(format!("No matching task \"{wanted}\" found"), &Position::default());
        self.mistakes.push(match suggest::closest(wanted, names) {
            Some(near) => mistake.hint(format!("did you mean `{near}`?")),
            None => mistake.hint(
                "`--list-tasks` shows the names; --start-at-task can only follow static includes",
            ),
        });
    }

    /// Checks a task. Mistakes of one whose failure does not matter are told, but do not keep the run from starting.
    fn task(&mut self, task: &Task) {
        let before = self.mistakes.0.len();
        self.is_needless = self.is_optional(task);
        self.all_of(task);
        self.is_needless = false;
        let ignored = task.keywords.get(Keyword::IgnoreErrors);
        let is_ignored =
            ignored.is_some_and(|given| !given.value.is_final() || given.value.truth());
        if is_ignored || task.failed_when.is_some() {
            self.warnings.extend(self.mistakes.0.drain(before..));
        }
    }

    /// Notes what `--start-at-task` may call a task.
    fn name(&mut self, task: &Task) {
        if let Some(open) = task.name.as_ref().filter(|name| !name.value.is_final()) {
            return self.names.push(open.value.clone());
        }
        let name = start_at::name(task);
        if let Some(role) = self.roles.last().and_then(|path| path.file_name()) {
            self.names.push(format!("{} : {name}", role.to_string_lossy()).into());
        }
        self.names.push(name.into());
    }

    fn all_of(&mut self, task: &Task) {
        self.tasks += 1;
        self.name(task);
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
            self.list(repeat);
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

    /// Refuses a `loop` over what is no list.
    fn list(&mut self, repeat: &Loop) {
        let value = &repeat.over.value;
        let is_wrong = repeat.lookup.is_none()
            && value.is_final()
            && !matches!(value, Value::List(_) | Value::Tuple(_) | Value::Null);
        if is_wrong {
            let what = format!(
                "Invalid data passed to 'loop', it requires a list, got this instead: {value}"
            );
            let width = value.to_string().chars().count();
            self.mistakes.push(
                Mistake::new(what, &repeat.over.at)
                    .width(width)
                    .hint(format!("write it as a list: `[{value}]`")),
            );
        }
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
        let Some(meaning) = meaning(&action.word) else {
            // What a template comes to is known when the task runs.
            if !action.word.contains("{{") {
                self.unknown(task);
            }
            return;
        };
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
        self.arguments(&meaning, task);
        self.files(task);
        self.makes_files |= files::may_make(task, self.is_local);
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

    fn map(&mut self, map: &Map, at: &Position) {
        if map.flags().contains(Flags::LAZY) {
            let outer = std::mem::replace(&mut self.is_needless, true);
            map.values().for_each(|value| self.value(value, at));
            self.is_needless = outer;
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
            Value::Lazy(lazy) if lazy.kind() == LazyKind::Template => {
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
            self.template_mistake(mistake);
        }
    }
}
