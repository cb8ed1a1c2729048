//! Retry files: the hosts that failed, one a line, for `--limit @site.retry`.

use std::path::{Path, PathBuf};

use super::error::Error;
use super::{screen, vault};
use crate::config::{Config, settings};
use crate::engine::{Ended, Run};

/// Writes the hosts that failed or could not be reached, where the settings want that.
pub(super) fn write(run: &Run, ended: Ended, config: &Config) -> Result<(), Error> {
    let stats = run.tally.all();
    let lost = stats.iter().filter(|(_, stats)| stats.failed + stats.unreachable > 0);
    let hosts: String = lost.map(|(host, _)| format!("{host}\n")).collect();
    let Some(playbook) = run.options.playbooks.get(ended.last).filter(|_| !hosts.is_empty()) else {
        return Ok(());
    };
    if !config.get(&settings::RETRY_FILES_ENABLED) {
        return Ok(());
    }
    let path = path(playbook, config.get(&settings::RETRY_FILES_SAVE_PATH).as_deref());
    vault::write(&path, hosts.as_bytes(), vault::Access::Owner)?;
    screen::print(&format!("\tto retry, use: --limit @{}\n", path.display()));
    Ok(())
}

/// Returns the file of a playbook: its name with another ending, beside it or in a folder.
fn path(playbook: &Path, folder: Option<&Path>) -> PathBuf {
    let name = playbook.with_extension("retry");
    match folder {
        Some(folder) => folder.join(name.file_name().unwrap_or_default()),
        None => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_named_after_the_playbook() {
        assert_eq!(path(Path::new("a/site.yml"), None), Path::new("a/site.retry"));
        assert_eq!(
            path(Path::new("a/site.yml"), Some(Path::new("/r"))),
            Path::new("/r/site.retry")
        );
    }
}
