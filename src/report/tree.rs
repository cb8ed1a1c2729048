//! A folder with a file for each host that holds its result (`ansible --tree`).

use std::path::{Path, PathBuf};

use super::ansible::all_shown;
use crate::event::{Event, Sink};
use crate::template;

/// The report.
pub(super) struct Tree {
    folder: PathBuf,
    verbosity: u8,
}

impl Tree {
    /// Returns a report into a folder.
    pub(super) fn new(folder: &Path, verbosity: u8) -> Self {
        Self { folder: folder.to_owned(), verbosity }
    }
}

impl Sink for Tree {
    fn event(&self, event: &Event) {
        if let Event::HostDone { host, result, .. } = event {
            let values = all_shown(result, self.verbosity);
            let text = template::json(&values.into(), None);
            // As with Ansible, a folder that cannot be written does not change the run.
            let _not_told = std::fs::create_dir_all(&self.folder)
                .and_then(|()| std::fs::write(self.folder.join(&**host), text));
        }
    }
}
