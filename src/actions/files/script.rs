//! `script`: runs a script of the controller on the host. The module of the same name does the work there.

use super::copy::content_of;
use super::twin::Twin;
use crate::actions::{Context, Done, Error};
use crate::base::split::split_words;
use crate::base::{Map, Value};

/// The action.
pub(in crate::actions) const SCRIPT: Twin = Twin::new("script", |args, cx| Box::pin(run(args, cx)));

async fn run(mut args: Map, cx: &Context<'_>) -> Result<Done, Error> {
    let line = args.get("cmd").map(ToString::to_string).unwrap_or_default();
    let words = split_words(&line).map_err(Error::new)?;
    let Some(name) = words.first() else {
        let text =
            "one of the following is required: cmd, free_form; name a script of the controller";
        return Err(Error::new(text));
    };
    let path = cx.find_file(name.trim_matches(['"', '\'']), "files")?;
    let decrypt = super::copy::flag(&args, "decrypt", true);
    let content = content_of(&path, decrypt, cx)?;
    let rest = line.trim_start().strip_prefix(name.as_str()).unwrap_or_default();
    args.insert("cmd", line.as_str().into());
    args.insert(
        "_name",
        path.file_name().unwrap_or_default().to_string_lossy().into_owned().into(),
    );
    args.insert("_arguments", Value::from(rest.trim_start()));
    cx.module("script", args, vec![content]).await
}
