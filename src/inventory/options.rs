//! What reading inventories needs to know of the run.

use std::path::PathBuf;
use std::sync::Arc;

use super::layers::Level;
use super::model::Merging;
use crate::base::{Map, Value};
use crate::vault::Secrets;

/// Evaluates what constructed inventories say. The template language lies above this layer, so it is handed in.
pub trait Evaluate: Send + Sync {
    /// Returns the value of an expression (without braces) over variables.
    fn expression(&self, source: &str, vars: &Arc<Map>) -> Result<Value, String>;

    /// Returns the text of a template (with braces) over variables.
    fn text(&self, source: &str, vars: &Arc<Map>) -> Result<String, String>;

    /// Returns the truth of a condition over variables.
    fn condition(&self, source: &str, vars: &Arc<Map>) -> Result<bool, String>;
}

/// What to do about a source that cannot be read.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Unreadable {
    /// It ends the run: a deployment to the wrong hosts is worse than none.
    #[default]
    Fail,
    /// It is warned of and left out, as Ansible does.
    Warn,
}

/// What to do about characters of group names that names of variables cannot have (`force_valid_group_names`).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum GroupNames {
    /// They stay.
    #[default]
    Keep,
    /// They stay, and are warned of.
    KeepAndTell,
    /// They become underscores.
    Replace,
    /// They become underscores, which is warned of.
    ReplaceAndTell,
}

/// Whether `group_vars` and `host_vars` are read (`vars_plugins_enabled`).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum VarsFiles {
    /// They are.
    #[default]
    Read,
    /// They are not.
    Ignore,
}

/// What to do when no source was read at all.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Missing {
    /// It is an error.
    Fail,
    /// It is warned of; this machine is still there.
    Warn,
    /// Nothing.
    #[default]
    Ignore,
}

/// Settings of reading inventories.
#[derive(Clone)]
pub struct LoadOptions {
    /// The current folder, which names of sources are relative to.
    pub folder: PathBuf,
    /// The home folder, for `~`.
    pub home: Option<PathBuf>,
    /// Passwords of encrypted files.
    pub secrets: Arc<Secrets>,
    /// What happens to a dictionary that is set twice.
    pub merging: Merging,
    /// Ends of names of files with variables.
    pub extensions: Vec<String>,
    /// Ends of names that are left out of a folder of inventories.
    pub ignore_extensions: Vec<String>,
    /// Regular expressions of names that are left out.
    pub ignore_patterns: Vec<String>,
    /// The order of groups' variables by where they come from.
    pub precedence: Vec<Level>,
    /// Whether standard error of scripts is shown.
    pub script_stderr: bool,
    /// What to do about a source that cannot be read.
    pub unreadable: Unreadable,
    /// What to do when no source was read at all.
    pub missing: Missing,
    /// What to do about odd names of groups.
    pub names: GroupNames,
    /// Whether `group_vars` and `host_vars` are read.
    pub vars_files: VarsFiles,
    /// Kinds of inventories that may be read.
    pub enabled: Vec<String>,
    /// Whether constructed inventories see variables of the command line when they do not say.
    pub use_extra_vars: bool,
    /// Evaluates constructed inventories.
    pub evaluate: Option<Arc<dyn Evaluate>>,
    /// Variables of the command line, for constructed inventories that ask for them.
    pub extra_vars: Arc<Map>,
}

impl Default for LoadOptions {
    /// Returns the options of a run without any settings, in the folder `/`.
    fn default() -> Self {
        let words = |text: &str| text.split(' ').map(str::to_owned).collect();
        Self {
            folder: PathBuf::from("/"),
            home: None,
            secrets: Arc::default(),
            merging: Merging::default(),
            extensions: words(".yml .yaml .json"),
            ignore_extensions: words(".pyc .pyo .swp .bak ~ .rpm .md .txt .rst .orig .cfg .retry"),
            ignore_patterns: Vec::new(),
            precedence: Level::order(&[]),
            script_stderr: true,
            unreadable: Unreadable::default(),
            missing: Missing::default(),
            names: GroupNames::default(),
            vars_files: VarsFiles::default(),
            enabled: words("host_list script auto yaml ini toml"),
            use_extra_vars: false,
            evaluate: None,
            extra_vars: Arc::default(),
        }
    }
}
