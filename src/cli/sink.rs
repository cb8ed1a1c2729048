//! A plain reporter: a line for what matters, for runs whose reader is a program.

use std::io::Write;
use std::sync::Mutex;

use super::screen::Screen;
use crate::event::{Event, Sink};

/// Writes a line an event.
pub(super) struct Plain(Mutex<Screen>);

impl Plain {
    /// Returns a reporter that writes to the screen.
    pub(super) fn new(screen: Screen) -> Self {
        Self(Mutex::new(screen))
    }
}

impl Sink for Plain {
    fn event(&self, event: &Event) {
        let line = match event {
            Event::PlayStarted { name, .. } => format!("PLAY [{name}]"),
            Event::NoHostsMatched => "skipping: no hosts matched".to_owned(),
            Event::TaskStarted(task) => format!("TASK [{}]", task.title()),
            Event::HostDone { host, result, .. } => {
                let values = crate::base::Value::Map(result.values.clone());
                format!("{:?}: [{host}] => {}", result.status, values.repr())
            }
            Event::Warning(text) => return super::screen::warn(text),
            Event::RunEnded { stats, .. } => stats
                .iter()
                .map(|(host, stats)| format!("{host}: {stats:?}"))
                .collect::<Vec<_>>()
                .join("\n"),
            _ => return,
        };
        let mut screen = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let _never_fails = writeln!(screen, "{line}");
    }
}
