//! Configuration and flags become the options of a run: one function a group of flags.

use std::sync::Arc;
use std::time::Duration;

use super::args::{Connection, Escalation, Execution, Inventory, Output, Play, Selection};
use super::error::Error;
use super::exit::Exit;
use crate::base::{Secret, shlex};
use crate::config::{Config, Origin, settings};
use crate::engine::{Options, Unmatched};
use crate::inventory::Merging;
use crate::playbook::Duplicates;
use crate::vars::FactCache;

/// Returns the options of a run; variables and passwords of the command line are added by the caller.
pub(super) fn options(play: &Play, config: &Config) -> Result<Options, Error> {
    let mut options = Options::default();
    general(config, &mut options);
    inventory(&play.inventory, config, &mut options)?;
    selection(&play.selection, config, &mut options);
    execution(&play.execution, config, &mut options);
    connection(&play.connection, config, &mut options)?;
    escalation(&play.escalation, config, &mut options);
    output(&play.output, config, &mut options);
    Ok(options)
}

fn general(config: &Config, options: &mut Options) {
    options.strategy = config.get(&settings::STRATEGY);
    options.gathering = config.get(&settings::GATHERING);
    options.config_file = config.file();
    options.role_folders = config.get(&settings::ROLES_PATH);
    options.collection_folders = config.get(&settings::COLLECTIONS_PATH);
    options.any_errors_fatal = config.get(&settings::ANY_ERRORS_FATAL);
    options.facts_apart = !config.get(&settings::INJECT_FACTS_AS_VARS);
    options.no_log = config.get(&settings::NO_LOG);
    options.unmatched = match config.get(&settings::HOST_PATTERN_MISMATCH).as_str() {
        "error" => Unmatched::Fail,
        "ignore" => Unmatched::Ignore,
        _ => Unmatched::Warn,
    };
    options.missing_handler_is_error = config.get(&settings::ERROR_ON_MISSING_HANDLER);
    options.duplicate_keys = match config.get(&settings::DUPLICATE_DICT_KEY).as_str() {
        "error" => Duplicates::Error,
        "ignore" => Duplicates::Ignore,
        _ => Duplicates::Warn,
    };
    options.merging = match config.get(&settings::HASH_BEHAVIOUR).as_str() {
        "merge" => Merging::Deep,
        _ => Merging::Replace,
    };
    let private = &settings::PRIVATE_ROLE_VARS;
    let is_set = !matches!(config.origin(&private.row), crate::config::Origin::Default);
    options.private_role_vars = is_set.then(|| config.get(private));
    options.broken_conditionals = config.get(&settings::ALLOW_BROKEN_CONDITIONALS);
    options.poll = u64::try_from(config.get(&settings::POLL_INTERVAL)).unwrap_or(0);
    options.job_folder = config.get(&settings::ASYNC_DIR);
}

/// Reads which inventories and hosts are meant.
pub(super) fn inventory(
    flags: &Inventory,
    config: &Config,
    options: &mut Options,
) -> Result<(), Error> {
    options.inventory_sources = if flags.inventory.is_empty() {
        let folder = config.environment().folder();
        let configured = config.get(&settings::INVENTORY);
        // Below the root every path would be short; the name of the default inventory has to stay whole.
        let base = if folder.parent().is_none() { std::path::Path::new("") } else { folder };
        let shown = |path: &std::path::PathBuf| {
            path.strip_prefix(base).unwrap_or(path).display().to_string()
        };
        configured.iter().map(shown).collect()
    } else {
        flags.inventory.clone()
    };
    options.limit.clone_from(&flags.limit);
    options.flush_cache = flags.flush_cache;
    options.fact_cache = fact_cache(config)?;
    Ok(())
}

/// Returns where facts are kept between runs.
fn fact_cache(config: &Config) -> Result<Option<FactCache>, Error> {
    let refuse = |what: String| Err(Error::new(Exit::BadOptions, what));
    let plugin = config.get(&settings::CACHE_PLUGIN);
    match plugin.rsplit('.').next() {
        Some("jsonfile") => {}
        Some("memory") => return Ok(None),
        _ => {
            return refuse(format!(
                "`fact_caching` is `{plugin}`; facts can be kept in `memory` or, between runs, in files (`jsonfile`)"
            ));
        }
    }
    let Some(folder) = config.get(&settings::CACHE_CONNECTION).filter(|path| !path.is_empty())
    else {
        return refuse(
            "error, 'jsonfile' cache plugin requires the 'fact_caching_connection' config option to be set (to a writeable directory path)"
                .to_owned(),
        );
    };
    let environment = config.environment();
    // What is the default of the setting is no part of the names.
    let is_given = *config.origin(&settings::CACHE_PREFIX.row) != Origin::Default;
    let seconds = u64::try_from(config.get(&settings::CACHE_TIMEOUT)).unwrap_or(0);
    Ok(Some(FactCache {
        folder: environment.path(&folder, environment.folder()),
        prefix: if is_given { config.get(&settings::CACHE_PREFIX) } else { String::new() },
        timeout: (seconds > 0).then(|| Duration::from_secs(seconds)),
    }))
}

fn selection(flags: &Selection, config: &Config, options: &mut Options) {
    let words = |given: &[String], configured: Vec<String>| {
        if given.is_empty() { configured } else { by_comma(given) }
    };
    options.tags = words(&flags.tags, config.get(&settings::TAGS_RUN));
    options.skip_tags = words(&flags.skip_tags, config.get(&settings::TAGS_SKIP));
    options.start_at.clone_from(&flags.start_at_task);
    options.step = flags.step;
}

fn by_comma(given: &[String]) -> Vec<String> {
    let words = given.iter().flat_map(|text| text.split(','));
    words.map(|word| word.trim().to_owned()).filter(|word| !word.is_empty()).collect()
}

fn execution(flags: &Execution, config: &Config, options: &mut Options) {
    let configured = usize::try_from(config.get(&settings::FORKS)).unwrap_or(1);
    options.forks = flags.forks.map_or(configured, |forks| forks as usize).max(1);
    options.check = flags.check;
    options.diff = flags.diff || config.get(&settings::DIFF_ALWAYS);
    options.debug = config.get(&settings::DEBUG);
    options.force_handlers = flags.force_handlers || config.get(&settings::FORCE_HANDLERS);
}

fn connection(flags: &Connection, config: &Config, options: &mut Options) -> Result<(), Error> {
    let environment = config.environment();
    options.remote_user = flags.user.clone().or_else(|| config.get(&settings::REMOTE_USER));
    let key = flags.private_key.as_ref();
    let key = key.map(|path| environment.path(&path.display().to_string(), environment.folder()));
    options.private_key = key.or_else(|| config.get(&settings::PRIVATE_KEY_FILE));
    let transport = Some(config.get(&settings::TRANSPORT)).filter(|kind| kind != "smart");
    options.connection = flags.connection.clone().or(transport);
    let configured = u64::try_from(config.get(&settings::TIMEOUT)).unwrap_or(10);
    options.timeout = flags.timeout.map_or(configured, u64::from);
    options.host_key_checking = config.get(&settings::HOST_KEY_CHECKING);
    options.port = config.get(&settings::REMOTE_PORT).and_then(|port| u16::try_from(port).ok());
    options.retries = u32::try_from(config.get(&settings::SSH_RETRIES)).unwrap_or(0);
    options.private_key_text = config.get(&settings::PRIVATE_KEY).map(Secret::new);
    options.passphrase = config.get(&settings::PRIVATE_KEY_PASSPHRASE).map(Secret::new);
    // Ansible's own default is for what it uploads anew each time; the helper has a cache of its own.
    let chosen = *config.origin(&settings::REMOTE_TMP.row) != Origin::Default;
    options.remote_tmp = chosen.then(|| config.get(&settings::REMOTE_TMP));
    ssh_options(flags, config, options)
}

fn ssh_options(flags: &Connection, config: &Config, options: &mut Options) -> Result<(), Error> {
    let given =
        |flag: &Option<String>, setting| flag.clone().unwrap_or_else(|| config.get(setting));
    options.ssh_args = config.get(&settings::SSH_ARGS);
    let card = config.get(&settings::PKCS11_PROVIDER);
    if !card.is_empty() {
        options.ssh_args += &format!(" -o {}", shlex::quote(&format!("PKCS11Provider={card}")));
    }
    options.ssh_common_args = given(&flags.ssh_common_args, &settings::SSH_COMMON_ARGS);
    options.ssh_extra_args = given(&flags.ssh_extra_args, &settings::SSH_EXTRA_ARGS);
    for (name, text) in [
        ("ssh_args", &options.ssh_args),
        ("ssh_common_args", &options.ssh_common_args),
        ("ssh_extra_args", &options.ssh_extra_args),
    ] {
        let wrong = |why| Error::new(Exit::BadOptions, format!("`{name}` is `{text}`: {why}"));
        shlex::split(text).map_err(wrong)?;
    }
    Ok(())
}

fn escalation(flags: &Escalation, config: &Config, options: &mut Options) {
    options.escalate = flags.r#become || config.get(&settings::BECOME);
    let user = flags.become_user.clone();
    options.become_user = user.or_else(|| Some(config.get(&settings::BECOME_USER)));
    let method = flags.become_method.clone();
    options.become_method = method.or_else(|| Some(config.get(&settings::BECOME_METHOD)));
    options.become_exe = config.get(&settings::BECOME_EXE);
    options.sudo_chdir = config.get(&settings::SUDO_CHDIR);
    options.become_flags =
        Some(config.get(&settings::BECOME_FLAGS)).filter(|flags| !flags.is_empty());
}

fn output(flags: &Output, config: &Config, options: &mut Options) {
    let configured = u8::try_from(config.get(&settings::VERBOSITY)).unwrap_or(u8::MAX);
    options.verbosity = if flags.verbose == 0 { configured } else { flags.verbose };
    options.extra = Arc::default();
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::config::Environment;

    #[track_caller]
    fn made(line: &str, vars: &[(&str, &str)]) -> Options {
        let play = Play::try_parse_from(line.split(' ')).unwrap();
        let config = Config::load(Environment::new("/none", vars)).unwrap();
        options(&play, &config).unwrap()
    }

    #[test]
    fn nothing_said_means_the_defaults() {
        let options = made("fcplay site.yml", &[]);
        assert_eq!((options.forks, options.timeout, options.verbosity), (50, 10, 0));
        assert_eq!(options.inventory_sources, ["/etc/ansible/hosts"]);
        assert_eq!(options.connection.as_deref(), Some("ssh"));
        assert!(!options.check && !options.escalate && options.host_key_checking);
    }

    #[test]
    fn flags_win_over_the_environment() {
        let vars =
            [("ANSIBLE_FORKS", "3"), ("ANSIBLE_REMOTE_USER", "env"), ("ANSIBLE_RUN_TAGS", "x")];
        let options = made("fcplay site.yml -f 7 -t a,b -t c", &vars);
        assert_eq!((options.forks, options.remote_user.as_deref()), (7, Some("env")));
        assert_eq!(options.tags, ["a", "b", "c"]);
        assert_eq!(made("fcplay site.yml", &vars).tags, ["x"]);
    }
}
