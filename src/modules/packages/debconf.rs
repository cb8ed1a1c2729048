//! `debconf`: answers the questions that Debian packages ask when they are configured.

use std::path::Path;

use crate::base::{Map, Value};
use crate::module::{Check, Diff, Example, Failure, Job, Module, Outcome, Return, Rule, Spec};
use crate::system::{Command, Look};
use crate::{arguments, choices};

choices! {
    /// What kind of question it is.
    pub(super) enum Kind {
        Boolean = "boolean",
        Error = "error",
        Multiselect = "multiselect",
        Note = "note",
        Password = "password",
        Seen = "seen",
        Select = "select",
        String = "string",
        Text = "text",
        Title = "title",
    }
}

arguments! {
    /// Arguments of `debconf`.
    pub(super) struct Args {
        /// The package.
        name ["pkg"]: String,
        /// The question; without one all answers of the package are told.
        question ["selection", "setting"]: Option<String>,
        /// Whether the question is asked all the same when the package is configured.
        unseen: bool = false,
        /// The answer; for `multiselect` a list, whose order does not matter, or text with commas.
        value ["answer"]: Option<Value>,
        /// What kind of question it is.
        vtype: Option<Kind>,
    }
}

/// The module.
pub(super) struct Debconf;

impl Module for Debconf {
    const SPEC: &'static Spec = &Spec {
        name: "debconf",
        summary: "Answers the questions of Debian packages.",
        check: Check::Full,
        diff: true,
        rules: &[Rule::Together(&["question", "vtype", "value"])],
        examples: &[
            Example {
                about: "Choose the locale.",
                task: "debconf: {name: locales, question: locales/default_environment_locale, value: C.UTF-8, vtype: select}",
            },
            Example { about: "Ask for all answers.", task: "debconf: {name: tzdata}" },
        ],
        returns: &[
            Return { name: "current", about: "The answers as they are now." },
            Return { name: "previous", about: "The answer before." },
        ],
        ..Spec::BASE
    };
    type Args = Args;

    fn run(args: Args, job: &mut Job<'_>) -> Result<Outcome, Failure> {
        let answers = answers(&args.name, job.look())?;
        let (Some(question), Some(kind)) = (&args.question, args.vtype) else {
            let reason = "the answers were asked for, none is to be changed";
            return Ok(Outcome::same(reason).with("current", answers));
        };
        let given = args.value.clone().unwrap_or_default();
        let value = written(kind, &given)?;
        let mut before = answers.get(question.as_str()).map(ToString::to_string);
        if kind == Kind::Password {
            before = password(question, job.look())?;
        }
        if before.as_deref().is_some_and(|before| is_same(kind, &given, &value, before)) {
            let reason = "the question has that answer already";
            return Ok(Outcome::same(reason).with("current", answers));
        }
        let hide = |text: &str| match kind {
            Kind::Password => Value::secret(text),
            _ => Value::text(text),
        };
        let pair = |value: Value| Value::map([(question.as_str(), value)]);
        let previous = pair(hide(&before.unwrap_or_default()));
        let current = pair(hide(&value));
        let diff = Diff::values(args.name.as_str(), previous.clone(), current.clone());
        let line = format!("{} {question} {} {value}\n", args.name, kind.word());
        let mut words = vec!["debconf-set-selections"];
        words.extend(args.unseen.then_some("-u"));
        let command = Command::new(words).stdin(line);
        let output = job.change(diff, |act| Ok(act.run(&command)?))?;
        match output {
            Some(output) if !output.success() => {
                Err(Failure::program(output.err().trim(), &output))
            }
            _ => Ok(Outcome::done().with("current", current).with("previous", previous)),
        }
    }
}

/// Returns an answer as debconf keeps it.
fn written(kind: Kind, value: &Value) -> Result<String, Failure> {
    match (kind, value) {
        (Kind::Multiselect, Value::List(list)) => {
            let wrong = list.iter().find(|item| item.as_str().is_none());
            if let Some(wrong) = wrong {
                return Err(Failure::new(format!(
                    "Invalid value provided for 'multiselect': {} is no text",
                    wrong.repr()
                )));
            }
            Ok(list.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))
        }
        (Kind::Boolean, Value::Bool(_) | Value::Text(_)) => Ok(value.to_string().to_lowercase()),
        (_, other) => Ok(other.to_string()),
    }
}

/// Returns whether an answer is the one that is there; lists have no order.
fn is_same(kind: Kind, given: &Value, value: &str, before: &str) -> bool {
    if kind == Kind::Multiselect && given.as_list().is_some() {
        let sorted = |text: &str| {
            let mut words: Vec<String> =
                text.split(',').map(|word| word.trim().to_owned()).collect();
            words.sort_unstable();
            words
        };
        return sorted(value) == sorted(before);
    }
    if kind == Kind::Boolean { value.eq_ignore_ascii_case(before) } else { value == before }
}

/// Returns all answers of a package.
fn answers(package: &str, look: &dyn Look) -> Result<Map, Failure> {
    let output = look.query(&Command::new(["debconf-show", package]).env("LC_ALL", "C.UTF-8"))?;
    if !output.success() {
        return Err(Failure::program(output.err().trim(), &output));
    }
    Ok(output
        .out()
        .lines()
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.trim_matches(['*', ' ']).to_owned(), value.trim().into()))
        .collect())
}

/// Returns a password, which `debconf-show` leaves out.
fn password(question: &str, look: &dyn Look) -> Result<Option<String>, Failure> {
    let content = look.read(Path::new("/var/cache/debconf/passwords.dat"))?.unwrap_or_default();
    Ok(password_in(&String::from_utf8_lossy(&content), question))
}

fn password_in(text: &str, question: &str) -> Option<String> {
    let field = |stanza: &str, name: &str| {
        let lines = stanza.lines().filter_map(|line| line.split_once(':'));
        let mut found = lines.filter(|(field, _)| *field == name);
        found.next().map(|(_, value)| value.trim().to_owned())
    };
    text.split("\n\n")
        .find(|stanza| field(stanza, "Name").as_deref() == Some(question))
        .and_then(|stanza| field(stanza, "Value"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_compared_as_what_they_are() {
        #[track_caller]
        fn case(kind: Kind, given: Value, before: &str, expected: bool) {
            let value = written(kind, &given).unwrap();
            assert_eq!(is_same(kind, &given, &value, before), expected);
        }
        case(Kind::Boolean, true.into(), "true", true);
        case(Kind::Boolean, "FALSE".into(), "true", false);
        let list = || Value::list(["b".into(), "a".into()]);
        case(Kind::Multiselect, list(), "a, b", true);
        case(Kind::Multiselect, "b, a".into(), "a, b", false);
        case(Kind::String, 8080.into(), "8080", true);
        assert!(written(Kind::Multiselect, &Value::list([Value::Int(1)])).is_err());
    }

    #[test]
    fn passwords() {
        let text = "Name: a/b\nTemplate: a/b\nValue: x: y\nOwners: a\n\nName: a/c\nTemplate: a/c\n";
        assert_eq!(password_in(text, "a/b").as_deref(), Some("x: y"));
        assert_eq!(password_in(text, "a/c"), None);
    }
}
