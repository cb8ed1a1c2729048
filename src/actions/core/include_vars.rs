//! `include_vars`: loads files of variables while the run goes on.

use std::path::{Path, PathBuf};

use crate::actions::{Context, Done, Effect, Error};
use crate::base::pyregex::{Flags, Pattern};
use crate::base::{Map, Value};
use crate::inventory::Merging;
use crate::module::{Example, FreeForm, Outcome, Rule, Spec};
use crate::{action, arguments};

arguments! {
    /// Arguments of `include_vars`.
    pub(super) struct Args {
        /// The file.
        file ["_raw_params"]: Option<String>,
        /// A folder, all files of which are loaded.
        dir: Option<PathBuf>,
        /// The variable that takes what is loaded; without it the variables stand by themselves.
        name: Option<String>,
        /// How deep folders are searched; 0 means all the way.
        depth: i64 = 0,
        /// A regular expression that names of files have to match.
        files_matching: Option<String>,
        /// Names of files to leave out.
        ignore_files: Vec<String> = Vec::new(),
        /// Endings of files to load.
        extensions: Vec<String> = vec!["json".into(), "yaml".into(), "yml".into()],
        /// Whether files with other endings are left out silently.
        ignore_unknown_extensions: bool = false,
        /// How equal dictionaries come together.
        hash_behaviour: Option<HashBehaviour>,
    }
}

crate::choices! {
    /// How equal dictionaries come together.
    pub(super) enum HashBehaviour { Replace = "replace", Merge = "merge" }
}

action! {
    /// The action.
    IncludeVars,
    Spec {
        name: "include_vars",
        summary: "Loads files of variables while the run goes on.",
        free_form: FreeForm::Argument("file"),
        rules: &[Rule::Exclusive(&["file", "dir"])],
        examples: &[Example { about: "Load what belongs to the system.", task: "include_vars: \"{{ ansible_facts.os_family }}.yml\"" }],
        ..Spec::BASE
    },
    Args,
    run
}

async fn run(args: Args, cx: &Context<'_>) -> Result<Done, Error> {
    load(args, cx).map_err(|error| match error {
        Error::Failed(mut failed) => {
            let message = failed.failure.message.as_str().into();
            failed.failure.values.insert("message", message);
            Error::Failed(failed)
        }
        other => other,
    })
}

fn load(args: Args, cx: &Context<'_>) -> Result<Done, Error> {
    let paths = match (&args.file, &args.dir) {
        (Some(file), _) => vec![cx.find_file(file, "vars")?],
        (None, Some(dir)) => {
            let folder = cx.find_file(&dir.to_string_lossy(), "vars");
            let folder = folder
                .map_err(|_| Error::new(format!("{} directory does not exist", dir.display())))?;
            let mut paths = Vec::new();
            collect(&folder, 1, &Filter::new(&args)?, &mut paths)?;
            paths
        }
        (None, None) => return Err(Error::new("one of file or dir has to be given")),
    };
    let mut all = Map::new();
    for path in &paths {
        let value = cx.hands.read_vars(path).map_err(Error::new)?;
        match &value {
            Value::Map(map) => {
                all.extend(map.iter().map(|(key, value)| (key.clone(), value.clone())));
            }
            Value::Null => {}
            other => {
                let text = format!(
                    "{} must be stored as a dictionary/hash, not {}",
                    path.display(),
                    other.type_name()
                );
                return Err(Error::new(text));
            }
        }
    }
    let values = match &args.name {
        Some(name) => Map::from_iter([(name.as_str(), Value::from(all))]),
        None => all,
    };
    let values = if matches!(args.hash_behaviour, Some(HashBehaviour::Merge)) {
        merged(values, cx)
    } else {
        values
    };
    let files = Value::list(paths.iter().map(|path| path.display().to_string().into()));
    let outcome = Outcome::done()
        .with("ansible_facts", values.clone())
        .with("ansible_included_var_files", files);
    Ok(Done::ok(outcome).with_effect(Effect::IncludeVars(values)))
}

/// Merges dictionaries into those that the host knows by the same names.
fn merged(values: Map, cx: &Context<'_>) -> Map {
    let vars = cx.vars();
    let merge = |(name, new): (Value, Value)| {
        let old = name.as_str().and_then(|name| vars.get(name));
        let old = old.and_then(|old| cx.templates.resolve(&old, &vars).ok());
        let value = match old {
            Some(old) => Merging::Deep.combine(&old, new),
            None => new,
        };
        (name, value)
    };
    values.into_iter().map(merge).collect()
}

struct Filter<'a> {
    args: &'a Args,
    matching: Option<Pattern>,
}

impl<'a> Filter<'a> {
    fn new(args: &'a Args) -> Result<Self, Error> {
        let matching =
            args.files_matching.as_ref().map(|text| Pattern::new(text, Flags::default()));
        let matching = matching
            .transpose()
            .map_err(|error| Error::new(format!("`files_matching`: {error}")))?;
        Ok(Self { args, matching })
    }

    fn takes(&self, path: &Path) -> Result<bool, Error> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let ignored = self.args.ignore_files.iter().any(|ignored| *ignored == name);
        let matches = self
            .matching
            .as_ref()
            .is_none_or(|pattern| matches!(pattern.search(&name), Ok(Some(_))));
        if ignored || !matches {
            return Ok(false);
        }
        let ending = path.extension().unwrap_or_default().to_string_lossy().into_owned();
        if self.args.extensions.contains(&ending) {
            return Ok(true);
        }
        if self.args.ignore_unknown_extensions || self.matching.is_some() {
            return Ok(false);
        }
        let known = self.args.extensions.join(", ");
        Err(Error::new(format!("{} does not have a valid extension: {known}", path.display())))
    }
}

/// Collects the files of a folder and of those below it, sorted.
fn collect(
    folder: &Path,
    depth: i64,
    filter: &Filter<'_>,
    paths: &mut Vec<PathBuf>,
) -> Result<(), Error> {
    let entries = std::fs::read_dir(folder);
    let entries = entries.map_err(|error| {
        Error::new(format!("cannot read the folder {}: {error}", folder.display()))
    })?;
    let mut entries: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    entries.sort();
    for path in entries.iter().filter(|path| path.is_file()) {
        if filter.takes(path)? {
            paths.push(path.clone());
        }
    }
    for path in entries.iter().filter(|path| path.is_dir()) {
        if filter.args.depth == 0 || depth < filter.args.depth {
            collect(path, depth + 1, filter, paths)?;
        }
    }
    Ok(())
}
