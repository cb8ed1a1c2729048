//! Real servers of Consul, and what the tests ask them.

use std::fmt::Write;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use fcplay::base::{Secret, Value, json};
use fcplay::clusters::consul::{Acl, Others, Seat, Transport, Wish};
use fcplay::clusters::{Address, http};

use super::super::{Direct, free_port, server};

pub(super) const TOKEN: &str = "3f1a5b6c-0000-4000-8000-00000000aaaa";
pub(super) const AGENT: &str = "3f1a5b6c-0000-4000-8000-00000000bbbb";

pub(super) struct Servers {
    pub(super) folder: tempfile::TempDir,
    pub(super) program: PathBuf,
    /// HTTP, servers, gossip.
    pub(super) ports: [u16; 3],
    pub(super) children: Vec<Option<Child>>,
    pub(super) token: Option<&'static str>,
}

impl Servers {
    /// Returns so many servers, none of them started; nothing where there is no Consul.
    pub(super) fn new(count: usize) -> Option<Self> {
        let program = server("consul-1.8.7/consul")?;
        let ports = loop {
            let ports = [0; 3].map(|_: u16| free_port("127.0.0.2", 1));
            if ports[0] != ports[1] && ports[1] != ports[2] && ports[2] != ports[0] {
                break ports;
            }
        };
        let folder = tempfile::tempdir().unwrap();
        let children = (0..count).map(|_| None).collect();
        Some(Self { folder, program, ports, children, token: None })
    }

    /// Starts those and waits until they answer.
    pub(super) async fn start(&mut self, which: &[usize], more: &[&str]) {
        for index in which {
            self.launch(*index, more);
        }
        for index in which {
            let end = Instant::now() + Duration::from_secs(20);
            while self.try_ask(*index, "GET", "status/leader", "").await.is_none() {
                assert!(Instant::now() < end, "consul {index} does not answer");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }

    pub(super) fn launch(&mut self, index: usize, more: &[&str]) {
        let [api, servers, gossip] = self.ports;
        let host = host(index);
        let child = Command::new(&self.program)
            .args(["agent", &format!("-bind={host}"), &format!("-client={host}")])
            .arg(format!("-data-dir={}", self.folder.path().join(index.to_string()).display()))
            .args([format!("-http-port={api}"), format!("-server-port={servers}")])
            .args([format!("-serf-lan-port={gossip}"), "-serf-wan-port=-1".into()])
            .args(["-dns-port=-1", "-grpc-port=-1", "-hcl"])
            .arg("performance { raft_multiplier = 1 leave_drain_time = \"0s\" } disable_update_check = true")
            .args(["-hcl", "gossip_lan { probe_interval = \"100ms\" probe_timeout = \"80ms\" gossip_interval = \"50ms\" suspicion_mult = 2 }"])
            .args(more)
            .args(if more.iter().any(|word| word.starts_with("-node")) { None } else { Some(format!("-node=n{index}")) })
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        self.children[index] = Some(child);
    }

    pub(super) fn kill(&mut self, index: usize) {
        if let Some(mut child) = self.children[index].take() {
            let _gone = child.kill();
            child.wait().unwrap();
        }
    }

    /// Takes back one that was told to leave.
    pub(super) fn has_stopped(&mut self, index: usize) {
        let end = Instant::now() + Duration::from_secs(10);
        let mut child = self.children[index].take().unwrap();
        while child.try_wait().unwrap().is_none() {
            assert!(Instant::now() < end, "consul {index} still runs");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    pub(super) fn address(&self, index: usize) -> Address {
        Address { host: host(index), port: self.ports[0] }
    }

    pub(super) fn wish(&self, which: &[usize]) -> Wish {
        let seat = |index: &usize| Seat { address: self.address(*index), node: None };
        let options =
            http::Options { timeout: Duration::from_secs(10), ..http::Options::default() };
        Wish {
            servers: which.iter().map(seat).collect(),
            clients: Vec::new(),
            datacenter: None,
            token: self.token.map(Secret::new),
            agent_token: None,
            acl: Acl::Configured,
            autopilot: Vec::new(),
            others: Others::Keep,
            transport: Transport { secure: false, options },
            timeout: Duration::from_secs(60),
        }
    }

    pub(super) async fn try_ask(
        &self,
        index: usize,
        method: &str,
        path: &str,
        body: &str,
    ) -> Option<String> {
        let token = self.token.map(|token| ("X-Consul-Token".to_owned(), token.to_owned()));
        let request = http::Request {
            method: method.to_owned(),
            url: format!("http://{}/v1/{path}", self.address(index)),
            headers: token.into_iter().collect(),
            body: body.as_bytes().to_vec(),
            ..http::Request::default()
        };
        let options =
            http::Options { timeout: Duration::from_secs(10), ..http::Options::default() };
        let mut answer = http::send(&Direct, &request, &options).await.ok()?;
        let body = answer.whole().await.ok()?;
        Some(String::from_utf8_lossy(&body).into_owned())
    }

    pub(super) async fn ask(&self, index: usize, method: &str, path: &str, body: &str) -> String {
        self.try_ask(index, method, path, body).await.unwrap()
    }

    /// Writes two hundred keys.
    pub(super) async fn fill(&self, index: usize) {
        for number in 0..200 {
            let (key, value) = (format!("kv/a/{number}"), format!("v{number}"));
            assert_eq!(self.ask(index, "PUT", &key, &value).await.trim(), "true");
        }
    }

    /// Returns how many keys there are, and a checksum of them and their values, as a server has them itself.
    pub(super) async fn digest(&self, index: usize) -> (usize, u64) {
        let text = self.ask(index, "GET", "kv/a/?recurse&stale", "").await;
        let value = json::parse(&text).unwrap_or(Value::Null);
        let Some(items) = value.as_list() else { return (0, 0) };
        let mut hasher = DefaultHasher::new();
        for item in items.iter() {
            for name in ["Key", "Value"] {
                item.get(name).unwrap().to_string().hash(&mut hasher);
            }
        }
        (items.len(), hasher.finish())
    }

    /// Writes two hundred keys; returns their number and checksum as soon as a server has them all itself.
    pub(super) async fn written(&self, index: usize) -> (usize, u64) {
        self.fill(index).await;
        let end = Instant::now() + Duration::from_secs(10);
        loop {
            let digest = self.digest(index).await;
            if digest.0 == 200 {
                return digest;
            }
            assert!(Instant::now() < end, "{} keys", digest.0);
        }
    }

    /// Checks that a server has, or gets, what was written.
    pub(super) async fn assert_kept(&self, index: usize, digest: (usize, u64)) {
        let end = Instant::now() + Duration::from_secs(10);
        while self.digest(index).await != digest {
            assert!(Instant::now() < end, "{:?} is not {digest:?}", self.digest(index).await);
        }
    }

    pub(super) async fn assert_whole(&self, which: &[usize]) {
        let mut expected = String::new();
        for index in which {
            write!(expected, "{}:{} ", host(*index), self.ports[1]).unwrap();
        }
        for index in which {
            let text = self.ask(*index, "GET", "operator/raft/configuration", "").await;
            let value = json::parse(&text).unwrap();
            let mut peers: Vec<String> = value
                .get("Servers")
                .and_then(Value::as_list)
                .unwrap()
                .iter()
                .filter(|peer| peer.get("Voter").unwrap().truth())
                .map(|peer| format!("{} ", peer.get("Address").unwrap()))
                .collect();
            peers.sort();
            assert_eq!(peers.concat(), expected, "{text}");
        }
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        for index in 0..self.children.len() {
            self.kill(index);
        }
    }
}

pub(super) fn host(index: usize) -> String {
    format!("127.0.0.{}", index + 2)
}
