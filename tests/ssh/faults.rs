//! Hosts that do not behave.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use fcplay::connection::ssh::{ConnectError, SessionError, Stage, Target, Terminal};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::server::{Door, free_port, say, words};
use super::start;

#[tokio::test]
async fn a_silent_listener_is_cut() {
    let server = start!();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let timeout = Some(Duration::from_millis(300));
    let started = Instant::now();
    let error =
        server.connect(&Target { port: Some(port), timeout, ..server.target() }).await.unwrap_err();
    assert!(started.elapsed() < Duration::from_secs(3));
    assert!(matches!(error, ConnectError::Timeout { stage: Stage::Handshake, .. }), "{error}");
    let text = error.to_string();
    assert!(
        text.contains("took longer than 0.3 s for its SSH greeting and key exchange\nhint: "),
        "{text}"
    );
}

#[tokio::test]
async fn nobody_and_somebody_else() {
    let server = start!();
    let port = free_port();
    let error = server.connect(&Target { port: Some(port), ..server.target() }).await.unwrap_err();
    assert_eq!(error, ConnectError::Refused { address: format!("127.0.0.1:{port}") });
    let host = "no-such-host.invalid".to_owned();
    let error = server.connect(&Target { host, ..server.target() }).await.unwrap_err();
    assert!(matches!(error, ConnectError::Resolve { .. }), "{error}");
    let web = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = web.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let (mut stream, _) = web.accept().unwrap();
        std::io::Write::write_all(&mut stream, "x".repeat(300).as_bytes()).unwrap();
        std::thread::park();
    });
    let error = server.connect(&Target { port: Some(port), ..server.target() }).await.unwrap_err();
    assert!(error.to_string().ends_with("its greeting is not that of an SSH server"), "{error}");
}

#[tokio::test]
async fn a_cut_connection_ends_everything_on_it() {
    let server = start!();
    let door = Door::before(&server);
    let known = format!("-o HostKeyAlias=[127.0.0.1]:{}", server.port);
    let target = Target { port: Some(door.port), more_arguments: words(&known), ..server.target() };
    let session = server.connect(&target).await.unwrap();
    assert_eq!(say(&session, "echo up").await, "up\n");
    // One that is silent, and one whose input waits for a window that will never open.
    let mut silent = session.exec("cat", Terminal::None).await.unwrap();
    let mut stuck = session.exec("exec sleep 1000", Terminal::None).await.unwrap();
    let writing = tokio::spawn(async move {
        let result = stuck.stdin.write_all(&vec![0; 64 << 20]).await;
        (result.is_err(), stuck.status.wait().await)
    });
    silent.stdin.write_all(b"x").await.unwrap();
    let mut byte = [0];
    silent.stdout.read_exact(&mut byte).await.unwrap();
    door.slam();
    let (failed, status) = writing.await.unwrap();
    assert!(failed);
    assert!(matches!(status, Err(SessionError::Lost { .. })), "{status:?}");
    assert!(silent.stdout.read(&mut byte).await.is_err());
    assert_eq!(session.closed().await.as_deref(), Some("the host hung up"));
    assert!(session.is_closed());
    let error = session.exec("true", Terminal::None).await.unwrap_err().to_string();
    assert!(error.ends_with("is lost: the host hung up"), "{error}");
}

#[tokio::test]
async fn a_host_that_stops_answering_is_noticed() {
    let server = start!();
    let alive = "-o ServerAliveInterval=1 -o ServerAliveCountMax=1".to_owned();
    let session =
        server.connect(&Target { more_arguments: words(&alive), ..server.target() }).await.unwrap();
    let pid = say(&session, "echo $PPID").await;
    let stop = |signal: &str| super::server::run_program("kill", &[signal, pid.trim()]);
    stop("-STOP");
    let why = session.closed().await;
    stop("-CONT");
    assert_eq!(why.as_deref(), Some("the host stopped answering"));
}

#[tokio::test]
async fn being_dropped_by_a_busy_host_is_not_the_end() {
    let server = start!();
    // Hangs up on the first two, as sshd does beyond MaxStartups, then lets through.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (port, to) = (listener.local_addr().unwrap().port(), server.port);
    tokio::spawn(async move {
        for number in 0.. {
            let (mut inner, _) = listener.accept().await.unwrap();
            if number < 2 {
                inner.write_all(b"Exceeded MaxStartups\r\n").await.unwrap();
                continue;
            }
            tokio::spawn(async move {
                let mut outer = tokio::net::TcpStream::connect(("127.0.0.1", to)).await.unwrap();
                tokio::io::copy_bidirectional(&mut inner, &mut outer).await.ok();
            });
        }
    });
    let known = format!("-o HostKeyAlias=[127.0.0.1]:{to}");
    let target = Target { port: Some(port), more_arguments: words(&known), ..server.target() };
    assert!(server.connect(&target).await.is_ok());
}

#[tokio::test]
async fn always_being_dropped_is() {
    let server = start!();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let count = tokio::spawn(async move {
        for _ in 0..4 {
            listener.accept().await.unwrap();
        }
    });
    let error = server.connect(&Target { port: Some(port), ..server.target() }).await.unwrap_err();
    assert!(matches!(error, ConnectError::Closed { stage: Stage::Handshake, .. }), "{error}");
    count.await.unwrap();
}

#[tokio::test]
async fn no_cipher_in_common() {
    let server = start!("Ciphers aes256-ctr");
    let only = "-o Ciphers=aes128-gcm@openssh.com".to_owned();
    let error = server
        .connect(&Target { more_arguments: words(&only), ..server.target() })
        .await
        .unwrap_err();
    assert_eq!(
        server.plain(&error),
        "`me@127.0.0.1:PORT` and fcplay do not understand each other: no cipher in common; we offer aes128-gcm@openssh.com, the host aes256-ctr\nhint: an old host may need `Ciphers +…` in ~/.ssh/config"
    );
}

#[tokio::test]
async fn mistakes_in_the_configuration() {
    let server = start!();
    let wrong = Target { more_arguments: words("-o Port=x"), ..server.target() };
    let error = server.connect(&wrong).await.unwrap_err().to_string();
    assert_eq!(error, "ansible_ssh_common_args: `x` is not a port");
}
