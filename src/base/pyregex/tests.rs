use super::*;

#[track_caller]
fn finds(pattern: &str, flags: Flags, text: &str, expected: &[&str]) {
    let pattern = Pattern::new(pattern, flags).unwrap();
    let got: Vec<_> = pattern.find_iter(text).map(|found| found.unwrap().as_str()).collect();
    assert_eq!(got, expected, "{pattern:?} in {text:?}");
}

#[track_caller]
fn replaces(pattern: &str, by: &str, text: &str, expected: &str) {
    let (got, _) = Pattern::new(pattern, Flags::NONE).unwrap().replace_all(text, by, 0).unwrap();
    assert_eq!(got, expected, "{pattern:?} by {by:?} in {text:?}");
}

#[test]
fn the_end_is_before_a_last_line_feed_too() {
    finds("o$", Flags::NONE, "foo\n", &["o"]);
    finds("o$", Flags::NONE, "foo\nboo\n", &["o"]);
    finds("o$", Flags::MULTILINE, "fo\nbo\n", &["o", "o"]);
    finds(r"o\Z", Flags::NONE, "foo\n", &[]);
    finds("$", Flags::NONE, "a\n", &["", ""]);
    replaces("$", "x", "a\n", "ax\nx");
    finds("^a", Flags::NONE, "a\na", &["a"]);
    finds("(?m)^a", Flags::NONE, "a\na", &["a", "a"]);
}

#[test]
fn empty_matches_follow_python() {
    replaces("x*", "-", "abxd", "-a-b--d-");
    finds("x*", Flags::NONE, "axx", &["", "xx", ""]);
    replaces("", "-", "é", "-é-");
    let pattern = Pattern::new("x*", Flags::NONE).unwrap();
    assert_eq!(
        pattern.split("axbc", 0).unwrap(),
        [Some(""), Some("a"), Some(""), Some("b"), Some("c"), Some("")]
    );
}

#[test]
fn classes_and_braces_mean_what_they_mean_in_python() {
    finds("[[a]+", Flags::NONE, "[a]", &["[a"]);
    finds("[]a]+", Flags::NONE, "]a[", &["]a"]);
    finds("[a&&b]+", Flags::NONE, "a&b", &["a&b"]);
    finds(r"[\w.-]+", Flags::NONE, "a-b.c d", &["a-b.c", "d"]);
    finds(r"[^\]]+", Flags::NONE, "a]b", &["a", "b"]);
    finds(r"[+--]+", Flags::NONE, "+,-.", &["+,-"]);
    finds("a{", Flags::NONE, "a{b", &["a{"]);
    finds("{{ x }}", Flags::NONE, "{{ x }}", &["{{ x }}"]);
    finds("a{,2}b", Flags::NONE, "aab", &["aab"]);
    finds(r"\<b\>", Flags::NONE, "<b>", &["<b>"]);
    finds(r"\/\-\ \#\041", Flags::NONE, "/- #!", &["/- #!"]);
    finds(r"\x41\u00e9", Flags::NONE, "Aé", &["Aé"]);
}

#[test]
fn groups_references_and_conditions() {
    finds(r"(?P<q>['\x22]).*?(?P=q)", Flags::NONE, "'a' \"b\"", &["'a'", "\"b\""]);
    finds(r"(a)\1(?:0)", Flags::NONE, "aa0", &["aa0"]);
    finds(r"(<)?b(?(1)>|!)", Flags::NONE, "<b> b!", &["<b>", "b!"]);
    finds(r"(?<!a)b(?=c)", Flags::NONE, "abc bc", &["b"]);
    finds("(?x) a  b # c\n c", Flags::NONE, "abc", &["abc"]);
    finds("(?i:a)B(?#note)", Flags::NONE, "AB", &["AB"]);
}

#[test]
fn mistakes_are_named() {
    for (pattern, why) in [
        ("(a", "missing ), unterminated subpattern"),
        ("a)", "unbalanced parenthesis"),
        ("[a", "unterminated character set"),
        (r"(a)\2", "invalid group reference 2"),
        (r"\q", "bad escape \\q"),
        ("a(?i)", "global flags not at the start of the expression"),
    ] {
        let error = Pattern::new(pattern, Flags::NONE).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("`{pattern}` is not a valid regular expression: {why}")
        );
    }
    let pattern = Pattern::new("(a)", Flags::NONE).unwrap();
    let error = pattern.replace_all("a", r"\2", 0).unwrap_err();
    assert_eq!(error.to_string(), r"`\2` is not a valid replacement: invalid group reference 2");
}

#[test]
fn whole_and_start() {
    let pattern = Pattern::new("a|ab", Flags::NONE).unwrap();
    assert_eq!(pattern.match_("ab").unwrap().unwrap().as_str(), "a");
    assert_eq!(pattern.fullmatch("ab").unwrap().unwrap().as_str(), "ab");
    assert!(pattern.fullmatch("ab\n").unwrap().is_none());
    assert!(pattern.match_("xa").unwrap().is_none());
    assert_eq!(escape("a.b-c d/é"), r"a\.b\-c\ d/é");
}

#[test]
fn replacements_are_python_s() {
    replaces(r"(\w)=(\w)", r"\2=\1", "a=b", "b=a");
    replaces(r"(?P<k>\w)=", r"\g<k>:\g<1>\g<0>", "a=b", "a:aa=b");
    replaces("a(b)?", r"<\1>", "ab a", "<b> <>");
    replaces("a", r"\n\\\.", "a", "\n\\\\.");
}

/// Patterns run by Python: `[pattern, flags, text, replacement, spans of all groups of all matches, text replaced]`,
/// with null in place of the last two where Python refuses the pattern or the replacement.
#[cfg(feature = "controller")]
#[test]
fn python_agrees() {
    let cases: Vec<serde_json::Value> =
        serde_json::from_str(include_str!("../../../tests/data/pyregex.json")).unwrap();
    let mut wrong = Vec::new();
    for case in &cases {
        let (source, text) = (case[0].as_str().unwrap(), case[2].as_str().unwrap());
        let flags = Flags(u8::try_from(case[1].as_u64().unwrap()).unwrap());
        let (spans, replaced) = match Pattern::new(source, flags) {
            Err(_) => (serde_json::Value::Null, serde_json::Value::Null),
            Ok(pattern) => {
                let spans: Vec<Vec<Option<(usize, usize)>>> = pattern
                    .find_iter(text)
                    .map(|found| {
                        found
                            .unwrap()
                            .spans
                            .iter()
                            .map(|span| span.clone().map(|s| (s.start, s.end)))
                            .collect()
                    })
                    .collect();
                let replaced = pattern
                    .replace_all(text, case[3].as_str().unwrap(), 0)
                    .ok()
                    .map(|(text, _)| text);
                (serde_json::to_value(spans).unwrap(), replaced.into())
            }
        };
        if (&spans, &replaced) != (&case[4], &case[5]) {
            wrong.push(format!("{case}\n   got {spans} {replaced}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}
