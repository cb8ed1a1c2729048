//! TCP and Unix streams that the controller opens from here.

use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::time::Duration;

use super::outbox::Outbox;
use crate::protocol::{Address, CHUNK, Chunk, FromHelper};
use crate::system::{Local, addresses};

/// How long opening may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// The streams that are open.
#[derive(Clone)]
pub(super) struct Streams {
    outbox: Outbox,
    open: Arc<Mutex<HashMap<u32, mpsc::Sender<Piece>>>>,
}

/// What is to be done with a stream.
enum Piece {
    Write(Vec<u8>),
    End,
    Close,
}

/// Either kind of stream.
enum Socket {
    Tcp(TcpStream),
    Unix(UnixStream),
}

impl Streams {
    pub(super) fn new(outbox: Outbox) -> Self {
        Self { outbox, open: Arc::default() }
    }

    /// Opens a stream; the controller hears when it is open, or why not.
    pub(super) fn open(&self, id: u32, address: Address) {
        let (sender, pieces) = mpsc::channel();
        self.lock().insert(id, sender);
        let this = self.clone();
        std::thread::spawn(move || {
            match connect(&address) {
                Ok(socket) => this.serve(id, &socket, &pieces),
                Err(error) => {
                    let result = Err(error.to_string());
                    let _gone = this.outbox.send(&FromHelper::Opened { id, result });
                }
            }
            this.lock().remove(&id);
        });
    }

    pub(super) fn data(&self, id: u32, chunk: Chunk, last: bool) {
        let open = self.lock();
        let Some(stream) = open.get(&id) else { return };
        if let Ok(bytes) = chunk.into_bytes() {
            let _closed = stream.send(Piece::Write(bytes));
        }
        if last {
            let _closed = stream.send(Piece::End);
        }
    }

    pub(super) fn close(&self, id: u32) {
        if let Some(stream) = self.lock().remove(&id) {
            let _closed = stream.send(Piece::Close);
        }
    }

    /// Moves bytes in both directions until both ends are closed.
    fn serve(&self, id: u32, socket: &Socket, pieces: &mpsc::Receiver<Piece>) {
        let Ok(reader) = socket.share() else { return };
        if self.outbox.send(&FromHelper::Opened { id, result: Ok(()) }).is_err() {
            return;
        }
        let outbox = self.outbox.clone();
        std::thread::spawn(move || pump(id, reader, &outbox));
        for piece in pieces {
            match piece {
                Piece::Write(bytes) => {
                    if socket.write(&bytes).is_err() {
                        break;
                    }
                }
                Piece::End => socket.shut(Shutdown::Write),
                Piece::Close => break,
            }
        }
        socket.shut(Shutdown::Both);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u32, mpsc::Sender<Piece>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Sends what comes from the other side.
fn pump(id: u32, mut reader: Socket, outbox: &Outbox) {
    let mut buffer = vec![0; CHUNK];
    loop {
        let length = reader.read(&mut buffer).unwrap_or(0);
        let message =
            FromHelper::Data { id, chunk: Chunk::plain(&buffer[..length]), last: length == 0 };
        if outbox.send(&message).is_err() || length == 0 {
            return;
        }
    }
}

fn connect(address: &Address) -> io::Result<Socket> {
    match address {
        Address::Unix(path) => UnixStream::connect(path).map(Socket::Unix),
        Address::Tcp { host, port } => {
            let machine = Local::new(Vec::new(), Arc::default());
            let found = addresses(&machine, host, *port).map_err(io::Error::other)?;
            let mut failure = io::Error::new(
                io::ErrorKind::NotFound,
                format!("the host cannot resolve `{host}`"),
            );
            for address in found {
                match TcpStream::connect_timeout(&address, PATIENCE) {
                    Ok(stream) => {
                        stream.set_nodelay(true)?;
                        return Ok(Socket::Tcp(stream));
                    }
                    Err(error) => failure = error,
                }
            }
            Err(failure)
        }
    }
}

impl Socket {
    fn share(&self) -> io::Result<Self> {
        match self {
            Self::Tcp(stream) => stream.try_clone().map(Self::Tcp),
            Self::Unix(stream) => stream.try_clone().map(Self::Unix),
        }
    }

    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.read(buffer),
            Self::Unix(stream) => stream.read(buffer),
        }
    }

    fn write(&self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Tcp(stream) => (&*stream).write_all(bytes),
            Self::Unix(stream) => (&*stream).write_all(bytes),
        }
    }

    fn shut(&self, how: Shutdown) {
        // A stream that the other side has closed cannot be shut; that is what was wanted.
        let _closed = match self {
            Self::Tcp(stream) => stream.shutdown(how),
            Self::Unix(stream) => stream.shutdown(how),
        };
    }
}
