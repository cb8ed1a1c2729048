//! Where roles are: in collections, beside the playbook, in `roles_path`, beside the role that names them.

use std::path::{Path, PathBuf};

use super::{Loader, Place};
use crate::base::path::from_home;
use crate::base::{Mistake, suggest};
use crate::playbook::model::RoleSpec;

impl Loader<'_> {
    /// Returns the name of a role, without the folders of one that is given by its path and with the collection it was
    /// found in, and its folder.
    pub(super) fn find_role(&self, name: &str, place: &Place) -> Option<(String, PathBuf)> {
        for collection in &place.collections {
            let name = format!("{collection}.{name}");
            let path = self.in_collections(&name, place).into_iter().find(|path| path.is_dir());
            if let Some(path) = path {
                return Some((name, path));
            }
        }
        let folders = self.role_folders(name, place);
        if let Some(path) = folders.into_iter().find(|path| path.is_dir()) {
            return Some((name.to_owned(), path));
        }
        let path = from_home(name);
        let last = name.trim_end_matches('/').rsplit('/').next().unwrap_or(name);
        path.is_dir().then(|| (last.to_owned(), path))
    }

    /// Returns the places of a role that is named with its collection.
    fn in_collections(&self, name: &str, place: &Place) -> Vec<PathBuf> {
        let [namespace, collection, role] = name.splitn(3, '.').collect::<Vec<_>>()[..] else {
            return Vec::new();
        };
        let inside = |folder: PathBuf| {
            let collection = folder.join("ansible_collections").join(namespace).join(collection);
            collection.join("roles").join(role)
        };
        let beside = place.playbook.join("collections");
        [beside].into_iter().chain(self.language.collection_folders()).map(inside).collect()
    }

    /// Returns the places where a role may be, in order.
    fn role_folders(&self, name: &str, place: &Place) -> Vec<PathBuf> {
        if name.starts_with('~') {
            return Vec::new();
        }
        let mut folders = self.in_collections(name, place);
        folders.push(place.playbook.join("roles").join(name));
        folders.extend(self.language.role_folders().into_iter().map(|folder| folder.join(name)));
        // A role finds its siblings wherever it lives.
        folders.extend(
            place.role.iter().filter_map(|role| role.path.parent()).map(|folder| folder.join(name)),
        );
        folders.push(place.playbook.join(name));
        folders
    }

    pub(super) fn missing_role(&self, spec: &RoleSpec, place: &Place) {
        let folders = self.role_folders(&spec.name, place);
        let places: Vec<_> = folders
            .iter()
            .filter_map(|path| path.parent())
            .map(|path| path.display().to_string())
            .collect();
        let mut known: Vec<String> = Vec::new();
        for folder in folders.iter().filter_map(|path| path.parent()) {
            let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
            known.extend(
                entries
                    .filter(|entry| entry.path().is_dir())
                    .filter_map(|entry| entry.file_name().into_string().ok()),
            );
        }
        let what = format!("the role '{}' was not found in {}", spec.name, places.join(":"));
        let mistake = Mistake::new(what, &spec.at).width(spec.name.chars().count());
        self.mistake(match suggest::closest(&spec.name, known.iter().map(String::as_str)) {
            Some(near) => mistake.label(format!("did you mean `{near}`?")),
            None => mistake.hint(
                "put it under `roles/` beside the playbook, or name its folder in `roles_path`",
            ),
        });
    }
}

/// Returns the collection that a role's folder lies in.
pub(super) fn collection_of(role: &Path) -> Option<String> {
    let words: Vec<_> = role.components().map(|word| word.as_os_str().to_string_lossy()).collect();
    let at = words.iter().rposition(|word| word == "ansible_collections")?;
    match &words[at + 1..] {
        [namespace, collection, roles, ..] if roles == "roles" => {
            Some(format!("{namespace}.{collection}"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn collections_of_folders() {
        let of = |path: &str| collection_of(Path::new(path));
        assert_eq!(of("/x/ansible_collections/own/web/roles/a").as_deref(), Some("own.web"));
        assert_eq!(of("/x/ansible_collections/own/web/tests/a"), None);
        assert_eq!(of("/x/roles/a"), None);
    }
}
