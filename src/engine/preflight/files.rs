//! Files that are named without a template: that they are there, and that templates can be read.

use std::path::{Path, PathBuf};

use super::Checker;
use crate::actions;
use crate::base::{Map, Mistake, Position, Value, fold, suggest, words};
use crate::playbook::load::short;
use crate::playbook::{Argument, Given, Keyword, Task};
use crate::template::Source;

impl Checker<'_> {
    /// Looks for the file that a task sends, and reads it when it is a template.
    pub(super) fn files(&mut self, task: &Task) {
        let word = short(&task.action.word);
        let (folder, required) = match word {
            "template" => ("templates", true),
            "copy" | "script" | "unarchive" => ("files", !has_truth(task, "remote_src")),
            _ => return,
        };
        let source = task.action.args.iter().find(|argument| argument.name == "src");
        let Some(argument) = source.filter(|_| required) else { return };
        let Some(name) = argument.value.as_str() else { return };
        // A file that another task may make first is no mistake.
        if name.contains("://") || name.starts_with(['~', '/']) {
            return;
        }
        let places = self.places(name, folder, &task.folder);
        match places.iter().find(|path| path.exists()) {
            Some(path) if word == "template" => self.template(path, task),
            Some(_) => {}
            // A task before may make it.
            None if self.makes_files => {}
            None => {
                let mistake = missing("file", name, &argument.value_at, &places);
                // A task that is not run needs no file.
                if self.is_forgiven(task) {
                    self.warnings.push(mistake);
                } else {
                    self.mistakes.push(mistake);
                }
            }
        }
    }

    /// Checks a template file as the task would render it.
    fn template(&mut self, path: &Path, task: &Task) {
        let args = &task.action.args;
        let is_open = |argument: &&Argument| !argument.value.is_final();
        if args.iter().filter(is_open).any(|argument| argument.name.ends_with("_string")) {
            return;
        }
        let given: Map = args
            .iter()
            .filter(|argument| argument.value.is_final())
            .map(|argument| (Value::from(argument.name.as_str()), argument.value.clone()))
            .collect();
        let options = actions::find(&task.action.word).and_then(|action| action.rendering(&given));
        let (Some(options), Ok(text)) = (options, std::fs::read_to_string(path)) else { return };
        let source = Source { text: text.into(), path: path.display().to_string() };
        for mistake in self.run.templates.check_source(&source, &options) {
            self.template_mistake(mistake);
        }
    }

    /// Looks for files of variables of a play.
    pub(super) fn vars_files(&mut self, files: &[Given]) {
        for given in files {
            let names = match &given.value {
                Value::List(list) => list.to_vec(),
                other => vec![other.clone()],
            };
            let Some(names) = names.iter().map(Value::as_str).collect::<Option<Vec<_>>>() else {
                continue;
            };
            let places: Vec<PathBuf> =
                names.iter().map(|name| near_by(&self.playbook, Path::new(name))).collect();
            // Of several none may be there.
            if let [name] = names[..]
                && !places.iter().any(|path| path.exists())
            {
                self.mistakes.push(missing("file of variables", name, &given.at, &places));
            }
        }
    }

    /// Returns where a file may be, best first.
    fn places(&self, name: &str, folder: &str, file: &Path) -> Vec<PathBuf> {
        if Path::new(name).is_absolute() {
            return vec![name.into()];
        }
        let roles = self.roles.iter().rev().map(PathBuf::as_path);
        let mut places = Vec::new();
        for base in roles.chain([file, &self.playbook]) {
            for path in
                [near_by(base, &Path::new(folder).join(name)), near_by(base, Path::new(name))]
            {
                if !places.contains(&path) {
                    places.push(path);
                }
            }
        }
        places
    }
}

fn missing(kind: &str, name: &str, at: &Position, places: &[PathBuf]) -> Mistake {
    let mistake =
        Mistake::new(format!("there is no {kind} `{name}`"), at).width(name.chars().count());
    match near(name, places) {
        Some(near) => mistake.label(format!("did you mean `{near}`?")),
        None => {
            let shown: Vec<_> = places.iter().map(|path| path.display().to_string()).collect();
            mistake.hint(format!("looked for {}", words::ticked(&shown)))
        }
    }
}

/// Returns whether a task may make files on the controller that nobody names.
pub(super) fn may_make(task: &Task, is_local: bool) -> bool {
    const MAKERS: [&str; 11] = [
        "archive",
        "assemble",
        "command",
        "copy",
        "get_url",
        "git",
        "raw",
        "script",
        "shell",
        "template",
        "unarchive",
    ];
    let word = short(&task.action.word);
    let here = is_local || task.keywords.get(Keyword::DelegateTo).is_some();
    word == "fetch" || (here && MAKERS.contains(&word))
}

/// Returns a path below a folder, without a `./` in front.
fn near_by(folder: &Path, name: &Path) -> PathBuf {
    let path = folder.join(name);
    path.strip_prefix(".").map(Path::to_owned).unwrap_or(path)
}

fn has_truth(task: &Task, name: &str) -> bool {
    let argument = task.action.args.iter().find(|argument| argument.name == name);
    argument.is_some_and(|argument| match &argument.value {
        Value::Text(text) => fold::truth(text.as_str()).unwrap_or(true),
        Value::Lazy(_) => true,
        other => other.truth(),
    })
}

/// Returns the file in the folders of the places whose name is nearest, or begins or ends as the wanted one does.
fn near(name: &str, places: &[PathBuf]) -> Option<String> {
    let wanted = Path::new(name).file_name()?.to_str()?;
    let folders = places.iter().filter_map(|path| path.parent());
    let names: Vec<String> = folders
        .map(|folder| if folder.as_os_str().is_empty() { Path::new(".") } else { folder })
        .filter_map(|folder| std::fs::read_dir(folder).ok())
        .flat_map(|entries| {
            entries.flatten().filter_map(|entry| entry.file_name().into_string().ok())
        })
        .collect();
    let stem = wanted.split('.').next()?;
    suggest::closest(wanted, names.iter().map(String::as_str)).map(str::to_owned).or_else(|| {
        names.iter().find(|name| !stem.is_empty() && name.split('.').next() == Some(stem)).cloned()
    })
}
