//! An sshd on a free port of loopback, with keys and a home of its own, gone when it is dropped.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use fcplay::base::Secret;
use fcplay::connection::ssh::{
    Client, ConnectError, Machine, Output, Secrets, Session, Target, Terminal,
};

const SSHD: &str = "/usr/sbin/sshd";

/// A running server.
pub(crate) struct Server {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) port: u16,
    child: Child,
}

impl Server {
    /// Starts a server with further lines of configuration; `None` where there is no sshd.
    pub(crate) fn start(settings: &[&str]) -> Option<Self> {
        if !Path::new(SSHD).exists() {
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        fs::create_dir_all("/run/sshd").ok();
        fs::create_dir(folder.path().join(".ssh")).unwrap();
        for kind in ["ed25519", "ecdsa", "rsa"] {
            key(&folder.path().join(format!("host_{kind}")), kind, "");
        }
        key(&folder.path().join("id"), "ed25519", "");
        let port = free_port();
        let server = Self { child: run(folder.path(), port, settings), folder, port };
        server.authorize("id");
        server.trust("ed25519");
        Some(server)
    }

    /// Returns a path inside the server's folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Lets a key in.
    pub(crate) fn authorize(&self, name: &str) {
        let public = fs::read_to_string(self.path(&format!("{name}.pub"))).unwrap();
        let file = self.path("authorized_keys");
        let known = fs::read_to_string(&file).unwrap_or_default();
        fs::write(&file, known + &public).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    }

    /// Makes the server's key of a kind the only known one.
    pub(crate) fn trust(&self, kind: &str) {
        fs::write(self.path("known_hosts"), self.known_line(kind)).unwrap();
    }

    /// Returns the line of `known_hosts` for a key of the server.
    pub(crate) fn known_line(&self, kind: &str) -> String {
        let public = fs::read_to_string(self.path(&format!("host_{kind}.pub"))).unwrap();
        format!("[127.0.0.1]:{} {public}", self.port)
    }

    /// Returns how to reach the server with its first key.
    pub(crate) fn target(&self) -> Target {
        Target {
            host: "127.0.0.1".to_owned(),
            port: Some(self.port),
            user: Some(Machine::this().user),
            private_key_file: Some(self.path("id")),
            arguments: self.arguments(),
            ..Target::default()
        }
    }

    /// Returns arguments that keep the tester's own files out.
    pub(crate) fn arguments(&self) -> Vec<String> {
        let known = self.path("known_hosts");
        words(&format!(
            "-F none -o UserKnownHostsFile={} -o GlobalKnownHostsFile=none",
            known.display()
        ))
    }

    /// Returns a machine whose home is the server's folder, without an agent.
    pub(crate) fn machine(&self) -> Machine {
        Machine {
            home: self.folder.path().to_path_buf(),
            agent: None,
            user_config: self.path(".ssh/config"),
            system_config: self.path("none"),
            ..Machine::this()
        }
    }

    /// Connects without a password.
    pub(crate) async fn connect(&self, target: &Target) -> Result<Session, ConnectError> {
        Client::new(self.machine()).connect(target, &Secrets::default()).await
    }

    /// Connects and runs `id -un`: the proof that we are in.
    #[track_caller]
    pub(crate) fn logs_in(&self, target: &Target, secrets: &Secrets) -> impl Future<Output = ()> {
        let client = Client::new(self.machine());
        async move {
            let session =
                client.connect(target, secrets).await.unwrap_or_else(|error| panic!("{error}"));
            let user = target.user.clone().unwrap();
            assert_eq!(say(&session, "id -un").await, format!("{user}\n"));
            session.disconnect().await;
        }
    }

    /// Returns a text without what differs from run to run.
    pub(crate) fn plain(&self, error: &impl std::fmt::Display) -> String {
        let user = Machine::this().user;
        let text = error.to_string().replace(&self.folder.path().display().to_string(), "~");
        let text = text.replace(&self.port.to_string(), "PORT").replace(&format!("{user}@"), "me@");
        let words = text.split(' ').map(|word| match word.find("SHA256:") {
            Some(start) => {
                let end =
                    word[start..].find([')', ',', '\n']).map_or(word.len(), |end| start + end);
                format!("{}PRINT{}", &word[..start], &word[end..])
            }
            None => word.to_owned(),
        });
        words.collect::<Vec<_>>().join(" ")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn run(folder: &Path, port: u16, settings: &[&str]) -> Child {
    let at = folder.display();
    let mut text = String::new();
    // The first value wins in sshd's configuration.
    for setting in settings {
        text.push_str(&setting.replace("$DIR", &at.to_string()));
        text.push('\n');
    }
    text.push_str(&format!(
        "Port {port}\nListenAddress 127.0.0.1\nHostKey {at}/host_ed25519\nHostKey {at}/host_ecdsa\nHostKey {at}/host_rsa\n\
         AuthorizedKeysFile {at}/authorized_keys\nStrictModes no\nUsePAM no\nPidFile none\nPasswordAuthentication no\n\
         KbdInteractiveAuthentication no\nPermitRootLogin yes\nMaxStartups 1000\nLogLevel VERBOSE\n"
    ));
    let config = folder.join("sshd_config");
    fs::write(&config, text).unwrap();
    let mut child = Command::new(SSHD)
        .args(["-D", "-e", "-f"])
        .arg(&config)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut log = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    let mut said = String::new();
    loop {
        line.clear();
        if log.read_line(&mut line).unwrap() == 0 {
            panic!("sshd does not start: {said}");
        }
        if line.contains("Server listening") {
            break;
        }
        said.push_str(&line);
    }
    let file = folder.join("log");
    std::thread::spawn(move || {
        let mut file = fs::File::create(file).unwrap();
        // Not by `io::copy`: it splices, and on overlayfs a splice that waits for the pipe locks the file, so that it
        // cannot be removed as long as a session of this server lives.
        line.clear();
        while log.read_line(&mut line).is_ok_and(|length| length > 0) {
            file.write_all(line.as_bytes()).ok();
            line.clear();
        }
    });
    child
}

/// Makes a key pair.
pub(crate) fn key(path: &Path, kind: &str, passphrase: &str) {
    let mut keygen = Command::new("ssh-keygen");
    keygen.args(["-q", "-t", kind, "-N", passphrase, "-C", "test", "-f"]).arg(path);
    if kind == "rsa" {
        keygen.args(["-b", "2048"]);
    }
    if !passphrase.is_empty() {
        keygen.args(["-a", "4"]);
    }
    assert!(keygen.status().unwrap().success());
}

/// Runs a program that must succeed.
#[track_caller]
pub(crate) fn run_program(program: &str, arguments: &[&str]) {
    let output = Command::new(program).args(arguments).output().unwrap();
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Returns a port that nobody listens on.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Runs a command and returns what it wrote.
pub(crate) async fn say(session: &Session, command: &str) -> String {
    let Output { stdout, .. } = output(session, command, b"").await;
    String::from_utf8(stdout).unwrap()
}

/// Runs a command to its end.
pub(crate) async fn output(session: &Session, command: &str, input: &[u8]) -> Output {
    session.exec(command, Terminal::None).await.unwrap().output(input).await.unwrap()
}

/// Returns secrets with a password.
pub(crate) fn password(text: &str) -> Secrets {
    Secrets { password: Some(Secret::new(text)), ..Secrets::default() }
}

/// A user of this machine with the password `correct horse`, gone when dropped; `None` without root.
pub(crate) struct User(pub(crate) String);

static USERS: AtomicUsize = AtomicUsize::new(0);

/// The files of users take one change at a time, and say no to a second one.
static CHANGING: Mutex<()> = Mutex::new(());

impl User {
    pub(crate) fn new() -> Option<Self> {
        if Machine::this().uid != 0 {
            return None;
        }
        let number = USERS.fetch_add(1, Ordering::Relaxed);
        let name = format!("fct{}x{number}", std::process::id());
        let _one = CHANGING.lock().unwrap_or_else(PoisonError::into_inner);
        // A number of its own: processes of a user that is gone would belong to the next one with the same.
        let uid = 100_000 + (u64::from(std::process::id()) * 64 + number as u64) % 1_000_000;
        let uid = uid.to_string();
        run_program("useradd", &["-M", "-d", "/", "-s", "/bin/sh", "-u", &uid, &name]);
        let user = Self(name);
        let mut chpasswd = Command::new("chpasswd").stdin(Stdio::piped()).spawn().unwrap();
        let mut input = chpasswd.stdin.take().unwrap();
        std::io::Write::write_all(&mut input, format!("{}:correct horse\n", user.0).as_bytes())
            .unwrap();
        drop(input);
        assert!(chpasswd.wait().unwrap().success());
        Some(user)
    }

    /// Removes what a helper of the user has left where all users may write.
    pub(crate) fn forget(&self) {
        let uid = Command::new("id").args(["-u", &self.0]).output().unwrap().stdout;
        let uid = String::from_utf8(uid).unwrap();
        fs::remove_dir_all(format!("/var/tmp/fcplay-{}", uid.trim())).unwrap();
    }
}

impl Drop for User {
    fn drop(&mut self) {
        let _one = CHANGING.lock().unwrap_or_else(PoisonError::into_inner);
        // By force: the server's processes for the user may still be going.
        Command::new("userdel").args(["-f", &self.0]).output().ok();
    }
}

/// An ssh-agent, gone when dropped.
pub(crate) struct Agent {
    pub(crate) socket: PathBuf,
    child: Child,
}

impl Agent {
    /// Starts an agent with these keys.
    pub(crate) fn start(folder: &Path, keys: &[PathBuf]) -> Self {
        let socket = folder.join("agent.sock");
        let child =
            Command::new("ssh-agent").args(["-D", "-a"]).arg(&socket).stdout(Stdio::null()).spawn();
        let agent = Self { child: child.unwrap(), socket };
        let listening = || std::os::unix::net::UnixStream::connect(&agent.socket).is_ok();
        while !listening() {
            std::thread::yield_now();
        }
        for key in keys {
            let added = Command::new("ssh-add")
                .arg("-q")
                .arg(key)
                .env("SSH_AUTH_SOCK", &agent.socket)
                .status();
            assert!(added.unwrap().success());
        }
        agent
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// A door between the tests and a server that can be slammed shut.
pub(crate) struct Door {
    pub(crate) port: u16,
    streams: std::sync::Arc<std::sync::Mutex<Vec<TcpStream>>>,
}

impl Door {
    pub(crate) fn before(server: &Server) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let streams = std::sync::Arc::<std::sync::Mutex<Vec<TcpStream>>>::default();
        let (kept, to) = (std::sync::Arc::clone(&streams), server.port);
        std::thread::spawn(move || {
            for inner in listener.incoming() {
                let Ok(inner) = inner else { return };
                let outer = TcpStream::connect(("127.0.0.1", to)).unwrap();
                for (mut from, mut to) in [
                    (inner.try_clone().unwrap(), outer.try_clone().unwrap()),
                    (outer.try_clone().unwrap(), inner.try_clone().unwrap()),
                ] {
                    std::thread::spawn(move || std::io::copy(&mut from, &mut to).ok());
                }
                kept.lock().unwrap().extend([inner, outer]);
            }
        });
        Self { port, streams }
    }

    /// Cuts all connections.
    pub(crate) fn slam(&self) {
        for stream in self.streams.lock().unwrap().drain(..) {
            stream.shutdown(std::net::Shutdown::Both).ok();
        }
    }
}

/// Splits arguments.
pub(crate) fn words(text: &str) -> Vec<String> {
    fcplay::connection::ssh::shell_words(text).unwrap()
}
