//! What reports say of plays that run side by side, and how somebody at the terminal is asked.

use super::super::Bench;
use super::super::pause::site_at_terminal;
use super::{LINE, SITE};

/// Returns the headings of an output, each with the lines below it that begin with a word for a status.
pub(super) fn below_headings(shown: &str) -> Vec<(String, Vec<String>)> {
    let mut all: Vec<(String, Vec<String>)> = Vec::new();
    for line in shown.lines() {
        let heading = ["PLAY [", "TASK ["].iter().any(|word| line.starts_with(word));
        let words = ["ok", "changed", "failed", "fatal", "skipped", "skipping"];
        let result = words.iter().any(|word| line.trim_start().starts_with(word));
        if heading {
            let heading = line.split(" **").next().unwrap().split(" ──").next().unwrap();
            all.push((heading.to_owned(), Vec::new()));
        } else if let (true, Some((_, lines))) = (result, all.last_mut()) {
            lines.push(line.trim().to_owned());
        }
    }
    all
}

/// Each host says its play, so that a result below the wrong heading is found.
#[test]
fn no_result_stands_below_the_heading_of_another_play() {
    let mut site = String::new();
    for play in 0..4 {
        site.push_str(&format!(
            "- name: P{play}\n  hosts: all\n  gather_facts: false\n  needs: []\n  tasks:\n"
        ));
        for task in 0..6 {
            site.push_str(&format!("    - {{name: T{task}, debug: {{msg: 'P{play} T{task}'}}}}\n"));
        }
    }
    let bench = Bench::new(&[("site.yml", &site)]);
    let hosts: String = (0..5).map(|host| format!("h{host},")).collect();
    let shown = bench.run(&format!("site.yml -i {hosts} -c local"));
    let mut results = 0;
    for (heading, lines) in below_headings(&shown) {
        for line in lines.iter().filter(|_| heading.starts_with("TASK")) {
            let (_, said) = line.split_once(": ").unwrap();
            let (play, task) = said.split_once(' ').unwrap();
            assert_eq!(heading, format!("TASK [{task}] (play {play})"), "{shown}");
            results += 1;
        }
    }
    assert_eq!(results, 4 * 6 * 5, "{shown}");
    let vars = [("ANSIBLE_STDOUT_CALLBACK", "default")];
    let shown = bench.run_with(&format!("site.yml -i {hosts} -c local"), &vars, "");
    let mut heading = String::new();
    let mut results = 0;
    for line in shown.lines() {
        if line.starts_with("TASK [") {
            heading = line.split(" **").next().unwrap().to_owned();
        } else if let Some(said) = line.trim().strip_prefix("\"msg\": ") {
            let (play, task) = said.trim_matches('"').split_once(' ').unwrap();
            assert_eq!(heading, format!("TASK [{task}] (play {play})"), "{shown}");
            results += 1;
        }
    }
    assert_eq!(results, 4 * 6 * 5, "{shown}");
}

#[test]
fn reports_for_programs_know_the_play_of_each_result() {
    let bench = Bench::new(&[("site.yml", SITE)]);
    let vars = [
        ("ANSIBLE_STDOUT_CALLBACK", "json"),
        ("ANSIBLE_CALLBACKS_ENABLED", "junit"),
        ("JUNIT_OUTPUT_DIR", "out"),
    ];
    let line = format!("{LINE} -e '{{\"bad\": [\"a\", \"b\"]}}'");
    let shown = bench.run_with(&line, &vars, "");
    let document = shown.split("--- ").next().unwrap();
    let value: serde_json::Value = serde_json::from_str(document).unwrap();
    let mut tasks: Vec<String> = Vec::new();
    for play in value["plays"].as_array().unwrap() {
        let names = play["tasks"].as_array().unwrap().iter();
        let names: Vec<&str> = names.map(|one| one["task"]["name"].as_str().unwrap()).collect();
        let left_out = play["play"]["left_out"].as_str().unwrap_or_default();
        tasks.push(format!(
            "{}: {}{left_out}",
            play["play"]["name"].as_str().unwrap(),
            names.join(" ")
        ));
    }
    tasks.sort();
    let expected = [
        "After left: debug",
        "After right: it needs `Right`, which failed on all its hosts",
        "Base: set_fact",
        "Last: `Right`, which stands before it, failed on all its hosts",
        "Left: tell wait result",
        "Right: tell wait result trouble",
    ];
    assert_eq!(tasks, expected);
    let file = std::fs::read_dir(bench.path().join("out")).unwrap().next().unwrap().unwrap();
    let text = std::fs::read_to_string(file.path()).unwrap();
    for suite in ["\"Left\" tests=\"6\"", "\"Right\" tests=\"8\"", "\"Last\" tests=\"1\""] {
        assert!(text.contains(&format!("<testsuite name={suite}>")), "{suite}\n{text}");
    }
}

#[test]
fn what_is_told_of_a_play_that_is_left_out() {
    let site = "\
- {name: Bad, hosts: a, gather_facts: false, needs: [], tasks: [{fail: {msg: no}}]}
- {name: Waits, hosts: b, gather_facts: false, needs: [Bad], tasks: [{debug: {}}]}
";
    let bench = Bench::new(&[("site.yml", site)]);
    let shown = bench.run(LINE);
    let expected = "
PLAY [Waits] ────────────────────────────────────────────────────────── left out
  skipped  it needs `Bad`, which failed on all its hosts
";
    assert!(shown.contains(expected), "{shown}");
    // The hosts that were left out have something to do as well.
    assert!(shown.contains("\ncontinue with: fcplay site.yml -i a,b,\n"), "{shown}");
    let shown = bench.run_with(LINE, &[("ANSIBLE_STDOUT_CALLBACK", "default")], "");
    assert!(
        shown.contains("\nskipping: it needs `Bad`, which failed on all its hosts\n"),
        "{shown}"
    );
}

#[test]
fn how_long_plays_took_is_listed() {
    let bench = Bench::new(&[("site.yml", SITE)]);
    let vars = [("ANSIBLE_CALLBACKS_ENABLED", "profile_tasks")];
    let shown = bench.run_with(&format!("{LINE} -e '{{\"bad\": []}}'"), &vars, "");
    let (_, times) = shown.split_once("\nplays: Base ").unwrap();
    let names = ["Left", "Right", "After left", "After right", "Last"];
    let places = names.map(|name| times.find(&format!(" {name} ")));
    assert!(places.is_sorted() && places[0].is_some(), "{shown}");
    for line in ["PLAY [Base] ---", "PLAY [Left] ---", "tell (play Left) ---"] {
        assert!(shown.contains(line), "{line}\n{shown}");
    }
}

#[test]
fn a_listing_is_the_one_of_ansible() {
    let bench = Bench::new(&[("site.yml", SITE)]);
    let with = bench.run(&format!("{LINE} --list-tasks --list-hosts"));
    let without: String = SITE
        .lines()
        .filter(|line| !line.contains("needs:"))
        .map(|line| format!("{line}\n"))
        .collect();
    bench.write("site.yml", &without);
    assert_eq!(with, bench.run(&format!("{LINE} --list-tasks --list-hosts")));
}

#[test]
fn questions_of_all_plays_are_asked_before_the_first_one() {
    let site = "\
- {name: First, hosts: h1, gather_facts: false, tasks: [{debug: {msg: first}}]}
- name: Left
  hosts: h1
  gather_facts: false
  needs: [First]
  vars_prompt: [{name: one, prompt: One, private: false}]
  tasks: [{debug: {msg: '{{ one }}'}}]
- name: Right
  hosts: h1
  gather_facts: false
  needs: [First]
  vars_prompt: [{name: two, prompt: Two, private: false}]
  tasks: [{debug: {msg: '{{ two }}'}}]
";
    let shown = site_at_terminal(site, &[("One: ", "yes\n"), ("Two: ", "no\n")]);
    assert!(shown.starts_with("One: yes\nTwo: no\n\nPLAY [First]"), "{shown}");
    for (play, said) in [("Left", "yes"), ("Right", "no")] {
        let heading = format!("TASK [debug] (play {play}) ");
        let (_, below) = shown.split_once(&heading).unwrap();
        assert_eq!(below.lines().nth(2).unwrap(), format!("    \"msg\": \"{said}\""), "{shown}");
    }
}

#[test]
fn two_pauses_are_asked_one_after_the_other() {
    let play = |name: &str| {
        format!(
            "- name: {name}
  hosts: h1
  gather_facts: false
  needs: []
  tasks:
    - {{pause: {{prompt: Say}}, register: said}}
    - debug: {{msg: 'said {{{{ said.user_input }}}}'}}
"
        )
    };
    let shown =
        site_at_terminal(&(play("Left") + &play("Right")), &[("Say:", "x\n"), ("Say:", "y\n")]);
    for said in ["said x", "said y"] {
        assert!(shown.contains(said), "{shown}");
    }
    assert!(
        shown.contains("[pause]\nSay:\nx\n") && shown.contains("[pause]\nSay:\ny\n"),
        "{shown}"
    );
}

#[test]
fn the_end_repeats_failures_that_nobody_took_care_of() {
    let site = "\
- {name: Lost, hosts: a, gather_facts: false, needs: [], tasks: [{fail: {msg: for good}}]}
- name: Rescued
  hosts: a
  gather_facts: false
  needs: []
  tasks:
    - pause: {seconds: 1}
    - {debug: {msg: '{{ item }}'}, loop: '{{ range(20) }}'}
    - {block: [{fail: {msg: rescued}}], rescue: [{debug: {msg: fine}}]}
";
    let bench = Bench::new(&[("site.yml", site)]);
    let shown = bench.run(LINE);
    let (_, end) = shown.split_once("PLAY RECAP").unwrap();
    assert!(end.contains("TASK [fail] (play Lost)\n  failed   a: for good\n"), "{shown}");
    assert!(!end.contains("a: rescued"), "{shown}");
}
