//! Actions that talk to servers from the host's point of view, and one that waits for the host itself.

mod answer;
mod body;
mod digests;
mod get_url;
mod login;
mod uri;
mod wait_for_connection;
pub(super) mod web;

use super::Action;

/// The actions of this area.
pub(super) const ACTIONS: &[&dyn Action] =
    &[&get_url::GetUrl, &uri::Uri, &wait_for_connection::WaitForConnection];
