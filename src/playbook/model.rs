//! The model: what a playbook says, with places, untemplated.

use std::path::PathBuf;
use std::sync::Arc;

use super::Keywords;
use crate::base::{Map, Position, Value};

/// A value with its place.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// The value, lazy where it is a template.
    pub value: Value,
    /// Where it stands.
    pub at: Position,
}

impl Given {
    /// Returns the items of a list, or the value alone when it is no list; none when it is null.
    pub fn each(&self) -> Vec<Self> {
        match &self.value {
            Value::Null => Vec::new(),
            Value::List(list) => list
                .iter()
                .map(|value| Self { at: place_of(value, &self.at), value: value.clone() })
                .collect(),
            _ => vec![self.clone()],
        }
    }
}

/// Returns where a value stands: lazy text knows its own place.
fn place_of(value: &Value, around: &Position) -> Position {
    match value {
        Value::Lazy(lazy) => lazy.at().clone(),
        _ => around.clone(),
    }
}

/// A file of plays.
#[derive(Clone, Debug, Default)]
pub struct Playbook {
    /// The path as given.
    pub path: PathBuf,
    /// The plays, those of imported playbooks in their place.
    pub plays: Vec<Arc<Play>>,
}

/// A play.
#[derive(Clone, Debug, Default)]
pub struct Play {
    /// Where it stands.
    pub at: Position,
    /// The folder of the playbook file it stands in.
    pub folder: PathBuf,
    /// Its name.
    pub name: Option<Given>,
    /// Its host pattern.
    pub hosts: Given,
    /// Its variables.
    pub vars: Arc<Map>,
    /// Files of variables.
    pub vars_files: Vec<Given>,
    /// Variables to ask for.
    pub prompts: Vec<Prompt>,
    /// `gather_facts`.
    pub gather_facts: Option<Given>,
    /// `gather_subset`.
    pub gather_subset: Option<Given>,
    /// `gather_timeout`.
    pub gather_timeout: Option<Given>,
    /// `fact_path`.
    pub fact_path: Option<Given>,
    /// `serial`.
    pub serial: Option<Given>,
    /// `strategy`.
    pub strategy: Option<Given>,
    /// `order`.
    pub order: Option<Given>,
    /// `max_fail_percentage`.
    pub max_fail_percentage: Option<Given>,
    /// `force_handlers`.
    pub force_handlers: Option<Given>,
    /// The plays that have to be through before it, when it names them; nothing when it waits for all before it.
    pub needs: Option<Vec<Given>>,
    /// The statements that imported its file, outermost first.
    pub imports: Vec<Arc<Import>>,
    /// Inheritable keywords.
    pub keywords: Keywords,
    /// Tags.
    pub tags: Vec<Given>,
    /// Conditions of the statement that imported this play's file.
    pub when: Vec<Given>,
    /// Handlers.
    pub handlers: Vec<Item>,
    /// Tasks before the roles.
    pub pre_tasks: Vec<Item>,
    /// Roles, dependencies in front of those that need them, as blocks.
    pub roles: Vec<Arc<Block>>,
    /// Tasks.
    pub tasks: Vec<Item>,
    /// Tasks after them.
    pub post_tasks: Vec<Item>,
}

/// A statement that imports a playbook. The plays it brings in have it in common.
#[derive(Clone, Debug, Default)]
pub struct Import {
    /// Where it stands.
    pub at: Position,
    /// Its name.
    pub name: Option<Given>,
    /// Its variables.
    pub vars: Arc<Map>,
    /// The plays that have to be through before its own.
    pub needs: Option<Vec<Given>>,
}

/// A variable to ask for.
#[derive(Clone, Debug, Default)]
pub struct Prompt {
    /// The variable.
    pub name: String,
    /// What to say.
    pub prompt: Option<Given>,
    /// What it is when nothing is typed.
    pub default: Option<Given>,
    /// Whether typing is hidden.
    pub private: bool,
    /// Whether it has to be typed twice.
    pub confirm: bool,
    /// How to hash it.
    pub encrypt: Option<String>,
    /// The salt to hash it with.
    pub salt: Option<String>,
    /// The length of a random salt.
    pub salt_size: Option<i64>,
    /// Whether the answer is never a template.
    pub is_unsafe: bool,
}

/// Something in a list of tasks.
#[derive(Clone, Debug)]
pub enum Item {
    /// A task.
    Task(Arc<Task>),
    /// A block.
    Block(Arc<Block>),
}

/// Where a block comes from, when it is not written as one.
#[derive(Clone, Debug, Default)]
pub enum Origin {
    /// It is written as a block.
    #[default]
    Written,
    /// It is an imported file of tasks.
    Tasks,
    /// It is a role.
    Role(Arc<Role>),
}

/// Tasks that share keywords, with what to do when one fails.
#[derive(Clone, Debug, Default)]
pub struct Block {
    /// Where it stands.
    pub at: Position,
    /// Its name.
    pub name: Option<Given>,
    /// Where it comes from.
    pub origin: Origin,
    /// Inheritable keywords.
    pub keywords: Keywords,
    /// Conditions of every task in it.
    pub when: Vec<Given>,
    /// Tags of every task in it.
    pub tags: Vec<Given>,
    /// Variables.
    pub vars: Arc<Map>,
    /// Parameters of the role, which are stronger than variables.
    pub params: Arc<Map>,
    /// Handlers that every task in it notifies.
    pub notify: Vec<Given>,
    /// The tasks.
    pub block: Vec<Item>,
    /// What to do when one of them fails.
    pub rescue: Vec<Item>,
    /// What to do in any case.
    pub always: Vec<Item>,
}

impl Block {
    /// Returns the role it is the use of.
    pub fn role(&self) -> Option<&Arc<Role>> {
        match &self.origin {
            Origin::Role(role) => Some(role),
            Origin::Tasks | Origin::Written => None,
        }
    }
}

/// A role as loaded for one use.
#[derive(Clone, Debug, Default)]
pub struct Role {
    /// Its name as the user wrote it.
    pub name: String,
    /// Its folder.
    pub path: PathBuf,
    /// The roles that brought it, outermost first.
    pub parents: Vec<Arc<Self>>,
    /// The roles it depends on.
    pub dependencies: Vec<Arc<Self>>,
    /// Default variables.
    pub defaults: Arc<Map>,
    /// Variables.
    pub vars: Arc<Map>,
    /// Parameters it was used with.
    pub params: Arc<Map>,
    /// Its handlers.
    pub handlers: Vec<Item>,
    /// The specification of its arguments for the entry point it is used by, when it has one.
    pub argument_spec: Option<Value>,
    /// Whether it may run more than once a play.
    pub allow_duplicates: bool,
    /// Whether its variables are visible to the rest of the play, when somebody says so.
    pub public: Option<bool>,
    /// What tells equal uses apart: name, parameters, conditions, tags.
    pub identity: String,
}

/// How a role is asked for.
#[derive(Clone, Debug, Default)]
pub struct RoleSpec {
    /// Its name.
    pub name: String,
    /// Where it is asked for.
    pub at: Position,
    /// The file of tasks, without its ending; `main` when not given.
    pub tasks_from: Option<String>,
    /// The file of variables.
    pub vars_from: Option<String>,
    /// The file of defaults.
    pub defaults_from: Option<String>,
    /// The file of handlers.
    pub handlers_from: Option<String>,
    /// Whether it may run more than once, when said here.
    pub allow_duplicates: Option<bool>,
    /// Whether its variables stay visible.
    pub public: Option<bool>,
    /// Whether its arguments are validated.
    pub validate: bool,
}

/// A task or handler.
#[derive(Clone, Debug, Default)]
pub struct Task {
    /// Where it stands.
    pub at: Position,
    /// Its name.
    pub name: Option<Given>,
    /// What it does.
    pub action: Action,
    /// Inheritable keywords.
    pub keywords: Keywords,
    /// Conditions.
    pub when: Vec<Given>,
    /// Tags.
    pub tags: Vec<Given>,
    /// Variables.
    pub vars: Arc<Map>,
    /// The variable that takes the result.
    pub register: Option<Given>,
    /// The loop.
    pub repeat: Option<Loop>,
    /// Conditions to try until they hold.
    pub until: Vec<Given>,
    /// How often to try.
    pub retries: Option<Given>,
    /// How long to wait between tries, in seconds.
    pub delay: Option<Given>,
    /// What counts as changed.
    pub changed_when: Option<Vec<Given>>,
    /// What counts as failed.
    pub failed_when: Option<Vec<Given>>,
    /// Handlers to notify.
    pub notify: Vec<Given>,
    /// Topics a handler listens to.
    pub listen: Vec<Given>,
    /// How long it may run in the background, in seconds.
    pub r#async: Option<Given>,
    /// How often to ask for it, in seconds; 0 to go on without it.
    pub poll: Option<Given>,
    /// The folder of the file it stands in.
    pub folder: PathBuf,
    /// What a dynamic include brings along.
    pub include: Option<Include>,
}

/// What a task does.
#[derive(Clone, Debug, Default)]
pub struct Action {
    /// The word, raw.
    pub word: String,
    /// Where it stands.
    pub at: Position,
    /// The arguments.
    pub args: Vec<Argument>,
    /// Text that is no `key=value`, as `command` takes it.
    pub free_form: Option<Given>,
    /// A template that gives all arguments (`args: "{{ … }}"`).
    pub all: Option<Given>,
}

/// An argument with its places.
#[derive(Clone, Debug)]
pub struct Argument {
    /// Its name.
    pub name: String,
    /// Where the name stands.
    pub at: Position,
    /// Its value.
    pub value: Value,
    /// Where the value stands.
    pub value_at: Position,
}

/// A loop.
#[derive(Clone, Debug)]
pub struct Loop {
    /// The lookup whose results it runs over (`with_…`); nothing for `loop`.
    pub lookup: Option<String>,
    /// What it runs over.
    pub over: Given,
    /// How.
    pub control: LoopControl,
}

/// How a loop runs.
#[derive(Clone, Debug, Default)]
pub struct LoopControl {
    /// The variable of the item; `item` when not given.
    pub loop_var: Option<Given>,
    /// The variable of the index.
    pub index_var: Option<Given>,
    /// What is shown of an item.
    pub label: Option<Given>,
    /// How long to wait between items, in seconds.
    pub pause: Option<Given>,
    /// Whether `ansible_loop` is set.
    pub extended: Option<Given>,
    /// Whether `ansible_loop` has all items.
    pub extended_allitems: Option<Given>,
    /// Conditions that end the loop.
    pub break_when: Vec<Given>,
}

/// What an include keeps for what it brings in (`apply`).
#[derive(Clone, Debug, Default)]
pub struct Include {
    /// Keywords, conditions, tags and variables for all tasks it brings in.
    pub apply: Option<Arc<Block>>,
    /// The collections in which the role is looked for when it is named without one.
    pub collections: Vec<String>,
}
