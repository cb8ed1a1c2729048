//! Runs the unit behind a task: final arguments, the host it runs on, the user it runs as.

use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use super::background::Job;
use super::broken::Broken;
use super::delegate::{self, Delegate};
use super::language::{Meaning, meaning};
use super::result::Raw;
use super::scope::Reader;
use super::target;
use super::task::TaskRun;
use crate::actions::{Context, Hands, Listener};
use crate::base::split::{split_words, unescape, unquote};
use crate::base::{Lazy, Map, Position, Value};
use crate::connection::{Helper, Target, Unreachable};
use crate::event::{Event, TaskInfo};
use crate::module::{Check, Spec, Stage};
use crate::playbook::load::{reserved, short};
use crate::playbook::{Action, Given, Keyword, Task};
use crate::protocol;
use crate::template::{self, Scope};
use crate::vars::TaskScope;

/// Actions that end in a module on the host.
const ON_HOSTS: [&str; 8] =
    ["assemble", "copy", "gather_facts", "get_url", "package", "template", "unarchive", "uri"];

/// A unit with everything it needs, ready to run as often as it takes.
pub(super) struct Invocation<'a> {
    pub(super) task: &'a TaskRun<'a>,
    pub(super) meaning: Meaning,
    pub(super) args: Map,
    /// Whether results are hidden.
    pub(super) hidden: bool,
    /// How it runs in the background, when it does.
    job: Option<Job>,
    /// The folder for results of jobs.
    job_folder: String,
    /// What the task sees.
    pub(super) scope: Arc<TaskScope>,
    /// The hosts that get its facts.
    pub(super) fact_hosts: Vec<Arc<str>>,
    stage: Stage,
    environment: Vec<(String, String)>,
    timeout: u64,
    target: Result<Target, String>,
    /// The host that does the work, when it is another one.
    pub delegate: Option<Arc<str>>,
    /// The address of that host, when it is not its name.
    address: Option<Arc<str>>,
}

impl<'a> Invocation<'a> {
    /// Resolves everything the unit needs.
    pub(super) fn prepare(task: &'a TaskRun<'a>, own: &TaskScope) -> Result<Self, Broken> {
        let delegate = delegate::host(task, own)?;
        let (scope, address) = delegate::seen(task, own, delegate.as_ref());
        let word = &task.task.action.word;
        let meaning =
            meaning(word).ok_or_else(|| format!("couldn't resolve module/action '{word}'"))?;
        let reader = task.reader(&scope);
        let stage = Stage {
            check: reader.flag(Keyword::CheckMode)?.unwrap_or(task.run.options.check),
            diff: reader.flag(Keyword::Diff)?.unwrap_or(task.run.options.diff),
            verbosity: task.run.options.verbosity,
        };
        let environment = reader.environment()?;
        Ok(Self {
            args: arguments(task, &meaning, &scope)?,
            job: Job::read(&reader, task.task)?,
            job_folder: job_folder(&reader, &environment)?,
            hidden: reader.hides()?,
            environment,
            timeout: reader.number(Keyword::Timeout)?.unwrap_or(0.0).max(0.0) as u64,
            fact_hosts: delegate::fact_hosts(task, &scope, delegate.as_ref()),
            target: target::of(task, own, delegate.as_ref()),
            scope: Arc::new(scope),
            delegate,
            address,
            task,
            meaning,
            stage,
        })
    }

    /// Returns who does the work, as it is shown.
    pub(super) fn shown_delegate(&self) -> Option<Delegate> {
        Some(Delegate { host: self.delegate.clone()?, address: self.address.clone() })
    }

    /// Runs it once, or until the user's patience has ended.
    pub(super) async fn run(&self) -> Raw {
        let raw = tokio::select! {
            raw = self.timed() => raw,
            () = self.task.run.stopped.cancelled() => {
                Raw::failed("it was stopped, because the run was interrupted")
            }
        };
        let raw = if self.stage.diff { raw } else { raw.without_differences() };
        Raw { invocation: self.shown_args().filter(|_| !raw.unreachable), ..raw }
    }

    /// Returns the arguments as the module understands them, with its defaults, for `-vvv`.
    fn shown_args(&self) -> Option<Arc<Map>> {
        let specs = self.meaning.arguments().filter(|_| self.stage.verbosity > 2)?;
        let on_host = match self.meaning {
            Meaning::Module(_) => true,
            Meaning::Action(action) => ON_HOSTS.contains(&action.spec().name),
            Meaning::Engine => false,
        };
        let args = specs.iter().map(|spec| {
            let given = std::iter::once(&spec.name).chain(spec.aliases);
            let value = given.filter_map(|name| self.args.get(name)).next();
            let value = value.map(|value| (spec.shown)(value));
            (spec.name, value.or_else(|| spec.default.map(|make| make())).unwrap_or_default())
        });
        on_host.then(|| Arc::new(args.collect()))
    }

    async fn timed(&self) -> Raw {
        let work = self.work();
        // A job has a time of its own.
        if self.timeout == 0 || self.job.is_some() {
            return work.await;
        }
        match tokio::time::timeout(Duration::from_secs(self.timeout), work).await {
            Ok(raw) => raw,
            Err(_) => {
                let what = format!("Timed out after {} second(s).", self.timeout);
                let mut raw = Raw::broken(Broken::wrong(what, &self.task.info.at));
                raw.values.insert("timedout", Value::map([("period", Value::from(self.timeout))]));
                raw
            }
        }
    }

    async fn work(&self) -> Raw {
        let hands = TaskHands { invocation: self };
        let listener = Announcer {
            task: Arc::clone(&self.task.info),
            host: Arc::clone(&self.task.host),
            sink: Arc::clone(&self.task.run.sink),
        };
        let cx = Context {
            host: Arc::clone(&self.task.host),
            title: self.task.info.title(),
            scope: Arc::clone(&self.scope),
            templates: &self.task.run.templates,
            stage: self.stage,
            environment: self.environment.clone(),
            timeout: self.timeout,
            job_folder: self.job_folder.clone(),
            hands: &hands,
            listener: Arc::new(listener),
        };
        match self.meaning {
            Meaning::Action(action) => {
                if self.stage.check && action.spec().check == Check::Skip {
                    let text = "check mode not (yet) supported for this module";
                    return not_in_check_mode(text.into());
                }
                if let Some(job) = self.job {
                    return self.background(job, &cx).await;
                }
                Raw::of(action.run(&self.args, &cx).await)
            }
            Meaning::Module(module) => {
                if self.stage.check && module.spec().check == Check::Skip {
                    let name = module.spec().name;
                    let text = format!("remote module ({name}) does not support check mode");
                    return not_in_check_mode(text);
                }
                if let Some(job) = self.job {
                    return self.background(job, &cx).await;
                }
                Raw::of(cx.module(module.spec().name, self.args.clone(), Vec::new()).await)
            }
            Meaning::Engine => {
                Raw::failed(format!("`{}` cannot run here", self.task.task.action.word))
            }
        }
    }
}

/// Returns the result of a unit that does nothing in check mode.
fn not_in_check_mode(text: String) -> Raw {
    let mut raw = Raw { skipped: true, ..Raw::default() };
    raw.values.insert("msg", text.into());
    raw
}

/// Returns the folder for results of jobs: by the environment of the task, a variable, or the settings.
fn job_folder(reader: &Reader<'_>, environment: &[(String, String)]) -> Result<String, Broken> {
    let own = environment.iter().find(|(name, _)| name == "ANSIBLE_ASYNC_DIR");
    if let Some((_, folder)) = own {
        return Ok(folder.clone());
    }
    match reader.scope.get("ansible_async_dir") {
        Some(value) => Ok(reader.run.templates.resolve(&value, &reader.scope)?.to_string()),
        None => Ok(reader.run.options.job_folder.clone()),
    }
}

/// Returns the final arguments: defaults of the play, those of the task, free text.
fn arguments(task: &TaskRun<'_>, meaning: &Meaning, scope: &TaskScope) -> Result<Map, Broken> {
    let action = &task.task.action;
    let vars: Arc<dyn Scope> = Arc::new(scope.clone());
    let resolve = |value: &Value, name: &str, at: &Position| -> Result<Value, Broken> {
        if value.is_final() {
            return Ok(value.clone());
        }
        let value = task.run.templates.resolve(value, &vars);
        value.map_err(|error| during(error, task.task, name, at))
    };
    let raw: &[&str] = match meaning {
        Meaning::Action(action) => action.expressions(),
        Meaning::Module(_) | Meaning::Engine => &[],
    };
    let mut args = Map::new();
    if let Some(all) = &action.all {
        let value = resolve(&all.value, "args", &all.at)?;
        let value = if template::is_omit(&value) { Map::new().into() } else { value };
        let Some(map) = value.as_map() else {
            return Err(format!(
                "Finalization of task args for '{}' failed: `args` must be a dictionary, not {}",
                action.word,
                value.type_name()
            )
            .into());
        };
        args.extend(map.iter().map(|(key, value)| (key.clone(), value.clone())));
    }
    for argument in &action.args {
        let value = if raw.contains(&argument.name.as_str()) {
            argument.value.clone()
        } else {
            resolve(&argument.value, &argument.name, &argument.value_at)?
        };
        let name = if argument.name.contains("{{") {
            let lazy = Lazy::template(Arc::from(argument.name.as_str()), argument.at.clone());
            resolve(&Value::Lazy(Arc::new(lazy)), &argument.name, &argument.at)?
        } else {
            argument.name.as_str().into()
        };
        if template::is_omit(&value) {
            args.remove(&argument.name);
        } else {
            args.insert(name, without_omitted(value));
        }
    }
    // Free text may have a name.
    if let Some(name) = meaning.free_argument()
        && let Some(text) = args.remove("_raw_params")
    {
        args.insert(name, text);
    }
    if let Some(text) = &action.free_form {
        let text = resolve(&text.value, "_raw_params", &text.at)?;
        put_free_form(&mut args, meaning, text, &action.word)?;
    }
    for (name, value, at) in defaults(task, meaning, scope)? {
        let text = name.to_string();
        if args.contains_key(&text) || action.args.iter().any(|one| one.name == text) {
            continue;
        }
        let value = if raw.contains(&text.as_str()) { value } else { resolve(&value, &text, &at)? };
        if !template::is_omit(&value) {
            args.insert(name, without_omitted(value));
        }
    }
    for name in raw {
        // `that:` with nothing behind it is an empty condition, not a missing one.
        if args.get(name).is_some_and(Value::is_null) && *name == "that" {
            args.insert(*name, Value::written(""));
        }
    }
    Ok(args)
}

/// Returns why an argument of a task has no value.
pub(super) fn during(error: template::Error, task: &Task, name: &str, at: &Position) -> Broken {
    let Action { word, at: action, .. } = &task.action;
    let spec = match meaning(word) {
        Some(Meaning::Action(unit)) => Some(unit.spec()),
        Some(Meaning::Module(unit)) => Some(unit.spec()),
        Some(Meaning::Engine) | None => None,
    };
    let unit = match spec {
        Some(spec) => format!("{}.{}", spec.collection, spec.name),
        None => format!("ansible.builtin.{}", short(word)),
    };
    Broken::from(error)
        .during(format!("Error while resolving value for '{name}'"), at)
        .during(format!("Finalization of task args for '{unit}' failed"), action)
}

/// Removes omitted entries of dictionaries and lists inside of arguments.
fn without_omitted(value: Value) -> Value {
    match &value {
        Value::Map(map) if map.values().any(holds_omitted) => Value::map(
            map.iter()
                .filter(|(_, value)| !template::is_omit(value))
                .map(|(key, value)| (key.clone(), without_omitted(value.clone()))),
        ),
        Value::List(list) if list.iter().any(holds_omitted) => Value::list(
            list.iter().filter(|value| !template::is_omit(value)).cloned().map(without_omitted),
        ),
        _ => value,
    }
}

fn holds_omitted(value: &Value) -> bool {
    match value {
        Value::Map(map) => map.values().any(holds_omitted),
        Value::List(list) => list.iter().any(holds_omitted),
        other => template::is_omit(other),
    }
}

fn put_free_form(args: &mut Map, meaning: &Meaning, text: Value, unit: &str) -> Result<(), String> {
    if let Some(name) = meaning.free_argument() {
        if !args.contains_key(name) {
            args.insert(name, text);
        }
        return Ok(());
    }
    match &text {
        // `module: "{{ arguments }}"`.
        Value::Map(map) => args.extend(map.iter().map(|(key, value)| (key.clone(), value.clone()))),
        other if other.is_null() || *other == Value::from("") => {}
        other => {
            // A template that came to `key=value` text.
            for word in split_words(&other.to_string())? {
                match unescape(&word).split_once('=') {
                    Some((key, value)) => {
                        args.insert(key, Value::from(unquote(value)));
                    }
                    None => return Err(format!("this task '{unit}' has extra params: {other}")),
                }
            }
        }
    }
    Ok(())
}

/// A default of an argument, as it was written, and where.
type Preset = (Value, Value, Position);

/// Returns the defaults that `module_defaults` gives the unit; what it gives the unit behind it weighs less.
fn defaults(
    task: &TaskRun<'_>,
    meaning: &Meaning,
    scope: &TaskScope,
) -> Result<Vec<Preset>, Broken> {
    let given: Vec<&Given> = task.frame.keyword_all(task.task, Keyword::ModuleDefaults);
    let Some(spec) = meaning.spec().filter(|_| !given.is_empty()) else { return Ok(Vec::new()) };
    let reader = task.reader(scope);
    let resolved = |value: &Value, at: &Position| match value {
        Value::Lazy(_) => reader.resolve(&Given { value: value.clone(), at: at.clone() }),
        other => Ok(other.clone()),
    };
    // What is said again of a unit takes the place of what was said before, as a whole.
    let mut by_word: Vec<(String, bool, Vec<Preset>)> = Vec::new();
    let behind = behind(spec, scope);
    for given in given {
        let value = resolved(&given.value, &given.at)?;
        let maps = value.as_list().map_or_else(|| vec![value.clone()], |list| list.to_vec());
        for map in maps {
            for (word, defaults) in map.as_map().map(|map| map.iter()).into_iter().flatten() {
                let Some(word) = word.as_str() else { continue };
                let own = spec.answers_to(word);
                if !own && !has_group(spec, word) && !behind.iter().any(|name| name == short(word))
                {
                    continue;
                }
                let word = if own { spec.name } else { short(word) };
                let defaults = resolved(defaults, &given.at)?;
                let pairs = defaults.as_map().map(|map| map.iter()).into_iter().flatten();
                let pairs =
                    pairs.map(|(key, value)| (key.clone(), value.clone(), given.at.clone()));
                by_word.retain(|(known, ..)| known != word);
                by_word.push((word.to_owned(), own, pairs.collect()));
            }
        }
    }
    if let Some(specs) = meaning.arguments() {
        for (.., pairs) in by_word.iter_mut().filter(|(_, own, _)| !own) {
            pairs.retain(|(name, ..)| specs.iter().any(|spec| spec.answers_to(&name.to_string())));
        }
    }
    // The first one counts.
    let (own, others): (Vec<_>, Vec<_>) = by_word.into_iter().rev().partition(|(_, own, _)| *own);
    Ok(own.into_iter().chain(others).flat_map(|(.., pairs)| pairs).collect())
}

/// Returns whether a word names a group of units that this one is in. The only group that has units of ours holds all
/// of its collection.
fn has_group(spec: &Spec, word: &str) -> bool {
    matches!(word, "group/docker" | "group/community.docker.docker")
        && spec.collection == "community.docker"
}

/// Returns the names of the unit that stands behind another one on this host.
fn behind(spec: &Spec, scope: &TaskScope) -> Vec<String> {
    let fact = |name: &str| {
        let facts = scope.get("ansible_facts")?;
        facts.get(name).map(ToString::to_string)
    };
    match spec.name {
        "gather_facts" => vec!["setup".into()],
        "package" => fact("pkg_mgr").into_iter().collect(),
        "service" => match fact("service_mgr").as_deref() {
            Some("systemd") => vec!["systemd".into(), "systemd_service".into()],
            other => other.map(str::to_owned).into_iter().collect(),
        },
        _ => Vec::new(),
    }
}

/// What the engine does for the unit of one task.
struct TaskHands<'a> {
    invocation: &'a Invocation<'a>,
}

impl TaskHands<'_> {
    fn target(&self) -> Result<&Target, Unreachable> {
        self.invocation.target.as_ref().map_err(Unreachable::new)
    }
}

impl Hands for TaskHands<'_> {
    fn helper(
        &self,
    ) -> Pin<Box<dyn Future<Output = Result<Arc<Helper>, Unreachable>> + Send + '_>> {
        Box::pin(async move { self.invocation.task.run.pool.helper(self.target()?).await })
    }

    fn reconnect(
        &self,
    ) -> Pin<Box<dyn Future<Output = Result<Arc<Helper>, Unreachable>> + Send + '_>> {
        Box::pin(async move {
            let target = self.target()?;
            let task = self.invocation.task;
            task.play.reset(task.run, &target.host).await;
            task.run.pool.helper(target).await
        })
    }

    fn say(&self, text: &str) {
        let unit = self.invocation.task;
        let task = Arc::clone(&unit.info);
        unit.run.sink.event(&Event::Said { task, text: text.to_owned() });
    }

    fn hold_still(&self, still: bool) {
        self.invocation.task.run.sink.event(&Event::Asking(still));
    }

    fn read_file(&self, path: &Path) -> Result<Vec<u8>, String> {
        let bytes = std::fs::read(path)
            .map_err(|error| format!("cannot read `{}`: {error}", path.display()))?;
        if bytes.starts_with(b"$ANSIBLE_VAULT;") {
            return (self.invocation.task.run.words.decrypt)(path, &bytes);
        }
        Ok(bytes)
    }

    fn read_vars(&self, path: &Path) -> Result<Value, String> {
        let run = self.invocation.task.run;
        let node =
            run.files.read_if_any(path, &run.words).map_err(|mistake| mistake.to_string())?;
        let Some(node) = node else { return Ok(Value::Null) };
        reserved::warnings(&node).into_iter().for_each(|warning| run.warn(warning));
        Ok(node.to_value())
    }
}

/// Passes on what a unit says while it runs.
struct Announcer {
    task: Arc<TaskInfo>,
    host: Arc<str>,
    sink: Arc<dyn crate::event::Sink>,
}

impl Listener for Announcer {
    fn event(&self, event: protocol::Event) {
        let (task, host) = (Arc::clone(&self.task), Arc::clone(&self.host));
        self.sink.event(&match event {
            protocol::Event::Output { err, bytes } => Event::Output {
                task,
                host,
                err,
                text: String::from_utf8_lossy(&bytes).into_owned(),
            },
            protocol::Event::Progress { what, done, all } => {
                Event::Progress { task, host, what, done, all }
            }
            protocol::Event::Took(_) | protocol::Event::Want(_) | protocol::Event::WantSha1(_) => {
                return;
            }
        });
    }
}
