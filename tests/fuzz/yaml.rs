//! YAML: any text gives documents or a mistake, and a value that is written and read again is the same.

use std::path::Path;
use std::sync::{Arc, LazyLock};

use fcplay::base::{Map, Position, SourceFile, Value};
use fcplay::template::{BrokenConditions, Engine, Scope, Services, Settings};
use fcplay::yaml::{self, Trust};

/// Values with more nodes are not written: aliases make them cheaply.
const LARGEST: usize = 10_000;

struct Nothing;

impl Services for Nothing {
    fn decrypt(&self, _: &str) -> Result<Vec<u8>, String> {
        Err("there is no password".into())
    }

    fn encrypt(&self, _: &str) -> Result<String, String> {
        Err("nothing is encrypted here".to_owned())
    }

    fn read(&self, _: &Path) -> Result<Option<String>, String> {
        Ok(None)
    }
}

static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    let broken_conditions = BrokenConditions::Refuse;
    Engine::new(Settings { services: Arc::new(Nothing), broken_conditions })
});

/// Takes one input.
pub(crate) fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let file = SourceFile::new("f.yml", text);
    for trust in [Trust::Templates, Trust::Secrets] {
        if let Err(mistake) = yaml::parse(&file, trust) {
            assert!(!mistake.to_string().is_empty());
        }
    }
    for value in yaml::values_of(text).unwrap_or_default() {
        if is_plain(&value, &mut LARGEST.clone()) {
            comes_back(&value);
        }
    }
}

fn comes_back(value: &Value) {
    let scope: Arc<dyn Scope> = Arc::new([("v", value.clone())].into_iter().collect::<Map>());
    for filter in ["to_yaml", "to_nice_yaml"] {
        let written = ENGINE.expression(&format!("v | {filter}"), &Position::default(), &scope);
        let written = written.expect("data can be written").to_string();
        let again = yaml::value_of(&written)
            .unwrap_or_else(|mistake| panic!("what we write cannot be read: {mistake}\n{written}"));
        assert_eq!(sorted(&again).repr(), sorted(value).repr(), "{written}");
    }
}

/// Returns whether a value is data that YAML has a form for, and small.
fn is_plain(value: &Value, left: &mut usize) -> bool {
    if *left == 0 {
        return false;
    }
    *left -= 1;
    match value {
        Value::List(items) => items.iter().all(|item| is_plain(item, left)),
        Value::Map(map) => {
            map.iter().all(|(key, item)| is_plain(key, left) && is_plain(item, left))
        }
        Value::Tuple(_) | Value::Lazy(_) => false,
        _ => true,
    }
}

/// Returns the value with its keys in one order: they are written sorted.
fn sorted(value: &Value) -> Value {
    match value {
        Value::List(items) => Value::list(items.iter().map(sorted)),
        Value::Map(map) => {
            let mut pairs: Vec<_> =
                map.iter().map(|(key, item)| (key.clone(), sorted(item))).collect();
            pairs.sort_by_key(|(key, _)| key.repr());
            Value::Map(std::sync::Arc::new(pairs.into_iter().collect::<Map>()))
        }
        other => other.clone(),
    }
}
