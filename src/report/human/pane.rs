//! The pane at the bottom of a terminal: at most eight rows of what runs now. It is taken away before anything is
//! written and drawn again below, so what stands above it never moves.

use std::time::Duration;

use super::layout::{Glyph, Look};
use super::running::{AllRunning, Running};
use crate::base::words;
use crate::report::colors::Role;
use crate::report::streams::{Out, put};
use crate::report::text;

/// The most rows.
const ROWS: usize = 8;

/// What runs shorter than this is not shown.
const FLASH: Duration = Duration::from_millis(400);

/// What is drawn now.
#[derive(Debug, Default)]
pub(super) struct Pane {
    drawn: Vec<String>,
}

impl Pane {
    /// Takes the pane away.
    pub(super) fn erase(&mut self, out: &mut Out) {
        let rows = self.drawn.len();
        if rows > 0 {
            let up = if rows > 1 { format!("\x1b[{}A", rows - 1) } else { String::new() };
            put(out, &format!("\r{up}\x1b[J"));
            self.drawn.clear();
        }
    }

    /// Draws the rows, when they are others than those that are there.
    pub(super) fn draw(&mut self, rows: Vec<String>, look: &Look, out: &mut Out) {
        if rows == self.drawn {
            return;
        }
        self.erase(out);
        let painted: Vec<String> = rows.iter().map(|row| look.paint(Role::Dim, row)).collect();
        put(out, &painted.join("\n"));
        self.drawn = rows;
    }
}

/// Returns the rows for what runs now, none wider than the terminal.
pub(super) fn rows(all: &AllRunning, now: Duration, look: &Look, height: usize) -> Vec<String> {
    let most = ROWS.min(height / 2).max(1);
    let mut rows = Vec::new();
    let mut hidden = 0;
    let mut tasks = all.by_task();
    tasks.iter_mut().for_each(|(_, hosts)| {
        hosts.retain(|running| now.saturating_sub(running.since) >= FLASH);
    });
    tasks.retain(|(_, hosts)| !hosts.is_empty());
    let count = tasks.len();
    for (number, (task, mut hosts)) in tasks.into_iter().enumerate() {
        if rows.len() + 1 >= most && !rows.is_empty() {
            hidden += hosts.len();
            continue;
        }
        let mark = look.glyph(Glyph::Running);
        let title = task.title() + &task.play.mark();
        if let [running] = hosts[..] {
            rows.push(format!("{mark} {title}: {}", row(running, now)));
            continue;
        }
        let longest = words::duration(now.saturating_sub(hosts[0].since));
        let room = most - rows.len() - 1;
        rows.push(format!("{mark} {title}: {}  {longest}", words::count(hosts.len(), "host")));
        // Those that have something to say come first.
        hosts.sort_by_key(|running| running.far.is_none() && running.line.is_none());
        let shown = if task.play.beside && count > 1 {
            // Each task has its share of the rows; that there are more hosts stands in its first one.
            ((room + 1) / (count - number)).saturating_sub(1).min(hosts.len())
        } else {
            let shown = if hosts.len() > room { room.saturating_sub(1) } else { hosts.len() };
            hidden += hosts.len() - shown;
            shown
        };
        rows.extend(hosts.iter().take(shown).map(|running| format!("    {}", row(running, now))));
    }
    if hidden > 0 {
        rows.push(format!(
            "    {} {} more",
            look.glyph(Glyph::Ellipsis),
            words::count(hidden, "host")
        ));
    }
    // A row that is as wide as the terminal would wrap on some.
    let width = look.settings.width.saturating_sub(1);
    rows.iter().map(|row| text::cut(row, width, look.glyph(Glyph::Ellipsis))).collect()
}

fn row(running: &Running, now: Duration) -> String {
    let seconds = words::duration(now.saturating_sub(running.since));
    let mut parts = vec![running.host.to_string(), seconds];
    parts.extend(running.far.clone());
    parts.extend(running.line.clone());
    parts.join("  ")
}

/// Returns the sign of life of a stream: each task that runs for long with its hosts.
pub(super) fn heartbeat(
    all: &AllRunning,
    now: Duration,
    look: &Look,
    least: Duration,
) -> Vec<String> {
    let mut lines = Vec::new();
    for (task, hosts) in all.by_task() {
        let long = hosts.iter().filter(|running| now.saturating_sub(running.since) >= least);
        let hosts: Vec<String> = long
            .map(|running| {
                let seconds = words::duration(now.saturating_sub(running.since));
                match &running.far {
                    Some(far) => format!("{} ({seconds}, {far})", running.host),
                    None => format!("{} ({seconds})", running.host),
                }
            })
            .collect();
        if !hosts.is_empty() {
            let ellipsis = look.glyph(Glyph::Ellipsis);
            let title = task.title() + &task.play.mark();
            lines.push(format!("{ellipsis} {title}: {}", hosts.join(", ")));
        }
    }
    lines
}
