//! Package files: on the host, or fetched by apt's own downloader.

use std::path::{Path, PathBuf};

use crate::module::{Failure, Job};

use super::dpkg::{self, Packages};
use super::get::{self, Operation, Ran, noninteractive};
use super::spec::{PackageSpec, Wanted};
use super::{Args, version};

/// apt's downloader: it speaks HTTP, HTTPS and FTP, and heeds apt's proxies.
const DOWNLOADER: &str = "/usr/lib/apt/apt-helper";

/// Installs package files that are not installed in this version, with what they need.
pub(super) fn install(job: &mut Job<'_>, args: &Args, files: &str) -> Result<Ran, Failure> {
    let mut words = Vec::new();
    for (index, file) in
        files.split(',').map(str::trim).enumerate().filter(|(_, file)| !file.is_empty())
    {
        let path = if file.contains("://") { download(job, file, index)? } else { file.into() };
        let deb = dpkg::read_deb(job.look(), &path)?;
        let name = match deb.architecture.as_str() {
            "all" => deb.name.clone(),
            architecture => format!("{}:{architecture}", deb.name),
        };
        let spec = PackageSpec { name, wanted: Wanted::Any };
        let known = Packages::query(job.look(), [spec.name.as_str()])?;
        let installed = known.installed(&spec);
        if installed.is_some_and(|row| version::compare(&row.version, &deb.version).is_eq()) {
            continue;
        }
        let later = installed.filter(|row| version::compare(&row.version, &deb.version).is_gt());
        if let Some(row) = later.filter(|_| !(args.force || args.allow_downgrade)) {
            return Err(Failure::new(format!(
                "A later version is already installed: {} {}, and the file has {}; use `allow_downgrade: true` to go back",
                row.name, row.version, deb.version
            )));
        }
        words.push(job.look().real_path(&path)?.to_string_lossy().into_owned());
    }
    if words.is_empty() {
        return Ok(Ran::same("the package is installed in this version"));
    }
    get::perform(job, args, Operation::Install, &words)
}

fn download(job: &Job<'_>, address: &str, index: usize) -> Result<PathBuf, Failure> {
    fetch_file(job, address, &format!("{index}.deb"))
}

/// Fetches a file into a temporary folder.
pub(in crate::modules::packages) fn fetch_file(
    job: &Job<'_>,
    address: &str,
    name: &str,
) -> Result<PathBuf, Failure> {
    if job.look().stat(Path::new(DOWNLOADER))?.is_none() {
        return Err(Failure::new(format!(
            "cannot download {address}: apt on this host is too old to do it; fetch the file with `get_url` and give its path"
        )));
    }
    job.aside(|act| {
        let path = act.temporary_folder()?.join(name);
        let path_text = path.to_string_lossy().into_owned();
        let output =
            act.run(&noninteractive([DOWNLOADER, "download-file", address, &path_text]))?;
        if !output.success() {
            return Err(dpkg::failed(&format!("Failed to download {address}"), &output));
        }
        Ok(path)
    })
}
