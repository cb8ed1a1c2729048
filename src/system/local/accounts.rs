//! Users and groups: the files first, `getent` for those of directories such as LDAP.

use std::path::Path;

use super::Local;
use crate::system::{Command, Group, Look, Result, User};

pub(super) fn user(machine: &Local, name: &str) -> Result<Option<User>> {
    entry(machine, "passwd", name, parse_user, |user| user.name == name)
}

pub(super) fn user_by_id(machine: &Local, uid: u32) -> Result<Option<User>> {
    entry(machine, "passwd", &uid.to_string(), parse_user, |user| user.uid == uid)
}

pub(super) fn group(machine: &Local, name: &str) -> Result<Option<Group>> {
    entry(machine, "group", name, parse_group, |group| group.name == name)
}

pub(super) fn group_by_id(machine: &Local, gid: u32) -> Result<Option<Group>> {
    entry(machine, "group", &gid.to_string(), parse_group, |group| group.gid == gid)
}

pub(super) fn groups_of(machine: &Local, user: &str) -> Result<Vec<String>> {
    let text = machine.read(Path::new("/etc/group"))?.unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let groups = text
        .lines()
        .filter_map(parse_group)
        .filter(|group| group.members.iter().any(|member| member == user));
    Ok(groups.map(|group| group.name).collect())
}

fn entry<T>(
    machine: &Local,
    database: &str,
    key: &str,
    parse: fn(&str) -> Option<T>,
    wanted: impl Fn(&T) -> bool,
) -> Result<Option<T>> {
    let text = machine.read(&Path::new("/etc").join(database))?.unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    if let Some(found) = text.lines().filter_map(parse).find(&wanted) {
        return Ok(Some(found));
    }
    // A machine without `getent` has no directory either.
    let Ok(output) = machine.query(&Command::new(["getent", database, key])) else {
        return Ok(None);
    };
    Ok(output.out().lines().filter_map(parse).find(wanted))
}

fn parse_user(line: &str) -> Option<User> {
    let fields: Vec<&str> = line.split(':').collect();
    let [name, _, uid, gid, comment, home, shell] = fields[..] else { return None };
    Some(User {
        name: name.into(),
        uid: uid.parse().ok()?,
        gid: gid.parse().ok()?,
        comment: comment.into(),
        home: home.into(),
        shell: shell.into(),
    })
}

fn parse_group(line: &str) -> Option<Group> {
    let fields: Vec<&str> = line.split(':').collect();
    let [name, _, gid, members] = fields[..] else { return None };
    let members =
        members.split(',').filter(|member| !member.is_empty()).map(str::to_owned).collect();
    Some(Group { name: name.into(), gid: gid.parse().ok()?, members })
}
