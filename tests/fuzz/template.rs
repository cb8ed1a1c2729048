//! Templates: any text is refused, or evaluated to a value or an error, as template, expression, condition and file.
//!
//! Lookups run programs and reach the network, and hashes of passwords take as long as one asks for: both are left out.

use std::path::Path;
use std::sync::{Arc, LazyLock};

use fcplay::base::{Lazy, Map, Position, Value};
use fcplay::template::{
    BrokenConditions, Engine, RenderOptions, Scope, Services, Settings, Source, TextKind,
};

/// Words whose meaning reaches outside, or takes long on purpose.
const LEFT_OUT: &[&str] = &["lookup", "password_hash", "q", "query", "unvault", "vault"];

struct Nothing;

impl Services for Nothing {
    fn decrypt(&self, _: &str) -> Result<Vec<u8>, String> {
        Err("there is no password".into())
    }

    fn encrypt(&self, _: &str) -> Result<String, String> {
        Err("nothing is encrypted here".to_owned())
    }

    fn read(&self, path: &Path) -> Result<Option<String>, String> {
        let known = path.file_name().is_some_and(|name| name == "other.j2");
        Ok(known.then(|| "{% macro m(a) %}<{{ a }}>{% endmacro %}{{ x | default('no') }}".into()))
    }
}

static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    let broken_conditions = BrokenConditions::Refuse;
    Engine::new(Settings { services: Arc::new(Nothing), broken_conditions })
});

static SCOPE: LazyLock<Arc<dyn Scope>> = LazyLock::new(|| {
    let lazy = |text: &str| Value::Lazy(Arc::new(Lazy::template(text, Position::default())));
    let vars: Map = [
        ("b", lazy("{{ d.k }}")),
        ("big", Value::Float(1e300)),
        ("d", Value::map([("k", lazy("{{ l }}")), ("a", Value::from("v")), ("n", 3.into())])),
        ("e", Value::list([])),
        ("l", Value::list([Value::from("é"), lazy("{{ n }}"), Value::Null, 2.5.into()])),
        ("me", lazy("{{ me }}")),
        ("n", 7.into()),
        ("r", Value::list((0..4).map(|n| Value::map([("id", Value::Int(n)), ("g", "x".into())])))),
        ("s", "text\twith ünïcode 10.0.0.1/24".into()),
        ("secret", Value::secret("hidden")),
        ("t", Value::Bool(true)),
        ("z", Value::Null),
    ]
    .into_iter()
    .collect();
    Arc::new(vars)
});

/// Takes one input.
pub(crate) fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
    if words.any(|word| LEFT_OUT.contains(&word)) {
        return;
    }
    let (engine, at) = (&*ENGINE, Position::default());
    engine.check(text, &at, TextKind::Template);
    engine.check(text, &at, TextKind::Condition);
    let lazy = Value::Lazy(Arc::new(Lazy::template(text, at.clone())));
    told(engine.resolve(&lazy, &SCOPE).map(|value| value.repr()));
    told(engine.expression(text, &at, &SCOPE).map(|value| value.repr()));
    told(engine.condition(&Value::written(text), &at, &SCOPE));
    let source = Source { text: text.into(), path: "/templates/main.j2".into() };
    let options = RenderOptions { lstrip_blocks: true, ..RenderOptions::default() };
    told(engine.render(&source, &options, &SCOPE));
}

fn told<T>(result: Result<T, fcplay::template::Error>) {
    if let Err(error) = result {
        assert!(!error.to_string().is_empty(), "a failure says nothing");
    }
}
