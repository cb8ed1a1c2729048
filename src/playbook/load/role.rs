//! Roles: found by name, loaded with defaults, vars, tasks, handlers, and the roles they depend on.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::find_role::collection_of;
use super::{Loader, Place, each, given, names};
use crate::base::{Map, Mistake, Value, fold, suggest};
use crate::playbook::model::{Action, Argument, Block, Given, Item, Origin, Role, RoleSpec, Task};
use crate::playbook::{Keywords, Owner};
use crate::yaml::Node;

/// How a role is used, beside its name: keywords, tags, conditions, variables, parameters.
#[derive(Clone, Debug, Default)]
pub struct RoleUse {
    /// Inheritable keywords.
    pub keywords: Keywords,
    /// Tags.
    pub tags: Vec<Given>,
    /// Conditions.
    pub when: Vec<Given>,
    /// Variables.
    pub vars: Arc<Map>,
    /// Parameters.
    pub params: Arc<Map>,
}

impl Loader<'_> {
    /// Loads a play's `roles`.
    pub(super) fn roles(&self, node: &Node, place: &Place) -> Vec<Arc<Block>> {
        if !node.is_list() && !node.is_null() {
            self.mistake(
                node.mistake("A malformed role declaration was encountered.")
                    .hint("`roles` is a list: begin each role with a dash"),
            );
        }
        node.items().iter().filter_map(|item| self.role_entry(item, place)).collect()
    }

    /// Loads one entry of `roles` or of the dependencies of a role.
    fn role_entry(&self, node: &Node, place: &Place) -> Option<Arc<Block>> {
        let mut usage = RoleUse::default();
        let mut spec = RoleSpec { at: node.at.clone(), validate: true, ..RoleSpec::default() };
        let mut name = (!node.is_map()).then(|| given(node));
        let mut params = Map::new();
        let common = self.common(node, Owner::Role);
        for (word, key, value) in common.rest {
            match word {
                "role" => name = Some(given(value)),
                "when" => usage.when = each(value),
                "public" => spec.public = Some(truth(value)),
                "src" | "scm" | "version" => {}
                "delegate_to" | "delegate_facts" => {
                    let keyword = crate::playbook::Keyword::of(word).expect("both are keywords");
                    usage.keywords.set(keyword, given(value));
                }
                _ => {
                    params.insert(key.to_value(), value.to_value());
                }
            }
        }
        let name = name.or_else(|| common.name.clone());
        let Some(name) = name.filter(|name| !name.value.is_null()) else {
            self.mistake(node.mistake("role definitions must contain a role name"));
            return None;
        };
        for (keyword, given) in common.keywords.iter() {
            usage.keywords.set(keyword, given.clone());
        }
        usage.tags = common.tags;
        usage.vars = common.vars;
        usage.params = Arc::new(params);
        if let Some(old) = name.value.as_str().filter(|text| text.contains(',')) {
            let what = format!("Invalid old style role requirement: {old}");
            self.mistake(Mistake::new(what, &name.at).width(old.chars().count()));
            return None;
        }
        let mut inner = place.clone();
        inner.vars.extend([Arc::clone(&usage.vars), Arc::clone(&usage.params)]);
        spec.name = self.fixed(&name, &inner, "the name of the role")?;
        spec.at = name.at;
        self.role(&spec, &usage, place)
    }

    /// Loads a role for one use, as a block; its dependencies are blocks in front of its tasks.
    pub fn role(&self, spec: &RoleSpec, usage: &RoleUse, place: &Place) -> Option<Arc<Block>> {
        let Some((name, path)) = self.find_role(&spec.name, place) else {
            self.missing_role(spec, place);
            return None;
        };
        let parents = place
            .role
            .iter()
            .flat_map(|role| role.parents.iter().chain([role]))
            .cloned()
            .collect::<Vec<_>>();
        if parents.iter().any(|parent| parent.path == path) && !usage_allows_nesting(spec) {
            let chain: Vec<_> =
                parents.iter().map(|role| role.name.as_str()).chain([spec.name.as_str()]).collect();
            let what = format!("role `{}` depends on itself: {}", spec.name, chain.join(" → "));
            self.mistake(Mistake::new(what, &spec.at));
            return None;
        }
        let meta = self.part(&path, "meta", None, &spec.at);
        let own = collection_of(&path);
        let allow = meta.as_ref().and_then(|meta| meta.get("allow_duplicates")).is_some_and(truth);
        let mut role = Role {
            name,
            parents,
            defaults: self.role_vars(&path, "defaults", spec.defaults_from.as_deref(), spec),
            vars: self.role_vars(&path, "vars", spec.vars_from.as_deref(), spec),
            params: Arc::clone(&usage.params),
            allow_duplicates: spec.allow_duplicates.unwrap_or(allow),
            public: spec.public,
            identity: identity(spec, &path, usage),
            path,
            ..Role::default()
        };
        if spec.validate {
            role.argument_spec = self.argument_spec(&role.path, meta.as_deref(), spec);
        }
        let mut inner = Place { role: Some(Arc::new(role.clone())), ..place.clone() };
        let wanted = meta.as_ref().and_then(|meta| meta.get("collections"));
        inner.collections =
            own.iter().cloned().chain(wanted.map(names).unwrap_or_default()).collect();
        let layers = [&role.defaults, &role.vars, &usage.vars, &usage.params];
        inner.vars.extend(layers.into_iter().map(Arc::clone));
        role.handlers =
            self.role_items(&role.path, "handlers", spec.handlers_from.as_deref(), &inner, spec);
        inner.role = Some(Arc::new(role.clone()));
        // What a role depends on is looked for in its own collection only, and what its tasks name in those of its `meta`.
        let outer = Place { collections: own.into_iter().collect(), ..inner.clone() };
        let dependencies = self.dependencies(meta.as_deref(), &outer);
        role.dependencies = dependencies.iter().filter_map(|block| block.role()).cloned().collect();
        let role = Arc::new(role);
        inner.role = Some(Arc::clone(&role));
        let validation = role.argument_spec.iter().map(|wanted| validation(wanted, spec, &role));
        let tasks = self.role_items(&role.path, "tasks", spec.tasks_from.as_deref(), &inner, spec);
        let dependencies = dependencies.into_iter().map(Item::Block);
        Some(Arc::new(Block {
            at: spec.at.clone(),
            keywords: usage.keywords.clone(),
            tags: usage.tags.clone(),
            when: usage.when.clone(),
            vars: Arc::clone(&usage.vars),
            params: Arc::clone(&usage.params),
            block: dependencies.chain(validation).chain(tasks).collect(),
            origin: Origin::Role(role),
            ..Block::default()
        }))
    }

    fn dependencies(&self, meta: Option<&Node>, place: &Place) -> Vec<Arc<Block>> {
        match meta.and_then(|meta| meta.get("dependencies")) {
            Some(node) if !node.is_null() => self.roles(node, place),
            _ => Vec::new(),
        }
    }

    /// Reads `main` (or the given file) of a role's folder; nothing when a `main` is not there.
    fn part(
        &self,
        role: &Path,
        folder: &str,
        from: Option<&str>,
        at: &crate::base::Position,
    ) -> Option<Arc<Node>> {
        let path = part_path(role, folder, from)?;
        self.read_part(&path, at)
    }

    fn read_part(&self, path: &Path, at: &crate::base::Position) -> Option<Arc<Node>> {
        self.read(path, at).filter(|node| !node.is_null())
    }

    fn role_vars(
        &self,
        role: &Path,
        folder: &str,
        from: Option<&str>,
        spec: &RoleSpec,
    ) -> Arc<Map> {
        if from.is_none() && role.join(folder).join("main").is_dir() {
            return self.vars_folder(&role.join(folder).join("main"), spec);
        }
        let node = self.part(role, folder, from, &spec.at);
        if let (None, Some(from)) = (&node, from)
            && part_path(role, folder, Some(from)).is_none()
        {
            self.missing_part(role, folder, from, spec);
        }
        node.map_or_else(Arc::default, |node| self.vars(&node))
    }

    fn vars_folder(&self, folder: &Path, spec: &RoleSpec) -> Arc<Map> {
        let mut paths: Vec<_> =
            std::fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.path()).collect();
        paths.sort();
        let mut all = Map::new();
        for path in paths.iter().filter(|path| path.is_file()) {
            if let Some(node) = self.read_part(path, &spec.at) {
                all.extend(
                    self.vars(&node).iter().map(|(key, value)| (key.clone(), value.clone())),
                );
            }
        }
        Arc::new(all)
    }

    fn role_items(
        &self,
        role: &Path,
        folder: &str,
        from: Option<&str>,
        place: &Place,
        spec: &RoleSpec,
    ) -> Vec<Item> {
        let Some(path) = part_path(role, folder, from) else {
            if let Some(from) = from {
                self.missing_part(role, folder, from, spec);
            }
            return Vec::new();
        };
        if let Some(from) = from.filter(|_| is_outside(role, folder, &path)) {
            let what = format!(
                "Failed loading '{from}' of the role `{}` as it is not inside the expected role path: '{}'",
                spec.name,
                role.join(folder).display()
            );
            self.mistake(Mistake::new(what, &spec.at));
            return Vec::new();
        }
        let folder_of_file = path.parent().map_or_else(PathBuf::new, Path::to_owned);
        let place =
            Place { folder: folder_of_file, handlers: folder == "handlers", ..place.clone() };
        self.read_part(&path, &spec.at).map_or_else(Vec::new, |node| self.items(&node, &place))
    }

    fn missing_part(&self, role: &Path, folder: &str, from: &str, spec: &RoleSpec) {
        let what = format!("Could not find specified file in role: {folder}/{from}");
        let names = std::fs::read_dir(role.join(folder)).into_iter().flatten().flatten();
        let names: Vec<String> =
            names.filter_map(|entry| entry.file_name().into_string().ok()).collect();
        let mistake = Mistake::new(what, &spec.at);
        self.mistake(
            match suggest::closest(from, names.iter().map(|name| name.trim_end_matches(".yml"))) {
                Some(near) => mistake.label(format!("did you mean `{near}`?")),
                None => mistake.hint(format!("looked in {}", role.join(folder).display())),
            },
        );
    }

    fn argument_spec(&self, role: &Path, meta: Option<&Node>, spec: &RoleSpec) -> Option<Value> {
        let own = part_path(role, "meta", Some("argument_specs"))
            .and_then(|path| self.read_part(&path, &spec.at));
        let specs = own.as_deref().or(meta)?.get("argument_specs")?;
        let entry = spec.tasks_from.as_deref().unwrap_or("main");
        let entry = entry.trim_end_matches(".yml").trim_end_matches(".yaml");
        specs.get(entry).map(Node::to_value)
    }
}

/// Returns the file of a role's folder: as named, or with one of the endings of YAML.
fn part_path(role: &Path, folder: &str, from: Option<&str>) -> Option<PathBuf> {
    let base = role.join(folder).join(from.unwrap_or("main"));
    let with = |ending: &str| PathBuf::from(format!("{}{ending}", base.display()));
    [".yml", ".yaml", ".json", ""].into_iter().map(with).find(|path| path.is_file())
}

/// Returns whether a file that a role names is none of its own.
fn is_outside(role: &Path, folder: &str, path: &Path) -> bool {
    let (own, path) = (role.join(folder).canonicalize(), path.canonicalize());
    own.is_ok_and(|own| path.is_ok_and(|path| !path.starts_with(own)))
}

/// Returns the task that checks a role's arguments.
fn validation(wanted: &Value, spec: &RoleSpec, role: &Role) -> Item {
    let entry = spec.tasks_from.as_deref().unwrap_or("main");
    let about =
        wanted.get("short_description").map(|text| format!(" - {text}")).unwrap_or_default();
    let argument = |name: &str, value: Value| Argument {
        name: name.into(),
        at: spec.at.clone(),
        value,
        value_at: spec.at.clone(),
    };
    let context = Value::map([
        ("type", Value::from("role")),
        ("name", role.path.file_name().unwrap_or_default().to_string_lossy().into_owned().into()),
        ("argument_spec_name", entry.into()),
        ("path", std::path::absolute(&role.path).unwrap_or_default().display().to_string().into()),
    ]);
    Item::Task(Arc::new(Task {
        at: spec.at.clone(),
        name: Some(Given {
            value: format!("Validating arguments against arg spec '{entry}'{about}").into(),
            at: spec.at.clone(),
        }),
        tags: vec![Given { value: "always".into(), at: spec.at.clone() }],
        action: Action {
            word: "ansible.builtin.validate_argument_spec".into(),
            at: spec.at.clone(),
            args: vec![
                argument(
                    "argument_spec",
                    wanted.get("options").cloned().unwrap_or_else(|| Map::new().into()),
                ),
                argument("provided_arguments", Map::new().into()),
                argument("validate_args_context", context),
            ],
            ..Action::default()
        },
        ..Task::default()
    }))
}

/// Returns what tells equal uses of a role apart.
fn identity(spec: &RoleSpec, path: &Path, usage: &RoleUse) -> String {
    let places =
        |all: &[Given]| all.iter().map(|given| given.value.repr()).collect::<Vec<_>>().join(",");
    format!(
        "{}|{}|{:?}|{:?}|{}|{}|{}|{}",
        path.display(),
        // Imports and includes, which always say this, are told from `roles` and dependencies.
        spec.allow_duplicates.is_some(),
        spec.tasks_from,
        spec.vars_from,
        Value::Map(Arc::clone(&usage.params)).repr(),
        Value::Map(Arc::clone(&usage.vars)).repr(),
        places(&usage.when),
        places(&usage.tags),
    )
}

/// A role may come back to itself through another entry point.
fn usage_allows_nesting(spec: &RoleSpec) -> bool {
    spec.tasks_from.is_some()
}

fn truth(node: &Node) -> bool {
    let value = node.to_value();
    value.as_str().and_then(fold::truth).unwrap_or_else(|| value.truth())
}
