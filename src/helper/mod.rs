//! The helper: a process on the target that runs modules for one controller, as one user, as long as the connection
//! lasts. When its input ends, it ends, and whatever it started for a task ends with it.
//!
//! The main thread reads messages; every request runs in a thread of its own, so that a long task, a file and a TCP
//! stream do not wait for each other. Standard output is the stream to the controller and nothing else writes to it.
#![forbid(unsafe_code)]

mod blobs;
mod credit;
pub mod jobs;
mod outbox;
mod paths;
mod request;
mod streams;

use std::collections::HashMap;
use std::io::{BufReader, Read};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::time::Duration;

use crate::protocol::{self, FrameError, FromHelper, Hello, MAGIC, ToHelper};
use crate::system::{Children, Local, Look};

use blobs::Inbox;
use outbox::Outbox;
use streams::Streams;

/// A request that runs.
struct Running {
    children: Arc<Children>,
    inbox: Inbox,
}

/// All requests that run, by number.
type Table = Arc<Mutex<HashMap<u32, Running>>>;

/// How long requests may take to tidy up once the input has ended.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// Serves a controller until the input ends.
pub fn serve(input: impl Read, output: impl std::io::Write + Send + 'static) {
    let outbox = Outbox::new(output);
    if outbox.raw(MAGIC).is_err() || outbox.send(&FromHelper::Ready(hello())).is_err() {
        return;
    }
    let table = Table::default();
    let (at_work, all_done) = mpsc::channel();
    let streams = Streams::new(outbox.clone());
    let mut input = BufReader::with_capacity(protocol::CHUNK, input);
    let mut body = Vec::new();
    loop {
        match protocol::read_into::<ToHelper>(&mut input, &mut body) {
            Ok(ToHelper::Stop)
            | Err(FrameError::End | FrameError::Io(_) | FrameError::Garbled(_)) => break,
            Ok(ToHelper::Run(request)) => start(request, &outbox, &table, at_work.clone()),
            Ok(ToHelper::Ping) => {
                // A connection that is gone ends the helper by its input.
                let _gone = outbox.send(&FromHelper::Pong);
            }
            Ok(message) => take(message, &table, &streams),
        }
    }
    let all: Vec<_> = lock(&table).drain().map(|(_, running)| running.children).collect();
    all.iter().for_each(|children| children.kill());
    drop(at_work);
    // Requests find their programs killed and their contents cut off; what they had begun they throw away.
    let _late = all_done.recv_timeout(LAST_WORDS);
    // A package manager that is cut off leaves packages that are neither there nor not.
    while all.iter().any(|children| children.has_unbroken()) {
        std::thread::sleep(LAST_WORDS / 10);
    }
}

fn take(message: ToHelper, table: &Table, streams: &Streams) {
    match message {
        ToHelper::Data { id, chunk, last } => {
            let running = lock(table);
            match running.get(&id) {
                Some(running) => running.inbox.data(chunk, last),
                None => {
                    drop(running);
                    streams.data(id, chunk, last);
                }
            }
        }
        ToHelper::Sha1 { id, digest } => {
            if let Some(running) = lock(table).get(&id) {
                running.inbox.sha1(digest);
            }
        }
        ToHelper::Took { id, bytes } => {
            if let Some(running) = lock(table).get(&id) {
                running.inbox.took(bytes);
            }
        }
        ToHelper::Cancel { id } => match lock(table).remove(&id) {
            // Asking first takes time; other requests must not wait for it.
            Some(running) => drop(std::thread::spawn(move || running.children.end())),
            None => streams.close(id),
        },
        ToHelper::Open { id, address } => streams.open(id, address),
        ToHelper::Run(_) | ToHelper::Ping | ToHelper::Stop => {}
    }
}

/// Starts a request; `at_work` is dropped when it has ended.
fn start(request: protocol::Request, outbox: &Outbox, table: &Table, at_work: mpsc::Sender<()>) {
    let id = request.id;
    let children = Arc::<Children>::default();
    let (inbox, contents) = blobs::pair(id, &request.blobs, outbox.clone());
    lock(table).insert(id, Running { children: Arc::clone(&children), inbox });
    let (outbox, table) = (outbox.clone(), Arc::clone(table));
    std::thread::spawn(move || {
        let reply = request::run(&request, &contents, &outbox, &children);
        lock(&table).remove(&id);
        // A connection that is gone ends the helper by its input.
        let _gone = outbox.send(&FromHelper::Reply { id, reply });
        drop(at_work);
    });
}

fn hello() -> Hello {
    let machine = Local::new(Vec::new(), Arc::default());
    let uid = machine.uid();
    let user = machine.user_by_id(uid).ok().flatten().unwrap_or_default();
    Hello {
        version: protocol::VERSION,
        pid: std::process::id(),
        uid,
        user: user.name,
        home: user.home,
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Map;
    use crate::protocol::{Reply, Request};

    #[derive(Clone, Default)]
    struct Shared(Arc<Mutex<Vec<u8>>>);

    impl std::io::Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            lock(&self.0).extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn it_greets_and_answers() {
        let (mut near, far) = std::os::unix::net::UnixStream::pair().unwrap();
        let output = Shared::default();
        let taken = output.clone();
        let helper = std::thread::spawn(move || serve(far, output));
        let request =
            Request { id: 1, module: "ping".into(), args: Map::new(), ..Request::default() };
        protocol::send(&mut near, &ToHelper::Run(request)).unwrap();
        let replied = || {
            let bytes = lock(&taken.0).clone();
            let mut rest = bytes.strip_prefix(MAGIC)?;
            let ready = protocol::read::<FromHelper>(&mut rest).ok()?;
            assert!(matches!(ready, FromHelper::Ready(_)));
            protocol::read::<FromHelper>(&mut rest).ok()
        };
        let reply = loop {
            if let Some(reply) = replied() {
                break reply;
            }
            std::thread::yield_now();
        };
        let FromHelper::Reply { id: 1, reply: Reply::Done { changed, outcome, .. } } = reply else {
            panic!("{reply:?}")
        };
        assert!(!changed);
        assert_eq!(outcome.values.get("ping"), Some(&"pong".into()));
        drop(near);
        helper.join().unwrap();
    }
}
