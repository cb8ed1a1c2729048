//! `include_tasks` and `include_role`: what they bring in is loaded when a host gets there, and walked in its place.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::broken::Broken;
use super::frame::Frame;
use super::handlers::collect;
use super::invoke::during;
use super::lockstep::{Place, Step};
use super::repeat::{self, Control, Round};
use super::result::Raw;
use super::scope::Reader;
use super::task::TaskRun;
use super::turn::Turn;
use super::walk::{Flow, Walker};
use crate::base::path::absolute;
use crate::base::{Map, Mistakes, Value};
use crate::event::{Event, TaskInfo, TaskResult};
use crate::playbook::load::{Place as LoadPlace, file_argument, short};
use crate::playbook::{Given, Item, Keyword, Loader, Origin, Task};
use crate::template::Scope;
use crate::vars::TaskScope;

/// One thing to walk.
struct Brought {
    items: Arc<Vec<Item>>,
    frame: Frame,
    ordinal: u32,
    /// What is registered of it.
    values: Map,
}

/// What an include brings in on a host.
enum Coming {
    Parts(Vec<Brought>),
    /// Its condition does not hold: which one, where there is no loop.
    Nothing(Option<Value>),
}

/// Why nothing is brought in.
enum Refusal {
    /// Condition, loop or arguments are wrong, as they may be in any task: `ignore_errors` forgives it.
    Asking(Broken),
    /// What is asked for is not there, or has mistakes: nothing forgives that.
    Loading(Broken),
}

impl Refusal {
    fn loading(reason: impl Into<Broken>) -> Self {
        Self::Loading(reason.into())
    }
}

impl<T: Into<Broken>> From<T> for Refusal {
    fn from(reason: T) -> Self {
        Self::Asking(reason.into())
    }
}

/// Runs an include on one host.
pub(super) async fn run(
    walker: &mut Walker,
    task: &Arc<Task>,
    frame: &Frame,
    place: &Place,
    step: &Arc<Step>,
    turn: Turn,
) -> Flow {
    turn.comes().await;
    let scope = super::scope::of_task(&walker.run, &walker.play, &walker.host, task, frame);
    let reader =
        Reader { run: &walker.run, task, frame, scope: Arc::new(scope.clone()) as Arc<dyn Scope> };
    let info = walker.announce(task, frame, step, &reader);
    let ignored = reader.flag(Keyword::IgnoreErrors).ok().flatten().unwrap_or(false);
    let brought = bring(walker, task, frame, place, step, &scope, &info);
    walker.run.tell_noted();
    let brought = match brought {
        Ok(Coming::Parts(brought)) => {
            drop(turn);
            walker.batch.lockstep.included(step);
            brought
        }
        Ok(Coming::Nothing(condition)) => {
            let done = walker.report_skip(info, condition);
            return walker.take(task, frame, &done, true);
        }
        Err(refusal) => {
            let (broken, ignored) = match refusal {
                Refusal::Asking(broken) => (broken, ignored),
                Refusal::Loading(broken) => (broken, false),
            };
            let done = walker.report_failure(Arc::clone(&info), broken, ignored);
            unit(walker, task, frame, &info).register(&done.result);
            return walker.take(task, frame, &done, true);
        }
    };
    for brought in brought {
        walker.run.tally.count(&walker.host, &TaskResult::default());
        let mut place = place.clone();
        place.push(brought.ordinal);
        let flow = walker.items(&brought.items, &brought.frame, place).await;
        if flow != Flow::Next {
            return flow;
        }
    }
    Flow::Next
}

/// Returns whether a task includes a role; its banner does not name the role it stands in.
pub(super) fn brings_role(task: &Task) -> bool {
    short(&task.action.word) == "include_role"
}

fn unit<'a>(
    walker: &'a Walker,
    task: &'a Arc<Task>,
    frame: &'a Frame,
    info: &Arc<TaskInfo>,
) -> TaskRun<'a> {
    TaskRun::of(walker, task, frame, Arc::clone(info), vec![Arc::clone(&walker.host)])
}

/// Loads everything an include brings in on a host, and registers that it does.
fn bring(
    walker: &Walker,
    task: &Arc<Task>,
    frame: &Frame,
    place: &Place,
    step: &Arc<Step>,
    scope: &TaskScope,
    info: &Arc<TaskInfo>,
) -> Result<Coming, Refusal> {
    let unit = unit(walker, task, frame, info);
    let items = repeat::items(&unit, scope).map_err(|raw| match raw.broken {
        Some(broken) => *broken,
        None => raw.values.get("msg").map(ToString::to_string).unwrap_or_default().into(),
    });
    let mut brought = Vec::new();
    match items? {
        None => {
            if let Some(condition) = unit.holds(scope)? {
                let skipped = Raw::skipped(Some(condition.clone())).finish(Duration::ZERO);
                unit.register(&skipped);
                return Ok(Coming::Nothing(Some(condition)));
            }
            let mut part = one(walker, task, frame, place, step, scope, None)?;
            unit.register(&part.result(&["failed"]));
            brought.push(part);
        }
        Some(items) => {
            let all: Arc<[Value]> = items.into();
            let control = Control::read(&unit, scope)?;
            let mut results = Vec::new();
            for index in 0..all.len() {
                let round = Round { control: &control, all: &all, index };
                let scope = scope.with_local(round.vars());
                let label = round.label(&unit, &scope)?;
                match unit.holds(&scope)? {
                    None => {
                        let mut part = one(walker, task, frame, place, step, &scope, Some(label))?;
                        let mut result = part.result(&["changed", "failed"]);
                        round.mark(&mut result);
                        results.push(Arc::new(result));
                        brought.push(part);
                    }
                    Some(condition) => {
                        let mut result = Raw::skipped(Some(condition)).finish(Duration::ZERO);
                        result.label = Some(label);
                        round.mark(&mut result);
                        let (task, host) = (Arc::clone(info), Arc::clone(&walker.host));
                        let result = Arc::new(result);
                        results.push(Arc::clone(&result));
                        walker.run.sink.event(&Event::ItemDone { task, host, result });
                    }
                }
            }
            unit.register(&repeat::sum_up(&results));
            if brought.is_empty() {
                return Ok(Coming::Nothing(None));
            }
        }
    }
    Ok(Coming::Parts(brought))
}

impl Brought {
    /// Returns what is registered, but for some of what every other task has.
    fn result(&mut self, without: &[&str]) -> TaskResult {
        let raw = Raw { values: std::mem::take(&mut self.values), ..Raw::default() };
        let mut result = raw.finish(Duration::ZERO);
        let values = Arc::make_mut(&mut result.values);
        without.iter().for_each(|name| drop(values.remove(name)));
        result
    }
}

fn one(
    walker: &Walker,
    task: &Arc<Task>,
    frame: &Frame,
    place: &Place,
    step: &Arc<Step>,
    scope: &TaskScope,
    label: Option<String>,
) -> Result<Brought, Refusal> {
    let vars: Arc<dyn Scope> = Arc::new(scope.clone());
    let mut args = Map::new();
    for argument in &task.action.args {
        let value = walker
            .run
            .templates
            .resolve(&argument.value, &vars)
            .map_err(|error| during(error, task, &argument.name, &argument.value_at))?;
        if !crate::template::is_omit(&value) {
            args.insert(argument.name.as_str(), value);
        }
    }
    // Variables of the include and of its loop are parameters of what it brings in.
    let mut inner = frame.clone();
    let mut params = (*task.vars).clone();
    params.extend(scope.layers().local.iter().map(|(key, value)| (key.clone(), value.clone())));
    inner.params.push(Arc::new(params));
    if let Some(apply) = task.include.as_ref().and_then(|include| include.apply.as_ref()) {
        inner = inner.enter(apply);
    }
    if brings_role(task) {
        return role(walker, task, inner, place, step, &args, label);
    }
    let file =
        file_argument(&task.action).ok_or("No file specified for ansible.builtin.include_tasks")?;
    let name = walker
        .run
        .templates
        .resolve(&file.value, &vars)
        .map_err(|error| during(error, task, "_raw_params", &file.at))?
        .to_string();
    let loader = Loader::new(&walker.run.files, &walker.run.words);
    let load = load_place(walker, task, frame);
    let target = Given { value: name.as_str().into(), at: file.at };
    let missing = || Refusal::loading(first(&loader.take_mistakes()));
    let path = loader.find_tasks(&name, &load, &target).ok_or_else(missing)?;
    let items = walker.play.library.tasks(&walker.run, &path, &load).map_err(Refusal::loading)?;
    take_imported(walker, &items, &inner);
    let shown = absolute(&path);
    let shown = shown.display().to_string();
    let key = format!("{shown}|{}", label.as_deref().unwrap_or_default());
    step.include(shown, label, Arc::clone(&walker.host));
    for word in ["_raw_params", "apply", "file"] {
        args.remove(word);
    }
    let values =
        Map::from_iter([("include", Value::from(name.as_str())), ("include_args", args.into())]);
    let ordinal = walker.batch.lockstep.ordinal(place, &key);
    Ok(Brought { items, frame: inner, ordinal, values })
}

fn role(
    walker: &Walker,
    task: &Arc<Task>,
    frame: Frame,
    place: &Place,
    step: &Arc<Step>,
    args: &Map,
    label: Option<String>,
) -> Result<Brought, Refusal> {
    let loader = Loader::new(&walker.run.files, &walker.run.words);
    let spec =
        loader.role_spec(&task.action, args).ok_or_else(|| first(&loader.take_mistakes()))?;
    let load = load_place(walker, task, &frame);
    let block = walker.play.library.role(&walker.run, &spec, &load).map_err(Refusal::loading)?;
    let Origin::Role(role) = &block.origin else {
        return Err(Refusal::loading("what was included is no role"));
    };
    walker.bring_role(role);
    let mut handlers = Vec::new();
    collect::of_role(&block, &Frame { handlers: true, ..frame.clone() }, &mut handlers);
    add_handlers(walker, handlers);
    take_imported(walker, &block.block, &frame.enter(&block));
    // Nobody's word means private here, unless the setting says that roles are not.
    if spec.public.unwrap_or(walker.run.options.private_role_vars == Some(false)) {
        walker.play.publish_role(&walker.host, role);
    }
    let key = format!(
        "{}|{:?}|{}",
        role.path.display(),
        spec.tasks_from,
        label.as_deref().unwrap_or_default()
    );
    step.include(spec.name, label, Arc::clone(&walker.host));
    let items = Arc::new(vec![Item::Block(block)]);
    let values = Map::from_iter([("include_args", Value::from(args.clone()))]);
    Ok(Brought { items, frame, ordinal: walker.batch.lockstep.ordinal(place, &key), values })
}

/// Adds handlers and variables of roles that an include imports, as imports of the play have them.
fn take_imported(walker: &Walker, items: &[Item], frame: &Frame) {
    let mut handlers = Vec::new();
    let frame = Frame { handlers: true, ..frame.clone() };
    collect::of_imported_roles(items, &frame, &mut handlers);
    add_handlers(walker, handlers);
    let mut roles = Vec::new();
    super::play::imported_roles(items, &mut roles);
    super::play::named_roles(items).iter().for_each(|role| walker.bring_role(role));
    let private = walker.run.options.private_role_vars.unwrap_or(false);
    for role in roles.iter().filter(|role| role.public.unwrap_or(!private)) {
        walker.play.publish_role(&walker.host, role);
    }
}

fn add_handlers(walker: &Walker, handlers: Vec<(Arc<Task>, Frame)>) {
    for (task, frame) in handlers {
        collect::add(&walker.run, &walker.play, &walker.host, task, frame);
    }
}

/// Returns what relative names in an included file refer to.
pub(super) fn load_place(walker: &Walker, task: &Task, frame: &Frame) -> LoadPlace {
    LoadPlace {
        folder: if task.folder.as_os_str().is_empty() {
            PathBuf::from(".")
        } else {
            task.folder.clone()
        },
        playbook: walker.play.folder().to_owned(),
        role: frame.role().cloned(),
        handlers: frame.handlers,
        nested: false,
        collections: task
            .include
            .as_ref()
            .map(|include| include.collections.clone())
            .unwrap_or_default(),
        vars: Vec::new(),
        importing: Vec::new(),
    }
}

/// Returns mistakes as the message of a failed task: the first, and how many more there are.
pub(super) fn first(mistakes: &Mistakes) -> String {
    match mistakes.0.as_slice() {
        [] => "it cannot be loaded".into(),
        [one] => one.to_string(),
        [one, rest @ ..] => {
            format!("{one}\nand {} more", crate::base::words::count(rest.len(), "mistake"))
        }
    }
}
