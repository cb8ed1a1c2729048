//! Configuration files on disk: read once, with the files that `Include` names in their place.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::lexer;
use crate::connection::ssh::machine::Machine;
use crate::connection::ssh::pattern;

/// Includes nest no deeper than this, as in OpenSSH.
const DEEPEST: usize = 16;

/// One line of a configuration.
#[derive(Clone, Debug)]
pub(super) struct Line {
    /// The file it stands in.
    pub(super) file: Arc<Path>,
    /// Its number there.
    pub(super) number: usize,
    /// The keyword, in lower case.
    pub(super) keyword: String,
    /// Its words.
    pub(super) words: Vec<String>,
    /// The files that `Include` brought in.
    pub(super) included: Vec<Vec<Self>>,
}

/// A line that cannot be understood.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{place}: {why}")]
pub struct BadConfig {
    /// Where it stands: `file:line`, a file, or the name of a variable.
    pub place: String,
    /// What is wrong with it.
    pub why: String,
}

impl Line {
    /// Returns an error that points here.
    pub(super) fn bad(&self, why: impl Into<String>) -> BadConfig {
        BadConfig { place: self.place(), why: why.into() }
    }

    /// Returns `file:line`.
    pub(super) fn place(&self) -> String {
        format!("{}:{}", self.file.display(), self.number)
    }
}

/// Reads a file and what it includes. A file that does not exist is empty unless it was asked for by name.
pub(super) fn read(path: &Path, named: bool, machine: &Machine) -> Result<Vec<Line>, BadConfig> {
    Reader::of(path, machine).file(path, named, 0)
}

/// Reads the text of a file and what it includes.
pub(super) fn parse(text: &str, path: &Path, machine: &Machine) -> Result<Vec<Line>, BadConfig> {
    Reader::of(path, machine).lines(text, path, 0)
}

struct Reader<'m> {
    /// Where relative includes are looked for.
    folder: PathBuf,
    machine: &'m Machine,
}

impl<'m> Reader<'m> {
    fn of(path: &Path, machine: &'m Machine) -> Self {
        let folder = if path == machine.system_config {
            path.parent().unwrap_or(Path::new("/")).to_path_buf()
        } else {
            machine.home.join(".ssh")
        };
        Self { folder, machine }
    }

    fn file(&self, path: &Path, named: bool, depth: usize) -> Result<Vec<Line>, BadConfig> {
        let text = match fs::read(path) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(error) if named => {
                let why = format!("cannot be read: {error}");
                return Err(BadConfig { place: path.display().to_string(), why });
            }
            Err(_) => return Ok(Vec::new()),
        };
        self.lines(&text, path, depth)
    }

    fn lines(&self, text: &str, path: &Path, depth: usize) -> Result<Vec<Line>, BadConfig> {
        let file: Arc<Path> = Arc::from(path);
        let mut lines = Vec::new();
        for (index, text) in text.lines().enumerate() {
            let statement = lexer::statement(text).map_err(|why| {
                let place = format!("{}:{}", path.display(), index + 1);
                BadConfig { place, why: why.to_owned() }
            })?;
            let Some(lexer::Statement { keyword, words }) = statement else { continue };
            let file = Arc::clone(&file);
            let mut line = Line { file, number: index + 1, keyword, words, included: Vec::new() };
            if line.keyword == "include" {
                line.included = self.includes(&line, depth)?;
            }
            lines.push(line);
        }
        Ok(lines)
    }

    fn includes(&self, line: &Line, depth: usize) -> Result<Vec<Vec<Line>>, BadConfig> {
        if depth + 1 >= DEEPEST {
            return Err(line.bad("includes are nested too deeply: does a file include itself?"));
        }
        let mut files = Vec::new();
        for word in &line.words {
            let path = self.folder.join(self.machine.expand_home(word));
            for path in glob(&path) {
                files.push(self.file(&path, false, depth + 1)?);
            }
        }
        Ok(files)
    }
}

/// Returns the files that a path with `*` and `?` in it stands for, in order of their names.
fn glob(path: &Path) -> Vec<PathBuf> {
    let mut found = vec![PathBuf::from("/")];
    for part in path.components().skip(1) {
        let part = part.as_os_str().to_string_lossy();
        if !part.contains(['*', '?']) {
            found.iter_mut().for_each(|path| path.push(part.as_ref()));
            continue;
        }
        found = found.iter().flat_map(|folder| entries(folder, &part)).collect();
    }
    found
}

fn entries(folder: &Path, part: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut found: Vec<PathBuf> = entries
        .filter_map(Result::ok)
        .filter(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            pattern::matches(part, &name) && (part.starts_with('.') || !name.starts_with('.'))
        })
        .map(|entry| entry.path())
        .collect();
    found.sort();
    found
}
