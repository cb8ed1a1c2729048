//! Rules about all modules and actions: their words, examples, arguments, cases and pages.
//!
//! Arguments are compared with Ansible's (`tests/data/reference-modules.json`). What differs on purpose is a row of the
//! table of arguments in `docs/differences.md`; a row that is no longer true is a failure as well.

use std::collections::{BTreeMap, BTreeSet};

use fcplay::base::{Map, Value};
use fcplay::module::{ArgumentSpec, FreeForm, Kind, Spec};

/// A module or an action, whichever a playbook means by the word.
pub(crate) struct Unit {
    /// What it is.
    pub(crate) spec: &'static Spec,
    /// What it takes.
    pub(crate) arguments: Vec<ArgumentSpec>,
    /// Whether it takes any arguments.
    pub(crate) takes_anything: bool,
    /// Whether it runs on the target as a module, whatever prepares it here.
    pub(crate) is_module: bool,
}

/// Returns all that a playbook can name, sorted; an action hides the module that it prepares.
pub(crate) fn units() -> Vec<Unit> {
    let mut units: BTreeMap<&str, Unit> = BTreeMap::new();
    for module in fcplay::modules::all() {
        let unit = Unit {
            spec: module.spec(),
            arguments: module.arguments(),
            takes_anything: false,
            is_module: true,
        };
        assert!(
            units.insert(unit.spec.name, unit).is_none(),
            "two modules are `{}`",
            module.spec().name
        );
    }
    for action in fcplay::actions::all() {
        let unit = Unit {
            spec: action.spec(),
            arguments: action.arguments(),
            takes_anything: action.takes_anything(),
            is_module: false,
        };
        units.insert(unit.spec.name, unit);
    }
    units.into_values().collect()
}

/// Fails with all problems at once.
#[track_caller]
pub(crate) fn none(problems: &[String]) {
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

/// The arguments inside one argument.
pub(crate) type Inner = fn() -> Vec<ArgumentSpec>;

fn is_sentence(text: &str) -> bool {
    let text = text.trim();
    let capital = text.chars().next().is_some_and(|c| c.is_uppercase() || matches!(c, '`' | '"'));
    capital && text.ends_with('.') && !text.contains("  ")
}

/// Arguments that only the controller gives begin with an underscore.
pub(crate) fn is_internal(argument: &ArgumentSpec) -> bool {
    argument.name.starts_with('_')
}

#[test]
fn words_are_sentences() {
    let mut problems = Vec::new();
    for unit in units() {
        let name = unit.spec.name;
        let mut check = |what: String, text: &str| {
            if !is_sentence(text) {
                problems.push(format!("{name}: {what} is no sentence: {}", text.trim()));
            }
        };
        check("the summary".into(), unit.spec.summary);
        for argument in unit.arguments.iter().filter(|argument| !is_internal(argument)) {
            check(format!("the text of `{}`", argument.name), argument.doc);
        }
        unit.spec.examples.iter().for_each(|example| check("an example".into(), example.about));
        unit.spec.returns.iter().for_each(|item| check(format!("`{}`", item.name), item.about));
    }
    none(&problems);
}

#[test]
fn examples_are_right() {
    let mut problems = Vec::new();
    for unit in units() {
        let name = unit.spec.name;
        if unit.spec.examples.is_empty() {
            problems.push(format!("{name} has no example"));
        }
        for example in unit.spec.examples {
            if let Err(error) = try_example(&unit, example.task) {
                problems.push(format!("{name}: {error}\n    {}", example.task));
            }
        }
    }
    none(&problems);
}

/// Reads an example as a task: its module, its arguments, keywords of tasks beside them.
fn try_example(unit: &Unit, task: &str) -> Result<(), String> {
    let value = fcplay::yaml::value_of(task).map_err(|mistake| mistake.to_string())?;
    let task = value.as_map().ok_or("the example is no task")?;
    let word = task.keys().filter_map(Value::as_str).find(|word| unit.spec.answers_to(word));
    let args = task.get(word.ok_or("the example does not name the module")?);
    let mut given: Map = match args {
        Some(Value::Map(map)) => (**map).clone(),
        Some(Value::Text(_)) if unit.spec.free_form != FreeForm::No => Map::new(),
        None | Some(Value::Null) => Map::new(),
        Some(other) => return Err(format!("the arguments are {}", other.repr())),
    };
    if let Some(args) = task.get("args").and_then(Value::as_map) {
        given.extend(args.iter().map(|(key, value)| (key.clone(), value.clone())));
    }
    if unit.takes_anything {
        return Ok(());
    }
    fcplay::module::check_names(unit.spec.name, &unit.arguments, &given)
        .map_err(|error| error.to_string())?;
    match fcplay::modules::find(unit.spec.name).filter(|_| unit.is_module) {
        Some(module) if !given.is_empty() && is_plain(&given) => {
            module.check(&given).map_err(|error| error.to_string())
        }
        Some(_) | None => Ok(()),
    }
}

/// Returns whether nothing in an example is a template.
fn is_plain(args: &Map) -> bool {
    !fcplay::yaml::is_template(&Value::from(args.clone()).repr())
}

#[test]
fn unknown_arguments_are_refused() {
    let args: Map = [("no_such_argument", Value::Int(1))].into_iter().collect();
    for module in fcplay::modules::all() {
        let error = module.check(&args).expect_err("an unknown argument is refused").to_string();
        let start =
            format!("Unsupported parameters for ({}) module: no_such_argument", module.spec().name);
        assert!(error.starts_with(&start), "{error}");
    }
}

#[test]
fn every_module_has_a_case() {
    let without = fcplay::modules::all().map(|module| module.spec().name).filter(|name| {
        crate::common::files_below(&format!("tests/modules/{name}"), |_| true).is_empty()
    });
    let problems: Vec<String> =
        without.map(|name| format!("tests/modules/{name}/ has no case")).collect();
    none(&problems);
}

#[test]
fn no_two_units_answer_to_a_word() {
    let units = units();
    for unit in &units {
        let full = format!("{}.{}", unit.spec.collection, unit.spec.name);
        for word in unit.spec.also.iter().copied().chain([unit.spec.name, full.as_str()]) {
            let others: Vec<_> = units
                .iter()
                .filter(|other| other.spec.answers_to(word))
                .map(|other| other.spec.name)
                .collect();
            assert_eq!(others, [unit.spec.name], "{word}");
        }
    }
}

#[test]
fn arguments_are_ansibles() {
    let reference = crate::common::yaml_file("tests/data/reference-modules.json".as_ref()).unwrap();
    let mut allowed = differences();
    let mut problems = Vec::new();
    for unit in units() {
        let full = format!("{}.{}", unit.spec.collection, unit.spec.name);
        let any = allowed.get_mut(&(unit.spec.name.to_owned(), "…".to_owned()));
        let takes_more = any.map(|seen| *seen = true).is_some();
        let Some(theirs) = reference.get(&full).and_then(Value::as_map) else { continue };
        if unit.takes_anything {
            continue;
        }
        for (argument, problem) in compare(&unit, theirs) {
            if takes_more && problem == MORE {
                continue;
            }
            if !allowed.contains_key(&(unit.spec.name.to_owned(), argument.clone())) {
                problems.push(format!("{}: `{argument}` {problem}", unit.spec.name));
            }
            allowed.entry((unit.spec.name.to_owned(), argument)).and_modify(|seen| *seen = true);
        }
    }
    let stale = allowed.iter().filter(|(_, seen)| !**seen);
    problems.extend(stale.map(|((module, argument), _)| {
        format!(
            "docs/differences.md: `{argument}` of `{module}` is as Ansible has it, remove the row"
        )
    }));
    none(&problems);
}

/// Returns the rows of the table of arguments in `docs/differences.md`: `` | `module` | `a`, `b` | why | ``, with `…` for more
/// arguments than Ansible has.
fn differences() -> BTreeMap<(String, String), bool> {
    let text = std::fs::read_to_string("docs/differences.md").unwrap_or_default();
    let mut rows = BTreeMap::new();
    let (_, table) = text.split_once("## Arguments of modules").unwrap_or_default();
    let table = table.split("\n## ").next().unwrap_or_default();
    for line in table.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let names = |cell: &str| -> Vec<String> {
            cell.split(',').map(|name| name.trim().trim_matches('`').to_owned()).collect()
        };
        for module in names(cells[1]) {
            rows.extend(names(cells[2]).into_iter().map(|name| ((module.clone(), name), false)));
        }
    }
    rows
}

/// Returns the arguments that differ from Ansible's, and how.
fn compare(unit: &Unit, theirs: &Map) -> Vec<(String, String)> {
    let mut problems = Vec::new();
    let ours: BTreeMap<&str, &ArgumentSpec> = unit
        .arguments
        .iter()
        .filter(|argument| !is_internal(argument))
        .map(|argument| (argument.name, argument))
        .collect();
    let sides = if unit.is_module { Sides::Target } else { Sides::Controller };
    compare_all(sides, "", &ours, theirs, &mut problems);
    if matches!(unit.spec.free_form, FreeForm::Argument(_)) {
        problems.retain(|(name, _)| name != "free_form" && name != "free-form");
    }
    problems
}

/// What is wrong with an argument that Ansible does not have.
const MORE: &str = "is not in Ansible";

/// Where a unit runs. On the controller paths are text, and an action may take what only the engine can judge.
#[derive(Clone, Copy, PartialEq)]
enum Sides {
    Controller,
    Target,
}

fn compare_all(
    sides: Sides,
    above: &str,
    ours: &BTreeMap<&str, &ArgumentSpec>,
    theirs: &Map,
    problems: &mut Vec<(String, String)>,
) {
    for (name, their) in theirs {
        let name = name.to_string();
        let full = format!("{above}{name}");
        match ours.get(name.as_str()) {
            None => problems.push((full, "is missing".into())),
            Some(our) => compare_one(sides, &full, our, their, problems),
        }
    }
    let extra = ours.keys().filter(|name| !theirs.contains_key(name));
    problems.extend(extra.map(|name| (format!("{above}{name}"), MORE.into())));
}

fn compare_one(
    sides: Sides,
    name: &str,
    our: &ArgumentSpec,
    their: &Value,
    problems: &mut Vec<(String, String)>,
) {
    let mut differs = |what: &str, ours: String, theirs: String| {
        if ours != theirs {
            problems.push((name.to_owned(), format!("has {what} {ours}, Ansible {theirs}")));
        }
    };
    let text = |key: &str| their.get(key).map(ToString::to_string);
    let words = |value: Option<&Value>| -> BTreeSet<String> {
        let list = value.and_then(Value::as_list).map(|list| list.to_vec()).unwrap_or_default();
        list.iter().map(|item| item.to_string().to_lowercase()).collect()
    };
    let kind = plain_type(text("type"));
    let here = sides == Sides::Controller;
    if !(here && (our.kind.name() == "raw" || (our.kind.name() == "str" && kind == "path"))) {
        differs("the type", our.kind.name().into(), kind.clone());
    }
    let (element, nested) = element(&our.kind);
    if let Kind::List(_) = our.kind {
        differs("elements", element.name().into(), plain_type(text("elements")));
    }
    let choices: BTreeSet<String> = match element {
        Kind::Choice(words) => words.iter().map(|word| (*word).to_lowercase()).collect(),
        _ => BTreeSet::new(),
    };
    differs("choices", format!("{choices:?}"), format!("{:?}", words(their.get("choices"))));
    let aliases: BTreeSet<String> = our
        .aliases
        .iter()
        .filter(|alias| !alias.starts_with('_'))
        .map(|alias| alias.to_lowercase())
        .collect();
    differs("aliases", format!("{aliases:?}"), format!("{:?}", words(their.get("aliases"))));
    let is_bool = kind == "bool";
    differs(
        "the default",
        default(our.default.map(|default| default()).as_ref(), is_bool),
        default(their.get("default"), is_bool),
    );
    let required = their.get("required").is_some_and(Value::truth);
    differs("required", our.required.to_string(), required.to_string());
    if let (Some(ours), Some(theirs)) = (nested, their.get("suboptions").and_then(Value::as_map)) {
        let ours = ours();
        let ours = ours.iter().map(|argument| (argument.name, argument)).collect();
        compare_all(sides, &format!("{name}."), &ours, theirs, problems);
    }
}

fn plain_type(word: Option<String>) -> String {
    match word.as_deref() {
        None | Some("bits" | "bytes" | "json" | "jsonarg") => "str".into(),
        Some(word) => word.into(),
    }
}

fn element(kind: &Kind) -> (&Kind, Option<Inner>) {
    match kind {
        Kind::List(inner) => element(inner),
        Kind::Struct(specs) => (kind, Some(*specs)),
        other => (other, None),
    }
}

/// Returns a default as text: `5` and `5.0`, `no` and false, a list of one and that one, nothing and empty are the same.
fn default(value: Option<&Value>, is_bool: bool) -> String {
    match value {
        None | Some(Value::Null) => "none".into(),
        Some(Value::List(list)) if list.is_empty() => "none".into(),
        Some(Value::Map(map)) if map.is_empty() => "none".into(),
        Some(Value::List(list)) => {
            list.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
        }
        Some(Value::Float(number)) if number.fract() == 0.0 => (*number as i64).to_string(),
        Some(Value::Text(text)) if is_bool => fcplay::base::fold::truth(text.as_str())
            .map_or(text.as_str().into(), |truth| truth.to_string()),
        Some(other) => other.to_string().to_lowercase(),
    }
}
