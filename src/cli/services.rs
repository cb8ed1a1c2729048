//! What the template engine and constructed inventories get from this machine.

use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use crate::base::{Lazy, Map, Position, Value};
use crate::inventory::Evaluate;
use crate::template::{BrokenConditions, Engine, Scope, Services, Settings};
use crate::vault::Secrets;

/// Returns the template engine of a run.
pub(super) fn engine(secrets: &Arc<Secrets>, broken: BrokenConditions) -> Engine {
    let services = Arc::new(Machine(Arc::clone(secrets)));
    Engine::new(Settings { services, broken_conditions: broken })
}

struct Machine(Arc<Secrets>);

impl Services for Machine {
    fn decrypt(&self, envelope: &str) -> Result<Vec<u8>, String> {
        self.0.decrypt(envelope.as_bytes()).map_err(|error| super::error::chain(&error))
    }

    fn encrypt(&self, plain: &str) -> Result<String, String> {
        self.0.encrypt(plain.as_bytes(), None).map_err(|error| super::error::chain(&error))
    }

    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    fn read(&self, path: &Path) -> Result<Option<String>, String> {
        match std::fs::read_to_string(path) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.to_string()),
        }
    }
}

/// Evaluates constructed inventories.
pub(super) struct Evaluator(pub(super) Engine);

impl Evaluate for Evaluator {
    fn expression(&self, source: &str, vars: &Arc<Map>) -> Result<Value, String> {
        self.0.expression(source, &Position::default(), &scope(vars)).map_err(said)
    }

    fn text(&self, source: &str, vars: &Arc<Map>) -> Result<String, String> {
        let lazy = Value::Lazy(Arc::new(Lazy::template(source, Position::default())));
        self.0.resolve(&lazy, &scope(vars)).map(|value| value.to_string()).map_err(said)
    }

    fn condition(&self, source: &str, vars: &Arc<Map>) -> Result<bool, String> {
        self.0.condition(&Value::written(source), &Position::default(), &scope(vars)).map_err(said)
    }
}

fn scope(vars: &Arc<Map>) -> Arc<dyn Scope> {
    Arc::clone(vars) as Arc<dyn Scope>
}

#[expect(clippy::needless_pass_by_value, reason = "it stands in map_err")]
fn said(error: crate::template::Error) -> String {
    error.to_string()
}
