//! What a run is told by the command line and the configuration.

use std::path::PathBuf;
use std::sync::Arc;

use crate::base::{Map, Secret, Value, path};
use crate::inventory::Merging;
use crate::playbook::Duplicates;
use crate::vars::FactCache;

/// What the command line and the configuration say, final.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The playbooks.
    pub playbooks: Vec<PathBuf>,
    /// The inventory sources, as shown to playbooks.
    pub inventory_sources: Vec<String>,
    /// Whether variables of a role are seen by that role only, when somebody says so.
    pub private_role_vars: Option<bool>,
    /// Whether what is typed unseen at `vars_prompt` is a secret; in Ansible's own format it is shown as Ansible does.
    pub hide_prompted: bool,
    /// Only these hosts.
    pub limit: Option<String>,
    /// Only tasks with one of these tags.
    pub tags: Vec<String>,
    /// No tasks with one of these tags.
    pub skip_tags: Vec<String>,
    /// Variables of the command line.
    pub extra: Arc<Map>,
    /// How many hosts work at a time.
    pub forks: usize,
    /// Whether nothing is changed.
    pub check: bool,
    /// Whether differences are shown.
    pub diff: bool,
    /// How much detail is wanted.
    pub verbosity: u8,
    /// The task to start at.
    pub start_at: Option<String>,
    /// Whether to ask before each task.
    pub step: bool,
    /// Whether handlers run on hosts that failed.
    pub force_handlers: bool,
    /// Whether everything that the engine does is told.
    pub debug: bool,
    /// Where facts are kept for other runs.
    pub fact_cache: Option<FactCache>,
    /// Whether cached facts are forgotten.
    pub flush_cache: bool,
    /// The login name.
    pub remote_user: Option<String>,
    /// The private key.
    pub private_key: Option<PathBuf>,
    /// The kind of connection (`ssh`, `local`).
    pub connection: Option<String>,
    /// How long connecting may take, in seconds.
    pub timeout: u64,
    /// The password for logging in.
    pub password: Option<Secret>,
    /// Whether to become another user where nothing says otherwise.
    pub escalate: bool,
    /// The user to become.
    pub become_user: Option<String>,
    /// How to become that user.
    pub become_method: Option<String>,
    /// The password for becoming that user.
    pub become_password: Option<Secret>,
    /// The private key itself.
    pub private_key_text: Option<Secret>,
    /// The passphrase of the private key.
    pub passphrase: Option<Secret>,
    /// The port to connect to.
    pub port: Option<u16>,
    /// How often connecting is tried again.
    pub retries: u32,
    /// The folder on hosts for the helper's program that is tried first.
    pub remote_tmp: Option<String>,
    /// The program that makes another user of us, when it is not the method's own.
    pub become_exe: Option<String>,
    /// Its options, when they are not the usual ones.
    pub become_flags: Option<String>,
    /// The folder that `sudo` is started in.
    pub sudo_chdir: Option<String>,
    /// Options of `ssh` that weigh more than the inventory; a host's own replace them, as they do with the next two.
    pub ssh_args: String,
    /// Options of `ssh` that weigh less than the inventory.
    pub ssh_common_args: String,
    /// More of them.
    pub ssh_extra_args: String,
    /// Whether host keys have to be known.
    pub host_key_checking: bool,
    /// The configuration file, for `ansible_config_file`.
    pub config_file: Option<PathBuf>,
    /// Folders with roles.
    pub role_folders: Vec<PathBuf>,
    /// Folders with `ansible_collections`.
    pub collection_folders: Vec<PathBuf>,
    /// The strategy of plays that name none.
    pub strategy: String,
    /// `implicit`, `explicit` or `smart`.
    pub gathering: String,
    /// Whether a failure is fatal for all where nothing says otherwise.
    pub any_errors_fatal: bool,
    /// Whether a notification that reaches no handler is an error.
    pub missing_handler_is_error: bool,
    /// What a key is that stands in a map twice.
    pub duplicate_keys: Duplicates,
    /// What happens to dictionaries of the same name.
    pub merging: Merging,
    /// Whether facts are seen in `ansible_facts` only.
    pub facts_apart: bool,
    /// Whether what is not said to be shown is hidden (`no_log`).
    pub no_log: bool,
    /// What to do about a pattern that matches no host.
    pub unmatched: Unmatched,
    /// Whether conditions that are no booleans are taken by their truth.
    pub broken_conditionals: bool,
    /// How many seconds lie between looks at a job in the background.
    pub poll: u64,
    /// The folder on hosts in which such jobs leave their results.
    pub job_folder: String,
    /// The helper's program.
    pub helper: PathBuf,
}

/// What to do about a pattern of `hosts` that matches no host.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Unmatched {
    /// The run ends.
    Fail,
    /// Nothing.
    Ignore,
    /// A warning.
    #[default]
    Warn,
}

impl Options {
    /// Returns the magic variables that never change in a run.
    pub(super) fn fixed(&self) -> Map {
        let list = |items: &[String]| Value::list(items.iter().map(Value::from));
        let mut map = Map::new();
        // The version of the language: what playbooks ask for is what Ansible of that version does.
        let version = [
            ("full", Value::from(LANGUAGE)),
            ("string", LANGUAGE.into()),
            ("major", 2.into()),
            ("minor", 19.into()),
            ("revision", 0.into()),
        ];
        map.insert("ansible_version", Value::map(version));
        // No Python runs here; inventories give this name to hosts whose interpreter is that of the controller.
        map.insert("ansible_playbook_python", "/usr/bin/python3".into());
        map.insert("fcplay_version", env!("CARGO_PKG_VERSION").into());
        map.insert("ansible_forks", self.forks.into());
        map.insert("ansible_verbosity", i64::from(self.verbosity).into());
        map.insert(
            "ansible_run_tags",
            if self.tags.is_empty() { list(&["all".into()]) } else { list(&self.tags) },
        );
        map.insert("ansible_skip_tags", list(&self.skip_tags));
        map.insert("omit", crate::template::omit());
        let config = self.config_file.as_ref();
        let config = config.map(|file| path::absolute(file).to_string_lossy().into_owned().into());
        map.insert("ansible_config_file", config.unwrap_or_default());
        if let Some(limit) = &self.limit {
            map.insert("ansible_limit", limit.as_str().into());
        }
        map
    }
}

/// The version of Ansible whose language this is.
const LANGUAGE: &str = "2.19.0";
