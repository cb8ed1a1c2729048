//! Reports that are not on the screen, and those for programs.

use super::Bench;

const SITE: &str = "\
- name: Web
  hosts: localhost
  gather_facts: false
  tasks:
    - name: say
      debug: {msg: hello}
    - name: secret
      command: echo hidden
      no_log: true
    - name: fail
      fail: {msg: on purpose}
      ignore_errors: true
";

const LINE: &str = "-i localhost, -c local site.yml";

#[test]
fn a_log_has_the_same_report_with_the_time() {
    let bench = Bench::new(&[("site.yml", SITE)]);
    let shown = bench.run_with(LINE, &[("ANSIBLE_LOG_PATH", "run.log")], "");
    assert!(shown.contains(" · log: "), "{shown}");
    let log = bench.read("run.log");
    assert!(log.lines().any(|line| line.ends_with(" n=fcplay INFO| TASK [say]")), "{log}");
    assert!(!log.contains('\x1b') && !log.contains("hidden\""), "{log}");
}

#[test]
fn a_log_that_cannot_be_written_is_a_warning() {
    let bench = Bench::new(&[("site.yml", SITE)]);
    let shown = bench.run_with(LINE, &[("ANSIBLE_LOG_PATH", "/dev/null/log")], "");
    assert!(shown.contains("warning: cannot write the log `/dev/null/log`"), "{shown}");
    assert!(shown.ends_with("--- exit 0\n"), "{shown}");
}

#[test]
fn junit_has_a_case_for_each_task_and_host() {
    let bench = Bench::new(&[("site.yml", SITE)]);
    let vars = [("ANSIBLE_CALLBACKS_ENABLED", "junit"), ("JUNIT_OUTPUT_DIR", "out")];
    bench.run_with(LINE, &vars, "");
    let files: Vec<_> = std::fs::read_dir(bench.path().join("out")).unwrap().collect();
    assert_eq!(files.len(), 1);
    let text = std::fs::read_to_string(files[0].as_ref().unwrap().path()).unwrap();
    assert!(text.contains("<testsuite name=\"Web\" tests=\"3\">"), "{text}");
}

#[test]
fn events_are_lines_of_json() {
    let bench = Bench::new(&[("site.yml", SITE)]);
    let shown = bench.run_with(LINE, &[("ANSIBLE_STDOUT_CALLBACK", "events")], "");
    let lines: Vec<&str> = shown.lines().filter(|line| line.starts_with('{')).collect();
    let names: Vec<String> = lines
        .iter()
        .filter_map(|line| {
            let value: serde_json::Value = serde_json::from_str(line).unwrap();
            Some(value.get("event")?.as_str()?.to_owned())
        })
        .collect();
    assert_eq!(names.first().map(String::as_str), Some("run_started"));
    assert_eq!(names.last().map(String::as_str), Some("run_ended"));
    assert_eq!(names.iter().filter(|name| *name == "host_done").count(), 3);
    assert!(!shown.contains("hidden\""), "{shown}");
}

#[test]
fn one_document_of_json() {
    let bench = Bench::new(&[("site.yml", SITE)]);
    let shown = bench.run_with(LINE, &[("ANSIBLE_STDOUT_CALLBACK", "ansible.posix.json")], "");
    let document = shown.split("--- exit").next().unwrap();
    let value: serde_json::Value = serde_json::from_str(document).unwrap();
    assert_eq!(value["stats"]["localhost"]["ignored"], 1);
    assert_eq!(value["plays"][0]["tasks"][0]["hosts"]["localhost"]["msg"], "hello");
}

#[test]
fn colors_are_asked_for() {
    let bench = Bench::new(&[("site.yml", SITE)]);
    assert!(!bench.run(LINE).contains('\x1b'));
    let forced = [("ANSIBLE_FORCE_COLOR", "1")];
    assert!(bench.run_with(LINE, &forced, "").contains("\x1b[0;32mok\x1b[0m"));
}

#[test]
fn what_took_long_is_listed_when_it_is_asked_for() {
    let bench = Bench::new(&[("site.yml", SITE)]);
    let vars = [("ANSIBLE_CALLBACKS_ENABLED", "ansible.posix.timer, profile_tasks")];
    let shown = bench.run_with(LINE, &vars, "");
    assert!(shown.contains("\nsay ------"), "{shown}");
    assert!(shown.contains("\nPlaybook run took 0 days, 0 hours, 0 minutes, "), "{shown}");
}
