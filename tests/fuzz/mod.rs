//! Replays what the fuzz targets start from (`fuzz/corpus`) and what they found (`tests/data/fuzz`), one file a case.
//!
//! A module below is one target, or a family of them: its `run` takes any bytes and must return. It also checks what must
//! hold of every input. `integration/fuzz.sh` feeds the same functions to libFuzzer.

mod ansible_cfg;
mod arguments;
mod host_pattern;
mod inventory;
mod json;
mod key_value;
mod playbook;
mod protocol;
mod regex;
mod ssh;
mod template;
mod vault;
mod yaml;

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

type Target = (&'static str, fn(&[u8]));

/// The targets; `fuzz/Cargo.toml` has the same.
const TARGETS: &[Target] = &[
    ("ansible_cfg", ansible_cfg::run),
    ("arguments", arguments::run),
    ("host_pattern", host_pattern::run),
    ("inventory_ini", |data| inventory::run("hosts.ini", data)),
    ("inventory_toml", |data| inventory::run("hosts.toml", data)),
    ("inventory_yaml", |data| inventory::run("hosts.yaml", data)),
    ("json", json::run),
    ("key_value", key_value::run),
    ("playbook", playbook::run),
    ("protocol", protocol::run),
    ("regex", regex::run),
    ("ssh", ssh::run),
    ("template", template::run),
    ("vault", vault::run),
    ("yaml", yaml::run),
];

/// No case may take longer, without optimization and beside other tests.
const LONGEST: Duration = Duration::from_secs(20);

/// Runs a target on the files of a folder and returns how many there were.
fn replay(name: &str, run: fn(&[u8]), folder: &Path) -> usize {
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in &paths {
        let bytes = fs::read(path).unwrap();
        let started = Instant::now();
        let result = std::panic::catch_unwind(|| run(&bytes));
        assert!(result.is_ok(), "{name} panics on {}", path.display());
        assert!(started.elapsed() < LONGEST, "{name} takes too long for {}", path.display());
    }
    paths.len()
}

#[test]
fn all_that_was_found_stays_mended() {
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (name, run) in TARGETS {
        let seeds = replay(name, *run, &project.join("fuzz/corpus").join(name));
        assert!(seeds > 0, "the target {name} has nothing to start from in fuzz/corpus/{name}");
        replay(name, *run, &project.join("tests/data/fuzz").join(name));
    }
}

#[test]
fn every_target_can_be_fuzzed() {
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest = fs::read_to_string(project.join("fuzz/Cargo.toml")).unwrap();
    for (name, _) in TARGETS {
        assert!(
            manifest.contains(&format!("name = \"{name}\"\n")),
            "{name} is not in fuzz/Cargo.toml"
        );
        assert!(
            project.join(format!("fuzz/fuzz_targets/{name}.rs")).exists(),
            "{name} has no file"
        );
    }
}
