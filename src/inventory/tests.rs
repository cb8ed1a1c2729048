//! Comparison with `ansible-inventory` (`tests/data/inventory/cases.py`), patterns, mistakes, changes at run time.

use std::path::Path;

use proptest::prelude::*;
use serde_json::Value as Json;

use super::*;
use crate::base::value::float_repr;

fn json(value: &Value) -> Json {
    match value {
        Value::Map(map) => map
            .iter()
            .map(|(key, value)| (key.to_string(), json(value)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        Value::List(list) | Value::Tuple(list) => list.iter().map(json).collect(),
        Value::Bool(truth) => Json::Bool(*truth),
        Value::Null => Json::Null,
        Value::Float(number) => serde_json::from_str(&float_repr(*number)).unwrap(),
        Value::Int(_) | Value::Big(_) => serde_json::from_str(&value.to_string()).unwrap(),
        other => Json::String(other.to_string()),
    }
}

fn case_options(folder: &Path) -> LoadOptions {
    LoadOptions { folder: folder.to_owned(), ..LoadOptions::default() }
}

#[test]
fn inventories_are_what_ansible_makes_of_them() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/inventory");
    let expected: Json =
        serde_json::from_str(&std::fs::read_to_string(data.join("expected.json")).unwrap())
            .unwrap();
    for (name, case) in expected.as_object().unwrap() {
        let words = |key: &str| -> Vec<String> {
            case[key]
                .as_array()
                .unwrap()
                .iter()
                .map(|word| word.as_str().unwrap().to_owned())
                .collect()
        };
        let folder = data.join("cases").join(name.trim_end_matches("_reversed"));
        let folder = if folder.exists() { folder } else { data.clone() };
        let mut inventory = Inventory::load(&words("sources"), case_options(&folder)).unwrap();
        inventory.set_playbook_folders(words("playbook").into_iter().map(PathBuf::from).collect());
        let list = json(&inventory.export(Shown::ByHost, &Map::new()).list().unwrap());
        assert_eq!(list, case["list"], "{name}: ours\n{list:#}\nAnsible's\n{:#}", case["list"]);
        if let Some(export) = case.get("export") {
            let list = json(&inventory.export(Shown::WhereSet, &Map::new()).list().unwrap());
            assert_eq!(&list, export, "{name} exported: ours\n{list:#}\nAnsible's\n{export:#}");
        }
    }
}

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

fn load(name: &str, text: &str) -> Result<Inventory, Mistakes> {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), name, text);
    Inventory::load(&[name.to_owned()], case_options(folder.path()))
}

const PATTERNS: &str =
    "m1\n[web]\nw1\nw2\nw3\nweb10\n[db]\nd1\nd2\nw3\n[prod:children]\nweb\n[web-eu]\ne1.x.org\n";

#[track_caller]
fn select(pattern: &str, limit: Option<&str>, expected: &str) {
    let inventory = load("hosts", PATTERNS).unwrap();
    let limit = limit.map(|limit| inventory.limit(limit).unwrap());
    let selection = inventory.select(&[pattern.to_owned()], limit.as_deref());
    let got = match selection {
        Ok(selection) => {
            let mut words: Vec<String> = selection.hosts.iter().map(ToString::to_string).collect();
            words.extend(
                selection.unmatched.iter().map(|part| {
                    format!("?{}({})", part.pattern, part.near.as_deref().unwrap_or(""))
                }),
            );
            words.join(" ")
        }
        Err(error) => error.to_string(),
    };
    assert_eq!(got, expected, "{pattern}");
}

#[test]
fn patterns_choose_hosts() {
    select("all", None, "m1 d1 d2 w3 e1.x.org w1 w2 web10");
    select("*", None, "m1 d1 d2 w3 e1.x.org w1 w2 web10");
    select("web[0:0]", None, "w1");
    select("web*[0]", None, "w1");
    select("~web[0]", None, "?~web[0]()");
    select("[w]1", None, "w1");
    select("w[!1]", None, "w2 w3");
    select("web[5:7]", None, "");
    select("al*[0]", None, "m1");
    select("web", None, "w1 w2 w3 web10");
    select("web:db", None, "w1 w2 w3 web10 d1 d2");
    select("db,web", None, "d1 d2 w3 w1 w2 web10");
    select("all:!web", None, "m1 d1 d2 e1.x.org");
    select("web:&db", None, "w3");
    select("&db:web", None, "w3");
    select("!web", None, "m1 d1 d2 e1.x.org");
    select("web:!w2:&prod", None, "w1 w3 web10");
    select("w?", None, "w1 w2 w3");
    select("w[12]", None, "?w[12](w1)");
    select("web*", None, "w1 w2 w3 web10 e1.x.org");
    select("~w[12]$", None, "w1 w2");
    select("~(web|db)", None, "w1 w2 w3 web10 d1 d2 e1.x.org");
    select("web[0]", None, "w1");
    select("web[-1]", None, "web10");
    select("web[1:2]", None, "w2 w3");
    select("web[2:]", None, "w3 web10");
    select("web[1:99]", None, "w2 w3 web10");
    select("web[9]", None, "`web[9]` asks for a host that is not there: `web` has 4 hosts");
    select("prod[0]:!w1", None, "");
    select("*.org", None, "e1.x.org");
    select("e1.x.org", None, "e1.x.org");
    select("wbe:db", None, "d1 d2 w3 ?wbe(web)");
    select("localhost", None, "localhost");
    select("::1", None, "::1");
    select("all", Some("web:!w2"), "w3 w1 web10");
    select("localhost", Some("web"), "");
    select("web", Some("db"), "w3");
    select(
        "~[",
        None,
        "`~[` is no pattern of hosts: `[` is not a valid regular expression: unterminated character set",
    );
    select("ungrouped", None, "m1");
    select("", None, "");
}

#[test]
fn patterns_are_split_as_ansible_splits_them() {
    for (pattern, expected) in [
        ("a,b[1], c[2:3] , d", "a|b[1]|c[2:3]|d"),
        ("web:db", "web|db"),
        ("web:22", "web:22"),
        ("a:b[1:3]:!c", "a|b[1:3]|!c"),
        ("fe80::1", "fe80::1"),
        ("web[1:3]", "web[1:3]"),
        ("all:&~x[a:b]+", "all|&~x[a:b]+"),
        (" a b ", "a|b"),
    ] {
        assert_eq!(split(pattern).join("|"), expected);
    }
}

#[test]
fn a_limit_may_stand_in_a_file() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "hosts", PATTERNS);
    write(folder.path(), "failed.retry", "w2\nd1\n\n");
    let inventory = Inventory::load(&["hosts".into()], case_options(folder.path())).unwrap();
    let limit = inventory.limit("@failed.retry").unwrap();
    let selection = inventory.select(&["all".into()], Some(&limit)).unwrap();
    assert_eq!(selection.hosts.join(" "), "d1 w2");
    write(folder.path(), "empty", "\n");
    let error = |limit: &str| inventory.limit(limit).unwrap_err().to_string();
    assert_eq!(error("@none"), "cannot read the file of hosts `none`: no such file or directory");
    assert_eq!(error("@empty"), "cannot read the file of hosts `empty`: it names no host");
}

#[track_caller]
fn refused(name: &str, text: &str, expected: &str) {
    let mistakes = load(name, text).unwrap_err();
    let got: Vec<_> = mistakes.0.iter().map(ToString::to_string).collect();
    assert_eq!(got.join("\n"), expected);
}

#[test]
fn mistakes_in_ini_files_are_all_told() {
    refused(
        "hosts",
        "[web]\na ansible_host 10.0.0.1\nb x='y\n[web:var]\n[wbe:vars]\nx=1\n[all:vars]\nnothing\n[top:children]\nwebb\n[bad name]\nc:\n",
        "`ansible_host` is no `name=value`\n  --> hosts:2:3\n  |\n2 | a ansible_host 10.0.0.1\n  |   ^^^^^^^^^^^^\nhint: quote a value with blanks in it; each line names one host\n\
         a quote is never closed\n  --> hosts:3:1\n  |\n3 | b x='y\n  | ^^^^^^\n\
         `var` is no kind of section\n  --> hosts:4:6\n  |\n4 | [web:var]\n  |      ^^^ did you mean `vars`?\n\
         this is no `name=value`\n  --> hosts:8:1\n  |\n8 | nothing\n  | ^^^^^^^\nhint: below `[group:vars]` each line sets one variable\n\
         this is no section\n  --> hosts:11:1\n   |\n11 | [bad name]\n   | ^^^^^^^^^^\nhint: write `[group]`, `[group:vars]` or `[group:children]`, without blanks in the name\n\
         this is no name of a group\n  --> hosts:12:1\n   |\n12 | c:\n   | ^^\nhint: each line below `[group:children]` is the name of one group\n\
         there is no group `wbe`\n  --> hosts:5:1\n  |\n5 | [wbe:vars]\n  | ^^^^^^^^^^ did you mean `web`?\n\
         there is no group `webb`\n  --> hosts:10:1\n   |\n10 | webb\n   | ^^^^ did you mean `web`?",
    );
}

#[test]
fn mistakes_in_yaml_files_say_what_to_write() {
    refused(
        "hosts.yml",
        "all:\n  hosts:\n    - web1\n  children: [db]\n",
        "`hosts` of the group `all` must be a map, but this is a list\n  --> hosts.yml:3:5\n  |\n3 |     - web1\n  |     ^\nhint: write each name with a colon and without a dash: `name:`\n\
         `children` of the group `all` must be a map, but this is a list\n  --> hosts.yml:4:13\n  |\n4 |   children: [db]\n  |             ^^^^\nhint: write each name with a colon and without a dash: `name:`",
    );
    refused(
        "hosts.yml",
        "all:\n  hosts:\n    web1: 10.0.0.1\n    x[3:1]:\n",
        "the variables of `web1` must be a map, but this is text\n  --> hosts.yml:3:11\n  |\n3 |     web1: 10.0.0.1\n  |           ^^^^^^^^\nhint: write one `name: value` a line below the host\n\
         the range `[3:1]` ends before it begins\n  --> hosts.yml:4:5\n  |\n4 |     x[3:1]:\n  |     ^^^^^^",
    );
    refused(
        "hosts",
        "---\nall:\n  hosts:\n    a:\n   b:\n",
        "this line is indented unlike the lines it belongs to\n  --> hosts:5:4\n  |\n5 |    b:\n  |    ^\nhint: the keys that began at line 3 stand in column 3; this line is in column 4",
    );
    refused(
        "hosts.yml",
        "plugin: construct\n",
        "there is no inventory plugin `construct`\n  --> hosts.yml:1:9\n  |\n1 | plugin: construct\n  |         ^^^^^^^^^ did you mean `constructed`?",
    );
    refused(
        "hosts.toml",
        "[a\n",
        "this is not valid TOML: unclosed table, expected `]`\n  --> hosts.toml:1:3\n  |\n1 | [a\n  |   ^",
    );
    let mut inventory = load("hosts.yml", "web:\n  host:\n    a:\n").unwrap();
    assert_eq!(
        inventory.take_warnings()[0].to_string(),
        "`host` is ignored in the group `web`\n  --> hosts.yml:2:3\n  |\n2 |   host:\n  |   ^^^^ did you mean `hosts`?"
    );
}

#[test]
fn a_group_is_never_below_itself() {
    refused(
        "hosts",
        "[a:children]\nb\n[b:children]\na\n",
        "`a` would be below itself\n  --> hosts:4:1\n  |\n4 | a\n  | ^\nhint: `b` is `a` or below it; take one of the two out",
    );
}

#[test]
fn names_are_looked_up_below_inventory() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "inventory/prod/hosts.yml", "all: {hosts: {p: }}");
    write(folder.path(), "inventory/lab.ini", "l\n");
    let load = |name: &str| Inventory::load(&[name.to_owned()], case_options(folder.path()));
    let hosts = |name: &str| {
        load(name).unwrap().hosts().map(|host| host.name.to_string()).collect::<String>()
    };
    assert_eq!(
        (hosts("prod"), hosts("lab"), hosts("inventory/lab.ini"), hosts("x,")),
        ("p".into(), "l".into(), "l".into(), "x".into())
    );
    assert_eq!(hosts("/etc/ansible/hosts"), "");
    let absolute = folder.path().join("prod").display().to_string();
    assert_eq!(hosts(&absolute), "p");
    let error = |name: &str| load(name).unwrap_err().0[0].to_string();
    assert_eq!(
        error("prdo"),
        "there is no inventory `prdo`: neither `prdo` nor `inventory/prdo` exists\nhint: did you mean `prod`?"
    );
    assert_eq!(
        error("staging"),
        "there is no inventory `staging`: neither `staging` nor `inventory/staging` exists\nhint: `inventory/` has: lab.ini, prod"
    );
}

#[test]
fn each_variable_knows_its_place() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "inv/hosts", "[web]\nw1  a=1 b='{{ a }}'\n[web:vars]\nc = 3\n");
    write(folder.path(), "inv/group_vars/web.yml", "x: 1\nd: '{{ x }}'\n");
    let inventory = Inventory::load(&["inv".into()], case_options(folder.path())).unwrap();
    let place = |name: &str| inventory.place("w1", name).unwrap().to_string();
    assert_eq!(place("a"), "inv/hosts:2:5");
    assert_eq!(place("c"), "inv/hosts:4:1");
    assert_eq!(place("d"), "inv/group_vars/web.yml:2:1");
    let host = inventory.host("w1").unwrap();
    assert!(
        matches!(host.vars.map.get("b"), Some(Value::Lazy(lazy)) if lazy.at().to_string() == "inv/hosts:2:11")
    );
    let levels: Vec<_> = inventory.layers("w1").unwrap().iter().map(|layer| layer.level).collect();
    assert_eq!(levels, [Level::GroupsInventory, Level::GroupsFilesInventory, Level::HostInventory]);
}

#[test]
fn files_of_hosts_outside_the_run_may_be_broken() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "hosts", "a\nb\n");
    write(folder.path(), "host_vars/a.yml", "- 1\n");
    let inventory = Inventory::load(&["hosts".into()], case_options(folder.path())).unwrap();
    assert!(inventory.layers("b").is_ok());
    let mistakes = inventory.layers("a").unwrap_err();
    assert_eq!(
        mistakes.0[0].to_string(),
        "a file of variables is a map, but this is a list\n  --> host_vars/a.yml:1:1\n  |\n1 | - 1\n  | ^\nhint: write one `name: value` a line"
    );
}

#[test]
fn this_machine_is_there_without_an_inventory() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "play/group_vars/all.yml", "x: 1\n");
    let mut inventory = Inventory::load(&[], case_options(folder.path())).unwrap();
    inventory.set_playbook_folders(vec!["play".into()]);
    assert_eq!(inventory.select(&["all".into()], None).unwrap().hosts.len(), 0);
    assert_eq!(inventory.select(&["localhost".into()], None).unwrap().hosts.join(""), "localhost");
    let vars = inventory.merged("localhost").unwrap();
    assert_eq!(Value::from(vars).repr(), "{'x': 1, 'ansible_connection': 'local'}");
    assert!(inventory.add_to_group("localhost", "here", &[]));
    assert_eq!(inventory.members("here").join(""), "localhost");
    assert_eq!(
        inventory.merged("localhost").unwrap().get("ansible_connection"),
        Some(&"local".into())
    );
}

#[test]
fn tasks_add_hosts_and_groups() {
    let mut inventory = load("hosts", "[web]\na\n").unwrap();
    let before = inventory.clone();
    let new = NewHost {
        name: "n".into(),
        groups: vec!["web".into(), "fresh".into()],
        vars: [("x", Value::Int(1))].into_iter().collect(),
        ..NewHost::default()
    };
    assert!(inventory.add_host(&new));
    assert!(!inventory.add_host(&new));
    assert_eq!(inventory.group_names("n").join(" "), "fresh web");
    assert_eq!(inventory.merged("n").unwrap().get("x"), Some(&Value::Int(1)));
    assert_eq!(
        inventory.groups_map().repr(),
        "{'all': ['n', 'a'], 'ungrouped': [], 'web': ['a', 'n'], 'fresh': ['n']}"
    );
    assert_eq!(before.hosts().len(), 1);
    assert!(inventory.add_to_group("a", "os_Debian", &["os".into()]));
    assert!(!inventory.add_to_group("a", "os_Debian", &["os".into()]));
    assert_eq!(inventory.group_names("a").join(" "), "os os_Debian web");
    assert!(inventory.add_host(&NewHost { name: "alone".into(), ..NewHost::default() }));
    assert_eq!(inventory.group_names("alone").join(" "), "ungrouped");
}

#[test]
fn dictionaries_are_merged_when_asked() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "hosts", "[g]\nh d=\"{'a':{'x':1}}\"\n[g:vars]\nd={'a':{'y':2},'b':3}\n");
    let options = LoadOptions { merging: Merging::Deep, ..case_options(folder.path()) };
    let inventory = Inventory::load(&["hosts".into()], options).unwrap();
    assert_eq!(
        inventory.merged("h").unwrap().get("d").unwrap().repr(),
        "{'a': {'y': 2, 'x': 1}, 'b': 3}"
    );
}

#[test]
fn behind_a_mistake_that_is_a_warning_nothing_counts() {
    let folder = tempfile::tempdir().unwrap();
    let hosts = |name: &str, text: &str| {
        write(folder.path(), name, text);
        let mut options = case_options(folder.path());
        options.unreadable = Unreadable::Warn;
        let inventory = Inventory::load(&[name.to_owned()], options).unwrap();
        inventory.hosts().map(|host| host.name.to_string()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(hosts("a.ini", "a\n[g]\nb\n[g:odd]\nx\n[h]\nc\n"), "a b");
    assert_eq!(hosts("b.yml", "g: {hosts: {a: }}\nh: {hosts: [b]}\ni: {hosts: {c: }}\n"), "a");
}

#[test]
fn scripts_that_fail_say_why() {
    let folder = tempfile::tempdir().unwrap();
    let script = |name: &str, body: &str| {
        write(folder.path(), name, &format!("#!/bin/sh\n{body}\n"));
        let path = folder.path().join(name);
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755))
            .unwrap();
        let mistakes =
            Inventory::load(&[name.to_owned()], case_options(folder.path())).unwrap_err();
        mistakes.0[0].to_string()
    };
    assert_eq!(
        script("a.sh", "echo 'no token' >&2; exit 3"),
        "`a.sh --list` ended with status 3\n  --> a.sh\nhint: no token"
    );
    assert_eq!(
        script("b.sh", "echo hello"),
        "`b.sh --list` did not print a JSON object\n  --> b.sh"
    );
}

struct Fake;

impl Evaluate for Fake {
    fn expression(&self, source: &str, vars: &Arc<Map>) -> Result<Value, String> {
        vars.get(source).cloned().ok_or_else(|| format!("'{source}' is undefined"))
    }

    fn text(&self, source: &str, _: &Arc<Map>) -> Result<String, String> {
        Ok(source.to_owned())
    }

    fn condition(&self, source: &str, vars: &Arc<Map>) -> Result<bool, String> {
        Ok(self.expression(source, vars)?.truth())
    }
}

#[test]
fn constructed_inventories_compute_groups() {
    let folder = tempfile::tempdir().unwrap();
    write(
        folder.path(),
        "inv/1-hosts",
        "a os=Debian-12 up=True tags=\"{'env':'x'}\"\nb os=Alpine\n",
    );
    write(
        folder.path(),
        "inv/2-groups.yml",
        "plugin: constructed\ncompose: {copy: os}\ngroups: {running: up}\nkeyed_groups:\n  - {key: os, prefix: os, parent_group: systems}\n  - {key: tags}\n",
    );
    let options = LoadOptions { evaluate: Some(Arc::new(Fake)), ..case_options(folder.path()) };
    let inventory = Inventory::load(&["inv".into()], options.clone()).unwrap();
    assert_eq!(inventory.group_names("a").join(" "), "_env_x os_Debian_12 running systems");
    assert_eq!(inventory.group_names("b").join(" "), "os_Alpine systems");
    assert_eq!(inventory.merged("b").unwrap().get("copy"), Some(&"Alpine".into()));
    write(
        folder.path(),
        "inv/2-groups.yml",
        "plugin: constructed\nstrict: true\ngroups: {running: up}\n",
    );
    let mistakes = Inventory::load(&["inv".into()], options).unwrap_err();
    assert_eq!(
        mistakes.0[0].to_string(),
        "for the host `b`: 'up' is undefined\n  --> inv/2-groups.yml:3:19\n  |\n3 | groups: {running: up}\n  |                   ^^"
    );
}

#[test]
fn encrypted_files_are_read_with_their_password() {
    let folder = tempfile::tempdir().unwrap();
    let vault = include_str!("../../tests/data/vault/v11.txt");
    write(folder.path(), "hosts", "h\n");
    write(folder.path(), "host_vars/h.yml", vault);
    let list = vec![("default".to_owned(), crate::base::Secret::new("secret pass"))];
    let secrets = Arc::new(crate::vault::Secrets::new(list, crate::vault::IdMatch::Prefer));
    let options = LoadOptions { secrets, ..case_options(folder.path()) };
    let inventory = Inventory::load(&["hosts".into()], options).unwrap();
    let vars = inventory.merged("h").unwrap();
    assert_eq!(vars.get("password").and_then(Value::as_str), Some("hünter2"));
    assert_eq!(format!("{:?}", vars.get("password").unwrap()), "Text(\"****\")");
    assert_eq!(inventory.place("h", "password").unwrap().to_string(), "host_vars/h.yml:2:1");
    let inventory = Inventory::load(&["hosts".into()], case_options(folder.path())).unwrap();
    let mistakes = inventory.layers("h").unwrap_err();
    assert!(
        mistakes.0[0].to_string().starts_with("this is encrypted, and no vault password was given")
    );
}

#[test]
fn settings_change_what_is_read() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "hosts", "[web-eu]\nh\n[all-eu:children]\nweb-eu\n");
    write(folder.path(), "bad.yml", "- x\n");
    write(folder.path(), "group_vars/all.yml", "x: 1\n");
    let load = |source: &str, change: fn(&mut LoadOptions)| {
        let mut options = case_options(folder.path());
        change(&mut options);
        Inventory::load(&[source.to_owned()], options)
    };
    let inventory = load("hosts", |options| options.names = GroupNames::Replace).unwrap();
    assert_eq!(inventory.group_names("h").join(" "), "all_eu web_eu");
    let inventory = load("hosts", |options| options.vars_files = VarsFiles::Ignore).unwrap();
    assert!(inventory.merged("h").unwrap().is_empty());
    let mut inventory = load("bad.yml", |options| options.unreadable = Unreadable::Warn).unwrap();
    assert_eq!(
        inventory.take_warnings()[0].what,
        "an inventory is a map of groups, but this is a list"
    );
    let mistakes = load("hosts", |options| options.enabled = vec!["yaml".into()]).unwrap_err();
    assert_eq!(
        mistakes.0[0].to_string(),
        "the setting `enable_plugins` leaves out inventories of the kind `ini`\n  --> hosts\nhint: it names: yaml"
    );
    let mistakes =
        load("/etc/ansible/hosts", |options| options.missing = Missing::Fail).unwrap_err();
    assert_eq!(mistakes.0[0].what, "No inventory was parsed, only implicit localhost is available");
}

#[test]
fn large_inventories_are_read_quickly() {
    let mut text = String::from("[web]\n");
    for number in 0..10_000 {
        text += &format!(
            "web{number}.example.com ansible_host=10.0.{}.{} rack=r{number} weight={number} tags=['a','b']\n",
            number / 250,
            number % 250
        );
    }
    let start = std::time::Instant::now();
    let inventory = load("hosts", &text).unwrap();
    assert_eq!(inventory.select(&["web*:!web1*".into()], None).unwrap().hosts.len(), 8889);
    // A debug build on a busy machine; a release build takes a twentieth.
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
    eprintln!("{} bytes: {:?}", text.len(), start.elapsed());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_ini_makes_it_panic(text in "[\\[\\]:a-c =,#'\"{}\\\\0-9.\n!&~*-]{0,80}") {
        let _ = load("hosts", &text).is_ok();
    }

    #[test]
    fn no_literal_makes_it_panic(text in "[\\[\\](){}:,'\"a-fxobrTrueN0-9_.+ \\\\#é-]{0,30}") {
        let _ = literal::parse(&text, &|text| Value::text(text));
    }

    #[test]
    fn no_pattern_makes_it_panic(pattern in "[a-w*?\\[\\]:!&~,0-9 .@()-]{0,20}") {
        let inventory = load("hosts", PATTERNS).unwrap();
        let _ = inventory.select(&[pattern], None);
    }

    #[test]
    fn union_intersection_and_exclusion_are_those_of_sets(a in 0..3_usize, b in 0..3_usize) {
        let groups = ["web", "db", "prod"];
        let inventory = load("hosts", PATTERNS).unwrap();
        let hosts = |pattern: String| -> std::collections::BTreeSet<_> {
            inventory.select(&[pattern], None).unwrap().hosts.into_iter().collect()
        };
        let (left, right) = (hosts(groups[a].into()), hosts(groups[b].into()));
        let (a, b) = (groups[a], groups[b]);
        prop_assert_eq!(hosts(format!("{a}:{b}")), left.union(&right).cloned().collect());
        prop_assert_eq!(hosts(format!("{a}:&{b}")), left.intersection(&right).cloned().collect());
        prop_assert_eq!(hosts(format!("{a}:!{b}")), left.difference(&right).cloned().collect());
    }
}
