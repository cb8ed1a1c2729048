//! The table against Ansible's, and where settings come from.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use super::*;

/// Settings whose default differs from Ansible's on purpose (docs/differences.md).
const DIFFERENT: [&str; 2] = ["DEFAULT_FORKS", "DEFAULT_STDOUT_CALLBACK"];

fn default_of(json: &Json) -> Option<String> {
    Some(match json {
        Json::Null => return None,
        Json::String(text) => text.clone(),
        Json::Array(items) => {
            items.iter().map(|item| item.as_str().unwrap()).collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    })
}

/// Returns Ansible's default in the form of our table.
fn ours(name: &str, text: &str) -> String {
    match name {
        "INVENTORY_IGNORE_EXTS" => {
            ".pyc, .pyo, .swp, .bak, ~, .rpm, .md, .txt, .rst, .orig, .cfg, .retry".into()
        }
        _ => text.replace("{{ ANSIBLE_HOME ~ \"", "{home}").replace("\" }}", ""),
    }
}

#[test]
fn the_table_is_ansibles() {
    let facts: Json =
        serde_json::from_str(include_str!("../../tests/data/config/settings.json")).unwrap();
    for row in SETTINGS {
        let fact = &facts[row.name];
        let env: Vec<_> =
            fact["env"].as_array().unwrap().iter().map(|e| e.as_str().unwrap()).collect();
        assert_eq!(row.env, env, "{}", row.name);
        let ini = fact["ini"].as_array().unwrap().iter();
        let ini: Vec<_> = ini.map(|i| (i[0].as_str().unwrap(), i[1].as_str().unwrap())).collect();
        assert_eq!(row.ini, ini, "{}", row.name);
        if !DIFFERENT.contains(&row.name) {
            let default = default_of(&fact["default"]).map(|text| ours(row.name, &text));
            assert_eq!(
                row.default.map(str::to_owned).filter(|text| !text.is_empty()),
                default.filter(|text| !text.is_empty()),
                "{}",
                row.name
            );
        }
    }
}

#[test]
fn the_table_is_sorted_and_described() {
    assert!(SETTINGS.is_sorted_by_key(|row| row.name));
    for row in SETTINGS {
        assert!(row.about.ends_with('.') && row.about.len() < 120, "{}", row.name);
        let environment = Environment::new("/", &[("HOME", "/home/me")]);
        let stored = convert::convert(row, row.default, &Origin::Default, &environment);
        assert!(stored.is_ok(), "{}", row.name);
    }
}

fn load(text: &str, vars: &[(&str, &str)]) -> Result<Config, String> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("ansible.cfg"), text).unwrap();
    let mut vars = vars.to_vec();
    let home = folder.path().display().to_string();
    vars.push(("HOME", &home));
    Config::load(Environment::new(folder.path(), &vars))
        .map_err(|mistakes| mistakes.0.iter().map(|m| m.to_string() + "\n").collect())
}

#[test]
fn later_sources_win() {
    let text = "[defaults]\nforks = 7 ; note\nroles_path = roles:/x/roles\ninventory=a, ~/b\n# [ssh_connection]\ntimeout: 3\n[ssh_connection]\nssh_args = \"-o A=b\"\n  -o C=d\nretries=2\n[unknown]\nkey = x\n";
    let mut config = load(text, &[("ANSIBLE_TIMEOUT", "20"), ("NO_COLOR", "1")]).unwrap();
    let folder = config.environment().folder().to_owned();
    assert_eq!(config.get(&settings::FORKS), 7);
    assert_eq!(config.get(&settings::TIMEOUT), 20);
    assert_eq!(config.get(&settings::SSH_RETRIES), 2);
    assert_eq!(
        config.get(&settings::ROLES_PATH),
        [folder.join("roles"), PathBuf::from("/x/roles")]
    );
    assert_eq!(config.get(&settings::INVENTORY), [folder.join("a"), folder.join("b")]);
    assert_eq!(config.get(&settings::SSH_ARGS), "\"-o A=b\"\n-o C=d");
    assert_eq!(config.get(&settings::LOCAL_TMP), Some(folder.join(".ansible/tmp")));
    assert!(config.get(&settings::NOCOLOR));
    assert_eq!(config.get(&settings::LOG_PATH), None);
    assert_eq!(config.get(&settings::YAML_EXTENSIONS), [".yml", ".yaml", ".json"]);
    assert!(
        matches!(config.origin(&settings::FORKS.row), Origin::File(at) if at.to_string() == "ansible.cfg:2:1")
    );
    assert_eq!(config.origin(&settings::TIMEOUT.row), &Origin::Environment("ANSIBLE_TIMEOUT"));
    config.set(&settings::FORKS, 9, "--forks");
    assert_eq!(config.get(&settings::FORKS), 9);
}

#[track_caller]
fn refused(text: &str, vars: &[(&str, &str)], expected: &str) {
    assert_eq!(load(text, vars).unwrap_err(), expected);
}

#[test]
fn bad_values_say_where_they_stand() {
    refused(
        "[defaults]\nforks = many\nhost_key_checking = flase\ngathering = smrt\n",
        &[("ANSIBLE_DIFF_CONTEXT", "x")],
        "`ANSIBLE_DIFF_CONTEXT` must be a whole number, not `x`\n\
         `forks` must be a whole number, not `many`\n  --> ansible.cfg:2:1\n  |\n2 | forks = many\n  | ^^^^^\n\
         `host_key_checking` must be `yes` or `no`, not `flase`\n  --> ansible.cfg:3:1\n  |\n3 | host_key_checking = flase\n  | ^^^^^^^^^^^^^^^^^\n\
         `gathering` must be one of `explicit`, `implicit` and `smart`, not `smrt`\n  --> ansible.cfg:4:1\n  |\n4 | gathering = smrt\n  | ^^^^^^^^^ did you mean `smart`?\n",
    );
    refused(
        "forks = 1\n",
        &[],
        "this stands before the first section\n  --> ansible.cfg:1:1\n  |\n1 | forks = 1\n  | ^^^^^^^^^\nhint: start the file with `[defaults]`\n",
    );
    refused(
        "[defaults]\nforks\n",
        &[],
        "this is no `key = value`\n  --> ansible.cfg:2:1\n  |\n2 | forks\n  | ^^^^^\n",
    );
    refused(
        "[defaults]\na=1\nA=2\n",
        &[],
        "`a` stands twice in `[defaults]`\n  --> ansible.cfg:3:1\n  |\n3 | A=2\n  | ^ first in line 2\n",
    );
}

#[test]
fn a_file_in_a_public_folder_is_not_trusted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ansible.cfg");
    std::fs::write(&path, "[defaults]\nforks=3\n").unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o777)).unwrap();
    let config = Config::load(Environment::new(folder.path(), &[])).unwrap();
    assert_eq!(config.get(&settings::FORKS), 50);
    assert_eq!(
        config.warnings()[0].what,
        format!("`{}` is ignored: everybody may write into its folder", path.display())
    );
    let named = path.display().to_string();
    let config =
        Config::load(Environment::new(folder.path(), &[("ANSIBLE_CONFIG", &named)])).unwrap();
    assert_eq!((config.get(&settings::FORKS), config.warnings().len()), (3, 0));
}

#[test]
fn paths_are_expanded() {
    let environment = Environment::new("/w", &[("HOME", "/home/me"), ("X", "y")]);
    let path = |text| environment.path(text, Path::new("/etc"));
    assert_eq!(path("~/a/../b"), Path::new("/home/me/b"));
    assert_eq!(path("$X/${X}z/$NONE"), Path::new("/etc/y/yz/$NONE"));
    assert_eq!(path("{{CWD}}/a"), Path::new("/w/a"));
    assert_eq!(path("/a/./b"), Path::new("/a/b"));
}
