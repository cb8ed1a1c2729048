//! The home folder of an account that has none yet.

use std::path::Path;

use crate::base::Value;
use crate::module::{Diff, Failure, Job};
use crate::system::{Command, Look, User as Account};

use super::Args;

/// Makes a missing home folder, with the files of the skeleton.
pub(super) fn ensure(args: &Args, account: &Account, job: &mut Job<'_>) -> Result<(), Failure> {
    // In check mode the account is still what it was: `home` may be about to change.
    let home = args.home.as_deref().unwrap_or(Path::new(&account.home));
    let moves = job.stage().check && args.move_home && home != Path::new(&account.home);
    if !args.create_home || moves || job.look().stat_followed(home)?.is_some() {
        return Ok(());
    }
    let diff = match job.stage().diff {
        true => Diff::values(
            home.to_string_lossy(),
            Value::map([("state", Value::from("absent"))]),
            Value::map([("state", Value::from("directory"))]),
        ),
        false => Diff::None,
    };
    let skeleton = args.skeleton.clone().unwrap_or_else(|| "/etc/skel".into());
    let mode = mode(args, job.look())?;
    job.change(diff, |act| {
        let mut missing: Vec<&Path> = home.ancestors().skip(1).collect();
        missing.retain(|path| !path.as_os_str().is_empty());
        for folder in missing.into_iter().rev() {
            if act.stat_followed(folder)?.is_none() {
                act.make_folder(folder)?;
            }
        }
        act.make_folder(home)?;
        let text = home.to_string_lossy().into_owned();
        if act.stat_followed(Path::new(&skeleton))?.is_some_and(|meta| meta.is_folder()) {
            must(act.run(&Command::new(["cp", "-a", &format!("{skeleton}/."), &text]))?)?;
        }
        let owner = format!("{}:{}", account.uid, account.gid);
        must(act.run(&Command::new(["chown", "-hR", &owner, &text]))?)?;
        Ok(act.set_mode(home, mode)?)
    })?;
    Ok(())
}

fn must(output: crate::system::Output) -> Result<(), Failure> {
    if output.success() {
        return Ok(());
    }
    Err(Failure::program(format!("cannot make the home folder: {}", output.err().trim()), &output))
}

/// Returns the mode of a new home folder, as `useradd` would choose it.
fn mode(args: &Args, look: &dyn Look) -> Result<u32, Failure> {
    if let Some(umask) = &args.umask {
        let umask = u32::from_str_radix(umask, 8).map_err(|_| {
            Failure::new(format!("`umask` is no octal number: {umask}; write it as \"022\""))
        })?;
        return Ok(0o777 & !umask);
    }
    let text = look.read(Path::new("/etc/login.defs"))?.unwrap_or_default();
    Ok(default_mode(&String::from_utf8_lossy(&text)))
}

fn default_mode(definitions: &str) -> u32 {
    let octal = |key: &str| {
        definitions.lines().find_map(|line| {
            let mut words = line.split_whitespace();
            (words.next() == Some(key)).then(|| u32::from_str_radix(words.next()?, 8).ok())?
        })
    };
    octal("HOME_MODE").unwrap_or_else(|| 0o777 & !octal("UMASK").unwrap_or(0o022))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes() {
        assert_eq!(default_mode("UMASK\t\t022\n#HOME_MODE 0700\n"), 0o755);
        assert_eq!(default_mode("HOME_MODE 0700\nUMASK 022\n"), 0o700);
        assert_eq!(default_mode(""), 0o755);
    }
}
