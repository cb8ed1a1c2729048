//! Every setting of Ansible has a row, or a reason why it means nothing here; and every row is followed, or says so.

use std::collections::BTreeMap;
use std::path::Path;

use super::*;

/// Settings of Ansible without a row, by reason (docs/differences.md says it to operators).
const MEANINGLESS: &[(&str, &[&str])] = &[
    (
        "Galaxy is a program of its own, which fcplay has not.",
        &[
            "GALAXY_CACHE_DIR",
            "GALAXY_COLLECTIONS_PATH_WARNING",
            "GALAXY_COLLECTION_IMPORT_POLL_FACTOR",
            "GALAXY_COLLECTION_IMPORT_POLL_INTERVAL",
            "GALAXY_COLLECTION_SKELETON",
            "GALAXY_COLLECTION_SKELETON_IGNORE",
            "GALAXY_DISABLE_GPG_VERIFY",
            "GALAXY_DISPLAY_PROGRESS",
            "GALAXY_GPG_KEYRING",
            "GALAXY_IGNORE_CERTS",
            "GALAXY_IGNORE_INVALID_SIGNATURE_STATUS_CODES",
            "GALAXY_REQUIRED_VALID_SIGNATURE_COUNT",
            "GALAXY_ROLE_SKELETON",
            "GALAXY_ROLE_SKELETON_IGNORE",
            "GALAXY_SERVER",
            "GALAXY_SERVERS",
            "GALAXY_SERVER_LIST",
            "GALAXY_SERVER_TIMEOUT",
            "GALAXY_TOKEN_PATH",
        ],
    ),
    (
        "Plugins are built in: none is looked for in folders.",
        &[
            "BECOME_PLUGIN_PATH",
            "COLLECTIONS_ON_ANSIBLE_VERSION_MISMATCH",
            "COLLECTIONS_SCAN_SYS_PATH",
            "DEFAULT_ACTION_PLUGIN_PATH",
            "DEFAULT_CACHE_PLUGIN_PATH",
            "DEFAULT_CALLBACK_PLUGIN_PATH",
            "DEFAULT_CLICONF_PLUGIN_PATH",
            "DEFAULT_CONNECTION_PLUGIN_PATH",
            "DEFAULT_FILTER_PLUGIN_PATH",
            "DEFAULT_HTTPAPI_PLUGIN_PATH",
            "DEFAULT_INVENTORY_PLUGIN_PATH",
            "DEFAULT_LOAD_CALLBACK_PLUGINS",
            "DEFAULT_LOOKUP_PLUGIN_PATH",
            "DEFAULT_MODULE_PATH",
            "DEFAULT_MODULE_UTILS_PATH",
            "DEFAULT_NETCONF_PLUGIN_PATH",
            "DEFAULT_STRATEGY_PLUGIN_PATH",
            "DEFAULT_TERMINAL_PLUGIN_PATH",
            "DEFAULT_TEST_PLUGIN_PATH",
            "DEFAULT_VARS_PLUGIN_PATH",
            "DOC_FRAGMENT_PLUGIN_PATH",
            "MODULE_IGNORE_EXTS",
            "OLD_PLUGIN_CACHE_CLEARING",
            "PLUGIN_FILTERS_CFG",
            "RUN_VARS_PLUGINS",
            "VALIDATE_ACTION_GROUP_METADATA",
            "_CALLBACK_DISPATCH_ERROR_BEHAVIOR",
        ],
    ),
    (
        "There is no Python, neither here nor on the hosts.",
        &[
            "ANSIBLE_PIPELINING",
            "COVERAGE_REMOTE_OUTPUT",
            "COVERAGE_REMOTE_PATHS",
            "DEFAULT_KEEP_REMOTE_FILES",
            "DEFAULT_MODULE_COMPRESSION",
            "DISPLAY_TRACEBACK",
            "INTERPRETER_PYTHON",
            "INTERPRETER_PYTHON_FALLBACK",
            "MODULE_STRICT_UTF8_RESPONSE",
            "PYTHON_MODULE_RLIMIT_NOFILE",
            "_ANSIBALLZ_COVERAGE_CONFIG",
            "_ANSIBALLZ_DEBUGPY_CONFIG",
            "_ANSIBALLZ_PYDEVD_CONFIG",
            "_MODULE_METADATA",
        ],
    ),
    (
        "There are no network devices and no Windows.",
        &[
            "ANSIBLE_CONNECTION_PATH",
            "CONNECTION_FACTS_MODULES",
            "FACTS_MODULES",
            "NETCONF_SSH_CONFIG",
            "NETWORK_GROUP_MODULES",
            "PERSISTENT_COMMAND_TIMEOUT",
            "PERSISTENT_CONNECT_RETRY_TIMEOUT",
            "PERSISTENT_CONNECT_TIMEOUT",
            "PERSISTENT_CONTROL_PATH_DIR",
            "USE_PERSISTENT_CONNECTIONS",
            "WIN_ASYNC_STARTUP_TIMEOUT",
            "_ANSIBLE_CONNECTION_PATH",
        ],
    ),
    (
        "SSH is spoken by fcplay itself, and an agent that runs is used.",
        &[
            "PARAMIKO_HOST_KEY_AUTO_ADD",
            "PARAMIKO_LOOK_FOR_KEYS",
            "SSH_AGENT",
            "SSH_AGENT_EXECUTABLE",
            "SSH_AGENT_KEY_LIFETIME",
        ],
    ),
    (
        "Work is not done by processes of workers.",
        &[
            "DEFAULT_INTERNAL_POLL_INTERVAL",
            "WORKER_SHUTDOWN_POLL_COUNT",
            "WORKER_SHUTDOWN_POLL_DELAY",
        ],
    ),
    (
        "Templates always give native values, and keep what they cannot read.",
        &[
            "ALLOW_EMBEDDED_TEMPLATES",
            "DEFAULT_JINJA2_NATIVE",
            "DEFAULT_NULL_REPRESENTATION",
            "STRING_TYPE_FILTERS",
            "_TEMPLAR_SANDBOX_MODE",
            "_TEMPLAR_UNKNOWN_TYPE_CONVERSION",
            "_TEMPLAR_UNKNOWN_TYPE_ENCOUNTERED",
            "_TEMPLAR_UNTRUSTED_TEMPLATE_BEHAVIOR",
        ],
    ),
    (
        "Cows say nothing, and pages of modules have no colors.",
        &[
            "ANSIBLE_COW_ACCEPTLIST",
            "ANSIBLE_COW_PATH",
            "ANSIBLE_COW_SELECTION",
            "ANSIBLE_NOCOWS",
            "COLOR_DOC_CONSTANT",
            "COLOR_DOC_DEPRECATED",
            "COLOR_DOC_LINK",
            "COLOR_DOC_MODULE",
            "COLOR_DOC_PLUGIN",
            "COLOR_DOC_REFERENCE",
            "DOCSITE_ROOT_URL",
        ],
    ),
    (
        "Nothing is written to the system log of hosts.",
        &["DEFAULT_NO_TARGET_SYSLOG", "DEFAULT_SYSLOG_FACILITY", "TARGET_LOG_INFO"],
    ),
    (
        "Old names, and what is for those who build Ansible.",
        &["CONFIG_FILE", "DEFAULT_LIBVIRT_LXC_NOSECLABEL", "DEFAULT_SU", "DEVEL_WARNING"],
    ),
];

/// Rows that are there so that `lookup('config', …)` knows them: nothing follows them, which harms nobody.
const SHOWN_ONLY: &[(&str, &str)] = &[
    ("AGNOSTIC_BECOME_PROMPT", "the prompt of sudo is always our own"),
    ("ALLOW_SAME_USER", "becoming the user who is logged in is done whenever it is asked for"),
    ("ALLOW_UNSAFE_LOOKUPS", "what lookups return is never a template"),
    ("COLOR_CONSOLE_PROMPT", "there is no console"),
    ("COLOR_HIGHLIGHT", "nothing is highlighted"),
    ("EXECUTABLE", "no shell stands between the helper and a program"),
    ("JINJA2_EXTENSIONS", "`do` and loop controls are always there"),
    ("LOCAL_TMP", "no temporary files are needed here"),
    ("LOG_FILTER", "there are no loggers of Python"),
    ("MAX_DIFF_SIZE", "how much of a difference is shown is fixed"),
    ("SELINUX_SPECIAL_FS", "files are replaced in the same way on all file systems"),
    ("SYSTEM_TMPDIRS", "the helper finds a folder where programs may run"),
    ("SYSTEM_WARNINGS", "nothing is wrong with this machine"),
    ("TASK_DEBUGGER_IGNORE_ERRORS", "there is no debugger of tasks"),
    ("USETTY", "programs get a terminal when sudo asks for one"),
];

/// Returns what our statics are called, by the names of their rows.
fn statics() -> BTreeMap<String, String> {
    let mut names = BTreeMap::new();
    for path in sources("src/config/settings") {
        let text = std::fs::read_to_string(path).unwrap();
        for part in text.split("pub static ").skip(1) {
            let Some((name, rest)) = part.split_once(':') else { continue };
            let Some((_, rest)) = rest.split_once("Setting::new(") else { continue };
            let row = rest.split('"').nth(1).unwrap();
            names.insert(row.to_owned(), name.to_owned());
        }
    }
    names
}

fn sources(folder: &str) -> Vec<PathBuf> {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() { &mut folders } else { &mut files }.push(path);
        }
    }
    files
}

#[test]
fn each_setting_of_ansible_has_a_row_or_a_reason() {
    let all: BTreeMap<String, Vec<String>> =
        serde_json::from_str(include_str!("../../tests/data/config/core_settings.json")).unwrap();
    let reasons: Vec<&str> = MEANINGLESS.iter().flat_map(|(_, names)| *names).copied().collect();
    let mut problems = Vec::new();
    for (name, env) in &all {
        let has_row = SETTINGS.iter().any(|row| {
            row.name == name || row.env.iter().any(|own| env.iter().any(|env| env == own))
        });
        match (has_row, reasons.contains(&name.as_str())) {
            (false, false) => problems.push(format!("{name} has neither a row nor a reason")),
            (true, true) => problems.push(format!("{name} has a row and a reason against it")),
            _ => {}
        }
    }
    problems.extend(
        reasons
            .iter()
            .filter(|name| !all.contains_key(**name))
            .map(|name| format!("{name} is no setting of Ansible")),
    );
    assert!(problems.is_empty(), "{problems:#?}");
}

#[test]
fn each_row_is_followed_or_says_so() {
    let statics = statics();
    let is_other = |path: &PathBuf| !path.components().any(|part| part.as_os_str() == "config");
    let code: String = sources("src")
        .iter()
        .filter(|path| is_other(path))
        .map(|path| std::fs::read_to_string(path).unwrap_or_default())
        .collect();
    let mut problems = Vec::new();
    for row in SETTINGS {
        let name = &statics[row.name];
        let is_read = ["settings::", "known::"].iter().any(|before| {
            let needle = format!("{before}{name}");
            let mut found = code.match_indices(&needle).map(|(at, _)| &code[at + needle.len()..]);
            found.any(|rest| !rest.starts_with(|next: char| next.is_alphanumeric() || next == '_'))
        });
        let says_so = SHOWN_ONLY.iter().any(|(shown, _)| shown == name)
            || unfollowed::ROWS.iter().any(|(known, _)| known.name == row.name);
        let is_base = row.name == "ANSIBLE_HOME";
        if is_read == says_so && !is_base {
            problems.push(format!("{name}: read {is_read}, told {says_so}"));
        }
    }
    assert!(problems.is_empty(), "{problems:#?}");
}

#[test]
fn settings_that_are_not_followed_are_warned_of() {
    let folder = tempfile::tempdir().unwrap();
    let text = "[defaults]\nerror_on_undefined_vars = false\nplaybook_vars_root = top\n";
    std::fs::write(folder.path().join("ansible.cfg"), text).unwrap();
    let vars = [("ANSIBLE_ENABLE_TASK_DEBUGGER", "1"), ("HOME", "/none")];
    let config = Config::load(Environment::new(folder.path(), &vars)).unwrap();
    let told: Vec<String> = config.warnings().iter().map(|warning| warning.what.clone()).collect();
    let expected = [
        "`error_on_undefined_vars` is not followed: an undefined variable is always an error",
        "`ANSIBLE_ENABLE_TASK_DEBUGGER` is not followed: there is no debugger of tasks",
    ];
    assert_eq!(told, expected);
}
