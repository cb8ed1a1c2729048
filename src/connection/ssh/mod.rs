//! SSH, over russh: connections as OpenSSH's client would make them, without its program.
//!
//! One [`Client`] serves a run. [`Client::connect`] reads the SSH configuration for a [`Target`], reaches the host
//! (directly, through jump hosts, or through a command), checks its key, logs in, and returns a [`Session`];
//! [`Session::exec`] starts a [`Process`] with three streams. Nothing here knows what talks over them.
//!
//! Three traps of russh shape the code. A channel whose messages are not taken stops the whole connection, so a pump
//! task reads every channel ([`process`]) into queues ([`pipe`]). A writer that waits for the window is not woken when
//! the connection dies, so every writer also watches for that. And russh knows neither certificates' authorities nor
//! patterns in `known_hosts`, and of `ssh_config` only a part, so both readers are our own.

mod algorithms;
mod auth;
mod client;
mod config;
mod dial;
#[doc(hidden)]
pub mod doors;
mod error;
mod host_key;
mod known_hosts;
mod machine;
mod pattern;
mod pipe;
mod plan;
mod process;
mod session;
mod target;
mod throttle;

pub use client::Client;
pub use config::{BadConfig, shell_words};
pub use error::{AuthFailure, ConnectError, HostKeyError, KeyTrouble, SessionError, Stage};
pub use known_hosts::Place;
pub use machine::Machine;
pub use pipe::Outlet;
pub use process::{Exit, Output, Process, Status, Stdin};
pub use session::{Keepalive, Session, Terminal};
pub use target::{HostKeyChecking, Passphrases, Secrets, Target};
