//! Clusters of real servers. Quiet where a server is not there; `integration/servers` fetches them.

mod kafka;
mod mongo;
mod redis;

use std::net::TcpListener;
use std::sync::Mutex;

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

/// Returns a port that is free, along with another one so much higher, and that nobody gets by chance.
fn free_port(host: &str, second: u16) -> u16 {
    loop {
        let port = TcpListener::bind((host, 0)).unwrap().local_addr().unwrap().port();
        let port = 20_000 + port % 12_000;
        if TcpListener::bind((host, port)).is_ok()
            && TcpListener::bind((host, port + second)).is_ok()
        {
            return port;
        }
    }
}
