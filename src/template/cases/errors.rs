//! What an operator reads when a template fails.

use std::sync::Arc;

use super::{World, lazy, scope, trusted};
use crate::base::{Lazy, Map, Position, SourceFile, Value};
use crate::template::{BrokenConditions, Engine, ErrorKind, RenderOptions, Scope, Source};

const FILE: &str = "- hosts: all\n  vars:\n    a: \"{{ b.c }}\"\n    b: {d: 1}\n  tasks:\n    - debug:\n        msg: x {{ a }}\n";

#[test]
fn an_error_shows_the_variable_that_failed_and_who_needed_it() {
    let file = SourceFile::new("site.yml", FILE);
    let a = Lazy::template("{{ b.c }}", Position::new(&file, 3, 8));
    let message = Lazy::template("x {{ a }}", Position::new(&file, 7, 14));
    let scope: Arc<dyn Scope> = Arc::new(
        [("a", Value::Lazy(Arc::new(a))), ("b", Value::map([("d", Value::Int(1))]))]
            .into_iter()
            .collect::<Map>(),
    );
    let engine = World::default().engine();
    let error = engine.resolve(&Value::Lazy(Arc::new(message)), &scope).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Undefined);
    assert_eq!(
        error.to_string(),
        "object of type 'dict' has no attribute 'c'\n  --> site.yml:3:12\n  |\n3 |     a: \"{{ b.c }}\"\n  |            ^^^\nhint: needed by `a`, defined at site.yml:3:8"
    );
}

#[test]
fn a_typo_is_answered_with_the_nearest_name() {
    let scope = scope([("docker_version", 1.into())]);
    let error =
        World::default().engine().resolve(&lazy("{{ docker_verison }}"), &scope).unwrap_err();
    assert_eq!(error.undefined_name(), Some("docker_verison"));
    assert_eq!(
        error.to_string(),
        "'docker_verison' is undefined\nhint: did you mean `docker_version`?"
    );
}

#[track_caller]
fn case(template: &str, expected: &str) {
    let scope = scope([
        ("loop1", "{{ loop2 }}".into()),
        ("loop2", "{{ loop1 }}".into()),
        ("d", Value::map([("items", Value::Int(3))])),
        ("deep", "{{ deeper | upper }}".into()),
        ("deeper", "{{ 1 / 0 }}".into()),
    ]);
    let error = World::default().engine().resolve(&trusted(&template.into()), &scope).unwrap_err();
    assert_eq!(error.message(), expected);
}

#[test]
fn messages_name_what_went_wrong() {
    case("{{ loop1 }}", "Recursive loop detected in template: loop1 → loop2 → loop1");
    case("{{ deep | default('x') }}", "division by zero");
    case("{{ d.items }}", "a template gave a method, which cannot be the value of a variable");
    case("{{ 1 | nope }}", "Syntax error in template: No filter named 'nope'.");
    case(
        "{{ [1] | map('nope') }}",
        "The filter plugin 'ansible.builtin.map' failed: No filter named 'nope'.",
    );
    case("{% for x in 5 %}{% endfor %}", "'int' object is not iterable");
    case(
        "{% if a %}",
        "Syntax error in template: Unexpected end of template. The innermost block that needs to be closed is 'if'.",
    );
    case("{{ a b }}", "Syntax error in template: expected token 'end of print statement', got 'b'");
    case("{% fro x in y %}", "Syntax error in template: Encountered unknown tag 'fro'.");
}

#[test]
fn deep_nesting_is_an_error() {
    let text = format!("{{{{ {}1{} }}}}", "(".repeat(70), ")".repeat(70));
    let none = scope([]);
    let engine = World::default().engine();
    assert_eq!(engine.resolve(&lazy(&text), &none).unwrap(), Value::Int(1));
    let plus = format!("{{{{ {}1 }}}}", "1 + ".repeat(3000));
    // Fine where the stack is large enough, an error where it is not; never a crash.
    if let Err(error) = engine.resolve(&lazy(&plus), &none) {
        assert!(error.message().contains("deeply"), "{error}");
    }
    let macros = "{% macro m(n) %}{{ m(n + 1) }}{% endmacro %}{{ m(0) }}";
    let error = engine.resolve(&lazy(macros), &none).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Recursion);
    let mut nested = Value::Int(1);
    for _ in 0..2000 {
        nested = Value::list([nested]);
    }
    let nested = Value::list([nested, lazy("{{ 1 }}")]);
    engine.resolve(&nested, &none).unwrap();
}

#[test]
fn template_files_point_at_their_line() {
    let engine = World::default().engine();
    let text = "#jinja2: trim_blocks: True\nok\nport {{ prot }}\n";
    let source = Source { text: Arc::from(text), path: "t/x.j2".to_owned() };
    let scope = scope([("port", 1.into())]);
    let error = engine.render(&source, &RenderOptions::default(), &scope).unwrap_err();
    assert_eq!(
        error.to_string(),
        "'prot' is undefined\n  --> t/x.j2:3:9\n  |\n3 | port {{ prot }}\n  |         ^^^^\nhint: did you mean `port`?"
    );
}

#[test]
fn conditions_must_be_boolean() {
    let file = SourceFile::new("t.yml", "- when: x\n");
    let at = Position::new(&file, 1, 9);
    let scope = scope([("x", "yes".into())]);
    let error = World::default().engine().condition(&Value::written("x"), &at, &scope).unwrap_err();
    assert_eq!(
        error.to_string(),
        "Conditional result (True) was derived from value of type 'str'. Conditionals must have a boolean result.\n  --> t.yml:1:9\n  |\n1 | - when: x\n  |         ^\nhint: write `x | bool`, or compare it: `x == …`"
    );
    let world = World { broken: BrokenConditions::Allow, ..World::default() };
    assert!(world.engine().condition(&Value::written("x"), &at, &scope).unwrap());
    let braced = lazy("{{ x }} == 1");
    let error = World::default().engine().condition(&braced, &at, &scope).unwrap_err();
    assert!(error.to_string().contains("hint: a condition is an expression already"), "{error}");
}

#[test]
fn lookups_fail_as_they_are_told() {
    let world = World::default();
    let engine: Engine = world.engine();
    let none = scope([]);
    let get = |text: &str| engine.resolve(&lazy(text), &none).map(|value| value.repr());
    assert_eq!(get("{{ lookup('file', '/no/such', errors='ignore') }}").unwrap(), "None");
    assert_eq!(get("{{ query('file', '/no/such', errors='ignore') }}").unwrap(), "[]");
    get("{{ lookup('file', '/no/such', errors='warn') }}").unwrap();
    assert_eq!(world.warnings.lock().unwrap().len(), 1);
    let error = get("{{ lookup('file', '/no/such') }}").unwrap_err();
    assert!(error.message().starts_with("The lookup plugin 'file' failed: "), "{error}");
    let error = get("{{ lookup('fiel', 'x') }}").unwrap_err();
    assert!(error.to_string().contains("did you mean `file`?"), "{error}");
}

/// Checks what a filter says of its input.
#[track_caller]
fn filter(expression: &str, expected: &str) {
    let call = expression.rsplit_once(" | ").unwrap().1;
    let name = call.split('(').next().unwrap();
    let expected = format!("The filter plugin 'ansible.builtin.{name}' failed: {expected}");
    case(&format!("{{{{ {expression} }}}}"), &expected);
}

#[test]
fn messages_of_filters_hold_the_words_that_playbooks_search() {
    filter(
        "'a' | regex_escape('posix_extended')",
        "Regex type (posix_extended) not yet implemented, in Ansible either; use `posix_basic` or `python`",
    );
    filter("'a' | regex_escape('odd')", "Invalid regex type (odd); use `posix_basic` or `python`");
    filter(
        "none | random",
        "random can only be used on sequences and integers, not on the NoneType None",
    );
    filter("[1] | random(start=2)", "start and step can only be used with integer values");
    filter("'a' | password_hash(salt_size=[9])", "salt_size must be an integer");
    filter(
        "'a' | password_hash('odd')",
        "odd is not in the list of supported passlib algorithms: here they are bcrypt, blowfish, md5, md5_crypt, sha256, sha256_crypt, sha512, sha512_crypt",
    );
    filter(
        "'a' | password_hash('sha256', rounds=1)",
        "Could not hash the secret: `rounds` must be from 1000 to 999999999, not 1",
    );
    filter("'a' | to_uuid(namespace=22)", "Invalid value '22' for 'namespace': it is no UUID");
    filter("'a' | comment('odd')", "Invalid style 'odd'; it may be c, cblock, erlang, plain, xml");
    filter(
        "true | subelements('a')",
        "obj must be a list of dicts or a nested dict, not the bool True",
    );
    filter("[] | subelements(17)", "subelements must be a list or a string, not the int 17");
    filter("[{'a': 1}] | subelements('a')", "the key 'a' should point to a list, got the int 1");
    filter(
        "[{'a': [1]}] | subelements('a.b')",
        "the key 'b' should point to a dictionary, got the list [1]",
    );
    filter("true | dict2items", "dict2items requires a dictionary, got the bool True");
    filter("true | items2dict", "items2dict requires a list, got the bool True");
    filter(
        "[true] | items2dict",
        "items2dict requires a list of dictionaries, found the bool True in it",
    );
    filter(
        "[{'key': 1}] | items2dict",
        "items2dict requires each dictionary in the list to contain the keys 'key' and 'value', got the dict {'key': 1}",
    );
    filter("true | path_join", "|path_join expects string or sequence, got the bool True");
    filter("'a' | commonpath", "|commonpath expects sequence, got the str 'a'");
}

#[test]
fn trust_can_be_asked_for() {
    let scope = scope([("written", Value::written("a")), ("made", "{{ 'a' ~ 'b' }}".into())]);
    let engine = World::default().engine();
    let trusts = |name: &str| {
        let test = "is ansible._protomatter.tagged_with('TrustedAsTemplate')";
        engine.resolve(&lazy(&format!("{{{{ {name} {test} }}}}")), &scope).unwrap()
    };
    assert_eq!(trusts("written"), true.into());
    assert_eq!(trusts("made"), false.into());
    let origin = lazy("{{ written is ansible._protomatter.tagged_with('Origin') }}");
    assert_eq!(
        engine.resolve(&origin, &scope).unwrap_err().message(),
        "The test plugin 'ansible._protomatter.tagged_with' failed: values do not carry the tag `Origin` in fcplay, only `TrustedAsTemplate`"
    );
}
