//! What playbooks, ad-hoc runs and listings of inventories read alike: passwords, variables, templates, inventories.

use std::sync::Arc;

use super::error::Error;
use super::{args, extra, passwords, services};
use crate::config::{Config, settings};
use crate::engine::Options;
use crate::inventory::{Inventory, Unreadable};
use crate::template::{BrokenConditions, Engine};
use crate::vars;
use crate::vault::Secrets;

/// What was read.
pub(super) struct Loaded {
    /// Opens vaults.
    pub(super) secrets: Arc<Secrets>,
    /// The template engine.
    pub(super) templates: Engine,
    /// Hosts and groups.
    pub(super) inventory: Inventory,
}

/// Reads vault passwords, variables of the command line (into the options) and inventories.
pub(super) fn load(
    vault: &args::Vault,
    extra_vars: &[String],
    options: &mut Options,
    config: &Config,
    warn: &dyn Fn(&str),
) -> Result<Loaded, Error> {
    config.warnings().iter().for_each(|warning| warn(&warning.to_string()));
    let secrets = Arc::new(passwords::vault(vault, config, warn)?);
    options.extra = Arc::new(extra::vars(extra_vars, config.environment(), &secrets)?);
    let broken = if options.broken_conditionals {
        BrokenConditions::Allow
    } else {
        BrokenConditions::Refuse
    };
    let templates = services::engine(&secrets, broken);
    let mut load = vars::load_options(config, Arc::clone(&secrets));
    load.evaluate = Some(Arc::new(services::Evaluator(templates.clone())));
    load.extra_vars = Arc::clone(&options.extra);
    if super::is_called_as_ansible() && !config.get(&settings::ANY_UNPARSED_IS_FAILED) {
        load.unreadable = Unreadable::Warn;
    }
    let mut inventory = Inventory::load(&options.inventory_sources, load)?;
    inventory.take_warnings().iter().for_each(|warning| warn(&warning.to_string()));
    Ok(Loaded { secrets, templates, inventory })
}
