//! Broken playbooks and inventories with the exact texts about them: one file a case in `tests/data/mistakes/`, made of
//! the files of a folder (`=== NAME`), the arguments after `fcplay` (`=== run`, optional) and what is printed
//! (`=== expected`). `UPDATE_MISTAKES=1` writes what is printed today; read the difference before it is committed.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::cli::Bench;
use crate::common::files_below;

/// A case as it is written.
struct Case {
    files: Vec<(String, String)>,
    run: String,
    expected: String,
}

impl Case {
    fn read(path: &Path) -> Self {
        let text = std::fs::read_to_string(path).unwrap();
        let mut sections: Vec<(String, String)> = Vec::new();
        for line in text.split_inclusive('\n') {
            match (line.strip_prefix("=== "), sections.last_mut()) {
                (Some(name), _) => sections.push((name.trim_end().to_owned(), String::new())),
                (None, Some((_, content))) => content.push_str(line),
                (None, None) => panic!("{}: begins with no section", path.display()),
            }
        }
        let mut take = |name: &str| {
            let place = sections.iter().position(|(known, _)| known == name)?;
            Some(sections.remove(place).1)
        };
        let expected = take("expected").expect("every case has what is expected");
        let run = take("run");
        let inventory =
            sections.iter().map(|(name, _)| name).find(|name| name.starts_with("hosts"));
        let inventory = inventory.map_or("localhost,", String::as_str);
        let run = run.map_or_else(
            || format!("site.yml -i {inventory} -c local"),
            |line| line.trim_end().to_owned(),
        );
        Self { files: sections, run, expected }
    }

    fn print(&self) -> String {
        let bench = Bench::new(&[]);
        for (name, content) in &self.files {
            bench.write(name, content);
            if name.ends_with(".sh") {
                let mode = std::fs::Permissions::from_mode(0o755);
                std::fs::set_permissions(bench.path().join(name), mode).unwrap();
            }
        }
        without_times(&bench.run(&self.run))
    }

    fn write(&self, path: &Path, printed: &str) {
        let text = std::fs::read_to_string(path).unwrap();
        let (head, _) = text.split_once("=== expected\n").unwrap();
        std::fs::write(path, format!("{head}=== expected\n{printed}")).unwrap();
    }
}

/// Writes `N` for how long something took, the only thing that differs from run to run.
fn without_times(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let words: Vec<&str> = line.split(' ').collect();
        let shown: Vec<&str> = words
            .iter()
            .enumerate()
            .map(|(place, word)| {
                let unit = words.get(place + 1).map_or("", |word| word.trim_end());
                let timed = matches!(unit, "s" | "ms") && word.parse::<f64>().is_ok();
                if timed { "N" } else { word }
            })
            .collect();
        let shown = shown.join(" ");
        // The time of the checks is only there when it is worth telling.
        out.push_str(&shown.replace("  N s\n", "\n"));
    }
    out
}

#[test]
fn every_mistake_is_told_as_it_was() {
    let update = std::env::var_os("UPDATE_MISTAKES").is_some();
    let mut problems = Vec::new();
    let cases =
        files_below("tests/data/mistakes", |path| path.extension().is_some_and(|ext| ext == "txt"));
    assert!(cases.len() >= 30, "{} cases", cases.len());
    for path in &cases {
        let case = Case::read(path);
        let printed = case.print();
        if update {
            case.write(path, &printed);
        } else if printed != case.expected {
            problems.push(format!(
                "{}:\n--- expected\n{}--- printed\n{printed}",
                path.display(),
                case.expected
            ));
        }
    }
    crate::registry::none(&problems);
}
