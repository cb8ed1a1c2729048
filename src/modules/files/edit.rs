//! What modules that change the text of a file share: reading it, writing it back with `backup` and `validate`.

use std::path::{Path, PathBuf};

use super::attributes::{FileAttributes, Links};
use crate::base::split::split_words;
use crate::module::{Failure, Job};
use crate::system::{Act, Command};

/// How a file is written back.
pub(in crate::modules) struct Writing<'a> {
    /// The file.
    pub(in crate::modules) path: &'a Path,
    /// What is in it; nothing when it does not exist.
    pub(in crate::modules) before: Option<&'a [u8]>,
    /// Whether the old file is kept.
    pub(in crate::modules) backup: bool,
    /// The command that checks the new content; `%s` is the path of a file with it.
    pub(in crate::modules) validate: Option<&'a str>,
    /// Owner, mode and the rest.
    pub(in crate::modules) attributes: &'a FileAttributes,
}

impl Writing<'_> {
    /// Writes new content when it differs, then sees to the attributes; returns the path of the backup.
    pub(in crate::modules) fn finish(
        &self,
        job: &mut Job<'_>,
        after: &[u8],
    ) -> Result<Option<PathBuf>, Failure> {
        let mut kept = None;
        if self.before != Some(after) {
            if let Some(command) = self.validate {
                validate(job, command, after)?;
            }
            if self.backup && self.before.is_some() {
                kept = backup(job, self.path)?;
            }
            self.write(job, after)?;
        }
        self.attributes.apply(job, self.path, Links::Follow)?;
        Ok(kept)
    }

    fn write(&self, job: &mut Job<'_>, after: &[u8]) -> Result<(), Failure> {
        let diff = if job.stage().diff {
            crate::module::Diff::content(self.path, self.before, after)
        } else {
            crate::module::Diff::None
        };
        job.change(diff, |act| put(act, self.path, after, self.attributes.unsafe_writes)).map(drop)
    }
}

/// Replaces a file; one that cannot be replaced is written in place when that is allowed.
pub(in crate::modules) fn put(
    act: &dyn Act,
    path: &Path,
    content: &[u8],
    in_place: bool,
) -> Result<(), Failure> {
    match act.replace(path, content) {
        Ok(()) => Ok(()),
        Err(_) if in_place => Ok(act.overwrite(path, content)?),
        Err(error) => Err(error.into()),
    }
}

/// Runs the command that checks new content, on a temporary file; in check mode too, as nothing changes.
pub(in crate::modules) fn validate(
    job: &Job<'_>,
    command: &str,
    content: &[u8],
) -> Result<(), Failure> {
    if !command.contains("%s") {
        return Err(Failure::new(format!("validate must contain %s: {command}")));
    }
    job.aside(|act| {
        let file = act.temporary_folder()?.join("content");
        act.replace(&file, content)?;
        let shown = file.to_string_lossy().into_owned();
        let words = split_words(command).map_err(Failure::new)?;
        let words = words.iter().map(|word| word.trim_matches(['"', '\'']).replace("%s", &shown));
        let output = act.run(&Command::new(words))?;
        if output.success() {
            return Ok(());
        }
        Err(Failure::program("failed to validate", &output))
    })
}

/// Keeps a copy of a file beside it, under a name with process and time as Ansible has it.
pub(in crate::modules) fn backup(
    job: &mut Job<'_>,
    path: &Path,
) -> Result<Option<PathBuf>, Failure> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let stamp = time_stamp(job.look().now());
    let kept = path.with_file_name(format!("{name}.{}.{stamp}~", std::process::id()));
    let target = kept.clone();
    job.change(crate::module::Diff::None, |act| {
        let Some(meta) = act.stat_followed(path)? else { return Ok(()) };
        act.replace_from(&target, &mut act.open(path)?)?;
        act.set_owner(&target, Some(meta.uid), Some(meta.gid), true)?;
        act.set_mode(&target, meta.mode)?;
        Ok(act.set_times(&target, Some(meta.accessed), Some(meta.modified))?)
    })?;
    Ok(Some(kept))
}

/// Returns a time as `2026-11-21@05:09:30`, in UTC.
fn time_stamp(now: f64) -> String {
    let seconds = now as i64;
    let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    // Days since 1970 to a date, by counting in eras of 400 years from March.
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_index = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_index + 2) / 5 + 1;
    let month = if month_index < 10 { month_index + 3 } else { month_index - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!(
        "{year:04}-{month:02}-{day:02}@{:02}:{:02}:{:02}",
        rest / 3600,
        rest / 60 % 60,
        rest % 60
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps() {
        assert_eq!(time_stamp(0.0), "1970-01-01@00:00:00");
        assert_eq!(time_stamp(1_709_210_096.0), "2024-02-29@12:34:56");
    }
}
