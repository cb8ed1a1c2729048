//! Programs on the other side.

use fcplay::connection::ssh::{Client, Exit, Machine, Output, Process, Secrets, Target, Terminal};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::server::{Agent, output, say, words};
use super::start;

#[tokio::test]
async fn exit_codes_signals_and_streams() {
    let server = start!();
    let session = server.connect(&server.target()).await.unwrap();
    let bytes = |text: &str| text.as_bytes().to_vec();
    assert_eq!(
        output(&session, "cat; echo oops >&2; exit 42", b"input").await,
        Output { exit: Exit::Code(42), stdout: bytes("input"), stderr: bytes("oops\n") }
    );
    assert_eq!(output(&session, "kill -TERM $$", b"").await.exit, Exit::Signal("TERM".to_owned()));
    assert_eq!(output(&session, "/nowhere", b"").await.exit, Exit::Code(127));
}

#[tokio::test]
async fn much_output_both_ways_at_once() {
    let server = start!();
    let session = server.connect(&server.target()).await.unwrap();
    let size = 64 << 20;
    let started = std::time::Instant::now();
    let output =
        output(&session, &format!("head -c {size} /dev/zero; head -c {size} /dev/zero >&2"), b"")
            .await;
    eprintln!("128 MiB out: {:?}", started.elapsed());
    assert_eq!((output.stdout.len(), output.stderr.len()), (size, size));
    let input = vec![7; size];
    let started = std::time::Instant::now();
    let echoed = super::server::output(&session, "cat", &input).await;
    eprintln!("64 MiB there and back: {:?}", started.elapsed());
    assert!(echoed.stdout == input);
}

#[tokio::test]
async fn a_channel_that_nobody_reads_does_not_stop_the_others() {
    let server = start!();
    let session = server.connect(&server.target()).await.unwrap();
    let silent = session.exec("head -c 20000000 /dev/zero", Terminal::None).await.unwrap();
    for _ in 0..5 {
        assert_eq!(say(&session, "echo here").await, "here\n");
    }
    assert_eq!(silent.output(b"").await.unwrap().stdout.len(), 20_000_000);
}

#[tokio::test]
async fn a_conversation() {
    let server = start!();
    let session = server.connect(&server.target()).await.unwrap();
    let process = session.exec("while read x; do echo got $x; done", Terminal::None).await.unwrap();
    let Process { mut stdin, mut stdout, stderr: _, status } = process;
    for number in 0..100 {
        stdin.write_all(format!("{number}\n").as_bytes()).await.unwrap();
        let expected = format!("got {number}\n");
        let mut answer = vec![0; expected.len()];
        stdout.read_exact(&mut answer).await.unwrap();
        assert_eq!(answer, expected.as_bytes());
    }
    drop(stdin);
    assert_eq!(status.wait().await, Ok(Exit::Code(0)));
}

#[tokio::test]
async fn a_program_that_does_not_read_its_input() {
    let server = start!();
    let session = server.connect(&server.target()).await.unwrap();
    let output = output(&session, "exit 3", &vec![0; 8 << 20]).await;
    assert_eq!(output.exit, Exit::Code(3));
}

#[tokio::test]
async fn dropping_the_status_ends_the_program() {
    let server = start!();
    let session = server.connect(&server.target()).await.unwrap();
    let process = session.exec("cat; echo gone > $HOME/never", Terminal::None).await.unwrap();
    let Process { stdin, mut stdout, stderr: _, status } = process;
    drop(status);
    let mut rest = Vec::new();
    stdout.read_to_end(&mut rest).await.ok();
    drop(stdin);
    assert_eq!(say(&session, "echo still here").await, "still here\n");
}

#[tokio::test]
async fn a_terminal_passes_bytes_as_they_are() {
    let server = start!();
    let session = server.connect(&server.target()).await.unwrap();
    let process = session.exec("test -t 0 && echo tty; head -c 256", Terminal::Raw).await.unwrap();
    let bytes: Vec<u8> = (0..=255).collect();
    let output = process.output(&bytes).await.unwrap();
    assert_eq!(output.exit, Exit::Code(0));
    assert_eq!(output.stdout, [b"tty\n", &bytes[..]].concat());
}

#[tokio::test]
async fn the_agent_goes_along() {
    let server = start!();
    let agent = Agent::start(server.folder.path(), &[server.path("id")]);
    let machine = Machine { agent: Some(agent.socket.clone()), ..server.machine() };
    let target = Target { more_arguments: words("-o ForwardAgent=yes"), ..server.target() };
    let session = Client::new(machine).connect(&target, &Secrets::default()).await.unwrap();
    assert!(say(&session, "ssh-add -l").await.contains("SHA256:"));
    let without = server.connect(&server.target()).await.unwrap();
    assert_eq!(say(&without, "echo \"[$SSH_AUTH_SOCK]\"").await, "[]\n");
}

#[tokio::test]
async fn variables_go_along() {
    let server = start!("AcceptEnv FC_*");
    let option = "-o \"SetEnv FC_A='x y' OTHER=1\"".to_owned();
    let target = Target { more_arguments: words(&option), ..server.target() };
    let session = server.connect(&target).await.unwrap();
    assert_eq!(say(&session, "echo \"[$FC_A$OTHER]\"").await, "[x y]\n");
}

#[tokio::test]
async fn too_many_channels() {
    let server = start!("MaxSessions 1");
    let session = server.connect(&server.target()).await.unwrap();
    let _first = session.exec("cat", Terminal::None).await.unwrap();
    let error = session.exec("cat", Terminal::None).await.unwrap_err();
    let text = server.plain(&error);
    assert!(text.starts_with("`me@127.0.0.1:PORT` refused a channel"), "{text}");
}
