//! `--extra-vars`: `key=value` words, YAML or JSON text, or `@file`; later ones win.

use std::sync::Arc;

use super::error::Error;
use super::exit::Exit;
use crate::base::split::{split_words, unescape, unquote};
use crate::base::{Lazy, Map, Position, SourceFile, Value};
use crate::config::Environment;
use crate::vault::{self, Secrets};
use crate::yaml::{self, Trust};

const FLAG: &str = "--extra-vars";

/// Returns the variables of all `-e`.
pub(super) fn vars(
    given: &[String],
    environment: &Environment,
    secrets: &Secrets,
) -> Result<Map, Error> {
    let mut all = Map::new();
    for text in given {
        let text = text.trim();
        let more = match text.strip_prefix('@') {
            Some(path) => file(path, environment, secrets)?,
            None => inline(text)?,
        };
        all.extend(more.iter().map(|(key, value)| (key.clone(), value.clone())));
    }
    Ok(all)
}

fn file(path: &str, environment: &Environment, secrets: &Secrets) -> Result<Map, Error> {
    let absolute = environment.path(path, environment.folder());
    let failed = |mistake: crate::base::Mistake| Error::new(Exit::Error, mistake);
    let opened = vault::open_as(&absolute, path, secrets).map_err(failed)?;
    let trust = if opened.is_secret() { Trust::Secrets } else { Trust::Templates };
    let document = yaml::parse_text(opened.text(), &opened.file, trust)?;
    let node = document.single()?;
    match node.map(yaml::Node::to_value) {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Map(map)) => Ok(Arc::unwrap_or_clone(map)),
        Some(other) => Err(not_a_map(&format!("@{path}"), &other)),
    }
}

fn inline(text: &str) -> Result<Map, Error> {
    if text.starts_with(['/', '.']) {
        let what = format!(
            "Please prepend extra_vars filename '{text}' with '@'\nhint: write `-e @{text}` to read variables from a file"
        );
        return Err(Error::new(Exit::BadOptions, what));
    }
    if text.starts_with(['[', '{']) {
        let file = SourceFile::new(FLAG, text);
        let bad = |mistake: crate::base::Mistake| Error::new(Exit::BadOptions, mistake);
        let document = yaml::parse(&file, Trust::Templates).map_err(bad)?;
        return match document.single().map_err(bad)?.map(yaml::Node::to_value) {
            None | Some(Value::Null) => Ok(Map::new()),
            Some(Value::Map(map)) => Ok(Arc::unwrap_or_clone(map)),
            Some(other) => Err(not_a_map(text, &other)),
        };
    }
    pairs(text)
}

fn not_a_map(text: &str, value: &Value) -> Error {
    let what = format!(
        "Invalid extra vars data supplied. '{text}' could not be made into a dictionary: it is of type {}",
        value.type_name()
    );
    Error::new(Exit::BadOptions, what)
}

fn pairs(text: &str) -> Result<Map, Error> {
    let bad = |why: &str| Error::new(Exit::BadOptions, format!("{FLAG} `{text}`: {why}"));
    let file = SourceFile::new(FLAG, text);
    let mut map = Map::new();
    for word in split_words(text).map_err(|why| bad(&why))? {
        // A word without a name is ignored by Ansible; it is nearly always a forgotten quote or `@`.
        let pair = word.split_once('=').filter(|(key, _)| !key.trim().is_empty());
        let Some((key, value)) = pair else {
            return Err(bad(&format!(
                "`{word}` is neither KEY=VALUE nor a dictionary\nhint: quote values with blanks: -e 'key=\"two words\"'; write -e @FILE to read a file"
            )));
        };
        let value = unescape(value.trim());
        let value = unquote(&value);
        let column = u32::try_from(text.find(word.as_str()).unwrap_or(0) + 1).unwrap_or(1);
        let value = if yaml::is_template(value) {
            Value::Lazy(Arc::new(Lazy::template(value, Position::new(&file, 1, column))))
        } else {
            Value::written(value)
        };
        map.insert(key.trim(), value);
    }
    Ok(map)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(given: &[&str], expected: &str) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("v.yml"), "a: 1\nb: [x]\n").unwrap();
        std::fs::write(folder.path().join("list.yml"), "- a\n").unwrap();
        let given: Vec<String> = given.iter().map(|text| (*text).to_owned()).collect();
        let environment = Environment::new(folder.path(), &[]);
        let found = match vars(&given, &environment, &Secrets::default()) {
            Ok(map) => Value::Map(Arc::new(map)).repr(),
            Err(error) => format!("{} {}", error.exit.code(), error.text),
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn words_files_and_texts_are_read() {
        case(&["a=1 b='two words'", "c=\"x y\""], "{'a': '1', 'b': 'two words', 'c': 'x y'}");
        case(&["{\"a\": 1, \"b\": true}"], "{'a': 1, 'b': True}");
        case(&["{a: 1, b: [x]}"], "{'a': 1, 'b': ['x']}");
        case(&["@v.yml", "a=2"], "{'a': '2', 'b': ['x']}");
        case(&[r#"a="say \"hi\"""#, "u=k=v"], r#"{'a': 'say "hi"', 'u': 'k=v'}"#);
        case(&[""], "{}");
    }

    #[test]
    fn what_is_no_dictionary_is_refused() {
        case(
            &["[1]"],
            "5 error: Invalid extra vars data supplied. '[1]' could not be made into a dictionary: it is of type list",
        );
        case(
            &["@list.yml"],
            "5 error: Invalid extra vars data supplied. '@list.yml' could not be made into a dictionary: it is of type list",
        );
        case(
            &["./v.yml"],
            "5 error: Please prepend extra_vars filename './v.yml' with '@'\nhint: write `-e @./v.yml` to read variables from a file",
        );
        case(
            &["a=1 b"],
            "5 error: --extra-vars `a=1 b`: `b` is neither KEY=VALUE nor a dictionary\nhint: quote values with blanks: -e 'key=\"two words\"'; write -e @FILE to read a file",
        );
    }
}
