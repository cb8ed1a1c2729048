//! Retry files: the hosts that failed, one a line, for `--limit @site.retry`.

use std::path::{Path, PathBuf};

use super::screen;
use crate::config::{Config, settings};
use crate::engine::{Ended, Run};

/// Writes the hosts that failed or could not be reached, where the settings want that.
pub(super) fn write(run: &Run, ended: Ended, config: &Config) {
    let stats = run.tally.all();
    let lost = stats.iter().filter(|(_, stats)| stats.failed + stats.unreachable > 0);
    let hosts: String = lost.map(|(host, _)| format!("{host}\n")).collect();
    let Some(playbook) = run.options.playbooks.get(ended.last) else { return };
    if hosts.is_empty() || !config.get(&settings::RETRY_FILES_ENABLED) {
        return;
    }
    let path = path(playbook, config.get(&settings::RETRY_FILES_SAVE_PATH).as_deref());
    match save(&path, &hosts) {
        Ok(()) => screen::print(&format!("\tto retry, use: --limit @{}\n", path.display())),
        // The run itself is over and has its exit code.
        Err(error) => run.warn(format!("cannot write `{}`: {error}", path.display())),
    }
}

fn save(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(path, text)
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
