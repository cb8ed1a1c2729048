//! Comparison with PyYAML: expected values were written by it (`tests/data/yaml/make.py`).

mod generate;
mod pieces;
mod pyyaml;

use proptest::prelude::*;

use super::*;
use crate::base::value::float_repr;

type Rows = Vec<(String, Option<String>)>;

fn rows(json: &str) -> Rows {
    serde_json::from_str(json).unwrap()
}

fn canon(value: &Value) -> String {
    let join = |items: &[Value]| items.iter().map(canon).collect::<Vec<_>>().join(", ");
    match value {
        Value::Text(text) => serde_json::to_string(text.as_str()).unwrap(),
        Value::Float(number) => float_repr(*number),
        Value::Bytes(bytes) => {
            format!("b{}", bytes.iter().map(|b| format!("{b:02x}")).collect::<String>())
        }
        Value::Object(object) => format!("<{}>", object.plain()),
        Value::List(list) => format!("[{}]", join(list)),
        Value::Tuple(list) => format!("({})", join(list)),
        Value::Map(map) => {
            let pairs: Vec<_> =
                map.iter().map(|(key, item)| format!("{}: {}", canon(key), canon(item))).collect();
            format!("{{{}}}", pairs.join(", "))
        }
        other => other.repr(),
    }
}

fn compare(rows: Rows, text_of: impl Fn(&str) -> String) {
    let mut wrong = Vec::new();
    let total = rows.len();
    for (row, expected) in rows {
        let found = values_of(&text_of(&row));
        let got = found.as_ref().ok().map(|values| canon(&Value::list(values.iter().cloned())));
        if got != expected {
            let error = found.err().map(|error| error.to_string());
            wrong.push(format!("{row:?}\n  PyYAML {expected:?}\n  ours   {got:?} {error:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {total} differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn scalars_are_what_pyyaml_makes_of_them() {
    let rows = rows(include_str!("../../../tests/data/yaml/scalars.json"));
    compare(rows, |text| format!("v: {text}"));
}

#[test]
fn documents_are_what_pyyaml_makes_of_them() {
    compare(rows(include_str!("../../../tests/data/yaml/documents.json")), str::to_owned);
}

fn read(text: &str) -> Node {
    let document = parse(&SourceFile::new("f.yml", text), Trust::Templates).unwrap();
    document.single().unwrap().unwrap().clone()
}

/// Found by comparing random documents with PyYAML.
#[test]
fn odd_documents_are_what_pyyaml_makes_of_them() {
    let case = |text: &str, expected: Option<&str>| {
        let values = values_of(text).ok().map(|values| canon(&Value::list(values)));
        assert_eq!(values.as_deref(), expected, "{text:?}");
    };
    case("! '12'", Some("[12]"));
    case("! '!'", None);
    case("|\r e\r", Some("[\"e\\n\"]"));
    case("e: |\u{85} x\nn:", Some("[{\"e\": \"x\\n\", \"n\": None}]"));
    case("|\n e\n  \n ", Some("[\"e\\n \\n\"]"));
    case("!!int '--7'", Some("[7]"));
    case("!!float '\u{2029}0'", Some("[0.0]"));
    case("!!binary \"\\U0001F600\"", None);
    case("!!value : 1", Some("[{\"\": 1}]"));
    case("!!merge x: {a: 1}", Some("[{\"a\": 1}]"));
    case("<<: !s {y: 1}", Some("[{\"y\": 1}]"));
    case("c: &c !!set {y}\na: {<<: *c}", Some("[{\"c\": [\"y\"], \"a\": {\"y\": None}}]"));
    case("{~: &c !!pairs [a: ], <<: *c}", Some("[{\"a\": None, None: [(\"a\", None)]}]"));
    case("c: &c !!omap []\n<<: [*c]", None);
}

#[test]
fn templates_vaults_and_unsafe_text() {
    let node = read(
        "a: x {{ y }}\nb: !unsafe '{{ y }}'\nc: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  3030\nd: !unsafe [1, '{% x %}']\n'{{ k }}': 1\n",
    );
    let set = read("!!set {a, b}").to_value();
    assert_eq!(canon(&set), r#"["a", "b"]"#);
    let value = |key: &str| node.get(key).unwrap().to_value();
    assert!(matches!(value("a"), Value::Lazy(lazy) if lazy.at().to_string() == "f.yml:1:4"));
    assert_eq!(value("b").as_str(), Some("{{ y }}"));
    assert!(
        matches!(value("c"), Value::Lazy(lazy) if &**lazy.source() == "$ANSIBLE_VAULT;1.1;AES256\n3030\n")
    );
    assert!(value("d").is_final());
    assert!(node.get("{{ k }}").is_some());
    let untrusted = value_of("a: '{{ x }}'").unwrap();
    assert_eq!(untrusted.get("a").and_then(Value::as_str), Some("{{ x }}"));
    let file = SourceFile::new("f.yml", "");
    let secret = parse_text("a: x\nb: [1]", &file, Trust::Secrets).unwrap();
    assert_eq!(format!("{:?}", secret.nodes[0].get("a").unwrap().to_value()), "Text(\"****\")");
}

#[test]
fn nodes_know_their_place_and_text() {
    let node = read("- version: 1.10\n  ports:\n    - 'x'\n");
    let first = &node.items()[0];
    let (key, version) = first.entry("version").unwrap();
    assert_eq!(
        (key.at.to_string(), version.at.to_string()),
        ("f.yml:1:3".into(), "f.yml:1:12".into())
    );
    assert_eq!(version.raw().map(|raw| &**raw), Some("1.10"));
    assert_eq!((version.describe(), version.width()), ("a number", 4));
    assert_eq!(first.get("ports").unwrap().items()[0].at.to_string(), "f.yml:3:7");
    assert_eq!(first.get("ports").unwrap().items()[0].style, Style::Single);
}

#[test]
fn json_files_are_read_by_the_rules_of_json() {
    let node = read(
        "{\"a\": 1e3, \"b\": \"\\ud83d\\ude00\",\n \"a\": 123456789012345678901234567890, \"c\": \"{{ x }}\"}",
    );
    assert_eq!(canon(&node.get("a").unwrap().to_value()), "123456789012345678901234567890");
    assert_eq!(node.get("b").unwrap().as_str(), Some("\u{1f600}"));
    assert_eq!(node.get("a").unwrap().at.to_string(), "f.yml:2:7");
    assert!(!node.to_value().is_final());
}

#[test]
fn doubled_keys_and_base_60_are_warned_of() {
    let file = SourceFile::new("f.yml", "a: 1\nb: 22:22\na: 2\n");
    let document = parse(&file, Trust::Templates).unwrap();
    let warnings: Vec<_> = document.warnings.iter().map(ToString::to_string).collect();
    assert_eq!(
        warnings,
        [
            "YAML reads `22:22` as the number 1342 (base 60)\n  --> f.yml:2:4\n  |\n2 | b: 22:22\n  |    ^^^^^\nhint: quote it if it is a pair of ports or a time: \"22:22\"",
            "Found duplicate mapping key 'a'; the last value is used\n  --> f.yml:3:1\n  |\n3 | a: 2\n  | ^ first at 1:1",
        ]
    );
}

#[track_caller]
fn hint(text: &str, place: &str, what: &str, hint: &str) {
    let error = parse(&SourceFile::new("f.yml", text), Trust::Templates).unwrap_err();
    let got = (error.at.to_string(), error.what.as_str(), error.hints.join("; "));
    assert_eq!(got, (format!("f.yml:{place}"), what, hint.to_owned()), "{text}\n{error}");
}

#[test]
fn syntax_errors_say_what_to_write() {
    hint(
        "a: {{ x }}",
        "1:4",
        "a template that starts a value must be quoted",
        "write it as \"{{ x }}\"",
    );
    hint(
        "a: {{ x }}/y",
        "1:4",
        "a template that starts a value must be quoted",
        "write it as \"{{ x }}/y\"",
    );
    hint(
        "- name: {{ x['y'] }}",
        "1:9",
        "a template that starts a value must be quoted",
        "write it as \"{{ x['y'] }}\"",
    );
    hint(
        "a: {% if x %}",
        "1:4",
        "a template that starts a value must be quoted",
        "write it as \"{% if x %}\"",
    );
    hint("a:\n\tb: 1", "2:1", "a tab cannot indent YAML", "replace the tab by spaces");
    hint("a: >\n\tx", "2:1", "a tab cannot indent YAML", "replace the tab by spaces");
    hint("a: b: c", "1:5", "a second `:` in this line", "put the value in quotes: `a: \"b: c\"`");
    hint(
        "- name: x: y\n  foo: bar",
        "1:10",
        "a second `:` in this line",
        "put the value in quotes: `- name: \"x: y\"`",
    );
    hint(
        "b: 2\na\nc: 3",
        "2:1",
        "a `:` is missing here",
        "write `key: value`, or indent the line if it goes on with the text above",
    );
    hint("a:1\nb: 2", "1:1", "a `:` is missing here", "put a space after the colon: `a: 1`");
    hint(
        "a:\n  b: 1\n c: 2",
        "3:2",
        "this line is indented unlike the lines it belongs to",
        "the keys that began at line 1 stand in column 1; this line is in column 2",
    );
    hint(
        "a: x\n  b: y\n",
        "2:4",
        "a key cannot stand here",
        "the line above has a value already; indent this line like the line above, or quote that value",
    );
    hint(
        "- a: 1\n b: 2",
        "2:2",
        "this line belongs to no item of the list above",
        "indent it to fit the item, or start it with `- `: the list begins at line 1",
    );
    hint("a: \"x\nb: 1\n", "1:4", "this quote is never closed", "");
    hint("a: [1, 2\nb: 3", "1:4", "this `[` is never closed", "line 2 came before a `]` or `,`");
    hint(
        "a: \"\\d\"",
        "1:5",
        "unknown escape in a text in double quotes",
        "write `\\\\` for a backslash, or use single quotes, in which it means itself",
    );
    hint(
        "a: * * *",
        "1:4",
        "a text without quotes cannot start with `*` or `&`",
        "put the value in quotes: `a: \"* * *\"`",
    );
    hint(
        "a: @x",
        "1:4",
        "a text without quotes cannot start with `@`",
        "put the value in quotes: `a: \"@x\"`",
    );
    hint(
        "a: - b",
        "1:4",
        "a list cannot start on the line of its key",
        "put `- ` on the next line, indented",
    );
    hint(
        "when: \"a\" == b",
        "1:11",
        "text after the closing quote",
        "quote the whole value: use the other kind of quotes outside, or double the inner ones",
    );
    hint("a: !valt x", "1:4", "unknown tag `!valt`", "");
    hint(
        "a: *b",
        "1:4",
        "there is no anchor `&b` above",
        "a text that starts with `*` must be quoted",
    );
    hint(
        "a: 2024-13-45",
        "1:4",
        "`2024-13-45` looks like a date but is none",
        "quote it if it is text: \"2024-13-45\"",
    );
    hint(
        "a: \u{1}",
        "1:4",
        "the character U+0001 is not allowed in YAML",
        "remove it, or write it as an escape in double quotes, as \"\\x01\"",
    );
    hint(
        "a: {<<: 3}",
        "1:9",
        "`<<` merges maps, but this is a number",
        "give an alias of a map (`<<: *name`) or a list of such aliases",
    );
    hint(
        "[!,",
        "1:1",
        "this is not valid YAML",
        "check quotes, brackets and tags (`!`) on this line",
    );
}

#[test]
fn limits_hold() {
    let deep = "[".repeat(300) + &"]".repeat(300);
    let error = parse(&SourceFile::new("f.yml", deep), Trust::Templates).unwrap_err();
    assert_eq!(error.what, "nested deeper than 200 levels");
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..9 {
        let items = vec![format!("*a{}", level - 1); 10].join(", ");
        bomb += &format!("a{level}: &a{level} [{items}]\n");
    }
    let error = parse(&SourceFile::new("f.yml", bomb), Trust::Templates).unwrap_err();
    assert_eq!(error.what, "aliases make more than 1000000 nodes of this file");
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "\\PC*") {
        let _ = values_of(&text).is_ok();
    }

    #[test]
    fn no_yaml_like_text_makes_it_panic(text in "[-a: \n\t{}\\[\\],&*!|>'\"#%@`?<=~0-9.\\\\]{0,40}") {
        let _ = parse(&SourceFile::new("f", text), Trust::Templates).is_ok();
    }

    #[test]
    fn json_of_any_value_is_read_back(items in prop::collection::vec((".*", any::<i64>()), 0..5)) {
        let map: serde_json::Map<_, _> = items.into_iter().map(|(k, v)| (k, v.into())).collect();
        let text = serde_json::to_string(&map).unwrap();
        let node = read(&text);
        prop_assert_eq!(node.entries().len(), map.len());
    }
}
