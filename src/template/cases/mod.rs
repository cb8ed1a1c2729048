//! Tests of the folder as a whole: against what ansible-core gives, and of what only we have.
#![forbid(unsafe_code)]

mod ansible;
mod checks;
mod errors;
mod files;
mod random;
mod reference;
mod scopes;
mod speed;

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use crate::base::{Lazy, Map, Position, Value};
use crate::template::{BrokenConditions, Engine, Scope, Services, Settings};

/// A controller in memory.
#[derive(Clone, Default)]
struct World {
    files: HashMap<String, String>,
    broken: BrokenConditions,
    warnings: Arc<Mutex<Vec<String>>>,
}

impl World {
    fn file(mut self, path: &str, text: &str) -> Self {
        self.files.insert(path.to_owned(), text.to_owned());
        self
    }

    fn engine(&self) -> Engine {
        let broken_conditions = self.broken;
        Engine::new(Settings { services: Arc::new(self.clone()), broken_conditions })
    }
}

impl Services for World {
    fn decrypt(&self, envelope: &str) -> Result<Vec<u8>, String> {
        match envelope.strip_prefix("$ANSIBLE_VAULT;") {
            Some(text) => Ok(text.as_bytes().to_vec()),
            None => Err("no vault secret fits".to_owned()),
        }
    }

    fn encrypt(&self, plain: &str) -> Result<String, String> {
        Ok(format!("$ANSIBLE_VAULT;{plain}"))
    }

    fn read(&self, path: &Path) -> Result<Option<String>, String> {
        Ok(self.files.get(&path.display().to_string()).cloned())
    }

    fn warn(&self, message: &str) {
        self.warnings.lock().unwrap().push(message.to_owned());
    }
}

/// Makes text what the operator wrote, with templates in it lazy, as the YAML reader does.
fn trusted(value: &Value) -> Value {
    match value {
        Value::Text(text) if Engine::is_template(text.as_str()) => lazy(text.as_str()),
        Value::Text(text) => Value::Text(text.clone().into_written()),
        Value::List(list) => Value::list(list.iter().map(trusted)),
        Value::Map(map) => Value::map(map.iter().map(|(key, item)| (key.clone(), trusted(item)))),
        other => other.clone(),
    }
}

fn lazy(text: &str) -> Value {
    Value::Lazy(Arc::new(Lazy::template(text, Position::default())))
}

fn scope<const N: usize>(vars: [(&str, Value); N]) -> Arc<dyn Scope> {
    Arc::new(vars.iter().map(|(name, value)| (*name, trusted(value))).collect::<Map>())
}
