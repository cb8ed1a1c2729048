//! Processors, memory, the board, and how long the system is up.

use std::collections::BTreeSet;

use super::Gather;
use crate::base::{List, Value};

pub(super) fn processor(gather: &mut Gather<'_>) {
    let text = gather.text("/proc/cpuinfo").unwrap_or_default();
    let found = processors(&text);
    let status = gather.text("/proc/self/status").unwrap_or_default();
    let allowed = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"));
    let usable = allowed.map_or(found.threads, |list| count(list.trim()));
    gather.set("processor", Value::from(found.words));
    gather.set("processor_count", found.sockets);
    gather.set("processor_cores", found.cores);
    gather.set("processor_threads_per_core", found.threads_per_core);
    gather.set("processor_vcpus", found.vcpus);
    gather.set("processor_nproc", usable);
    gather.set("flags", found.flags);
}

/// What `/proc/cpuinfo` tells.
#[derive(Debug, Default)]
struct Processors {
    words: List,
    sockets: usize,
    cores: usize,
    threads_per_core: usize,
    vcpus: usize,
    threads: usize,
    flags: Vec<String>,
}

fn processors(text: &str) -> Processors {
    let mut found = Processors { cores: 1, threads_per_core: 1, ..Processors::default() };
    let mut sockets = BTreeSet::new();
    let mut siblings = 0;
    for line in text.lines() {
        let Some((key, value)) = line.split_once(':') else { continue };
        let (key, value) = (key.trim(), value.trim());
        match key {
            "processor" => {
                found.threads += 1;
                found.words.push(value.into());
            }
            "vendor_id" | "model name" | "Model Name" | "cpu" | "Processor" => {
                found.words.push(value.into());
            }
            "physical id" => drop(sockets.insert(value.to_owned())),
            "siblings" => siblings = value.parse().unwrap_or(0),
            "cpu cores" => found.cores = value.parse().unwrap_or(1).max(1),
            "flags" | "Features" | "features" if found.flags.is_empty() => {
                found.flags = value.split_whitespace().map(str::to_owned).collect();
            }
            _ => {}
        }
    }
    if sockets.is_empty() {
        // Virtual machines and boards without sockets: each thread counts as one.
        (found.sockets, found.cores) = (found.threads, 1);
    } else {
        found.sockets = sockets.len();
        found.threads_per_core = (siblings / found.cores).max(1);
    }
    found.vcpus = found.sockets * found.cores * found.threads_per_core;
    found
}

/// Returns how many numbers a list like `0-3,8` has.
fn count(list: &str) -> usize {
    let part = |part: &str| -> Option<usize> {
        match part.split_once('-') {
            Some((first, last)) => {
                Some(last.parse::<usize>().ok()?.checked_sub(first.parse().ok()?)? + 1)
            }
            None => part.parse::<usize>().ok().map(|_| 1),
        }
    };
    list.split(',').filter_map(part).sum()
}

pub(super) fn memory(gather: &mut Gather<'_>) {
    let text = gather.text("/proc/meminfo").unwrap_or_default();
    let of = |name: &str| -> i64 {
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<i64>().ok());
        kilobytes.unwrap_or(0) / 1024
    };
    let (total, free) = (of("MemTotal"), of("MemFree"));
    let (swap, swap_free) = (of("SwapTotal"), of("SwapFree"));
    let reclaimable = free + of("Cached") + of("Buffers");
    let map = |pairs: &[(&'static str, i64)]| {
        Value::map(pairs.iter().map(|(name, number)| (*name, Value::Int(*number))))
    };
    let fact = [
        ("nocache", map(&[("free", reclaimable), ("used", total - reclaimable)])),
        ("real", map(&[("free", free), ("total", total), ("used", total - free)])),
        (
            "swap",
            map(&[
                ("cached", of("SwapCached")),
                ("free", swap_free),
                ("total", swap),
                ("used", swap - swap_free),
            ]),
        ),
    ];
    gather.set("memory_mb", Value::map(fact));
    gather.set("memtotal_mb", total);
    gather.set("memfree_mb", free);
    gather.set("swaptotal_mb", swap);
    gather.set("swapfree_mb", swap_free);
}

/// Facts of the board, and the files that the firmware's tables are in.
const BOARD: &[(&str, &str)] = &[
    ("bios_date", "bios_date"),
    ("bios_vendor", "bios_vendor"),
    ("bios_version", "bios_version"),
    ("board_asset_tag", "board_asset_tag"),
    ("board_name", "board_name"),
    ("board_serial", "board_serial"),
    ("board_vendor", "board_vendor"),
    ("board_version", "board_version"),
    ("chassis_asset_tag", "chassis_asset_tag"),
    ("chassis_serial", "chassis_serial"),
    ("chassis_vendor", "chassis_vendor"),
    ("chassis_version", "chassis_version"),
    ("form_factor", "chassis_type"),
    ("product_name", "product_name"),
    ("product_serial", "product_serial"),
    ("product_uuid", "product_uuid"),
    ("product_version", "product_version"),
    ("system_vendor", "sys_vendor"),
];

/// Kinds of a chassis, by their number in the standard of SMBIOS.
const CHASSIS: [&str; 37] = [
    "Unknown",
    "Other",
    "Unknown",
    "Desktop",
    "Low Profile Desktop",
    "Pizza Box",
    "Mini Tower",
    "Tower",
    "Portable",
    "Laptop",
    "Notebook",
    "Hand Held",
    "Docking Station",
    "All In One",
    "Sub Notebook",
    "Space-saving",
    "Lunch Box",
    "Main Server Chassis",
    "Expansion Chassis",
    "Sub Chassis",
    "Bus Expansion Chassis",
    "Peripheral Chassis",
    "RAID Chassis",
    "Rack Mount Chassis",
    "Sealed-case PC",
    "Multi-system",
    "CompactPCI",
    "AdvancedTCA",
    "Blade",
    "Blade Enclosure",
    "Tablet",
    "Convertible",
    "Detachable",
    "IoT Gateway",
    "Embedded PC",
    "Mini PC",
    "Stick PC",
];

pub(super) fn board(gather: &mut Gather<'_>) {
    for (fact, file) in BOARD {
        let text = gather.text(format!("/sys/devices/virtual/dmi/id/{file}"));
        let text = text.filter(|text| !text.is_empty()).unwrap_or_else(|| "NA".into());
        let shown = match (*fact, text.parse::<usize>()) {
            ("form_factor", Ok(number)) => CHASSIS.get(number).copied().unwrap_or("Unknown").into(),
            _ => text,
        };
        gather.set(fact, shown);
    }
}

pub(super) fn uptime(gather: &mut Gather<'_>) {
    let text = gather.text("/proc/uptime").unwrap_or_default();
    let seconds = text.split_whitespace().next().and_then(|word| word.parse::<f64>().ok());
    if let Some(seconds) = seconds {
        gather.set("uptime_seconds", seconds.floor() as i64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(text: &str, expected: [usize; 4]) {
        let found = processors(text);
        assert_eq!([found.sockets, found.cores, found.threads_per_core, found.vcpus], expected);
    }

    #[test]
    fn sockets_cores_and_threads() {
        let thread = |number: u32, socket: u32| {
            format!(
                "processor : {number}\nvendor_id : I\nphysical id : {socket}\nsiblings : 4\ncpu cores : 2\n"
            )
        };
        let two: String = (0..8).map(|number| thread(number, number / 4)).collect();
        case(&two, [2, 2, 2, 8]);
        case("processor : 0\nBogoMIPS : 1\nprocessor : 1\nFeatures : fp asimd\n", [2, 1, 1, 2]);
        assert_eq!(processors("processor: 0\nFeatures: fp asimd").flags, ["fp", "asimd"]);
    }

    #[test]
    fn lists_are_counted() {
        assert_eq!(count("0-3,8"), 5);
        assert_eq!(count("0"), 1);
        assert_eq!(count(""), 0);
    }
}
