//! A Redis Cluster of six real instances: three "hosts" (127.0.0.1 to 127.0.0.3) with two instances each. Quiet where
//! there is no `redis-server`; `FCPLAY_REDIS` names the folder of another one. Each test starts and stops processes of its own.

use std::collections::BTreeSet;
use std::io::Write;
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use fcplay::actions::dial::ThroughHelper;
use fcplay::base::Secret;
use fcplay::clusters::Address;
use fcplay::clusters::redis::{Wish, ensure, look, predict};
use fcplay::connection::{Operator, Pool, Programs, Target, Way};

use super::{Break, Direct, Heard, free_port, redis_server};

const PASSWORD: &str = "only-for-this-test";
/// How much higher the port of the bus is.
const BUS: u16 = 10_000;

struct Instances {
    folder: tempfile::TempDir,
    program: PathBuf,
    nodes: Vec<Address>,
    children: Vec<Child>,
}

impl Instances {
    fn start() -> Option<Self> {
        let program = redis_server()?;
        let nodes = (0..6).map(|index| {
            let host = format!("127.0.0.{}", 1 + index / 2);
            Address { port: free_port(&host, BUS), host }
        });
        let folder = tempfile::tempdir().unwrap();
        let nodes = nodes.collect();
        let mut instances = Self { folder, program, nodes, children: Vec::new() };
        for index in 0..instances.nodes.len() {
            let child = instances.launch(index);
            instances.children.push(child);
        }
        Some(instances)
    }

    fn launch(&self, index: usize) -> Child {
        let node = &self.nodes[index];
        let folder = self.folder.path().join(index.to_string());
        std::fs::create_dir_all(&folder).unwrap();
        // Before version 7 connections come from where it listens by themselves.
        let old = self.program.to_string_lossy().contains("redis-6");
        let source = ["--bind-source-addr", node.host.as_str()];
        let child = Command::new(&self.program)
            .args(["--port", &node.port.to_string(), "--bind", &node.host, "--dir"])
            .arg(&folder)
            .args(["--cluster-enabled", "yes", "--cluster-node-timeout", "1500", "--save", ""])
            .args(["--cluster-announce-ip", &node.host])
            .args(source.iter().filter(|_| !old))
            .args([
                "--requirepass",
                PASSWORD,
                "--masterauth",
                PASSWORD,
                "--repl-diskless-sync-delay",
                "0",
            ])
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let end = Instant::now() + Duration::from_secs(10);
        while TcpStream::connect((node.host.as_str(), node.port)).is_err() {
            assert!(Instant::now() < end, "redis-server does not listen at {node}");
            std::thread::yield_now();
        }
        child
    }

    fn kill(&mut self, index: usize) {
        self.children[index].kill().unwrap();
        self.children[index].wait().unwrap();
    }

    fn wish(&self) -> Wish {
        Wish {
            nodes: self.nodes.clone(),
            remove_others: false,
            replicas: 1,
            username: None,
            password: Some(Secret::new(PASSWORD)),
            timeout: Duration::from_secs(60),
        }
    }

    fn ask(&self, index: usize, words: &[&str]) -> String {
        let node = &self.nodes[index];
        let output = Command::new("redis-cli")
            .args([
                "--no-auth-warning",
                "-a",
                PASSWORD,
                "-h",
                &node.host,
                "-p",
                &node.port.to_string(),
            ])
            .args(words)
            .output()
            .unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Writes 600 keys; half of them are in one slot and have a byte that is no text.
    fn fill(&self) {
        let node = &self.nodes[0];
        let mut child = Command::new("redis-cli")
            .args(["--no-auth-warning", "-a", PASSWORD, "-c", "-h", &node.host])
            .args(["-p", &node.port.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let mut input = child.stdin.take().unwrap();
        for number in 0..300 {
            writeln!(input, "set \"{{a}}\\xff{number}\" value\nset key{number} {number}").unwrap();
        }
        drop(input);
        assert!(child.wait().unwrap().success());
    }

    /// Returns all keys of all masters, sorted; each is there once.
    fn keys(&self) -> Vec<String> {
        let masters =
            (0..self.nodes.len()).filter(|index| self.ask(*index, &["role"]).starts_with("master"));
        let mut keys: Vec<String> = masters
            .flat_map(|index| {
                let text = self.ask(index, &["--no-raw", "keys", "*"]);
                let keys = text.lines().filter_map(|line| line.split_once(") "));
                keys.map(|(_, key)| key.to_owned()).collect::<Vec<_>>()
            })
            .collect();
        keys.sort();
        keys
    }

    /// Checks with Redis's own tool, and that no replica is on the host of its master.
    fn assert_whole(&self) {
        for index in 0..self.nodes.len() {
            assert!(self.ask(index, &["cluster", "info"]).contains("cluster_state:ok"), "{index}");
        }
        let node = &self.nodes[0];
        let output = Command::new("redis-cli")
            .args(["--no-auth-warning", "-a", PASSWORD, "--cluster", "check", &node.to_string()])
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(text.contains("[OK] All 16384 slots covered."), "{text}");
        let table = self.ask(0, &["cluster", "nodes"]);
        let rows: Vec<Vec<&str>> = table.lines().map(|line| line.split(' ').collect()).collect();
        assert_eq!(rows.len(), 6, "{table}");
        let host = |row: &[&str]| row[1].split(':').next().unwrap().to_owned();
        let masters: BTreeSet<&str> =
            rows.iter().filter(|row| row[3] == "-").map(|row| row[0]).collect();
        assert_eq!(masters.len(), 3, "{table}");
        for row in rows.iter().filter(|row| row[3] != "-") {
            let master = rows.iter().find(|other| other[0] == row[3]).unwrap();
            assert_ne!(host(row), host(master), "{table}");
        }
    }
}

impl Drop for Instances {
    fn drop(&mut self) {
        for child in &mut self.children {
            let _gone = child.kill();
            let _gone = child.wait();
        }
    }
}

#[tokio::test]
async fn a_cluster_is_formed_once_and_repaired_when_an_instance_lost_its_memory() {
    let Some(mut instances) = Instances::start() else { return };
    let wish = instances.wish();
    // The way that playbooks go: streams that a helper opens.
    let programs = Programs::only(env!("CARGO_BIN_EXE_fcplay-helper").as_ref()).unwrap();
    let pool = Pool::new(programs, Operator { passphrases: None, warn: Arc::new(|_, _| {}) });
    let here =
        Target { host: "localhost".into(), way: Way::Local(Default::default()), escalation: None };
    let dial = ThroughHelper(pool.helper(&here).await.unwrap());
    let prediction = predict(&wish, &look(&wish, &dial, false).await.unwrap()).unwrap();
    let heard = Heard::default();
    let changes = ensure(&wish, &dial, &heard).await.unwrap();
    assert_eq!(changes.steps, prediction.steps);
    assert_eq!(changes.steps, heard.steps());
    assert_eq!((&changes.before, &changes.after), (&prediction.before, &prediction.after));
    assert_eq!(changes.warnings, [""; 0]);
    instances.assert_whole();

    let again = ensure(&wish, &dial, &Heard::default()).await.unwrap();
    assert_eq!(again.steps, [""; 0]);
    assert_eq!(again.before, again.after);

    // A replica comes back without its disk: under a new name, knowing nobody.
    instances.kill(1);
    std::fs::remove_dir_all(instances.folder.path().join("1")).unwrap();
    let end = Instant::now() + Duration::from_secs(20);
    while !instances.ask(0, &["cluster", "nodes"]).contains("slave,fail ") {
        assert!(Instant::now() < end, "its loss is not noticed");
    }
    instances.children[1] = instances.launch(1);
    let repaired = ensure(&wish, &dial, &Heard::default()).await.unwrap();
    // It copies the master that lacks a replica now; the others forget its old name.
    assert_eq!(repaired.steps[..2], changes_of(&changes.steps, 1), "{:?}", repaired.steps);
    assert!(repaired.steps.len() >= 2 + 5, "{:?}", repaired.steps);
    instances.assert_whole();
    pool.close().await;
}

/// Returns the steps by which an instance was met and became a replica.
fn changes_of(steps: &[String], index: usize) -> Vec<String> {
    let met = steps[index - 1].clone();
    let node = met.rsplit(' ').next().unwrap();
    let copies = steps.iter().find(|step| step.starts_with(&format!("{node} copies ")));
    vec![met.clone(), copies.unwrap().clone()]
}

#[tokio::test]
async fn a_run_that_broke_off_anywhere_is_taken_up() {
    let Some(instances) = Instances::start() else { return };
    let wish = instances.wish();
    // The step after the last one that was heard of is on its way when it breaks off; there are eleven.
    for steps in [3, 5, 7, 9] {
        let breaking = Break::after(steps);
        tokio::select! {
            biased;
            () = breaking.stop.notified() => {}
            result = ensure(&wish, &Direct, &breaking) => panic!("it was not broken off: {result:?}"),
        }
        let changes = ensure(&wish, &Direct, &Heard::default()).await.unwrap();
        assert!(!changes.steps.is_empty(), "after {steps} steps nothing was left to do");
        instances.assert_whole();
        for index in 0..6 {
            instances.ask(index, &["flushall"]);
            assert_eq!(instances.ask(index, &["cluster", "reset", "hard"]).trim(), "OK");
        }
    }
}

#[tokio::test]
async fn mistakes_are_told() {
    let Some(instances) = Instances::start() else { return };
    let first = instances.nodes[0].to_string();
    let say =
        async |wish: &Wish| ensure(wish, &Direct, &Heard::default()).await.unwrap_err().to_string();
    let wrong = Wish { password: Some(Secret::new("wrong")), ..instances.wish() };
    let text = say(&wrong).await;
    assert!(
        text.starts_with(&format!("Redis at {first} refused `AUTH`: WRONGPASS invalid username-"))
            && text.ends_with("; the instance was set up with another password"),
        "{text}"
    );
    let none = Wish { password: None, ..instances.wish() };
    assert_eq!(
        say(&none).await,
        format!(
            "Redis at {first} refused `CLUSTER NODES`: NOAUTH Authentication required.; give `password`"
        )
    );
    let mut gone = instances.wish();
    for node in &mut gone.nodes[3..] {
        node.port = free_port(&node.host, BUS);
    }
    gone.timeout = Duration::from_millis(300);
    assert_eq!(
        say(&gone).await,
        format!(
            "3 of 6 instances answer, and a cluster needs most of them: cannot talk to Redis at {}: Connection refused (os error 111)",
            gone.nodes[3]
        )
    );
}

#[tokio::test]
async fn a_cluster_grows_and_shrinks_with_its_keys_and_without_one_that_is_down() {
    let Some(mut instances) = Instances::start() else { return };
    instances.kill(5);
    let wish = instances.wish();
    let changes = ensure(&wish, &Direct, &Heard::default()).await.unwrap();
    assert_eq!(changes.warnings.len(), 1, "{:?}", changes.warnings);
    assert!(changes.warnings[0].ends_with("the rest goes on without it"), "{:?}", changes.warnings);
    instances.children[5] = instances.launch(5);
    let joined = ensure(&wish, &Direct, &Heard::default()).await.unwrap();
    assert_eq!(joined.warnings, [""; 0]);
    assert!(
        joined.steps[0].ends_with(&format!("meets {}", instances.nodes[5])),
        "{:?}",
        joined.steps
    );
    instances.assert_whole();

    instances.fill();
    let digest = instances.keys();
    assert_eq!(digest.len(), 600);

    // Two hosts more: a fourth master gets its share, and it is cut off in the middle of it again and again.
    for index in [6, 7] {
        let host = format!("127.0.0.{}", 4 + (index - 6));
        instances.nodes.push(Address { port: free_port(&host, BUS), host });
        let child = instances.launch(index);
        instances.children.push(child);
    }
    let large = instances.wish();
    for millis in [30, 60, 90, 120, 150, 200, 250, 300, 350, 400] {
        let heard = Heard::default();
        let cut = Duration::from_millis(millis);
        let _cut = tokio::time::timeout(cut, ensure(&large, &Direct, &heard)).await;
    }
    ensure(&large, &Direct, &Heard::default()).await.unwrap();
    let again = ensure(&large, &Direct, &Heard::default()).await.unwrap();
    assert_eq!(again.steps, [""; 0]);
    assert_eq!(instances.keys(), digest);
    assert_eq!(again.after.matches(" serves ").count(), 4, "{}", again.after);

    // And away again.
    let small = Wish { remove_others: true, ..wish };
    let foretold = predict(&small, &look(&small, &Direct, false).await.unwrap()).unwrap();
    let changes = ensure(&small, &Direct, &Heard::default()).await.unwrap();
    assert_eq!(changes.steps, foretold.steps);
    let again = ensure(&small, &Direct, &Heard::default()).await.unwrap();
    assert_eq!(again.steps, [""; 0]);
    assert_eq!(instances.keys(), digest);
    instances.nodes.truncate(6);
    instances.assert_whole();
}
