//! `ansible.cfg`: any text gives settings or mistakes.

use fcplay::config::{Config, Environment};

/// Takes one input.
pub(crate) fn run(data: &[u8]) {
    let folder = std::env::temp_dir().join(format!("fcplay-fuzz-{}", std::process::id()));
    let path = folder.join("ansible.cfg");
    if std::fs::create_dir_all(&folder).is_err() || std::fs::write(&path, data).is_err() {
        return;
    }
    let path = path.display().to_string();
    let environment = Environment::new(&folder, &[("ANSIBLE_CONFIG", &path), ("HOME", "/nobody")]);
    for mistake in Config::load(environment).err().iter().flat_map(|mistakes| &mistakes.0) {
        assert!(!mistake.to_string().is_empty());
    }
}
