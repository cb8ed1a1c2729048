//! No text makes the folder panic, however odd: it gives a value or an error.

use proptest::prelude::*;

use super::{World, lazy, scope};
use crate::base::{Position, Value};
use crate::template::TextKind;

/// What templates are made of, valid and not.
const PIECES: &[&str] = &[
    "{{ ",
    " }}",
    "{% ",
    " %}",
    "{# ",
    " #}",
    "{{- ",
    " -}}",
    "{%- ",
    "if ",
    "else",
    "elif ",
    "endif",
    "for x in ",
    "endfor",
    "set a = ",
    "set a",
    "endset",
    "macro m(a, b=1)",
    "endmacro",
    "call m()",
    "endcall",
    "filter upper",
    "endfilter",
    "block b",
    "endblock",
    "raw",
    "endraw",
    "with a=1",
    "endwith",
    "break",
    "continue",
    "a",
    "b",
    "l",
    "d",
    "s",
    "loop.index",
    "missing",
    "1",
    "0",
    "-1",
    "2.5",
    "'é'",
    "'%s %5.3f %(a)d'",
    "'{:>5} {0[a]} {!r}'",
    "\"x\\n\"",
    "[",
    "]",
    "(",
    ")",
    "{",
    "}",
    ",",
    ":",
    ".",
    "|",
    "~",
    "+",
    "-",
    "*",
    "**",
    "/",
    "//",
    "%",
    "==",
    "!=",
    "<",
    ">=",
    " in ",
    " not in ",
    " and ",
    " or ",
    " not ",
    " is ",
    "defined",
    "upper",
    "default('x')",
    "join",
    "length",
    "list",
    "map('upper')",
    "first",
    ".split('a', 1)",
    ".items()",
    ".append(1)",
    ".pop()",
    ".format(a, s=1)",
    ".center(9)",
    "[1:]",
    "[::-1]",
    "['a']",
    "[0]",
    "range(3)",
    "lookup('items', l)",
    "namespace(a=1)",
    "\n",
    " ",
    "\u{1f600}",
    "=",
    "@",
];

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(PIECES), 0..25).prop_map(|pieces| pieces.concat())
}

fn try_all(text: &str) {
    let scope = scope([
        ("a", 7.into()),
        ("b", "{{ d.k }}".into()),
        ("d", Value::map([("k", "{{ l }}".into()), ("a", Value::from("v"))])),
        ("l", Value::list(["é".into(), "{{ a }}".into(), Value::Null])),
        ("s", "text\twith ünïcode".into()),
    ]);
    let engine = World::default().engine();
    let at = Position::default();
    let _ = engine.resolve(&lazy(text), &scope).map_err(|error| error.to_string());
    let _ = engine.expression(text, &at, &scope).map_err(|error| error.to_string());
    let _ = engine.condition(&Value::written(text), &at, &scope).map_err(|error| error.to_string());
    engine.check(text, &at, TextKind::Template);
    engine.check(text, &at, TextKind::Condition);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn pieces_of_templates_never_panic(text in text()) {
        try_all(&text);
    }

    #[test]
    fn expressions_of_pieces_never_panic(text in text()) {
        try_all(&format!("{{{{ {text} }}}}"));
    }

    #[test]
    fn any_text_never_panics(text in "\\PC{0,60}") {
        try_all(&format!("{{{{ '{text}' | upper }}}}{text}"));
    }
}
