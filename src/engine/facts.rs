//! What the run tells all tasks of a batch: the magic variables that are the same on each of its hosts.

use std::sync::Arc;

use super::batch::Batch;
use super::play::PlayRun;
use super::run::Run;
use crate::base::Value;
use crate::playbook::Role;
use crate::vars::RunFacts;

/// Returns what the run tells all tasks of a batch.
pub(super) fn of(run: &Arc<Run>, play: &Arc<PlayRun>, batch: &Batch) -> RunFacts {
    let (failed, lost, ended) = (play.failed(), batch.lost(), batch.ended());
    let names =
        |hosts: &[Arc<str>]| Value::list(hosts.iter().map(|host| Value::from(Arc::clone(host))));
    let left = |hosts: &[Arc<str>]| {
        let is_out = |host| failed.contains(host) || lost.contains(host) || ended.contains(host);
        let left = hosts.iter().filter(|host| !is_out(*host));
        Value::list(left.map(|host| Value::from(Arc::clone(host))))
    };
    let source = run
        .inventory()
        .sources()
        .first()
        .map(std::path::PathBuf::from)
        .filter(|path| path.exists());
    RunFacts {
        groups: run.inventory().groups_map(),
        hostvars: super::scope::hostvars(run, play),
        play_hosts: left(&play.hosts),
        play_hosts_all: names(&play.hosts),
        batch: left(&batch.hosts),
        play_name: play.play.name.as_ref().map(|name| name.value.clone()).unwrap_or_default(),
        playbook_dir: play.folder().to_owned(),
        inventory_dir: source.as_ref().map(|path| {
            if path.is_dir() {
                path.clone()
            } else {
                path.parent().map_or_else(Default::default, ToOwned::to_owned)
            }
        }),
        inventory_file: source,
        inventory_sources: Value::list(run.options.inventory_sources.iter().map(source_name)),
        merging: run.options.merging,
        facts_apart: run.options.facts_apart,
        play_roles: role_names(&play.named()),
        dependencies: dependency_names(&play.named()),
        fixed: Arc::clone(&run.fixed),
    }
}

/// Returns what variables call an inventory source: files by their absolute path.
fn source_name(source: &String) -> Value {
    let path = std::path::Path::new(source);
    let full = path.exists().then(|| crate::base::path::absolute(path));
    full.map_or_else(|| source.into(), |path| path.to_string_lossy().into_owned().into())
}

/// Returns the names of the roles of a play.
fn role_names(roles: &[Arc<Role>]) -> Value {
    Value::list(roles.iter().map(|role| Value::from(role.name.as_str())))
}

/// Returns the names of the roles that the roles of a play depend on, each once.
fn dependency_names(roles: &[Arc<Role>]) -> Value {
    fn collect(role: &Role, names: &mut Vec<Value>) {
        for one in &role.dependencies {
            collect(one, names);
            let name = Value::from(one.name.as_str());
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    let mut names = Vec::new();
    for role in roles {
        collect(role, &mut names);
    }
    Value::list(names)
}
