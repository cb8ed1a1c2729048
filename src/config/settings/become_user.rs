//! Settings of becoming another user.

use std::path::PathBuf;

use super::super::Setting;

/// Whether the prompt for the password says BECOME instead of the method.
pub static AGNOSTIC_BECOME_PROMPT: Setting<bool> = Setting::new(
    "AGNOSTIC_BECOME_PROMPT",
    "Whether the prompt for the password says BECOME instead of the method.",
)
.env(&["ANSIBLE_AGNOSTIC_BECOME_PROMPT"])
.ini(&[("privilege_escalation", "agnostic_become_prompt")])
.default("true");

/// Whether becoming the user that is logged in goes through the method all the same.
pub static ALLOW_SAME_USER: Setting<bool> = Setting::new(
    "BECOME_ALLOW_SAME_USER",
    "Whether becoming the user that is logged in goes through the method all the same.",
)
.env(&["ANSIBLE_BECOME_ALLOW_SAME_USER"])
.ini(&[("privilege_escalation", "become_allow_same_user")])
.default("false");

/// Whether tasks run as another user.
pub static BECOME: Setting<bool> =
    Setting::new("DEFAULT_BECOME", "Whether tasks run as another user.")
        .env(&["ANSIBLE_BECOME"])
        .ini(&[("privilege_escalation", "become")])
        .default("false");

/// Whether the password for becoming is asked for at the start.
pub static BECOME_ASK_PASS: Setting<bool> = Setting::new(
    "DEFAULT_BECOME_ASK_PASS",
    "Whether the password for becoming is asked for at the start.",
)
.env(&["ANSIBLE_BECOME_ASK_PASS"])
.ini(&[("privilege_escalation", "become_ask_pass")])
.default("false");

/// The program of the method, when it is not in the search path.
pub static BECOME_EXE: Setting<Option<String>> = Setting::new(
    "DEFAULT_BECOME_EXE",
    "The program of the method, when it is not in the search path.",
)
.env(&["ANSIBLE_BECOME_EXE"])
.ini(&[("privilege_escalation", "become_exe")]);

/// Options for the program of the method.
pub static BECOME_FLAGS: Setting<String> =
    Setting::new("DEFAULT_BECOME_FLAGS", "Options for the program of the method.")
        .env(&["ANSIBLE_BECOME_FLAGS"])
        .ini(&[("privilege_escalation", "become_flags")])
        .default("");

/// How to become another user: `sudo`, `su` or `doas`.
pub static BECOME_METHOD: Setting<String> =
    Setting::new("DEFAULT_BECOME_METHOD", "How to become another user: `sudo`, `su` or `doas`.")
        .env(&["ANSIBLE_BECOME_METHOD"])
        .ini(&[("privilege_escalation", "become_method")])
        .default("sudo");

/// A file or script that gives the password for becoming.
pub static BECOME_PASSWORD_FILE: Setting<Option<PathBuf>> =
    Setting::new("BECOME_PASSWORD_FILE", "A file or script that gives the password for becoming.")
        .env(&["ANSIBLE_BECOME_PASSWORD_FILE"])
        .ini(&[("defaults", "become_password_file")]);

/// Whom to become.
pub static BECOME_USER: Setting<String> = Setting::new("DEFAULT_BECOME_USER", "Whom to become.")
    .env(&["ANSIBLE_BECOME_USER"])
    .ini(&[("privilege_escalation", "become_user")])
    .default("root");

/// The folder sudo starts in.
pub static SUDO_CHDIR: Setting<Option<String>> =
    Setting::new("sudo_chdir", "The folder sudo starts in.")
        .env(&["ANSIBLE_SUDO_CHDIR"])
        .ini(&[("sudo_become_plugin", "chdir")]);
