//! Streams through the helper: what a client on the controller reaches is what the target can reach.

use std::sync::Arc;

use crate::clusters::{Dial, Dialing, Line};
use crate::connection::Helper;
use crate::protocol::Address;

/// Opens streams from the host of a task.
pub struct ThroughHelper(pub Arc<Helper>);

impl Dial for ThroughHelper {
    fn tcp<'a>(&'a self, host: &'a str, port: u16) -> Dialing<'a> {
        self.open(Address::Tcp { host: host.to_owned(), port })
    }

    fn unix<'a>(&'a self, path: &'a str) -> Dialing<'a> {
        self.open(Address::Unix(path.to_owned()))
    }
}

impl ThroughHelper {
    fn open(&self, address: Address) -> Dialing<'_> {
        Box::pin(async move {
            self.0.open(address).await.map(|stream| Box::new(stream) as Box<dyn Line>)
        })
    }
}
