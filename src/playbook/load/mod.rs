//! Reads playbooks, task files and roles, each file once a run, and puts static imports in their place.
//!
//! Mistakes are gathered, not returned: a file with one wrong task still gives its other tasks, so that preflight shows
//! all mistakes at once. What is loaded beside mistakes is never run.

mod arguments;
mod block;
mod files;
mod find_role;
mod import;
mod play;
mod prompt;
pub mod reserved;
mod role;
mod task;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

pub use files::{Duplicates, Files};
pub use import::{file_argument, short};
pub use role::RoleUse;

use super::model::{Given, Item, Play, Playbook, Role};
use super::{Keyword, Keywords, Language, Owner};
use crate::base::{Map, Mistake, Mistakes, Value, suggest};
use crate::yaml::Node;

/// Loads playbooks and what they name.
pub struct Loader<'a> {
    files: &'a Files,
    language: &'a dyn Language,
    mistakes: Mutex<Mistakes>,
}

/// Where something is loaded: what relative names and templates in static imports refer to.
#[derive(Clone, Debug, Default)]
pub struct Place {
    /// The folder of the file.
    pub folder: PathBuf,
    /// The folder of the playbook.
    pub playbook: PathBuf,
    /// The role it is in.
    pub role: Option<Arc<Role>>,
    /// Whether handlers are loaded.
    pub handlers: bool,
    /// Whether this is inside of a block.
    pub nested: bool,
    /// The collections in which roles are looked for that are named without one.
    pub collections: Vec<String>,
    /// Variables known before the run: of the play, the role, the import; weakest first.
    pub vars: Vec<Arc<Map>>,
    /// Task files being imported, to find circles.
    pub importing: Vec<PathBuf>,
}

impl<'a> Loader<'a> {
    /// Returns a loader.
    pub fn new(files: &'a Files, language: &'a dyn Language) -> Self {
        Self { files, language, mistakes: Mutex::default() }
    }

    /// Takes out the mistakes that were found.
    pub fn take_mistakes(&self) -> Mistakes {
        std::mem::take(&mut self.mistakes.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Loads a playbook.
    pub fn playbook(&self, path: &Path) -> Playbook {
        let plays = self.plays(path, &Place::default(), &mut Vec::new());
        if plays.is_empty() && self.has_no_mistakes() {
            let file = crate::base::SourceFile::new(path.to_string_lossy(), "");
            let at = crate::base::Position::new(&file, 0, 0);
            let what =
                format!("A playbook must contain at least one play: {} has none", path.display());
            self.mistake(Mistake::new(what, &at).hint("begin each play with `- hosts: …`"));
        }
        Playbook { path: path.to_owned(), plays }
    }

    /// Loads a file of tasks that is included in a run.
    pub fn tasks(&self, path: &Path, place: &Place) -> Vec<Item> {
        let mut place = place.clone();
        place.folder = path.parent().map_or_else(PathBuf::new, Path::to_owned);
        match self.read(path, &Default::default()) {
            Some(node) => self.items(&node, &place),
            None => Vec::new(),
        }
    }

    fn has_no_mistakes(&self) -> bool {
        self.mistakes.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    fn mistake(&self, mistake: Mistake) {
        self.mistakes.lock().unwrap_or_else(PoisonError::into_inner).push(mistake);
    }

    /// Reads a file; a mistake at `wanted` when it is not there.
    fn read(&self, path: &Path, wanted: &crate::base::Position) -> Option<Arc<Node>> {
        match self.files.read(path, self.language) {
            Ok(node) => Some(node),
            Err(mistake) if mistake.what == files::EMPTY => None,
            Err(mut mistake) => {
                if !mistake.at.is_known() || mistake.at.line == 0 && wanted.is_known() {
                    mistake.at = wanted.clone();
                }
                self.mistake(mistake);
                None
            }
        }
    }

    /// Resolves a value that has to be known before the run, as text.
    fn fixed(&self, given: &Given, place: &Place, what: &str) -> Option<String> {
        let vars: Vec<&Map> = place.vars.iter().map(|vars| &**vars).collect();
        match self.language.fixed(&given.value, &vars) {
            Ok(Value::Null) => {
                self.mistake(Mistake::new(format!("{what} is empty"), &given.at));
                None
            }
            Ok(value) => Some(value.to_string()),
            Err(reason) => {
                let mistake = Mistake::new(
                    format!("{what} must be known before the run: {reason}"),
                    &given.at,
                );
                self.mistake(mistake.hint(
                    "a static import sees variables of the play, of roles and of `-e`, not of hosts; include it instead",
                ));
                None
            }
        }
    }

    /// Reads the words that plays, roles, blocks and tasks share; returns the others for the caller.
    fn common<'n>(&self, node: &'n Node, owner: Owner) -> Common<'n> {
        let mut common = Common::default();
        for (key, value) in node.entries() {
            let Some(word) = key.as_str() else {
                self.mistake(
                    Mistake::new("a keyword must be text", &key.at).label("found something else"),
                );
                continue;
            };
            let given = Given { value: value.to_value(), at: value.at.clone() };
            match word {
                "name" => common.name = Some(given).filter(|given| !given.value.is_null()),
                "vars" => common.vars = self.vars(value),
                "tags" if given.value.as_map().is_some() => self.mistake(
                    Mistake::new("tags must be specified as a list", &given.at)
                        .hint("write them as `tags: [first, second]`"),
                ),
                "tags" => common.tags = split_tags(&given),
                _ => match Keyword::of(word) {
                    Some(keyword) if owner.words().contains(&word) => {
                        common.keywords.set(keyword, given);
                    }
                    _ => common.rest.push((word, key, value)),
                },
            }
        }
        common
    }

    /// Reads `vars`, a dictionary.
    fn vars(&self, node: &Node) -> Arc<Map> {
        match node.to_value() {
            Value::Null => Arc::default(),
            Value::Map(map) => {
                for (key, _) in node.entries() {
                    self.check_name(key);
                    self.warn_of_reserved(key.as_str().unwrap_or_default(), &key.at);
                }
                map
            }
            other => {
                let what = format!("`vars` must be a dictionary, not {}", other.type_name());
                self.mistake(
                    Mistake::new(what, &node.at)
                        .hint("write `vars:` and below it `name: value`, without dashes"),
                );
                Arc::default()
            }
        }
    }

    fn check_name(&self, key: &Node) {
        let name = key.as_str().unwrap_or_default();
        let start = name.starts_with(|c: char| c.is_alphabetic() || c == '_');
        if !start || !name.chars().all(|c| c.is_alphanumeric() || c == '_') {
            let what = format!("`{}` is no name for a variable", key.to_value());
            let hint = "names have letters, digits and underscores, and do not begin with a digit";
            self.mistake(Mistake::new(what, &key.at).width(name.chars().count()).hint(hint));
        }
    }

    /// Says that a word is not one of the owner's.
    fn unknown_word(&self, owner: Owner, word: &str, key: &Node) {
        let what = format!("'{word}' is not a valid attribute for a {}", owner.name());
        let mistake = Mistake::new(what, &key.at).width(word.chars().count());
        self.mistake(match suggest::closest(word, owner.words()) {
            Some(near) => mistake.label(format!("did you mean `{near}`?")),
            None => mistake,
        });
    }
}

/// What plays, roles, blocks and tasks share.
#[derive(Default)]
struct Common<'n> {
    name: Option<Given>,
    vars: Arc<Map>,
    tags: Vec<Given>,
    keywords: Keywords,
    rest: Vec<(&'n str, &'n Node, &'n Node)>,
}

/// Returns a node as a value with its place.
fn given(node: &Node) -> Given {
    Given { value: node.to_value(), at: node.at.clone() }
}

/// Returns a node as a list of values with their places; a value alone counts as a list of one.
fn each(node: &Node) -> Vec<Given> {
    if node.is_list() { node.items().iter().map(given).collect() } else { given(node).each() }
}

/// Returns the texts of a list, or a text alone.
fn names(node: &Node) -> Vec<String> {
    texts(&given(node))
}

fn texts(given: &Given) -> Vec<String> {
    given.each().iter().filter_map(|name| name.value.as_str().map(str::to_owned)).collect()
}

impl Place {
    /// Returns the place with the collections that keywords name, if they name any.
    fn with_collections_of(mut self, keywords: &Keywords) -> Self {
        if let Some(given) = keywords.get(Keyword::Collections) {
            self.collections = texts(given);
        }
        self
    }
}

/// Splits `a, b` of tags.
fn split_tags(tags: &Given) -> Vec<Given> {
    let mut all = Vec::new();
    for tag in tags.each() {
        match tag.value.as_str() {
            Some(text) => all.extend(
                text.split(',').map(|word| Given { value: word.trim().into(), at: tag.at.clone() }),
            ),
            None => all.push(tag),
        }
    }
    all
}

impl Play {
    /// Returns all lists of items of the play, in the order in which they run.
    pub fn sections(&self) -> [(&'static str, Vec<Item>); 3] {
        let roles = self.roles.iter().cloned().map(Item::Block);
        [
            ("pre_tasks", self.pre_tasks.clone()),
            ("tasks", roles.chain(self.tasks.iter().cloned()).collect()),
            ("post_tasks", self.post_tasks.clone()),
        ]
    }
}
