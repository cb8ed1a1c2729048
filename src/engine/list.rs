//! Listings: which hosts, tasks and tags a run would have.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::frame::Frame;
use super::include::brings_role;
use super::run::Run;
use super::{start_at, tags};
use crate::base::Value;
use crate::playbook::{Item, Language, Play, Playbook, Task};

/// What to list of each play.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Wanted {
    /// Hosts.
    pub hosts: bool,
    /// Tasks.
    pub tasks: bool,
    /// Tags.
    pub tags: bool,
}

/// Returns the listing of playbooks in Ansible's format.
pub fn listing(run: &Run, playbooks: &[Playbook], wanted: Wanted) -> Result<String, String> {
    let mut out = String::new();
    for playbook in playbooks {
        write_line(&mut out, &format!("\nplaybook: {}", playbook.path.display()));
        for (index, play) in playbook.plays.iter().enumerate() {
            one_play(run, play, index + 1, wanted, &mut out)?;
        }
    }
    Ok(out)
}

fn one_play(
    run: &Run,
    play: &Play,
    number: usize,
    wanted: Wanted,
    out: &mut String,
) -> Result<(), String> {
    let hosts = run.fixed_value(&play.hosts.value)?;
    let pattern = super::course::pattern_of(&hosts)?;
    let patterns = hosts.as_list().map_or_else(
        || vec![pattern.clone()],
        |list| list.iter().map(ToString::to_string).collect(),
    );
    let name = match &play.name {
        Some(name) => run.fixed_value(&name.value)?.to_string(),
        None => pattern.clone(),
    };
    let frame = Frame::of_play(play);
    let own: Vec<String> = play.tags.iter().map(|tag| tag.value.to_string()).collect();
    write_line(out, &format!("\n  play #{number} ({pattern}): {name}\tTAGS: [{}]", own.join(",")));
    if wanted.hosts {
        let hosts = run.hosts_of(&pattern)?;
        let patterns = Value::list(patterns.into_iter().map(Value::from)).repr();
        write_line(out, &format!("    pattern: {patterns}\n    hosts ({}):", hosts.len()));
        for host in hosts {
            write_line(out, &format!("      {host}"));
        }
    }
    let mut listing = Listing { run, play, wanted, lines: String::new(), tags: BTreeSet::new() };
    listing.tags.extend(own);
    for (_, items) in play.sections() {
        listing.items(&items, &frame);
    }
    if wanted.tasks {
        write_line(out, "    tasks:");
        out.push_str(&listing.lines);
    }
    if wanted.tags {
        let tags: Vec<String> = listing.tags.into_iter().collect();
        write_line(out, &format!("      TASK TAGS: [{}]", tags.join(", ")));
    }
    Ok(())
}

/// The tasks of a play and their tags.
struct Listing<'a> {
    run: &'a Run,
    play: &'a Play,
    wanted: Wanted,
    lines: String,
    tags: BTreeSet<String>,
}

impl Listing<'_> {
    /// Lists what runs when nothing goes wrong: no `rescue`, and no `always`, in Ansible neither.
    fn items(&mut self, items: &[Item], frame: &Frame) {
        for item in items {
            match item {
                Item::Block(block) => self.items(&block.block, &frame.enter(block)),
                Item::Task(task) => self.task(task, frame),
            }
        }
    }

    fn task(&mut self, task: &Task, frame: &Frame) {
        let resolve =
            |tag: &Value| self.run.words.fixed(tag, &[&self.play.vars, &self.run.fixed]).ok();
        let tags = tags::of(task, frame, &resolve);
        let options = &self.run.options;
        let selected = tags::selected(options, task, frame, &resolve);
        let listed = selected || (self.wanted.tags && tags::listed(options, &tags));
        if !listed {
            return;
        }
        // Only a name stands behind its role.
        let role = frame.role().filter(|_| task.name.is_some() && !brings_role(task));
        let name = start_at::name(task);
        let title = role.map_or_else(|| name.clone(), |role| format!("{} : {name}", role.name));
        let shown: Vec<&str> = tags.iter().map(String::as_str).collect();
        write_line(&mut self.lines, &format!("      {title}\tTAGS: [{}]", shown.join(", ")));
        self.tags.extend(tags);
    }
}

fn write_line(out: &mut String, line: &str) {
    writeln!(out, "{line}").expect("writing to a string does not fail");
}
