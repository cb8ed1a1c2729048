//! Tables of filters, tests and lookups, found by name.

use std::collections::HashMap;

use crate::base::Value;
use crate::template::{Call, Entry, Reason};

/// What a row of a table runs.
pub(super) type Run = fn(&mut Call<'_>) -> Result<Value, Reason>;

/// The collection of what Ansible and Jinja2 bring themselves.
pub(super) const BUILTIN: &str = "ansible.builtin";

/// Returns a row of `ansible.builtin`.
pub(super) const fn builtin(names: &'static [&'static str], run: Run) -> Entry {
    Entry { names, collection: BUILTIN, run, undefined: false }
}

/// Returns a row of `ansible.builtin` that takes undefined input too.
pub(super) const fn lenient(names: &'static [&'static str], run: Run) -> Entry {
    Entry { names, collection: BUILTIN, run, undefined: true }
}

/// Returns a row of another collection.
pub(super) const fn from_collection(
    collection: &'static str,
    names: &'static [&'static str],
    run: Run,
) -> Entry {
    Entry { names, collection, run, undefined: false }
}

/// Rows by name, with and without the collection.
pub(super) struct Table {
    rows: HashMap<String, &'static Entry>,
}

impl Table {
    /// Gathers rows; of a short name that two collections have, the first one's counts.
    pub(super) fn new(areas: &[&'static [Entry]]) -> Self {
        let mut rows = HashMap::new();
        for entry in areas.iter().copied().flatten() {
            for name in entry.names {
                // What is for Ansible's own tests has no short name.
                if !entry.collection.starts_with("ansible._") {
                    rows.entry((*name).to_owned()).or_insert(entry);
                }
                rows.entry(format!("{}.{name}", entry.collection)).or_insert(entry);
                if entry.collection == BUILTIN {
                    rows.entry(format!("ansible.legacy.{name}")).or_insert(entry);
                }
            }
        }
        Self { rows }
    }

    /// Returns the row of a name, with or without a collection.
    pub(super) fn find(&self, name: &str) -> Option<&'static Entry> {
        if let Some(entry) = self.rows.get(name) {
            return Some(entry);
        }
        // Content written before the address filters moved still names their first collection.
        let name = name.strip_prefix("ansible.netcommon.")?;
        self.rows.get(&format!("ansible.utils.{name}")).copied()
    }

    /// Returns all names without a collection, sorted.
    pub(super) fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> =
            self.rows.keys().map(String::as_str).filter(|name| !name.contains('.')).collect();
        names.sort_unstable();
        names
    }
}
