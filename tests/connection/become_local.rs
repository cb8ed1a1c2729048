//! A user of this machine who becomes another one without SSH: `connection: local`, terminals and passwords included.

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use super::doas::Doas;
use super::world::{HELPER, World};
use crate::cli::Bench;
use crate::ssh::server::User;

const PLAY: &str = "\
- hosts: localhost
  gather_facts: false
  tasks:
    - shell: id -un; tty; cat
      args: {stdin: hello}
      register: said
    - debug: {var: said.stdout_lines}
";

/// A user who runs the command on this machine.
struct Desk {
    world: World,
    bench: Bench,
}

impl Desk {
    fn new(world: World) -> Self {
        // The build's own folder may be closed to others.
        for program in [env!("CARGO_BIN_EXE_fcplay"), HELPER] {
            let name = Path::new(program).file_name().unwrap();
            fs::copy(program, world.server.path(name.to_str().unwrap())).unwrap();
        }
        fs::write(world.home().join("site.yml"), PLAY).unwrap();
        fs::create_dir(world.server.path("cache")).unwrap();
        Self { world, bench: Bench::new(&[]) }
    }

    /// Runs the playbook as the user, with variables, and returns what was printed.
    fn run(&self, variables: &str) -> String {
        let home = self.world.home();
        fs::write(home.join("vars.json"), variables).unwrap();
        let mut command = Command::new(self.world.server.path("fcplay"));
        command
            .args(["site.yml", "-i", "localhost,", "-c", "local", "-b", "-e", "@vars.json"])
            .env_clear()
            .env("HOME", &home)
            // The tester's own cache stays as it is.
            .env("XDG_CACHE_HOME", self.world.server.path("cache"))
            .env("PATH", "/usr/bin:/bin:/usr/sbin:/sbin")
            .env("FCPLAY_HELPER", self.world.server.path("fcplay-helper"))
            .current_dir(&home)
            .uid(self.world.uid())
            .gid(self.world.uid());
        self.bench.finish(command, "")
    }

    /// Runs the playbook, which has to act as `user`.
    #[track_caller]
    fn becomes(&self, user: &str, variables: &str) {
        let printed = self.run(variables);
        assert!(printed.ends_with("--- exit 0\n"), "{printed}");
        // The program of a task has no terminal, however its helper came to be.
        let words: Vec<&str> = printed.split_whitespace().collect();
        assert!(
            words.windows(6).any(|six| six == ["-", user, "-", "not", "a", "tty"]),
            "{printed}"
        );
    }

    /// Runs the playbook, which has to fail with these words.
    #[track_caller]
    fn fails(&self, words: &str, variables: &str) {
        let printed = self.run(variables);
        assert!(printed.ends_with("--- exit 2\n"), "{printed}");
        assert!(printed.contains(words), "{printed}");
    }

    /// Runs the playbook as another user by a method that asks for a password, with the right one and a wrong one.
    #[track_caller]
    fn asks(&self, method: &str, user: &str) {
        let variables = |password: &str| {
            format!(
                r#"{{"ansible_become_method": "{method}", "ansible_become_user": "{user}", "ansible_{method}_pass": "{password}"}}"#
            )
        };
        self.becomes(user, &variables("correct horse"));
        self.fails(&format!("Incorrect {method} password"), &variables("wrong"));
    }
}

#[test]
fn sudo_that_wants_a_terminal_and_a_password() {
    let rules = "Defaults:$USER requiretty, env_keep += XDG_CACHE_HOME\n$USER ALL=(ALL) ALL";
    let Some(world) = World::with_sudo(rules) else { return };
    let desk = Desk::new(world);
    desk.becomes("root", r#"{"ansible_become_password": "correct horse"}"#);
    desk.fails("Incorrect sudo password", r#"{"ansible_become_password": "wrong"}"#);
    desk.fails("Missing sudo password", "{}");
}

#[test]
fn sudo_that_wants_a_terminal() {
    let rules = "Defaults:$USER requiretty, use_pty, env_keep += XDG_CACHE_HOME\n$USER ALL=(ALL) NOPASSWD: ALL";
    let Some(world) = World::with_sudo(rules) else { return };
    Desk::new(world).becomes("root", "{}");
}

#[test]
fn su_with_a_password() {
    let (Some(world), Some(other)) = (World::start(), User::new()) else { return };
    Desk::new(world).asks("su", &other.0);
    other.forget();
}

#[test]
fn doas_with_a_password() {
    let (Some(world), Some(other)) = (World::start(), User::new()) else { return };
    let Some(_doas) = Doas::permit(&format!("permit {} as {}\n", world.user.0, other.0)) else {
        return;
    };
    Desk::new(world).asks("doas", &other.0);
    other.forget();
}
