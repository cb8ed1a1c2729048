//! `copy`: brings a file or a tree of the controller to the host. The module of the same name does the work there.
//!
//! A small file travels in the request. Of a large one only the size does: the helper asks for the digest when the sizes
//! are equal, and for the content when it has to. A tree is one request with a manifest, however many files it has.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::twin::Twin;
use crate::actions::{Content, Context, Done, Error};
use crate::base::{Map, Value, fold, stray};

/// The action.
pub(in crate::actions) const COPY: Twin = Twin::new("copy", |args, cx| Box::pin(run(args, cx)));

async fn run(mut args: Map, cx: &Context<'_>) -> Result<Done, Error> {
    if flag(&args, "remote_src", false) {
        return cx.module("copy", args, Vec::new()).await;
    }
    let source = args.remove("src").filter(|value| !value.is_null());
    let content = args.remove("content").filter(|value| !value.is_null());
    let decrypt = flag(&args, "decrypt", true);
    match (source, content) {
        (Some(_), Some(_)) => Err(Error::new("src and content are mutually exclusive")),
        (None, None) => Err(Error::new("src (or content) is required")),
        (None, Some(content)) => {
            let dest = args.get("dest").map(ToString::to_string).unwrap_or_default();
            if dest.ends_with('/') {
                return Err(Error::new("can not use content with a dir as dest"));
            }
            let bytes = content_bytes(&content)?;
            send(args, "", Content::Bytes(bytes.into()), cx).await
        }
        (Some(source), None) => {
            let source = source.to_string();
            let path = cx.find_file(&source, "files")?;
            if path.is_dir() {
                return tree(args, &source, &path, decrypt, cx).await;
            }
            preserve(&mut args, &path)?;
            let content = content_of(&path, decrypt, cx)?;
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            send(args, &name, content, cx).await
        }
    }
}

/// Sends one content to the module; a `dest` that is a folder takes it under `name`.
pub(in crate::actions) async fn send(
    mut args: Map,
    name: &str,
    content: Content,
    cx: &Context<'_>,
) -> Result<Done, Error> {
    args.insert("_name", name.into());
    let mut done = cx.module("copy", args, vec![content]).await?;
    let values = &mut done.outcome.values;
    values.remove("src");
    // A file that has its content already is told of as by `file`.
    if let (Some(false), Some(dest)) = (done.outcome.changed, values.get("dest").cloned()) {
        values.insert("path", dest);
    }
    Ok(done)
}

/// Returns what is copied: text as it is, dictionaries and lists as JSON.
fn content_bytes(content: &Value) -> Result<Vec<u8>, Error> {
    match content {
        Value::Bytes(bytes) => Ok(bytes.to_vec()),
        Value::Map(_) | Value::List(_) => crate::template::dumps(content)
            .map(String::into_bytes)
            .map_err(|error| Error::new(format!("content as JSON: {error}"))),
        other => Ok(stray::bytes_of(&other.to_string())),
    }
}

/// Returns a file as content; a vault as what is in it.
pub(in crate::actions) fn content_of(
    path: &Path,
    decrypt: bool,
    cx: &Context<'_>,
) -> Result<Content, Error> {
    const MARK: &[u8] = b"$ANSIBLE_VAULT;";
    let mut head = [0; MARK.len()];
    let unreadable =
        |error: std::io::Error| Error::new(format!("cannot read `{}`: {error}", path.display()));
    let mut file = std::fs::File::open(path).map_err(unreadable)?;
    let is_vault =
        decrypt && std::io::Read::read_exact(&mut file, &mut head).is_ok() && head == *MARK;
    if is_vault {
        return Ok(Content::Bytes(cx.hands.read_file(path).map_err(Error::new)?.into()));
    }
    Ok(Content::File(path.to_owned()))
}

/// Replaces the mode `preserve` by that of the file.
fn preserve(args: &mut Map, path: &Path) -> Result<(), Error> {
    if args.get("mode").and_then(Value::as_str) == Some("preserve") {
        args.insert("mode", mode_of(path)?);
    }
    Ok(())
}

fn mode_of(path: &Path) -> Result<Value, Error> {
    let meta = std::fs::metadata(path)
        .map_err(|error| Error::new(format!("cannot read `{}`: {error}", path.display())))?;
    Ok(format!("0{:03o}", meta.permissions().mode() & 0o7777).into())
}

/// Sends a tree: a manifest of everything in it, and the contents for when they are asked for.
async fn tree(
    mut args: Map,
    source: &str,
    folder: &Path,
    decrypt: bool,
    cx: &Context<'_>,
) -> Result<Done, Error> {
    let follow = flag(&args, "local_follow", true);
    let preserved = args.get("mode").and_then(Value::as_str) == Some("preserve");
    if preserved {
        args.remove("mode");
    }
    // With a slash at its end the content of the folder is meant, without one the folder itself.
    let root = if source.ends_with('/') {
        PathBuf::new()
    } else {
        PathBuf::from(folder.file_name().unwrap_or_default())
    };
    let mut walk =
        Walk { follow, decrypt, preserved, entries: Vec::new(), contents: Vec::new(), cx };
    if !root.as_os_str().is_empty() {
        walk.add_folder(&root, folder)?;
    }
    walk.folder(folder, &root)?;
    let Walk { entries, contents, .. } = walk;
    args.insert("_manifest", Value::list(entries));
    let mut done = cx.module("copy", args, contents).await?;
    done.outcome.values.insert("src", folder.display().to_string().into());
    if let Some(dest) = done.outcome.values.get("dest").map(ToString::to_string) {
        done.outcome.values.insert("dest", format!("{}/", dest.trim_end_matches('/')).into());
    }
    Ok(done)
}

struct Walk<'a> {
    follow: bool,
    decrypt: bool,
    preserved: bool,
    entries: Vec<Value>,
    contents: Vec<Content>,
    cx: &'a Context<'a>,
}

impl Walk<'_> {
    fn folder(&mut self, folder: &Path, below: &Path) -> Result<(), Error> {
        let unreadable = |error: std::io::Error| {
            Error::new(format!("cannot read `{}`: {error}", folder.display()))
        };
        let mut entries: Vec<_> =
            std::fs::read_dir(folder).map_err(unreadable)?.flatten().collect();
        entries.sort_by_key(std::fs::DirEntry::file_name);
        for entry in entries {
            let (path, name) = (entry.path(), below.join(entry.file_name()));
            let is_link = entry.file_type().is_ok_and(|kind| kind.is_symlink());
            if is_link && !self.follow {
                let target = std::fs::read_link(&path).map_err(unreadable)?;
                self.add(&name, "link", vec![("target", target.display().to_string().into())]);
            } else if path.is_dir() {
                self.add_folder(&name, &path)?;
                self.folder(&path, &name)?;
            } else if path.is_file() {
                let mut more = vec![("blob", self.contents.len().into())];
                if self.preserved {
                    more.push(("mode", mode_of(&path)?));
                }
                self.contents.push(content_of(&path, self.decrypt, self.cx)?);
                self.add(&name, "file", more);
            }
        }
        Ok(())
    }

    fn add_folder(&mut self, name: &Path, path: &Path) -> Result<(), Error> {
        let more = if self.preserved { vec![("mode", mode_of(path)?)] } else { Vec::new() };
        self.add(name, "directory", more);
        Ok(())
    }

    fn add(&mut self, name: &Path, kind: &str, more: Vec<(&str, Value)>) {
        let mut entry = Map::new();
        entry.insert("path", name.to_string_lossy().into_owned().into());
        entry.insert("kind", kind.into());
        entry.extend(more);
        self.entries.push(entry.into());
    }
}

/// Returns the truth of an argument.
pub(in crate::actions) fn flag(args: &Map, name: &str, default: bool) -> bool {
    match args.get(name) {
        None | Some(Value::Null) => default,
        Some(Value::Text(text)) => fold::truth(text.as_str()).unwrap_or(default),
        Some(other) => other.truth(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_that_is_no_text_is_json_as_python_writes_it() {
        let content =
            Value::map([("a", Value::list([Value::Int(1), "é".into()])), ("b", Value::Null)]);
        assert_eq!(content_bytes(&content).unwrap(), br#"{"a": [1, "\u00e9"], "b": null}"#);
        assert_eq!(content_bytes(&Value::Int(7)).unwrap(), b"7");
    }
}
