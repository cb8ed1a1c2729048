//! `package`: tells the module of the same name which package manager the variables want.

use crate::actions::files::Twin;
use crate::actions::{Context, Done, Error};
use crate::base::Map;
use crate::template::Scope;

/// The action.
pub(super) const PACKAGE: Twin = Twin::new("package", |args, cx| Box::pin(run(args, cx)));

async fn run(mut args: Map, cx: &Context<'_>) -> Result<Done, Error> {
    let is_open =
        args.get("use").is_none_or(|word| word.is_null() || word.as_str() == Some("auto"));
    if let Some(word) = cx.scope.get("ansible_package_use").filter(|_| is_open) {
        args.insert("use", cx.templates.resolve(&word, &cx.vars())?);
    }
    cx.module("package", args, Vec::new()).await
}
