//! Plays that say what they need (`needs`): which run at the same time, what stops whom, and what is told of it.

mod told;

use super::Bench;
use told::below_headings;

/// Two plays that wait for each other: run one after another they fail.
const SITE: &str = "\
- name: Base
  hosts: all
  gather_facts: false
  tasks:
    - set_fact: {common: base}
- name: Left
  hosts: all
  gather_facts: false
  needs: [Base]
  tasks:
    - name: tell
      command: touch {{ playbook_dir }}/left-{{ inventory_hostname }}
      register: told
    - name: wait
      wait_for: {path: '{{ playbook_dir }}/right-{{ inventory_hostname }}', timeout: 20}
    - name: result
      debug: {msg: '{{ common }} {{ told.cmd[1] | basename }}'}
- name: Right
  hosts: all
  gather_facts: false
  needs: Base
  tasks:
    - name: tell
      command: touch {{ playbook_dir }}/right-{{ inventory_hostname }}
      register: told
    - name: wait
      wait_for: {path: '{{ playbook_dir }}/left-{{ inventory_hostname }}', timeout: 20}
    - name: result
      debug: {msg: '{{ common }} {{ told.cmd[1] | basename }}'}
    - name: trouble
      fail: {msg: on purpose}
      when: inventory_hostname in bad
- name: After left
  hosts: all
  gather_facts: false
  needs: [Left]
  tasks:
    - debug: {msg: 'left {{ told.cmd[1] | basename }}'}
- name: After right
  hosts: all
  gather_facts: false
  needs: [Right]
  tasks:
    - debug: {msg: 'right {{ told.cmd[1] | basename }}'}
- name: Last
  hosts: all
  gather_facts: false
  tasks:
    - debug: {msg: 'last {{ told.cmd[1] | basename }}'}
";

const LINE: &str = "site.yml -i a,b, -c local";

/// The events of a run as JSON.
fn events(bench: &Bench, line: &str) -> (Vec<serde_json::Value>, String) {
    let shown = bench.run_with(line, &[("ANSIBLE_STDOUT_CALLBACK", "events")], "");
    let lines = shown.lines().filter(|line| line.starts_with('{'));
    let events = lines.map(|line| serde_json::from_str(line).unwrap()).collect();
    (events, shown.lines().last().unwrap().to_owned())
}

/// Returns `play host message` of everything that `debug` said, sorted.
fn said(events: &[serde_json::Value]) -> Vec<String> {
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let done = events.iter().filter(|one| one["event"] == "host_done" && one["action"] == "debug");
    let mut said: Vec<String> = done
        .map(|one| {
            format!("{} {} {}", text(&one["play"]), text(&one["host"]), text(&one["result"]["msg"]))
        })
        .collect();
    said.sort();
    said
}

fn left_out(events: &[serde_json::Value]) -> Vec<String> {
    let left = events.iter().filter(|one| one["event"] == "play_left_out");
    left.map(|one| format!("{}: {}", one["play"], one["reason"]).replace('"', "")).collect()
}

#[test]
fn plays_whose_needs_are_met_run_at_the_same_time_and_keep_their_variables() {
    let bench = Bench::new(&[("site.yml", SITE)]);
    let (events, exit) = events(&bench, &format!("{LINE} -e '{{\"bad\": []}}'"));
    assert_eq!(exit, "--- exit 0");
    let expected = [
        "After left a left left-a",
        "After left b left left-b",
        "After right a right right-a",
        "After right b right right-b",
        // Both have set it: of two, the one that stands further down counts.
        "Last a last right-a",
        "Last b last right-b",
        "Left a base left-a",
        "Left b base left-b",
        "Right a base right-a",
        "Right b base right-b",
    ];
    assert_eq!(said(&events), expected);
}

#[test]
fn a_host_that_failed_is_out_of_what_needs_the_play_and_of_what_needs_all() {
    let bench = Bench::new(&[("site.yml", SITE)]);
    let (events, exit) = events(&bench, &format!("{LINE} -e '{{\"bad\": [\"a\"]}}'"));
    assert_eq!(exit, "--- exit 2");
    let after: Vec<String> =
        said(&events).into_iter().filter(|line| !line.contains(" base ")).collect();
    let expected = [
        "After left a left left-a",
        "After left b left left-b",
        "After right b right right-b",
        "Last b last right-b",
    ];
    assert_eq!(after, expected);
    assert_eq!(left_out(&events), [""; 0]);
}

#[test]
fn a_play_that_failed_stops_only_those_that_need_it() {
    let bench = Bench::new(&[("site.yml", SITE)]);
    let (events, exit) = events(&bench, &format!("{LINE} -e '{{\"bad\": [\"a\", \"b\"]}}'"));
    assert_eq!(exit, "--- exit 2");
    let after: Vec<String> =
        said(&events).into_iter().filter(|line| !line.contains(" base ")).collect();
    assert_eq!(after, ["After left a left left-a", "After left b left left-b"]);
    let expected = [
        "After right: it needs `Right`, which failed on all its hosts",
        "Last: `Right`, which stands before it, failed on all its hosts",
    ];
    assert_eq!(left_out(&events), expected);
}

#[test]
fn a_site_says_what_imported_playbooks_need() {
    let site = "\
- {name: Docker, import_playbook: docker.yml}
- {name: Left, import_playbook: left.yml, needs: [Docker]}
- {name: Right, import_playbook: right.yml, needs: [Docker]}
- {name: Note, hosts: all, gather_facts: false, tasks: [{debug: {msg: '{{ told.cmd[1] | basename }}'}}]}
";
    let service = |own: &str, other: &str| {
        format!(
            "- name: Checks
  hosts: all
  gather_facts: false
  tasks:
    - command: touch {{{{ playbook_dir }}}}/{own}-{{{{ inventory_hostname }}}}
      register: told
- name: Service
  hosts: all
  gather_facts: false
  needs: [Checks]
  tasks:
    - wait_for: {{path: '{{{{ playbook_dir }}}}/{other}-{{{{ inventory_hostname }}}}', timeout: 20}}
    - debug: {{msg: '{{{{ told.cmd[1] | basename }}}}'}}
"
        )
    };
    let docker =
        "- {name: Docker, hosts: all, gather_facts: false, tasks: [{debug: {msg: docker}}]}\n";
    let bench = Bench::new(&[
        ("site.yml", site),
        ("docker.yml", docker),
        ("left.yml", &service("left", "right")),
        ("right.yml", &service("right", "left")),
    ]);
    let (events, exit) = events(&bench, LINE);
    assert_eq!(exit, "--- exit 0");
    let expected = [
        "Docker a docker",
        "Docker b docker",
        "Left: Service a left-a",
        "Left: Service b left-b",
        "Note a right-a",
        "Note b right-b",
        "Right: Service a right-a",
        "Right: Service b right-b",
    ];
    assert_eq!(said(&events), expected);
    // Alone, each of them is a run of its own.
    let shown = bench.run("left.yml -i a,b, -c local");
    assert!(shown.ends_with("--- exit 0\n"), "{shown}");
}

#[test]
fn serial_and_handlers_keep_their_meaning() {
    let site = "\
- name: Rolling
  hosts: all
  gather_facts: false
  needs: []
  serial: 1
  handlers:
    - {name: restart, debug: {msg: '{{ ansible_play_batch }}'}}
  tasks:
    - {command: 'true', notify: restart}
    - {meta: flush_handlers}
    - {debug: {msg: first}, run_once: true}
- name: Other
  hosts: all
  gather_facts: false
  needs: []
  handlers:
    - {name: restart, debug: {msg: other}}
  tasks:
    - {command: 'true', notify: restart, when: inventory_hostname == 'b'}
    - {debug: {msg: once}, run_once: true}
";
    let bench = Bench::new(&[("site.yml", site)]);
    let (events, exit) = events(&bench, LINE);
    assert_eq!(exit, "--- exit 0");
    let in_order = events.iter().filter(|one| one["play"] == "Rolling" && one["action"] == "debug");
    let in_order = in_order.filter(|one| one["event"] == "host_done");
    let in_order: Vec<String> = in_order
        .map(|one| format!("{} {}", one["host"], one["result"]["msg"]).replace('"', ""))
        .collect();
    assert_eq!(in_order, ["a [a]", "a first", "b [b]", "b first"]);
    let other: Vec<String> =
        said(&events).into_iter().filter(|line| line.starts_with("Other")).collect();
    assert_eq!(other, ["Other a once", "Other b other"]);
}

#[test]
fn what_has_nothing_to_do_counts_as_through() {
    let site = "\
- {name: Nobody, hosts: missing, gather_facts: false, tasks: [{debug: {}}]}
- {name: Untagged, hosts: a, gather_facts: false, needs: [Nobody], tasks: [{debug: {}}]}
- {name: Limited, hosts: b, gather_facts: false, needs: [Nobody], tags: [x], tasks: [{debug: {}}]}
- {name: End, hosts: a, gather_facts: false, needs: [Untagged, Limited], tags: [x], tasks: [{debug: {msg: end}}]}
";
    let bench = Bench::new(&[("site.yml", site)]);
    let (events, exit) = events(&bench, &format!("{LINE} -l a -t x"));
    assert_eq!((said(&events), &*exit), (vec!["End a end".to_owned()], "--- exit 0"));
}

#[test]
fn a_play_that_ends_the_run_lets_the_others_finish() {
    let site = "\
- {name: Broken, hosts: a, gather_facts: false, needs: [], order: sideways, tasks: [{debug: {}}]}
- {name: Fine, hosts: a, gather_facts: false, needs: [], tasks: [{debug: {msg: fine}}]}
- {name: Waits, hosts: a, gather_facts: false, needs: [Broken], tasks: [{debug: {}}]}
";
    let bench = Bench::new(&[("site.yml", site)]);
    let (events, exit) = events(&bench, LINE);
    assert_eq!((said(&events), &*exit), (vec!["Fine a fine".to_owned()], "--- exit 1"));
    assert_eq!(left_out(&events), ["Waits: it needs `Broken`, which could not begin"]);
}

#[test]
fn with_a_task_to_start_at_plays_run_one_after_another() {
    let bench = Bench::new(&[("site.yml", SITE)]);
    let line = format!(
        "{LINE} --start-at-task trouble -e '{{\"bad\": [], \"told\": {{\"cmd\": [1, \"x\"]}}}}'"
    );
    let shown = bench.run(&line);
    let plays: Vec<String> =
        below_headings(&shown).into_iter().map(|(heading, _)| heading).collect();
    let expected = [
        "PLAY [Base]",
        "PLAY [Left]",
        "PLAY [Right]",
        "PLAY [After left]",
        "TASK [debug]",
        "PLAY [After right]",
        "TASK [debug]",
        "PLAY [Last]",
        "TASK [debug]",
    ];
    let plays: Vec<&String> = plays.iter().filter(|one| *one != "PLAY RECAP").collect();
    assert_eq!(plays, expected.iter().collect::<Vec<_>>(), "{shown}");
}

#[test]
fn a_host_that_cannot_be_reached_is_out_of_what_needs_the_play() {
    let site = "\
- {name: First, hosts: all, gather_facts: false, needs: [], tasks: [{command: 'true'}]}
- {name: Other, hosts: all, gather_facts: false, needs: [], tasks: [{debug: {msg: other}}]}
- {name: Needs, hosts: all, gather_facts: false, needs: [First], tasks: [{debug: {msg: needs}}]}
- {name: Needs other, hosts: all, gather_facts: false, needs: [Other], tasks: [{debug: {msg: more}}]}
";
    let hosts = "a ansible_connection=local\ngone ansible_host=127.0.0.1 ansible_port=1\n";
    let bench = Bench::new(&[("site.yml", site), ("hosts", hosts)]);
    let (events, exit) = events(&bench, "site.yml -i hosts");
    assert_eq!(exit, "--- exit 4");
    let expected = [
        "Needs a needs",
        "Needs other a more",
        "Needs other gone more",
        "Other a other",
        "Other gone other",
    ];
    assert_eq!(said(&events), expected);
}

#[test]
fn one_failure_for_all_stays_in_its_play() {
    let site = "\
- name: Fatal
  hosts: all
  gather_facts: false
  needs: []
  any_errors_fatal: true
  tasks:
    - {fail: {msg: no}, when: inventory_hostname == 'a'}
    - debug: {msg: never}
- name: Share
  hosts: all
  gather_facts: false
  needs: []
  max_fail_percentage: 40
  tasks:
    - {fail: {msg: no}, when: inventory_hostname == 'a'}
    - debug: {msg: never}
- {name: Fine, hosts: all, gather_facts: false, needs: [], tasks: [{debug: {msg: fine}}]}
- {name: Needs fatal, hosts: all, gather_facts: false, needs: [Fatal], tasks: [{debug: {}}]}
- {name: Needs share, hosts: all, gather_facts: false, needs: [Fine, Share], tasks: [{debug: {}}]}
";
    let bench = Bench::new(&[("site.yml", site)]);
    let (events, exit) = events(&bench, LINE);
    assert_eq!(exit, "--- exit 2");
    assert_eq!(said(&events), ["Fine a fine", "Fine b fine"]);
    let mut left_out = left_out(&events);
    left_out.sort();
    let expected = [
        "Needs fatal: it needs `Fatal`, which failed on all its hosts",
        "Needs share: it needs `Share`, which failed on more hosts than `max_fail_percentage` allows",
    ];
    assert_eq!(left_out, expected);
}

#[test]
fn an_interrupt_ends_all_plays() {
    let site = "\
- name: Killer
  hosts: localhost
  gather_facts: false
  needs: []
  tasks:
    - wait_for: {path: '{{ playbook_dir }}/begun', timeout: 20}
    - shell: kill -INT {{ pid }}; sleep 0.3; touch {{ playbook_dir }}/killed
    - command: touch {{ playbook_dir }}/never
- name: Other
  hosts: localhost
  gather_facts: false
  needs: []
  tasks:
    - shell: touch {{ playbook_dir }}/begun; until [ -e {{ playbook_dir }}/killed ]; do sleep 0.05; done
    - command: touch {{ playbook_dir }}/never
- name: Next
  hosts: localhost
  gather_facts: false
  needs: [Other]
  tasks:
    - command: touch {{ playbook_dir }}/never
";
    let bench = Bench::new(&[("site.yml", site)]);
    // The shell gives its number to the command that takes its place.
    let line =
        format!("exec {} -i localhost, -c local site.yml -e pid=$$", env!("CARGO_BIN_EXE_fcplay"));
    let mut command = std::process::Command::new("/bin/sh");
    let ours = bench.command("");
    command.args(["-c", &line]).current_dir(bench.path()).env_clear();
    command.envs(ours.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let shown = bench.finish(command, "");
    assert!(shown.ends_with("--- exit 99\n"), "{shown}");
    assert!(shown.contains("localhost                  : ok=3    changed=2"), "{shown}");
    assert!(
        bench.path().join("killed").exists() && !bench.path().join("never").exists(),
        "{shown}"
    );
}
