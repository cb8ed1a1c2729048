//! Vaults that `ansible-vault` wrote, and passwords from everywhere.

use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::base::Secret;

const V11: &str = include_str!("../../tests/data/vault/v11.txt");
const V12: &str = include_str!("../../tests/data/vault/v12.txt");
const RANDOM: &str = include_str!("../../tests/data/vault/random.txt");
const PLAIN: &str = "a: 1\npassword: hünter2\n";
const SALT: &[u8] = b"0123456789abcdef0123456789abcdef";

fn secrets(id_match: IdMatch) -> Secrets {
    let list = [("default", "secret pass"), ("prod", "other ünï")]
        .map(|(id, password)| (id.to_owned(), Secret::new(password)));
    Secrets::new(list.into(), id_match)
}

#[test]
fn what_ansible_encrypted_is_read() {
    let secrets = secrets(IdMatch::Prefer);
    assert_eq!(secrets.decrypt_text(V11).unwrap(), PLAIN);
    assert_eq!(secrets.decrypt_text(RANDOM).unwrap(), PLAIN);
    assert_eq!(secrets.decrypt_text(V12).unwrap(), "x".repeat(200));
    let indented = V11.replace('\n', "\n    ");
    assert_eq!(secrets.decrypt_text(&indented).unwrap(), PLAIN);
}

#[test]
fn what_is_encrypted_here_is_what_ansible_writes() {
    let secrets = secrets(IdMatch::Prefer);
    assert_eq!(secrets.encrypt_with(PLAIN.as_bytes(), None, SALT).unwrap(), V11);
    assert_eq!(secrets.encrypt_with("x".repeat(200).as_bytes(), Some("prod"), SALT).unwrap(), V12);
}

#[test]
fn ids_choose_the_password() {
    let wrong_id = V12.replace("prod", "test");
    assert!(secrets(IdMatch::Prefer).decrypt_text(&wrong_id).is_ok());
    let error = secrets(IdMatch::Require).decrypt_text(&wrong_id).unwrap_err();
    let expected =
        "no vault password fits; tried `default` and `prod`; the text asks for the id `test`";
    assert_eq!(error.to_string(), expected);
    assert!(secrets(IdMatch::Require).decrypt_text(V11).is_ok());
    let error = secrets(IdMatch::Prefer).encrypt(b"x", Some("qa")).unwrap_err();
    assert_eq!(error.to_string(), "there is no vault password for the id `qa`");
}

#[track_caller]
fn refused(text: &str, expected: &str) {
    let error = secrets(IdMatch::Prefer).decrypt_text(text).unwrap_err();
    assert_eq!(error.to_string(), expected);
}

#[test]
fn damage_is_named() {
    refused("x", "this is no vault text: it must start with `$ANSIBLE_VAULT;1.1;AES256`");
    refused(
        "$ANSIBLE_VAULT;1.0;AES\n00",
        "vault format `$ANSIBLE_VAULT;1.0;AES` is not supported, only AES256 of version 1.1 and 1.2",
    );
    refused(&V11[..V11.len() - 2], "the vault text is damaged: a digit is missing");
    refused(
        "$ANSIBLE_VAULT;1.1;AES256\nzz",
        "the vault text is damaged: it holds something else than hexadecimal digits",
    );
    refused("$ANSIBLE_VAULT;1.1;AES256\n3030", "the vault text is damaged: a part is missing");
    let error = Secrets::default().decrypt_text(V11).unwrap_err();
    assert!(matches!(error, Error::NoPassword));
}

fn never(_: &str) -> io::Result<Secret> {
    Err(io::ErrorKind::NotConnected.into())
}

#[test]
fn sources_are_parsed_as_ansible_parses_them() {
    let parse = |text| VaultId::parse(text, Some(Path::new("/home/me")));
    let path = |id: &str, path: &str| VaultId { id: id.into(), source: Source::Path(path.into()) };
    assert_eq!(parse("prod@~/x"), path("prod", "/home/me/x"));
    assert_eq!(parse("pass.txt"), path("default", "pass.txt"));
    assert_eq!(parse("a@b@c"), path("a", "b@c"));
    assert_eq!(parse("prod@prompt"), VaultId { id: "prod".into(), source: Source::Prompt });
}

#[test]
fn passwords_come_from_files_scripts_and_people() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str, mode| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        path.display().to_string()
    };
    let file = write("pass", "secret pass\n", 0o600);
    let script = write("pass.sh", "#!/bin/sh\necho 'other ünï'\n", 0o700);
    let client = write(
        "x-client.sh",
        "#!/bin/sh\nshift; [ $1 = prod ] || exit 2; echo 'other ünï'\n",
        0o700,
    );
    let load = |ids: &[String], ask: Ask<'_>| {
        let ids: Vec<_> = ids.iter().map(|id| VaultId::parse(id, None)).collect();
        Secrets::load(&ids, IdMatch::Require, ask)
    };
    let (secrets, _) = load(&[file, format!("prod@{script}")], &mut never).unwrap();
    assert_eq!(secrets.decrypt_text(V11).unwrap(), PLAIN);
    assert!(secrets.decrypt_text(V12).is_ok());
    let (secrets, failures) =
        load(&[format!("prod@{client}"), format!("dev@{client}")], &mut never).unwrap();
    assert!(secrets.decrypt_text(V12).is_ok());
    let failures: Vec<_> = failures.iter().map(ToString::to_string).collect();
    assert_eq!(
        failures,
        [format!("the vault password script `{client}` knows no password for the id `dev`")]
    );
    let mut prompts = Vec::new();
    let mut ask = |prompt: &str| {
        prompts.push(prompt.to_owned());
        Ok(Secret::new("secret pass"))
    };
    load(&["prod@prompt".into(), "prompt_ask_vault_pass".into()], &mut ask).unwrap();
    assert_eq!(prompts, ["Vault password (prod): ", "Vault password: "]);
    let encrypted = write("inner", &secrets.encrypt(b"secret pass\n", None).unwrap(), 0o600);
    let (secrets, _) = load(&[format!("prod@{script}"), encrypted], &mut never).unwrap();
    assert_eq!(secrets.decrypt_text(V11).unwrap(), PLAIN);
    let empty = write("empty", "\n", 0o600);
    let error = load(std::slice::from_ref(&empty), &mut never).unwrap_err();
    assert_eq!(error.to_string(), format!("the vault password from `{empty}` is empty"));
}

#[test]
fn an_encrypted_file_keeps_its_text_to_itself() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/vault/v11.txt");
    let opened = open(&path, &secrets(IdMatch::Prefer)).unwrap();
    assert_eq!((opened.text(), opened.is_secret()), (PLAIN, true));
    assert_eq!(opened.file.text, "");
    let error = open(&path, &Secrets::default()).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "this is encrypted, and no vault password was given; give one with `--vault-password-file`, `--vault-id` or `-J`\n  --> {}",
            path.display()
        )
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn what_is_encrypted_can_be_decrypted(plain in prop::collection::vec(any::<u8>(), 0..100)) {
        let secrets = secrets(IdMatch::Prefer);
        let text = secrets.encrypt(&plain, Some("prod")).unwrap();
        prop_assert_eq!(secrets.decrypt(text.as_bytes()).unwrap(), plain);
    }

    #[test]
    fn no_text_makes_it_panic(text in "\\PC*", hex in "[0-9a-f\n]{0,80}") {
        let secrets = secrets(IdMatch::Prefer);
        let _ = secrets.decrypt(text.as_bytes()).is_ok();
        let _ = secrets.decrypt(format!("$ANSIBLE_VAULT;1.1;AES256\n{hex}").as_bytes()).is_ok();
    }
}
