//! Jobs in the background over a real sshd: they outlive the run and the connection, end when their time is over, and
//! are asked for by another run.

use super::world::World;
use crate::faults::{Scene, eventually, recap};

/// Returns the name of the job that a run printed.
#[track_caller]
fn job(printed: &str) -> String {
    let pattern = fancy_regex::Regex::new(r"\bj[0-9]+\.[0-9]+").unwrap();
    pattern.find(printed).unwrap().unwrap_or_else(|| panic!("{printed}")).as_str().to_owned()
}

/// Runs a task in the background and returns the name of the job.
#[track_caller]
fn left(scene: &Scene, task: &str) -> String {
    let tasks = format!(
        "- hosts: all\n  gather_facts: false\n  tasks:\n    - {task}\n    - {{debug: {{msg: '{{{{ job.ansible_job_id }}}}'}}}}\n"
    );
    scene.bench.write("site.yml", &tasks);
    let printed = scene.bench.run("site.yml -i hosts");
    assert!(printed.ends_with("--- exit 0\n"), "{printed}");
    job(&printed)
}

const STATUS: &str = "{async_status: {jid: '{{ jid }}'}, register: status, until: status is finished, retries: 50, delay: 0.1}";

#[test]
fn a_job_outlives_the_run_and_another_one_asks_for_it() {
    let Some(world) = World::start() else { return };
    let scene = Scene::new(world);
    let (go, made) = (scene.path("go"), scene.path("made"));
    let wait = format!(
        "while [ ! -e {} ]; do sleep 0.05; done; echo done > {}; echo out",
        go.display(),
        made.display()
    );
    let jid = left(&scene, &format!("{{shell: '{wait}', async: 60, poll: 0, register: job}}"));
    assert!(!made.exists());

    scene.task(
        "{async_status: {jid: '{{ jid }}'}, register: status, failed_when: status is finished}",
    );
    assert_eq!(recap(&scene.bench.run(&format!("site.yml -i hosts -e jid={jid}"))), "ok=1 exit=0");

    std::fs::write(&go, "").unwrap();
    eventually("the job ended with the run", || made.exists());
    scene.task(STATUS);
    let printed = scene.bench.run(&format!("site.yml -i hosts -e jid={jid}"));
    assert_eq!(recap(&printed), "ok=1 changed=1 exit=0", "{printed}");

    scene.task("{async_status: {jid: '{{ jid }}', mode: cleanup}}");
    assert_eq!(recap(&scene.bench.run(&format!("site.yml -i hosts -e jid={jid}"))), "ok=1 exit=0");
    assert!(std::fs::read_dir(scene.path(".ansible_async")).unwrap().next().is_none());
    scene.is_clean();
}

#[test]
fn a_job_ends_when_its_time_is_over() {
    let Some(world) = World::start() else { return };
    let scene = Scene::new(world);
    let jid = left(&scene, "{command: sleep 600, async: 1, poll: 0, register: job}");
    scene.task(STATUS);
    let printed = scene.bench.run(&format!("site.yml -i hosts -e jid={jid}"));
    assert!(printed.contains("Timeout exceeded"), "{printed}");
    assert_eq!(recap(&printed), "failed=1 exit=2", "{printed}");
    scene.is_clean();
}

#[test]
fn a_job_runs_as_another_user() {
    let Some(world) = World::with_sudo("$USER ALL=(ALL) NOPASSWD: ALL") else { return };
    let scene = Scene::new(world);
    let port = scene.world.server.port;
    scene.inventory(port, &format!("ansible_become=true {}", scene.world.remote_tmp()));
    let folder = scene.world.server.path("jobs");
    let task = format!(
        "{{command: id -un, async: 20, poll: 1, register: who, failed_when: who.stdout != 'root', vars: {{ansible_async_dir: {}}}}}",
        folder.display()
    );
    scene.task(&task);
    assert_eq!(scene.recap(), "ok=1 changed=1 exit=0");
    // What a job left is gone once it was waited for.
    assert!(std::fs::read_dir(folder).unwrap().next().is_none());
}

#[test]
fn the_time_of_a_job_counts_and_not_that_of_its_task() {
    let Some(world) = World::start() else { return };
    let scene = Scene::new(world);
    scene.task("{command: sleep 2, async: 20, poll: 1, timeout: 1}");
    assert_eq!(scene.recap(), "ok=1 changed=1 exit=0");
}

#[test]
fn a_job_that_is_waited_for_too_long_fails() {
    let Some(world) = World::start() else { return };
    let scene = Scene::new(world);
    scene.task("{command: sleep 600, async: 1, poll: 1}");
    let printed = scene.bench.run("site.yml -i hosts");
    let told = printed.contains("async task did not complete within the requested time - 1s")
        || printed.contains("Timeout exceeded");
    assert!(told, "{printed}");
    assert_eq!(recap(&printed), "failed=1 exit=2", "{printed}");
    scene.is_clean();
}
