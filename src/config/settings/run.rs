//! Settings of runs: language, order, roles, facts.

use std::path::PathBuf;

use super::super::Setting;

/// Whether conditions may be something else than true or false.
pub static ALLOW_BROKEN_CONDITIONALS: Setting<bool> = Setting::new(
    "ALLOW_BROKEN_CONDITIONALS",
    "Whether conditions may be something else than true or false.",
)
.env(&["ANSIBLE_ALLOW_BROKEN_CONDITIONALS"])
.ini(&[("defaults", "allow_broken_conditionals")])
.default("false");

/// Whether what lookups return may be a template.
pub static ALLOW_UNSAFE_LOOKUPS: Setting<bool> =
    Setting::new("DEFAULT_ALLOW_UNSAFE_LOOKUPS", "Whether what lookups return may be a template.")
        .ini(&[("defaults", "allow_unsafe_lookups")])
        .default("false");

/// Whether a failure of one host ends the play for all.
pub static ANY_ERRORS_FATAL: Setting<bool> =
    Setting::new("ANY_ERRORS_FATAL", "Whether a failure of one host ends the play for all.")
        .env(&["ANSIBLE_ANY_ERRORS_FATAL"])
        .ini(&[("defaults", "any_errors_fatal")])
        .default("false");

/// The folder where facts are kept.
pub static CACHE_CONNECTION: Setting<Option<String>> =
    Setting::new("CACHE_PLUGIN_CONNECTION", "The folder where facts are kept.")
        .env(&["ANSIBLE_CACHE_PLUGIN_CONNECTION"])
        .ini(&[("defaults", "fact_caching_connection")]);

/// Where facts are kept between runs: `memory` or `jsonfile`.
pub static CACHE_PLUGIN: Setting<String> =
    Setting::new("CACHE_PLUGIN", "Where facts are kept between runs: `memory` or `jsonfile`.")
        .env(&["ANSIBLE_CACHE_PLUGIN"])
        .ini(&[("defaults", "fact_caching")])
        .default("memory");

/// How names of files with facts begin.
pub static CACHE_PREFIX: Setting<String> =
    Setting::new("CACHE_PLUGIN_PREFIX", "How names of files with facts begin.")
        .env(&["ANSIBLE_CACHE_PLUGIN_PREFIX"])
        .ini(&[("defaults", "fact_caching_prefix")])
        .default("ansible_facts");

/// After how many seconds kept facts are old; 0 means never.
pub static CACHE_TIMEOUT: Setting<i64> = Setting::new(
    "CACHE_PLUGIN_TIMEOUT",
    "After how many seconds kept facts are old; 0 means never.",
)
.env(&["ANSIBLE_CACHE_PLUGIN_TIMEOUT"])
.ini(&[("defaults", "fact_caching_timeout")])
.default("86400");

/// Where collections are looked for.
pub static COLLECTIONS_PATH: Setting<Vec<PathBuf>> =
    Setting::new("COLLECTIONS_PATHS", "Where collections are looked for.")
        .env(&["ANSIBLE_COLLECTIONS_PATH"])
        .ini(&[("defaults", "collections_path")])
        .default("{home}/collections:/usr/share/ansible/collections");

/// What a key is that stands twice in a map.
pub static DUPLICATE_DICT_KEY: Setting<String> =
    Setting::new("DUPLICATE_YAML_DICT_KEY", "What a key is that stands twice in a map.")
        .env(&["ANSIBLE_DUPLICATE_YAML_DICT_KEY"])
        .ini(&[("defaults", "duplicate_dict_key")])
        .default("warn")
        .choices(&["error", "ignore", "warn"]);

/// Whether a failure starts the debugger.
pub static ENABLE_TASK_DEBUGGER: Setting<bool> =
    Setting::new("ENABLE_TASK_DEBUGGER", "Whether a failure starts the debugger.")
        .env(&["ANSIBLE_ENABLE_TASK_DEBUGGER"])
        .ini(&[("defaults", "enable_task_debugger")])
        .default("false");

/// Whether notifying a handler that is not there is an error.
pub static ERROR_ON_MISSING_HANDLER: Setting<bool> = Setting::new(
    "ERROR_ON_MISSING_HANDLER",
    "Whether notifying a handler that is not there is an error.",
)
.env(&["ANSIBLE_ERROR_ON_MISSING_HANDLER"])
.ini(&[("defaults", "error_on_missing_handler")])
.default("true");

/// Whether an undefined variable in a template is an error.
pub static ERROR_ON_UNDEFINED_VARS: Setting<bool> = Setting::new(
    "DEFAULT_UNDEFINED_VAR_BEHAVIOR",
    "Whether an undefined variable in a template is an error.",
)
.env(&["ANSIBLE_ERROR_ON_UNDEFINED_VARS"])
.ini(&[("defaults", "error_on_undefined_vars")])
.default("true");

/// The shell on the hosts.
pub static EXECUTABLE: Setting<String> =
    Setting::new("DEFAULT_EXECUTABLE", "The shell on the hosts.")
        .env(&["ANSIBLE_EXECUTABLE"])
        .ini(&[("defaults", "executable")])
        .default("/bin/sh");

/// Whether notified handlers run on hosts that failed.
pub static FORCE_HANDLERS: Setting<bool> =
    Setting::new("DEFAULT_FORCE_HANDLERS", "Whether notified handlers run on hosts that failed.")
        .env(&["ANSIBLE_FORCE_HANDLERS"])
        .ini(&[("defaults", "force_handlers")])
        .default("false");

/// How many hosts are worked on at the same time.
pub static FORKS: Setting<i64> =
    Setting::new("DEFAULT_FORKS", "How many hosts are worked on at the same time.")
        .env(&["ANSIBLE_FORKS"])
        .ini(&[("defaults", "forks")])
        .default("50");

/// When facts are gathered.
pub static GATHERING: Setting<String> =
    Setting::new("DEFAULT_GATHERING", "When facts are gathered.")
        .env(&["ANSIBLE_GATHERING"])
        .ini(&[("defaults", "gathering")])
        .default("implicit")
        .choices(&["explicit", "implicit", "smart"]);

/// Whether dictionaries of the same name are merged or replaced.
pub static HASH_BEHAVIOUR: Setting<String> = Setting::new(
    "DEFAULT_HASH_BEHAVIOUR",
    "Whether dictionaries of the same name are merged or replaced.",
)
.env(&["ANSIBLE_HASH_BEHAVIOUR"])
.ini(&[("defaults", "hash_behaviour")])
.default("replace")
.choices(&["merge", "replace"]);

/// The folder below which roles, collections and temporary files have their places.
pub static HOME: Setting<Option<PathBuf>> = Setting::new(
    "ANSIBLE_HOME",
    "The folder below which roles, collections and temporary files have their places.",
)
.env(&["ANSIBLE_HOME"])
.ini(&[("defaults", "home")])
.default("~/.ansible");

/// Whether facts are variables of their own, as `ansible_distribution`.
pub static INJECT_FACTS_AS_VARS: Setting<bool> = Setting::new(
    "INJECT_FACTS_AS_VARS",
    "Whether facts are variables of their own, as `ansible_distribution`.",
)
.env(&["ANSIBLE_INJECT_FACT_VARS"])
.ini(&[("defaults", "inject_facts_as_vars")])
.default("true");

/// Whether an unknown keyword of a task is an error.
pub static INVALID_TASK_ATTRIBUTE_FAILED: Setting<bool> = Setting::new(
    "INVALID_TASK_ATTRIBUTE_FAILED",
    "Whether an unknown keyword of a task is an error.",
)
.env(&["ANSIBLE_INVALID_TASK_ATTRIBUTE_FAILED"])
.ini(&[("defaults", "invalid_task_attribute_failed")])
.default("true");

/// Extensions of the template language; `do` and loop controls are always there.
pub static JINJA2_EXTENSIONS: Setting<Vec<String>> = Setting::new(
    "DEFAULT_JINJA2_EXTENSIONS",
    "Extensions of the template language; `do` and loop controls are always there.",
)
.env(&["ANSIBLE_JINJA2_EXTENSIONS"])
.ini(&[("defaults", "jinja2_extensions")])
.default("");

/// The folder of this machine for temporary files.
pub static LOCAL_TMP: Setting<Option<PathBuf>> =
    Setting::new("DEFAULT_LOCAL_TMP", "The folder of this machine for temporary files.")
        .env(&["ANSIBLE_LOCAL_TEMP"])
        .ini(&[("defaults", "local_tmp")])
        .default("{home}/tmp");

/// What the variable `ansible_managed` says.
pub static MANAGED_STR: Setting<String> =
    Setting::new("DEFAULT_MANAGED_STR", "What the variable `ansible_managed` says.")
        .ini(&[("defaults", "ansible_managed")])
        .default("Ansible managed");

/// The arguments of an ad-hoc run that gives none.
pub static MODULE_ARGS: Setting<Option<String>> =
    Setting::new("DEFAULT_MODULE_ARGS", "The arguments of an ad-hoc run that gives none.")
        .env(&["ANSIBLE_MODULE_ARGS"])
        .ini(&[("defaults", "module_args")]);

/// The module of an ad-hoc run that names none.
pub static MODULE_NAME: Setting<String> =
    Setting::new("DEFAULT_MODULE_NAME", "The module of an ad-hoc run that names none.")
        .ini(&[("defaults", "module_name")])
        .default("command");

/// Whether results of all tasks are hidden.
pub static NO_LOG: Setting<bool> =
    Setting::new("DEFAULT_NO_LOG", "Whether results of all tasks are hidden.")
        .env(&["ANSIBLE_NO_LOG"])
        .ini(&[("defaults", "no_log")])
        .default("false");

/// The folder that stands for the playbook's in runs without a playbook.
pub static PLAYBOOK_DIR: Setting<Option<PathBuf>> = Setting::new(
    "PLAYBOOK_DIR",
    "The folder that stands for the playbook's in runs without a playbook.",
)
.env(&["ANSIBLE_PLAYBOOK_DIR"])
.ini(&[("defaults", "playbook_dir")]);

/// Beside which of several nested playbooks variables of hosts and groups are looked for.
pub static PLAYBOOK_VARS_ROOT: Setting<String> = Setting::new(
    "PLAYBOOK_VARS_ROOT",
    "Beside which of several nested playbooks variables of hosts and groups are looked for.",
)
.env(&["ANSIBLE_PLAYBOOK_VARS_ROOT"])
.ini(&[("defaults", "playbook_vars_root")])
.default("top")
.choices(&["all", "bottom", "top"]);

/// How many seconds lie between looks at a job in the background.
pub static POLL_INTERVAL: Setting<i64> = Setting::new(
    "DEFAULT_POLL_INTERVAL",
    "How many seconds lie between looks at a job in the background.",
)
.env(&["ANSIBLE_POLL_INTERVAL"])
.ini(&[("defaults", "poll_interval")])
.default("15");

/// The order of groups' variables by where they come from.
pub static PRECEDENCE: Setting<Vec<String>> =
    Setting::new("VARIABLE_PRECEDENCE", "The order of groups' variables by where they come from.")
        .env(&["ANSIBLE_PRECEDENCE"])
        .ini(&[("defaults", "precedence")])
        .default("all_inventory, groups_inventory, all_plugins_inventory, all_plugins_play, groups_plugins_inventory, groups_plugins_play");

/// Whether variables of a role are seen by that role only.
pub static PRIVATE_ROLE_VARS: Setting<bool> = Setting::new(
    "DEFAULT_PRIVATE_ROLE_VARS",
    "Whether variables of a role are seen by that role only.",
)
.env(&["ANSIBLE_PRIVATE_ROLE_VARS"])
.ini(&[("defaults", "private_role_vars")])
.default("false");

/// Whether names of failed hosts are written to a file.
pub static RETRY_FILES_ENABLED: Setting<bool> =
    Setting::new("RETRY_FILES_ENABLED", "Whether names of failed hosts are written to a file.")
        .env(&["ANSIBLE_RETRY_FILES_ENABLED"])
        .ini(&[("defaults", "retry_files_enabled")])
        .default("false");

/// The folder of those files.
pub static RETRY_FILES_SAVE_PATH: Setting<Option<PathBuf>> =
    Setting::new("RETRY_FILES_SAVE_PATH", "The folder of those files.")
        .env(&["ANSIBLE_RETRY_FILES_SAVE_PATH"])
        .ini(&[("defaults", "retry_files_save_path")]);

/// Where roles are looked for.
pub static ROLES_PATH: Setting<Vec<PathBuf>> =
    Setting::new("DEFAULT_ROLES_PATH", "Where roles are looked for.")
        .env(&["ANSIBLE_ROLES_PATH"])
        .ini(&[("defaults", "roles_path")])
        .default("{home}/roles:/usr/share/ansible/roles:/etc/ansible/roles");

/// File systems on which files keep the context they get.
pub static SELINUX_SPECIAL_FS: Setting<Vec<String>> = Setting::new(
    "DEFAULT_SELINUX_SPECIAL_FS",
    "File systems on which files keep the context they get.",
)
.env(&["ANSIBLE_SELINUX_SPECIAL_FS"])
.ini(&[("selinux", "special_context_filesystems")])
.default("fuse, nfs, vboxsf, ramfs, 9p, vfat");

/// How plays go over their hosts: `linear`, `free` or `host_pinned`.
pub static STRATEGY: Setting<String> = Setting::new(
    "DEFAULT_STRATEGY",
    "How plays go over their hosts: `linear`, `free` or `host_pinned`.",
)
.env(&["ANSIBLE_STRATEGY"])
.ini(&[("defaults", "strategy")])
.default("linear");

/// Only tasks with these tags run.
pub static TAGS_RUN: Setting<Vec<String>> =
    Setting::new("TAGS_RUN", "Only tasks with these tags run.")
        .env(&["ANSIBLE_RUN_TAGS"])
        .ini(&[("tags", "run")])
        .default("");

/// Tasks with these tags do not run.
pub static TAGS_SKIP: Setting<Vec<String>> =
    Setting::new("TAGS_SKIP", "Tasks with these tags do not run.")
        .env(&["ANSIBLE_SKIP_TAGS"])
        .ini(&[("tags", "skip")])
        .default("");

/// Whether the debugger starts where errors are ignored.
pub static TASK_DEBUGGER_IGNORE_ERRORS: Setting<bool> = Setting::new(
    "TASK_DEBUGGER_IGNORE_ERRORS",
    "Whether the debugger starts where errors are ignored.",
)
.env(&["ANSIBLE_TASK_DEBUGGER_IGNORE_ERRORS"])
.ini(&[("defaults", "task_debugger_ignore_errors")])
.default("true");

/// How many seconds a task may take; 0 means any time.
pub static TASK_TIMEOUT: Setting<i64> =
    Setting::new("TASK_TIMEOUT", "How many seconds a task may take; 0 means any time.")
        .env(&["ANSIBLE_TASK_TIMEOUT"])
        .ini(&[("defaults", "task_timeout")])
        .default("0");
