//! What is wrong before a run: options, files, playbooks.

use super::Bench;

#[test]
fn the_version_is_one_line() {
    let expected = format!("fcplay {}\n--- exit 0\n", env!("CARGO_PKG_VERSION"));
    Bench::new(&[]).case("--version", &expected);
}

#[test]
fn an_unknown_flag_comes_with_a_guess() {
    Bench::new(&[]).case(
        "--chekc site.yml",
        "--- stderr\nerror: there is no option `--chekc`; did you mean `--check`?\n\
         hint: `fcplay --help` shows all options\n--- exit 5\n",
    );
}

#[test]
fn a_flag_with_a_bad_value_is_a_bad_option() {
    let found = Bench::new(&[]).run("-f zero site.yml");
    assert!(found.contains("invalid value 'zero' for '--forks <NUMBER>'"), "{found}");
    assert!(found.ends_with("--- exit 5\n"), "{found}");
}

#[test]
fn a_playbook_that_is_not_there_is_named() {
    Bench::new(&[("playbooks/deploy.yml", "[]\n")]).case(
        "deplyo",
        "--- stderr\nerror: the playbook: deplyo could not be found; did you mean `playbooks/deploy.yml`?\n\
         hint: looked for `deplyo`, `deplyo.yml`, `deplyo.yaml`, `playbooks/deplyo`, `playbooks/deplyo.yml` and \
         `playbooks/deplyo.yaml`\n--- exit 1\n",
    );
}

#[test]
fn an_inventory_that_is_not_there_ends_the_run() {
    Bench::new(&[("site.yml", "[]\n")]).case(
        "-i prdo site.yml",
        "--- stderr\nerror: there is no inventory `prdo`: neither `prdo` nor `inventory/prdo` exists\n\
         hint: for a host without an inventory write its name and a comma: `-i web1,`\n\n\
         1 mistake; nothing was touched.\n--- exit 4\n",
    );
}

#[test]
fn a_limit_without_hosts_ends_the_run() {
    Bench::new(&[("site.yml", "- hosts: all\n")]).case(
        "-i web1,web2, -l wbe1 site.yml",
        "--- stderr\nerror: Specified inventory, host pattern and/or --limit leaves us with no hosts to target.\n\
         hint: `wbe1` is no host and no group; did you mean `web1`?\n--- exit 1\n",
    );
}

#[test]
fn a_bad_setting_is_a_bad_option() {
    let bench = Bench::new(&[("site.yml", "[]\n"), ("ansible.cfg", "[defaults]\nforks = many\n")]);
    bench.case(
        "site.yml",
        "--- stderr\nerror: `forks` must be a whole number, not `many`\n  --> ansible.cfg:2:1\n  |\n\
         2 | forks = many\n  | ^^^^^\n\n1 mistake in 1 file; nothing was touched.\n--- exit 5\n",
    );
}

#[test]
fn text_that_is_no_yaml_is_shown_with_its_place() {
    Bench::new(&[("site.yml", "- hosts: all\n  tasks: [\n")]).case(
        "-i a, --syntax-check site.yml",
        "--- stderr\nerror: this is not valid YAML: did not find expected node content (while parsing a flow node)\n  \
         --> site.yml:3:1\n\n1 mistake in 1 file; nothing was touched.\n--- exit 4\n",
    );
}

#[test]
fn all_mistakes_are_shown_at_once() {
    let site = "- hosts: all\n  tasks:\n    - cpoy: {src: a, dest: b}\n    - ping: {dta: x}\n";
    let found = Bench::new(&[("site.yml", site)]).run("-i a, site.yml");
    assert!(found.contains("did you mean `copy`?"), "{found}");
    assert!(found.contains("`ping` has no argument `dta`"), "{found}");
    assert!(
        found.ends_with("\n\n2 mistakes in 1 file; nothing was touched.\n--- exit 4\n"),
        "{found}"
    );
}

#[test]
fn extra_variables_that_are_none_are_bad_options() {
    Bench::new(&[("site.yml", "[]\n")]).case(
        "-i a, site.yml -e '[1]'",
        "--- stderr\nerror: Invalid extra vars data supplied. '[1]' could not be made into a dictionary: \
         it is of type list\n--- exit 5\n",
    );
}

#[test]
fn a_vault_password_that_is_not_there_is_an_error() {
    let found =
        Bench::new(&[("site.yml", "[]\n")]).run("-i a, site.yml --vault-password-file nope");
    assert!(
        found.starts_with(
            "--- stderr\nerror: cannot read the vault password file `nope`: No such file"
        ),
        "{found}"
    );
    assert!(found.ends_with("--- exit 1\n"), "{found}");
}
