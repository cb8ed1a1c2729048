//! Hosts behind other hosts.

use std::fs;

use fcplay::connection::ssh::{Client, ConnectError, Machine, Secrets, Target};

use super::server::{Server, free_port, say, words};
use super::start;

/// Writes a configuration in which `gate` is a server, reached with its own key.
fn gate(server: &Server, gate: &Server) {
    let user = Machine::this().user;
    let config = format!(
        "Host gate\n HostName 127.0.0.1\n Port {}\n User {user}\n IdentityFile {}\n UserKnownHostsFile {}\n GlobalKnownHostsFile none\n",
        gate.port,
        gate.path("id").display(),
        gate.path("known_hosts").display()
    );
    fs::write(server.path(".ssh/config"), config).unwrap();
}

fn behind(server: &Server, jumps: &str) -> Target {
    let known = server.path("known_hosts").display().to_string();
    Target {
        arguments: words(&format!("-o UserKnownHostsFile={known} -o GlobalKnownHostsFile=none")),
        more_arguments: words(&format!("-o ProxyJump={jumps}")),
        ..server.target()
    }
}

#[tokio::test]
async fn through_one_host_which_is_shared() {
    let server = start!();
    let first = start!();
    gate(&server, &first);
    let client = Client::new(server.machine());
    let target = behind(&server, "gate");
    let secrets = Secrets::default();
    let (one, two) =
        tokio::join!(client.connect(&target, &secrets), client.connect(&target, &secrets));
    let (one, two) = (one.unwrap(), two.unwrap());
    assert_eq!(
        say(&one, "echo $SSH_CONNECTION | cut -d' ' -f4").await,
        format!("{}\n", server.port)
    );
    assert_eq!(say(&two, "echo two").await, "two\n");
    let log = fs::read_to_string(first.path("log")).unwrap();
    assert_eq!(log.matches("Accepted publickey").count(), 1, "{log}");
}

#[tokio::test]
async fn through_two_hosts() {
    let server = start!();
    let first = start!();
    let second = start!();
    gate(&server, &first);
    let user = Machine::this().user;
    let mut config = fs::read_to_string(server.path(".ssh/config")).unwrap();
    config.push_str(&format!(
        "Host inner\n HostName 127.0.0.1\n Port {}\n User {user}\n IdentityFile {}\n UserKnownHostsFile {}\n",
        second.port,
        second.path("id").display(),
        second.path("known_hosts").display()
    ));
    fs::write(server.path(".ssh/config"), config).unwrap();
    let session = server.connect(&behind(&server, "gate,inner")).await.unwrap();
    assert_eq!(say(&session, "head -c 3000000 /dev/zero | wc -c").await, "3000000\n");
    assert!(fs::read_to_string(second.path("log")).unwrap().contains("Accepted publickey"));
}

#[tokio::test]
async fn what_goes_wrong_is_said_of_the_right_host() {
    let server = start!();
    let first = start!();
    gate(&server, &first);
    let nobody = Target { port: Some(free_port()), ..behind(&server, "gate") };
    let error = server.connect(&nobody).await.unwrap_err().to_string();
    assert!(error.contains("the jump host `"), "{error}");
    assert!(
        error.contains(
            "cannot connect to it\nhint: nothing answers at that address when seen from there"
        ),
        "{error}"
    );
    fs::write(first.path("authorized_keys"), "").unwrap();
    let error = server.connect(&behind(&server, "gate")).await.unwrap_err();
    let ConnectError::Jump { jump, cause } = &error else { panic!("{error}") };
    assert_eq!(jump, "gate");
    assert!(matches!(**cause, ConnectError::Auth(_)), "{error}");
}

#[tokio::test]
async fn a_circle() {
    let server = start!();
    fs::write(server.path(".ssh/config"), "Host *\n ProxyJump gate\n").unwrap();
    let target = Target { host: "web".to_owned(), ..Target::default() };
    let error = server.connect(&target).await.unwrap_err().to_string();
    assert_eq!(error, "the ProxyJump of `gate`: the jump hosts go in a circle");
}

#[tokio::test]
async fn through_a_command() {
    let server = start!();
    let relay = "ssh -q -F none -o BatchMode=yes";
    let target = Target {
        host: "hidden".to_owned(),
        more_arguments: words(&format!(
            "-o HostKeyAlias=x -o StrictHostKeyChecking=no -o \"ProxyCommand={relay} -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -i {} -p %p -W 127.0.0.1:%p 127.0.0.1\"",
            server.path("id").display()
        )),
        ..server.target()
    };
    let session = server.connect(&target).await.unwrap();
    assert_eq!(say(&session, "echo through").await, "through\n");
}

#[tokio::test]
async fn a_command_that_fails() {
    let server = start!();
    let command = "-o ProxyCommand='sh -c \"echo no way >&2; exit 3\"'".to_owned();
    let error = server
        .connect(&Target { more_arguments: words(&command), ..server.target() })
        .await
        .unwrap_err();
    let text = "the ProxyCommand `sh -c \"echo no way >&2; exit 3\"` for `me@127.0.0.1:PORT` failed: no way";
    assert_eq!(server.plain(&error), text);
}
