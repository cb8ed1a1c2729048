//! What preflight sees without evaluating.

use super::World;
use crate::base::{Position, SourceFile};
use crate::template::{RenderOptions, Source, TextKind};

#[track_caller]
fn case(line: &str, text: &str, kind: TextKind, expected: &[&str]) {
    let file = SourceFile::new("t.yml", line);
    let column = line.find(text).map_or(1, |at| line[..at].chars().count() + 1);
    let at = Position::new(&file, 1, u32::try_from(column).unwrap());
    let mistakes = World::default().engine().check(text, &at, kind);
    let shown: Vec<String> = mistakes
        .iter()
        .map(|mistake| {
            format!("{}:{} {} [{}]", mistake.at.column, mistake.width, mistake.what, mistake.label)
        })
        .collect();
    assert_eq!(shown, expected);
}

#[test]
fn unknown_names_are_found_where_they_stand() {
    let template = TextKind::Template;
    case(
        "a: '{{ x | uper | lower }}'",
        "{{ x | uper | lower }}",
        template,
        &["12:4 there is no filter `uper` [did you mean `upper`?]"],
    );
    case(
        "a: x {{ y is defiend }}",
        "x {{ y is defiend }}",
        template,
        &["14:7 there is no test `defiend` [did you mean `defined`?]"],
    );
    case(
        "a: {{ lookup('fiel', x) }}",
        "{{ lookup('fiel', x) }}",
        template,
        &["15:4 there is no lookup `fiel` [did you mean `file`?]"],
    );
    case(
        "a: {{ x | ansible.builtin.b64encode | ansible.builtin.combine({}) }}",
        "{{ x | ansible.builtin.b64encode | ansible.builtin.combine({}) }}",
        template,
        &[],
    );
    let condition = TextKind::Condition;
    case(
        "when: x is sucess and y | nope",
        "x is sucess and y | nope",
        condition,
        &[
            "12:6 there is no test `sucess` [did you mean `success`?]",
            "27:4 there is no filter `nope` []",
        ],
    );
    case(
        "when: x = 1",
        "x = 1",
        condition,
        &["9:1 Syntax error in expression: chunk after expression []"],
    );
    case(
        "when: '{{ x | nope }}'",
        "{{ x | nope }}",
        condition,
        &["15:4 there is no filter `nope` []"],
    );
}

#[test]
fn files_are_checked_whole() {
    let text = "a\n{% for x in y %}\n{% if x %}\n{{ x }}\n{% endfor %}\n";
    let source = Source { text: text.into(), path: "t.j2".to_owned() };
    let mistakes = World::default().engine().check_source(&source, &RenderOptions::default());
    assert_eq!(mistakes.len(), 1);
    assert_eq!((mistakes[0].at.line, mistakes[0].at.column), (5, 4), "{}", mistakes[0]);
}
