//! What is shipped with fcplay: roles say what they take, and every playbook can be read with every inventory.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use fcplay::base::Value;
use fcplay::yaml;

/// Roles that others use, and that run nothing of their own that could be verified.
const PARTS: [&str; 4] = ["check", "image", "note", "service"];

fn folders(of: &str) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(of)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    found.sort();
    found
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

fn read(path: &Path) -> Value {
    let text =
        fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    yaml::value_of(&text).unwrap()
}

fn keys(value: &Value) -> BTreeSet<String> {
    match value {
        Value::Map(map) => map.keys().map(ToString::to_string).collect(),
        _ => BTreeSet::new(),
    }
}

fn item<'a>(value: &'a Value, name: &str) -> &'a Value {
    let Value::Map(map) = value else { panic!("no dictionary around `{name}`") };
    map.get(name).unwrap_or_else(|| panic!("no `{name}`"))
}

#[test]
fn roles_describe_every_variable() {
    for role in folders("roles") {
        let spec = read(&role.join("meta/argument_specs.yml"));
        let main = item(item(&spec, "argument_specs"), "main");
        let Value::Map(options) = item(main, "options") else {
            panic!("options of {}", role.display())
        };
        let required = |option: &Value| keys(option).contains("required");
        let (required, optional): (Vec<_>, Vec<_>) =
            options.iter().partition(|(_, option)| required(option));
        let optional: BTreeSet<String> =
            optional.into_iter().map(|(name, _)| name.to_string()).collect();
        let defaults = role.join("defaults/main.yml");
        let defaults = if defaults.exists() { keys(&read(&defaults)) } else { BTreeSet::new() };
        assert_eq!(defaults, optional, "defaults and specification of {}", role.display());
        let readme = fs::read_to_string(role.join("README.md")).unwrap();
        for (name, _) in required {
            let group = name.to_string().split('_').next().unwrap().to_owned() + "_*";
            let known = readme.contains(&name.to_string()) || readme.contains(&group);
            assert!(known, "the README of {} says nothing of `{name}`", role.display());
        }
    }
}

#[test]
fn services_have_verify_tasks_and_a_playbook() {
    for role in folders("roles") {
        let name = name(&role);
        if PARTS.contains(&name.as_str()) {
            continue;
        }
        assert!(role.join("tasks/verify.yml").exists(), "{name} has no verify tasks");
        let main = fs::read_to_string(role.join("tasks/main.yml")).unwrap();
        assert!(main.contains("tags: [verify]"), "{name} cannot be verified alone");
        let alone = ["playbooks", "docker.yml"].iter().collect::<PathBuf>();
        let playbook = Path::new("playbooks").join(format!("{name}.yml"));
        assert!(
            playbook.exists() || (name == "compose" && alone.exists()),
            "{name} has no playbook"
        );
    }
}

#[test]
fn every_playbook_can_be_read_with_every_inventory() {
    let mut playbooks: Vec<String> = fs::read_dir("playbooks")
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yml"))
        .map(|path| path.display().to_string())
        .collect();
    playbooks.push("site.yml".to_owned());
    let inventories: Vec<String> = folders("inventory").iter().map(|path| name(path)).collect();
    for inventory in inventories.iter().filter(|name| *name != "localhost") {
        for playbook in &playbooks {
            let output = Command::new(env!("CARGO_BIN_EXE_fcplay"))
                .args(["--syntax-check", playbook, "-i", inventory])
                .output()
                .unwrap();
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(output.status.success(), "{playbook} -i {inventory}: {said}");
        }
    }
}
