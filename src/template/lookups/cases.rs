//! Lookups that need files of their own.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::base::{Map, Value};
use crate::template::Context;
use crate::template::filters::calls::Plain;
use crate::vault::IdMatch;

/// A playbook folder with a role beside it.
struct Place {
    folder: tempfile::TempDir,
    cx: Plain,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let role = root.join("roles/r");
        for (path, text) in [
            ("files/a.txt", "playbook\n"),
            ("files/b.txt", "b"),
            ("roles/r/files/a.txt", "role\n"),
            ("roles/r/templates/t.j2", "{{ who }}!\n"),
            ("roles/r/vars/x.yml", ""),
            ("conf.ini", "[s]\nkey = one\nkind=two\n"),
            ("people.csv", "ann\t1\nbob\t2\n"),
        ] {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let text = |path: &Path| Value::from(path.display().to_string());
        let variables = Map::from_iter([
            ("ansible_search_path", Value::list([text(&role), text(root)])),
            ("playbook_dir", text(root)),
            (
                "groups",
                Value::map([
                    ("all", names("h1 h2 h3")),
                    ("web", names("h1 h2")),
                    ("db", names("h3")),
                ]),
            ),
            ("web_port", Value::Int(80)),
            ("web_host", "h".into()),
            ("mv_a", Value::map([("x", names("1")), ("y", "a".into())])),
            ("mv_b", Value::map([("x", names("2")), ("y", "b".into())])),
        ]);
        Self { folder, cx: Plain { variables } }
    }

    fn lookup(&self, name: &str, terms: &[&str], options: &[(&str, Value)]) -> String {
        let terms: Vec<Value> = terms.iter().map(|term| Value::from(*term)).collect();
        let options: Map = options.iter().map(|(name, value)| (*name, value.clone())).collect();
        let found = self.cx.lookup(name, &terms, &options);
        let root = self.folder.path().display().to_string();
        found.map_or_else(|reason| reason.to_string(), |value| value.repr()).replace(&root, "ROOT")
    }
}

fn names(text: &str) -> Value {
    Value::list(text.split(' ').map(Value::from))
}

#[test]
fn roles_come_before_the_playbook() {
    let place = Place::new();
    assert_eq!(place.lookup("file", &["a.txt", "b.txt"], &[]), "['role', 'b']");
    assert_eq!(place.lookup("file", &["a.txt"], &[("rstrip", false.into())]), "['role\\n']");
    assert_eq!(place.lookup("fileglob", &["*.txt"], &[]), "['ROOT/roles/r/files/a.txt']");
    assert_eq!(place.lookup("fileglob", &["files/*.txt"], &[]), "['ROOT/roles/r/files/a.txt']");
    let error = place.lookup("file", &["c.txt"], &[]);
    assert!(
        error.starts_with("Unable to access the file 'c.txt': No such file or directory; searched: ROOT/roles/r/files/c.txt,"),
        "{error}"
    );
}

#[test]
fn first_found_looks_in_the_folder_of_its_kind() {
    let place = Place::new();
    assert_eq!(place.lookup("first_found", &["z.txt", "b.txt"], &[]), "['ROOT/files/b.txt']");
    assert_eq!(
        place.lookup("first_found", &["x.yml"], &[("_subdir", "vars".into())]),
        "['ROOT/roles/r/vars/x.yml']"
    );
    assert_eq!(place.lookup("first_found", &["z"], &[("errors", "ignore".into())]), "[]");
    assert_eq!(
        place.lookup("first_found", &["z"], &[]),
        "No file was found when using first_found; looked for z"
    );
}

#[test]
fn templates_are_rendered_with_their_variables() {
    let place = Place::new();
    let vars = Value::map([("who", "you")].map(|(name, value)| (name, Value::from(value))));
    assert_eq!(place.lookup("template", &["t.j2"], &[("template_vars", vars)]), "['you!\\n']");
}

#[test]
fn files_with_a_form() {
    let place = Place::new();
    assert_eq!(place.lookup("ini", &["key section=s file=conf.ini"], &[]), "['one']");
    let options = [("section", "s".into()), ("file", "conf.ini".into()), ("re", true.into())];
    assert_eq!(place.lookup("ini", &["k.*"], &options), "['one', 'two']");
    assert_eq!(place.lookup("ini", &["nope section=s file=conf.ini default=x"], &[]), "['x']");
    assert_eq!(place.lookup("csvfile", &["bob file=people.csv"], &[]), "['2']");
    assert_eq!(place.lookup("csvfile", &["eve file=people.csv default=none"], &[]), "['none']");
}

#[test]
fn a_password_is_made_once() {
    let place = Place::new();
    let first = place.lookup("password", &["credentials/db length=12"], &[]);
    assert_eq!(first.len(), "['']".len() + 12);
    assert_eq!(place.lookup("password", &["credentials/db"], &[]), first);
    let hashed = place.lookup("password", &["credentials/db encrypt=md5"], &[]);
    assert!(hashed.starts_with("['$1$"), "{hashed}");
    assert_eq!(place.lookup("password", &["credentials/db encrypt=md5"], &[]), hashed);
    let kept = fs::read_to_string(place.folder.path().join("credentials/db")).unwrap();
    assert!(kept.contains(" salt="), "{kept}");
}

#[test]
fn a_secret_is_made_once_into_a_vault() {
    let place = Place::new();
    let root = place.folder.path();
    fs::write(root.join("vault-password"), "only for this test\n").unwrap();
    let file = root.join("group_vars/all/secrets.yml");
    let file_option = ("file", Value::from(file.display().to_string()));
    let own = Value::from(root.join("vault-password").display().to_string());
    let options = [file_option.clone(), ("vault_password_file", own)];

    let first = place.lookup("secret", &["db_password"], &options);
    assert_eq!(first.len(), "['']".len() + 24);
    let other = place.lookup(
        "secret",
        &["key"],
        &[options.as_slice(), &[("length", Value::Int(64))]].concat(),
    );
    assert_eq!(other.len(), "['']".len() + 64);
    assert_eq!(place.lookup("fcplay.vault.secret", &["db_password"], &options), first);

    let sealed = fs::read(&file).unwrap();
    let secret = crate::base::Secret::new("only for this test");
    let secrets = crate::vault::Secrets::new(vec![("x".to_owned(), secret)], IdMatch::Prefer);
    let plain = secrets.decrypt_text(std::str::from_utf8(&sealed).unwrap()).unwrap();
    let word = |text: &str| text.trim_matches(['[', ']', '\'']).to_owned();
    assert_eq!(plain, format!("db_password: {}\nkey: {}\n", word(&first), word(&other)));
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);

    let short = [options.as_slice(), &[("length", Value::Int(8))]].concat();
    assert_eq!(
        place.lookup("secret", &["short"], &short),
        "`length` must be a number of 16 or more, not `8`"
    );
    assert_eq!(
        place.lookup("secret", &["a b"], &options),
        "`a b` cannot be the name of a variable"
    );
    let plain = root.join("plain.yml");
    fs::write(&plain, "a: 1\n").unwrap();
    assert_eq!(
        place.lookup("secret", &["a"], &[("file", Value::from(plain.display().to_string()))]),
        "`ROOT/plain.yml` holds secrets and is not encrypted: `fcplay vault encrypt ROOT/plain.yml` mends that"
    );
    assert_eq!(
        place.lookup("secret", &["a"], &[]),
        "the inventory lies in no folder: say with `file` where secrets are kept"
    );
}

#[test]
fn names_of_hosts_and_variables() {
    let place = Place::new();
    assert_eq!(place.lookup("inventory_hostnames", &["all:!web"], &[]), "['h3']");
    assert_eq!(place.lookup("inventory_hostnames", &["web[0]", "db"], &[]), "['h1', 'h3']");
    assert_eq!(place.lookup("varnames", &["^web_"], &[]), "['web_port', 'web_host']");
    assert_eq!(place.lookup("vars", &["web_port"], &[]), "[80]");
    assert_eq!(place.lookup("vars", &["nope"], &[]), "No variable named 'nope' was found.");
}

#[test]
fn variables_are_merged() {
    let place = Place::new();
    let take = ("override", Value::from("ignore"));
    let expected = "[{'x': ['1', '2'], 'y': 'b'}]";
    assert_eq!(place.lookup("merge_variables", &["^mv_"], std::slice::from_ref(&take)), expected);
    let prefix = ("pattern_type", Value::from("prefix"));
    assert_eq!(place.lookup("merge_variables", &["mv_"], &[take, prefix]), expected);
    assert_eq!(
        place.lookup("merge_variables", &["^mv_"], &[]),
        "The key 'y' with value 'a' will be overwritten with value 'b' from 'mv_b.y'; `override='ignore'` allows it"
    );
    let keep = [("list_merge", Value::from("keep")), ("default_merge", "keep".into())];
    assert_eq!(place.lookup("merge_variables", &["^mv_"], &keep), "[{'x': ['1'], 'y': 'a'}]");
    let first = [("list_merge", Value::from("prepend")), ("override", "ignore".into())];
    let expected = "[{'x': ['2', '1'], 'y': 'b'}]";
    assert_eq!(place.lookup("merge_variables", &["^mv_"], &first), expected);
}

#[test]
fn the_word_none_ends_a_list() {
    let list = |items: &[Value]| Value::list(items.iter().cloned());
    let inner = list(&["null".into(), Value::Null]);
    let terms = [
        list(&[1.into(), Value::Null, list(&[Value::Null])]),
        list(&["a".into(), "None".into(), 2.into()]),
        list(&[3.into(), inner]),
        "null".into(),
        4.into(),
    ];
    let found = Place::new().cx.lookup("flattened", &terms, &Map::new()).unwrap();
    assert_eq!(found.repr(), "[1, None, None, 'a', 3]");
}

#[test]
fn trees_of_files_are_listed() {
    let place = Place::new();
    let terms = [Value::from(place.folder.path().join("roles").display().to_string())];
    let found = place.cx.lookup("filetree", &terms, &Map::new()).unwrap();
    let paths: Vec<String> = found
        .as_list()
        .unwrap()
        .iter()
        .map(|entry| format!("{} {}", entry.get("path").unwrap(), entry.get("state").unwrap()))
        .collect();
    assert_eq!(
        paths,
        [
            "r directory",
            "r/files directory",
            "r/templates directory",
            "r/vars directory",
            "r/files/a.txt file",
            "r/templates/t.j2 file",
            "r/vars/x.yml file"
        ]
    );
}
