//! Hosts that do not let us in, or say nothing.

use std::net::TcpListener;

use super::{Scene, recap};
use crate::connection::world::World;
use crate::ssh::server::free_port;

#[test]
fn a_host_that_says_nothing() {
    let Some(world) = World::start() else { return };
    let scene = Scene::new(world);
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let hosts = scene.bench.read("hosts");
    let more = format!("silent ansible_host=127.0.0.1 ansible_port={port}\n");
    scene.bench.write("hosts", &(hosts + &more));
    scene.task("ping:");
    let printed = scene.bench.run("site.yml -i hosts -T 1");
    assert_eq!(recap(&printed), "ok=1 exit=4", "{printed}");
    assert!(printed.contains("unreachable=1"), "{printed}");
    assert!(printed.contains("something accepts connections there and says nothing"), "{printed}");
}

#[test]
fn a_host_that_is_not_there_does_not_stop_the_others() {
    let Some(world) = World::start() else { return };
    let scene = Scene::new(world);
    let hosts = scene.bench.read("hosts");
    let more = format!("gone ansible_host=127.0.0.1 ansible_port={}\n", free_port());
    scene.bench.write("hosts", &(hosts + &more));
    scene.task("ping:");
    let printed = scene.bench.run("site.yml -i hosts");
    assert_eq!(recap(&printed), "ok=1 exit=4", "{printed}");
    assert!(printed.contains("refused the connection"), "{printed}");
}

#[test]
fn a_host_key_that_has_changed() {
    let Some(world) = World::start() else { return };
    let scene = Scene::new(world);
    let other = scene.world.server.known_line("rsa");
    let ed25519 = scene.world.server.known_line("ed25519");
    let (name, _) = ed25519.split_once(' ').unwrap();
    // A key of the right kind that is not the host's.
    let wrong = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJdD7y3aLq454yWBdwLWbieU1ebz9/cu7/QEXn9OIeZJ";
    scene.bench.write("known_hosts", &format!("{name} {wrong}\n{other}"));
    scene.task("ping:");
    let printed = scene.bench.run("site.yml -i hosts");
    assert_eq!(recap(&printed), "unreachable=1 exit=4", "{printed}");
    assert!(printed.contains("has CHANGED") && printed.contains("ssh-keygen -f"), "{printed}");
    scene.inventory(scene.world.server.port, "");
    assert_eq!(scene.recap(), "ok=1 exit=0");
}

#[test]
fn a_wrong_password_for_sudo() {
    let Some(world) = World::with_sudo("$USER ALL=(ALL) ALL") else { return };
    let scene = Scene::new(world);
    scene.task("ping:");
    let port = scene.world.server.port;
    let root = format!("ansible_become=true {}", scene.world.remote_tmp());
    scene.inventory(port, &format!("{root} ansible_become_password=wrong"));
    let printed = scene.bench.run("site.yml -i hosts");
    assert_eq!(recap(&printed), "failed=1 exit=2", "{printed}");
    assert!(printed.contains("password"), "{printed}");
    scene.inventory(port, &root);
    let printed = scene.bench.run("site.yml -i hosts");
    assert_eq!(recap(&printed), "failed=1 exit=2", "{printed}");
    assert!(printed.contains("give it with -K"), "{printed}");
    scene.inventory(port, &format!("{root} ansible_become_password='correct horse'"));
    assert_eq!(scene.recap(), "ok=1 exit=0");
}

#[test]
fn a_key_that_is_not_wanted() {
    let Some(world) = World::start() else { return };
    let scene = Scene::new(world);
    crate::ssh::server::key(&scene.bench.path().join("other"), "ed25519", "");
    scene.task("ping:");
    let hosts = scene.bench.read("hosts");
    let own = scene.world.server.path("id").display().to_string();
    let other = scene.bench.path().join("other").display().to_string();
    scene.bench.write("hosts", &hosts.replace(&own, &other));
    let printed = scene.bench.run("site.yml -i hosts");
    assert_eq!(recap(&printed), "unreachable=1 exit=4", "{printed}");
    assert!(
        printed.contains("ansible_ssh_private_key_file") || printed.contains("--private-key"),
        "{printed}"
    );
}
