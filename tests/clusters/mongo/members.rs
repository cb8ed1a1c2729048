//! Real members on 127.0.0.2 and on, which ask for a login and trust each other by a key file.

use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use bson::{Document, doc};
use fcplay::base::Secret;
use fcplay::clusters::Address;
use fcplay::clusters::mongo::{Client, Login, Lost, Member, Others, Wish};

use super::super::{Direct, free_port, server};

pub(super) struct Members {
    folder: tempfile::TempDir,
    program: PathBuf,
    pub(super) addresses: Vec<Address>,
    children: Vec<Option<Child>>,
}

impl Members {
    /// Starts so many members; nothing where MongoDB is not there.
    pub(super) fn start(count: usize) -> Option<Self> {
        let program = server("mongodb-6.0.5/mongod")?;
        let folder = tempfile::tempdir().unwrap();
        let key = folder.path().join("key");
        std::fs::write(&key, "b25seSBmb3IgdGhpcyB0ZXN0").unwrap();
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o400)).unwrap();
        let mut members = Self { folder, program, addresses: Vec::new(), children: Vec::new() };
        for index in 0..count {
            let host = format!("127.0.0.{}", index + 2);
            members.addresses.push(Address { port: free_port(&host, 1), host });
            members.children.push(None);
            members.launch(index, "rs0");
        }
        for index in 0..count {
            members.wait(index);
        }
        Some(members)
    }

    pub(super) fn launch(&mut self, index: usize, set: &str) {
        let address = &self.addresses[index];
        let folder = self.folder.path().join(index.to_string());
        std::fs::create_dir_all(&folder).unwrap();
        let child = Command::new(&self.program)
            .args(["--replSet", set, "--bind_ip", &format!("127.0.0.1,{}", address.host)])
            .args(["--port", &address.port.to_string(), "--oplogSize", "8", "--nounixsocket"])
            .args(["--wiredTigerCacheSizeGB", "0.25"])
            .args(["--setParameter", "diagnosticDataCollectionEnabled=false"])
            .args(["--setParameter", "shutdownTimeoutMillisForSignaledShutdown=100"])
            .arg("--keyFile")
            .arg(self.folder.path().join("key"))
            .arg("--dbpath")
            .arg(&folder)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        self.children[index] = Some(child);
    }

    pub(super) fn wait(&self, index: usize) {
        let address = &self.addresses[index];
        let end = Instant::now() + Duration::from_secs(60);
        while TcpStream::connect((address.host.as_str(), address.port)).is_err() {
            assert!(Instant::now() < end, "mongod does not listen at {address}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    pub(super) fn kill(&mut self, index: usize) {
        if let Some(mut child) = self.children[index].take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// Throws all members away and starts them bare.
    pub(super) fn renew(&mut self) {
        for index in 0..self.children.len() {
            self.kill(index);
            self.empty(index);
            self.launch(index, "rs0");
        }
        for index in 0..self.children.len() {
            self.wait(index);
        }
    }

    /// Takes a member's data away.
    fn empty(&self, index: usize) {
        std::fs::remove_dir_all(self.folder.path().join(index.to_string())).unwrap();
    }

    /// Gives a member a new address; its data stay.
    pub(super) fn move_away(&mut self, index: usize) {
        self.kill(index);
        let host = self.addresses[index].host.clone();
        self.addresses[index].port = free_port(&host, 1);
        self.launch(index, "rs0");
        self.wait(index);
    }

    pub(super) fn wish(&self, members: &[usize]) -> Wish {
        let member = |index: &usize| Member::at(self.addresses[*index].clone());
        Wish {
            name: "rs0".into(),
            members: members.iter().map(member).collect(),
            login: Some(login()),
            others: Others::Keep,
            lost: Lost::Wait,
            timeout: Duration::from_secs(60),
        }
    }

    pub(super) async fn ask(&self, index: usize, database: &str, command: Document) -> Document {
        let mut client = Client::new(self.addresses[index].clone(), &Direct);
        client.log_in(&login()).await.unwrap();
        client.ask(database, command).await.unwrap()
    }

    /// Writes a thousand documents on the primary, to most members.
    pub(super) async fn fill(&self, primary: usize) {
        let documents: Vec<Document> = (0..1000).map(|number| doc! {"_id": number}).collect();
        let concern = doc! {"w": "majority"};
        self.ask(
            primary,
            "app",
            doc! {"insert": "things", "documents": documents, "writeConcern": concern},
        )
        .await;
    }

    /// Returns the checksum of what was written, as a member has it.
    pub(super) async fn digest(&self, index: usize) -> String {
        let answer = self.ask(index, "app", doc! {"dbHash": 1}).await;
        answer.get_str("md5").unwrap().to_owned()
    }
}

impl Drop for Members {
    fn drop(&mut self) {
        for index in 0..self.children.len() {
            self.kill(index);
        }
    }
}

/// Who logs in.
pub(super) fn login() -> Login {
    Login {
        user: "admin".into(),
        password: Secret::new("only for this täst"),
        database: "admin".into(),
    }
}
