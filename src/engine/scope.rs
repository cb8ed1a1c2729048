//! Builds what a host sees at a task, and reads keywords with it.

use std::sync::{Arc, Weak};

use super::broken::Broken;
use super::frame::Frame;
use super::play::PlayRun;
use super::run::Run;
use crate::base::{Map, Value, fold};
use crate::inventory::LOCAL;
use crate::playbook::{Given, Keyword, Role, Task};
use crate::template::{self, Dynamic, Mapping, Scope, ScopeObject};
use crate::vars::{Layers, Magic, TaskScope, View};

/// Returns the variables a host sees at a task.
pub(super) fn of_task(
    run: &Run,
    play: &PlayRun,
    host: &Arc<str>,
    task: &Task,
    frame: &Frame,
) -> TaskScope {
    let mut defaults = play.role_defaults.clone();
    let mut role = play.role_vars.clone();
    for (public, vars) in play.public_roles(host) {
        defaults.push(public);
        role.push(vars);
    }
    for one in &frame.roles {
        if frame.roles.last().is_some_and(|last| Arc::ptr_eq(last, one)) {
            push_dependencies(one, &mut defaults, &mut role);
        }
        defaults.push(Arc::clone(&one.defaults));
        role.push(Arc::clone(&one.vars));
    }
    let mut vars = frame.vars.clone();
    if !task.vars.is_empty() {
        vars.push(Arc::clone(&task.vars));
    }
    let layers = Layers {
        defaults,
        inventory: play.inventory_layers(run, host),
        play: play.vars_of(host),
        role,
        task: vars,
        params: frame.params.clone(),
        extra: Arc::clone(&run.options.extra),
        local: Arc::default(),
    };
    let roles = frame.roles.iter().map(|role| (role.name.clone(), role.path.clone())).collect();
    let depends =
        |pair: &[Arc<Role>]| pair[0].dependencies.iter().any(|one| Arc::ptr_eq(one, &pair[1]));
    // Only tasks have a place; what `hostvars` shows belongs to none.
    let view = if task.at.is_known() { View::Task } else { View::Outside };
    let magic = Magic {
        host: Arc::clone(host),
        groups: play.groups_of(run, host),
        run: play.facts(run),
        roles,
        depending: frame.roles.windows(2).map(depends).collect(),
        folder: task.folder.clone(),
        view,
        check: run.options.check,
        diff: run.options.diff,
        environment: frame
            .keyword_all(task, Keyword::Environment)
            .into_iter()
            .map(|given| given.value.clone())
            .collect(),
        reached: match view {
            View::Task => reached(run, host, task, frame),
            View::Outside => Vec::new(),
        },
    };
    TaskScope::new(&play.store, layers, Arc::new(magic))
}

/// Returns whether a host is this machine, and no inventory says how to reach it.
pub(super) fn is_implicit(run: &Run, host: &str) -> bool {
    LOCAL.contains(&host) && run.inventory().host(host).is_none()
}

/// Returns what keywords and flags say about reaching a host, for tasks that ask.
fn reached(
    run: &Run,
    host: &str,
    task: &Task,
    frame: &Frame,
) -> Vec<(&'static [&'static str], Value)> {
    let options = &run.options;
    let keyword = |keyword| frame.keyword(task, keyword).map(|given| given.value.clone());
    let connection =
        if is_implicit(run, host) { Some("local".into()) } else { keyword(Keyword::Connection) };
    let connection = connection
        .or_else(|| options.connection.as_deref().map(Value::from))
        .unwrap_or("ssh".into());
    let user = || options.remote_user.as_deref().map(Value::from);
    let port = || options.port.map(|port| i64::from(port).into());
    let key = options.private_key.as_ref().map(|path| Value::from(path.display().to_string()));
    let password = options.password.as_ref().map(|text| Value::from(text.reveal()).into_secret());
    let timeout = i64::try_from(options.timeout).unwrap_or(i64::MAX);
    let all: [(&'static [&'static str], Option<Value>); 7] = [
        (&["ansible_connection"], Some(connection)),
        (&["ansible_user", "ansible_ssh_user"], keyword(Keyword::RemoteUser).or_else(user)),
        (&["ansible_port", "ansible_ssh_port"], port()),
        (&["ansible_timeout", "ansible_ssh_timeout"], Some(timeout.into())),
        (&["ansible_pipelining", "ansible_ssh_pipelining"], Some(false.into())),
        (&["ansible_private_key_file", "ansible_ssh_private_key_file"], key),
        (&["ansible_password", "ansible_ssh_pass"], password),
    ];
    all.into_iter().filter_map(|(names, value)| Some((names, value?))).collect()
}

/// Adds the variables of the roles that a role depends on: its tasks see them, stronger than those of the roles around it.
fn push_dependencies(role: &Role, defaults: &mut Vec<Arc<Map>>, vars: &mut Vec<Arc<Map>>) {
    for one in &role.dependencies {
        push_dependencies(one, defaults, vars);
        defaults.push(Arc::clone(&one.defaults));
        vars.push(Arc::clone(&one.vars));
    }
}

/// Returns the variables of a host outside of any task, with those of the play.
pub(super) fn of_host(run: &Run, play: &PlayRun, host: &Arc<str>) -> TaskScope {
    of_task(run, play, host, &Task::default(), &Frame::default())
}

/// Returns what `hostvars` shows of a host: what is its own, whichever play runs.
fn outside(run: &Run, play: &PlayRun, host: &Arc<str>) -> TaskScope {
    let layers = Layers {
        inventory: play.inventory_layers(run, host),
        extra: Arc::clone(&run.options.extra),
        ..Layers::default()
    };
    let magic = Magic {
        host: Arc::clone(host),
        groups: play.groups_of(run, host),
        run: play.facts(run),
        check: run.options.check,
        diff: run.options.diff,
        ..Magic::default()
    };
    TaskScope::new(&play.store, layers, Arc::new(magic))
}

/// `hostvars`: every host's variables as that host sees them.
struct HostVars {
    run: Weak<Run>,
    play: Weak<PlayRun>,
}

impl Mapping for HostVars {
    fn get(&self, key: &str) -> Option<Value> {
        let (run, play) = (self.run.upgrade()?, self.play.upgrade()?);
        let known = run.inventory().host(key).map(|host| Arc::clone(&host.name));
        let host = known.or_else(|| LOCAL.contains(&key).then(|| Arc::from(key)))?;
        Some(ScopeObject::value(Arc::new(outside(&run, &play, &host))))
    }

    fn keys(&self) -> Vec<Arc<str>> {
        let Some(run) = self.run.upgrade() else { return Vec::new() };
        run.inventory().hosts().map(|host| Arc::clone(&host.name)).collect()
    }
}

/// Returns `hostvars`.
pub(super) fn hostvars(run: &Arc<Run>, play: &Arc<PlayRun>) -> Value {
    Dynamic::value(Arc::new(HostVars { run: Arc::downgrade(run), play: Arc::downgrade(play) }))
}

/// Reads keywords of one task with the variables of one host.
pub(super) struct Reader<'a> {
    /// The run.
    pub run: &'a Run,
    /// The task.
    pub task: &'a Task,
    /// What it inherits.
    pub frame: &'a Frame,
    /// The variables.
    pub scope: Arc<dyn Scope>,
}

impl Reader<'_> {
    /// Returns a value without templates.
    pub(super) fn resolve(&self, given: &Given) -> Result<Value, Broken> {
        if given.value.is_final() {
            return Ok(given.value.clone());
        }
        self.run.templates.resolve(&given.value, &self.scope).map_err(Broken::from)
    }

    /// Returns the value of a keyword; nothing when it is not given, null or omitted.
    pub(super) fn keyword(&self, keyword: Keyword) -> Result<Option<Value>, Broken> {
        match self.frame.keyword(self.task, keyword) {
            None => Ok(None),
            Some(given) => self.optional(given),
        }
    }

    /// Returns a value; nothing when it is null or omitted.
    pub(super) fn optional(&self, given: &Given) -> Result<Option<Value>, Broken> {
        let value = self.resolve(given)?;
        Ok((!value.is_null() && !template::is_omit(&value)).then_some(value))
    }

    /// Returns a keyword's truth.
    pub(super) fn flag(&self, keyword: Keyword) -> Result<Option<bool>, Broken> {
        Ok(self.keyword(keyword)?.map(|value| truth(&value, keyword.word())).transpose()?)
    }

    /// Returns whether results are hidden.
    pub(super) fn hides(&self) -> Result<bool, Broken> {
        Ok(self.flag(Keyword::NoLog)?.unwrap_or(self.run.options.no_log))
    }

    /// Returns a keyword's text.
    pub(super) fn text(&self, keyword: Keyword) -> Result<Option<String>, Broken> {
        Ok(self.keyword(keyword)?.map(|value| value.to_string()))
    }

    /// Returns a keyword's number.
    pub(super) fn number(&self, keyword: Keyword) -> Result<Option<f64>, Broken> {
        Ok(self.keyword(keyword)?.map(|value| number(&value, keyword.word())).transpose()?)
    }

    /// Returns a field's number.
    pub(super) fn field(&self, given: Option<&Given>, word: &str) -> Result<Option<f64>, Broken> {
        let Some(given) = given else { return Ok(None) };
        Ok(self.optional(given)?.map(|value| number(&value, word)).transpose()?)
    }

    /// Returns the variables for the environment of programs, inner ones being stronger.
    pub(super) fn environment(&self) -> Result<Vec<(String, String)>, Broken> {
        let mut all = Map::new();
        for given in self.frame.keyword_all(self.task, Keyword::Environment) {
            let value = self.resolve(given).map_err(|broken| {
                broken.during("Error processing keyword 'environment'", &given.at)
            })?;
            let maps = match &value {
                Value::List(list) => list.to_vec(),
                Value::Null => Vec::new(),
                other => vec![other.clone()],
            };
            for map in maps {
                let Some(map) = map.as_map() else {
                    self.run.warn(format!("could not parse environment value, skipping: {value}"));
                    return Ok(Vec::new());
                };
                all.extend(map.iter().map(|(key, value)| (key.clone(), value.clone())));
            }
        }
        let pairs = all.iter().filter(|(_, value)| !template::is_omit(value));
        Ok(pairs.map(|(key, value)| (key.to_string(), value.to_string())).collect())
    }
}

/// Returns the truth of a keyword's value.
pub(super) fn truth(value: &Value, word: &str) -> Result<bool, String> {
    match value {
        Value::Text(text) => fold::truth(text.as_str())
            .ok_or_else(|| format!("Error processing keyword '{word}': The value '{value}' could not be converted to 'bool'.")),
        other => Ok(other.truth()),
    }
}

/// Returns the number in a keyword's value.
fn number(value: &Value, word: &str) -> Result<f64, String> {
    value.as_float().or_else(|| value.as_str()?.trim().parse().ok()).ok_or_else(|| {
        format!("the field '{word}' has an invalid value ('{value}'), and could not be converted to a number")
    })
}
