//! Nothing that grows faster than what it is given, and evaluations in many threads.

use std::sync::Arc;

use rayon::prelude::*;

use super::{World, lazy, scope, trusted};
use crate::base::{Map, Value};
use crate::template::Scope;

#[test]
fn a_loop_over_thousands_of_items_is_evaluated_in_many_threads() {
    let inner = "{{ base }}/{{ item.name }}-{{ item.size * 2 }}{{ '.gz' if packed else '' }}";
    let shared: Vec<(&str, Value)> = vec![
        ("base", "/srv/{{ app }}".into()),
        ("app", "web".into()),
        ("packed", true.into()),
        ("path", inner.into()),
        ("args", Value::map([("dest", Value::from("{{ path }}")), ("mode", "0644".into())])),
    ];
    let shared: Map = shared.iter().map(|(name, value)| (*name, trusted(value))).collect();
    let engine = World::default().engine();
    let template = trusted(&Value::map([
        ("a", Value::from("{{ args }}")),
        ("when", "{{ item.size > 5 }}".into()),
    ]));
    let results: Vec<Value> = (0..2000_i64)
        .into_par_iter()
        .map(|index| {
            let mut vars = shared.clone();
            let item = [("name", Value::from(format!("f{index}"))), ("size", index.into())];
            vars.insert("item", Value::map(item));
            let scope: Arc<dyn Scope> = Arc::new(vars);
            engine.resolve(&template, &scope).unwrap()
        })
        .collect();
    assert_eq!(
        results[7].repr(),
        "{'a': {'dest': '/srv/web/f7-14.gz', 'mode': '0644'}, 'when': True}"
    );
}

#[test]
fn appending_in_a_loop() {
    let text = "{% set l = [] %}{% for i in range(2000) %}{% set _ = l.append({'n': i}) %}{% endfor %}{{ l | length }}";
    let value = World::default().engine().resolve(&lazy(text), &scope([])).unwrap();
    assert_eq!(value, Value::Int(2000));
}
