//! Random documents give what PyYAML gives, or are refused as it refuses them.
//!
//! `PYYAML_PYTHON` names a Python with PyYAML 6; without one the test is left out, unless `integration/yaml.sh` has made
//! one. `YAML_DOCUMENTS` says how many documents are tried, `YAML_SEED` which ones.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use super::{canon, generate};
use crate::base::Value;
use crate::yaml::events::GIVEN_UP;
use crate::yaml::values_of;

/// How many documents are sent at once.
const BATCH: u64 = 200;

/// How many differences are shown.
const SHOWN: usize = 12;

/// PyYAML in a process of its own.
struct Python {
    child: Child,
    ask: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Python {
    fn start(program: &Path) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/yaml/tests/pyyaml.py");
        let mut command = Command::new(program);
        let pipes = command.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = pipes.env("PYTHONUTF8", "1").spawn().unwrap();
        let ask = child.stdin.take().unwrap();
        let answers = BufReader::new(child.stdout.take().unwrap());
        Self { child, ask, answers }
    }

    fn values(&mut self, texts: &[String]) -> Vec<Option<String>> {
        writeln!(self.ask, "{}", serde_json::to_string(texts).unwrap()).unwrap();
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }

    /// Makes a text that differs as small as it gets.
    fn smallest(&mut self, mut text: String) -> String {
        loop {
            let chars: Vec<char> = text.chars().collect();
            let mut size = chars.len() / 2;
            let mut smaller = None;
            while size > 0 && smaller.is_none() {
                let without = |start: usize| {
                    let end = (start + size).min(chars.len());
                    chars[..start].iter().chain(&chars[end..]).collect::<String>()
                };
                let texts: Vec<String> = (0..chars.len()).step_by(size).map(without).collect();
                let theirs = self.values(&texts);
                let mut answers = texts.into_iter().zip(theirs);
                let differs = answers.find(|(text, value)| differs(text, value));
                smaller = differs.map(|(text, _)| text);
                size /= 2;
            }
            match smaller {
                Some(smaller) => text = smaller,
                None => return text,
            }
        }
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn ours(text: &str) -> Option<String> {
    values_of(text).ok().map(|values| canon(&Value::list(values)))
}

/// Returns whether PyYAML says something else. What `docs/differences.md` names does not count: an alias inside of the
/// node that its anchor names, very deep nesting, and a comma right behind a tag, at which the parser gives up.
fn differs(text: &str, theirs: &Option<String>) -> bool {
    let known = ["stands inside what", "nested deeper than"];
    let wanted = |what: &str| known.iter().any(|known| what.contains(known)) || what == GIVEN_UP;
    ours(text) != *theirs && !values_of(text).is_err_and(|error| wanted(&error.what))
}

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}

fn python() -> Option<PathBuf> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/pyyaml/bin/python");
    let given = std::env::var_os("PYYAML_PYTHON").map(PathBuf::from);
    given.or_else(|| own.exists().then_some(own))
}

#[test]
fn random_documents_are_what_pyyaml_makes_of_them() {
    let Some(program) = python() else { return };
    let mut python = Python::start(&program);
    let (count, first) = (number("YAML_DOCUMENTS", 4000), number("YAML_SEED", 1) << 32);
    let mut wrong = Vec::new();
    let mut refused = 0;
    for start in (0..count).step_by(usize::try_from(BATCH).unwrap()) {
        let seeds = first + start..first + count.min(start + BATCH);
        let texts: Vec<String> = seeds.map(generate::text).collect();
        for (text, value) in texts.iter().zip(python.values(&texts)) {
            refused += usize::from(value.is_none());
            if wrong.len() < SHOWN && differs(text, &value) {
                wrong.push(text.clone());
            }
        }
        if wrong.len() >= SHOWN {
            break;
        }
    }
    println!("{count} documents, of which PyYAML refuses {refused}");
    let shown: Vec<String> = wrong
        .into_iter()
        .map(|text| {
            let text = python.smallest(text);
            let theirs = python.values(std::slice::from_ref(&text)).remove(0);
            let error = values_of(&text).err().map(|error| error.what);
            format!("{text:?}\n  PyYAML {theirs:?}\n  ours   {:?} {error:?}", ours(&text))
        })
        .collect();
    assert!(shown.is_empty(), "differences:\n{}", shown.join("\n"));
}
