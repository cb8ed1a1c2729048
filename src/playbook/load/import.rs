//! `import_tasks`, `import_role`, `include_tasks`, `include_role`: static ones are put in place, dynamic ones kept.

use std::path::PathBuf;
use std::sync::Arc;

use super::role::RoleUse;
use super::{Loader, Place, each};
use crate::base::{Map, Mistake, Value, fold, suggest};
use crate::playbook::Owner;
use crate::playbook::model::{
    Action, Argument, Block, Given, Include, Item, Origin, RoleSpec, Task,
};
use crate::yaml::Node;

/// Arguments of `import_role` and `include_role`.
const ROLE_WORDS: [&str; 11] = [
    "allow_duplicates",
    "apply",
    "defaults_from",
    "handlers_from",
    "name",
    "public",
    "role",
    "rolespec_validate",
    "tasks_from",
    "vars_from",
    "validate",
];

/// Arguments of `import_tasks` and `include_tasks`.
const TASK_WORDS: [&str; 3] = ["_raw_params", "apply", "file"];

/// Keywords of `include_tasks` and `include_role`.
const INCLUDE_WORDS: [&str; 16] = [
    "action",
    "args",
    "collections",
    "debugger",
    "ignore_errors",
    "local_action",
    "loop",
    "loop_control",
    "name",
    "no_log",
    "register",
    "run_once",
    "tags",
    "timeout",
    "vars",
    "when",
];

impl Loader<'_> {
    /// Loads a task; a static import gives what it imports.
    pub(super) fn task_or_import(&self, node: &Node, place: &Place) -> Vec<Item> {
        let Some(mut task) = self.task(node, place) else { return Vec::new() };
        if place.handlers && self.refuse_as_handler(&task) {
            return Vec::new();
        }
        if short(&task.action.word) == "set_fact" {
            for argument in &task.action.args {
                self.warn_of_reserved(&argument.name, &argument.at);
            }
        }
        match short(&task.action.word) {
            "import_tasks" => self.import_tasks(&task, place).into_iter().collect(),
            "import_role" => self.import_role(&task, place).into_iter().collect(),
            "include_tasks" | "include_role" => {
                self.keep_include(&mut task, node, place);
                vec![Item::Task(Arc::new(task))]
            }
            "include" => {
                let mistake =
                    Mistake::new("`include` has been removed from Ansible", &task.action.at)
                        .width(7);
                self.mistake(mistake.hint("use `include_tasks` or `import_tasks`"));
                Vec::new()
            }
            _ => vec![Item::Task(Arc::new(task))],
        }
    }

    /// Refuses what cannot be a handler.
    fn refuse_as_handler(&self, task: &Task) -> bool {
        let word = short(&task.action.word);
        let form = task.action.free_form.as_ref().map(|given| given.value.to_string());
        let what = match (word, form.as_deref().map(str::trim)) {
            ("import_role" | "include_role", _) => {
                format!("Using '{}' as a handler is not supported.", task.action.word)
            }
            ("meta", Some("flush_handlers")) => {
                "flush_handlers cannot be used as a handler".to_owned()
            }
            ("meta", Some("end_role")) => "Cannot execute 'end_role' from a handler".to_owned(),
            _ => return false,
        };
        self.mistake(Mistake::new(what, &task.at));
        true
    }

    fn import_tasks(&self, task: &Task, place: &Place) -> Option<Item> {
        self.refuse_loop(task);
        self.options(&task.action, &["_raw_params", "file"]);
        let mut inner = place.clone().with_collections_of(&task.keywords);
        inner.vars.push(Arc::clone(&task.vars));
        let target = file_argument(&task.action);
        let Some(target) = target else {
            self.mistake(Mistake::new("`import_tasks` needs the name of a file", &task.action.at));
            return None;
        };
        let name = self.fixed(&target, &inner, "the name of the imported file")?;
        let path = self.find_tasks(name.trim(), &inner, &target)?;
        if inner.importing.contains(&path) {
            self.mistake(Mistake::new(format!("`{}` imports itself", path.display()), &target.at));
            return None;
        }
        inner.importing.push(path.clone());
        let items = self.tasks(&path, &inner);
        Some(Item::Block(Arc::new(block_of(task, Origin::Tasks, items))))
    }

    fn import_role(&self, task: &Task, place: &Place) -> Option<Item> {
        self.refuse_loop(task);
        let place = &place.clone().with_collections_of(&task.keywords);
        let mut inner = place.clone();
        inner.vars.push(Arc::clone(&task.vars));
        let mut fixed = Map::new();
        for argument in &task.action.args {
            let given = Given { value: argument.value.clone(), at: argument.value_at.clone() };
            let what = format!("`{}` of `import_role`", argument.name);
            fixed.insert(argument.name.as_str(), self.fixed(&given, &inner, &what)?.into());
        }
        let spec = self.role_spec(&task.action, &fixed)?;
        let usage = RoleUse { vars: Arc::clone(&task.vars), ..RoleUse::default() };
        let role = self.role(&spec, &usage, place)?;
        let mut block = block_of(task, Origin::Tasks, vec![Item::Block(role)]);
        block.vars = Arc::default();
        Some(Item::Block(Arc::new(block)))
    }

    /// Returns what a role statement asks for, from its final arguments.
    pub fn role_spec(&self, action: &Action, args: &Map) -> Option<RoleSpec> {
        let text =
            |name: &str| args.get(name).filter(|value| !value.is_null()).map(ToString::to_string);
        let truth = |name: &str| {
            args.get(name)
                .map(|value| value.as_str().and_then(fold::truth).unwrap_or_else(|| value.truth()))
        };
        self.options(action, &ROLE_WORDS);
        let Some(name) = text("name").or_else(|| text("role")) else {
            self.mistake(Mistake::new(
                format!("'name' is a required field for {}.", action.word),
                &action.at,
            ));
            return None;
        };
        Some(RoleSpec {
            name,
            at: action.at.clone(),
            tasks_from: text("tasks_from"),
            vars_from: text("vars_from"),
            defaults_from: text("defaults_from"),
            handlers_from: text("handlers_from"),
            allow_duplicates: truth("allow_duplicates").or(Some(true)),
            public: truth("public"),
            validate: truth("rolespec_validate").unwrap_or(true),
        })
    }

    /// Refuses options that an import or include has not.
    fn options(&self, action: &Action, words: &[&'static str]) {
        for argument in action.args.iter().filter(|one| !words.contains(&one.name.as_str())) {
            let what = format!("Invalid options for {}: {}", action.word, argument.name);
            let mistake = Mistake::new(what, &argument.at).width(argument.name.chars().count());
            self.mistake(match suggest::closest(&argument.name, words.iter().copied()) {
                Some(near) => mistake.label(format!("did you mean `{near}`?")),
                None => mistake,
            });
        }
    }

    /// Refuses keywords that mean nothing for a dynamic include: `apply` gives them to what it brings in.
    fn include_keywords(&self, task: &Task, node: &Node, place: &Place) {
        let kind = match short(&task.action.word) {
            "include_role" => "IncludeRole",
            _ => "TaskInclude",
        };
        for (key, _) in node.entries() {
            let word = key.as_str().unwrap_or_default();
            let known = word == task.action.word
                || INCLUDE_WORDS.contains(&word)
                || word.starts_with("with_")
                || (word == "listen" && place.handlers);
            if !known && Owner::Task.words().contains(&word) {
                let what = format!("'{word}' is not a valid attribute for a {kind}");
                let hint = format!(
                    "below `apply:` it holds for all that `{}` brings in",
                    task.action.word
                );
                self.mistake(Mistake::new(what, &key.at).width(word.chars().count()).hint(hint));
            }
        }
    }

    /// Keeps what a dynamic include needs in the run: `apply`, read as a block.
    fn keep_include(&self, task: &mut Task, node: &Node, place: &Place) {
        let value = node
            .entries()
            .iter()
            .find(|(key, _)| key.as_str() == Some(&task.action.word))
            .map(|(_, value)| value);
        let apply =
            value.and_then(|value| value.get("apply")).or_else(|| node.get("args")?.get("apply"));
        let apply = apply.map(|apply| {
            let common = self.common(apply, Owner::Block);
            let mut block = Block {
                at: apply.at.clone(),
                keywords: common.keywords,
                tags: common.tags,
                vars: common.vars,
                ..Block::default()
            };
            for (word, key, value) in common.rest {
                match word {
                    "notify" => block.notify = each(value),
                    "when" => block.when = each(value),
                    _ => self.unknown_word(Owner::Block, word, key),
                }
            }
            Arc::new(block)
        });
        self.include_keywords(task, node, place);
        self.options(
            &task.action,
            if short(&task.action.word) == "include_tasks" { &TASK_WORDS } else { &ROLE_WORDS },
        );
        task.action.args.retain(|argument| argument.name != "apply");
        let collections = place.clone().with_collections_of(&task.keywords).collections;
        task.include = Some(Include { apply, collections });
        if short(&task.action.word) == "include_tasks" && file_argument(&task.action).is_none() {
            let what = "No file specified for ansible.builtin.include_tasks";
            self.mistake(Mistake::new(what, &task.action.at));
        }
    }

    fn refuse_loop(&self, task: &Task) {
        if let Some(repeat) = &task.repeat {
            let what = "You cannot use loops on 'import_tasks' statements. You should use 'include_tasks' instead.";
            self.mistake(Mistake::new(
                what.replace("import_tasks", short(&task.action.word)),
                &repeat.over.at,
            ));
        }
    }

    /// Finds a file of tasks: beside the file that names it, in the role, beside the playbook.
    pub fn find_tasks(&self, name: &str, place: &Place, target: &Given) -> Option<PathBuf> {
        let folder = if place.handlers { "handlers" } else { "tasks" };
        let mut candidates = vec![place.folder.join(name)];
        if let Some(role) = &place.role {
            // Handlers may share files with the tasks of their role.
            candidates.extend([folder, "tasks"].map(|folder| role.path.join(folder).join(name)));
            candidates.push(role.path.join(name));
        }
        candidates.extend([place.playbook.join(name), place.playbook.join(folder).join(name)]);
        if let Some(path) = candidates.iter().find(|path| path.is_file()) {
            return Some(path.clone());
        }
        let what = format!(
            "Could not find or access '{}' on the Ansible Controller.",
            candidates[0].display()
        );
        let mistake = Mistake::new(what, &target.at).width(name.chars().count());
        let names = candidates[0].parent().and_then(|folder| std::fs::read_dir(folder).ok());
        let names: Vec<String> = names
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|entry| entry.file_name().into_string().ok())
            .collect();
        let file = PathBuf::from(name);
        let file = file.file_name().unwrap_or_default().to_string_lossy();
        self.mistake(match suggest::closest(&file, names.iter().map(String::as_str)) {
            Some(near) => mistake.label(format!("did you mean `{near}`?")),
            None => mistake,
        });
        None
    }
}

/// Returns the block an import becomes: its keywords hold for all it brings.
fn block_of(task: &Task, origin: Origin, items: Vec<Item>) -> Block {
    Block {
        at: task.at.clone(),
        name: task.name.clone(),
        origin,
        keywords: task.keywords.clone(),
        when: task.when.clone(),
        tags: task.tags.clone(),
        vars: Arc::clone(&task.vars),
        notify: task.notify.clone(),
        block: items,
        ..Block::default()
    }
}

/// Returns the file of `import_tasks` and `include_tasks`: free text or `file`.
pub fn file_argument(action: &Action) -> Option<Given> {
    let named = |argument: &&Argument| matches!(argument.name.as_str(), "file" | "_raw_params");
    action
        .free_form
        .clone()
        .or_else(|| {
            let argument = action.args.iter().find(named)?;
            Some(Given { value: argument.value.clone(), at: argument.value_at.clone() })
        })
        .filter(|given| given.value != Value::Null)
}

/// Returns a word without Ansible's own collections.
pub fn short(word: &str) -> &str {
    word.strip_prefix("ansible.builtin.")
        .or_else(|| word.strip_prefix("ansible.legacy."))
        .unwrap_or(word)
}
