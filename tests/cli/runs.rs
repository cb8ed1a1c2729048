//! Runs on this machine, through the real helper.

use std::io::{BufRead, BufReader};
use std::os::unix::fs::MetadataExt;
use std::process::Stdio;

use super::Bench;

const WRITE: &str = "\
- hosts: localhost
  gather_facts: false
  connection: local
  tasks:
    - copy: {content: '{{ word }}', dest: '{{ playbook_dir }}/made'}
";

#[test]
fn a_file_is_made_and_then_left_alone() {
    let bench = Bench::new(&[("site.yml", WRITE)]);
    let first = bench.run("-i localhost, site.yml -e word=hello");
    assert!(first.ends_with("--- exit 0\n"), "{first}");
    assert_eq!(bench.read("made"), "hello");
    let inode = || std::fs::metadata(bench.path().join("made")).unwrap().ino();
    let before = inode();
    let second = bench.run("-i localhost, site.yml -e word=hello");
    assert!(second.ends_with("--- exit 0\n"), "{second}");
    assert_eq!(inode(), before);
}

#[test]
fn every_form_of_extra_variables_reaches_the_tasks() {
    let bench = Bench::new(&[("site.yml", WRITE), ("vars.yml", "word: file\n")]);
    for (flags, expected) in [
        ("-e 'word=\"two words\"'", "two words"),
        ("-e '{\"word\": \"json\"}'", "json"),
        ("-e @vars.yml", "file"),
        ("-e @vars.yml -e word=last", "last"),
        ("-e other=deep -e 'word={{other}}'", "deep"),
    ] {
        let found = bench.run(&format!("-i localhost, site.yml {flags}"));
        assert!(found.ends_with("--- exit 0\n"), "{found}");
        assert_eq!(bench.read("made"), expected, "{flags}");
    }
}

#[test]
fn check_mode_touches_nothing() {
    let bench = Bench::new(&[("site.yml", WRITE)]);
    let found = bench.run("-i localhost, site.yml -C -D -e word=x");
    assert!(found.ends_with("--- exit 0\n"), "{found}");
    assert!(!bench.path().join("made").exists());
}

#[test]
fn a_failed_host_is_exit_code_2() {
    let site =
        "- hosts: localhost\n  gather_facts: false\n  tasks:\n    - fail: {msg: on purpose}\n";
    let found = Bench::new(&[("site.yml", site)]).run("-i localhost, -c local site.yml");
    assert!(found.contains("on purpose"), "{found}");
    assert!(found.ends_with("--- exit 2\n"), "{found}");
}

#[test]
fn a_reader_that_leaves_ends_the_run_quietly() {
    let tasks = "    - debug: {msg: x}\n".repeat(200);
    let site = format!("- hosts: localhost\n  gather_facts: false\n  tasks:\n{tasks}");
    let bench = Bench::new(&[("site.yml", &site)]);
    let mut command = bench.command("-i localhost, -c local site.yml");
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
    assert_eq!(output.status.code(), Some(99));
}

#[test]
fn an_interrupt_ends_the_run_with_a_recap() {
    let site = "\
- hosts: localhost
  gather_facts: false
  tasks:
    - shell: kill -INT {{ pid }}; sleep 0.2
    - copy: {content: x, dest: '{{ playbook_dir }}/made'}
";
    let bench = Bench::new(&[("site.yml", site)]);
    // The shell gives its number to the command that takes its place.
    let inner =
        format!("exec {} -i localhost, -c local site.yml -e pid=$$", env!("CARGO_BIN_EXE_fcplay"));
    let mut command = std::process::Command::new("/bin/sh");
    command.args(["-c", &inner]).current_dir(bench.path()).env_clear();
    command.env("PATH", "/usr/bin:/bin").env("FCPLAY_HELPER", env!("CARGO_BIN_EXE_fcplay-helper"));
    let output = command.env("HOME", bench.path()).output().unwrap();
    let shown = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(99), "{shown}");
    assert!(!bench.path().join("made").exists(), "{shown}");
}

#[test]
fn called_like_ansible_it_writes_like_ansible() {
    let site = "- hosts: localhost\n  gather_facts: false\n  tasks:\n    - debug: {msg: 1}\n";
    let bench = Bench::new(&[("site.yml", site)]);
    let line = "-i localhost, -c local site.yml";
    let found = bench.run_with(line, &[("ANSIBLE_STDOUT_CALLBACK", "default")], "");
    let stars = |count: usize| "*".repeat(count);
    let expected = format!(
        "\nPLAY [localhost] {}\n\nTASK [debug] {}\nok: [localhost] => {{\n    \"msg\": 1\n}}\n\nPLAY RECAP {}\n\
         localhost                  : ok=1    changed=0    unreachable=0    failed=0    skipped=0    rescued=0    ignored=0   \n\n\
         --- exit 0\n",
        stars(63),
        stars(67),
        stars(69),
    );
    assert_eq!(found, expected);
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_fcplay"), bench.path().join("ansible-playbook"))
        .unwrap();
    let mut command = std::process::Command::new(bench.path().join("ansible-playbook"));
    command.args(line.split(' ')).env_clear().env("HOME", bench.path()).current_dir(bench.path());
    let output =
        command.env("FCPLAY_HELPER", env!("CARGO_BIN_EXE_fcplay-helper")).output().unwrap();
    assert_eq!(format!("{}--- exit 0\n", String::from_utf8(output.stdout).unwrap()), expected);
}

#[test]
fn a_password_is_read_where_there_is_no_terminal() {
    let site = "- hosts: localhost\n  gather_facts: false\n  tasks:\n    - debug: {msg: done}\n";
    let bench = Bench::new(&[("site.yml", site), ("pw", "x\n")]);
    let found = bench.run("-i localhost, -c local --become-password-file pw site.yml");
    assert!(found.ends_with("--- exit 0\n"), "{found}");
    let found = bench.run("-i localhost, --become-password-file nope site.yml");
    let expected = "--- stderr\nerror: cannot read the password file `nope`: No such file or directory (os error 2)\n--- exit 1\n";
    assert_eq!(found, expected);
}

#[test]
fn after_a_playbook_that_failed_no_other_one_begins() {
    let first = "- hosts: localhost\n  gather_facts: false\n  tasks:\n    - fail: {msg: no}\n";
    let second = "- hosts: localhost\n  gather_facts: false\n  tasks:\n    - debug: {msg: two}\n";
    let bench = Bench::new(&[("one.yml", first), ("two.yml", second)]);
    let shown = bench.run_with("one.yml two.yml", &[("ANSIBLE_RETRY_FILES_ENABLED", "1")], "");
    assert!(!shown.contains("two\n"), "{shown}");
    assert!(shown.contains("\tto retry, use: --limit @one.retry\n"), "{shown}");
    assert!(shown.ends_with("--- exit 2\n"), "{shown}");
    let again = bench.run("two.yml --limit @one.retry -i localhost, -c local");
    assert!(again.ends_with("--- exit 0\n"), "{again}");
}

#[test]
fn nothing_is_a_value_and_an_empty_file_has_no_variables() {
    let site = "- hosts: localhost\n  gather_facts: false\n  vars_files: [empty.yml]\n  tasks:\n    - include_vars: empty.yml\n      register: read\n    - debug: {msg: '{{ nothing }}'}\n      vars: {nothing: null}\n      register: shown\n    - assert: {that: [shown.msg is none, read is success]}\n";
    let bench = Bench::new(&[("site.yml", site), ("empty.yml", "# later\n")]);
    let found = bench.run("-i localhost, -c local site.yml");
    assert!(found.ends_with("--- exit 0\n"), "{found}");
}
