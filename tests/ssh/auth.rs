//! Every way to log in.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use fcplay::base::Secret;
use fcplay::connection::ssh::{Client, Machine, Passphrases, Secrets, Target};

use super::server::{Agent, Server, User, key, password, run_program, words};
use super::start;

#[tokio::test]
async fn keys_of_every_kind() {
    let server = start!();
    for kind in ["ed25519", "ecdsa", "rsa"] {
        key(&server.path(kind), kind, "");
        server.authorize(kind);
        let target = Target { private_key_file: Some(server.path(kind)), ..server.target() };
        server.logs_in(&target, &Secrets::default()).await;
    }
}

#[tokio::test]
async fn a_key_in_pem_form() {
    let server = start!();
    key(&server.path("pem"), "rsa", "");
    let file = server.path("pem").display().to_string();
    run_program("ssh-keygen", &["-q", "-p", "-m", "PEM", "-N", "", "-f", &file]);
    server.authorize("pem");
    let target = Target { private_key_file: Some(server.path("pem")), ..server.target() };
    server.logs_in(&target, &Secrets::default()).await;
}

/// Makes a private key with `openssl`, encrypted or not, and its public half with `ssh-keygen`.
fn openssl_key(server: &Server, name: &str, arguments: &str, passphrase: &str) {
    use std::os::unix::fs::PermissionsExt;
    let path = server.path(name);
    let file = path.display().to_string();
    let arguments = arguments.replace("$FILE", &file).replace("$PASS", passphrase);
    run_program("openssl", &arguments.split(' ').collect::<Vec<_>>());
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    let mut keygen = std::process::Command::new("ssh-keygen");
    let public = keygen.args(["-y", "-P", passphrase, "-f", &file]).output().unwrap();
    assert!(public.status.success(), "{name}: {}", String::from_utf8_lossy(&public.stderr));
    fs::write(server.path(&format!("{name}.pub")), public.stdout).unwrap();
    server.authorize(name);
    fs::remove_file(server.path(&format!("{name}.pub"))).unwrap();
}

#[tokio::test]
async fn keys_that_openssl_made() {
    let server = start!();
    let secrets = Secrets { passphrase: Some(Secret::new("open sesame")), ..Secrets::default() };
    let rsa = "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out $FILE";
    let ec = "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out $FILE";
    let locked = "-aes-256-cbc -pass pass:open-sesame";
    for (name, arguments) in [
        ("rsa-pkcs8", rsa.to_owned()),
        ("rsa-pkcs1", "genrsa -traditional -out $FILE 2048".to_owned()),
        ("ec-pkcs8", ec.to_owned()),
        ("ec-sec1", "ecparam -name prime256v1 -genkey -noout -out $FILE".to_owned()),
        ("rsa-pkcs8-locked", format!("{rsa} {locked}")),
        (
            "rsa-pkcs1-locked",
            "genrsa -traditional -aes128 -passout pass:open-sesame -out $FILE 2048".to_owned(),
        ),
        ("ec-pkcs8-locked", format!("{ec} {locked}")),
    ] {
        let passphrase = if name.ends_with("locked") { "open-sesame" } else { "" };
        openssl_key(&server, name, &arguments, passphrase);
        let secrets = Secrets {
            passphrase: Some(Secret::new(passphrase)).filter(|text| !text.reveal().is_empty()),
            ..secrets.clone()
        };
        let target = Target { private_key_file: Some(server.path(name)), ..server.target() };
        let client = Client::new(server.machine());
        let session = client.connect(&target, &secrets).await;
        assert!(session.is_ok(), "{name}: {}", session.unwrap_err());
    }
}

#[tokio::test]
async fn keys_on_other_curves_and_in_other_forms() {
    let server = start!();
    for (name, arguments) in [
        ("p384", ["-t", "ecdsa", "-b", "384"]),
        ("p521", ["-t", "ecdsa", "-b", "521"]),
        ("rsa4096", ["-t", "rsa", "-b", "4096"]),
        ("ecpem", ["-t", "ecdsa", "-m", "PEM"]),
        ("ecpkcs8", ["-t", "ecdsa", "-m", "PKCS8"]),
        ("rsapkcs8", ["-t", "rsa", "-m", "PKCS8"]),
        ("old", ["-t", "ed25519", "-Z", "aes128-cbc"]),
        ("gcm", ["-t", "ed25519", "-Z", "aes256-gcm@openssh.com"]),
        ("chacha", ["-t", "ed25519", "-Z", "chacha20-poly1305@openssh.com"]),
    ] {
        let file = server.path(name).display().to_string();
        let passphrase = if arguments.contains(&"-Z") { "open sesame" } else { "" };
        let more = ["-q", "-a", "4", "-N", passphrase, "-f", &file];
        run_program("ssh-keygen", &[&arguments[..], &more].concat());
        server.authorize(name);
        let target = Target { private_key_file: Some(server.path(name)), ..server.target() };
        let secrets =
            Secrets { passphrase: Some(Secret::new("open sesame")), ..Secrets::default() };
        let session = Client::new(server.machine()).connect(&target, &secrets).await;
        assert!(session.is_ok(), "{name}: {}", session.unwrap_err());
    }
}

#[tokio::test]
async fn default_keys_and_the_configuration() {
    let server = start!();
    fs::copy(server.path("id"), server.path(".ssh/id_ed25519")).unwrap();
    let user = Machine::this().user;
    let known = server.path("known_hosts").display().to_string();
    let config = format!(
        "Host box\n HostName 127.0.0.1\n Port {}\n User {user}\n UserKnownHostsFile {known}\n GlobalKnownHostsFile none\n",
        server.port
    );
    fs::write(server.path(".ssh/config"), config).unwrap();
    let target = Target { host: "box".to_owned(), ..Target::default() };
    let session = server.connect(&target).await.unwrap();
    assert_eq!(session.host(), format!("{user}@127.0.0.1:{}", server.port));
}

#[tokio::test]
async fn a_key_given_as_text() {
    let server = start!();
    let text = fs::read_to_string(server.path("id")).unwrap();
    let secrets = Secrets { private_key: Some(Secret::new(text)), ..Secrets::default() };
    let target = Target { private_key_file: None, ..server.target() };
    server.logs_in(&target, &secrets).await;
}

/// Knows one passphrase and counts how often it was asked.
struct Operator {
    answer: &'static str,
    asked: AtomicUsize,
}

impl Passphrases for Operator {
    fn passphrase(&self, _: &std::path::Path) -> Option<Secret> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        Some(Secret::new(self.answer))
    }
}

fn asking(answer: &'static str) -> (Arc<Operator>, Secrets) {
    let operator = Arc::new(Operator { answer, asked: AtomicUsize::new(0) });
    let ask: Arc<dyn Passphrases> = operator.clone();
    (operator, Secrets { ask: Some(ask), ..Secrets::default() })
}

#[tokio::test]
async fn an_encrypted_key_is_unlocked_once_for_all_hosts() {
    let server = start!();
    key(&server.path("locked"), "ed25519", "open sesame");
    server.authorize("locked");
    let target = Target { private_key_file: Some(server.path("locked")), ..server.target() };
    let (operator, secrets) = asking("open sesame");
    let client = Client::new(server.machine());
    let connect = || client.connect(&target, &secrets);
    let (one, two, three) = tokio::join!(connect(), connect(), connect());
    assert!(one.is_ok() && two.is_ok() && three.is_ok());
    assert_eq!(operator.asked.load(Ordering::Relaxed), 1);
    let passphrase = Some(Secret::new("open sesame"));
    server.logs_in(&target, &Secrets { passphrase, ..Secrets::default() }).await;
}

#[tokio::test]
async fn a_wrong_passphrase_and_none() {
    let server = start!();
    key(&server.path("locked"), "ed25519", "open sesame");
    server.authorize("locked");
    let target = Target { private_key_file: Some(server.path("locked")), ..server.target() };
    let (operator, secrets) = asking("wrong");
    let error = Client::new(server.machine()).connect(&target, &secrets).await.unwrap_err();
    assert_eq!(operator.asked.load(Ordering::Relaxed), 3);
    let hint = "hint: type the passphrase when asked at a terminal, put the key into an ssh-agent, or give it as `ansible_ssh_private_key_passphrase`";
    assert_eq!(
        server.plain(&error),
        format!(
            "`me@127.0.0.1:PORT` did not let us in; tried: key ~/locked (ssh-ed25519 PRINT): its passphrase is wrong; the host allows `publickey`\n{hint}"
        )
    );
    let error = server.connect(&target).await.unwrap_err();
    assert_eq!(
        server.plain(&error),
        format!(
            "`me@127.0.0.1:PORT` did not let us in; tried: key ~/locked (ssh-ed25519 PRINT): it is encrypted and there is no passphrase for it; the host allows `publickey`\n{hint}"
        )
    );
}

#[tokio::test]
async fn a_key_that_the_host_does_not_want_is_not_asked_for() {
    let server = start!();
    key(&server.path("locked"), "ed25519", "open sesame");
    let target = Target { private_key_file: Some(server.path("locked")), ..server.target() };
    let (operator, secrets) = asking("open sesame");
    let error = Client::new(server.machine()).connect(&target, &secrets).await.unwrap_err();
    assert_eq!(operator.asked.load(Ordering::Relaxed), 0);
    assert!(error.to_string().contains("): refused; the host allows"), "{error}");
}

#[tokio::test]
async fn missing_open_and_strange_keys() {
    use std::os::unix::fs::PermissionsExt;
    let server = start!();
    fs::write(server.path("strange"), "not a key\n").unwrap();
    fs::set_permissions(server.path("strange"), fs::Permissions::from_mode(0o600)).unwrap();
    fs::set_permissions(server.path("id"), fs::Permissions::from_mode(0o644)).unwrap();
    let strange = server.path("strange").display().to_string();
    let target = Target {
        more_arguments: words(&format!("-i {strange} -i /nowhere/key")),
        ..server.target()
    };
    let error = server.connect(&target).await.unwrap_err();
    let text = server.plain(&error);
    let tried = text.split("; the host allows").next().unwrap();
    assert_eq!(
        tried,
        "`me@127.0.0.1:PORT` did not let us in; tried: key ~/id: its mode 0644 lets others read it (chmod 600); key ~/strange: not a usable private key (Could not read key); key /nowhere/key: no such file"
    );
}

/// A key in a device: its file holds the public half and a name for the device.
fn device_key(server: &Server) {
    use base64::Engine;
    use std::os::unix::fs::PermissionsExt;
    let string = |bytes: &[u8]| [&(bytes.len() as u32).to_be_bytes(), bytes].concat();
    let kind = string(b"sk-ssh-ed25519@openssh.com");
    let public = [kind, string(&[7; 32]), string(b"ssh:")].concat();
    let mut private =
        [&[1; 8], &public[..], &[1], &string(b"device"), &string(b""), &string(b"me")].concat();
    for byte in (1..8).take((8 - private.len() % 8) % 8) {
        private.push(byte);
    }
    let head =
        [b"openssh-key-v1\0".to_vec(), string(b"none"), string(b"none"), string(b"")].concat();
    let file = [head, 1_u32.to_be_bytes().to_vec(), string(&public), string(&private)].concat();
    let text = |bytes: &[u8]| base64::engine::general_purpose::STANDARD.encode(bytes);
    let pem = format!(
        "-----BEGIN OPENSSH PRIVATE KEY-----\n{}\n-----END OPENSSH PRIVATE KEY-----\n",
        text(&file)
            .as_bytes()
            .chunks(70)
            .map(|line| str::from_utf8(line).unwrap())
            .collect::<Vec<_>>()
            .join("\n")
    );
    fs::write(server.path("sk"), pem).unwrap();
    fs::set_permissions(server.path("sk"), fs::Permissions::from_mode(0o600)).unwrap();
    let line = format!("sk-ssh-ed25519@openssh.com {} me\n", text(&public));
    fs::write(server.path("sk.pub"), line).unwrap();
    server.authorize("sk");
}

#[tokio::test]
async fn keys_that_need_an_agent() {
    let server = start!();
    device_key(&server);
    let words = |text: &str| {
        let (_, tried) = text.split_once("PRINT): ").unwrap_or_else(|| panic!("{text}"));
        tried.split(';').next().unwrap().to_owned()
    };
    for (file, expected) in [
        (
            "sk",
            "it is in a security key, which only an ssh-agent can ask, and no agent has it (ssh-add)",
        ),
        ("id.pub", "only its public half is there, and no agent has it"),
    ] {
        let target = Target { private_key_file: Some(server.path(file)), ..server.target() };
        let error = server.connect(&target).await.unwrap_err();
        assert_eq!(words(&server.plain(&error)), expected);
    }
}

#[tokio::test]
async fn keys_of_an_agent() {
    let server = start!();
    for kind in ["ed25519", "ecdsa", "rsa"] {
        key(&server.path(kind), kind, "");
        fs::write(server.path("authorized_keys"), "").unwrap();
        server.authorize(kind);
        let agent = Agent::start(server.folder.path(), &[server.path(kind)]);
        let machine = Machine { agent: Some(agent.socket.clone()), ..server.machine() };
        let target = Target { private_key_file: None, ..server.target() };
        let session = Client::new(machine).connect(&target, &Secrets::default()).await.unwrap();
        assert!(!session.is_closed());
        // The configuration may name the agent, and the public half may choose among its keys.
        let more = format!(
            "-o IdentityAgent={} -o IdentitiesOnly=yes -i {}.pub",
            agent.socket.display(),
            server.path(kind).display()
        );
        let target = Target { more_arguments: words(&more), ..target };
        server.logs_in(&target, &Secrets::default()).await;
        drop(agent);
        fs::remove_file(server.path("agent.sock")).ok();
    }
}

#[tokio::test]
async fn the_named_key_comes_first_from_the_agent_and_others_can_be_kept_out() {
    let server = start!("MaxAuthTries 2");
    let others: Vec<_> = (0..4).map(|number| server.path(&format!("other{number}"))).collect();
    for other in &others {
        key(other, "ed25519", "");
    }
    let agent = Agent::start(server.folder.path(), &others);
    let machine = Machine { agent: Some(agent.socket.clone()), ..server.machine() };
    let client = Client::new(machine);
    let error =
        client.connect(&server.target(), &Secrets::default()).await.unwrap_err().to_string();
    assert!(error.contains("Too many authentication failures"), "{error}");
    assert!(error.ends_with("hint: the agent has more keys than the host has patience: name the key (`ansible_ssh_private_key_file`) and set `IdentitiesOnly yes`"), "{error}");
    let only = Target { more_arguments: words("-o IdentitiesOnly=yes"), ..server.target() };
    assert!(client.connect(&only, &Secrets::default()).await.is_ok());
}

#[tokio::test]
async fn a_certificate_of_the_user() {
    let server = start!("TrustedUserCAKeys $DIR/ca.pub");
    key(&server.path("ca"), "ed25519", "");
    let user = Machine::this().user;
    let path = |name: &str| server.path(name).display().to_string();
    for kind in ["ed25519", "rsa"] {
        key(&server.path(kind), kind, "");
        run_program("ssh-keygen", &["-q", "-s", &path("ca"), "-I", "me", "-n", &user, &path(kind)]);
        let target = Target { private_key_file: Some(server.path(kind)), ..server.target() };
        server.logs_in(&target, &Secrets::default()).await;
        fs::rename(path(&format!("{kind}-cert.pub")), path("elsewhere.pub")).unwrap();
        let named = format!("-o CertificateFile={}", path("elsewhere.pub"));
        server
            .logs_in(
                &Target { more_arguments: words(&named), ..target.clone() },
                &Secrets::default(),
            )
            .await;
        assert!(server.connect(&target).await.is_err());
        let _agent = {
            fs::rename(path("elsewhere.pub"), path(&format!("{kind}-cert.pub"))).unwrap();
            let agent = Agent::start(server.folder.path(), &[server.path(kind)]);
            let machine = Machine { agent: Some(agent.socket.clone()), ..server.machine() };
            let target = Target { private_key_file: None, ..target };
            assert!(Client::new(machine).connect(&target, &Secrets::default()).await.is_ok());
            agent
        };
        fs::remove_file(server.path("agent.sock")).ok();
    }
}

#[tokio::test]
async fn a_password() {
    let server = start!("PasswordAuthentication yes");
    let Some(user) = User::new() else { return eprintln!("skipped: no root") };
    let target = Target { user: Some(user.0.clone()), private_key_file: None, ..server.target() };
    server.logs_in(&target, &password("correct horse")).await;
    let client = Client::new(server.machine());
    let error = client.connect(&target, &password("wrong")).await.unwrap_err();
    let plain = |error| server.plain(&error).replace(&user.0, "USER");
    assert_eq!(
        plain(error),
        "`USER@127.0.0.1:PORT` did not let us in; tried: password: refused; the host allows `publickey` and `password`\nhint: is the password right, and may this user log in over SSH?"
    );
    let error = server.connect(&target).await.unwrap_err();
    assert_eq!(
        plain(error),
        "`USER@127.0.0.1:PORT` did not let us in; there was nothing to try; the host allows `publickey` and `password`\nhint: put your public key into the user's ~/.ssh/authorized_keys there (ssh-copy-id), or give the password: -k, or `ansible_password`"
    );
}

#[tokio::test]
async fn keyboard_interactive() {
    let server = start!("UsePAM yes", "KbdInteractiveAuthentication yes");
    let Some(user) = User::new() else { return eprintln!("skipped: no root") };
    let target = Target { user: Some(user.0.clone()), private_key_file: None, ..server.target() };
    server.logs_in(&target, &password("correct horse")).await;
    let error =
        Client::new(server.machine()).connect(&target, &password("wrong")).await.unwrap_err();
    assert!(error.to_string().contains("tried: keyboard-interactive: refused"), "{error}");
}

#[tokio::test]
async fn key_and_password() {
    let server = start!("PasswordAuthentication yes", "AuthenticationMethods publickey,password");
    let Some(user) = User::new() else { return eprintln!("skipped: no root") };
    let target = Target { user: Some(user.0.clone()), ..server.target() };
    server.logs_in(&target, &password("correct horse")).await;
    let error = server.connect(&target).await.unwrap_err();
    let text = server.plain(&error);
    assert!(text.contains("tried: key ~/id (ssh-ed25519 PRINT): accepted, but not enough alone; the host allows `password`"), "{text}");
}
