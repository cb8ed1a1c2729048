//! Settings of inventories.

use std::path::PathBuf;

use super::super::Setting;

/// Whether one inventory that cannot be read ends the run.
pub static ANY_UNPARSED_IS_FAILED: Setting<bool> = Setting::new(
    "INVENTORY_ANY_UNPARSED_IS_FAILED",
    "Whether one inventory that cannot be read ends the run.",
)
.env(&["ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED"])
.ini(&[("inventory", "any_unparsed_is_failed")])
.default("false");

/// What is done to characters that a variable cannot have in names of groups.
pub static FORCE_VALID_GROUP_NAMES: Setting<String> = Setting::new(
    "TRANSFORM_INVALID_GROUP_CHARS",
    "What is done to characters that a variable cannot have in names of groups.",
)
.env(&["ANSIBLE_TRANSFORM_INVALID_GROUP_CHARS"])
.ini(&[("defaults", "force_valid_group_names")])
.default("never")
.choices(&["always", "ignore", "never", "silently"]);

/// What a pattern without hosts is.
pub static HOST_PATTERN_MISMATCH: Setting<String> =
    Setting::new("HOST_PATTERN_MISMATCH", "What a pattern without hosts is.")
        .env(&["ANSIBLE_HOST_PATTERN_MISMATCH"])
        .ini(&[("inventory", "host_pattern_mismatch")])
        .default("warning")
        .choices(&["error", "ignore", "warning"]);

/// The inventories that are read when none is given.
pub static INVENTORY: Setting<Vec<PathBuf>> =
    Setting::new("DEFAULT_HOST_LIST", "The inventories that are read when none is given.")
        .env(&["ANSIBLE_INVENTORY"])
        .ini(&[("defaults", "inventory")])
        .default("/etc/ansible/hosts")
        .by_comma();

/// How inventories are read, in the order of trying.
pub static INVENTORY_ENABLED: Setting<Vec<String>> =
    Setting::new("INVENTORY_ENABLED", "How inventories are read, in the order of trying.")
        .env(&["ANSIBLE_INVENTORY_ENABLED"])
        .ini(&[("inventory", "enable_plugins")])
        .default("host_list, script, auto, yaml, ini, toml");

/// Whether a listed inventory keeps variables where they are set.
pub static INVENTORY_EXPORT: Setting<bool> = Setting::new(
    "INVENTORY_EXPORT",
    "Whether a listed inventory keeps variables where they are set.",
)
.env(&["ANSIBLE_INVENTORY_EXPORT"])
.ini(&[("inventory", "export")])
.default("false");

/// Ends of names that are left out of a folder of inventories.
pub static INVENTORY_IGNORE_EXTENSIONS: Setting<Vec<String>> = Setting::new(
    "INVENTORY_IGNORE_EXTS",
    "Ends of names that are left out of a folder of inventories.",
)
.env(&["ANSIBLE_INVENTORY_IGNORE"])
.ini(&[("defaults", "inventory_ignore_extensions"), ("inventory", "ignore_extensions")])
.default(".pyc, .pyo, .swp, .bak, ~, .rpm, .md, .txt, .rst, .orig, .cfg, .retry");

/// Regular expressions of names that are left out of a folder of inventories.
pub static INVENTORY_IGNORE_PATTERNS: Setting<Vec<String>> = Setting::new(
    "INVENTORY_IGNORE_PATTERNS",
    "Regular expressions of names that are left out of a folder of inventories.",
)
.env(&["ANSIBLE_INVENTORY_IGNORE_REGEX"])
.ini(&[("defaults", "inventory_ignore_patterns"), ("inventory", "ignore_patterns")])
.default("");

/// Whether what inventory scripts write to standard error is shown.
pub static INVENTORY_SCRIPT_STDERR: Setting<bool> = Setting::new(
    "always_show_stderr",
    "Whether what inventory scripts write to standard error is shown.",
)
.env(&["ANSIBLE_INVENTORY_PLUGIN_SCRIPT_STDERR"])
.ini(&[("inventory_plugin_script", "always_show_stderr")])
.default("true");

/// Whether a run without any inventory is warned of.
pub static INVENTORY_UNPARSED_WARNING: Setting<bool> =
    Setting::new("INVENTORY_UNPARSED_WARNING", "Whether a run without any inventory is warned of.")
        .env(&["ANSIBLE_INVENTORY_UNPARSED_WARNING"])
        .ini(&[("inventory", "inventory_unparsed_warning")])
        .default("true");

/// Whether it ends the run that no inventory can be read.
pub static UNPARSED_IS_FAILED: Setting<bool> = Setting::new(
    "INVENTORY_UNPARSED_IS_FAILED",
    "Whether it ends the run that no inventory can be read.",
)
.env(&["ANSIBLE_INVENTORY_UNPARSED_FAILED"])
.ini(&[("inventory", "unparsed_is_failed")])
.default("false");

/// Whether constructed inventories see variables of the command line.
pub static USE_EXTRA_VARS: Setting<bool> = Setting::new(
    "use_extra_vars",
    "Whether constructed inventories see variables of the command line.",
)
.env(&["ANSIBLE_INVENTORY_USE_EXTRA_VARS"])
.ini(&[("inventory_plugins", "use_extra_vars")])
.default("false");

/// Where variables of hosts and groups come from beside inventories.
pub static VARS_PLUGINS_ENABLED: Setting<Vec<String>> = Setting::new(
    "VARIABLE_PLUGINS_ENABLED",
    "Where variables of hosts and groups come from beside inventories.",
)
.env(&["ANSIBLE_VARS_ENABLED"])
.ini(&[("defaults", "vars_plugins_enabled")])
.default("host_group_vars");

/// Ends of names of files with variables.
pub static YAML_EXTENSIONS: Setting<Vec<String>> =
    Setting::new("YAML_FILENAME_EXTENSIONS", "Ends of names of files with variables.")
        .env(&["ANSIBLE_YAML_FILENAME_EXT"])
        .ini(&[("defaults", "yaml_valid_extensions")])
        .default(".yml, .yaml, .json");
