//! What the engine does with handlers, roles, conditions and inventories, as Ansible does it.

use super::Bench;

/// Runs a playbook in Ansible's format on hosts of this machine and returns what the tasks said, by line.
#[track_caller]
fn said(files: &[(&str, &str)], flags: &str) -> (Vec<String>, String) {
    let bench = Bench::new(files);
    let line = format!("-i a, -c local site.yml {flags}");
    let found = bench.run_with(&line, &[("ANSIBLE_STDOUT_CALLBACK", "default")], "");
    let messages = found.lines().filter_map(|line| line.trim().strip_prefix("\"msg\": \""));
    let messages = messages.map(|line| line.trim_end_matches('"').to_owned()).collect();
    (messages, found)
}

const HANDLERS: &str = "\
- hosts: a
  gather_facts: false
  tasks:
    - include_role: {name: web}
      vars: {number: 1}
    - include_role: {name: web}
      vars: {number: 2}
    - meta: flush_handlers
      when: false
    - debug: {msg: before}
    - block:
        - debug: {msg: fails}
          changed_when: true
          notify: broken
        - meta: flush_handlers
      rescue:
        - debug: {msg: rescued}
  handlers:
    - {name: broken, fail: {msg: broken}}
";

#[test]
fn of_a_role_that_is_included_twice_the_last_handler_runs_and_a_rescue_takes_those_that_fail() {
    let tasks = "- {debug: {msg: task}, changed_when: true, notify: restart}\n";
    let handlers = "- {name: restart, debug: {msg: 'restart {{ number }}'}}\n";
    let files = [
        ("site.yml", HANDLERS),
        ("roles/web/tasks/main.yml", tasks),
        ("roles/web/handlers/main.yml", handlers),
    ];
    let (messages, found) = said(&files, "");
    let expected = ["task", "task", "before", "fails", "rescued", "restart 2"];
    assert_eq!(messages, expected, "{found}");
    assert!(found.contains("failed=0    skipped=0    rescued=1"), "{found}");
}

const CONDITIONS: &str = "\
- hosts: a
  gather_facts: false
  vars:
    wanted: inventory_hostname == 'a'
    checks: [1 == 1, wanted is defined]
  tasks:
    - debug: {msg: one}
      when: \"{{ wanted }}\"
    - assert: {that: \"{{ checks }}\", quiet: true}
    - command: echo 1 == 1
      register: result
    - debug: {msg: never}
      when: \"{{ result.stdout }}\"
      ignore_errors: true
    - debug: {msg: never}
      when: !unsafe 1 == 1
      ignore_errors: true
";

#[test]
fn a_condition_may_come_out_of_a_variable_but_not_from_a_host() {
    let (_, found) = said(&[("site.yml", CONDITIONS)], "");
    assert!(found.contains("\"msg\": \"one\""), "{found}");
    assert!(!found.contains("\"msg\": \"never\""), "{found}");
    let refused = "fatal: [a]: FAILED! => {\"msg\": \"Task failed: Encountered untrusted template or expression.\"}";
    assert_eq!(found.matches(refused).count(), 2, "{found}");
    assert!(found.contains("ok=5 ") && found.contains("ignored=2"), "{found}");
}

const IMPORTED: &str = "\
- hosts: a
  gather_facts: false
  tasks:
    - debug: {msg: \"{{ color | default('none') }}\"}
    - import_role: {name: paint}
- hosts: a
  gather_facts: false
  tasks:
    - import_role: {name: paint, public: false}
    - debug: {msg: \"{{ color | default('none') }}\"}
";

#[test]
fn variables_of_an_imported_role_are_seen_by_the_play_unless_it_is_private() {
    let files = [("site.yml", IMPORTED), ("roles/paint/vars/main.yml", "color: red\n")];
    let (messages, found) = said(&files, "");
    assert_eq!(messages, ["red", "none"], "{found}");
}

const ADDED: &str = "\
- hosts: a
  gather_facts: false
  tasks:
    - add_host: {name: b, groups: more}
    - group_by: {key: these}
    - meta: refresh_inventory
    - debug: {msg: \"{{ groups.more }} {{ groups.these }}\"}
";

#[test]
fn hosts_and_groups_that_tasks_added_outlive_a_refresh() {
    let (messages, found) = said(&[("site.yml", ADDED)], "");
    assert_eq!(messages, ["['b'] ['a']"], "{found}");
}

const META: &str = "\
- hosts: a
  gather_facts: false
  vars: {environment: prod}
  tasks:
    - meta: end_host
      when: false
    - ping: {data: here}
";

#[test]
fn meta_reserved_names_and_arguments_are_told() {
    let (_, found) = said(&[("site.yml", META)], "-vvv");
    assert!(
        found.contains(
            "META: end_host conditional evaluated to False, continuing execution for a\n"
        ),
        "{found}"
    );
    assert!(found.contains("[WARNING]: Found variable using reserved name 'environment'.\n"));
    assert!(found.contains("\"module_args\": {\n            \"data\": \"here\""), "{found}");
}

#[test]
fn what_a_role_includes_by_a_variable_finds_the_files_of_the_role_and_of_the_roles_around() {
    let play = "- {hosts: a, gather_facts: false, vars: {kind: unix}, roles: [outer]}\n";
    let outer =
        "- include_tasks: \"{{ kind }}.yml\"\n- include_role: {name: \"{{ kind }}_inner\"}\n";
    let inner = "- include_tasks: \"{{ kind }}.yml\"\n";
    let send = |from: &str| {
        format!("- {{copy: {{src: {from}, dest: '{{{{ playbook_dir }}}}/{from}.out'}}}}\n")
    };
    let render = "- {template: {src: one.j2, dest: '{{ playbook_dir }}/one.out'}}\n";
    let (first, second) = (send("own") + render, send("outer") + "- {debug: {msg: there}}\n");
    let files = [
        ("site.yml", play),
        ("roles/outer/tasks/main.yml", outer),
        ("roles/outer/tasks/unix.yml", first.as_str()),
        ("roles/outer/files/own", "own\n"),
        ("roles/outer/files/outer", "outer\n"),
        ("roles/outer/templates/one.j2", "{{ kind }}\n"),
        ("roles/unix_inner/tasks/main.yml", inner),
        ("roles/unix_inner/tasks/unix.yml", second.as_str()),
    ];
    let (messages, found) = said(&files, "");
    assert_eq!(messages, ["there"], "{found}");
    assert!(found.contains("changed=3"), "{found}");
}

const FIRST_FOUND: &str = "\
- include_vars: {file: \"{{ item }}\", name: found}
  with_first_found:
    - files: [missing.yml, Debian.yml]
      skip: true
- template: {src: \"{{ item }}\", dest: \"{{ playbook_dir }}/rendered\"}
  with_first_found: [missing.j2, one.j2]
- copy: {src: \"{{ item }}\", dest: \"{{ playbook_dir }}/copied\"}
  with_first_found: [missing, plain]
- debug: {msg: \"{{ found.family }} {{ lookup('file', playbook_dir ~ '/rendered') }} {{ lookup('file', playbook_dir ~ '/copied') }}\"}
";

#[test]
fn what_is_found_first_depends_on_what_the_task_takes() {
    let files = [
        ("site.yml", "- {hosts: a, gather_facts: false, roles: [web]}\n"),
        ("roles/web/tasks/main.yml", FIRST_FOUND),
        ("roles/web/vars/Debian.yml", "family: debian\n"),
        ("roles/web/templates/one.j2", "rendered by {{ found.family }}\n"),
        ("roles/web/files/plain", "plain\n"),
    ];
    let (messages, found) = said(&files, "");
    assert_eq!(messages, ["debian rendered by debian plain"], "{found}");
}

const REACHED: &str = "\
- hosts: a
  gather_facts: false
  remote_user: bob
  tasks:
    - debug: {msg: \"{{ ansible_connection }} {{ ansible_user }} {{ ansible_ssh_user }} {{ ansible_port | default('none') }} {{ ansible_timeout }} {{ ansible_private_key_file }}\"}
    - debug: {msg: \"{{ query('varnames', '^ansible_(user|timeout|version)$') | sort | join(' ') }}\"}
";

#[test]
fn what_keywords_and_flags_say_about_reaching_a_host_can_be_asked() {
    let (messages, found) = said(&[("site.yml", REACHED)], "-T 7 --private-key /none");
    let expected = ["local bob bob none 7 /none", "ansible_timeout ansible_user ansible_version"];
    assert_eq!(messages, expected, "{found}");
}

const FOREIGN: &str = "\
- hosts: a
  gather_facts: false
  vars:
    never: \"{{ 1 | far.away.filter }}\"
  tasks:
    - debug: {msg: \"{{ 1 is far.away.test }}\"}
      when: false
    - far.away.module: {}
      when: false
    - debug: {msg: there}
  handlers:
    - {name: unused, far.away.other: {}}
";

#[test]
fn what_collections_have_that_are_not_there_is_missed_only_where_it_is_needed() {
    let (messages, found) = said(&[("site.yml", FOREIGN)], "");
    assert_eq!(messages, ["there"], "{found}");
    let needed = FOREIGN.replace("      when: false\n", "");
    let (messages, found) = said(&[("site.yml", needed.as_str())], "");
    assert!(messages.is_empty() && found.contains("there is no test `far.away.test`"), "{found}");
    assert!(found.contains("'far.away.module'") && found.contains("2 mistakes"), "{found}");
}

#[test]
fn debugging_tells_what_the_engine_does() {
    let bench = Bench::new(&[(
        "site.yml",
        "- hosts: localhost\n  gather_facts: false\n  tasks:\n  - debug: {msg: a}\n    changed_when: true\n    notify: h\n  - debug:\n    when: false\n  handlers:\n  - name: h\n    debug:\n",
    )]);
    let told = bench.run_with(
        "site.yml",
        &[("ANSIBLE_DEBUG", "1"), ("ANSIBLE_STDOUT_CALLBACK", "null")],
        "",
    );
    let line = fancy_regex::Regex::new(r"(?m)^ *[0-9]+ [0-9]+\.[0-9]{5}: ").unwrap();
    assert_eq!(
        line.replace_all(&told, ": "),
        "\
--- stderr
[WARNING]: No inventory was parsed, only implicit localhost is available
[WARNING]: provided hosts list is empty, only localhost is available. Note that the implicit localhost does not match 'all'
: No handler notifications for localhost, skipping.
: running debug for localhost
: done running debug for localhost
: running debug for localhost
: debug is left out on localhost: False
: done running debug for localhost
: META: triggered running handlers for localhost
: running h for localhost
: done running h for localhost
: No handler notifications for localhost, skipping.
--- exit 0
"
    );
}

#[test]
fn arguments_of_a_role_are_checked_when_tags_leave_something_that_takes_them() {
    let files = [
        (
            "site.yml",
            "- {hosts: a, gather_facts: false, roles: [web]}\n\
             - {hosts: a, gather_facts: false, tags: [look], tasks: [{debug: {msg: looked}}]}\n",
        ),
        ("inv", "a ansible_connection=local\n"),
        (
            "roles/web/meta/argument_specs.yml",
            "argument_specs: {main: {options: {port: {type: int, required: true}}}}\n",
        ),
        (
            "roles/web/tasks/main.yml",
            "- block:\n    - {debug: {msg: served}, tags: [serve]}\n- import_role: {name: inner}\n",
        ),
        ("roles/inner/meta/argument_specs.yml", "argument_specs: {main: {options: {}}}\n"),
        ("roles/inner/tasks/main.yml", "- debug: {msg: inner}\n"),
    ];
    let bench = Bench::new(&files);
    let looked = bench.run("site.yml -i inv -t look");
    assert!(looked.contains("looked") && looked.ends_with("--- exit 0\n"), "{looked}");
    let served = bench.run("site.yml -i inv -t serve");
    assert!(served.contains("missing required arguments: port"), "{served}");
    let all = bench.run("site.yml -i inv");
    assert!(all.contains("missing required arguments: port"), "{all}");
}
