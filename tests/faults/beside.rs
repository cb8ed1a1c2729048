//! Plays that run side by side over one connection.

use super::{Scene, recap};
use crate::connection::world::World;

#[test]
fn a_play_that_resets_the_connection_leaves_what_another_one_runs() {
    let Some(world) = World::start() else { return };
    let scene = Scene::new(world);
    let home = scene.world.home().display().to_string();
    let site = format!(
        "\
- name: Long
  hosts: all
  gather_facts: false
  needs: []
  tasks:
    - shell: touch {home}/begun; while [ ! -e {home}/reset ]; do sleep 0.05; done
      args: {{creates: {home}/never}}
      timeout: 60
- name: Reset
  hosts: all
  gather_facts: false
  needs: []
  tasks:
    - wait_for: {{path: {home}/begun, timeout: 60}}
    - meta: reset_connection
    - command: touch {home}/reset
"
    );
    scene.bench.write("site.yml", &site);
    let shown = scene.bench.run("site.yml -i hosts");
    assert_eq!(recap(&shown), "ok=3 changed=2 exit=0", "{shown}");
    scene.is_clean();
}
