//! `fcplay doc`.

use super::Bench;

#[test]
fn a_list_has_one_line_a_module() {
    Bench::new(&[]).case(
        "doc -l builtin.ping",
        "ping  Answers, when a host can be reached and used.\n--- exit 0\n",
    );
}

#[test]
fn every_module_has_a_page() {
    let bench = Bench::new(&[]);
    let list = bench.run("doc -l");
    let names: Vec<&str> = list
        .lines()
        .filter(|line| !line.starts_with("---"))
        .filter_map(|line| line.split(' ').next())
        .collect();
    assert!(names.len() > 20, "{list}");
    let pages = bench.run(&format!("doc {}", names.join(" ")));
    assert!(pages.ends_with("--- exit 0\n"), "{pages}");
    assert_eq!(pages.lines().filter(|line| *line == "Arguments").count(), names.len());
}
