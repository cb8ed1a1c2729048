//! Plays, and playbooks that import playbooks.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Loader, Place, each, given};
use crate::base::{Map, Mistake, Position, Value};
use crate::playbook::model::{Given, Import, Item, Play};
use crate::playbook::{Keyword, Owner};
use crate::yaml::Node;

impl Loader<'_> {
    /// Loads the plays of a file; `open` are the files being imported.
    pub(super) fn plays(
        &self,
        path: &Path,
        place: &Place,
        open: &mut Vec<PathBuf>,
    ) -> Vec<Arc<Play>> {
        let Some(node) = self.read(path, &Position::default()) else {
            return Vec::new();
        };
        let folder = path.parent().map_or_else(PathBuf::new, Path::to_owned);
        if !node.is_list() {
            let what = if node.is_null() {
                "the playbook is empty".to_owned()
            } else {
                "A playbook must be a list of plays".to_owned()
            };
            self.mistake(Mistake::new(what, &node.at).hint("begin each play with `- hosts: …`"));
            return Vec::new();
        }
        open.push(path.to_owned());
        let place = Place { folder: folder.clone(), playbook: folder, ..place.clone() };
        let plays =
            node.items().iter().flat_map(|item| self.play_or_import(item, &place, open)).collect();
        open.pop();
        plays
    }

    fn play_or_import(
        &self,
        node: &Node,
        place: &Place,
        open: &mut Vec<PathBuf>,
    ) -> Vec<Arc<Play>> {
        if !node.is_map() {
            let what =
                "playbook entries must be either valid plays or 'import_playbook' statements";
            self.mistake(Mistake::new(what, &node.at));
            return Vec::new();
        }
        let import = ["import_playbook", "ansible.builtin.import_playbook"]
            .iter()
            .find_map(|word| node.get(word));
        match import {
            Some(target) => self.import_playbook(node, target, place, open),
            None => self.play(node, place).into_iter().map(Arc::new).collect(),
        }
    }

    fn import_playbook(
        &self,
        node: &Node,
        target: &Node,
        place: &Place,
        open: &mut Vec<PathBuf>,
    ) -> Vec<Arc<Play>> {
        let common = self.common(node, Owner::Import);
        let mut import = Import {
            at: node.at.clone(),
            name: common.name,
            vars: Arc::clone(&common.vars),
            needs: None,
        };
        for (word, key, value) in common.rest {
            match word {
                "needs" => import.needs = self.needs(value),
                "ansible.builtin.import_playbook" | "import_playbook" | "when" => {}
                _ => self.unknown_word(Owner::Import, word, key),
            }
        }
        let import = Arc::new(import);
        let mut place = place.clone();
        place.vars.push(Arc::clone(&common.vars));
        let target = given(target);
        let Some(name) = self.fixed(&target, &place, "the name of the playbook") else {
            return Vec::new();
        };
        let path = place.folder.join(name.trim());
        if open.contains(&path) {
            self.mistake(Mistake::new(format!("`{}` imports itself", path.display()), &target.at));
            return Vec::new();
        }
        if !path.is_file() {
            let what = format!("there is no playbook `{}`", path.display());
            self.mistake(Mistake::new(what, &target.at).width(name.chars().count()));
            return Vec::new();
        }
        let when = node.get("when").map(each).unwrap_or_default();
        let plays = self.plays(&path, &place, open);
        plays
            .into_iter()
            .map(|play| {
                let mut play = (*play).clone();
                play.vars = overlay(&common.vars, &play.vars);
                play.tags.extend(common.tags.iter().cloned());
                play.when.extend(when.iter().cloned());
                play.imports.insert(0, Arc::clone(&import));
                Arc::new(play)
            })
            .collect()
    }

    fn play(&self, node: &Node, place: &Place) -> Option<Play> {
        let common = self.common(node, Owner::Play);
        let mut play = Play {
            at: node.at.clone(),
            folder: place.playbook.clone(),
            name: common.name,
            vars: common.vars,
            tags: common.tags,
            keywords: common.keywords,
            ..Play::default()
        };
        let mut place = place.clone().with_collections_of(&play.keywords);
        place.vars.push(Arc::clone(&play.vars));
        let mut has_hosts = false;
        for (word, key, value) in common.rest {
            match word {
                "hosts" => {
                    has_hosts = true;
                    play.hosts = self.hosts(value);
                }
                "vars_files" => play.vars_files = each(value),
                "vars_prompt" => play.prompts = self.prompts(value),
                "gather_facts" => play.gather_facts = Some(given(value)),
                "gather_subset" => play.gather_subset = Some(given(value)),
                "gather_timeout" => play.gather_timeout = Some(given(value)),
                "fact_path" => play.fact_path = Some(given(value)),
                "serial" => play.serial = Some(given(value)),
                "strategy" => play.strategy = Some(given(value)),
                "order" => play.order = Some(given(value)),
                "max_fail_percentage" => play.max_fail_percentage = Some(given(value)),
                "force_handlers" => play.force_handlers = Some(given(value)),
                "needs" => play.needs = self.needs(value),
                "user" if play.keywords.get(Keyword::RemoteUser).is_some() => {
                    let what = "both 'user' and 'remote_user' are set for this play. The use of 'user' is deprecated, and should be removed";
                    self.mistake(key.mistake(what));
                }
                "user" => play.keywords.set(Keyword::RemoteUser, given(value)),
                "handlers" => {
                    let place = Place { handlers: true, ..place.clone() };
                    play.handlers = self.section(word, value, &place);
                }
                "pre_tasks" => play.pre_tasks = self.section(word, value, &place),
                "tasks" => play.tasks = self.section(word, value, &place),
                "post_tasks" => play.post_tasks = self.section(word, value, &place),
                "roles" => play.roles = self.roles(value, &place),
                _ => self.unknown_word(Owner::Play, word, key),
            }
        }
        if !has_hosts {
            let what = "the field 'hosts' is required but was not set";
            self.mistake(
                Mistake::new(what, &node.at).hint("say which hosts the play is for: `hosts: all`"),
            );
            return None;
        }
        Some(play)
    }

    /// Loads a list of tasks of the play.
    fn section(&self, word: &str, node: &Node, place: &Place) -> Vec<Item> {
        if node.is_list() || node.is_null() {
            return self.items(node, place);
        }
        let what = format!(
            "A malformed block was encountered while loading {word}: {} should be a list or None but is {}",
            node.to_value(),
            node.to_value().type_name()
        );
        self.mistake(node.mistake(what).hint("begin each task with a dash"));
        Vec::new()
    }

    /// Loads the names of the plays that a play needs.
    fn needs(&self, node: &Node) -> Option<Vec<Given>> {
        let names = each(node);
        let is_name =
            |name: &&Given| matches!(name.value, Value::Text(_) | Value::Lazy(_) | Value::Int(_));
        if node.is_null() {
            let mistake = Mistake::new("'needs' has no value", &node.at);
            self.mistake(mistake.hint("name the plays that have to be through before, or write `needs: []` to wait for none"));
        } else if let Some(wrong) = names.iter().find(|name| !is_name(name)) {
            let what = format!(
                "'needs' must be a list of names of plays, not {}",
                wrong.value.type_name()
            );
            self.mistake(
                Mistake::new(what, &wrong.at)
                    .hint("write it as `needs: [first play, second play]`"),
            );
        }
        Some(names.into_iter().filter(|name| is_name(&name)).collect())
    }

    fn hosts(&self, node: &Node) -> Given {
        let hosts = given(node);
        if hosts.each().is_empty()
            || hosts.each().iter().any(|pattern| pattern.value.to_string().trim().is_empty())
        {
            self.mistake(Mistake::new(
                "Hosts list cannot be empty. Please check your playbook",
                &node.at,
            ));
        }
        hosts
    }
}

/// Returns the pairs of both, those of `over` being stronger.
fn overlay(under: &Arc<Map>, over: &Arc<Map>) -> Arc<Map> {
    if under.is_empty() {
        return Arc::clone(over);
    }
    let mut all = (**under).clone();
    all.extend(over.iter().map(|(key, value)| (key.clone(), value.clone())));
    Arc::new(all)
}
