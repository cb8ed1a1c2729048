//! Listings, byte for byte those of `ansible-playbook`.

use super::Bench;

const SITE: &str = "\
- name: First
  hosts: web
  tags: [base]
  tasks:
    - name: One
      ping:
      tags: [a, b]
    - debug: {msg: x}
- hosts: localhost
  gather_facts: false
  tasks:
    - command: id
      tags: never
";

fn bench() -> Bench {
    Bench::new(&[("site.yml", SITE), ("hosts", "[web]\nw1\nw2\n")])
}

#[test]
fn hosts() {
    bench().case(
        "-i hosts site --list-hosts",
        "\nplaybook: site.yml\n\n  play #1 (web): First\tTAGS: [base]\n    pattern: ['web']\n    hosts (2):\n      w1\n      w2\n\n  \
         play #2 (localhost): localhost\tTAGS: []\n    pattern: ['localhost']\n    hosts (1):\n      localhost\n--- exit 0\n",
    );
}

#[test]
fn tasks() {
    bench().case(
        "-i hosts site.yml --list-tasks",
        "\nplaybook: site.yml\n\n  play #1 (web): First\tTAGS: [base]\n    tasks:\n      One\tTAGS: [a, b, base]\n      \
         debug\tTAGS: [base]\n\n  play #2 (localhost): localhost\tTAGS: []\n    tasks:\n--- exit 0\n",
    );
}

#[test]
fn tags() {
    bench().case(
        "-i hosts site.yml --list-tags",
        "\nplaybook: site.yml\n\n  play #1 (web): First\tTAGS: [base]\n      TASK TAGS: [a, b, base]\n\n  \
         play #2 (localhost): localhost\tTAGS: []\n      TASK TAGS: [never]\n--- exit 0\n",
    );
}

#[test]
fn syntax() {
    bench().case("-i hosts site.yml --syntax-check", "\nplaybook: site.yml\n--- exit 0\n");
}

#[test]
fn names_and_tags_are_ansibles() {
    let site = "\
- hosts: [localhost, w9]
  gather_facts: false
  vars: {mine: own}
  roles: [base]
  tasks:
    - name: \"{{ mine }} name\"
      ansible.builtin.ping:
      tags: [\"{{ mine }}\", \"{{ given | default('other') }}\"]
    - block: [{ping: , name: body}]
      rescue: [{ping: , name: saved}]
      always: [{ping: , name: last}]
    - ping:
      tags: [never, rare]
";
    let role = "- ansible.builtin.ping:\n- name: named\n  ping:\n";
    let bench = Bench::new(&[("site.yml", site), ("roles/base/tasks/main.yml", role)]);
    let head = "\nplaybook: site.yml\n\n  play #1 (localhost,w9): localhost,w9\tTAGS: []\n";
    bench.case(
        "-i localhost,w9, site.yml --list-tasks",
        &format!(
            "{head}    tasks:\n      ansible.builtin.ping\tTAGS: []\n      base : named\tTAGS: []\n      \
             {{{{ mine }}}} name\tTAGS: [other, own]\n      body\tTAGS: []\n--- exit 0\n"
        ),
    );
    bench.case(
        "-i localhost,w9, site.yml --list-tags -e given=here",
        &format!("{head}      TASK TAGS: [here, never, own, rare]\n--- exit 0\n"),
    );
    bench.case(
        "-i localhost,w9, site.yml --list-hosts -l localhost",
        &format!(
            "{head}    pattern: ['localhost', 'w9']\n    hosts (1):\n      localhost\n--- exit 0\n"
        ),
    );
}

#[test]
fn roles_in_folders_of_roles_and_in_collections() {
    let tasks = "- {name: does, ping: }\n";
    let bench = Bench::new(&[
        (
            "site.yml",
            "- {hosts: a, gather_facts: false, roles: [deep/inner, own.web.nginx, far.web.nginx, ./aside/plain]}\n",
        ),
        ("roles/deep/inner/tasks/main.yml", tasks),
        ("collections/ansible_collections/own/web/roles/nginx/tasks/main.yml", tasks),
        ("more/ansible_collections/far/web/roles/nginx/tasks/main.yml", tasks),
        ("aside/plain/tasks/main.yml", tasks),
    ]);
    let environment = [("ANSIBLE_COLLECTIONS_PATH", "more")];
    let printed = bench.run_with("-i a, site.yml --list-tasks", &environment, "");
    let names: Vec<&str> =
        printed.lines().filter_map(|line| line.trim().strip_suffix(" : does\tTAGS: []")).collect();
    assert_eq!(
        names,
        ["deep/inner", "own.web.nginx", "far.web.nginx", "./aside/plain"],
        "{printed}"
    );
}

#[test]
fn collections_are_searched_for_roles_without_one() {
    let tasks = |name: &str| format!("- {{name: {name}, ping: }}\n- import_role: {{name: b}}\n");
    let site = "- hosts: a
  gather_facts: false
  collections: [own.web]
  roles: [a, c]
  tasks:
    - import_role: {name: b}
- hosts: a
  gather_facts: false
  roles: [b]
  tasks:
    - import_role: {name: a}
      collections: [own.web]
    - collections: [own.web]
      block:
        - import_role: {name: b}
";
    let own = "collections/ansible_collections/own/web/roles";
    let bench = Bench::new(&[
        ("site.yml", site),
        (&format!("{own}/a/tasks/main.yml"), &tasks("theirs")),
        (&format!("{own}/b/tasks/main.yml"), "- {name: last, ping: }\n"),
        ("roles/b/tasks/main.yml", "- {name: plain, ping: }\n"),
        ("roles/c/meta/main.yml", "collections: [own.web]\n"),
        ("roles/c/tasks/main.yml", &tasks("mine")),
    ]);
    let printed = bench.run("-i a, site.yml --list-tasks");
    let names: Vec<&str> =
        printed.lines().filter_map(|line| line.trim().strip_suffix("\tTAGS: []")).collect();
    let expected = [
        "play #1 (a): a",
        "own.web.a : theirs",
        "own.web.b : last",
        "c : mine",
        "own.web.b : last",
        "own.web.b : last",
        "play #2 (a): a",
        "b : plain",
        "own.web.a : theirs",
        "own.web.b : last",
        "own.web.b : last",
    ];
    assert_eq!(names, expected, "{printed}");
}
