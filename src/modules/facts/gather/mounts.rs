//! Mounted file systems and their sizes. A mount of a server that is down must not hang the facts of the host.

use std::path::Path;

use super::{Gather, devices};
use crate::base::{Map, Value};
use crate::system::{Command, FileSystem};

/// A line of `/proc/self/mounts`.
#[derive(Debug, Eq, PartialEq)]
struct Mount {
    device: String,
    point: String,
    kind: String,
    options: String,
    dump: i64,
    pass: i64,
}

pub(super) fn mounts(gather: &mut Gather<'_>) {
    let text = ["/proc/self/mounts", "/etc/mtab"].iter().find_map(|path| gather.text(path));
    let info = gather.text("/proc/self/mountinfo").unwrap_or_default();
    let links = devices::links(gather);
    let mut list = Vec::new();
    for mount in lines(&text.unwrap_or_default()).filter(is_shown) {
        let mut fact = Map::from_iter([
            ("device", Value::from(&mount.device)),
            ("dump", mount.dump.into()),
            ("fstype", Value::from(&mount.kind)),
            ("mount", Value::from(&mount.point)),
            ("options", options(&mount, &info).into()),
            ("passno", mount.pass.into()),
            ("uuid", uuid(gather, &mount, &links).into()),
        ]);
        match sizes(gather, &mount) {
            Some(sizes) => add_sizes(&mut fact, &sizes),
            None => {
                let note = "Could not get the sizes of this mount in time";
                fact.insert("note", note.into());
            }
        }
        list.push(fact.into());
    }
    gather.set("mounts", Value::list(list));
}

fn lines(text: &str) -> impl Iterator<Item = Mount> {
    text.lines().filter_map(|line| {
        let mut words = line.split_whitespace().map(unescape);
        Some(Mount {
            device: words.next()?,
            point: words.next()?,
            kind: words.next()?,
            options: words.next()?,
            dump: words.next().and_then(|word| word.parse().ok()).unwrap_or(0),
            pass: words.next().and_then(|word| word.parse().ok()).unwrap_or(0),
        })
    })
}

/// Replaces the kernel's `\040`.
fn unescape(word: &str) -> String {
    let mut out = String::new();
    let mut rest = word;
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        let code = after.get(..3).and_then(|digits| u8::from_str_radix(digits, 8).ok());
        match code {
            Some(code) => {
                out.push(char::from(code));
                rest = &after[3..];
            }
            None => {
                out.push('\\');
                rest = after;
            }
        }
    }
    out + rest
}

/// Leaves out what the kernel makes up: only devices and shares of servers are facts.
fn is_shown(mount: &Mount) -> bool {
    (mount.device.starts_with(['/', '\\']) || mount.device.contains(":/")) && mount.kind != "none"
}

/// Returns the options, with `bind` when only a part of the device is mounted there.
fn options(mount: &Mount, info: &str) -> String {
    let part = info.lines().rev().find_map(|line| {
        let mut words = line.split_whitespace().skip(3);
        let (root, point) = (words.next()?, words.next()?);
        (unescape(point) == mount.point).then(|| root.to_owned())
    });
    let bound = part.is_some_and(|root| root != "/") && mount.kind != "btrfs";
    let stands = mount.options.split(',').any(|option| option == "bind");
    if bound && !stands { format!("{},bind", mount.options) } else { mount.options.clone() }
}

fn uuid(gather: &Gather<'_>, mount: &Mount, links: &devices::Links) -> String {
    let real = gather.look.real_path(Path::new(&mount.device)).unwrap_or_default();
    let name = real.file_name().unwrap_or_default().to_string_lossy();
    let uuids = links["uuids"].get(&*name);
    uuids.and_then(|uuids| uuids.first().cloned()).unwrap_or_else(|| "N/A".into())
}

/// Returns the sizes; of a share they are asked for by a program that can be ended when the server does not answer.
fn sizes(gather: &Gather<'_>, mount: &Mount) -> Option<FileSystem> {
    let remote = mount.device.contains(":/") || mount.device.starts_with("//");
    if !remote {
        return gather.look.file_system(Path::new(&mount.point)).ok();
    }
    let format = "%S %b %f %a %c %d";
    let mut command = Command::new(["stat", "-f", "-c", format, &mount.point]);
    command.timeout = Some(gather.patience);
    let output = gather.look.query(&command).ok().filter(|output| output.success())?;
    let numbers: Vec<u64> =
        output.out().split_whitespace().filter_map(|word| word.parse().ok()).collect();
    let [block_size, blocks, _, blocks_available, inodes, inodes_available] = numbers[..] else {
        return None;
    };
    Some(FileSystem {
        size: block_size * blocks,
        available: block_size * blocks_available,
        block_size,
        blocks,
        blocks_available,
        inodes,
        inodes_available,
    })
}

fn add_sizes(fact: &mut Map, sizes: &FileSystem) {
    let pairs = [
        ("block_available", sizes.blocks_available),
        ("block_size", sizes.block_size),
        ("block_total", sizes.blocks),
        ("block_used", sizes.blocks.saturating_sub(sizes.blocks_available)),
        ("inode_available", sizes.inodes_available),
        ("inode_total", sizes.inodes),
        ("inode_used", sizes.inodes.saturating_sub(sizes.inodes_available)),
        ("size_available", sizes.available),
        ("size_total", sizes.size),
    ];
    fact.extend(pairs.map(|(name, number)| (name, Value::from(number))));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown() {
        let text = "proc /proc proc rw 0 0\n/dev/vda / ext4 rw 0 1\nnas:/x /mnt/a\\040b nfs4 rw 0 0\nnone /n none rw 0 0\n";
        let points: Vec<String> = lines(text).filter(is_shown).map(|mount| mount.point).collect();
        assert_eq!(points, ["/", "/mnt/a b"]);
    }

    #[test]
    fn a_part_of_a_device_is_a_bind_mount() {
        let mount = lines("/dev/vda /srv ext4 rw 0 0").next().unwrap();
        assert_eq!(options(&mount, "27 1 254:0 /data /srv rw - ext4 /dev/vda rw\n"), "rw,bind");
        assert_eq!(options(&mount, "27 1 254:0 / /srv rw - ext4 /dev/vda rw\n"), "rw");
    }
}
