//! Values of keywords that are written without a template.

use super::Checker;
use crate::base::{Mistake, Value, fold};
use crate::playbook::{Given, Keyword, Keywords};

/// What a keyword takes.
#[derive(Clone, Copy)]
pub(super) enum Takes {
    Bool,
    Number,
}

/// What keywords take whose values can be wrong by their type.
fn takes(keyword: Keyword) -> Option<Takes> {
    match keyword {
        Keyword::AnyErrorsFatal
        | Keyword::Become
        | Keyword::CheckMode
        | Keyword::DelegateFacts
        | Keyword::Diff
        | Keyword::IgnoreErrors
        | Keyword::IgnoreUnreachable
        | Keyword::NoLog
        | Keyword::RunOnce => Some(Takes::Bool),
        Keyword::Port | Keyword::Throttle | Keyword::Timeout => Some(Takes::Number),
        Keyword::BecomeExe
        | Keyword::BecomeFlags
        | Keyword::BecomeMethod
        | Keyword::BecomeUser
        | Keyword::Collections
        | Keyword::Connection
        | Keyword::Debugger
        | Keyword::DelegateTo
        | Keyword::Environment
        | Keyword::ModuleDefaults
        | Keyword::RemoteUser => None,
    }
}

impl Checker<'_> {
    pub(super) fn keywords(&mut self, keywords: &Keywords) {
        for (keyword, given) in keywords.iter() {
            self.value(&given.value, &given.at);
            if let Some(takes) = takes(keyword) {
                self.takes(keyword.word(), takes, given);
            }
            if keyword == Keyword::Debugger {
                self.debugger(given);
            }
        }
    }

    /// Refuses what would start a debugger: a run that was meant to stop and ask must not go on in silence.
    fn debugger(&mut self, given: &Given) {
        const WORDS: [&str; 5] = ["always", "never", "on_failed", "on_skipped", "on_unreachable"];
        let word = given.value.to_string();
        if given.value.is_null() || word == "never" {
            return;
        }
        let mistake = if WORDS.contains(&word.as_str()) {
            Mistake::new(format!("there is no debugger of tasks: `debugger: {word}`"), &given.at)
                .hint("take the keyword away, or write `never`; --step asks before each task")
        } else {
            let what = format!(
                "'{word}' is not a valid value for debugger. Must be one of {}",
                WORDS.join(", ")
            );
            Mistake::new(what, &given.at)
        };
        self.mistakes.push(mistake.width(word.chars().count()));
    }

    /// Refuses a value of the wrong type.
    pub(super) fn takes(&mut self, word: &str, takes: Takes, given: &Given) {
        let value = &given.value;
        if !value.is_final() || value.is_null() || fits(value, takes) {
            return;
        }
        let (name, hint) = match takes {
            Takes::Bool => ("bool", "write `true` or `false`"),
            Takes::Number => ("a number", "write a number without a unit"),
        };
        let what = format!(
            "the field '{word}' has an invalid value ('{value}'), and could not be converted to {name}"
        );
        let width = value.to_string().chars().count();
        self.mistakes.push(Mistake::new(what, &given.at).width(width).hint(hint));
    }
}

fn fits(value: &Value, takes: Takes) -> bool {
    match (takes, value) {
        (_, Value::Text(text)) => match takes {
            Takes::Bool => fold::truth(text.as_str()).is_some(),
            Takes::Number => text.as_str().trim().parse::<f64>().is_ok(),
        },
        (Takes::Bool, Value::Bool(_) | Value::Int(0 | 1)) => true,
        (Takes::Bool, Value::Float(number)) => *number == 0.0 || *number == 1.0,
        (Takes::Number, Value::Int(_) | Value::Float(_) | Value::Bool(_)) => true,
        _ => false,
    }
}
