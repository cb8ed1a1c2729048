//! What can break while the command runs over a real sshd. Each time it ends by itself with the right exit code, a file
//! is the old one or the new one, nothing of ours is left on the host, and a second run does the rest.

mod beside;
mod cuts;
mod refusals;
mod signals;

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::cli::Bench;
use crate::connection::world::World;

/// A host and the folder that the command runs in.
pub(crate) struct Scene {
    pub(crate) world: World,
    pub(crate) bench: Bench,
}

impl Scene {
    /// Returns a scene whose host is reached at its own port.
    pub(crate) fn new(world: World) -> Self {
        let scene = Self { world, bench: Bench::new(&[]) };
        scene.inventory(scene.world.server.port, "");
        scene
    }

    /// Writes the inventory: the host `here` at a port, and more variables of it.
    pub(crate) fn inventory(&self, port: u16, more: &str) {
        let server = &self.world.server;
        // The host is known under the port of its server, whatever leads there.
        let known =
            server.known_line("ed25519").replace(&server.port.to_string(), &port.to_string());
        let file = self.bench.path().join("known_hosts");
        fs::write(&file, known).unwrap();
        let line = format!(
            "here ansible_host=127.0.0.1 ansible_port={port} ansible_user={} ansible_ssh_private_key_file={} \
             ansible_ssh_common_args='-F none -o UserKnownHostsFile={} -o GlobalKnownHostsFile=none' {more}\n",
            self.world.user.0,
            server.path("id").display(),
            file.display(),
        );
        self.bench.write("hosts", &line);
    }

    /// Writes a playbook of one task, in YAML's flow style.
    pub(crate) fn task(&self, task: &str) {
        let text = format!("- hosts: all\n  gather_facts: false\n  tasks:\n    - {task}\n");
        self.bench.write("site.yml", &text);
    }

    /// Returns a path in the user's home on the host.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.world.home().join(name)
    }

    /// Starts the command.
    pub(crate) fn start(&self, line: &str) -> Child {
        let mut command = self.bench.command(line);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap()
    }

    /// Runs the playbook and returns its recap for the host and its exit code.
    pub(crate) fn recap(&self) -> String {
        recap(&self.bench.run("site.yml -i hosts"))
    }

    /// Waits until no process of the user is left on the host.
    #[track_caller]
    pub(crate) fn is_clean(&self) {
        let uid = self.world.uid().to_string();
        eventually("processes are left", || {
            // Those that nobody has buried have ended too: in a container, the first process may be no init.
            let alive = ["-u", &uid, "--runstates", "D,R,S,T"];
            let left = std::process::Command::new("pgrep").args(alive).output().unwrap();
            left.stdout.is_empty()
        });
    }

    /// Returns the names in the user's home, without the cache and what a shell makes.
    pub(crate) fn home(&self) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(self.world.home())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name != ".cache")
            .collect();
        names.sort();
        names
    }
}

/// Returns the counts that are not zero, and the exit code.
pub(crate) fn recap(printed: &str) -> String {
    let counts = printed.lines().find(|line| line.starts_with("here ")).unwrap_or_default();
    let told: Vec<&str> = counts
        .split_whitespace()
        .filter(|word| word.contains('=') && !word.ends_with("=0"))
        .collect();
    let code = printed.lines().rev().find_map(|line| line.strip_prefix("--- exit "));
    format!("{} exit={}", told.join(" "), code.unwrap_or("?")).trim().to_owned()
}

/// Waits until a program has ended, and returns what it printed like [`Bench::run`].
#[track_caller]
pub(crate) fn ended(mut child: Child) -> String {
    let started = Instant::now();
    while child.try_wait().unwrap().is_none() {
        assert!(started.elapsed() < Duration::from_secs(60), "it does not end by itself");
        std::thread::sleep(Duration::from_millis(20));
    }
    let output = child.wait_with_output().unwrap();
    let code = output.status.code().map_or("killed".to_owned(), |code| code.to_string());
    let (out, err) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    format!("{out}--- stderr\n{err}--- exit {code}\n")
}

/// Waits until something is so.
#[track_caller]
pub(crate) fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < Duration::from_secs(30), "{what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}
