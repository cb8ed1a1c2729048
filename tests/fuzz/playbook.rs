//! Playbooks: any text gives plays and tasks, or mistakes. Files that it names are not there.

use std::path::{Path, PathBuf};

use fcplay::base::{Map, SourceFile, Value};
use fcplay::engine::meaning;
use fcplay::playbook::{Duplicates, Files, Language, Loader};
use fcplay::yaml::{self, Trust};

struct Words;

impl Language for Words {
    fn is_action(&self, word: &str) -> bool {
        meaning(word).is_some()
    }

    fn fixed(&self, value: &Value, _: &[&Map]) -> Result<Value, String> {
        Ok(value.clone())
    }

    fn role_folders(&self) -> Vec<PathBuf> {
        Vec::new()
    }

    fn collection_folders(&self) -> Vec<PathBuf> {
        Vec::new()
    }

    fn decrypt(&self, _: &Path, _: &[u8]) -> Result<Vec<u8>, String> {
        Err("there is no password".into())
    }
}

/// Takes one input.
pub(crate) fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let path = Path::new("/nowhere/of/fcplay/site.yml");
    let file = SourceFile::new(path.display().to_string(), text);
    let Ok(document) = yaml::parse(&file, Trust::Templates) else { return };
    let Some(node) = document.nodes.into_iter().next() else { return };
    let files = Files::new(Duplicates::Warn);
    files.keep(path, node);
    let loader = Loader::new(&files, &Words);
    for play in loader.playbook(path).plays {
        let _ = play.sections();
    }
    for mistake in &loader.take_mistakes().0 {
        assert!(!mistake.to_string().is_empty());
    }
}
