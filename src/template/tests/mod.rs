//! Tests (`is …`), by area. Each area is a table; [`find`] knows them by name, with and without the collection.

mod compare;
mod files;
mod marks;
mod net;
mod regex;
mod results;
mod types;
mod version;

use std::sync::LazyLock;

use crate::template::Entry;
use crate::template::table::Table;

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    Table::new(&[
        compare::ENTRIES,
        files::ENTRIES,
        marks::ENTRIES,
        net::ENTRIES,
        regex::ENTRIES,
        results::ENTRIES,
        types::ENTRIES,
        version::ENTRIES,
    ])
});

/// Returns the test of a name.
pub fn find(name: &str) -> Option<&'static Entry> {
    TABLE.find(name)
}

/// Returns the names of all tests, for suggestions.
pub fn names() -> Vec<&'static str> {
    TABLE.names()
}
