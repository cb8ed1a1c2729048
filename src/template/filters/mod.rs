//! Filters, by area. Each area is a table; [`find`] knows them by name, with and without the collection.

mod choose;
mod combine;
mod defaults;
mod encode;
mod finalize;
mod general;
mod html;
mod layout;
mod lists;
mod net;
mod numbers;
mod passwords;
mod paths;
mod regex;
mod serialize;
mod series;
mod sets;
mod sorting;
mod strings;
mod subelements;
mod time;

#[cfg(test)]
pub(super) mod calls;

use std::sync::LazyLock;

pub(super) use combine::{LIST_MERGES, ListMerge, Merge, merged};
pub(super) use encode::bytes_of;
pub(super) use subelements::subelements_of;

use crate::template::Entry;
use crate::template::table::Table;

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    Table::new(&[
        choose::ENTRIES,
        combine::ENTRIES,
        defaults::ENTRIES,
        encode::ENTRIES,
        finalize::ENTRIES,
        general::ENTRIES,
        html::ENTRIES,
        layout::ENTRIES,
        lists::ENTRIES,
        net::ENTRIES,
        numbers::ENTRIES,
        passwords::ENTRIES,
        paths::ENTRIES,
        regex::ENTRIES,
        serialize::ENTRIES,
        series::ENTRIES,
        sets::ENTRIES,
        sorting::ENTRIES,
        strings::ENTRIES,
        subelements::ENTRIES,
        time::ENTRIES,
    ])
});

/// Returns the filter of a name.
pub fn find(name: &str) -> Option<&'static Entry> {
    TABLE.find(name)
}

/// Returns the names of all filters, for suggestions.
pub fn names() -> Vec<&'static str> {
    TABLE.names()
}
