//! `vars_files` of a play, whose names may depend on the host.

use std::path::Path;
use std::sync::Arc;

use super::batch::Batch;
use super::play::PlayRun;
use super::run::Run;
use super::scope;
use crate::base::{Map, Value};
use crate::playbook::Given;
use crate::template::Scope;

/// Gives the hosts of a batch the variables of the play's files; a file that is broken ends the run.
pub(super) fn load(run: &Arc<Run>, play: &Arc<PlayRun>, batch: &Batch) {
    for given in &play.play.vars_files {
        for host in &batch.hosts {
            // Facts are known here; what was set or registered is not.
            let vars: Arc<dyn Scope> = Arc::new(scope::of_host(run, play, host).without_set());
            match first(run, play, given, &vars) {
                Ok(vars) => play.add_vars(host, vars),
                Err(reason) => return batch.fail_run(reason),
            }
        }
    }
}

/// Returns the content of the first file of a list that is there, or of the only one; nothing when none is.
fn first(
    run: &Run,
    play: &PlayRun,
    given: &Given,
    vars: &Arc<dyn Scope>,
) -> Result<Arc<Map>, String> {
    let names = match &given.value {
        Value::List(list) => list.to_vec(),
        other => vec![other.clone()],
    };
    for name in &names {
        let name = match run.templates.resolve(name, vars) {
            Ok(name) => name.to_string(),
            Err(error) if error.undefined_name().is_some() => {
                run.warn("skipping vars_files item due to an undefined variable");
                break;
            }
            Err(error) => return Err(format!("{}: {error}", given.at)),
        };
        let path = play.folder().join(&name);
        if path.exists() {
            return content(run, &path);
        }
    }
    Ok(Arc::default())
}

/// Returns the variables of a file: a dictionary, or a list of dictionaries.
fn content(run: &Run, path: &Path) -> Result<Arc<Map>, String> {
    let node = run.files.read_if_any(path, &run.words).map_err(|mistake| mistake.to_string())?;
    match node.map_or(Value::Null, |node| node.to_value()) {
        Value::Map(vars) => Ok(vars),
        Value::Null => Ok(Arc::default()),
        Value::List(maps) if maps.iter().all(|map| map.as_map().is_some()) => {
            let maps = maps.iter().filter_map(Value::as_map);
            let pairs = maps.flat_map(|map| map.iter());
            Ok(Arc::new(pairs.map(|(key, value)| (key.clone(), value.clone())).collect()))
        }
        other => Err(format!(
            "{}: a file of variables must be a dictionary or a list of dictionaries, not {}",
            path.display(),
            other.type_name()
        )),
    }
}
