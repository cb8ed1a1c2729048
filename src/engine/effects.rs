//! What units want changed in the run: facts, hosts, groups.

use super::invoke::Invocation;
use super::result::Raw;
use crate::actions::Effect;
use crate::inventory::NewHost;

/// Applies one effect.
pub(super) fn apply(
    invocation: &Invocation<'_>,
    effect: Effect,
    raw: &mut Raw,
) -> Result<(), String> {
    let task = invocation.task;
    let (run, store) = (task.run, &task.play.store);
    match effect {
        Effect::SetFacts { values, cacheable } => {
            for host in &invocation.fact_hosts {
                if cacheable {
                    raw.warnings.extend(store.add_facts(host, &values).err());
                }
                store.set(host, values.clone());
            }
        }
        Effect::IncludeVars(values) => {
            for host in &invocation.fact_hosts {
                store.include(host, values.clone());
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
