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
         play #2 (localhost): localhost\tTAGS: []\n      TASK TAGS: []\n--- exit 0\n",
    );
}

#[test]
fn syntax() {
    bench().case("-i hosts site.yml --syntax-check", "\nplaybook: site.yml\n--- exit 0\n");
}
