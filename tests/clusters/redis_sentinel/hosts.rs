//! Real nodes and sentinels, and what the tests ask them.

use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use fcplay::base::Secret;
use fcplay::clusters::Address;
use fcplay::clusters::redis::sentinel::{Account, Others, Strife, Wish};

use super::super::{free_port, redis_server, server};

pub(super) const PASSWORD: &str = "only-for-this-test";
pub(super) const GUARD: &str = "only-for-sentinels";
/// Returns how many keys there are, and a checksum of them and their values.
pub(super) const DIGEST: &str = "local k = redis.call('keys', '*') table.sort(k) local s = '' for _, n in ipairs(k) do s = redis.sha1hex(s .. n .. redis.call('get', n)) end return #k .. ' ' .. s";

pub(super) struct Hosts {
    pub(super) folder: tempfile::TempDir,
    pub(super) program: PathBuf,
    pub(super) node_port: u16,
    pub(super) sentinel_port: u16,
    pub(super) nodes: [Option<Child>; 4],
    pub(super) sentinels: [Option<Child>; 4],
}

/// Returns the programs to test with.
pub(super) fn programs() -> Vec<PathBuf> {
    let mut programs: Vec<PathBuf> = redis_server().into_iter().collect();
    if std::env::var_os("FCPLAY_LONG").is_some() {
        programs.extend(server("redis-6.0/redis-server"));
    }
    programs
}

impl Hosts {
    pub(super) fn new(program: PathBuf) -> Self {
        let node_port = free_port("127.0.0.2", 1);
        let sentinel_port = loop {
            let port = free_port("127.0.0.2", 1);
            if port != node_port {
                break port;
            }
        };
        Self {
            folder: tempfile::tempdir().unwrap(),
            program,
            node_port,
            sentinel_port,
            nodes: Default::default(),
            sentinels: Default::default(),
        }
    }

    pub(super) fn start(&mut self, which: &[usize]) {
        for index in which {
            self.start_node(*index, "");
            self.start_sentinel(*index);
        }
    }

    pub(super) fn start_node(&mut self, index: usize, more: &str) {
        let host = host(index);
        let text = format!(
            "port {}\nbind {host}\nreplica-announce-ip {host}\nsave \"\"\nappendonly yes\nrequirepass {PASSWORD}\nmasterauth {PASSWORD}\nrepl-diskless-sync-delay 0\n{more}\n",
            self.node_port
        );
        let child = self.launch(&format!("node{index}"), &text, &[]);
        self.nodes[index] = Some(child);
        wait(&self.node(index));
    }

    pub(super) fn start_sentinel(&mut self, index: usize) {
        let host = host(index);
        let text = format!(
            "port {}\nbind {host}\nsentinel announce-ip {host}\nrequirepass {GUARD}\n",
            self.sentinel_port
        );
        let child = self.launch(&format!("sentinel{index}"), &text, &["--sentinel"]);
        self.sentinels[index] = Some(child);
        wait(&self.sentinel(index));
    }

    /// Starts a server; its own changes to its configuration outlive it.
    pub(super) fn launch(&self, name: &str, text: &str, more: &[&str]) -> Child {
        let folder = self.folder.path().join(name);
        let file = folder.join("redis.conf");
        if !file.exists() {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(&file, format!("dir {}\n{text}", folder.display())).unwrap();
        }
        let mut command = Command::new(&self.program);
        command.arg(&file).args(more).stdout(Stdio::null()).spawn().unwrap()
    }

    pub(super) fn node(&self, index: usize) -> Address {
        Address { host: host(index), port: self.node_port }
    }

    pub(super) fn sentinel(&self, index: usize) -> Address {
        Address { host: host(index), port: self.sentinel_port }
    }

    pub(super) fn kill_node(&mut self, index: usize) {
        kill(&mut self.nodes[index]);
    }

    pub(super) fn kill(&mut self, index: usize) {
        kill(&mut self.nodes[index]);
        kill(&mut self.sentinels[index]);
    }

    pub(super) fn wish(&self, which: &[usize]) -> Wish {
        let settings = [("down-after-milliseconds", "800"), ("failover-timeout", "6000")];
        Wish {
            name: "mymaster".into(),
            nodes: which.iter().map(|index| self.node(*index)).collect(),
            sentinels: which.iter().map(|index| self.sentinel(*index)).collect(),
            quorum: which.len() / 2 + 1,
            account: Account { username: None, password: Some(Secret::new(PASSWORD)) },
            sentinel_account: Account { username: None, password: Some(Secret::new(GUARD)) },
            settings: settings.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
            others: Others::Keep,
            strife: Strife::Refuse,
            timeout: Duration::from_secs(60),
        }
    }

    pub(super) fn ask(&self, at: &Address, words: &[&str]) -> String {
        let password = if at.port == self.node_port { PASSWORD } else { GUARD };
        let output = Command::new("redis-cli")
            .args(["--no-auth-warning", "-a", password, "-h", &at.host, "-p"])
            .arg(at.port.to_string())
            .args(words)
            .output()
            .unwrap();
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// Writes a thousand keys, and returns their number and checksum.
    pub(super) fn fill(&self, index: usize) -> String {
        let script = "for i = 1, 1000 do redis.call('set', 'key' .. i, 'value' .. i) end return 1";
        assert_eq!(self.ask(&self.node(index), &["eval", script, "0"]), "1");
        self.digest(index)
    }

    pub(super) fn digest(&self, index: usize) -> String {
        self.ask(&self.node(index), &["eval", DIGEST, "0"])
    }

    /// Checks that all agree on the master, copy it, and have what was written.
    pub(super) fn assert_whole(&self, which: &[usize], master: usize, digest: &str) {
        for index in which {
            let address = self
                .ask(&self.sentinel(*index), &["sentinel", "get-master-addr-by-name", "mymaster"]);
            assert_eq!(address, format!("{}\n{}", host(master), self.node_port));
            let quorum = self.ask(&self.sentinel(*index), &["sentinel", "ckquorum", "mymaster"]);
            assert!(quorum.starts_with(&format!("OK {} usable", which.len())), "{quorum}");
            let info = self.ask(&self.node(*index), &["info", "replication"]);
            if *index == master {
                assert!(info.contains(&format!("connected_slaves:{}", which.len() - 1)), "{info}");
            } else {
                assert!(info.contains(&format!("master_host:{}", host(master))), "{info}");
                assert!(info.contains("master_link_status:up"), "{info}");
            }
            let end = Instant::now() + Duration::from_secs(10);
            while self.digest(*index) != digest {
                assert!(Instant::now() < end, "{index}: {} is not {digest}", self.digest(*index));
            }
        }
    }

    /// Waits until the sentinels have another master.
    pub(super) fn wait_for_failover(&self, witness: usize, old: usize) -> usize {
        let end = Instant::now() + Duration::from_secs(30);
        loop {
            let words = ["sentinel", "get-master-addr-by-name", "mymaster"];
            let address = self.ask(&self.sentinel(witness), &words);
            let found = (0..4)
                .find(|index| *index != old && address.starts_with(&format!("{}\n", host(*index))));
            if let Some(index) = found {
                return index;
            }
            assert!(Instant::now() < end, "there is no failover");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Hosts {
    fn drop(&mut self) {
        (0..4).for_each(|index| self.kill(index));
    }
}

pub(super) fn kill(child: &mut Option<Child>) {
    if let Some(mut child) = child.take() {
        let _gone = child.kill();
        child.wait().unwrap();
    }
}

pub(super) fn host(index: usize) -> String {
    format!("127.0.0.{}", index + 2)
}

pub(super) fn wait(at: &Address) {
    let end = Instant::now() + Duration::from_secs(10);
    while TcpStream::connect((at.host.as_str(), at.port)).is_err() {
        assert!(Instant::now() < end, "nobody listens at {at}");
        std::thread::sleep(Duration::from_millis(5));
    }
}
