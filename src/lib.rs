//! fcplay: an Ansible-style playbook runner.
//!
//! Folders, lowest layer first; a folder may name only folders of a lower layer (`tests/layers.rs` keeps it):
//!
//! - [`base`] L0: values, positions, mistakes, secrets, modes, words
//! - [`cli`] L7: arguments, settings, errors as text, exit codes
//! - [`config`] L2: every setting once: defaults, `ansible.cfg`, environment, flags
//! - [`inventory`] L2: hosts, groups, their variables, patterns; YAML, INI, TOML, scripts, folders
//! - [`vault`] L1: Ansible Vault, its passwords and where they come from
//! - [`yaml`] L1: YAML 1.1 as PyYAML reads it, with the place of every node

#[cfg(feature = "controller")]
pub mod actions;
pub mod base;
#[cfg(feature = "controller")]
pub mod cli;
#[cfg(feature = "controller")]
pub mod clusters;
#[cfg(feature = "controller")]
pub mod config;
#[cfg(feature = "controller")]
pub mod connection;
#[cfg(feature = "controller")]
pub mod engine;
#[cfg(feature = "controller")]
pub mod event;
pub mod helper;
#[cfg(feature = "controller")]
pub mod inventory;
pub mod module;
pub mod modules;
#[cfg(feature = "controller")]
pub mod playbook;
pub mod protocol;
#[cfg(feature = "controller")]
pub mod report;
pub mod system;
#[cfg(feature = "controller")]
pub mod template;
#[cfg(feature = "controller")]
pub mod vars;
#[cfg(feature = "controller")]
pub mod vault;
#[cfg(feature = "controller")]
pub mod yaml;
