//! Whose key it is.

use std::fs;

use fcplay::connection::ssh::{ConnectError, HostKeyChecking, Target};

use super::server::{Server, key, run_program, say, words};
use super::start;

async fn refusal(server: &Server, target: &Target) -> String {
    match server.connect(target).await {
        Err(error @ ConnectError::HostKey(_)) => server.plain(&error),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_unknown_host_is_refused() {
    let server = start!();
    fs::write(server.path("known_hosts"), "").unwrap();
    assert_eq!(
        refusal(&server, &server.target()).await,
        "the host key of `me@127.0.0.1:PORT` is not known: ssh-ed25519 PRINT is not in ~/known_hosts\nhint: compare the fingerprint, then note the key of `[127.0.0.1]:PORT` down: ssh-keyscan -p PORT 127.0.0.1 >> '~/known_hosts'\nhint: or do without the check: `host_key_checking = False` in ansible.cfg, or ANSIBLE_HOST_KEY_CHECKING=False"
    );
    assert_eq!(fs::read_to_string(server.path("known_hosts")).unwrap(), "");
}

#[tokio::test]
async fn a_changed_key_is_refused() {
    let server = start!();
    key(&server.path("host_new"), "ed25519", "");
    server.trust("new");
    assert_eq!(
        refusal(&server, &server.target()).await,
        "the host key of `me@127.0.0.1:PORT` has CHANGED: it shows ssh-ed25519 PRINT, but ~/known_hosts:1 has another one\nhint: the host was installed anew, or somebody sits in between; when you know that the new key is right: ssh-keygen -f '~/known_hosts' -R '[127.0.0.1]:PORT'"
    );
}

#[tokio::test]
async fn a_host_known_by_one_type_only() {
    let server = start!();
    for kind in ["ed25519", "ecdsa", "rsa"] {
        server.trust(kind);
        assert!(server.connect(&server.target()).await.is_ok(), "{kind}");
    }
}

#[tokio::test]
async fn hashed_names() {
    let server = start!();
    let file = server.path("known_hosts").display().to_string();
    run_program("ssh-keygen", &["-H", "-f", &file]);
    assert!(fs::read_to_string(&file).unwrap().starts_with("|1|"));
    assert!(server.connect(&server.target()).await.is_ok());
}

#[tokio::test]
async fn an_alias_stands_for_the_host() {
    let server = start!();
    let line = server.known_line("ed25519");
    let key = line.split_once(' ').unwrap().1;
    fs::write(server.path("known_hosts"), format!("farm {key}")).unwrap();
    let more_arguments = words("-o HostKeyAlias=farm");
    assert!(server.connect(&Target { more_arguments, ..server.target() }).await.is_ok());
}

#[tokio::test]
async fn revoked() {
    let server = start!();
    let line = server.known_line("ed25519");
    fs::write(server.path("known_hosts"), format!("{line}@revoked {line}")).unwrap();
    let error = "the host key of `me@127.0.0.1:PORT` is revoked (ssh-ed25519 PRINT): ~/known_hosts:2 says so";
    assert_eq!(refusal(&server, &server.target()).await, error);
    let off = Target { host_key_checking: HostKeyChecking::Off, ..server.target() };
    assert_eq!(refusal(&server, &off).await, error);
}

#[tokio::test]
async fn revoked_in_a_file_of_its_own() {
    let server = start!();
    fs::copy(server.path("host_ed25519.pub"), server.path("revoked")).unwrap();
    let option = format!("-o RevokedHostKeys={}", server.path("revoked").display());
    let target = Target { more_arguments: words(&option), ..server.target() };
    let error =
        "the host key of `me@127.0.0.1:PORT` is revoked (ssh-ed25519 PRINT): ~/revoked:1 says so";
    assert_eq!(refusal(&server, &target).await, error);
    fs::write(server.path("revoked"), "# none\n").unwrap();
    assert!(server.connect(&target).await.is_ok());
    fs::remove_file(server.path("revoked")).unwrap();
    assert_eq!(
        refusal(&server, &target).await,
        "the host key of `me@127.0.0.1:PORT` cannot be trusted (ssh-ed25519 PRINT): `RevokedHostKeys ~/revoked` cannot be used: No such file or directory (os error 2)\nhint: mend the file, or take the option out of ssh's configuration"
    );
}

#[tokio::test]
async fn this_machine_may_show_any_key_when_the_configuration_says_so() {
    let server = start!();
    fs::write(server.path("known_hosts"), "").unwrap();
    let option = "-o NoHostAuthenticationForLocalhost=yes".to_owned();
    let target = Target { more_arguments: words(&option), ..server.target() };
    assert!(server.connect(&target).await.is_ok());
}

#[tokio::test]
async fn without_the_check_new_keys_are_noted_down() {
    let server = start!();
    fs::write(server.path("known_hosts"), "").unwrap();
    let off = Target { host_key_checking: HostKeyChecking::Off, ..server.target() };
    let session = server.connect(&off).await.unwrap();
    assert_eq!(say(&session, "echo in").await, "in\n");
    let known = fs::read_to_string(server.path("known_hosts")).unwrap();
    assert!(known.starts_with(&format!("[127.0.0.1]:{} ssh-ed25519 ", server.port)), "{known}");
    assert!(server.connect(&server.target()).await.is_ok(), "now it is known");
    key(&server.path("host_new"), "ed25519", "");
    server.trust("new");
    assert!(server.connect(&off).await.is_ok(), "a changed key is let pass, too");
    let accept_new = "-o StrictHostKeyChecking=accept-new".to_owned();
    let strict = Target { more_arguments: words(&accept_new), ..server.target() };
    assert!(refusal(&server, &strict).await.contains("has CHANGED"));
}

#[tokio::test]
async fn a_certificate_of_the_host() {
    let server = start!("HostCertificate $DIR/host_ed25519-cert.pub");
    drop(server);
    // The certificate must be there when sshd starts: this one is made first and the server after it.
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    for name in ["ca", "host"] {
        key(&folder.path().join(name), "ed25519", "");
    }
    run_program(
        "ssh-keygen",
        &["-q", "-s", &path("ca"), "-I", "h", "-h", "-n", "127.0.0.1", &path("host")],
    );
    let own =
        [format!("HostKey {}", path("host")), format!("HostCertificate {}", path("host-cert.pub"))];
    let server = start!(&own[0], &own[1]);
    let authority = fs::read_to_string(path("ca.pub")).unwrap();
    let trust = |pattern: &str| {
        fs::write(server.path("known_hosts"), format!("@cert-authority {pattern} {authority}"))
            .unwrap();
    };
    trust("[127.0.0.*]:*");
    assert!(server.connect(&server.target()).await.is_ok());
    trust("127.0.0.1");
    assert!(server.connect(&server.target()).await.is_ok());
    trust("[127.0.0.1]:1");
    assert!(refusal(&server, &server.target()).await.contains("is not known"));
    run_program(
        "ssh-keygen",
        &["-q", "-s", &path("ca"), "-I", "h", "-h", "-n", "other", &path("host")],
    );
    let server = start!(&own[0], &own[1]);
    fs::write(server.path("known_hosts"), format!("@cert-authority * {authority}")).unwrap();
    let error = refusal(&server, &server.target()).await;
    assert!(error.contains("is not accepted (ssh-ed25519 PRINT): it is for `other`\n"), "{error}");
}
