//! Facts that outlive a run: one file of JSON a host (`fact_caching = jsonfile`).

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::base::{Map, Value, json};

/// A folder with facts of earlier runs.
#[derive(Clone, Debug)]
pub struct FactCache {
    /// The folder.
    pub folder: PathBuf,
    /// How the names of its files begin.
    pub prefix: String,
    /// After what time facts are old; nothing means never.
    pub timeout: Option<Duration>,
}

impl FactCache {
    /// Returns what is known of a host; nothing when it is unknown or old, or the file makes no sense.
    pub fn load(&self, host: &str) -> Option<Map> {
        let path = self.path(host);
        let age = SystemTime::now().duration_since(path.metadata().ok()?.modified().ok()?);
        if self.timeout.is_some_and(|most| age.is_ok_and(|age| age > most)) {
            return None;
        }
        let facts = json::parse(&std::fs::read_to_string(&path).ok()?).ok()?;
        Some(Map::clone(facts.as_map()?))
    }

    /// Keeps what is known of a host.
    pub fn save(&self, host: &str, facts: &Map) -> Result<(), String> {
        let text = json::write(&Value::from(facts.clone()));
        self.write(host, text.as_bytes()).map_err(|error| {
            format!("the facts of {host} cannot be kept in `{}`: {error}", self.folder.display())
        })
    }

    fn write(&self, host: &str, text: &[u8]) -> std::io::Result<()> {
        std::fs::create_dir_all(&self.folder)?;
        let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
        file.write_all(text)?;
        file.persist(self.path(host))?;
        Ok(())
    }

    /// Forgets a host.
    pub fn forget(&self, host: &str) {
        // What is not there is forgotten already.
        let _missing = std::fs::remove_file(self.path(host));
    }

    fn path(&self, host: &str) -> PathBuf {
        // The name of a host must not lead out of the folder.
        let name = format!("{}{host}", self.prefix).replace('/', "_");
        Path::new(&self.folder).join(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_are_kept_until_they_are_old_or_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let cache = FactCache {
            folder: folder.path().join("facts"),
            prefix: "f_".into(),
            timeout: Some(Duration::from_secs(60)),
        };
        assert!(cache.load("h").is_none());
        let facts = Map::from_iter([("ansible_system", Value::from("Linux"))]);
        cache.save("h", &facts).unwrap();
        assert_eq!(cache.load("h"), Some(facts));
        assert!(folder.path().join("facts/f_h").is_file());
        let old = FactCache { timeout: Some(Duration::ZERO), ..cache.clone() };
        assert!(old.load("h").is_none());
        cache.forget("h");
        assert!(cache.load("h").is_none());
    }
}
