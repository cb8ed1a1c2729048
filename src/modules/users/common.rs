//! What accounts and groups have in common: finding them, and the programs that change them.

use std::path::Path;

use crate::module::{Diff, Failure, Job};
use crate::system::{Command, Group, Look, User};

/// Returns an account; with `local` only when it is in `/etc/passwd` itself.
pub(super) fn account(look: &dyn Look, name: &str, local: bool) -> Result<Option<User>, Failure> {
    if !local {
        return Ok(look.user(name)?);
    }
    let text = look.read(Path::new("/etc/passwd"))?.unwrap_or_default();
    Ok(String::from_utf8_lossy(&text).lines().find_map(|line| {
        let fields: Vec<&str> = line.split(':').collect();
        let [found, _, uid, gid, comment, home, shell] = fields[..] else { return None };
        (found == name).then_some(User {
            name: name.to_owned(),
            uid: uid.parse().ok()?,
            gid: gid.parse().ok()?,
            comment: comment.to_owned(),
            home: home.to_owned(),
            shell: shell.to_owned(),
        })
    }))
}

/// Returns a group; with `local` only when it is in `/etc/group` itself.
pub(super) fn local_group(
    look: &dyn Look,
    name: &str,
    local: bool,
) -> Result<Option<Group>, Failure> {
    if !local {
        return Ok(look.group(name)?);
    }
    let text = look.read(Path::new("/etc/group"))?.unwrap_or_default();
    Ok(String::from_utf8_lossy(&text).lines().find_map(|line| {
        let fields: Vec<&str> = line.split(':').collect();
        let [found, _, gid, members] = fields[..] else { return None };
        let members = members.split(',').filter(|member| !member.is_empty());
        (found == name).then_some(Group {
            name: name.to_owned(),
            gid: gid.parse().ok()?,
            members: members.map(str::to_owned).collect(),
        })
    }))
}

/// Returns a group by name, or by number where no name fits.
pub(super) fn find_group(look: &dyn Look, word: &str) -> Result<Group, Failure> {
    if let Some(group) = look.group(word)? {
        return Ok(group);
    }
    if let Ok(gid) = word.parse()
        && let Some(group) = look.group_by_id(gid)?
    {
        return Ok(group);
    }
    Err(Failure::new(format!("Group {word} does not exist")))
}

/// Runs a program that changes the user database.
pub(super) fn run(
    job: &mut Job<'_>,
    name: &str,
    diff: Diff,
    command: &Command,
) -> Result<(), Failure> {
    let program = command.argv.first().cloned().unwrap_or_default();
    if job.look().which(&program).is_none() {
        return Err(Failure::new(format!(
            "Failed to find required executable \"{program}\" on the host; a package with it (`passwd`, `shadow`, `libuser`) has to be installed"
        ))
        .with("name", name));
    }
    match job.change(diff, |act| Ok(act.run(command)?))? {
        Some(output) if !output.success() => {
            let words = format!("{}{}", output.out(), output.err());
            let hint =
                if words.contains("Permission denied") { "; use `become: true`" } else { "" };
            Err(Failure::program(format!("{}{hint}", words.trim()), &output).with("name", name))
        }
        Some(_) | None => Ok(()),
    }
}
