//! `assemble`: brings the fragments in a folder of the controller to the module of the same name, which puts the file
//! together; with `remote_src`, the default, the folder is on the host.

use super::copy::{content_of, flag};
use super::twin::Twin;
use crate::actions::{Context, Done, Error};
use crate::base::{Map, Value};

/// The action.
pub(in crate::actions) const ASSEMBLE: Twin =
    Twin::new("assemble", |args, cx| Box::pin(run(args, cx)));

async fn run(mut args: Map, cx: &Context<'_>) -> Result<Done, Error> {
    if flag(&args, "remote_src", true) {
        return cx.module("assemble", args, Vec::new()).await;
    }
    let source = args.get("src").map(ToString::to_string).unwrap_or_default();
    let folder = cx.find_file(&source, "files")?;
    if !folder.is_dir() {
        return Err(Error::new(format!("Source ({source}) is not a directory")));
    }
    let unreadable =
        |error: std::io::Error| Error::new(format!("cannot read `{}`: {error}", folder.display()));
    let mut files: Vec<_> = std::fs::read_dir(&folder).map_err(unreadable)?.flatten().collect();
    files.retain(|entry| entry.path().is_file());
    files.sort_by_key(std::fs::DirEntry::file_name);
    let decrypt = flag(&args, "decrypt", true);
    let mut contents = Vec::with_capacity(files.len());
    for entry in &files {
        contents.push(content_of(&entry.path(), decrypt, cx)?);
    }
    let names = files.iter().map(|entry| Value::from(entry.file_name().to_string_lossy().as_ref()));
    args.insert("_fragments", Value::list(names));
    cx.module("assemble", args, contents).await
}
