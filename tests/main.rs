//! The tests that need no root, no network and no container, in one binary; `ssh` is quiet where there is no sshd.
#![expect(clippy::unwrap_used, reason = "what panics in a test fails it")]
#![expect(clippy::print_stderr, reason = "a test that is left out says why")]

mod cli;
mod clusters;
mod common;
mod connection;
mod content;
mod docs;
mod end_to_end;
mod faults;
mod files;
mod fuzz;
mod layers;
mod mistakes;
mod modules;
mod registry;
mod ssh;

/// Every file beside this one is a module above: with `autotests = false` nobody else would notice a forgotten one.
#[test]
fn no_test_file_is_forgotten() {
    let listed: Vec<String> = include_str!("main.rs")
        .lines()
        .filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';').map(String::from))
        .collect();
    for path in common::files_below("tests", |path| path.extension().is_some_and(|ext| ext == "rs"))
    {
        let rest = path.strip_prefix("tests").unwrap();
        let first = rest.components().next().unwrap().as_os_str().to_string_lossy().into_owned();
        let name = first.trim_end_matches(".rs").to_owned();
        assert!(
            name == "main" || listed.contains(&name),
            "{} is no module of tests/main.rs",
            path.display()
        );
    }
}
