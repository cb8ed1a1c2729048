//! The SSH transport against a real sshd on loopback, started by each test in a folder of its own.
//!
//! Runs wherever `/usr/sbin/sshd` is; without it every test says so and passes. Tests that need a user with a password
//! need root too.

mod auth;
mod exec;
mod faults;
mod host_keys;
mod jumps;
mod many;
pub(crate) mod server;

/// Starts a server, or ends the test with a word when there is no sshd on this machine.
macro_rules! start {
    ($($setting:expr),* $(,)?) => {
        match $crate::ssh::server::Server::start(&[$($setting),*]) {
            Some(server) => server,
            None => return eprintln!("skipped: there is no /usr/sbin/sshd (apt-get install openssh-server)"),
        }
    };
}
pub(crate) use start;
