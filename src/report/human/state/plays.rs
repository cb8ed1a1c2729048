//! The frame around the tasks: the start of the run, each play, the end.

use std::sync::Arc;
use std::time::Duration;

use super::{NEAR, PlayNow, State};
use crate::base::words;
use crate::event::{Event, PlayInfo};
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

    pub(super) fn play(&mut self, play: &Arc<PlayInfo>, hosts: &[Arc<str>], check: bool) {
        self.end_plays(|now| !play.beside || !now.beside || now.id == play.id);
        let mode = if check && !self.look.settings.check { " (check mode)" } else { "" };
        let heading = format!("PLAY [{}]{mode}", play.name);
        self.play_heading(play, &heading, &words::count(hosts.len(), "host"));
        let order = hosts.iter().enumerate().map(|(place, host)| (Arc::clone(host), place));
        let now = PlayNow {
            play: Arc::clone(play),
            hosts: hosts.len(),
            order: order.collect(),
            began: (self.clock)(),
            ..PlayNow::default()
        };
        self.plays.insert(play.id, now);
    }

    fn play_heading(&mut self, play: &PlayInfo, heading: &str, right: &str) {
        let heading = self.look.ruled(heading, right);
        self.write_between(play, &[String::new(), heading]);
        self.heading = None;
    }

    /// Ends the plays that are meant: one that changed nothing says so.
    pub(super) fn end_plays(&mut self, meant: impl Fn(&PlayInfo) -> bool) {
        let groups = self.groups.iter().filter(|(_, group)| meant(&group.task.play));
        let groups: Vec<u64> = groups.map(|(id, _)| *id).collect();
        self.flush(&groups);
        self.flush_pending(|task| meant(&task.play));
        let ended: Vec<u64> =
            self.plays.values().filter(|now| meant(&now.play)).map(|now| now.play.id).collect();
        for id in ended {
            if let Some(now) = self.plays.shift_remove(&id) {
                self.tell_quiet(&now);
            }
        }
    }

    fn tell_quiet(&mut self, now: &PlayNow) {
        if now.spoken || now.hosts == 0 {
            return;
        }
        let text = match now.tasks.len() {
            0 => "no task applied".to_owned(),
            tasks => format!("nothing to change in {}", words::count(tasks, "task")),
        };
        let hosts = words::count(now.hosts, "host");
        let mark = now.play.mark();
        let line = self.look.word(Role::Ok, Word::Ok.text()) + &format!("{hosts}: {text}{mark}");
        let took = (self.clock)().saturating_sub(now.began);
        self.write_between(&now.play, &[self.look.with_right(&line, &time(took))]);
    }

    /// Notes that a play is through; of one that ran beside others it is said.
    pub(super) fn play_ended(&mut self, play: &Arc<PlayInfo>, took: Duration) {
        self.totals.play(play, took);
        if !play.beside {
            return;
        }
        let spoken = self.plays.get(&play.id).is_some_and(|now| now.spoken);
        self.end_plays(|now| now.id == play.id);
        if spoken {
            let heading = format!("PLAY [{}] ended", play.name);
            let line = self.look.ruled(&heading, &words::duration(took));
            self.write_between(play, &[line]);
        }
    }

    /// Says that a play does not run.
    pub(super) fn left_out(&mut self, play: &Arc<PlayInfo>, reason: &str) {
        self.end_plays(|now| !play.beside || !now.beside);
        self.play_heading(play, &format!("PLAY [{}]", play.name), "left out");
        let word = Word::Skipped;
        let line = self.look.word(word.role(), word.text()) + reason;
        self.write_between(play, &[line]);
    }

    /// Says that no host is left; in a play that had hosts, their failures stand above.
    pub(super) fn no_host_left(&mut self, play: &Arc<PlayInfo>) {
        self.flush_play(play);
        if self.plays.get(&play.id).is_none_or(|play| play.hosts == 0) {
            self.remark(play, "no host is left: all failed or cannot be reached");
        }
    }

    /// Says something that is about no task: the play has no hosts, or no more.
    pub(super) fn remark(&mut self, play: &Arc<PlayInfo>, text: &str) {
        let word = Word::Skipped;
        let line = self.look.word(word.role(), word.text()) + text + &play.mark();
        self.write_between(play, &[line]);
        self.spoken(play);
    }

    pub(super) fn spoken(&mut self, play: &PlayInfo) {
        if let Some(now) = self.plays.get_mut(&play.id) {
            now.spoken = true;
        }
    }

    pub(super) fn end(&mut self, event: &Event) {
        self.end_plays(|_| true);
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
