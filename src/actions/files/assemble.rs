//! `assemble`: brings the fragments in a folder of the controller to the module of the same name, which puts the file
//! together; with `remote_src`, the default, the folder is on the host.

use super::copy::{content_of, flag};
use crate::actions::{Action, Context, Done, Error, Running};
use crate::base::{Map, Value};
use crate::module::{AnyModule, ArgumentSpec, Spec};
use crate::modules;

/// The action.
pub(in crate::actions) struct Assemble;

fn module() -> &'static dyn AnyModule {
    modules::find("assemble").expect("`assemble` is a module")
}

impl Action for Assemble {
    fn spec(&self) -> &'static Spec {
        module().spec()
    }

    fn arguments(&self) -> Vec<ArgumentSpec> {
        module().arguments()
    }

    fn run<'a>(&'a self, args: &'a Map, cx: &'a Context<'a>) -> Running<'a> {
        Box::pin(run(args.clone(), cx))
    }
}

async fn run(mut args: Map, cx: &Context<'_>) -> Result<Done, Error> {
    crate::module::check_names("assemble", &module().arguments(), &args)?;
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
