//! `fcplay inventory`: what inventories say, in the output of `ansible-inventory`.

mod args;
mod toml;

use std::sync::Arc;

pub(super) use args::Listing;

use super::error::Error;
use super::exit::Exit;
use super::load::{self, Loaded};
use super::{report, screen, settings};
use crate::base::{LazyKind, Value};
use crate::config::{Config, Environment, settings as known};
use crate::engine::Options;
use crate::event::{Event, Sink};
use crate::inventory::{Inventory, Shown, vault_marked};
use crate::template;
use crate::vault::Secrets;

/// Shows what is asked for.
pub(super) fn run(flags: &Listing) -> Result<Exit, Error> {
    let wanted = Wanted::of(flags)?;
    let config = Config::load(Environment::of_process())
        .map_err(|bad| Error::mistakes(Exit::BadOptions, &bad))?;
    let sink = report::teller(&config);
    let warn = |text: &str| sink.event(&Event::Warning(text.to_owned()));
    let mut options = Options::default();
    settings::inventory(&flags.hosts(), &config, &mut options)?;
    let Loaded { secrets, mut inventory, .. } =
        load::load(&flags.vault, &flags.extra_vars, &mut options, &config, &warn)?;
    let folder = flags.playbook_dir.clone().or_else(|| config.get(&known::PLAYBOOK_DIR));
    let environment = config.environment();
    let folder =
        folder.map(|folder| environment.path(&folder.display().to_string(), environment.folder()));
    let folder = folder.unwrap_or_else(|| environment.folder().to_owned());
    inventory.set_playbook_folders(vec![folder]);
    let export = flags.export || config.get(&known::INVENTORY_EXPORT);
    let where_shown = if export { Shown::WhereSet } else { Shown::ByHost };
    let text =
        shown(flags, &wanted, (&inventory, where_shown), &options, (&secrets, sink.as_ref()))?;
    inventory.take_warnings().iter().for_each(|warning| warn(&warning.to_string()));
    match &flags.output {
        Some(path) if !matches!(wanted, Wanted::Graph) => {
            std::fs::write(path, text).map_err(|error| {
                Error::new(
                    Exit::Error,
                    format!("Unable to write to destination ({}): {error}", path.display()),
                )
            })?;
        }
        Some(_) | None => screen::print(&format!("{}\n", text.trim_end_matches('\n'))),
    }
    Ok(Exit::Ok)
}

/// What is to be shown.
enum Wanted {
    Graph,
    Host(String),
    List,
}

impl Wanted {
    fn of(flags: &Listing) -> Result<Self, Error> {
        let refuse = |what: &str| Err(Error::new(Exit::BadOptions, what));
        match (flags.list, flags.graph, &flags.host) {
            (true, false, None) => Ok(Self::List),
            (false, true, None) => Ok(Self::Graph),
            (false, false, Some(host)) => Ok(Self::Host(host.clone())),
            (false, false, None) => refuse(
                "No action selected, at least one of --host, --graph or --list needs to be specified.",
            ),
            (_, _, _) => refuse(
                "Conflicting options used, only one of --host, --graph or --list can be used at the same time.",
            ),
        }
    }
}

fn shown(
    flags: &Listing,
    wanted: &Wanted,
    (inventory, where_shown): (&Inventory, Shown),
    options: &Options,
    (secrets, sink): (&Arc<Secrets>, &dyn Sink),
) -> Result<String, Error> {
    let mut export = inventory.export(where_shown, &options.extra);
    match wanted {
        Wanted::Graph => {
            let text = |value: &Value| text_of(value, secrets);
            let show = flags.vars.then_some(&text as &dyn Fn(&Value) -> String);
            export.graph(&flags.group, show)?.ok_or_else(|| {
                Error::new(Exit::BadOptions, "Pattern must be valid group name when using --graph")
            })
        }
        Wanted::Host(pattern) => {
            let host = one_host(pattern, inventory, sink)?;
            let vars = Value::from(export.host(&host)?);
            written(flags, || Ok(vault_marked(&vars)), || Ok(vars.clone()), || Ok(vars.clone()))
        }
        Wanted::List => {
            if let Some(limit) = &options.limit {
                let bad = |error: crate::inventory::PatternError| Error::new(Exit::Error, error);
                let limit = inventory.limit(limit).map_err(bad)?;
                let selected = inventory.select(&["all".to_owned()], Some(&limit)).map_err(bad)?;
                tell_unmatched(&selected.unmatched, sink);
                export.limit(&selected.hosts);
            }
            written(flags, || Ok(export.list()?), || Ok(export.nested()?), || Ok(export.tables()?))
        }
    }
}

/// Returns a variable as Python prints it, vaulted text decrypted.
fn text_of(value: &Value, secrets: &Secrets) -> String {
    match value {
        Value::Lazy(lazy) if lazy.kind() == LazyKind::Vault => {
            match secrets.decrypt(lazy.source().as_bytes()) {
                Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
                Err(_) => lazy.source().to_string(),
            }
        }
        Value::Lazy(lazy) => lazy.source().to_string(),
        other => other.to_string(),
    }
}

fn one_host(pattern: &str, inventory: &Inventory, sink: &dyn Sink) -> Result<Arc<str>, Error> {
    let selected = inventory.select(&[pattern.to_owned()], None);
    let selected = selected.map_err(|error| Error::new(Exit::Error, error))?;
    tell_unmatched(&selected.unmatched, sink);
    match <[_; 1]>::try_from(selected.hosts) {
        Ok([host]) => Ok(host),
        Err(_) => Err(Error::new(
            Exit::BadOptions,
            "You must pass a single valid host to --host parameter",
        )),
    }
}

fn tell_unmatched(unmatched: &[crate::inventory::Unmatched], sink: &dyn Sink) {
    for part in unmatched {
        let text = format!("Could not match supplied host pattern, ignoring: {}", part.pattern);
        sink.event(&Event::Warning(text));
    }
}

type Make<'a> = &'a dyn Fn() -> Result<Value, Error>;

/// Returns the text in the format that is asked for, of the shape that belongs to it.
fn written(
    flags: &Listing,
    json: impl Fn() -> Result<Value, Error>,
    yaml: impl Fn() -> Result<Value, Error>,
    tables: impl Fn() -> Result<Value, Error>,
) -> Result<String, Error> {
    let (json, yaml, tables): (Make<'_>, Make<'_>, Make<'_>) = (&json, &yaml, &tables);
    let failed = |why: String| Error::new(Exit::Error, why);
    if flags.yaml {
        return template::inventory_yaml(&yaml()?).map_err(|reason| failed(reason.to_string()));
    }
    if flags.toml {
        return toml::write(&tables()?).map_err(failed);
    }
    Ok(template::json(&json()?, Some(4)))
}
