//! A server, a user with a home folder, and a pool that knows both.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use fcplay::base::{Map, Secret, Value};
use fcplay::connection::{
    Escalation, Helper, NoFeed, Operator, Pool, Programs, SshWay, Target, Unreachable, Way,
};
use fcplay::protocol::{Blob, Reply, Request};

use crate::ssh::server::{Server, User, run_program};

/// The helper that this build made.
pub(crate) const HELPER: &str = env!("CARGO_BIN_EXE_fcplay-helper");

/// A request on its way.
pub(crate) type Task = tokio::task::JoinHandle<Result<Reply, Unreachable>>;

/// One server with a user on it.
pub(crate) struct World {
    pub(crate) server: Server,
    pub(crate) user: User,
    sudoers: Option<PathBuf>,
    pub(crate) warnings: Arc<Mutex<Vec<String>>>,
}

impl World {
    /// Starts a server and makes a user; `None`, with a word, where that cannot be.
    pub(crate) fn start() -> Option<Self> {
        Self::on(&[])
    }

    fn on(settings: &[&str]) -> Option<Self> {
        let (Some(server), Some(user)) = (Server::start(settings), User::new()) else {
            eprintln!("skipped: needs /usr/sbin/sshd and root");
            return None;
        };
        let world = Self { server, user, sudoers: None, warnings: Arc::default() };
        fs::create_dir(world.home()).unwrap();
        run_program("usermod", &["-d", world.home().to_str().unwrap(), &world.user.0]);
        world.own(&world.home());
        Some(world)
    }

    /// Starts a server with a user who may use `sudo` as these lines say, `$USER` for the user.
    pub(crate) fn with_sudo(rules: &str) -> Option<Self> {
        Self::with(&[], rules)
    }

    /// The same with lines of sshd's configuration.
    pub(crate) fn with(settings: &[&str], rules: &str) -> Option<Self> {
        if !Path::new("/usr/bin/sudo").exists() {
            eprintln!("skipped: there is no sudo");
            return None;
        }
        let mut world = Self::on(settings)?;
        let file = Path::new("/etc/sudoers.d").join(&world.user.0);
        fs::write(&file, rules.replace("$USER", &world.user.0) + "\n").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o440)).unwrap();
        world.sudoers = Some(file);
        Some(world)
    }

    /// Returns the user's number.
    pub(crate) fn uid(&self) -> u32 {
        fs::metadata(self.home()).unwrap().uid()
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.server.path("home")
    }

    /// Gives a path to the user.
    pub(crate) fn own(&self, path: &Path) {
        run_program("chown", &["-R", &self.user.0, path.to_str().unwrap()]);
    }

    /// Returns a pool with the real helper.
    pub(crate) fn pool(&self) -> Pool {
        self.pool_of(Programs::only(Path::new(HELPER)).unwrap())
    }

    pub(crate) fn pool_of(&self, programs: Programs) -> Pool {
        let warnings = Arc::clone(&self.warnings);
        let warn = move |host: &str, text: &str| {
            warnings.lock().unwrap().push(format!("{host}: {text}"));
        };
        Pool::on(
            self.server.machine(),
            programs,
            Operator { passphrases: None, warn: Arc::new(warn) },
        )
    }

    /// Returns a pool with a helper that no cache of this machine can know from earlier tests.
    pub(crate) fn new_to_all_caches(&self) -> Pool {
        let program = self.server.path("fcplay-helper");
        fs::copy(HELPER, &program).unwrap();
        let mut file = fs::File::options().append(true).open(&program).unwrap();
        // What stands behind a program changes its hash, not what it does.
        write!(file, "{}", self.server.folder.path().display()).unwrap();
        drop(file);
        self.pool_of(Programs::only(&program).unwrap())
    }

    /// Returns the variable of a host that keeps root's helper inside the server's folder.
    pub(crate) fn remote_tmp(&self) -> String {
        format!("ansible_remote_tmp={}", self.server.folder.path().display())
    }

    /// Returns the user on the server.
    pub(crate) fn target(&self) -> Target {
        let way = SshWay {
            address: "127.0.0.1".into(),
            port: Some(self.server.port),
            user: Some(self.user.0.clone()),
            private_key: Some(self.server.path("id")),
            words: self.server.arguments(),
            check_host_key: true,
            timeout: Duration::from_secs(10),
            ..SshWay::default()
        };
        Target { host: "here".into(), way: Way::Ssh(Box::new(way)), escalation: None }
    }

    /// Returns root on the server, become by the user, with a folder of its own for the helper.
    pub(crate) fn root(&self, method: &str, password: Option<&str>) -> Target {
        let escalation = Escalation {
            method: method.into(),
            user: "root".into(),
            password: password.map(Secret::new),
            exe: None,
            flags: None,
            chdir: None,
        };
        let mut target = Target { escalation: Some(escalation), ..self.target() };
        if let Way::Ssh(way) = &mut target.way {
            way.remote_tmp = Some(self.server.folder.path().display().to_string());
        }
        target
    }

    /// Returns the files in the user's cache, with their inode numbers.
    pub(crate) fn cached(&self) -> Vec<(String, u64)> {
        files(&self.home().join(".cache/fcplay"))
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if let Some(file) = &self.sudoers {
            fs::remove_file(file).ok();
        }
    }
}

/// Returns the files in a folder, with their inode numbers.
pub(crate) fn files(folder: &Path) -> Vec<(String, u64)> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<_> = entries
        .map(|entry| {
            let entry = entry.unwrap();
            (entry.file_name().into_string().unwrap(), entry.metadata().unwrap().ino())
        })
        .collect();
    files.sort();
    files
}

/// Starts a request that goes on for ever, and returns the process that it waits for.
pub(crate) async fn busy(world: &World, helper: &Arc<Helper>) -> (Task, u32) {
    let (script, mark) = (world.home().join("wait.sh"), world.home().join("child"));
    fs::remove_file(&mark).ok();
    let text = format!("#!/bin/sh\necho $$ > {}\nexec sleep 1000\n", mark.display());
    fs::write(&script, text).unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    let mut args = Map::new();
    args.insert("dest", Value::from(world.home().join("new").display().to_string()));
    args.insert("validate", Value::from(format!("{} %s", script.display())));
    let blobs = vec![Blob::Inline(b"x".to_vec())];
    let request = Request { module: "copy".into(), args, blobs, ..Request::default() };
    let helper = Arc::clone(helper);
    let task = tokio::spawn(async move { helper.run(request, Arc::new(NoFeed)).await });
    let started = Instant::now();
    loop {
        let text = fs::read_to_string(&mark).unwrap_or_default();
        if let (true, Ok(number)) = (text.ends_with('\n'), text.trim().parse()) {
            return (task, number);
        }
        assert!(!task.is_finished(), "{:?}", task.await);
        assert!(started.elapsed() < Duration::from_secs(5), "the request does not start");
        tokio::task::yield_now().await;
    }
}

/// Runs `ping`: the proof that the helper works.
pub(crate) async fn ping(helper: &Helper) {
    let request = Request { module: "ping".into(), ..Request::default() };
    let reply = helper.run(request, Arc::new(NoFeed)).await.unwrap();
    assert!(matches!(reply, Reply::Done { .. }), "{reply:?}");
}

/// Returns the error of a start that must not succeed.
#[track_caller]
pub(crate) fn refusal(started: Result<Arc<Helper>, Unreachable>) -> Unreachable {
    match started {
        Ok(helper) => panic!("a helper runs as {}", helper.hello().user),
        Err(reason) => reason,
    }
}
