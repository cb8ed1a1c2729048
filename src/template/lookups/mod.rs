//! Lookups, by area. Terms are the positional arguments, options the named ones; each returns the list of its results.
//!
//! `with_*` loops run the same rows.

mod data;
mod dns;
mod files;
mod filetree;
mod general;
mod hosts;
mod kept;
mod merge;
mod netrc;
mod options;
mod password;
mod programs;
mod search;
mod secret;
mod sequence;
mod settings;
mod tables;
mod url;
mod values;

#[cfg(test)]
mod cases;

use std::sync::LazyLock;

use crate::template::Entry;
use crate::template::table::Table;

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    Table::new(&[
        data::ENTRIES,
        dns::ENTRIES,
        files::ENTRIES,
        filetree::ENTRIES,
        general::ENTRIES,
        hosts::ENTRIES,
        merge::ENTRIES,
        password::ENTRIES,
        programs::ENTRIES,
        secret::ENTRIES,
        sequence::ENTRIES,
        settings::ENTRIES,
        tables::ENTRIES,
        url::ENTRIES,
        values::ENTRIES,
    ])
});

/// Returns the lookup of a name.
pub fn find(name: &str) -> Option<&'static Entry> {
    TABLE.find(name)
}

/// Returns the names of all lookups, for suggestions.
pub fn names() -> Vec<&'static str> {
    TABLE.names()
}
