//! Addresses as the arguments of all modules of clusters have them.

use crate::clusters::Address;
use crate::module::BadArgument;

/// Reads one address; the error does not know its argument yet.
pub(super) fn address(text: &str) -> Result<Address, BadArgument> {
    text.parse().map_err(|error| BadArgument::new(format!("is wrong: {error}")))
}

/// Reads the addresses that an argument lists.
pub(super) fn addresses(texts: &[String], name: &str) -> Result<Vec<Address>, BadArgument> {
    texts.iter().map(|text| address(text).map_err(|error| error.of(name))).collect()
}
