//! What units want changed in the run: facts, hosts, groups.

use std::sync::Arc;

use super::result::Raw;
use super::task::TaskRun;
use crate::actions::Effect;
use crate::base::Value;
use crate::inventory::NewHost;
use crate::playbook::Keyword;

/// Applies one effect.
pub(super) fn apply(task: &TaskRun<'_>, effect: Effect, raw: &mut Raw) -> Result<(), String> {
    let run = task.run;
    match effect {
        Effect::SetFacts { values, cacheable } => {
            for host in fact_hosts(task) {
                if cacheable {
                    raw.warnings.extend(run.store.add_facts(&host, &values).err());
                }
                run.store.set(&host, values.clone());
            }
        }
        Effect::IncludeVars(values) => {
            for host in fact_hosts(task) {
                run.store.include(&host, values.clone());
            }
        }
        Effect::AddHost { name, groups, vars } => {
            let new = NewHost { name: name.to_string(), groups, vars, at: task.task.at.clone() };
            raw.changed |= run.inventory_mut().add_host(&new);
            task.play.forget_inventory();
        }
        Effect::GroupBy { group, parents } => {
            for host in &task.audience {
                raw.changed |= run.inventory_mut().add_to_group(host, &group, &parents);
            }
            task.play.forget_inventory();
        }
        Effect::Stats { values, per_host, aggregate } => {
            run.add_stats(per_host.then_some(&task.host), values, aggregate);
        }
    }
    Ok(())
}

/// Returns the hosts that get a task's facts: those it is for, or the one it is delegated to with `delegate_facts`.
pub(super) fn fact_hosts(task: &TaskRun<'_>) -> Vec<Arc<str>> {
    let scope = super::scope::of_task(task.run, task.play, &task.host, task.task, task.frame);
    let reader = task.reader(&scope);
    let delegated = reader.flag(Keyword::DelegateFacts).ok().flatten().unwrap_or(false);
    match reader.keyword(Keyword::DelegateTo) {
        Ok(Some(Value::Text(name))) if delegated => vec![Arc::from(name.as_str())],
        _ => task.audience.clone(),
    }
}
