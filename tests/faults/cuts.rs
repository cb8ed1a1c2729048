//! Connections and helpers that end in the middle.

use std::fs;

use super::{Scene, ended, eventually, recap};
use crate::connection::world::World;
use crate::ssh::server::{Door, run_program};

/// A content that takes a while to send, 96 MiB.
const LARGE: u64 = 96 << 20;

/// Makes a large file beside the playbook and an old one on the host, and the playbook that copies it.
fn large_copy(scene: &Scene) {
    let large = fs::File::create(scene.bench.path().join("large")).unwrap();
    large.set_len(LARGE).unwrap();
    drop(large);
    // What does not compress takes its time.
    let noise: Vec<u8> =
        (0..LARGE as u32 / 4).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
    fs::write(scene.bench.path().join("large"), noise).unwrap();
    fs::write(scene.path("large"), "old").unwrap();
    scene.world.own(&scene.path("large"));
    scene.task(&format!("copy: {{src: large, dest: {}}}", scene.path("large").display()));
}

/// Waits until part of the new content is on the host.
fn begun(scene: &Scene) {
    eventually("the copy does not begin", || {
        let names = scene.home();
        let temporary = names.iter().find(|name| *name != "large");
        let length = temporary.and_then(|name| fs::metadata(scene.path(name)).ok());
        length.is_some_and(|meta| meta.len() > 1 << 20)
    });
}

#[test]
fn the_line_in_the_middle_of_a_copy() {
    let Some(world) = World::start() else { return };
    let scene = Scene::new(world);
    large_copy(&scene);
    let door = Door::before(&scene.world.server);
    scene.inventory(door.port, "");
    let run = scene.start("site.yml -i hosts");
    begun(&scene);
    door.slam();
    let printed = ended(run);
    assert_eq!(recap(&printed), "unreachable=1 exit=4", "{printed}");
    assert_eq!(fs::read_to_string(scene.path("large")).unwrap(), "old");
    scene.is_clean();
    assert_eq!(scene.home(), ["large"]);
    assert_eq!(scene.recap(), "ok=1 changed=1 exit=0");
    assert_eq!(fs::metadata(scene.path("large")).unwrap().len(), LARGE);
    assert_eq!(scene.recap(), "ok=1 exit=0");
}

/// A task that says that it has begun and goes on for ever.
fn endless(scene: &Scene) {
    let mark = scene.path("begun");
    scene.task(&format!("shell: echo $$ > {}; exec sleep 1000", mark.display()));
}

fn has_begun(scene: &Scene) {
    eventually("the task does not begin", || {
        fs::read_to_string(scene.path("begun")).is_ok_and(|text| text.ends_with('\n'))
    });
}

#[test]
fn the_line_in_the_middle_of_a_task() {
    let Some(world) = World::start() else { return };
    let scene = Scene::new(world);
    endless(&scene);
    let door = Door::before(&scene.world.server);
    scene.inventory(door.port, "");
    let run = scene.start("site.yml -i hosts");
    has_begun(&scene);
    door.slam();
    let printed = ended(run);
    assert_eq!(recap(&printed), "unreachable=1 exit=4", "{printed}");
    scene.is_clean();
    scene.task("ping:");
    assert_eq!(scene.recap(), "ok=1 exit=0");
}

#[test]
fn a_helper_that_is_killed() {
    let Some(world) = World::start() else { return };
    let scene = Scene::new(world);
    endless(&scene);
    let run = scene.start("site.yml -i hosts");
    has_begun(&scene);
    let uid = scene.world.uid().to_string();
    run_program("pkill", &["-KILL", "-u", &uid, "-f", "fcplay-helper"]);
    let printed = ended(run);
    assert_eq!(recap(&printed), "unreachable=1 exit=4", "{printed}");
    assert!(printed.contains("ended unexpectedly (signal KILL)"), "{printed}");
    scene.is_clean();
    scene.task("ping:");
    assert_eq!(scene.recap(), "ok=1 exit=0");
}

/// Stops a process of a run, which has to notice it by itself, and returns what it printed.
fn stopped(find: impl Fn(&Scene) -> String) -> String {
    let world = World::start();
    let Some(world) = world else { return String::new() };
    let scene = Scene::new(world);
    scene.task(&format!("shell: echo $PPID > {}; exec sleep 1000", scene.path("begun").display()));
    let alive = "ansible_ssh_extra_args='-o ServerAliveInterval=1 -o ServerAliveCountMax=1'";
    scene.inventory(scene.world.server.port, alive);
    let run = scene.start("site.yml -i hosts");
    has_begun(&scene);
    let process = find(&scene);
    run_program("kill", &["-STOP", &process]);
    let printed = ended(run);
    run_program("kill", &["-CONT", &process]);
    assert_eq!(recap(&printed), "unreachable=1 exit=4", "{printed}");
    scene.is_clean();
    printed
}

#[test]
fn a_host_that_stops_answering() {
    // The program of the task is a child of the helper, and that of the server's process for the connection.
    let printed = stopped(|scene| {
        let helper = fs::read_to_string(scene.path("begun")).unwrap();
        let status = fs::read_to_string(format!("/proc/{}/status", helper.trim())).unwrap();
        let parent = status.lines().find_map(|line| line.strip_prefix("PPid:")).unwrap();
        parent.trim().to_owned()
    });
    assert!(printed.is_empty() || printed.contains("the host stopped answering"), "{printed}");
}

#[test]
fn a_helper_that_stops_answering() {
    let printed =
        stopped(|scene| fs::read_to_string(scene.path("begun")).unwrap().trim().to_owned());
    let words = "the helper on the host stopped answering, though the host itself does";
    assert!(printed.is_empty() || printed.contains(words), "{printed}");
}

#[test]
fn a_disk_that_is_full() {
    let Some(world) = World::start() else { return };
    let scene = Scene::new(world);
    let small = scene.path("small");
    fs::create_dir(&small).unwrap();
    let mount = |options: &str| {
        let mut mount = std::process::Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", options, "none"]).arg(&small).status().unwrap().success()
    };
    if !mount("size=1m,mode=777") {
        return eprintln!("skipped: mounting is not allowed here");
    }
    fs::write(scene.bench.path().join("content"), vec![7; 4 << 20]).unwrap();
    fs::write(small.join("file"), "old").unwrap();
    scene.world.own(&small);
    scene.task(&format!("copy: {{src: content, dest: {}/file}}", small.display()));
    let printed = scene.bench.run("site.yml -i hosts");
    let left: Vec<_> =
        fs::read_dir(&small).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    let old = fs::read_to_string(small.join("file")).unwrap();
    let remounted = mount("remount,size=16m");
    let again = scene.recap();
    let new = fs::metadata(small.join("file")).unwrap().len();
    run_program("umount", &["-l", small.to_str().unwrap()]);
    assert_eq!(recap(&printed), "failed=1 exit=2", "{printed}");
    assert!(printed.contains("no space left on device"), "{printed}");
    assert_eq!(left, ["file"]);
    assert_eq!(old, "old");
    assert!(remounted);
    assert_eq!((again.as_str(), new), ("ok=1 changed=1 exit=0", 4 << 20));
}
