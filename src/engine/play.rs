//! One play while it runs: what its tasks share on all hosts.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use super::handlers::{Handlers, collect};
use super::library::Library;
use super::run::{InventoryLayers, Run};
use crate::base::{Map, Value};
use crate::event::{PlayInfo, TaskInfo};
use crate::playbook::{Block, Item, Origin, Play, Role};
use crate::vars::{RunFacts, Store};

/// Defaults and variables of a role.
type RoleVars = (Arc<Map>, Arc<Map>);

/// What the tasks of a play share.
pub(super) struct PlayRun {
    /// The play.
    pub play: Arc<Play>,
    /// The play as reporters see it.
    pub info: Arc<PlayInfo>,
    /// What its hosts have gathered.
    pub store: Arc<Store>,
    /// The hosts of all its batches.
    pub hosts: Vec<Arc<str>>,
    /// Defaults of all roles of the play: every task sees them.
    pub role_defaults: Vec<Arc<Map>>,
    /// Variables of all roles of the play.
    pub role_vars: Vec<Arc<Map>>,
    /// The handlers.
    pub handlers: Handlers,
    /// What includes have loaded.
    pub library: Library,
    /// Whether hosts meet before each task.
    pub together: bool,
    /// Whether a host keeps its place among the forks to the end of the play.
    pub pinned: bool,
    vars: Vec<Arc<Map>>,
    host_vars: Mutex<HashMap<Arc<str>, Vec<Arc<Map>>>>,
    public: Mutex<HashMap<Arc<str>, Vec<RoleVars>>>,
    /// The roles by name: those of `roles`, imported ones, and included ones as they come.
    named: Mutex<Vec<Arc<Role>>>,
    facts: RwLock<Arc<RunFacts>>,
    /// Whether the inventory has changed since these facts were made.
    regrouped: AtomicBool,
    inventory: Mutex<HashMap<Arc<str>, (InventoryLayers, Value)>>,
    failed: Mutex<BTreeSet<Arc<str>>>,
    ended: AtomicBool,
    stepping: AtomicBool,
}

impl PlayRun {
    /// Returns a play ready to run; `vars` are those of the play, of prompts and of files that need no host.
    pub(super) fn new(run: &Run, play: Arc<Play>, vars: Vec<Arc<Map>>, strategy: &str) -> Self {
        let mut roles = Vec::new();
        play.roles.iter().for_each(|block| collect_roles(block, &mut roles));
        for items in [&play.pre_tasks, &play.tasks, &play.post_tasks] {
            imported_roles(items, &mut roles);
        }
        let private = run.options.private_role_vars.unwrap_or(false);
        let listed = play.roles.iter().filter_map(|block| block.role()).cloned();
        let imported = [&play.pre_tasks, &play.tasks, &play.post_tasks];
        let named = listed.chain(imported.into_iter().flat_map(|items| named_roles(items)));
        let named = named.collect();
        roles.retain(|role| role.public.unwrap_or(!private));
        let this = Self {
            role_defaults: roles.iter().map(|role| Arc::clone(&role.defaults)).collect(),
            role_vars: roles.iter().map(|role| Arc::clone(&role.vars)).collect(),
            handlers: Handlers::default(),
            library: Library::default(),
            together: !matches!(strategy, "free" | "host_pinned"),
            pinned: strategy == "host_pinned",
            vars,
            host_vars: Mutex::default(),
            public: Mutex::default(),
            named: Mutex::new(named),
            facts: RwLock::default(),
            regrouped: AtomicBool::new(false),
            inventory: Mutex::default(),
            failed: Mutex::default(),
            ended: AtomicBool::new(false),
            stepping: AtomicBool::new(run.options.step),
            hosts: Vec::new(),
            info: Arc::default(),
            store: Arc::clone(&run.store),
            play,
        };
        collect::of_play(run, &this);
        this
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
        // Shown again it is stronger than those between, but it does not count twice.
        own.retain(|(_, vars)| !Arc::ptr_eq(vars, &role.vars));
        own.push((Arc::clone(&role.defaults), Arc::clone(&role.vars)));
    }

    /// Returns defaults and variables of the roles whose includes made them visible on a host.
    pub(super) fn public_roles(&self, host: &str) -> Vec<RoleVars> {
        lock(&self.public).get(host).cloned().unwrap_or_default()
    }

    /// Returns the roles that the play names, imports and has included so far.
    pub(super) fn named(&self) -> Vec<Arc<Role>> {
        lock(&self.named).clone()
    }

    /// Notes that a role was included; says whether it is the first time.
    pub(super) fn add_named(&self, role: &Arc<Role>) -> bool {
        let mut named = lock(&self.named);
        let is_new = !named.iter().any(|known| Arc::ptr_eq(known, role));
        if is_new {
            named.push(Arc::clone(role));
        }
        is_new
    }

    /// Returns what the run tells all tasks of the batch.
    pub(super) fn facts(&self, run: &Run) -> Arc<RunFacts> {
        if self.regrouped.swap(false, Ordering::Relaxed) {
            let mut current = self.facts.write().unwrap_or_else(PoisonError::into_inner);
            let groups = run.inventory().groups_map();
            *current = Arc::new(RunFacts { groups, ..RunFacts::clone(&current) });
        }
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
        self.regrouped.store(true, Ordering::Relaxed);
    }

    /// Drops the connections to a host. What other plays do there at the same time goes on.
    pub(super) async fn reset(&self, run: &Run, host: &str) {
        if self.info.beside {
            run.pool.renew(host);
        } else {
            run.pool.reset(host).await;
        }
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

/// Collects the roles that are imported among the items.
pub(super) fn imported_roles(items: &[Item], roles: &mut Vec<Arc<Role>>) {
    for item in items {
        let Item::Block(block) = item else { continue };
        if block.role().is_some() {
            collect_roles(block, roles);
        }
        for items in [&block.block, &block.rescue, &block.always] {
            imported_roles(items, roles);
        }
    }
}

/// Returns the roles that are imported among the items, without those they depend on.
pub(super) fn named_roles(items: &[Item]) -> Vec<Arc<Role>> {
    let mut roles = Vec::new();
    for item in items {
        let Item::Block(block) = item else { continue };
        let depending = block.role().map_or(0, |role| role.dependencies.len());
        roles.extend(block.role().cloned());
        roles.extend(named_roles(block.block.get(depending..).unwrap_or_default()));
        roles.extend(
            [&block.rescue, &block.always].into_iter().flat_map(|items| named_roles(items)),
        );
    }
    roles
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
