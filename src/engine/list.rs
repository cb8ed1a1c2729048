//! Listings: which hosts, tasks and tags a run would have.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::frame::Frame;
use super::run::Run;
use super::tags;
use crate::playbook::load::short;
use crate::playbook::{Item, Play, Playbook};

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
    let pattern = super::start::pattern_of(&run.fixed_value(&play.hosts.value)?);
    let name = match &play.name {
        Some(name) => run.fixed_value(&name.value)?.to_string(),
        None => pattern.clone(),
    };
    let frame = Frame::of_play(play);
    let own: Vec<String> = play.tags.iter().map(|tag| tag.value.to_string()).collect();
    write_line(out, &format!("\n  play #{number} ({pattern}): {name}\tTAGS: [{}]", own.join(",")));
    if wanted.hosts {
        let hosts = run.hosts_of(&pattern, None)?;
        write_line(out, &format!("    pattern: ['{pattern}']\n    hosts ({}):", hosts.len()));
        for host in hosts {
            write_line(out, &format!("      {host}"));
        }
    }
    let mut seen = BTreeSet::new();
    let mut lines = String::new();
    for (_, items) in play.sections() {
        list(run, &items, &frame, &mut lines, &mut seen);
    }
    if wanted.tasks {
        write_line(out, "    tasks:");
        out.push_str(&lines);
    }
    if wanted.tags {
        let tags: Vec<String> = seen.into_iter().collect();
        write_line(out, &format!("      TASK TAGS: [{}]", tags.join(", ")));
    }
    Ok(())
}

fn list(run: &Run, items: &[Item], frame: &Frame, out: &mut String, seen: &mut BTreeSet<String>) {
    for item in items {
        match item {
            Item::Block(block) => {
                let inner = frame.enter(block);
                for items in [&block.block, &block.rescue, &block.always] {
                    list(run, items, &inner, out, seen);
                }
            }
            Item::Task(task) => {
                if short(&task.action.word) == "meta" || !tags::selected(&run.options, task, frame)
                {
                    continue;
                }
                let tags = tags::of(task, frame);
                let name = task.name.as_ref().map_or_else(
                    || short(&task.action.word).to_owned(),
                    |name| name.value.to_string(),
                );
                let title = frame
                    .role()
                    .map_or_else(|| name.clone(), |role| format!("{} : {name}", role.name));
                let shown: Vec<&str> = tags.iter().map(String::as_str).collect();
                write_line(out, &format!("      {title}\tTAGS: [{}]", shown.join(", ")));
                seen.extend(tags);
            }
        }
    }
}

fn write_line(out: &mut String, line: &str) {
    writeln!(out, "{line}").expect("writing to a string does not fail");
}
