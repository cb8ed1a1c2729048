//! `fcplay vault`.

use std::os::unix::fs::PermissionsExt;

use super::Bench;

fn bench() -> Bench {
    Bench::new(&[("pw", "secret\n"), ("new", "other\n"), ("f.yml", "a: 1\n")])
}

#[test]
fn a_file_goes_in_and_comes_out() {
    let bench = bench();
    bench.case("vault encrypt --vault-password-file pw f.yml", "--- exit 0\n");
    assert!(bench.read("f.yml").starts_with("$ANSIBLE_VAULT;1.1;AES256\n"));
    bench.case("vault view --vault-password-file pw f.yml", "a: 1\n--- exit 0\n");
    bench.case(
        "vault encrypt --vault-password-file pw f.yml",
        "--- stderr\nerror: input is already encrypted\n--- exit 1\n",
    );
    bench.case(
        "vault rekey --vault-password-file pw --new-vault-password-file new f.yml",
        "--- stderr\nRekey successful\n--- exit 0\n",
    );
    bench.case("vault decrypt --vault-password-file new --output - f.yml", "a: 1\n--- exit 0\n");
    bench.case("vault decrypt --vault-password-file new f.yml", "--- exit 0\n");
    assert_eq!(bench.read("f.yml"), "a: 1\n");
    bench.case(
        "vault decrypt --vault-password-file new f.yml",
        "--- stderr\nerror: Input is not vault encrypted data. for f.yml\n--- exit 1\n",
    );
}

#[test]
fn an_editor_changes_a_file() {
    let bench = bench();
    bench.write("editor", "#!/bin/sh\necho 'b: 2' >>\"$1\"\n");
    let editor = bench.path().join("editor");
    std::fs::set_permissions(&editor, std::fs::Permissions::from_mode(0o755)).unwrap();
    let vars = [("EDITOR", editor.to_str().unwrap())];
    bench.case("vault encrypt --vault-id dev@pw f.yml", "--- exit 0\n");
    let found = bench.run_with("vault edit --vault-id dev@pw f.yml", &vars, "");
    assert_eq!(found, "--- exit 0\n");
    assert!(bench.read("f.yml").starts_with("$ANSIBLE_VAULT;1.2;AES256;dev\n"));
    bench.case("vault view --vault-id dev@pw f.yml", "a: 1\nb: 2\n--- exit 0\n");
    let found = bench.run_with("vault create --skip-tty-check --vault-id dev@pw n.yml", &vars, "");
    assert_eq!(found, "--- exit 0\n");
    bench.case("vault view --vault-id dev@pw n.yml", "b: 2\n--- exit 0\n");
}

#[test]
fn a_text_becomes_a_value_that_a_run_can_read() {
    let bench = bench();
    let text = bench.run("vault encrypt_string --vault-id dev@pw s3cret -n word");
    let text = text.strip_suffix("--- exit 0\n").unwrap();
    assert!(
        text.starts_with("word: !vault |\n          $ANSIBLE_VAULT;1.2;AES256;dev\n"),
        "{text}"
    );
    bench.write("vars.yml", text);
    bench.write(
        "site.yml",
        "- hosts: localhost\n  gather_facts: false\n  tasks:\n    - copy: {content: '{{ word }}', dest: '{{ playbook_dir }}/made'}\n",
    );
    let found = bench.run("-i localhost, -c local site.yml -e @vars.yml --vault-id dev@pw");
    assert!(found.ends_with("--- exit 0\n") && !found.contains("s3cret"), "{found}");
    assert_eq!(bench.read("made"), "s3cret");
}

#[test]
fn several_passwords_need_a_choice() {
    bench().case(
        "vault encrypt --vault-id a@pw --vault-id b@new f.yml",
        "--- stderr\nerror: there are vault passwords for `a` and `b`; say which one encrypts: --encrypt-vault-id ID\n\
         --- exit 5\n",
    );
}

#[test]
fn secrets_are_made_once_beside_the_inventory() {
    let bench = Bench::new(&[
        ("pw", "secret\n"),
        ("inv/hosts", "a ansible_connection=local\nb ansible_connection=local\n"),
        ("inv/group_vars/all.yml", "db: \"{{ lookup('fcplay.vault.secret', 'db_password') }}\"\n"),
        (
            "site.yml",
            "- hosts: all\n  gather_facts: false\n  tasks:\n    - copy: {content: '{{ db }}', dest: '{{ playbook_dir }}/{{ inventory_hostname }}'}\n",
        ),
    ]);
    let hidden = bench.run("site.yml -i inv --vault-password-file pw");
    assert!(hidden.contains("move it to"), "{hidden}");
    std::fs::create_dir(bench.path().join("inv/group_vars/all")).unwrap();
    let all = bench.path().join("inv/group_vars/all.yml");
    std::fs::rename(all, bench.path().join("inv/group_vars/all/main.yml")).unwrap();

    let kept = bench.path().join("inv/group_vars/all/secrets.yml");
    let without = bench.run("site.yml -i inv");
    assert!(without.contains("--vault-password-file"), "{without}");
    bench.run("site.yml -i inv --check --vault-password-file pw");
    assert!(!kept.exists(), "a check writes nothing");

    let first = bench.run("site.yml -i inv --vault-password-file pw");
    assert!(first.ends_with("--- exit 0\n"), "{first}");
    assert_eq!(bench.read("a"), bench.read("b"));
    let again = bench.run("site.yml -i inv --vault-password-file pw");
    assert!(again.contains("changed=0"), "{again}");
    let found = bench.run("vault view --vault-password-file pw inv/group_vars/all/secrets.yml");
    assert_eq!(found, format!("db_password: {}\n--- exit 0\n", bench.read("a")));
}
