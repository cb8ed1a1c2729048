//! zip files: `unzip` lists and unpacks them; sizes and check sums are compared here.

use std::io::Read;
use std::path::Path;

use crate::base::glob;
use crate::module::Failure;
use crate::system::{Command, Look};

use super::Args;

/// A member as `unzip -v` lists it.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Member {
    size: u64,
    crc: u32,
    name: String,
}

/// Returns the command that unpacks.
pub(super) fn extraction(args: &Args, src: &Path) -> Command {
    // `-u` keeps what is newer.
    let mut words = vec!["unzip".to_owned(), if args.keep_newer { "-uo" } else { "-o" }.into()];
    words.extend(args.extra_opts.iter().cloned());
    words.push(src.to_string_lossy().into_owned());
    words.extend(args.include.iter().cloned());
    if !args.exclude.is_empty() {
        words.push("-x".into());
        words.extend(args.exclude.iter().cloned());
    }
    words.extend(["-d".to_owned(), args.dest.to_string_lossy().into_owned()]);
    Command::new(words).env("LC_ALL", "C.UTF-8")
}

fn list(args: &Args, src: &Path, look: &dyn Look) -> Result<Vec<Member>, Failure> {
    let words = ["unzip", "-v", &src.to_string_lossy()];
    let output = look.query(&Command::new(words).env("LC_ALL", "C.UTF-8"))?;
    if !output.success() && output.code != 1 {
        let message = format!("Unable to list files in the archive: {}", output.err().trim());
        return Err(Failure::program(message, &output));
    }
    let text = output.out();
    let wanted = |member: &Member| {
        let hit = |patterns: &[String]| {
            patterns.iter().any(|pattern| glob::matches(pattern, &member.name))
        };
        (args.include.is_empty() || hit(&args.include)) && !hit(&args.exclude)
    };
    let members: Vec<Member> = text.lines().filter_map(parse).filter(wanted).collect();
    let is_there =
        |pattern: &&String| members.iter().any(|member| glob::matches(pattern, &member.name));
    match args.include.iter().find(|pattern| !is_there(pattern)) {
        Some(pattern) if args.exclude.is_empty() => Err(Failure::new(format!(
            "Unable to list files in the archive: it has no member `{pattern}` (`include`)"
        ))),
        _ => Ok(members),
    }
}

/// Reads `  12  Stored  12   0% 2024-01-01 12:00 af083b2d  folder/name`.
fn parse(line: &str) -> Option<Member> {
    let mut rest = line;
    let mut fields = Vec::new();
    for _ in 0..7 {
        rest = rest.trim_start();
        let end = rest.find(' ')?;
        fields.push(&rest[..end]);
        rest = &rest[end..];
    }
    Some(Member {
        size: fields[0].parse().ok()?,
        crc: u32::from_str_radix(fields[6], 16).ok().filter(|_| fields[6].len() == 8)?,
        // Two blanks stand in front of the name.
        name: rest.strip_prefix("  ")?.to_owned(),
    })
}

/// Returns the paths of the members.
pub(super) fn members(args: &Args, src: &Path, look: &dyn Look) -> Result<Vec<String>, Failure> {
    Ok(list(args, src, look)?.into_iter().map(|member| member.name).collect())
}

/// Returns what is not as in the archive.
pub(super) fn differences(
    args: &Args,
    src: &Path,
    _members: &[String],
    look: &dyn Look,
) -> Result<Vec<String>, Failure> {
    let mut lines = Vec::new();
    for member in list(args, src, look)? {
        let path = args.dest.join(member.name.trim_start_matches('/'));
        let name = &member.name;
        if is_link(&member, &path, look)? {
            continue;
        }
        let Some(meta) = look.stat_followed(&path)? else {
            lines.push(format!("{name}: missing"));
            continue;
        };
        if name.ends_with('/') {
            if !meta.is_folder() {
                lines.push(format!("{name}: File type differs"));
            }
        } else if !meta.is_file() {
            lines.push(format!("{name}: File type differs"));
        } else if meta.size != member.size {
            lines.push(format!("{name}: Size differs"));
        } else if crc(look, &path)? != member.crc {
            lines.push(format!("{name}: Contents differ"));
        }
    }
    Ok(lines)
}

/// Returns whether the member is a link that is there as it should be: its content is where it leads to.
fn is_link(member: &Member, path: &Path, look: &dyn Look) -> Result<bool, Failure> {
    if !look.stat(path)?.is_some_and(|meta| meta.is_link()) {
        return Ok(false);
    }
    let target = look.read_link(path)?;
    let bytes = target.as_os_str().as_encoded_bytes();
    let mut sum = flate2::Crc::new();
    sum.update(bytes);
    Ok(bytes.len() as u64 == member.size && sum.sum() == member.crc)
}

fn crc(look: &dyn Look, path: &Path) -> Result<u32, Failure> {
    let mut sum = flate2::Crc::new();
    let mut file = look.open(path)?;
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let count = file
            .read(&mut buffer)
            .map_err(|source| crate::system::Error::file("read", path, source))?;
        if count == 0 {
            return Ok(sum.sum());
        }
        sum.update(&buffer[..count]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        let text = "Archive:  a.zip\n Length   Method    Size  Cmpr    Date    Time   CRC-32   Name\n--------  ------  ------- ---- ---------- ----- --------  ----\n       0  Stored        0   0% 2024-01-01 12:00 00000000  d/\n      12  Defl:N       10  17% 2024-01-01 12:00 af083b2d  d/a b.txt\n--------          -------  ---                            -------\n      12               10  17%                            2 files\n";
        let members: Vec<Member> = text.lines().filter_map(parse).collect();
        assert_eq!(
            members,
            [
                Member { size: 0, crc: 0, name: "d/".into() },
                Member { size: 12, crc: 0xaf08_3b2d, name: "d/a b.txt".into() }
            ]
        );
    }
}
