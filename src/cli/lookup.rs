//! Which file a playbook's name means: a path, or a name in `playbooks/`, with or without its ending.

use std::path::{Path, PathBuf};

use super::error::Error;
use super::exit::Exit;
use crate::base::{suggest, words};

const ENDINGS: [&str; 3] = ["", ".yml", ".yaml"];
const FOLDER: &str = "playbooks";

/// Returns the file of a playbook, relative where the name is.
pub(super) fn playbook(name: &str, folder: &Path) -> Result<PathBuf, Error> {
    let candidates: Vec<PathBuf> = candidates(name).collect();
    for candidate in &candidates {
        let meta = folder.join(candidate).metadata();
        // A pipe is a playbook too: `fcplay <(generate)`.
        if meta.is_ok_and(|meta| !meta.is_dir()) {
            return Ok(candidate.clone());
        }
    }
    let near = near(name, folder);
    let mut text = format!("the playbook: {name} could not be found");
    if let Some(near) = near {
        text.push_str(&format!("; did you mean `{near}`?"));
    }
    let searched = words::ticked(candidates.iter().map(|path| path.display()));
    text.push_str(&format!("\nhint: looked for {searched}"));
    Err(Error::new(Exit::Error, text))
}

fn candidates(name: &str) -> impl Iterator<Item = PathBuf> {
    let inside = (!Path::new(name).is_absolute()).then(|| format!("{FOLDER}/{name}"));
    let names: Vec<String> = [name.to_owned()].into_iter().chain(inside).collect();
    let has_ending = name.ends_with(".yml") || name.ends_with(".yaml");
    let endings = if has_ending { &ENDINGS[..1] } else { &ENDINGS[..] };
    names.into_iter().flat_map(|name| {
        endings
            .iter()
            .map(move |ending| PathBuf::from(format!("{name}{ending}")))
            .collect::<Vec<_>>()
    })
}

/// Returns the playbook that was probably meant.
fn near(name: &str, folder: &Path) -> Option<String> {
    let path = Path::new(name);
    let parent = path.parent().unwrap_or(Path::new(""));
    let wanted = stem(path.file_name()?.to_str()?).to_owned();
    let mut found = Vec::new();
    for place in [parent.to_owned(), Path::new(FOLDER).join(parent)] {
        let Ok(entries) = std::fs::read_dir(folder.join(&place)) else { continue };
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if stem(&name) != name {
                found.push((stem(&name).to_owned(), place.join(name).display().to_string()));
            }
        }
    }
    found.sort();
    let best = suggest::closest(&wanted, found.iter().map(|(stem, _)| stem.as_str()))?;
    found.iter().find(|(stem, _)| stem == best).map(|(_, path)| path.clone())
}

fn stem(name: &str) -> &str {
    name.strip_suffix(".yml").or_else(|| name.strip_suffix(".yaml")).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("playbooks")).unwrap();
        for name in ["site.yml", "playbooks/redis.yaml", "playbooks/site.yml"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        folder
    }

    #[track_caller]
    fn case(name: &str, expected: &str) {
        let folder = folder();
        let found = match playbook(name, folder.path()) {
            Ok(path) => path.display().to_string(),
            Err(error) => error.text,
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn a_name_is_looked_for_with_and_without_its_ending() {
        case("site.yml", "site.yml");
        case("site", "site.yml");
        case("redis", "playbooks/redis.yaml");
        case("redis.yaml", "playbooks/redis.yaml");
    }

    #[test]
    fn what_is_not_there_comes_with_a_guess() {
        case(
            "rediss.yml",
            "error: the playbook: rediss.yml could not be found; did you mean `playbooks/redis.yaml`?\n\
             hint: looked for `rediss.yml` and `playbooks/rediss.yml`",
        );
        case(
            "/nope",
            "error: the playbook: /nope could not be found\nhint: looked for `/nope`, `/nope.yml` and `/nope.yaml`",
        );
    }
}
