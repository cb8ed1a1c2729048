//! Addresses and logins as the arguments of all modules of clusters have them.

use crate::base::Secret;
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

/// Returns who logs in and with what, when somebody does.
pub(super) fn credentials(
    user: Option<String>,
    password: Option<Secret>,
) -> Result<Option<(String, Secret)>, BadArgument> {
    match (user, password) {
        (Some(user), Some(password)) => Ok(Some((user, password))),
        (None, None) => Ok(None),
        _ => Err(BadArgument::new("and `login_password` belong together").of("login_user")),
    }
}
