//! A role over a real sshd on loopback, as root and as a user with sudo: the check predicts, the first run changes, the
//! second one changes nothing, and what is on the host is what was asked for.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use crate::connection::world::World;
use crate::faults::{Scene, recap};

const SITE: &str = "\
- hosts: all
  vars: {port: 7000, peers: [a, b]}
  roles:
    - app
  post_tasks:
    - name: What is there is what was asked for
      stat: {path: '{{ root }}/etc/app.conf'}
      register: conf
    - assert:
        that:
          - conf.stat.mode == '0640'
          - ansible_facts.system == 'Linux'
      when: not ansible_check_mode
";

const TASKS: &str = "\
- name: Folders
  file: {path: '{{ root }}/{{ item }}', state: directory, mode: '0755'}
  loop: [etc, data, data/sub]
- name: A template
  template: {src: app.conf.j2, dest: '{{ root }}/etc/app.conf', mode: '0640'}
  notify: Restart
- name: A file
  copy: {src: tool.sh, dest: '{{ root }}/tool.sh', mode: '0755'}
- name: A line
  lineinfile: {path: '{{ root }}/etc/hosts', line: '10.0.0.1 db', create: true, mode: '0644'}
- name: A block
  blockinfile: {path: '{{ root }}/etc/hosts', block: '10.0.0.2 cache', create: true, mode: '0644'}
- name: Once
  command: '{{ root }}/tool.sh {{ root }}/data/made'
  args: {creates: '{{ root }}/data/made'}
- name: A link
  file: {src: app.conf, dest: '{{ root }}/etc/link', state: link, force: true}
- name: Who am I
  command: id -un
  register: who
  changed_when: false
- name: The user that was asked for
  assert: {that: who.stdout == 'root'}
  when: not ansible_check_mode
";

/// Writes the role and its playbook; everything goes below a folder of the host.
fn site(scene: &Scene) {
    let bench = &scene.bench;
    bench.write("site.yml", SITE);
    bench.write("roles/app/tasks/main.yml", TASKS);
    bench.write(
        "roles/app/templates/app.conf.j2",
        "port {{ port }}\n{% for peer in peers %}\npeer {{ peer }}\n{% endfor %}\n",
    );
    bench.write("roles/app/files/tool.sh", "#!/bin/sh\ntouch \"$1\"\n");
    let handler = "- name: Restart\n  shell: echo restarted >> {{ root }}/data/log\n";
    bench.write("roles/app/handlers/main.yml", handler);
    let root = scene.world.server.path("root");
    bench.write("group_vars/all.yml", &format!("root: {}\n", root.display()));
}

fn deploys(scene: &Scene) {
    site(scene);
    let root = scene.world.server.path("root");
    let checked = scene.bench.run("site.yml -i hosts --check --diff");
    assert!(checked.contains("+port 7000"), "{checked}");
    assert!(checked.contains("--- exit 0"), "{checked}");
    assert!(!root.exists(), "check mode made something");

    let first = scene.bench.run("site.yml -i hosts");
    assert_eq!(recap(&first), "ok=13 changed=8 exit=0", "{first}");
    assert_eq!(scene.recap(), "ok=12 exit=0");

    assert_eq!(
        fs::read_to_string(root.join("etc/app.conf")).unwrap(),
        "port 7000\npeer a\npeer b\n"
    );
    let meta = fs::metadata(root.join("etc/app.conf")).unwrap();
    assert_eq!((meta.uid(), meta.permissions().mode() & 0o7777), (0, 0o640));
    assert_eq!(fs::read_to_string(root.join("data/log")).unwrap(), "restarted\n");
    assert_eq!(fs::read_link(root.join("etc/link")).unwrap().to_str(), Some("app.conf"));

    let checked = scene.bench.run("site.yml -i hosts --check --diff -e port=7001");
    assert!(checked.contains("-port 7000\n") && checked.contains("+port 7001\n"), "{checked}");
    assert_eq!(scene.recap(), "ok=12 exit=0");
}

#[test]
fn as_root() {
    let Some(world) = World::start() else { return };
    let scene = Scene::new(world);
    let hosts = scene.bench.read("hosts");
    let user = format!("ansible_user={}", scene.world.user.0);
    let root = format!("ansible_user=root {}", scene.world.remote_tmp());
    scene.bench.write("hosts", &hosts.replace(&user, &root));
    deploys(&scene);
}

#[test]
fn as_a_user_with_sudo() {
    let Some(world) = World::with_sudo("$USER ALL=(ALL) NOPASSWD: ALL") else { return };
    let scene = Scene::new(world);
    let port = scene.world.server.port;
    scene.inventory(port, &format!("ansible_become=true {}", scene.world.remote_tmp()));
    deploys(&scene);
}

#[test]
fn as_a_user_whose_sudo_asks() {
    let Some(world) = World::with_sudo("$USER ALL=(ALL) ALL") else { return };
    let scene = Scene::new(world);
    let port = scene.world.server.port;
    let root = format!("ansible_become=true {}", scene.world.remote_tmp());
    scene.inventory(port, &format!("{root} ansible_become_password='correct horse'"));
    deploys(&scene);
}
