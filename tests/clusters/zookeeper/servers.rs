//! Real servers of ZooKeeper on 127.0.0.2 and on.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use fcplay::base::Secret;
use fcplay::clusters::zookeeper::{
    Client, Lists, Login, Member, Proof, Wish, ensure, look, predict, table,
};
use fcplay::clusters::{Address, Changes};

use super::super::{Direct, Heard, free_port, jars};

const PASSWORD: &str = "only for this täst";
/// `super` and that password, as ZooKeeper stores them.
const DIGEST: &str = "super:ISH8Jd8Rhm4mAs6dLHvZ5hNtPSs=";

/// How the servers are set up.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Setup {
    /// The list stands in files only.
    Files,
    /// The list can be changed, by a user of the scheme `digest`.
    Changeable,
    /// Like that, and clients have to log in with SASL.
    Sasl,
    /// As ZooKeeper is without being told anything: it says nothing of itself but `srvr`.
    Silent,
}

pub(super) struct Servers {
    folder: tempfile::TempDir,
    jars: PathBuf,
    pub(super) setup: Setup,
    pub(super) addresses: Vec<Address>,
    /// The port of the data of each; the one of elections is the next.
    pub(super) ports: Vec<u16>,
    children: Vec<Option<Child>>,
}

impl Servers {
    /// Returns so many servers that do not run yet; nothing where ZooKeeper is not there.
    pub(super) fn new(count: usize, setup: Setup) -> Option<Self> {
        let jars = jars()?;
        let folder = tempfile::tempdir().unwrap();
        let jaas = format!(
            "Server {{\n  org.apache.zookeeper.server.auth.DigestLoginModule required\n  user_admin=\"{PASSWORD}\";\n}};\n"
        );
        std::fs::write(folder.path().join("jaas"), jaas).unwrap();
        let none = Self {
            folder,
            jars,
            setup,
            addresses: Vec::new(),
            ports: Vec::new(),
            children: Vec::new(),
        };
        Some(none.grown(count))
    }

    /// Returns servers that run, all of them on the list of each.
    pub(super) fn start(count: usize, setup: Setup) -> Option<Self> {
        let mut servers = Self::new(count, setup)?;
        let all: Vec<usize> = (0..count).collect();
        for index in 0..count {
            servers.launch(index, &all);
        }
        Some(servers)
    }

    /// Returns the servers with so many more, which do not run yet.
    pub(super) fn grown(mut self, by: usize) -> Self {
        for _ in 0..by {
            let host = format!("127.0.0.{}", self.addresses.len() + 2);
            self.ports.push(free_port(&host, 1));
            self.addresses.push(Address { port: free_port(&host, 1), host });
            self.children.push(None);
        }
        self
    }

    /// Returns what the list says of a server.
    pub(super) fn line(&self, index: usize) -> String {
        let (address, port) = (&self.addresses[index], self.ports[index]);
        let host = &address.host;
        let client = if self.setup == Setup::Files || self.setup == Setup::Silent {
            String::new()
        } else {
            format!(";{address}")
        };
        format!("server.{}={host}:{port}:{}:participant{client}", index + 1, port + 1)
    }

    pub(super) fn path(&self, index: usize) -> PathBuf {
        self.folder.path().join(index.to_string())
    }

    /// Starts a server that knows some others; where it was before, its data are kept.
    pub(super) fn launch(&mut self, index: usize, listed: &[usize]) {
        let lines: Vec<String> = listed.iter().map(|index| self.line(*index)).collect();
        self.launch_with(index, index + 1, &lines.join("\n"));
    }

    pub(super) fn launch_with(&mut self, index: usize, id: usize, lines: &str) {
        let folder = self.path(index);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("myid"), id.to_string()).unwrap();
        let address = &self.addresses[index];
        let mut text = format!(
            "tickTime=200\ninitLimit=50\nsyncLimit=20\nadmin.enableServer=false\ndataDir={}\nstandaloneEnabled={}\n{lines}\n",
            folder.display(),
            lines.is_empty()
        );
        match self.setup {
            Setup::Files | Setup::Silent => text.push_str(&format!(
                "clientPort={}\nclientPortAddress={}\n",
                address.port, address.host
            )),
            Setup::Changeable | Setup::Sasl => text.push_str("reconfigEnabled=true\n"),
        }
        if self.setup != Setup::Silent {
            text.push_str("4lw.commands.whitelist=srvr,mntr,conf\n");
        }
        if self.setup == Setup::Sasl {
            text.push_str("authProvider.1=org.apache.zookeeper.server.auth.SASLAuthenticationProvider\nsessionRequireClientSASLAuth=true\n");
        }
        let file = folder.join("zoo.cfg");
        std::fs::write(&file, text).unwrap();
        self.children[index] = Some(self.java(&file));
    }

    /// Starts a server again as it was left.
    pub(super) fn relaunch(&mut self, index: usize) {
        self.children[index] = Some(self.java(&self.path(index).join("zoo.cfg")));
    }

    fn java(&self, file: &Path) -> Child {
        let log = file.with_file_name("log");
        let log = std::fs::File::options().create(true).append(true).open(log).unwrap();
        let mut command = Command::new("java");
        command.args(["-Xms16m", "-Xmx48m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]);
        command.arg(format!("-Dzookeeper.DigestAuthenticationProvider.superDigest={DIGEST}"));
        if self.setup == Setup::Sasl {
            let jaas = self.folder.path().join("jaas");
            command.arg(format!("-Djava.security.auth.login.config={}", jaas.display()));
            command.arg("-Dzookeeper.superUser=admin");
        }
        command
            .arg("-cp")
            .arg(self.jars.join("*"))
            .arg("org.apache.zookeeper.server.quorum.QuorumPeerMain")
            .arg(file)
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap()
    }

    /// Waits until a server listens.
    pub(super) fn wait(&self, index: usize) {
        let address = &self.addresses[index];
        let end = Instant::now() + Duration::from_secs(60);
        while TcpStream::connect((address.host.as_str(), address.port)).is_err() {
            assert!(Instant::now() < end, "ZooKeeper does not listen at {address}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits until a server serves, whatever it is in its ensemble.
    pub(super) async fn serving(&self, index: usize) {
        let wish = self.wish(&[index]);
        let end = Instant::now() + Duration::from_secs(60);
        while table(&look(&wish, &Direct).await.unwrap())[0].mode.is_none() {
            assert!(Instant::now() < end, "server {} does not serve", index + 1);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub(super) fn kill(&mut self, index: usize) {
        if let Some(mut child) = self.children[index].take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// Takes a server's data away.
    pub(super) fn empty(&self, index: usize) {
        std::fs::remove_dir_all(self.path(index)).unwrap();
    }

    pub(super) fn wish(&self, servers: &[usize]) -> Wish {
        let member = |index: &usize| Member {
            id: Some(*index as u64 + 1),
            peer_port: Some(self.ports[*index]),
            election_port: Some(self.ports[*index] + 1),
            ..Member::at(self.addresses[*index].clone())
        };
        Wish {
            servers: servers.iter().map(member).collect(),
            login: self.login(),
            lists: Lists::Change,
            timeout: Duration::from_secs(60),
        }
    }

    pub(super) fn login(&self) -> Option<Login> {
        let password = Secret::new(PASSWORD);
        match self.setup {
            Setup::Files | Setup::Silent => None,
            Setup::Changeable => {
                Some(Login { user: "super".into(), password, proof: Proof::Digest })
            }
            Setup::Sasl => Some(Login { user: "admin".into(), password, proof: Proof::Sasl }),
        }
    }

    /// Makes it so, and checks that it was foretold, and that nothing is left to do.
    pub(super) async fn made(&self, wish: &Wish) -> Vec<String> {
        let foretold = predict(wish, &look(wish, &Direct).await.unwrap()).unwrap();
        let changes = self.converges(wish).await;
        assert_eq!(changes.steps, foretold.steps);
        assert_eq!(changes.after, foretold.after);
        changes.steps
    }

    /// Makes it so, and checks that nothing is left to do.
    pub(super) async fn converges(&self, wish: &Wish) -> Changes {
        let heard = Heard::default();
        let (changes, _) = match ensure(wish, &Direct, &heard).await {
            Ok(changes) => changes,
            Err(error) => panic!("{error}; after {:?}", heard.steps()),
        };
        assert_eq!(changes.steps, heard.steps());
        let (again, _) = ensure(wish, &Direct, &Heard::default()).await.unwrap();
        assert_eq!(again.steps, [""; 0]);
        assert_eq!((&again.before, &again.after), (&changes.after, &changes.after));
        changes
    }

    pub(super) async fn refused(&self, wish: &Wish) -> String {
        ensure(wish, &Direct, &Heard::default()).await.unwrap_err().to_string()
    }

    /// Writes so many nodes.
    pub(super) async fn fill(&self, index: usize, path: &str, count: usize) {
        let login = self.login();
        let mut client = Client::new(self.addresses[index].clone(), login.as_ref(), &Direct);
        client.create(path, b"").await.unwrap();
        for number in 0..count {
            let data = format!("data of {path} number {number}");
            client.create(&format!("{path}/{number}"), data.as_bytes()).await.unwrap();
        }
        client.close().await;
    }

    /// Returns how many nodes a server has below a path, and the checksum of what is in them.
    pub(super) async fn digest(&self, index: usize, path: &str) -> (usize, u64) {
        let login = self.login();
        let mut client = Client::new(self.addresses[index].clone(), login.as_ref(), &Direct);
        let mut names = client.children(path).await.unwrap();
        names.sort();
        let mut hasher = DefaultHasher::new();
        for name in &names {
            client.get(&format!("{path}/{name}")).await.unwrap().hash(&mut hasher);
            name.hash(&mut hasher);
        }
        client.close().await;
        (names.len(), hasher.finish())
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        if std::thread::panicking() {
            for index in 0..self.children.len() {
                let text = std::fs::read_to_string(self.path(index).join("zoo.cfg"));
                eprintln!("server {}: {}", index + 1, text.unwrap_or_default());
            }
        }
        for index in 0..self.children.len() {
            self.kill(index);
        }
    }
}
