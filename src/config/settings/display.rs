//! Settings of what is shown.

use std::path::PathBuf;

use super::super::Setting;

/// Whether warnings of modules are shown.
pub static ACTION_WARNINGS: Setting<bool> =
    Setting::new("ACTION_WARNINGS", "Whether warnings of modules are shown.")
        .env(&["ANSIBLE_ACTION_WARNINGS"])
        .ini(&[("defaults", "action_warnings")])
        .default("true");

/// More reports to write beside the one on the screen.
pub static CALLBACKS_ENABLED: Setting<Vec<String>> =
    Setting::new("CALLBACKS_ENABLED", "More reports to write beside the one on the screen.")
        .env(&["ANSIBLE_CALLBACKS_ENABLED"])
        .ini(&[("defaults", "callbacks_enabled")])
        .default("");

/// Whether results are spread over several lines.
pub static CALLBACK_FORMAT_PRETTY: Setting<Option<String>> =
    Setting::new("pretty_results", "Whether results are spread over several lines.")
        .env(&["ANSIBLE_CALLBACK_FORMAT_PRETTY"])
        .ini(&[("defaults", "callback_format_pretty")]);

/// How results are written.
pub static CALLBACK_RESULT_FORMAT: Setting<String> =
    Setting::new("result_format", "How results are written.")
        .env(&["ANSIBLE_CALLBACK_RESULT_FORMAT"])
        .ini(&[("defaults", "callback_result_format")])
        .default("json")
        .choices(&["json", "yaml"]);

/// Whether lines of a check run say so.
pub static CHECK_MODE_MARKERS: Setting<bool> =
    Setting::new("check_mode_markers", "Whether lines of a check run say so.")
        .env(&["ANSIBLE_CHECK_MODE_MARKERS"])
        .ini(&[("defaults", "check_mode_markers")])
        .default("false");

/// The color of changes.
pub static COLOR_CHANGED: Setting<String> = Setting::new("COLOR_CHANGED", "The color of changes.")
    .env(&["ANSIBLE_COLOR_CHANGED"])
    .ini(&[("colors", "changed")])
    .default("yellow");

/// The color of the prompt of the console.
pub static COLOR_CONSOLE_PROMPT: Setting<String> =
    Setting::new("COLOR_CONSOLE_PROMPT", "The color of the prompt of the console.")
        .env(&["ANSIBLE_COLOR_CONSOLE_PROMPT"])
        .ini(&[("colors", "console_prompt")])
        .default("white");

/// The color of debug messages.
pub static COLOR_DEBUG: Setting<String> =
    Setting::new("COLOR_DEBUG", "The color of debug messages.")
        .env(&["ANSIBLE_COLOR_DEBUG"])
        .ini(&[("colors", "debug")])
        .default("dark gray");

/// The color of deprecations.
pub static COLOR_DEPRECATE: Setting<String> =
    Setting::new("COLOR_DEPRECATE", "The color of deprecations.")
        .env(&["ANSIBLE_COLOR_DEPRECATE"])
        .ini(&[("colors", "deprecate")])
        .default("purple");

/// The color of added lines.
pub static COLOR_DIFF_ADD: Setting<String> =
    Setting::new("COLOR_DIFF_ADD", "The color of added lines.")
        .env(&["ANSIBLE_COLOR_DIFF_ADD"])
        .ini(&[("colors", "diff_add")])
        .default("green");

/// The color of places of changed lines.
pub static COLOR_DIFF_LINES: Setting<String> =
    Setting::new("COLOR_DIFF_LINES", "The color of places of changed lines.")
        .env(&["ANSIBLE_COLOR_DIFF_LINES"])
        .ini(&[("colors", "diff_lines")])
        .default("cyan");

/// The color of removed lines.
pub static COLOR_DIFF_REMOVE: Setting<String> =
    Setting::new("COLOR_DIFF_REMOVE", "The color of removed lines.")
        .env(&["ANSIBLE_COLOR_DIFF_REMOVE"])
        .ini(&[("colors", "diff_remove")])
        .default("red");

/// The color of errors.
pub static COLOR_ERROR: Setting<String> = Setting::new("COLOR_ERROR", "The color of errors.")
    .env(&["ANSIBLE_COLOR_ERROR"])
    .ini(&[("colors", "error")])
    .default("red");

/// The color of highlights.
pub static COLOR_HIGHLIGHT: Setting<String> =
    Setting::new("COLOR_HIGHLIGHT", "The color of highlights.")
        .env(&["ANSIBLE_COLOR_HIGHLIGHT"])
        .ini(&[("colors", "highlight")])
        .default("white");

/// The color of included files.
pub static COLOR_INCLUDED: Setting<String> =
    Setting::new("COLOR_INCLUDED", "The color of included files.")
        .env(&["ANSIBLE_COLOR_INCLUDED"])
        .ini(&[("colors", "included")])
        .default("cyan");

/// The color of what is as it should be.
pub static COLOR_OK: Setting<String> =
    Setting::new("COLOR_OK", "The color of what is as it should be.")
        .env(&["ANSIBLE_COLOR_OK"])
        .ini(&[("colors", "ok")])
        .default("green");

/// The color of what is skipped.
pub static COLOR_SKIP: Setting<String> =
    Setting::new("COLOR_SKIP", "The color of what is skipped.")
        .env(&["ANSIBLE_COLOR_SKIP"])
        .ini(&[("colors", "skip")])
        .default("cyan");

/// The color of hosts that cannot be reached.
pub static COLOR_UNREACHABLE: Setting<String> =
    Setting::new("COLOR_UNREACHABLE", "The color of hosts that cannot be reached.")
        .env(&["ANSIBLE_COLOR_UNREACHABLE"])
        .ini(&[("colors", "unreachable")])
        .default("bright red");

/// The color of verbose messages.
pub static COLOR_VERBOSE: Setting<String> =
    Setting::new("COLOR_VERBOSE", "The color of verbose messages.")
        .env(&["ANSIBLE_COLOR_VERBOSE"])
        .ini(&[("colors", "verbose")])
        .default("blue");

/// The color of warnings.
pub static COLOR_WARN: Setting<String> = Setting::new("COLOR_WARN", "The color of warnings.")
    .env(&["ANSIBLE_COLOR_WARN"])
    .ini(&[("colors", "warn")])
    .default("bright purple");

/// Whether everything that happens inside is told.
pub static DEBUG: Setting<bool> =
    Setting::new("DEFAULT_DEBUG", "Whether everything that happens inside is told.")
        .env(&["ANSIBLE_DEBUG"])
        .ini(&[("defaults", "debug")])
        .default("false");

/// Whether deprecations are shown.
pub static DEPRECATION_WARNINGS: Setting<bool> =
    Setting::new("DEPRECATION_WARNINGS", "Whether deprecations are shown.")
        .env(&["ANSIBLE_DEPRECATION_WARNINGS"])
        .ini(&[("defaults", "deprecation_warnings")])
        .default("true");

/// Whether differences are shown without `--diff`.
pub static DIFF_ALWAYS: Setting<bool> =
    Setting::new("DIFF_ALWAYS", "Whether differences are shown without `--diff`.")
        .env(&["ANSIBLE_DIFF_ALWAYS"])
        .ini(&[("diff", "always")])
        .default("false");

/// How many unchanged lines stand around a difference.
pub static DIFF_CONTEXT: Setting<i64> =
    Setting::new("DIFF_CONTEXT", "How many unchanged lines stand around a difference.")
        .env(&["ANSIBLE_DIFF_CONTEXT"])
        .ini(&[("diff", "context")])
        .default("3");

/// Whether the arguments of a task stand in its headline.
pub static DISPLAY_ARGS_TO_STDOUT: Setting<bool> = Setting::new(
    "DISPLAY_ARGS_TO_STDOUT",
    "Whether the arguments of a task stand in its headline.",
)
.env(&["ANSIBLE_DISPLAY_ARGS_TO_STDOUT"])
.ini(&[("defaults", "display_args_to_stdout")])
.default("false");

/// Whether failures go to standard error.
pub static DISPLAY_FAILED_STDERR: Setting<bool> =
    Setting::new("display_failed_stderr", "Whether failures go to standard error.")
        .env(&["ANSIBLE_DISPLAY_FAILED_STDERR"])
        .ini(&[("defaults", "display_failed_stderr")])
        .default("false");

/// Whether hosts without changes are shown.
pub static DISPLAY_OK_HOSTS: Setting<bool> =
    Setting::new("display_ok_hosts", "Whether hosts without changes are shown.")
        .env(&["ANSIBLE_DISPLAY_OK_HOSTS"])
        .ini(&[("defaults", "display_ok_hosts")])
        .default("true");

/// Whether skipped hosts are shown.
pub static DISPLAY_SKIPPED_HOSTS: Setting<bool> =
    Setting::new("display_skipped_hosts", "Whether skipped hosts are shown.")
        .env(&["ANSIBLE_DISPLAY_SKIPPED_HOSTS"])
        .ini(&[("defaults", "display_skipped_hosts")])
        .default("true");

/// Whether colors are used where there is no terminal.
pub static FORCE_COLOR: Setting<bool> =
    Setting::new("ANSIBLE_FORCE_COLOR", "Whether colors are used where there is no terminal.")
        .env(&["ANSIBLE_FORCE_COLOR"])
        .ini(&[("defaults", "force_color")])
        .default("false");

/// Whether an empty inventory is warned of.
pub static LOCALHOST_WARNING: Setting<bool> =
    Setting::new("LOCALHOST_WARNING", "Whether an empty inventory is warned of.")
        .env(&["ANSIBLE_LOCALHOST_WARNING"])
        .ini(&[("defaults", "localhost_warning")])
        .default("true");

/// Names of loggers to leave out of the log file.
pub static LOG_FILTER: Setting<Vec<String>> =
    Setting::new("DEFAULT_LOG_FILTER", "Names of loggers to leave out of the log file.")
        .env(&["ANSIBLE_LOG_FILTER"])
        .ini(&[("defaults", "log_filter")])
        .default("");

/// The file that all output is written to as well.
pub static LOG_PATH: Setting<Option<PathBuf>> =
    Setting::new("DEFAULT_LOG_PATH", "The file that all output is written to as well.")
        .env(&["ANSIBLE_LOG_PATH"])
        .ini(&[("defaults", "log_path")]);

/// How much is written to the log file; as much as to the screen when it is not set.
pub static LOG_VERBOSITY: Setting<Option<i64>> = Setting::new(
    "LOG_VERBOSITY",
    "How much is written to the log file; as much as to the screen when it is not set.",
)
.env(&["ANSIBLE_LOG_VERBOSITY"])
.ini(&[("defaults", "log_verbosity")]);

/// Files with more bytes show no difference.
pub static MAX_DIFF_SIZE: Setting<i64> =
    Setting::new("MAX_FILE_SIZE_FOR_DIFF", "Files with more bytes show no difference.")
        .env(&["ANSIBLE_MAX_DIFF_SIZE"])
        .ini(&[("defaults", "max_diff_size")])
        .default("104448");

/// Whether nothing is colored.
pub static NOCOLOR: Setting<bool> = Setting::new("ANSIBLE_NOCOLOR", "Whether nothing is colored.")
    .env(&["ANSIBLE_NOCOLOR", "NO_COLOR"])
    .ini(&[("defaults", "nocolor")])
    .default("false");

/// The program that shows long texts.
pub static PAGER: Setting<String> = Setting::new("PAGER", "The program that shows long texts.")
    .env(&["ANSIBLE_PAGER", "PAGER"])
    .ini(&[("defaults", "pager")])
    .default("less");

/// Whether what `set_stats` gathered stands below the recap.
pub static SHOW_CUSTOM_STATS: Setting<bool> =
    Setting::new("show_custom_stats", "Whether what `set_stats` gathered stands below the recap.")
        .env(&["ANSIBLE_SHOW_CUSTOM_STATS"])
        .ini(&[("defaults", "show_custom_stats")])
        .default("false");

/// Whether the start of a task is shown for each host.
pub static SHOW_PER_HOST_START: Setting<bool> =
    Setting::new("show_per_host_start", "Whether the start of a task is shown for each host.")
        .env(&["ANSIBLE_SHOW_PER_HOST_START"])
        .ini(&[("defaults", "show_per_host_start")])
        .default("false");

/// Whether a failure says where the task stands.
pub static SHOW_TASK_PATH_ON_FAILURE: Setting<bool> =
    Setting::new("show_task_path_on_failure", "Whether a failure says where the task stands.")
        .env(&["ANSIBLE_SHOW_TASK_PATH_ON_FAILURE"])
        .ini(&[("defaults", "show_task_path_on_failure")])
        .default("false");

/// What the screen shows; `default` is the format of Ansible.
pub static STDOUT_CALLBACK: Setting<Option<String>> = Setting::new(
    "DEFAULT_STDOUT_CALLBACK",
    "What the screen shows; `default` is the format of Ansible.",
)
.env(&["ANSIBLE_STDOUT_CALLBACK"])
.ini(&[("defaults", "stdout_callback")]);

/// Whether problems of this machine are shown.
pub static SYSTEM_WARNINGS: Setting<bool> =
    Setting::new("SYSTEM_WARNINGS", "Whether problems of this machine are shown.")
        .env(&["ANSIBLE_SYSTEM_WARNINGS"])
        .ini(&[("defaults", "system_warnings")])
        .default("true");

/// Whether verbose messages go to standard error.
pub static VERBOSE_TO_STDERR: Setting<bool> =
    Setting::new("VERBOSE_TO_STDERR", "Whether verbose messages go to standard error.")
        .env(&["ANSIBLE_VERBOSE_TO_STDERR"])
        .ini(&[("defaults", "verbose_to_stderr")])
        .default("false");

/// How much is told, as so many `-v`.
pub static VERBOSITY: Setting<i64> =
    Setting::new("DEFAULT_VERBOSITY", "How much is told, as so many `-v`.")
        .env(&["ANSIBLE_VERBOSITY"])
        .ini(&[("defaults", "verbosity")])
        .default("0");
