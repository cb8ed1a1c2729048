//! Filters, by area. Each area is a table; [`find`] knows them by name, with and without the collection.

mod choose;
mod combine;
mod dates;
mod defaults;
mod encode;
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

#[cfg(test)]
pub(super) mod calls;

use std::sync::LazyLock;

pub(super) use lists::flatten_into;
pub(super) use subelements::subelements_of;

use crate::template::Entry;
use crate::template::table::Table;

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    Table::new(&[
        choose::ENTRIES,
        combine::ENTRIES,
        dates::ENTRIES,
        defaults::ENTRIES,
        encode::ENTRIES,
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
