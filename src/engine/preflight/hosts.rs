//! The hosts of plays whose patterns need no template: their files of variables can be read.

use std::collections::BTreeSet;

use super::Checker;
use crate::base::Value;
use crate::playbook::Play;

impl Checker<'_> {
    /// Reads `group_vars` and `host_vars` of the hosts of a play, each host once for all plays.
    pub(super) fn hosts(&mut self, play: &Play, seen: &mut BTreeSet<String>) {
        let Some(patterns) = patterns(&play.hosts.value) else { return };
        let inventory = self.run.inventory();
        let limit = self.run.options.limit.as_deref().and_then(|text| inventory.limit(text).ok());
        let Ok(selection) = inventory.select(&patterns, limit.as_deref()) else { return };
        for host in selection.hosts {
            if !seen.insert(host.to_string()) {
                continue;
            }
            let Err(mistakes) = inventory.maps(&host) else { continue };
            for mistake in mistakes.0 {
                self.mistakes.push(mistake);
            }
        }
    }
}

fn patterns(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::Text(text) => Some(vec![text.as_str().to_owned()]),
        Value::List(list) => list.iter().map(|value| value.as_str().map(str::to_owned)).collect(),
        _ => None,
    }
}
