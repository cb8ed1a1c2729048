//! Settings of vaults.

use std::path::PathBuf;

use super::super::Setting;

/// Whether the vault password is asked for at the start.
pub static ASK_VAULT_PASS: Setting<bool> =
    Setting::new("DEFAULT_ASK_VAULT_PASS", "Whether the vault password is asked for at the start.")
        .env(&["ANSIBLE_ASK_VAULT_PASS"])
        .ini(&[("defaults", "ask_vault_pass")])
        .default("false");

/// The program that edits encrypted files.
pub static EDITOR: Setting<String> =
    Setting::new("EDITOR", "The program that edits encrypted files.")
        .env(&["ANSIBLE_EDITOR", "EDITOR"])
        .ini(&[("defaults", "editor")])
        .default("vi");

/// The vault id to encrypt with.
pub static VAULT_ENCRYPT_IDENTITY: Setting<Option<String>> =
    Setting::new("DEFAULT_VAULT_ENCRYPT_IDENTITY", "The vault id to encrypt with.")
        .env(&["ANSIBLE_VAULT_ENCRYPT_IDENTITY"])
        .ini(&[("defaults", "vault_encrypt_identity")]);

/// The salt to encrypt with; a random one when it is not set.
pub static VAULT_ENCRYPT_SALT: Setting<Option<String>> = Setting::new(
    "VAULT_ENCRYPT_SALT",
    "The salt to encrypt with; a random one when it is not set.",
)
.env(&["ANSIBLE_VAULT_ENCRYPT_SALT"])
.ini(&[("defaults", "vault_encrypt_salt")]);

/// The id of passwords that are given without one.
pub static VAULT_IDENTITY: Setting<String> =
    Setting::new("DEFAULT_VAULT_IDENTITY", "The id of passwords that are given without one.")
        .env(&["ANSIBLE_VAULT_IDENTITY"])
        .ini(&[("defaults", "vault_identity")])
        .default("default");

/// Vault ids with their sources, as `--vault-id` takes them.
pub static VAULT_IDENTITY_LIST: Setting<Vec<String>> = Setting::new(
    "DEFAULT_VAULT_IDENTITY_LIST",
    "Vault ids with their sources, as `--vault-id` takes them.",
)
.env(&["ANSIBLE_VAULT_IDENTITY_LIST"])
.ini(&[("defaults", "vault_identity_list")])
.default("");

/// Whether only the password of the id that a text names may decrypt it.
pub static VAULT_ID_MATCH: Setting<bool> = Setting::new(
    "DEFAULT_VAULT_ID_MATCH",
    "Whether only the password of the id that a text names may decrypt it.",
)
.env(&["ANSIBLE_VAULT_ID_MATCH"])
.ini(&[("defaults", "vault_id_match")])
.default("false");

/// A file or script that gives the vault password.
pub static VAULT_PASSWORD_FILE: Setting<Option<PathBuf>> =
    Setting::new("DEFAULT_VAULT_PASSWORD_FILE", "A file or script that gives the vault password.")
        .env(&["ANSIBLE_VAULT_PASSWORD_FILE"])
        .ini(&[("defaults", "vault_password_file")]);
