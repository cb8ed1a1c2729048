//! Scopes: other hosts, secrets, vaulted text, values that change inside a template.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{World, lazy, scope};
use crate::base::{Flags, Lazy, Position, Value};
use crate::template::{Dynamic, Mapping, Scope, ScopeObject};

/// Two hosts that see the same variables with values of their own.
struct Hosts;

impl Mapping for Hosts {
    fn get(&self, key: &str) -> Option<Value> {
        let port = match key {
            "a" => 1,
            "b" => 2,
            _ => return None,
        };
        let scope = scope([
            ("name", key.into()),
            ("port", port.into()),
            ("url", "{{ name }}:{{ port }}".into()),
            (
                "nested",
                Value::map([("list", Value::list(["{{ url }}".into(), "{{ gone }}".into()]))]),
            ),
        ]);
        Some(ScopeObject::value(scope))
    }

    fn keys(&self) -> Vec<Arc<str>> {
        vec![Arc::from("a"), Arc::from("b")]
    }
}

#[track_caller]
fn case(template: &str, expected: &str) {
    let scope = scope([
        ("hostvars", Dynamic::value(Arc::new(Hosts))),
        ("name", "me".into()),
        ("port", 9.into()),
        ("url", "{{ name }}!".into()),
        ("d", Value::map([("k", Value::from("{{ url }}"))])),
    ]);
    let got = World::default().engine().resolve(&lazy(template), &scope);
    assert_eq!(got.map_or_else(|error| error.message().to_owned(), |value| value.repr()), expected);
}

#[test]
fn variables_of_another_host_are_resolved_there() {
    case("{{ hostvars['a'].url }} {{ hostvars.b.url }} {{ url }}", "'a:1 b:2 me!'");
    case("{{ hostvars['a'].nested.list[0] }}", "'a:1'");
    case("{{ hostvars.a.nested.list[1] | default('none') }}", "'none'");
    case("{{ hostvars['c'] }}", "hostvars['c'] is undefined");
    case("{{ hostvars['c'].x | default('d') }}", "'d'");
    case("{{ 'a' in hostvars }} {{ 'c' in hostvars }} {{ hostvars | length }}", "'True False 2'");
    case("{{ hostvars.keys() | list }} {{ hostvars | list }}", "\"['a', 'b'] ['a', 'b']\"");
    case("{% for h in hostvars %}{{ hostvars[h]['url'] }} {% endfor %}", "'a:1 b:2 '");
    case("{{ hostvars['a'].missing }}", "object of type 'HostVarsVars' has no attribute 'missing'");
    case("{{ hostvars['a'].get('port') }} {{ hostvars['a'].get('x', 3) }}", "'1 3'");
    case("{{ ['a', 'b'] | map('extract', hostvars, 'url') | list }}", "['a:1', 'b:2']");
    case("{{ hostvars.values() | map(attribute='port') | sum }}", "3");
    case("{{ hostvars is mapping }} {{ hostvars.a is mapping }}", "'True True'");
    case("{{ vars['url'] }} {{ vars.d.k }}", "'me! me!'");
}

#[test]
fn text_made_of_secret_text_is_secret() {
    let scope = scope([
        ("password", Value::secret("pw")),
        ("url", "https://u:{{ password }}@h".into()),
        ("list", Value::list([Value::secret("x"), "y".into()])),
    ]);
    let engine = World::default().engine();
    for (template, expected) in [
        ("{{ url }}", true),
        ("{{ password | upper }}", true),
        ("{{ password ~ 'x' }}", true),
        ("{{ 'a' + password }}", true),
        ("{{ '%s' % password }}", true),
        ("{{ 'x{}'.format(password) }}", true),
        ("{{ password[0] }}", true),
        ("{{ list | join(',') }}", true),
        ("{{ {'k': password} }}", true),
        ("{{ password | length }}", false),
        ("{{ list[1] }}", false),
        ("{{ password == 'pw' }}", false),
    ] {
        let value = engine.resolve(&lazy(template), &scope).unwrap();
        assert_eq!(value.flags().contains(Flags::SECRET), expected, "{template}");
    }
}

#[test]
fn vaulted_text_is_secret_data() {
    let vault = |text: &str| Value::Lazy(Arc::new(Lazy::vault(text, Position::default())));
    let engine = World::default().engine();
    let scope = scope([("v", vault("$ANSIBLE_VAULT;a{{ b }}")), ("bad", vault("nonsense"))]);
    let value = engine.resolve(&lazy("{{ v }}!"), &scope).unwrap();
    assert_eq!(value.to_string(), "a{{ b }}!");
    assert!(value.flags().contains(Flags::SECRET));
    let error = engine.resolve(&lazy("{{ bad | default('x') }}"), &scope).unwrap_err();
    assert_eq!(error.message(), "no vault secret fits");
}

/// Counts how often a variable is asked for.
struct Counting(AtomicUsize);

impl Scope for Counting {
    fn get(&self, name: &str) -> Option<Value> {
        self.0.fetch_add(1, Ordering::Relaxed);
        (name == "x").then(|| Value::Int(1))
    }

    fn names(&self) -> Vec<Arc<str>> {
        vec![Arc::from("x")]
    }
}

#[test]
fn only_what_is_used_is_asked_for() {
    let counting = Arc::new(Counting(AtomicUsize::new(0)));
    let scope: Arc<dyn Scope> = counting.clone();
    let engine = World::default().engine();
    engine.resolve(&lazy("{{ x if true else y }}"), &scope).unwrap();
    engine.resolve(&Value::text("{{ x }}"), &scope).unwrap();
    assert_eq!(counting.0.load(Ordering::Relaxed), 1);
}

#[test]
fn ordinary_text_is_never_a_template() {
    let data = Value::text("{{ 1 + 1 }}");
    let scope: Arc<dyn Scope> = Arc::new([("x", data)].into_iter().collect::<crate::base::Map>());
    let value = World::default().engine().resolve(&lazy("{{ x }} {{ x ~ 1 }}"), &scope).unwrap();
    assert_eq!(value.to_string(), "{{ 1 + 1 }} {{ 1 + 1 }}1");
}
