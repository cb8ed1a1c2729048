//! Settings of connections.

use std::path::PathBuf;

use super::super::Setting;

/// Whether the password for connecting is asked for at the start.
pub static ASK_PASS: Setting<bool> = Setting::new(
    "DEFAULT_ASK_PASS",
    "Whether the password for connecting is asked for at the start.",
)
.env(&["ANSIBLE_ASK_PASS"])
.ini(&[("defaults", "ask_pass")])
.default("false");

/// The folder on the host where jobs in the background keep their results.
pub static ASYNC_DIR: Setting<String> = Setting::new(
    "async_dir",
    "The folder on the host where jobs in the background keep their results.",
)
.env(&["ANSIBLE_ASYNC_DIR"])
.ini(&[("defaults", "async_dir")])
.default("~/.ansible_async");

/// A file or script that gives the password for connecting.
pub static CONNECTION_PASSWORD_FILE: Setting<Option<PathBuf>> = Setting::new(
    "CONNECTION_PASSWORD_FILE",
    "A file or script that gives the password for connecting.",
)
.env(&["ANSIBLE_CONNECTION_PASSWORD_FILE"])
.ini(&[("defaults", "connection_password_file")]);

/// Whether the keys of hosts must be known.
pub static HOST_KEY_CHECKING: Setting<bool> =
    Setting::new("host_key_checking", "Whether the keys of hosts must be known.")
        .env(&["ANSIBLE_HOST_KEY_CHECKING", "ANSIBLE_SSH_HOST_KEY_CHECKING"])
        .ini(&[("defaults", "host_key_checking"), ("ssh_connection", "host_key_checking")])
        .default("true");

/// The library of a smart card.
pub static PKCS11_PROVIDER: Setting<String> =
    Setting::new("pkcs11_provider", "The library of a smart card.")
        .env(&["ANSIBLE_PKCS11_PROVIDER"])
        .ini(&[("ssh_connection", "pkcs11_provider")])
        .default("");

/// The private key to log in with, itself.
pub static PRIVATE_KEY: Setting<Option<String>> =
    Setting::new("private_key", "The private key to log in with, itself.")
        .env(&["ANSIBLE_PRIVATE_KEY"]);

/// The private key to log in with.
pub static PRIVATE_KEY_FILE: Setting<Option<PathBuf>> =
    Setting::new("private_key_file", "The private key to log in with.")
        .env(&["ANSIBLE_PRIVATE_KEY_FILE"])
        .ini(&[("defaults", "private_key_file")]);

/// The passphrase of the private key.
pub static PRIVATE_KEY_PASSPHRASE: Setting<Option<String>> =
    Setting::new("private_key_passphrase", "The passphrase of the private key.")
        .env(&["ANSIBLE_PRIVATE_KEY_PASSPHRASE"]);

/// The port to connect to.
pub static REMOTE_PORT: Setting<Option<i64>> = Setting::new("port", "The port to connect to.")
    .env(&["ANSIBLE_REMOTE_PORT"])
    .ini(&[("defaults", "remote_port")]);

/// The folder on the host for temporary files.
pub static REMOTE_TMP: Setting<String> =
    Setting::new("remote_tmp", "The folder on the host for temporary files.")
        .env(&["ANSIBLE_REMOTE_TEMP", "ANSIBLE_REMOTE_TMP"])
        .ini(&[("defaults", "remote_tmp")])
        .default("~/.ansible/tmp");

/// The user to log in as; the current one when it is not set.
pub static REMOTE_USER: Setting<Option<String>> =
    Setting::new("remote_user", "The user to log in as; the current one when it is not set.")
        .env(&["ANSIBLE_REMOTE_USER"])
        .ini(&[("defaults", "remote_user")]);

/// Options of `ssh`; those with a meaning here are honored.
pub static SSH_ARGS: Setting<String> =
    Setting::new("ssh_args", "Options of `ssh`; those with a meaning here are honored.")
        .env(&["ANSIBLE_SSH_ARGS"])
        .ini(&[("ssh_connection", "ssh_args")])
        .default("-C -o ControlMaster=auto -o ControlPersist=60s");

/// More options of `ssh`, such as a jump host.
pub static SSH_COMMON_ARGS: Setting<String> =
    Setting::new("ssh_common_args", "More options of `ssh`, such as a jump host.")
        .env(&["ANSIBLE_SSH_COMMON_ARGS"])
        .ini(&[("ssh_connection", "ssh_common_args")])
        .default("");

/// Still more options of `ssh`.
pub static SSH_EXTRA_ARGS: Setting<String> =
    Setting::new("ssh_extra_args", "Still more options of `ssh`.")
        .env(&["ANSIBLE_SSH_EXTRA_ARGS"])
        .ini(&[("ssh_connection", "ssh_extra_args")])
        .default("");

/// How often connecting is tried again.
pub static SSH_RETRIES: Setting<i64> =
    Setting::new("reconnection_retries", "How often connecting is tried again.")
        .env(&["ANSIBLE_SSH_RETRIES"])
        .ini(&[("connection", "retries"), ("ssh_connection", "retries")])
        .default("0");

/// Folders on the host for temporary files that another user must read.
pub static SYSTEM_TMPDIRS: Setting<Vec<String>> = Setting::new(
    "system_tmpdirs",
    "Folders on the host for temporary files that another user must read.",
)
.env(&["ANSIBLE_SYSTEM_TMPDIRS"])
.ini(&[("defaults", "system_tmpdirs")])
.default("/var/tmp, /tmp");

/// How many seconds connecting may take.
pub static TIMEOUT: Setting<i64> = Setting::new("timeout", "How many seconds connecting may take.")
    .env(&["ANSIBLE_TIMEOUT", "ANSIBLE_SSH_TIMEOUT"])
    .ini(&[("defaults", "timeout"), ("ssh_connection", "timeout")])
    .default("10");

/// How hosts are reached when they do not say: `ssh` or `local`.
pub static TRANSPORT: Setting<String> = Setting::new(
    "DEFAULT_TRANSPORT",
    "How hosts are reached when they do not say: `ssh` or `local`.",
)
.env(&["ANSIBLE_TRANSPORT"])
.ini(&[("defaults", "transport")])
.default("ssh");

/// Whether a terminal is asked for where a program needs one.
pub static USETTY: Setting<bool> =
    Setting::new("use_tty", "Whether a terminal is asked for where a program needs one.")
        .env(&["ANSIBLE_SSH_USETTY"])
        .ini(&[("ssh_connection", "usetty")])
        .default("true");
