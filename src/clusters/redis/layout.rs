//! The cluster and the steps in words.

use std::fmt::Write;

use super::{Instance, Step};

/// Returns a line for each instance: what it serves or copies.
pub fn describe(instances: &[Instance]) -> String {
    let mut text = String::new();
    for instance in instances {
        let own = instance.own();
        let role = match &own.master {
            Some(master) => format!("copies {}", name(instances, master)),
            None if own.slots.is_empty() => "is in no cluster".into(),
            None => format!("serves {}", own.slots),
        };
        writeln!(text, "{} {role}", instance.address).expect("text takes everything");
    }
    text
}

/// Returns the address of a node, or its id when it is none of the instances.
pub(super) fn name(instances: &[Instance], id: &str) -> String {
    if let Some(instance) = instances.iter().find(|instance| instance.id == id) {
        return instance.address.to_string();
    }
    let peer = instances.iter().find_map(|instance| instance.peer(id));
    let short = id.get(..8).unwrap_or(id);
    match peer {
        Some(peer) if !peer.ip.is_empty() => format!("{}:{} ({short})", peer.ip, peer.port),
        _ => short.to_owned(),
    }
}

impl Step {
    /// Returns the step in words; nothing for what nobody needs to know.
    pub(super) fn say(&self, instances: &[Instance]) -> Option<String> {
        let at = |node: &usize| &instances[*node].address;
        Some(match self {
            Self::AddSlots { node, slots } => format!("{} serves {slots}", at(node)),
            Self::Forget { at: node, id } => {
                format!("{} forgets {}", at(node), name(instances, id))
            }
            Self::Meet { at: node, node: other } => format!("{} meets {}", at(node), at(other)),
            Self::Move { from, to, slots } => {
                format!("{} gives {slots} to {}", at(from), at(to))
            }
            Self::Settle { node, slots } => format!("{} settles {slots}", at(node)),
            Self::Replicate { node, master } => {
                format!("{} copies {}", at(node), name(instances, master))
            }
            Self::Reset { node } => format!("{} starts anew", at(node)),
            Self::SetEpoch { .. } => return None,
        })
    }
}
