//! `web1,web2:2222,db[1:3],`: hosts on the command line.

use super::Reading;
use crate::base::{Mistake, Position};
use crate::inventory::address;
use crate::inventory::graph::UNGROUPED;

pub(super) fn read(text: &str, reading: &mut Reading<'_>) {
    for entry in text.split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
        match address::expand(entry) {
            Ok((hosts, port)) => {
                for host in hosts {
                    if !reading.graph.hosts.contains_key(host.as_str()) {
                        reading.graph.add_host(&host, UNGROUPED, port);
                    }
                }
            }
            Err(why) => {
                let what = format!("`{entry}` in the list of hosts `{text}`: {why}");
                reading.push(Mistake::new(what, &Position::default()));
            }
        }
    }
}
