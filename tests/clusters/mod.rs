//! Clusters of real servers. Quiet where a server is not there; `integration/servers` fetches them.

mod consul;
mod kafka;
mod mongo;
mod redis;
mod redis_sentinel;
mod zookeeper;

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant, SystemTime};

use fcplay::clusters::{Dial, Dialing, Line, Observer};
use tokio::sync::Notify;

/// Dials straight from here.
struct Direct;

impl Dial for Direct {
    fn tcp<'a>(&'a self, host: &'a str, port: u16) -> Dialing<'a> {
        Box::pin(async move {
            let stream = tokio::net::TcpStream::connect((host, port)).await?;
            Ok(Box::new(stream) as Box<dyn Line>)
        })
    }

    fn unix<'a>(&'a self, _path: &'a str) -> Dialing<'a> {
        Box::pin(async { Err(std::io::ErrorKind::Unsupported.into()) })
    }
}

#[derive(Default)]
struct Heard(Mutex<Vec<String>>);

impl Heard {
    fn steps(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

impl Observer for Heard {
    fn step(&self, text: &str) {
        self.0.lock().unwrap().push(text.to_owned());
    }
}

/// Stops after so many steps, as a run that breaks off does.
struct Break {
    left: Mutex<usize>,
    stop: Notify,
}

impl Break {
    fn after(steps: usize) -> Self {
        Self { left: Mutex::new(steps), stop: Notify::new() }
    }
}

impl Observer for Break {
    fn step(&self, _text: &str) {
        let mut left = self.left.lock().unwrap();
        *left = left.saturating_sub(1);
        if *left == 0 {
            self.stop.notify_one();
        }
    }
}

/// Returns the folder with the jars of Kafka and ZooKeeper; nothing where they or Java are not there.
fn jars() -> Option<PathBuf> {
    let java = Command::new("java").arg("-version").stderr(Stdio::null()).status();
    server("kafka-3.9.2").filter(|_| java.is_ok_and(|status| status.success()))
}

/// Ends a server at the first step that has this word.
struct Deadly {
    word: &'static str,
    child: Mutex<Child>,
}

impl Deadly {
    fn new(child: Child, word: &'static str) -> Self {
        Self { word, child: Mutex::new(child) }
    }

    fn end(&self) {
        let mut child = self.child.lock().unwrap();
        let _gone = child.kill();
        let _gone = child.wait();
    }
}

impl Observer for Deadly {
    fn step(&self, text: &str) {
        if text.contains(self.word) {
            self.end();
        }
    }
}

impl Drop for Deadly {
    fn drop(&mut self) {
        self.end();
    }
}

/// Returns a port that is free, along with the next and one so much higher, and that nobody gets by chance or again.
fn free_port(host: &str, second: u16) -> u16 {
    static GIVEN: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());
    loop {
        let port = TcpListener::bind((host, 0)).unwrap().local_addr().unwrap().port();
        let port = 20_000 + port % 12_000;
        let mut given = GIVEN.lock().unwrap();
        let is_free = |port: u16| !given.contains(&port) && TcpListener::bind((host, port)).is_ok();
        let ports = [port, port + 1, port + second];
        if ports.into_iter().all(is_free) {
            given.extend(ports);
            return port;
        }
    }
}

/// Returns a program that `integration/servers` fetched; nothing where it is not there.
fn server(path: &str) -> Option<PathBuf> {
    let servers = std::env::var("FCPLAY_SERVERS");
    let servers = servers.unwrap_or_else(|_| "/var/cache/fcplay-servers".into());
    Some(PathBuf::from(servers).join(path)).filter(|program| program.exists())
}

/// Returns the Redis server to test with, when there is one; `FCPLAY_REDIS` names the folder of another one than usual.
fn redis_server() -> Option<PathBuf> {
    let folder = std::env::var_os("FCPLAY_REDIS").map(PathBuf::from).unwrap_or_default();
    let program = folder.join("redis-server");
    let found = Command::new(&program).arg("--version").stdout(Stdio::null()).status();
    found.is_ok_and(|status| status.success()).then_some(program)
}

/// Random times; `FCPLAY_SEED` has the same ones come again.
struct Chance(u64);

impl Chance {
    fn new() -> Self {
        let given = std::env::var("FCPLAY_SEED").ok().and_then(|seed| seed.parse().ok());
        let seed = given.unwrap_or_else(|| {
            let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
            u64::from(now.subsec_nanos()) + now.as_secs()
        });
        eprintln!("FCPLAY_SEED={seed}");
        Self(seed | 1)
    }

    /// Returns a time below this one.
    fn below(&mut self, limit: Duration) -> Duration {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        Duration::from_micros(self.0 % u64::try_from(limit.as_micros()).unwrap())
    }
}

/// Lets something be done, and cuts it off after a random time; returns what came of it when that was too late.
async fn cut_off<T>(
    chance: &mut Chance,
    limit: Duration,
    work: impl Future<Output = T>,
) -> Option<T> {
    let moment = chance.below(limit);
    let result = tokio::time::timeout(moment, work).await.ok();
    eprintln!("cut off after {moment:?}{}", if result.is_some() { ", too late" } else { "" });
    result
}

/// Runs that are cut off at random moments of the time that a whole run takes.
struct Cuts {
    chance: Chance,
    whole: Duration,
}

impl Cuts {
    /// How many runs are cut off.
    const COUNT: usize = 10;

    /// Begins with a run that is let alone.
    async fn measured<T>(run: impl Future<Output = T>) -> (Self, T) {
        let start = Instant::now();
        let result = run.await;
        (Self { chance: Chance::new(), whole: start.elapsed() }, result)
    }

    /// Returns how many runs are cut off where each takes long: all with `FCPLAY_LONG`, otherwise a few.
    fn count() -> usize {
        if std::env::var_os("FCPLAY_LONG").is_some() { Self::COUNT } else { 3 }
    }

    /// Returns how many pairs of runs, there and back, are cut off.
    fn pairs() -> usize {
        Self::count().div_ceil(2)
    }

    /// Cuts a run off.
    async fn cut<T>(&mut self, run: impl Future<Output = T>) -> Option<T> {
        cut_off(&mut self.chance, self.whole, run).await
    }
}
