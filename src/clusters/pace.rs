//! Rounds of looking, planning and doing one step, until nothing is left to do or the time is over.

use std::time::Duration;

use tokio::time::Instant;

use super::Observer;

const PAUSE: Duration = Duration::from_millis(200);

/// What comes next.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Next<S> {
    /// A step.
    Do(S),
    /// Nothing: it is as wished.
    Rest,
    /// The cluster has to get somewhere by itself.
    Wait(String),
}

/// What comes next, and what cannot be as it should.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Plan<S> {
    /// What comes next.
    pub(super) next: Next<S>,
    /// What cannot be as it should, and what to do about it.
    pub(super) warnings: Vec<String>,
}

#[cfg(test)]
impl<S> Plan<S> {
    /// Returns it in words.
    pub(super) fn told(&self, step: impl Fn(&S) -> String) -> String {
        let next = match &self.next {
            Next::Do(found) => step(found),
            Next::Rest => "rest".into(),
            Next::Wait(reason) => format!("wait: {reason}"),
        };
        let warnings = self.warnings.iter().map(|warning| format!("; warning: {warning}"));
        next + &warnings.collect::<String>()
    }
}

/// What came of a round.
pub(super) enum Round {
    /// It cannot go on yet.
    Later(String),
    /// Nothing is left to do.
    Rest,
    /// A step was done: in words.
    Step(String),
}

/// An error that waiting may help against.
pub(super) trait Trouble: Sized + ToString {
    /// Returns whether waiting can help.
    fn may_pass(&self) -> bool;

    /// Returns the error that it did not.
    fn overdue(seconds: u64, reason: String) -> Self;
}

/// How far the rounds have got.
pub(super) struct Pace {
    start: Instant,
    moved: Instant,
    timeout: Duration,
    /// The steps that were done, in words.
    pub(super) steps: Vec<String>,
}

impl Pace {
    /// Starts now.
    pub(super) fn new(timeout: Duration) -> Self {
        let now = Instant::now();
        Self { start: now, moved: now, timeout, steps: Vec::new() }
    }

    /// Returns whether those who start have had this time, or all that there is.
    pub(super) fn has_waited(&self, patience: Duration) -> bool {
        self.start.elapsed() >= patience.min(self.timeout)
    }

    /// Returns whether the last step was so long ago, or as long as all may take.
    pub(super) fn has_settled(&self, patience: Duration) -> bool {
        self.moved.elapsed() >= patience.min(self.timeout)
    }

    /// Takes what came of a round; returns whether it was the last one, after a pause when it is of use.
    pub(super) async fn next<E: Trouble>(
        &mut self,
        round: Result<Round, E>,
        observer: &dyn Observer,
    ) -> Result<bool, E> {
        let trouble = match round {
            Ok(Round::Rest) => return Ok(true),
            Ok(Round::Step(text)) => {
                self.moved = Instant::now();
                observer.step(&text);
                self.steps.push(text);
                return Ok(false);
            }
            Ok(Round::Later(reason)) => reason,
            Err(error) if error.may_pass() => error.to_string(),
            Err(error) => return Err(error),
        };
        if self.start.elapsed() >= self.timeout {
            return Err(E::overdue(self.timeout.as_secs(), trouble));
        }
        tokio::time::sleep(PAUSE).await;
        Ok(false)
    }
}
