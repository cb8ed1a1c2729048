//! Passwords: `password_hash`, and `vault` and `unvault` with a password of the author's.

use crate::base::{Secret, Value};
use crate::template::arguments::described;
use crate::template::table::builtin;
use crate::template::text::crypt::{self, ALGORITHMS, Recipe};
use crate::template::{Call, Entry, Reason};
use crate::vault::{IdMatch, Secrets};

pub(super) const ENTRIES: &[Entry] = &[
    builtin(&["password_hash"], password_hash),
    builtin(&["unvault"], unvault),
    builtin(&["vault"], vault),
];

fn password_hash(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["hashtype", "salt", "salt_size", "rounds", "ident"])?;
    let name = call.text(0, "hashtype", "sha512");
    let algorithm = ALGORITHMS.iter().find(|(known, _)| *known == name).ok_or_else(|| {
        let known: Vec<&str> = ALGORITHMS.iter().map(|(known, _)| *known).collect();
        let known = known.join(", ");
        Reason::new(format!(
            "{name} is not in the list of supported passlib algorithms: here they are {known}"
        ))
    })?;
    let recipe = Recipe {
        salt: call.text_given(1, "salt"),
        salt_length: call
            .given(2, "salt_size")
            .map(|_| call.size(2, "salt_size", 0))
            .transpose()
            .map_err(|_| Reason::new("salt_size must be an integer"))?,
        rounds: call.given(3, "rounds").map(|_| call.int(3, "rounds", 0)).transpose()?,
        ident: call.text_given(4, "ident"),
    };
    crypt::hash(algorithm.1, &call.need_input_text()?, &recipe).map(Value::from)
}

/// Returns the password and the id that `vault` and `unvault` are called with.
fn secrets(call: &Call<'_>, id_place: usize) -> Result<Secrets, Reason> {
    let Value::Text(secret) = call.need(0, "secret")? else {
        return Err(Reason::new(format!(
            "`secret` must be text, not {}",
            described(call.need(0, "secret")?)
        )));
    };
    let id = call.text(id_place, "vault_id", "filter_default");
    Ok(Secrets::new(vec![(id, Secret::new(secret.as_str()))], IdMatch::Prefer))
}

fn vault(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["secret", "salt", "vault_id", "wrap_object", "vaultid"])?;
    let secrets = secrets(call, 2)?;
    let plain = call.need_input_text()?;
    let sealed = match call.text_given(1, "salt") {
        Some(salt) => secrets.encrypt_with(plain.as_bytes(), None, salt.as_bytes()),
        None => secrets.encrypt(plain.as_bytes(), None),
    };
    sealed.map(Value::from).map_err(|error| Reason::new(error.to_string()))
}

/// Decrypts; what is not encrypted stays as it is.
fn unvault(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["secret", "vault_id", "vaultid"])?;
    let secrets = secrets(call, 1)?;
    let text = call.need_input_text()?;
    if !crate::vault::is_encrypted(text.as_bytes()) {
        return Ok(call.input.clone());
    }
    secrets.decrypt_text(&text).map(Value::secret).map_err(|error| Reason::new(error.to_string()))
}
