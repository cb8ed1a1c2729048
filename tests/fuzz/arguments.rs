//! The arguments of every module: any values are parsed or refused.
//!
//! The first line names a module, the rest is YAML of its arguments.

use fcplay::base::Map;
use fcplay::{actions, modules, yaml};

/// Takes one input.
pub(crate) fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (name, text) = text.split_once('\n').unwrap_or(("", text));
    let Ok(value) = yaml::value_of(text) else { return };
    let none = Map::new();
    let args = value.as_map().map_or(&none, |map| map);
    if let Some(module) = modules::find(name) {
        let _ = module.check(args);
    }
    let action = actions::find(name).map(|action| action.arguments());
    let specs = action.or_else(|| modules::find(name).map(|module| module.arguments()));
    for spec in specs.unwrap_or_default() {
        for value in args.values().chain([&value]) {
            if let Err(refused) = (spec.check)(value) {
                assert!(!refused.to_string().is_empty(), "`{}` says nothing", spec.name);
            }
            let _ = (spec.shown)(value);
        }
    }
}
