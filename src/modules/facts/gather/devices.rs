//! Block devices, their partitions, and the links that udev makes for them.

use std::collections::BTreeMap;

use super::Gather;
use crate::base::{Map, Value};

/// The folders of links, and the facts they are in.
const LINKS: [(&str, &str); 3] = [("ids", "by-id"), ("labels", "by-label"), ("uuids", "by-uuid")];

/// The links to each device, by kind.
pub(super) type Links = BTreeMap<&'static str, BTreeMap<String, Vec<String>>>;

/// Returns the links to all devices.
pub(super) fn links(gather: &Gather<'_>) -> Links {
    let mut all = Links::new();
    for (kind, folder) in LINKS {
        let folder = format!("/dev/disk/{folder}");
        let mut links: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for name in gather.list(&folder) {
            if let Some(device) = gather.link_name(format!("{folder}/{name}")) {
                links.entry(device).or_default().push(unescape(&name));
            }
        }
        all.insert(kind, links);
    }
    let mut masters: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for master in gather.list("/sys/block") {
        for slave in gather.list(format!("/sys/block/{master}/slaves")) {
            masters.entry(slave).or_default().push(master.clone());
        }
    }
    all.insert("masters", masters);
    all
}

/// Replaces udev's `\x20`.
fn unescape(name: &str) -> String {
    name.replace("\\x20", " ").replace("\\x2f", "/")
}

pub(super) fn devices(gather: &mut Gather<'_>) {
    let links = links(gather);
    let mut devices = Map::new();
    for name in gather.list("/sys/block") {
        if !name.starts_with("ram") {
            let device = device(gather, &name, &links);
            devices.insert(name, device);
        }
    }
    gather.set("devices", devices);
    let fact = links.into_iter().map(|(kind, map)| {
        (kind, Value::map(map.into_iter().map(|(device, names)| (device, names.into()))))
    });
    let fact = Value::map(fact);
    gather.set("device_links", fact);
}

fn device(gather: &Gather<'_>, name: &str, links: &Links) -> Value {
    let folder = format!("/sys/block/{name}");
    let text = |file: &str| -> Value { gather.text(format!("{folder}/{file}")).into() };
    let sectors = gather.number(format!("{folder}/size")).unwrap_or(0);
    let mut partitions = Map::new();
    for part in gather.list(&folder) {
        let part_folder = format!("{folder}/{part}");
        if part.starts_with(name) && gather.exists(format!("{part_folder}/partition")) {
            partitions.insert(part.as_str(), partition(gather, &part_folder, &part, links));
        }
    }
    let scheduler = gather.text(format!("{folder}/queue/scheduler")).unwrap_or_default();
    let scheduler = scheduler.split_once('[').and_then(|(_, rest)| rest.split_once(']'));
    let mut fact = Map::from_iter([
        ("holders", holders(gather, &folder)),
        ("host", "".into()),
        ("links", links_of(links, name)),
        ("model", text("device/model")),
        ("partitions", partitions.into()),
        ("removable", text("removable")),
        ("rotational", text("queue/rotational")),
        ("sas_address", text("device/sas_address")),
        ("sas_device_handle", text("device/sas_device_handle")),
        ("scheduler_mode", scheduler.map_or("", |(word, _)| word).into()),
        ("sectors", sectors.into()),
        ("sectorsize", text("queue/logical_block_size")),
        ("size", human(sectors).into()),
        ("support_discard", text("queue/discard_granularity")),
        ("vendor", text("device/vendor")),
        ("virtual", 1.into()),
    ]);
    if let Some(wwn) = gather.text(format!("{folder}/wwid")) {
        fact.insert("wwn", wwn.into());
    }
    fact.into()
}

fn partition(gather: &Gather<'_>, folder: &str, name: &str, links: &Links) -> Value {
    let sectors = gather.number(format!("{folder}/size")).unwrap_or(0);
    let uuid = links["uuids"].get(name).and_then(|names| names.first().cloned());
    Value::map([
        ("holders", holders(gather, folder)),
        ("links", links_of(links, name)),
        ("sectors", sectors.into()),
        ("sectorsize", 512.into()),
        ("size", human(sectors).into()),
        ("start", gather.text(format!("{folder}/start")).into()),
        ("uuid", uuid.into()),
    ])
}

/// Returns who is on top of a device, by name: `vg-root` and not `dm-0`.
fn holders(gather: &Gather<'_>, folder: &str) -> Value {
    let names = gather.list(format!("{folder}/holders")).into_iter();
    Value::list(names.map(|name| {
        let mapped = gather.text(format!("/sys/block/{name}/dm/name"));
        mapped.unwrap_or(name).into()
    }))
}

fn links_of(links: &Links, name: &str) -> Value {
    Value::map(
        links
            .iter()
            .map(|(kind, map)| (*kind, Value::from(map.get(name).cloned().unwrap_or_default()))),
    )
}

/// Returns the size of so many sectors as Ansible writes it: `256.00 GB`.
fn human(sectors: i64) -> String {
    let bytes = sectors as f64 * 512.0;
    let units = [(40, "TB"), (30, "GB"), (20, "MB"), (10, "KB")];
    let unit = units.iter().find(|(power, _)| bytes >= f64::from(1_u32 << (power - 10)) * 1024.0);
    match unit {
        Some((power, word)) => format!("{:.2} {word}", bytes / 2_f64.powi(*power)),
        None => format!("{bytes:.2} Bytes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        assert_eq!(human(536_870_912), "256.00 GB");
        assert_eq!(human(0), "0.00 Bytes");
        assert_eq!(human(3), "1.50 KB");
        assert_eq!(human(1 << 33), "4.00 TB");
    }
}
