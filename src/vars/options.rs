//! How the settings of a run have its inventories read. It stands here because inventories do not know settings.

use std::sync::Arc;

use crate::config::{Config, Origin, settings};
use crate::inventory::{GroupNames, Level, LoadOptions, Merging, Missing, Unreadable, VarsFiles};
use crate::vault::Secrets;

/// Returns the options of reading inventories. What evaluates constructed ones is added by the caller.
pub fn load_options(config: &Config, secrets: Arc<Secrets>) -> LoadOptions {
    let environment = config.environment();
    let deep = config.get(&settings::HASH_BEHAVIOUR) == "merge";
    let vars = config.get(&settings::VARS_PLUGINS_ENABLED);
    let reads_vars = vars.iter().any(|name| name.rsplit('.').next() == Some("host_group_vars"));
    let fails = config.get(&settings::UNPARSED_IS_FAILED);
    let warns = config.get(&settings::INVENTORY_UNPARSED_WARNING);
    LoadOptions {
        folder: environment.folder().to_owned(),
        home: environment.home().map(ToOwned::to_owned),
        secrets,
        merging: if deep { Merging::Deep } else { Merging::Replace },
        extensions: config.get(&settings::YAML_EXTENSIONS),
        ignore_extensions: config.get(&settings::INVENTORY_IGNORE_EXTENSIONS),
        ignore_patterns: config.get(&settings::INVENTORY_IGNORE_PATTERNS),
        precedence: Level::order(&config.get(&settings::PRECEDENCE)),
        script_stderr: config.get(&settings::INVENTORY_SCRIPT_STDERR),
        unreadable: Unreadable::Fail,
        missing: match (fails, warns) {
            (true, _) => Missing::Fail,
            (false, true) => Missing::Warn,
            (false, false) => Missing::Ignore,
        },
        names: group_names(config),
        vars_files: if reads_vars { VarsFiles::Read } else { VarsFiles::Ignore },
        enabled: config.get(&settings::INVENTORY_ENABLED),
        use_extra_vars: config.get(&settings::USE_EXTRA_VARS),
        evaluate: None,
        extra_vars: Arc::default(),
    }
}

/// Returns what is done about odd names of groups. They are told of only when somebody asks for what is the default.
fn group_names(config: &Config) -> GroupNames {
    let setting = &settings::FORCE_VALID_GROUP_NAMES;
    match config.get(setting).as_str() {
        "always" => GroupNames::ReplaceAndTell,
        "silently" => GroupNames::Replace,
        "never" if *config.origin(&setting.row) != Origin::Default => GroupNames::KeepAndTell,
        _ => GroupNames::Keep,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Environment;

    #[test]
    fn without_settings_the_options_are_the_usual_ones() {
        let config =
            Config::load(Environment::new("/none", &[("ANSIBLE_HASH_BEHAVIOUR", "merge")]))
                .unwrap();
        let options = load_options(&config, Arc::default());
        let usual = LoadOptions::default();
        assert_eq!(options.merging, Merging::Deep);
        assert_eq!(options.precedence, usual.precedence);
        assert_eq!(options.enabled, usual.enabled);
        assert_eq!(options.ignore_extensions, usual.ignore_extensions);
        assert_eq!((options.missing, options.vars_files), (Missing::Warn, VarsFiles::Read));
    }
}
