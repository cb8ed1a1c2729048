use super::*;
use crate::base::SourceFile;

/// Returns the entries of a text with a line an entry: `name`, or `name: needs`, deeper by two blanks below an import,
/// which ends with `/`.
fn entries(text: &str) -> Vec<Entry> {
    let lines: Vec<&str> = text.lines().collect();
    below(&lines, &mut 0)
}

fn below(lines: &[&str], plays: &mut usize) -> Vec<Entry> {
    let depth = |line: &str| line.len() - line.trim_start().len();
    let Some(first) = lines.first().map(|line| depth(line)) else { return Vec::new() };
    let mut entries = Vec::new();
    for (number, line) in lines.iter().enumerate().filter(|(_, line)| depth(line) == first) {
        let (name, needs) =
            line.trim().split_once(':').map_or((line.trim(), None), |(name, needs)| {
                let needs = needs.split_whitespace().map(|name| Need {
                    name: name.to_owned(),
                    at: Position::new(&SourceFile::new("site.yml", ""), 1, 1),
                });
                (name, Some(needs.collect()))
            });
        let rest = &lines[number + 1..];
        let end = rest.iter().position(|line| depth(line) <= first).unwrap_or(rest.len());
        let parts = match name.strip_suffix('/') {
            Some(_) => Parts::Several(below(&rest[..end], plays)),
            None => {
                *plays += 1;
                Parts::Play(*plays - 1)
            }
        };
        let name = name.trim_end_matches('/').to_owned();
        entries.push(Entry { name: Some(name).filter(|name| !name.is_empty()), needs, parts });
    }
    entries
}

fn count(entries: &[Entry]) -> usize {
    let mut all = BTreeSet::new();
    entries.iter().for_each(|entry| entry.collect(&mut all));
    all.len()
}

#[track_caller]
fn case(text: &str, after: &[&[usize]], beside: &[usize]) {
    let entries = entries(text);
    let mut mistakes = Mistakes::default();
    let placed = placed(&entries, count(&entries), &mut mistakes);
    assert!(mistakes.is_empty(), "{:?}", mistakes.0);
    let found: Vec<Vec<usize>> =
        placed.iter().map(|play| play.after.iter().copied().collect()).collect();
    assert_eq!(found, after);
    let found: Vec<usize> = (0..placed.len()).filter(|number| placed[*number].beside).collect();
    assert_eq!(found, beside);
}

#[track_caller]
fn wrong(text: &str, expected: &str) {
    let entries = entries(text);
    let mut mistakes = Mistakes::default();
    placed(&entries, count(&entries), &mut mistakes);
    let found: Vec<String> = mistakes
        .0
        .iter()
        .map(|one| {
            [&[one.what.as_str(), &one.label][..], &[&one.hints.join(" ")]].concat().join("|")
        })
        .collect();
    assert_eq!(found, [expected]);
}

#[test]
fn without_the_word_each_play_waits_for_all_before_it() {
    case("a\nb\nc", &[&[], &[0], &[0, 1]], &[]);
}

#[test]
fn a_play_waits_for_those_it_needs_and_for_what_they_need() {
    case("a\nb: a\nc: a\nd", &[&[], &[0], &[0], &[0, 1, 2]], &[1, 2]);
    case("a\nb: a\nc: b\nd: a c", &[&[], &[0], &[0, 1], &[0, 1, 2]], &[]);
    case("a\nb:\nc: a", &[&[], &[], &[0]], &[0, 1, 2]);
}

#[test]
fn an_import_is_needed_and_needs_as_a_whole() {
    let site = "docker/\n  docker\nredis/: docker\n  checks\n  redis\nmongo/: docker\n  checks\n  mongo\nnote";
    case(site, &[&[], &[0], &[0, 1], &[0], &[0, 3], &[0, 1, 2, 3, 4]], &[1, 2, 3, 4]);
}

#[test]
fn inside_of_an_import_nothing_begins_before_the_import_does() {
    case("a\nb/\n  c:\n  d:\n  e", &[&[], &[0], &[0], &[0, 1, 2]], &[1, 2]);
}

#[test]
fn names_mean_the_nearest() {
    // Each file has its own `checks`; seen from outside they are two.
    let site = "one/\n  checks\n  redis: checks\ntwo/:\n  checks\n  mongo: checks";
    case(site, &[&[], &[0], &[], &[2]], &[0, 1, 2, 3]);
    wrong(
        &format!("{site}\nlast: checks"),
        "2 plays are called `checks`||give the one that is needed a name of its own, or name what imports it",
    );
    // The import and its play have one name: the import is meant.
    case("redis/\n  redis\n  verify\nnote: redis", &[&[], &[0], &[0, 1]], &[]);
    case("docker/\n  engine\n  tools\nredis: engine", &[&[], &[0], &[0]], &[1, 2]);
}

#[test]
fn what_cannot_be_needed() {
    wrong("a: a", "a play cannot need itself||");
    wrong("a/: b\n  b", "a play cannot need itself||");
    wrong("a/\n  b: a", "a play cannot need itself||");
    wrong(
        "a: b\nb",
        "`b` stands below the play that needs it||a play can need what stands above it: move it up",
    );
    wrong(
        "docker\nredis: dokcer",
        "no play of this run is called `dokcer`|did you mean `docker`?|",
    );
    wrong(
        "redis: docker",
        "no play of this run is called `docker`||what only a larger run has is needed by its import: write `needs` below `import_playbook`",
    );
}

#[test]
fn of_plays_with_one_name_the_import_is_told() {
    let titles = |text: &str| {
        let entries = entries(text);
        let placed = placed(&entries, count(&entries), &mut Mistakes::default());
        placed.iter().map(Placed::title).collect::<Vec<_>>().join(", ")
    };
    let site = "docker\nredis/: docker\n  checks\n  form\nmongo/: docker\n  checks\nnote";
    assert_eq!(titles(site), "docker, redis: checks, form, mongo: checks, note");
    // One after the other, as in Ansible.
    assert_eq!(titles("redis/\n  checks\nmongo/\n  checks"), "checks, checks");
}
