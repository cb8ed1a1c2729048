//! A folder of `src` names only folders of a lower layer. Within one crate the compiler would allow any circle.

use std::fs;

use crate::common::files_below;

/// The folders and their layers; STYLE: a folder may name a folder with a lower number only.
const LAYERS: &[(&str, u8)] = &[
    ("base", 0),
    ("system", 1),
    ("vault", 1),
    ("yaml", 1),
    ("clusters", 2),
    ("config", 2),
    ("inventory", 2),
    ("module", 2),
    ("playbook", 2),
    ("event", 3),
    ("modules", 3),
    ("protocol", 3),
    ("template", 3),
    ("connection", 4),
    ("helper", 4),
    ("report", 4),
    ("vars", 4),
    ("actions", 5),
    ("engine", 6),
    ("cli", 7),
];

fn layer(folder: &str) -> Option<u8> {
    LAYERS.iter().find(|(name, _)| *name == folder).map(|(_, layer)| *layer)
}

/// Returns the folders that a line names as `crate::folder`, also inside `use crate::{…}` of one line.
fn named(line: &str) -> Vec<String> {
    let line = line.split("//").next().unwrap_or_default();
    let mut names = Vec::new();
    for rest in line.split("crate::").skip(1) {
        let word = |text: &str| -> String {
            text.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect()
        };
        match rest.strip_prefix('{') {
            Some(list) => names.extend(list.split(',').map(|item| word(item.trim()))),
            None => names.push(word(rest)),
        }
    }
    names.retain(|name| layer(name).is_some());
    names
}

#[test]
fn folders_name_only_lower_layers() {
    let mut problems = Vec::new();
    for path in files_below("src", |path| path.extension().is_some_and(|ext| ext == "rs")) {
        let mut parts = path.components().skip(1);
        let folder = parts.next().unwrap().as_os_str().to_string_lossy().into_owned();
        if parts.next().is_none() || folder == "bin" {
            continue;
        }
        let Some(own) = layer(&folder) else {
            problems.push(format!("src/{folder} has no layer in tests/layers.rs"));
            continue;
        };
        for (number, line) in fs::read_to_string(&path).unwrap().lines().enumerate() {
            for name in named(line) {
                if name != folder && layer(&name).is_some_and(|other| other >= own) {
                    problems.push(format!(
                        "{}:{}: `{folder}` may not name `{name}`",
                        path.display(),
                        number + 1
                    ));
                }
            }
        }
    }
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

#[test]
fn names_are_found() {
    assert_eq!(named("use crate::{base::Value, system};"), ["base", "system"]);
    assert_eq!(named("crate::yaml::parse(crate::arguments!())"), ["yaml"]);
    assert!(named("// crate::yaml").is_empty());
}
