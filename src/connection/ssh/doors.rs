//! Doors for the fuzz targets (`tests/fuzz`): the readers of texts that others wrote, without a file or a connection.

use std::path::Path;
use std::sync::Arc;

use super::config::{BadConfig, Options, Query, Source};
use super::known_hosts::Known;
use super::machine::Machine;

/// Reads a configuration and returns whether it names an address for the host.
pub fn config(text: &str, host: &str) -> Result<bool, BadConfig> {
    let machine = Arc::new(Machine::this());
    let source = Source::of(text, Path::new("/config"), &machine)?;
    let options = source.resolve(&Query { host, machine: &machine }, Options::default())?;
    Ok(options.host_name.is_some())
}

/// Reads the words of a command line, as they stand in `ansible_ssh_common_args`.
pub fn arguments(words: &[String]) -> Result<bool, BadConfig> {
    let mut options = Options::default();
    options.apply_arguments(words, "arguments").map(|named| named.is_some())
}

/// Returns how many kinds of keys a file of known hosts has for a host.
pub fn known_hosts(text: &str, host: &str) -> usize {
    Known::of(text, host, Path::new("/known_hosts")).algorithms().len()
}
