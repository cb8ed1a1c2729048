//! `vars_files` of a play, whose names may depend on the host.

use std::sync::Arc;

use super::batch::Batch;
use super::play::PlayRun;
use super::run::Run;
use super::scope;
use crate::base::{Map, Value};
use crate::playbook::Given;
use crate::template::Scope;

/// Gives the hosts of a batch the variables of the play's files; a file that is missing or broken ends the run.
pub(super) fn load(run: &Arc<Run>, play: &Arc<PlayRun>, batch: &Batch) {
    for given in &play.play.vars_files {
        for host in &batch.hosts {
            let vars: Arc<dyn Scope> = Arc::new(scope::of_host(run, play, host));
            match first(run, play, given, &vars) {
                Ok(vars) => play.add_vars(host, vars),
                Err(reason) => return batch.fail_run(reason),
            }
        }
    }
}

/// Returns the content of the first file of a list that is there, or of the only one.
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
    let mut unknown = None;
    let mut tried = Vec::new();
    for name in &names {
        let name = match run.templates.resolve(name, vars) {
            Ok(name) => name.to_string(),
            Err(error) => {
                unknown.get_or_insert(error.to_string());
                continue;
            }
        };
        let path = play.folder().join(&name);
        if !path.exists() {
            tried.push(name);
            continue;
        }
        let node =
            run.files.read_if_any(&path, &run.words).map_err(|mistake| mistake.to_string())?;
        return match node.map_or(Value::Null, |node| node.to_value()) {
            Value::Map(vars) => Ok(vars),
            Value::Null => Ok(Arc::default()),
            other => Err(format!(
                "{}: a file of variables must be a dictionary, not {}",
                path.display(),
                other.type_name()
            )),
        };
    }
    Err(match unknown {
        Some(reason) if tried.is_empty() => format!("{}: {reason}", given.at),
        _ => format!("vars file {} was not found ({})", tried.join(", "), given.at),
    })
}
