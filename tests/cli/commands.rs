//! `fcplay inventory` and `fcplay adhoc`: what Ansible's own programs print for the same is stored beside the cases.
//!
//! `UPDATE_ANSIBLE=/path/to/ansible-playbook` runs the real ones (ansible-core 2.19, with the Python library `tomli-w`)
//! and stores what they print.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use super::Bench;
use crate::common::{files_below, words};

/// A folder below `tests/data/commands`, the name of what is expected, the line.
type Run = (&'static str, &'static str, &'static str);

const RUNS: &[Run] = &[
    ("adhoc", "check", "ansible h1 -i hosts -a 'sleep 1' -C"),
    ("adhoc", "command", "ansible h1 -i hosts -a 'echo hi'"),
    ("adhoc", "conflict", "ansible h2 -i hosts -m ping -l h1"),
    ("adhoc", "diff", "ansible h1 -i hosts -m debug -a var=ansible_connection -D -v"),
    ("adhoc", "failed", "ansible h1 -i hosts -a 'false creates=/nonexistent' -f 1"),
    ("adhoc", "job", "ansible h1 -i hosts -B 9 -P 1 -a 'echo hi'"),
    ("adhoc", "job_left", "ansible h1 -i hosts -B 9 -P 0 -m ping"),
    ("adhoc", "json", "ansible h1 -i hosts -m command -a '{\"argv\": [\"echo\", \"a b\"]}'"),
    ("adhoc", "list", "ansible all -i hosts --list-hosts"),
    (
        "adhoc",
        "message",
        "ansible h1 -i hosts -m fail -a \"msg='two words {{ inventory_hostname }}'\"",
    ),
    ("adhoc", "no_action", "ansible h1 -i hosts"),
    ("adhoc", "no_hosts", "ansible nope -i hosts -m ping"),
    ("adhoc", "oneline", "ansible h1 -i hosts -o -m shell -a 'echo hi; echo no >&2; exit 3'"),
    ("adhoc", "ping", "ansible all -i hosts -m ping -f 1"),
    ("adhoc", "shell", "ansible h1 -i hosts -m shell -a 'echo hi; echo no >&2; exit 3'"),
    ("adhoc", "some_hosts", "ansible h1,nope -i hosts -m ping -o"),
    ("adhoc", "time", "ansible h1 -i hosts -a 'sleep 9' --task-timeout 1"),
    ("adhoc", "undefined", "ansible h1 -i hosts -m shell -a 'echo {{ nope }}'"),
    ("constructed", "list", "ansible-inventory -i hosts -i k.yml --list"),
    ("constructed", "yaml", "ansible-inventory -i hosts -i k.yml --list -y"),
    ("diamond", "export", "ansible-inventory -i hosts --list -y --export"),
    ("diamond", "graph", "ansible-inventory -i hosts --graph --vars"),
    ("diamond", "list", "ansible-inventory -i hosts --list"),
    ("diamond", "yaml", "ansible-inventory -i hosts --list -y"),
    ("files", "export", "ansible-inventory -i inventory/hosts --playbook-dir play --list --export"),
    ("files", "list", "ansible-inventory -i inventory/hosts --playbook-dir play --list -y"),
    ("folder", "graph", "ansible-inventory -i inv --graph --vars"),
    ("folder", "list", "ansible-inventory -i inv --list"),
    ("folder", "yaml", "ansible-inventory -i inv --list -y"),
    ("ini", "export", "ansible-inventory -i hosts --list --export -y"),
    ("ini", "graph", "ansible-inventory -i hosts --graph --vars"),
    ("ini", "host", "ansible-inventory -i hosts --host alpha -y"),
    ("ini", "list", "ansible-inventory -i hosts --list"),
    ("ini", "yaml", "ansible-inventory -i hosts --list -y"),
    ("lists", "advanced", "ansible-inventory -i h[1:3],x --list -e a=1"),
    ("lists", "conflict", "ansible-inventory -i h1, --list --graph"),
    ("lists", "export", "ansible-inventory -i h1,h2:2222 --list -e a=1 --export"),
    ("lists", "limit", "ansible-inventory -i h1,h2 --list -l h2 -y"),
    ("lists", "no_action", "ansible-inventory -i h1,"),
    ("lists", "no_group", "ansible-inventory -i h1, --graph nope"),
    ("lists", "no_host", "ansible-inventory -i h1, --host nope"),
    ("lists", "no_limit", "ansible-inventory -i h1, --list -l nope -y"),
    ("lists", "no_source", "ansible-inventory --list"),
    ("lists", "two_hosts", "ansible-inventory -i h1,h2 --host all"),
    ("overlap", "graph", "ansible-inventory -i hosts --graph p2"),
    ("overlap", "toml", "ansible-inventory -i hosts --list --toml"),
    ("overlap", "yaml", "ansible-inventory -i hosts --list -y"),
    ("script", "export", "ansible-inventory -i inv.sh --list --export"),
    ("script", "list", "ansible-inventory -i inv.sh --list"),
    ("script", "yaml", "ansible-inventory -i inv.sh --list -y"),
    ("tables", "host", "ansible-inventory -i hosts.yml --host w1 --toml"),
    ("tables", "toml", "ansible-inventory -i hosts.toml --list --toml"),
    ("tables", "toml_export", "ansible-inventory -i hosts.toml --list --toml --export"),
    ("tables", "yaml", "ansible-inventory -i hosts.yml --list --toml"),
    ("tables", "yaml_export", "ansible-inventory -i hosts.yml --list --toml --export -l 'web:!w1'"),
    ("unsafe", "export", "ansible-inventory -i hosts -i k.yml -i s.sh -i y.yml --list --export"),
    ("unsafe", "host", "ansible-inventory -i y.yml --host y1"),
    ("unsafe", "list", "ansible-inventory -i hosts -i k.yml -i s.sh -i y.yml --list"),
    ("vault", "graph", "ansible-inventory -i hosts.yml --vault-password-file pw --graph --vars"),
    ("vault", "host", "ansible-inventory -i hosts.yml --vault-password-file pw --host h1"),
    ("vault", "list", "ansible-inventory -i hosts.yml --vault-password-file pw --list"),
    ("vault", "yaml", "ansible-inventory -i hosts.yml --vault-password-file pw --list -y"),
    ("yaml", "export", "ansible-inventory -i hosts.yml --list --export"),
    ("yaml", "graph", "ansible-inventory -i hosts.yml --graph --vars web"),
    ("yaml", "host", "ansible-inventory -i hosts.yml --host lone"),
    ("yaml", "limit", "ansible-inventory -i hosts.yml --list -l 'web:!w1'"),
    ("yaml", "list", "ansible-inventory -i hosts.yml --list"),
    ("yaml", "yaml", "ansible-inventory -i hosts.yml --list -y"),
];

/// Returns a folder with the files of a case.
fn bench(case: &Path) -> Bench {
    let bench = Bench::new(&[]);
    let is_file = |path: &Path| path.extension().is_none_or(|extension| extension != "txt");
    for path in files_below(case.to_str().unwrap(), is_file) {
        let name = path.strip_prefix(case).unwrap().to_str().unwrap();
        bench.write(name, "");
        std::fs::copy(&path, bench.path().join(name)).unwrap();
    }
    bench
}

/// Returns the text with the same words for times and jobs.
fn without_times(text: &str) -> String {
    let times = fancy_regex::Regex::new(r#"("(?:delta|end|start)": ?)"[^"]*""#).unwrap();
    let jobs = fancy_regex::Regex::new(r"\bj[0-9]+\.[0-9]+").unwrap();
    let text = times.replace_all(text, "${1}\"T\"").into_owned();
    jobs.replace_all(&text, "JOB").into_owned()
}

#[test]
fn what_is_printed_is_what_the_programs_of_ansible_print() {
    let reference = std::env::var_os("UPDATE_ANSIBLE");
    let mut problems = Vec::new();
    for (folder, name, line) in RUNS {
        let case = Path::new("tests/data/commands").join(folder);
        let bench = bench(&case);
        let (program, rest) = line.split_once(' ').unwrap();
        let mut command = match &reference {
            Some(playbook) => {
                let mut command = Command::new(Path::new(playbook).with_file_name(program));
                command.args(words(rest)).env_clear().current_dir(bench.path());
                command.env("HOME", bench.path().join("home")).env("LANG", "C.UTF-8");
                command.env("PATH", "/usr/bin:/bin:/usr/sbin:/sbin");
                command.envs(std::env::var_os("PYTHONPATH").map(|path| ("PYTHONPATH", path)));
                command
            }
            None => {
                let mut command = bench.command(rest);
                command.arg0(program);
                command
            }
        };
        let enabled = "host_list,script,auto,yaml,ini,toml";
        let enabled = if *name == "advanced" { "advanced_host_list" } else { enabled };
        command.env("ANSIBLE_INVENTORY_ENABLED", enabled).env("ANSIBLE_DEPRECATION_WARNINGS", "0");
        command.env("ANSIBLE_ASYNC_DIR", bench.path().join("jobs"));
        let found = without_times(&bench.finish(command, ""));
        let stored = case.join(format!("{name}.txt"));
        if reference.is_some() {
            std::fs::write(&stored, &found).unwrap();
            continue;
        }
        let expected = std::fs::read_to_string(&stored).unwrap();
        if found != expected {
            problems.push(format!("{line}:\n=== found\n{found}=== expected\n{expected}"));
        }
    }
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

#[test]
fn the_commands_are_there_under_our_own_name() {
    let bench = Bench::new(&[("hosts", "h1 ansible_connection=local\n")]);
    bench.case("inventory -i hosts --graph", "@all:\n  |--@ungrouped:\n  |  |--h1\n--- exit 0\n");
    bench.case(
        "adhoc h1 -i hosts -m ping --tree made",
        "h1 | SUCCESS => {\n    \"changed\": false,\n    \"ping\": \"pong\"\n}\n--- exit 0\n",
    );
    assert_eq!(bench.read("made/h1"), "{\"changed\": false, \"ping\": \"pong\"}");
    bench.case("inventory -i hosts --list --output made/list.json", "--- exit 0\n");
    assert!(bench.read("made/list.json").ends_with("\n}"));
    bench.case(
        "inventory -i hosts",
        "--- stderr\nerror: No action selected, at least one of --host, --graph or --list needs to be specified.\n--- exit 5\n",
    );
}

#[test]
fn mistakes_are_told_as_the_programs_of_ansible_tell_them() {
    let bench = Bench::new(&[("hosts", "h1\n")]);
    let run = |program: &str, line: &str| {
        let mut command = bench.command(line);
        command.arg0(program);
        bench.finish(command, "")
    };
    assert_eq!(
        run("ansible-playbook", "nope.yml"),
        "--- stderr\n[ERROR]: the playbook: nope.yml could not be found\nhint: looked for `nope.yml` and `playbooks/nope.yml`\n--- exit 1\n"
    );
    assert_eq!(
        run("ansible", "all -i hosts --nope"),
        "--- stderr\nusage: ansible [-h] ...\nansible: error: unrecognized arguments: --nope\n--- exit 2\n"
    );
    assert_eq!(
        run("ansible-vault", "view nope.yml --vault-password-file nope"),
        "--- stderr\n[ERROR]: cannot read the vault password file `nope`: No such file or directory (os error 2)\n--- exit 1\n"
    );
}
