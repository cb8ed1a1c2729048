//! What a report looks like, every value resolved.

use std::path::PathBuf;

use super::colors::Palette;
use super::profile::Measures;
use super::terminal;
use crate::config::{Config, settings};

/// Which report is on the screen.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Format {
    /// Ours, for people.
    #[default]
    Human,
    /// Ansible's `default`, to the byte.
    Default,
    /// Ansible's `minimal`.
    Minimal,
    /// Ansible's `oneline`.
    Oneline,
    /// One document of JSON at the end, as `ansible.posix.json`.
    Json,
    /// A line of JSON for each event (`fcplay.events/1`).
    Events,
    /// Nothing.
    Null,
}

/// The names of `stdout_callback`, and what they mean.
const NAMES: &[(&str, Format)] = &[
    ("ansible.builtin.default", Format::Default),
    ("ansible.builtin.minimal", Format::Minimal),
    ("ansible.builtin.oneline", Format::Oneline),
    ("ansible.posix.json", Format::Json),
    ("community.general.null", Format::Null),
    ("community.general.yaml", Format::Default),
    ("default", Format::Default),
    ("events", Format::Events),
    ("human", Format::Human),
    ("json", Format::Json),
    ("minimal", Format::Minimal),
    ("null", Format::Null),
    ("oneline", Format::Oneline),
    ("yaml", Format::Default),
];

impl Format {
    /// Returns what a name of `stdout_callback` means.
    pub fn of_callback(name: &str) -> Option<Self> {
        NAMES.iter().find(|(known, _)| *known == name).map(|(_, format)| *format)
    }

    /// Returns the names that `stdout_callback` may have.
    pub fn names() -> impl Iterator<Item = &'static str> {
        NAMES.iter().map(|(name, _)| *name)
    }
}

/// How values are written in Ansible's formats.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum ValueFormat {
    /// As JSON.
    #[default]
    Json,
    /// As YAML.
    Yaml,
}

/// Whether something is shown.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Show {
    /// It is.
    #[default]
    Yes,
    /// It is not.
    No,
}

impl From<bool> for Show {
    fn from(shown: bool) -> Self {
        if shown { Self::Yes } else { Self::No }
    }
}

/// Where a report is read.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Place {
    /// On a terminal, where lines may be taken back.
    Terminal,
    /// Anywhere else: a file, a pipe, a log of CI.
    #[default]
    Stream,
}

/// What a report looks like.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Which report it is.
    pub format: Format,
    /// Where it is read.
    pub place: Place,
    /// How many columns there are.
    pub width: usize,
    /// Whether characters beyond ASCII can be shown.
    pub unicode: bool,
    /// The colors.
    pub colors: Palette,
    /// How much detail is wanted.
    pub verbosity: u8,
    /// Whether nothing is changed in this run.
    pub check: bool,
    /// Whether each line begins with the time.
    pub timestamps: bool,
    /// How values are written in Ansible's formats.
    pub values: ValueFormat,
    /// Whether values are spread over several lines; by their kind when nobody said.
    pub pretty: Option<bool>,
    /// Hosts where nothing had to change.
    pub ok_hosts: Show,
    /// Hosts where a task did not apply.
    pub skipped_hosts: Show,
    /// The start of each task on each host.
    pub host_starts: Show,
    /// Marks of check mode in headings.
    pub check_markers: Show,
    /// Where a failed task stands.
    pub path_on_failure: Show,
    /// What `set_stats` gathered.
    pub custom_stats: Show,
    /// Warnings in the results of tasks.
    pub action_warnings: Show,
    /// What will not work for ever.
    pub deprecations: Show,
    /// Whether failures go to standard error.
    pub failures_to_stderr: bool,
    /// How many unchanged lines stand around a difference.
    pub context: usize,
    /// The `ansible.cfg` that was read.
    pub config_file: Option<PathBuf>,
    /// A file that gets the same report.
    pub log: Option<PathBuf>,
    /// What is measured.
    pub measures: Measures,
    /// The folder where JUnit's XML is written.
    pub junit: Option<PathBuf>,
    /// The folder where each host's result is written.
    pub tree: Option<PathBuf>,
}

impl Default for Settings {
    /// Returns the settings of a report that nobody configured, into a stream.
    fn default() -> Self {
        Self {
            format: Format::Human,
            place: Place::Stream,
            width: 80,
            unicode: true,
            colors: Palette::plain(),
            verbosity: 0,
            check: false,
            timestamps: false,
            values: ValueFormat::Json,
            pretty: None,
            ok_hosts: Show::Yes,
            skipped_hosts: Show::Yes,
            host_starts: Show::No,
            check_markers: Show::No,
            path_on_failure: Show::No,
            custom_stats: Show::No,
            action_warnings: Show::Yes,
            deprecations: Show::Yes,
            failures_to_stderr: false,
            context: 3,
            config_file: None,
            log: None,
            measures: Measures::default(),
            junit: None,
            tree: None,
        }
    }
}

impl Settings {
    /// Returns the settings of a run: `format` counts when `stdout_callback` is not set.
    pub fn load(config: &Config, format: Format, (verbosity, check): (u8, bool)) -> Self {
        let callback = config.get(&settings::STDOUT_CALLBACK);
        let callback = callback.as_deref().unwrap_or_default();
        let by_yaml = callback == "yaml" || callback == "community.general.yaml";
        let yaml = by_yaml || config.get(&settings::CALLBACK_RESULT_FORMAT) == "yaml";
        let terminal = terminal::stdout(config.environment());
        let plain = config.get(&settings::NOCOLOR) || terminal.place == Place::Stream;
        let colored = config.get(&settings::FORCE_COLOR) || !plain;
        let pretty = config.get(&settings::CALLBACK_FORMAT_PRETTY);
        let show = |setting| Show::from(config.get(setting));
        Self {
            format: Format::of_callback(callback).unwrap_or(format),
            place: terminal.place,
            width: terminal.width,
            unicode: terminal.unicode,
            colors: if colored { Palette::load(config) } else { Palette::plain() },
            verbosity,
            check,
            timestamps: verbosity > 0 && terminal.place == Place::Stream,
            values: if yaml { ValueFormat::Yaml } else { ValueFormat::Json },
            pretty: pretty.and_then(|text| crate::base::fold::truth(&text)),
            ok_hosts: show(&settings::DISPLAY_OK_HOSTS),
            skipped_hosts: show(&settings::DISPLAY_SKIPPED_HOSTS),
            host_starts: show(&settings::SHOW_PER_HOST_START),
            check_markers: show(&settings::CHECK_MODE_MARKERS),
            path_on_failure: show(&settings::SHOW_TASK_PATH_ON_FAILURE),
            custom_stats: show(&settings::SHOW_CUSTOM_STATS),
            action_warnings: show(&settings::ACTION_WARNINGS),
            deprecations: show(&settings::DEPRECATION_WARNINGS),
            failures_to_stderr: config.get(&settings::DISPLAY_FAILED_STDERR),
            context: usize::try_from(config.get(&settings::DIFF_CONTEXT)).unwrap_or(3),
            config_file: config.file(),
            log: config.get(&settings::LOG_PATH),
            measures: Measures {
                tasks: is_enabled(config, "profile_tasks"),
                run: is_enabled(config, "timer"),
            },
            junit: junit(config),
            tree: None,
        }
    }
}

/// Returns whether a callback is enabled, whatever its collection.
fn is_enabled(config: &Config, name: &str) -> bool {
    let enabled = config.get(&settings::CALLBACKS_ENABLED);
    enabled.iter().any(|known| known.trim().rsplit('.').next() == Some(name))
}

/// Returns the folder of JUnit's XML, when the callback is enabled.
fn junit(config: &Config) -> Option<PathBuf> {
    let wanted = is_enabled(config, "junit");
    let environment = config.environment();
    let folder = environment.var("JUNIT_OUTPUT_DIR").unwrap_or("~/.ansible.log");
    wanted.then(|| environment.path(folder, environment.folder()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Environment;

    fn load(vars: &[(&str, &str)]) -> Settings {
        let config = Config::load(Environment::new("/none", vars)).unwrap();
        Settings::load(&config, Format::Human, (0, false))
    }

    #[test]
    fn callbacks_choose_the_format() {
        assert_eq!(load(&[]).format, Format::Human);
        assert_eq!(load(&[("ANSIBLE_STDOUT_CALLBACK", "default")]).format, Format::Default);
        let yaml = load(&[("ANSIBLE_STDOUT_CALLBACK", "yaml")]);
        assert_eq!((yaml.format, yaml.values), (Format::Default, ValueFormat::Yaml));
        let names: Vec<_> = Format::names().collect();
        assert!(names.is_sorted(), "{names:?}");
    }

    #[test]
    fn junit_has_a_folder() {
        let vars = [("ANSIBLE_CALLBACKS_ENABLED", "junit, timer"), ("JUNIT_OUTPUT_DIR", "/out")];
        assert_eq!(load(&vars).junit, Some(PathBuf::from("/out")));
        assert_eq!(load(&[]).junit, None);
    }
}
