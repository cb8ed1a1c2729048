//! Helpers on a real sshd on loopback: sent, kept, started again, as other users, and gone when they should be.
//!
//! Runs where `/usr/sbin/sshd` is; becoming other users needs root, `sudo` and `su`. What is missing is said.

mod become_local;
mod become_user;
mod deploy;
mod doas;
mod endings;
mod inventory;
mod jobs;
pub(crate) mod world;
