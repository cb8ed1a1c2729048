//! One play: its hosts in batches, its variables, its sections.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use tokio::sync::Notify;

use super::frame::Frame;
use super::handlers::{Handler, Handlers, flatten};
use super::include;
use super::lockstep::{Lockstep, Step};
use super::run::{InventoryLayers, Run};
use super::task::Once;
use super::walk::{Flow, Walker};
use crate::base::{Map, Value};
use crate::event::TaskInfo;
use crate::playbook::load::{Place as LoadPlace, RoleUse};
use crate::playbook::{Action, Block, Given, Item, Loader, Origin, Play, Role, RoleSpec, Task};
use crate::vars::RunFacts;

/// Defaults and variables of a role.
type RoleVars = (Arc<Map>, Arc<Map>);

/// What the tasks of a play share.
pub(super) struct PlayRun {
    /// The play.
    pub play: Arc<Play>,
    /// The hosts of all its batches.
    pub hosts: Vec<Arc<str>>,
    /// Defaults of all roles of the play: every task sees them.
    pub role_defaults: Vec<Arc<Map>>,
    /// Variables of all roles of the play.
    pub role_vars: Vec<Arc<Map>>,
    /// The handlers.
    pub handlers: Handlers,
    /// Whether hosts meet before each task.
    pub together: bool,
    /// Whether a host keeps its place among the forks to the end of the play.
    pub pinned: bool,
    vars: Vec<Arc<Map>>,
    host_vars: Mutex<HashMap<Arc<str>, Vec<Arc<Map>>>>,
    public: Mutex<HashMap<Arc<str>, Vec<RoleVars>>>,
    facts: RwLock<Arc<RunFacts>>,
    inventory: Mutex<HashMap<Arc<str>, (InventoryLayers, Value)>>,
    files: Mutex<HashMap<String, Arc<Vec<Item>>>>,
    roles: Mutex<HashMap<String, Arc<Block>>>,
    failed: Mutex<BTreeSet<Arc<str>>>,
    ended: AtomicBool,
    stepping: AtomicBool,
}

/// The hosts that walk together.
pub(super) struct Batch {
    /// The hosts.
    pub hosts: Vec<Arc<str>>,
    /// Where they meet.
    pub lockstep: Lockstep,
    lost: Mutex<BTreeSet<Arc<str>>>,
    error: Mutex<Option<String>>,
    done: Notify,
}

impl PlayRun {
    /// Returns a play ready to run; `vars` are those of the play, of prompts and of files that need no host.
    pub(super) fn new(run: &Run, play: Arc<Play>, vars: Vec<Arc<Map>>, strategy: &str) -> Self {
        let mut roles = Vec::new();
        play.roles.iter().for_each(|block| collect_roles(block, &mut roles));
        let this = Self {
            role_defaults: roles.iter().map(|role| Arc::clone(&role.defaults)).collect(),
            role_vars: roles.iter().map(|role| Arc::clone(&role.vars)).collect(),
            handlers: Handlers::default(),
            together: !matches!(strategy, "free" | "host_pinned"),
            pinned: strategy == "host_pinned",
            vars,
            host_vars: Mutex::default(),
            public: Mutex::default(),
            facts: RwLock::default(),
            inventory: Mutex::default(),
            files: Mutex::default(),
            roles: Mutex::default(),
            failed: Mutex::default(),
            ended: AtomicBool::new(false),
            stepping: AtomicBool::new(run.options.step),
            hosts: Vec::new(),
            play,
        };
        this.load_handlers(run);
        this
    }

    /// Registers the handlers of the roles, then those of the play.
    fn load_handlers(&self, run: &Run) {
        let frame = Frame { handlers: true, ..Frame::of_play(&self.play) };
        let mut all = Vec::new();
        for block in &self.play.roles {
            role_handlers(block, &frame, &mut all);
        }
        let mut inside = Vec::new();
        for (_, items) in self.play.sections() {
            imported_role_handlers(&items, &frame, &mut inside);
        }
        all.extend(inside);
        all.extend(flatten(&self.play.handlers, &frame));
        let nobody = Arc::from("");
        for (task, frame) in all {
            self.add_handler(run, &nobody, task, frame);
        }
    }

    /// Adds a handler; its name is resolved with what is known of a host.
    pub(super) fn add_handler(&self, run: &Run, host: &Arc<str>, task: Arc<Task>, frame: Frame) {
        let resolve = |given: &Given| {
            let scope = super::scope::of_task(run, self, host, &task, &frame);
            let scope: Arc<dyn crate::template::Scope> = Arc::new(scope);
            run.templates.resolve(&given.value, &scope).ok()
        };
        let name = task.name.as_ref().and_then(resolve).map(|value| value.to_string());
        // Topics are no templates, in Ansible neither.
        let topics = task.listen.iter().flat_map(|given| match given.value.as_list() {
            Some(list) => list.iter().map(super::task::source_text).collect(),
            None => vec![super::task::source_text(&given.value)],
        });
        let topics = topics.collect();
        self.handlers.add(Handler { task, frame, name, topics });
    }

    /// Returns the folder of the playbook.
    pub(super) fn folder(&self) -> &Path {
        &self.play.folder
    }

    /// Returns the variables of the play as a host sees them.
    pub(super) fn vars_of(&self, host: &str) -> Vec<Arc<Map>> {
        let mut all = self.vars.clone();
        all.extend(lock(&self.host_vars).get(host).into_iter().flatten().cloned());
        all
    }

    /// Adds variables of the play that only one host has (`vars_files` with templates in their names, public roles).
    pub(super) fn add_vars(&self, host: &Arc<str>, vars: Arc<Map>) {
        lock(&self.host_vars).entry(Arc::clone(host)).or_default().push(vars);
    }

    /// Makes the variables of an included role visible to the rest of the play.
    pub(super) fn publish_role(&self, host: &Arc<str>, role: &Role) {
        let mut public = lock(&self.public);
        let own = public.entry(Arc::clone(host)).or_default();
        own.push((Arc::clone(&role.defaults), Arc::clone(&role.vars)));
    }

    /// Returns defaults and variables of the roles whose includes made them visible on a host.
    pub(super) fn public_roles(&self, host: &str) -> Vec<RoleVars> {
        lock(&self.public).get(host).cloned().unwrap_or_default()
    }

    /// Returns what the run tells all tasks of the batch.
    pub(super) fn facts(&self) -> Arc<RunFacts> {
        Arc::clone(&self.facts.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Sets what the run tells all tasks of the batch.
    pub(super) fn set_facts(&self, facts: impl FnOnce() -> RunFacts) {
        // Made while nobody else does: of two hosts that fail at once, the later one knows of both.
        let mut current = self.facts.write().unwrap_or_else(PoisonError::into_inner);
        *current = Arc::new(facts());
    }

    /// Returns the variables of the inventory for a host.
    pub(super) fn inventory_layers(&self, run: &Run, host: &Arc<str>) -> InventoryLayers {
        self.of_inventory(run, host).0
    }

    /// Returns the groups of a host.
    pub(super) fn groups_of(&self, run: &Run, host: &Arc<str>) -> Value {
        self.of_inventory(run, host).1
    }

    fn of_inventory(&self, run: &Run, host: &Arc<str>) -> (InventoryLayers, Value) {
        if let Some(known) = lock(&self.inventory).get(host) {
            return known.clone();
        }
        let found = run.inventory_of(host).unwrap_or_else(|reason| {
            run.warn(reason);
            self.fail(host);
            Default::default()
        });
        lock(&self.inventory).insert(Arc::clone(host), found.clone());
        found
    }

    /// Forgets what is known of the inventory: it has changed.
    pub(super) fn forget_inventory(&self) {
        lock(&self.inventory).clear();
    }

    /// Returns the items of a file of tasks, loaded once for all hosts.
    pub(super) fn loaded(
        &self,
        run: &Run,
        path: &Path,
        place: &LoadPlace,
    ) -> Result<Arc<Vec<Item>>, String> {
        let role =
            place.role.as_ref().map(|role| role.path.display().to_string()).unwrap_or_default();
        let key = format!("{}|{role}|{}", path.display(), place.handlers);
        if let Some(known) = lock(&self.files).get(&key) {
            return Ok(Arc::clone(known));
        }
        let loader = Loader::new(&run.files, &run.words);
        let items = loader.tasks(path, place);
        let mut mistakes = loader.take_mistakes();
        super::preflight::check_items(run, &items, &mut mistakes);
        if !mistakes.is_empty() {
            return Err(include::first(&mistakes));
        }
        let items = Arc::new(items);
        lock(&self.files).insert(key, Arc::clone(&items));
        Ok(items)
    }

    /// Returns a role that is included, loaded once for all hosts.
    pub(super) fn loaded_role(
        &self,
        run: &Run,
        spec: &RoleSpec,
        place: &LoadPlace,
    ) -> Result<Arc<Block>, String> {
        let parent =
            place.role.as_ref().map(|role| role.path.display().to_string()).unwrap_or_default();
        let key = format!("{spec:?}|{parent}");
        if let Some(known) = lock(&self.roles).get(&key) {
            return Ok(Arc::clone(known));
        }
        let loader = Loader::new(&run.files, &run.words);
        let block = loader.role(spec, &RoleUse::default(), place);
        let mut mistakes = loader.take_mistakes();
        if let Some(block) = &block {
            super::preflight::check_items(run, &block.block, &mut mistakes);
        }
        let Some(block) = block.filter(|_| mistakes.is_empty()) else {
            return Err(include::first(&mistakes));
        };
        lock(&self.roles).insert(key, Arc::clone(&block));
        Ok(block)
    }

    /// Ends the play: no further batch starts.
    pub(super) fn end(&self) {
        self.ended.store(true, Ordering::Relaxed);
    }

    /// Returns whether the play was ended.
    pub(super) fn has_ended(&self) -> bool {
        self.ended.load(Ordering::Relaxed)
    }

    /// Notes that a host failed for good.
    pub(super) fn fail(&self, host: &Arc<str>) {
        lock(&self.failed).insert(Arc::clone(host));
    }

    /// Forgets all failures (`clear_host_errors`).
    pub(super) fn forgive_all(&self) {
        lock(&self.failed).clear();
    }

    /// Returns the hosts that failed for good.
    pub(super) fn failed(&self) -> BTreeSet<Arc<str>> {
        lock(&self.failed).clone()
    }

    /// Asks whether to run a task (`--step`): yes, no, or continue without asking.
    pub(super) fn ask_step(&self, run: &Run, info: &TaskInfo) -> bool {
        if !self.stepping.load(Ordering::Relaxed) {
            return true;
        }
        let answer = (run.ask)(
            &format!("Perform task: TASK: {} (N)o/(y)es/(c)ontinue: ", info.title()),
            false,
        );
        match answer.unwrap_or_default().trim().to_lowercase().as_str() {
            "y" | "yes" => true,
            "c" | "continue" => {
                self.stepping.store(false, Ordering::Relaxed);
                true
            }
            _ => false,
        }
    }
}

impl Batch {
    /// Returns a batch of hosts.
    pub(super) fn new(
        run: &Run,
        hosts: Vec<Arc<str>>,
        together: bool,
        max_fail: Option<f64>,
    ) -> Self {
        let lockstep = Lockstep::new(hosts.clone(), together, max_fail, Arc::clone(&run.sink));
        Self {
            hosts,
            lockstep,
            lost: Mutex::default(),
            error: Mutex::default(),
            done: Notify::new(),
        }
    }

    /// Notes that a host cannot be reached any more.
    pub(super) fn lose(&self, host: &Arc<str>) {
        lock(&self.lost).insert(Arc::clone(host));
    }

    /// Forgets which hosts cannot be reached (`clear_host_errors`).
    pub(super) fn forgive_all(&self) {
        lock(&self.lost).clear();
    }

    /// Returns the hosts that cannot be reached any more.
    pub(super) fn lost(&self) -> BTreeSet<Arc<str>> {
        lock(&self.lost).clone()
    }

    /// Ends the run with an error.
    pub(super) fn fail_run(&self, reason: String) {
        lock(&self.error).get_or_insert(reason);
        self.lockstep.end();
    }

    /// Returns the error that ends the run.
    pub(super) fn error(&self) -> Option<String> {
        lock(&self.error).clone()
    }

    /// Makes the result of a task that runs once known to all hosts.
    pub(super) fn publish(&self, step: &Step, done: Once) {
        let _known = step.once.set(done);
        self.done.notify_waiters();
    }

    /// Waits for the result of a task that runs once.
    pub(super) async fn wait_for(&self, step: &Step) -> Once {
        loop {
            let changed = self.done.notified();
            if let Some(done) = step.once.get() {
                return done.clone();
            }
            changed.await;
        }
    }
}

/// Walks all sections of a play on one host and says how it ended.
pub(super) async fn walk(
    mut walker: Walker,
    sections: Arc<Vec<Vec<Item>>>,
    frame: Arc<Frame>,
) -> (Walker, Flow) {
    let mut flow = Flow::Next;
    for (number, items) in sections.iter().enumerate() {
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        flow = walker.items(items, &frame, vec![number * 2]).await;
        if flow == Flow::Next {
            flow = walker.flush(&vec![number * 2 + 1]).await;
        }
        if flow != Flow::Next {
            break;
        }
    }
    (walker, flow)
}

/// Returns the task that gathers facts.
pub(super) fn gathering(play: &Play) -> Task {
    let argument = |name: &str, given: &Option<Given>| {
        given.as_ref().map(|given| crate::playbook::Argument {
            name: name.into(),
            at: given.at.clone(),
            value: given.value.clone(),
            value_at: given.at.clone(),
        })
    };
    let args = [
        argument("gather_subset", &play.gather_subset),
        argument("gather_timeout", &play.gather_timeout),
        argument("fact_path", &play.fact_path),
    ];
    Task {
        at: play.at.clone(),
        name: Some(Given { value: "Gathering Facts".into(), at: play.at.clone() }),
        action: Action {
            word: "ansible.builtin.setup".into(),
            at: play.at.clone(),
            args: args.into_iter().flatten().collect(),
            ..Action::default()
        },
        tags: vec![Given { value: "always".into(), at: play.at.clone() }],
        ..Task::default()
    }
}

/// Collects the roles of a block and of the blocks in it, dependencies first.
fn collect_roles(block: &Block, roles: &mut Vec<Arc<Role>>) {
    for item in &block.block {
        if let Item::Block(inner) = item {
            collect_roles(inner, roles);
        }
    }
    if let Origin::Role(role) = &block.origin {
        roles.push(Arc::clone(role));
    }
}

fn role_handlers(block: &Block, frame: &Frame, all: &mut Vec<(Arc<Task>, Frame)>) {
    let inner = frame.enter(block);
    for item in &block.block {
        if let Item::Block(block) = item {
            role_handlers(block, &inner, all);
        }
    }
    if let Origin::Role(role) = &block.origin {
        all.extend(flatten(&role.handlers, &inner));
    }
}

fn imported_role_handlers(items: &[Item], frame: &Frame, all: &mut Vec<(Arc<Task>, Frame)>) {
    for item in items {
        if let Item::Block(block) = item {
            if matches!(block.origin, Origin::Role(_)) {
                role_handlers(block, frame, all);
            } else {
                let inner = frame.enter(block);
                for items in [&block.block, &block.rescue, &block.always] {
                    imported_role_handlers(items, &inner, all);
                }
            }
        }
    }
}

/// Returns a walker at the start of a play.
pub(super) fn walker(
    run: &Arc<Run>,
    play: &Arc<PlayRun>,
    batch: &Arc<Batch>,
    index: usize,
) -> Walker {
    Walker {
        run: Arc::clone(run),
        play: Arc::clone(play),
        batch: Arc::clone(batch),
        host: Arc::clone(&batch.hosts[index]),
        index,
        notified: BTreeSet::new(),
        begun: HashSet::new(),
        roles: HashSet::new(),
        failure: None,
    }
}

/// Returns the hosts of a play in batches (`serial`).
pub(super) fn batches(
    hosts: &[Arc<str>],
    serial: Option<&Value>,
) -> Result<Vec<Vec<Arc<str>>>, String> {
    let sizes: Vec<Value> = match serial {
        None => Vec::new(),
        Some(value) => value.as_list().map_or_else(|| vec![value.clone()], |list| list.to_vec()),
    };
    let mut sizes = sizes.into_iter();
    let mut last = None;
    let mut rest = hosts;
    let mut batches = Vec::new();
    while !rest.is_empty() {
        if let Some(size) = sizes.next() {
            last = Some(batch_size(&size, hosts.len())?);
        }
        let size = match last {
            None | Some(0) => rest.len(),
            Some(size) => size.min(rest.len()),
        };
        let (batch, tail) = rest.split_at(size);
        batches.push(batch.to_vec());
        rest = tail;
    }
    Ok(batches)
}

fn batch_size(size: &Value, hosts: usize) -> Result<usize, String> {
    let wrong =
        || format!("`serial` must be a number of hosts or a percentage, not {}", size.repr());
    let text = size.to_string();
    match text.trim().strip_suffix('%') {
        Some(share) => {
            let share: f64 = share.trim().parse().map_err(|_| wrong())?;
            Ok(((share / 100.0 * hosts as f64) as usize).max(1))
        }
        None => text
            .trim()
            .parse::<i64>()
            .map(|number| usize::try_from(number).unwrap_or(0))
            .map_err(|_| wrong()),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(hosts: usize, serial: Option<Value>, expected: &[usize]) {
        let hosts: Vec<Arc<str>> = (0..hosts).map(|index| Arc::from(format!("h{index}"))).collect();
        let sizes: Vec<usize> =
            batches(&hosts, serial.as_ref()).unwrap().iter().map(Vec::len).collect();
        assert_eq!(sizes, expected);
    }

    #[test]
    fn serial() {
        case(5, None, &[5]);
        case(5, Some(2.into()), &[2, 2, 1]);
        case(10, Some("30%".into()), &[3, 3, 3, 1]);
        case(10, Some(Value::list([1.into(), 5.into()])), &[1, 5, 4]);
        case(3, Some(0.into()), &[3]);
        assert!(batches(&[Arc::from("h")], Some(&"x".into())).is_err());
    }
}
