//! Vaults: envelopes of any kind are opened or refused; what is encrypted comes back, and nothing comes back from an
//! envelope that was changed.
//!
//! The first byte says what the rest is: an envelope, a text to encrypt (whose last byte says which digit is changed),
//! or an inline `!vault`.

use std::sync::LazyLock;

use fcplay::base::{Secret, SourceFile};
use fcplay::vault::{IdMatch, Secrets, is_encrypted};
use fcplay::yaml::{self, Trust};

static SECRETS: LazyLock<Secrets> = LazyLock::new(|| {
    let list = [("default", "secret pass"), ("prod", "other ünï")]
        .map(|(id, password)| (id.to_owned(), Secret::new(password)));
    Secrets::new(list.into(), IdMatch::Prefer)
});

/// Takes one input.
pub(crate) fn run(data: &[u8]) {
    let Some((kind, rest)) = data.split_first() else { return };
    match kind {
        b'$' => {
            let opened = SECRETS.decrypt(data);
            assert!(is_encrypted(data) || opened.is_err(), "what is no envelope is opened");
        }
        b'!' => {
            let Ok(text) = std::str::from_utf8(rest) else { return };
            let text = format!("a: !vault |\n  {}\n", text.replace('\n', "\n  "));
            let _ = yaml::parse(&SourceFile::new("f.yml", text), Trust::Templates);
        }
        _ => both_ways(rest),
    }
}

fn both_ways(plain: &[u8]) {
    let salt: Vec<u8> = plain.iter().copied().chain([7; 32]).take(32).collect();
    let sealed = SECRETS.encrypt_with(plain, Some("prod"), &salt).expect("there is a password");
    let opened = SECRETS.decrypt(sealed.as_bytes()).expect("what we seal we open");
    assert_eq!(opened, plain);
    let mut bytes = sealed.into_bytes();
    let header = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(0);
    let place = header + 1 + usize::from(*plain.last().unwrap_or(&0)) % (bytes.len() - header - 1);
    if bytes[place] != b'\n' {
        bytes[place] = if bytes[place] == b'3' { b'6' } else { b'3' };
        assert!(SECRETS.decrypt(&bytes).is_err(), "a changed envelope is opened");
    }
}
