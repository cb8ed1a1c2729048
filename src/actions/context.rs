//! What an action works with: variables, templates, the helper, the files of the controller.

use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha1::{Digest, Sha1};

use super::{Done, Error, from_reply};
use crate::base::path::from_home;
use crate::base::{Map, Value};
use crate::connection::{Feed, Helper, Unreachable};
use crate::module::Stage;
use crate::protocol::{Blob, Event, INLINE, Request};
use crate::template::{Engine, Scope};
use crate::vars::TaskScope;

/// What the engine does for actions.
pub trait Hands: Send + Sync {
    /// Returns the helper on the task's host, as the task's user; connects when it has to.
    fn helper(
        &self,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<Arc<Helper>, Unreachable>> + Send + '_>>;

    /// Connects anew after the host was away; the old connection is dropped.
    fn reconnect(
        &self,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<Arc<Helper>, Unreachable>> + Send + '_>>;

    /// Shows lines to the one at the terminal, while the task runs.
    fn say(&self, text: &str);

    /// Has reports hold still on the terminal, or go on.
    fn hold_still(&self, still: bool);

    /// Reads a file, decrypted when it is a vault.
    fn read_file(&self, path: &Path) -> Result<Vec<u8>, String>;

    /// Parses a file of variables, each once a run.
    fn read_vars(&self, path: &Path) -> Result<Value, String>;
}

/// Who hears what a task does while it runs.
pub trait Listener: Send + Sync {
    /// Takes an event of the running task.
    fn event(&self, event: Event);
}

/// What an action works with.
pub struct Context<'a> {
    /// The host the task is for.
    pub host: Arc<str>,
    /// The task's name, as its banner shows it.
    pub title: String,
    /// The variables it sees.
    pub scope: Arc<TaskScope>,
    /// The template engine.
    pub templates: &'a Engine,
    /// How far the task goes.
    pub stage: Stage,
    /// Variables for the environment of programs.
    pub environment: Vec<(String, String)>,
    /// Seconds after which the task is ended; zero means never.
    pub timeout: u64,
    /// The folder on the host in which jobs in the background leave their results.
    pub job_folder: String,
    /// What the engine does for it.
    pub hands: &'a dyn Hands,
    /// Who hears what the task does.
    pub listener: Arc<dyn Listener>,
}

impl Context<'_> {
    /// Runs a module on the host with contents held ready for it.
    pub async fn module(
        &self,
        name: &str,
        args: Map,
        contents: Vec<Content>,
    ) -> Result<Done, Error> {
        let helper = self.hands.helper().await?;
        let request = Request {
            module: name.into(),
            args,
            check: self.stage.check,
            diff: self.stage.diff,
            verbosity: self.stage.verbosity,
            environment: self.environment.clone(),
            blobs: contents
                .iter()
                .map(Content::blob)
                .collect::<std::io::Result<_>>()
                .map_err(unreadable)?,
            timeout: self.timeout,
            ..Request::default()
        };
        let feed = Contents { contents, listener: Arc::clone(&self.listener) };
        from_reply(helper.run(request, Arc::new(feed)).await?)
    }

    /// Returns the variables as the template engine takes them.
    pub fn vars(&self) -> Arc<dyn Scope> {
        Arc::clone(&self.scope) as Arc<dyn Scope>
    }

    /// Finds a file on the controller as Ansible does: absolute, or below each folder of the search path, first in the
    /// given sub-folder (`files`, `templates`).
    pub fn find_file(&self, name: &str, folder: &str) -> Result<PathBuf, Error> {
        let name = from_home(name).display().to_string();
        let searched = self.search(&name, folder);
        searched.iter().find(|path| path.exists()).cloned().ok_or_else(|| {
            let name = without_login(&name);
            let shown =
                |path: &PathBuf| format!("\n\t{}", without_login(&path.display().to_string()));
            let places: Vec<_> = searched.iter().map(shown).collect();
            Error::new(format!(
                "Could not find or access '{name}'\nSearched in:{} on the Ansible Controller.\nIf you are using a module and expect the file to exist on the remote, see the remote_src option",
                places.concat()
            ))
        })
    }

    fn search(&self, name: &str, folder: &str) -> Vec<PathBuf> {
        if Path::new(name).is_absolute() {
            return vec![name.into()];
        }
        let folders = self.scope.get("ansible_search_path").unwrap_or_default();
        let folders = folders.as_list().map(|list| list.to_vec()).unwrap_or_default();
        let folders = folders.iter().filter_map(Value::as_str).map(Path::new);
        folders.flat_map(|path| [path.join(folder).join(name), path.join(name)]).collect()
    }
}

/// Returns an address without user and password.
pub(super) fn without_login(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let host = rest.find('/').unwrap_or(rest.len());
    match rest[..host].rfind('@') {
        Some(at) => format!("{scheme}://****:****@{}", &rest[at + 1..]),
        None => url.to_owned(),
    }
}

fn unreadable(error: std::io::Error) -> Error {
    Error::new(format!("cannot read a file of the controller: {error}"))
}

/// A content that a module may ask for.
#[derive(Clone, Debug)]
pub enum Content {
    /// In memory.
    Bytes(Arc<[u8]>),
    /// In a file of the controller.
    File(PathBuf),
}

impl Content {
    fn blob(&self) -> std::io::Result<Blob> {
        match self {
            Self::Bytes(bytes) if bytes.len() <= INLINE => Ok(Blob::Inline(bytes.to_vec())),
            Self::Bytes(bytes) => Ok(Blob::Stream { size: bytes.len() as u64 }),
            Self::File(path) => {
                let size = std::fs::metadata(path)?.len();
                if size <= INLINE as u64 {
                    return Ok(Blob::Inline(std::fs::read(path)?));
                }
                Ok(Blob::Stream { size })
            }
        }
    }

    fn open(&self) -> std::io::Result<Box<dyn Read + Send>> {
        Ok(match self {
            Self::Bytes(bytes) => Box::new(Cursor::new(Arc::clone(bytes))),
            Self::File(path) => Box::new(std::fs::File::open(path)?),
        })
    }
}

/// Serves contents to one request.
struct Contents {
    contents: Vec<Content>,
    listener: Arc<dyn Listener>,
}

impl Contents {
    fn content(&self, index: u32) -> std::io::Result<&Content> {
        self.contents.get(index as usize).ok_or_else(|| std::io::ErrorKind::NotFound.into())
    }
}

impl Feed for Contents {
    fn event(&self, event: Event) {
        self.listener.event(event);
    }

    fn open(&self, index: u32) -> std::io::Result<Box<dyn Read + Send>> {
        self.content(index)?.open()
    }

    fn sha1(&self, index: u32) -> Result<String, String> {
        let digest = || -> std::io::Result<String> {
            let mut content = self.content(index)?.open()?;
            let mut hasher = Sha1::new();
            std::io::copy(&mut content, &mut hasher)?;
            Ok(hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
        };
        digest().map_err(|error| error.to_string())
    }

    fn data(&self, _bytes: Vec<u8>) -> Result<(), String> {
        Ok(())
    }
}
