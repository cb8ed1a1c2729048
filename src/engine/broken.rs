//! Why a task failed before its unit ran: what is wrong, and the way from the task down to it.

use crate::base::{Mistake, Position};
use crate::event::Cause;
use crate::template;

/// Why a task failed before its unit ran.
#[derive(Clone, Debug)]
pub(super) struct Broken {
    /// From the outside inwards, the innermost last; without the task itself.
    causes: Vec<Cause>,
    /// The place in the template.
    mistake: Option<Box<Mistake>>,
}

impl Broken {
    /// Returns what is wrong at a place.
    pub(super) fn wrong(text: impl Into<String>, at: &Position) -> Self {
        let text = text.into();
        let mistake = Mistake::new(text.clone(), at);
        Self { causes: vec![Cause { text, at: at.clone() }], mistake: Some(Box::new(mistake)) }
    }

    /// Returns what is wrong at a place, said without the task.
    pub(super) fn bare(text: impl Into<String>, at: &Position) -> Self {
        Self { causes: vec![Cause { text: text.into(), at: at.clone() }], mistake: None }
    }

    /// Adds what was being done, around what is known already.
    pub(super) fn during(mut self, text: impl Into<String>, at: &Position) -> Self {
        if self.mistake.is_some() {
            self.causes.insert(0, Cause { text: text.into(), at: at.clone() });
        }
        self
    }

    /// Says where the innermost cause is, unless that is known.
    pub(super) fn at(mut self, at: &Position) -> Self {
        if let Some(last) = self.causes.last_mut().filter(|last| !last.at.is_known()) {
            last.at = at.clone();
        }
        self
    }

    /// Returns the sentence that is registered.
    pub(super) fn message(&self) -> String {
        let reason = self.reason();
        if self.mistake.is_some() { format!("Task failed: {reason}") } else { reason }
    }

    /// Returns the sentence without the task.
    pub(super) fn reason(&self) -> String {
        let texts: Vec<&str> = self.causes.iter().map(|cause| cause.text.as_str()).collect();
        texts.join(": ")
    }

    /// Returns the way to the innermost cause; none for what is said in one sentence.
    pub(super) fn into_parts(self) -> (Vec<Cause>, Option<Box<Mistake>>) {
        let causes = if self.mistake.is_some() { self.causes } else { Vec::new() };
        (causes, self.mistake)
    }
}

impl From<String> for Broken {
    fn from(text: String) -> Self {
        Self { causes: vec![Cause { text, at: Position::default() }], mistake: None }
    }
}

impl From<&str> for Broken {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl From<template::Error> for Broken {
    fn from(error: template::Error) -> Self {
        let cause = Cause { text: error.message().to_owned(), at: error.begins().clone() };
        Self { causes: vec![cause], mistake: Some(Box::new(error.mistake())) }
    }
}

impl From<Broken> for String {
    /// Returns everything as text, for where there is no task to blame.
    fn from(broken: Broken) -> Self {
        match &broken.mistake {
            Some(mistake) => mistake.to_string(),
            None => broken.message(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_names_the_way() {
        let error = template::Error::new(template::ErrorKind::Undefined, "'x' is undefined");
        let broken = Broken::from(error)
            .during("Error while resolving value for 'msg'", &Position::default());
        assert_eq!(
            broken.message(),
            "Task failed: Error while resolving value for 'msg': 'x' is undefined"
        );
        assert_eq!(Broken::from("no").during("never", &Position::default()).message(), "no");
    }
}
