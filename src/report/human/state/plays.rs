//! The frame around the tasks: the start of the run, each play, the end.

use std::sync::Arc;

use super::{NEAR, PlayNow, State};
use crate::base::words;
use crate::event::Event;
use crate::report::colors::Role;
use crate::report::human::entry::Word;
use crate::report::human::layout::{Glyph, time};

impl State {
    pub(super) fn begin(&mut self, event: &Event) {
        let Event::RunStarted { playbooks, inventory, hosts, tasks, files, took } = event else {
            return;
        };
        let between = format!(" {} ", self.look.glyph(Glyph::Between));
        let mut parts = vec![playbooks.join(" ")];
        if !inventory.is_empty() {
            parts.push(format!("inventory {}", inventory.join(" ")));
        }
        parts.push(words::count(*hosts, "host"));
        parts.push(words::count(*tasks, "task"));
        let version = concat!("fcplay ", env!("CARGO_PKG_VERSION"));
        let head = self.look.with_right(&parts.join(&between), version);
        let check = self.look.paint(Role::Ok, self.look.glyph(Glyph::Check));
        let checked = format!(
            "{check} checked {}, {}",
            words::count(*files, "file"),
            words::count(*tasks, "task")
        );
        let checked = self.look.with_right(&checked, &time(*took));
        self.write(&[head, checked]);
        if self.look.settings.check {
            self.write(&["check mode: nothing is touched".to_owned()]);
        }
    }

    pub(super) fn play(&mut self, name: &str, hosts: &[Arc<str>], check: bool) {
        self.end_play();
        self.order =
            hosts.iter().enumerate().map(|(place, host)| (Arc::clone(host), place)).collect();
        let mode = if check && !self.look.settings.check { " (check mode)" } else { "" };
        let heading = format!("PLAY [{name}]{mode}");
        let heading = self.look.ruled(&heading, &words::count(hosts.len(), "host"));
        self.write(&[String::new(), heading]);
        let began = (self.clock)();
        self.play = Some(PlayNow { hosts: hosts.len(), began, ..PlayNow::default() });
        self.heading = None;
    }

    /// Ends a play: one that changed nothing says so.
    pub(super) fn end_play(&mut self) {
        self.flush_all();
        let Some(play) = self.play.take() else { return };
        if play.spoken || play.hosts == 0 {
            return;
        }
        let text = match play.tasks.len() {
            0 => "no task applied".to_owned(),
            tasks => format!("nothing to change in {}", words::count(tasks, "task")),
        };
        let hosts = words::count(play.hosts, "host");
        let line = self.look.word(Role::Ok, Word::Ok.text()) + &format!("{hosts}: {text}");
        let took = (self.clock)().saturating_sub(play.began);
        self.write(&[self.look.with_right(&line, &time(took))]);
    }

    /// Says something that is about no task.
    pub(super) fn remark(&mut self, word: Word, text: &str) {
        let line = self.look.word(word.role(), word.text()) + text;
        self.write(&[line]);
        self.spoken();
    }

    pub(super) fn spoken(&mut self) {
        if let Some(play) = &mut self.play {
            play.spoken = true;
        }
    }

    pub(super) fn end(&mut self, event: &Event) {
        self.end_play();
        self.running.clear();
        self.over = true;
        let (all, failed) = self.written;
        if failed.is_some_and(|failed| all - failed < NEAR) {
            self.totals.forget_failures();
        }
        let lines = self.totals.lines(event, &self.look);
        self.write(&lines);
    }
}
