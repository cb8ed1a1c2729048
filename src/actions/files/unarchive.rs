//! `unarchive`: unpacks an archive of the controller, of the host, or of a web server, on the host.

use super::copy::{content_of, flag};
use super::twin::Twin;
use crate::actions::{Context, Done, Error};
use crate::base::{Map, Value};

/// The action.
pub(in crate::actions) const UNARCHIVE: Twin =
    Twin::new("unarchive", |args, cx| Box::pin(run(args, cx)));

async fn run(mut args: Map, cx: &Context<'_>) -> Result<Done, Error> {
    let source = args.get("src").map(ToString::to_string).unwrap_or_default();
    let remote = flag(&args, "remote_src", false) || !flag(&args, "copy", true);
    if source.contains("://") && remote {
        return from_web(args, &source, cx).await;
    }
    if remote {
        return cx.module("unarchive", args, Vec::new()).await;
    }
    if let Some(done) = already_there(&args, cx).await? {
        return Ok(done);
    }
    let path = cx.find_file(&source, "files")?;
    let content = content_of(&path, flag(&args, "decrypt", true), cx)?;
    args.insert(
        "_name",
        path.file_name().unwrap_or_default().to_string_lossy().into_owned().into(),
    );
    cx.module("unarchive", args, vec![content]).await
}

/// A file that `creates` names is looked for before a large archive travels.
async fn already_there(args: &Map, cx: &Context<'_>) -> Result<Option<Done>, Error> {
    let Some(creates) = args.get("creates").filter(|value| !value.is_null()) else {
        return Ok(None);
    };
    let stat = cx.module("stat", Map::from_iter([("path", creates.clone())]), Vec::new()).await?;
    let exists = stat
        .outcome
        .values
        .get("stat")
        .and_then(|stat| stat.get("exists"))
        .is_some_and(Value::truth);
    let skipped = crate::module::Outcome::skipped(format!("skipped, since {creates} exists"));
    Ok(exists.then(|| Done::ok(skipped)))
}

/// Fetches the archive into a file beside the destination first.
async fn from_web(mut args: Map, url: &str, cx: &Context<'_>) -> Result<Done, Error> {
    let name = url
        .split(['?', '#'])
        .next()
        .unwrap_or_default()
        .rsplit('/')
        .next()
        .unwrap_or("archive")
        .to_owned();
    let folder = cx
        .module("tempfile", Map::from_iter([("state", Value::from("directory"))]), Vec::new())
        .await?;
    let folder = folder.outcome.values.get("path").map(ToString::to_string).unwrap_or_default();
    let file = format!("{folder}/{name}");
    let mut fetch = Map::from_iter([("url", Value::from(url)), ("dest", file.as_str().into())]);
    if let Some(verify) = args.get("validate_certs") {
        fetch.insert("validate_certs", verify.clone());
    }
    let get_url = crate::actions::find("get_url").expect("`get_url` is an action");
    let fetched = get_url.run(&fetch, cx).await;
    let done = match fetched {
        Ok(_) => {
            args.insert("src", file.as_str().into());
            args.insert("remote_src", true.into());
            cx.module("unarchive", args, Vec::new()).await
        }
        Err(error) => Err(error),
    };
    let gone = Map::from_iter([("path", Value::from(folder)), ("state", "absent".into())]);
    cx.module("file", gone, Vec::new()).await?;
    done
}
