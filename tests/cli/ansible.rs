//! The format of `ansible-playbook`: what it printed for the same playbooks is stored beside them.
//!
//! `UPDATE_ANSIBLE=/path/to/ansible-playbook` runs the real one (ansible-core 2.19) and stores what it prints.

use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;

use super::Bench;
use crate::common::{files_below, words};

const INVENTORY: &str = "\
h1
h2
[all:vars]
ansible_connection=local
ansible_python_interpreter=/usr/bin/python3
";

/// A folder below `tests/data/ansible`, the name of what is expected, flags, variables of the environment.
type Run = (&'static str, &'static str, &'static str, &'static [(&'static str, &'static str)]);

/// Hosts one after another, so that their lines stand in one order.
const ONE_BY_ONE: &[(&str, &str)] = &[("ANSIBLE_FORKS", "1")];

const RUNS: &[Run] = &[
    ("check", "check", "-C -D", &[]),
    ("check", "markers", "-C -D", &[("ANSIBLE_CHECK_MODE_MARKERS", "1")]),
    ("defaults", "defaults", "-l h1", ONE_BY_ONE),
    ("delegates", "delegates", "", ONE_BY_ONE),
    ("deprecations", "allowed", "", &[("ANSIBLE_ALLOW_BROKEN_CONDITIONALS", "1")]),
    ("deprecations", "colored", "", &[("ANSIBLE_FORCE_COLOR", "1")]),
    ("deprecations", "minimal", "", &[("ANSIBLE_STDOUT_CALLBACK", "minimal")]),
    ("deprecations", "silent", "", &[("ANSIBLE_DEPRECATION_WARNINGS", "0")]),
    ("diffs", "colored", "-D", &[("ANSIBLE_FORCE_COLOR", "1")]),
    ("diffs", "json", "-D", &[]),
    ("diffs", "yaml", "-D", &[("ANSIBLE_CALLBACK_RESULT_FORMAT", "yaml")]),
    ("failures", "colored", "-l h1", &[("ANSIBLE_FORCE_COLOR", "1")]),
    ("failures", "json", "-l h1", &[]),
    ("failures", "minimal", "-l h1", &[("ANSIBLE_STDOUT_CALLBACK", "minimal")]),
    (
        "failures",
        "stderr",
        "-l h1",
        &[("ANSIBLE_DISPLAY_FAILED_STDERR", "1"), ("ANSIBLE_SHOW_TASK_PATH_ON_FAILURE", "1")],
    ),
    ("failures", "yaml", "-l h1", &[("ANSIBLE_CALLBACK_RESULT_FORMAT", "yaml")]),
    ("fatal", "fatal", "", ONE_BY_ONE),
    ("forced", "forced", "", ONE_BY_ONE),
    ("free", "free", "", &[]),
    ("handlers", "handlers", "--force-handlers -e bad=1", ONE_BY_ONE),
    ("hidden", "hidden", "-l h1", &[]),
    ("hidden", "verbose", "-l h1 -v", &[]),
    ("includes", "includes", "-l h1", &[]),
    ("jobs", "jobs", "-l h1", &[]),
    ("loops", "changed_only", "-l h1", &[("ANSIBLE_DISPLAY_OK_HOSTS", "0")]),
    ("loops", "loops", "-l h1", &[]),
    ("loops", "not_skipped", "-l h1", &[("ANSIBLE_DISPLAY_SKIPPED_HOSTS", "0")]),
    ("loops", "starts", "-l h1", &[("ANSIBLE_SHOW_PER_HOST_START", "1")]),
    ("loops", "verbose", "-l h1 -v", &[]),
    ("merged", "merged", "-i inv", ONE_BY_ONE),
    ("meta", "meta", "-l h1", &[]),
    ("nested", "nested", "", ONE_BY_ONE),
    ("results", "colored", "-l h1 -v", &[("ANSIBLE_FORCE_COLOR", "1")]),
    ("results", "minimal", "-l h1", &[("ANSIBLE_STDOUT_CALLBACK", "minimal")]),
    ("results", "pretty", "-l h1 -v", &[("ANSIBLE_CALLBACK_FORMAT_PRETTY", "1")]),
    ("results", "results", "-l h1", &[]),
    ("results", "stats", "-l h1", &[("ANSIBLE_SHOW_CUSTOM_STATS", "1")]),
    ("results", "yaml", "-l h1 -v", &[("ANSIBLE_CALLBACK_RESULT_FORMAT", "yaml")]),
    ("roles", "roles", "", ONE_BY_ONE),
    ("tags", "some", "-l h1 -t a --skip-tags b", ONE_BY_ONE),
    ("tags", "never", "-l h1 -t nv,tagged", ONE_BY_ONE),
    ("undefined", "undefined", "", &[]),
];

/// Returns a folder with the playbook and the inventory.
fn bench(case: &Path) -> Bench {
    let bench = Bench::new(&[("hosts", INVENTORY)]);
    for path in
        files_below(case.to_str().unwrap(), |path| path.extension() != Some(OsStr::new("txt")))
    {
        let name = path.strip_prefix(case).unwrap().to_str().unwrap();
        bench.write(name, &std::fs::read_to_string(&path).unwrap());
    }
    bench
}

/// Returns the text with `T` for times.
fn without_times(text: &str) -> String {
    let json = fancy_regex::Regex::new(r#"("(?:delta|end|start)": )"[^"]*""#).unwrap();
    let yaml = fancy_regex::Regex::new(r"(?m)^( +(?:delta|end|start): )'?[-0-9:. ]+'?").unwrap();
    let jobs = fancy_regex::Regex::new(r"\bj[0-9]+\.[0-9]+").unwrap();
    let text = json.replace_all(text, "${1}\"T\"");
    let text = jobs.replace_all(&text, "JOB");
    yaml.replace_all(&text, "${1}T").into_owned()
}

#[test]
fn what_is_printed_is_what_ansible_prints() {
    let reference = std::env::var_os("UPDATE_ANSIBLE");
    let mut problems = Vec::new();
    for (folder, name, flags, vars) in RUNS {
        let case = Path::new("tests/data/ansible").join(folder);
        let bench = bench(&case);
        let line = format!("-i hosts site.yml {flags}");
        let callback = [("ANSIBLE_STDOUT_CALLBACK", "default")];
        let mut command = match &reference {
            Some(program) => reference_command(program, &bench, &line),
            None => bench.command(&line),
        };
        command.envs(callback).envs(vars.iter().copied());
        let found = without_times(&bench.finish(command, ""));
        let stored = case.join(format!("{name}.txt"));
        if reference.is_some() {
            std::fs::write(&stored, &found).unwrap();
            continue;
        }
        let expected = std::fs::read_to_string(&stored).unwrap();
        if found != expected {
            let stored = stored.display();
            problems.push(format!("{stored}:\n=== found\n{found}=== expected\n{expected}"));
        }
    }
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

/// Returns the real one, in the same folder with the same environment.
fn reference_command(program: &OsStr, bench: &Bench, line: &str) -> Command {
    let mut command = Command::new(program);
    command.args(words(line)).env_clear().current_dir(bench.path());
    command.env("HOME", bench.path().join("home")).env("LANG", "C.UTF-8");
    command.env("PATH", "/usr/bin:/bin:/usr/sbin:/sbin");
    command
}
