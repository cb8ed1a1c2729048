//! A folder of inventories: its files in the order of their names, folders in it alike.

use std::path::Path;

use super::Reading;
use crate::base::Mistake;
use crate::base::pyregex::{Flags, Pattern};

/// Names that never are inventories.
const RESERVED: [&str; 3] = ["group_vars", "host_vars", "vars_plugins"];

pub(super) fn read(folder: &Path, reading: &mut Reading<'_>) {
    let entries = std::fs::read_dir(reading.options.folder.join(folder)).and_then(|entries| {
        entries.map(|entry| Ok(entry?.file_name())).collect::<Result<Vec<_>, _>>()
    });
    let mut names = match entries {
        Ok(names) => names,
        Err(error) => {
            let what = format!("cannot read the folder `{}`: {error}", folder.display());
            return reading.push(Mistake::new(what, &Reading::whole(folder)));
        }
    };
    names.sort_unstable();
    for name in names {
        if !is_ignored(&name.to_string_lossy(), reading) {
            reading.path(&folder.join(name));
        }
    }
}

fn is_ignored(name: &str, reading: &Reading<'_>) -> bool {
    let options = reading.options;
    name.starts_with('.')
        || RESERVED.contains(&name)
        || options.ignore_extensions.iter().any(|extension| name.ends_with(extension.as_str()))
        || options.ignore_patterns.iter().any(|pattern| {
            Pattern::kept(pattern, Flags::NONE)
                .and_then(|pattern| Ok(pattern.search(name)?.is_some()))
                .unwrap_or(false)
        })
}
