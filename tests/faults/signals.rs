//! Runs that the user ends, and terminals that go away.

use std::fs;
use std::process::Child;

use super::{Scene, ended, eventually};
use crate::connection::world::World;

fn busy() -> Option<(Scene, Child)> {
    let scene = Scene::new(World::start()?);
    let mark = scene.path("begun");
    scene.task(&format!("shell: echo $$ > {}; exec sleep 1000", mark.display()));
    let run = scene.start("site.yml -i hosts");
    eventually("the task does not begin", || {
        fs::read_to_string(&mark).is_ok_and(|text| text.ends_with('\n'))
    });
    Some((scene, run))
}

fn signal(run: &Child, name: &str) {
    let sent = std::process::Command::new("kill").args([name, &run.id().to_string()]).status();
    assert!(sent.unwrap().success());
}

#[test]
fn an_interrupt_ends_the_task_on_the_host() {
    let Some((scene, run)) = busy() else { return };
    signal(&run, "-INT");
    let printed = ended(run);
    assert!(printed.ends_with("--- exit 99\n"), "{printed}");
    assert!(printed.contains("PLAY RECAP"), "{printed}");
    scene.is_clean();
    scene.task("ping:");
    assert_eq!(scene.recap(), "ok=1 exit=0");
}

#[test]
fn a_terminal_that_is_closed_leaves_nothing_behind() {
    let Some((scene, run)) = busy() else { return };
    signal(&run, "-HUP");
    ended(run);
    scene.is_clean();
}

#[test]
fn a_command_that_is_killed_leaves_nothing_behind() {
    let Some((scene, run)) = busy() else { return };
    signal(&run, "-KILL");
    ended(run);
    scene.is_clean();
}
