//! What SSH needs to know of this machine and its user: home, name, agent, where the configuration files are.

use std::env;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// This machine and the user who runs the program.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Machine {
    /// The user's home folder.
    pub home: PathBuf,
    /// The user's login name.
    pub user: String,
    /// The user's number.
    pub uid: u32,
    /// The name of this machine.
    pub name: String,
    /// The agent's socket, from `SSH_AUTH_SOCK`.
    pub agent: Option<PathBuf>,
    /// The user's configuration file.
    pub user_config: PathBuf,
    /// The machine's configuration file.
    pub system_config: PathBuf,
}

impl Machine {
    /// Asks this machine.
    pub fn this() -> Self {
        let uid = fs::metadata("/proc/self").map_or(0, |process| process.uid());
        let entry = fs::read_to_string("/etc/passwd").ok().and_then(|text| passwd(&text, uid));
        let variable = |name| env::var(name).ok().filter(|value| !value.is_empty());
        let (name, folder) = entry.unwrap_or_default();
        let home = variable("HOME").unwrap_or(folder);
        let home = PathBuf::from(if home.is_empty() { "/".to_owned() } else { home });
        let user = [Some(name), variable("USER"), variable("LOGNAME")];
        let user = user.into_iter().flatten().find(|name| !name.is_empty());
        Self {
            user: user.unwrap_or_else(|| uid.to_string()),
            uid,
            name: fs::read_to_string("/proc/sys/kernel/hostname")
                .map_or_else(|_| "localhost".to_owned(), |name| name.trim().to_owned()),
            agent: variable("SSH_AUTH_SOCK").map(PathBuf::from),
            user_config: home.join(".ssh/config"),
            system_config: PathBuf::from("/etc/ssh/ssh_config"),
            home,
        }
    }

    /// Puts the home folder in front of a path that starts with `~`.
    pub(super) fn expand_home(&self, path: &str) -> PathBuf {
        match path.strip_prefix('~') {
            Some("") => self.home.clone(),
            Some(rest) if rest.starts_with('/') => self.home.join(&rest[1..]),
            Some(_) | None => PathBuf::from(path),
        }
    }

    /// Returns a path as the user would write it, `~` for the home folder.
    pub(super) fn shorten(&self, path: &Path) -> String {
        match path.strip_prefix(&self.home) {
            Ok(rest) if self.home != Path::new("/") => format!("~/{}", rest.display()),
            Ok(_) | Err(_) => path.display().to_string(),
        }
    }
}

/// Returns name and home of a user, from the text of a passwd file.
fn passwd(text: &str, uid: u32) -> Option<(String, String)> {
    text.lines().find_map(|line| {
        let fields: Vec<&str> = line.split(':').collect();
        let [name, _, number, _, _, home, ..] = fields.as_slice() else { return None };
        (number.parse() == Ok(uid)).then(|| ((*name).to_owned(), (*home).to_owned()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_passwd_file_knows_the_user() {
        let text = "root:x:0:0:root:/root:/bin/sh\nann:x:1000:100::/home/ann:\n";
        assert_eq!(passwd(text, 1000), Some(("ann".to_owned(), "/home/ann".to_owned())));
        assert_eq!(passwd(text, 1), None);
    }

    #[test]
    fn home_comes_and_goes() {
        let machine = Machine { home: PathBuf::from("/home/ann"), ..Machine::this() };
        assert_eq!(machine.expand_home("~/.ssh/id"), PathBuf::from("/home/ann/.ssh/id"));
        assert_eq!(machine.expand_home("/x/~"), PathBuf::from("/x/~"));
        assert_eq!(machine.shorten(Path::new("/home/ann/.ssh/id")), "~/.ssh/id");
        assert_eq!(machine.shorten(Path::new("/etc/x")), "/etc/x");
    }
}
