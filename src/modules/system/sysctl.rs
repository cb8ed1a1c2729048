//! `sysctl`: sets a parameter of the kernel, in the file that sets it at the next start and in the kernel that runs.

use std::path::{Path, PathBuf};

use crate::base::Value;
use crate::module::{Argument, Diff, Example, Failure, Job, Module, Outcome, Spec};
use crate::system::{Command, Look};
use crate::{arguments, choices};

choices! {
    /// Whether the file has the parameter.
    pub(super) enum State { Present = "present", Absent = "absent" }
}

arguments! {
    /// Arguments of `sysctl`.
    pub(super) struct Args {
        /// The parameter.
        name ["key"]: String,
        /// Its value.
        value ["val"]: Option<Value>,
        /// Whether the file has the parameter.
        state: State = State::Present,
        /// The file.
        sysctl_file: PathBuf = "/etc/sysctl.conf".into(),
        /// Whether the value in the running kernel is checked and set too.
        sysctl_set: bool = false,
        /// Whether the file is loaded when it has changed.
        reload: bool = true,
        /// Whether parameters that the kernel does not know are passed over.
        ignoreerrors: bool = false,
    }
}

/// The module.
pub(super) struct Sysctl;

impl Module for Sysctl {
    const SPEC: &'static Spec = &Spec {
        name: "sysctl",
        collection: "ansible.posix",
        also: &["ansible.builtin.sysctl"],
        summary: "Sets a parameter of the kernel.",
        diff: true,
        examples: &[Example {
            about: "Let Elasticsearch map enough.",
            task: "sysctl: {name: vm.max_map_count, value: '262144', sysctl_set: true}",
        }],
        ..Spec::BASE
    };
    type Args = Args;

    fn run(args: Args, job: &mut Job<'_>) -> Result<Outcome, Failure> {
        if args.name.trim().is_empty() {
            return Err(Failure::new("name cannot be blank"));
        }
        let value = match (&args.value, args.state) {
            (Some(value), _) => Some(words(&text_of(value)?)),
            (None, State::Absent) => None,
            (None, State::Present) => return Err(Failure::new("value cannot be None")),
        };
        let file = job.look().real_path(&args.sysctl_file)?;
        let before = job.look().read(&file)?;
        let text = String::from_utf8_lossy(before.as_deref().unwrap_or_default()).into_owned();
        let after = edited(
            &text,
            args.name.trim(),
            value.as_deref().filter(|_| args.state == State::Present),
        );
        let running = if args.sysctl_set && args.state == State::Present {
            current(&args, job.look())?
        } else {
            None
        };
        let to_set = args.sysctl_set && args.state == State::Present && running != value;
        if after != text {
            job.replace(&file, before.as_deref(), after.as_bytes())?;
        }
        if to_set {
            set(&args, value.as_deref().unwrap_or_default(), job)?;
        }
        if after != text && args.reload {
            reload(&args, &file, job)?;
        }
        Ok(Outcome::done())
    }
}

/// Returns the value as the kernel takes it.
fn text_of(value: &Value) -> Result<String, Failure> {
    match value {
        Value::Bool(true) => Ok("1".into()),
        Value::Bool(false) => Ok("0".into()),
        other => {
            let text = String::from_value(other).map_err(|error| error.of("value"))?;
            Ok(match text.trim().to_lowercase().as_str() {
                "yes" | "true" | "on" => "1".into(),
                "no" | "false" | "off" => "0".into(),
                _ => text,
            })
        }
    }
}

/// Several numbers are separated by one space, however they are written.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Returns the text of the file with the parameter set, or without it.
fn edited(text: &str, name: &str, value: Option<&str>) -> String {
    let of_name = |line: &str| {
        let line = line.trim();
        let is_setting = !line.starts_with(['#', ';']);
        is_setting
            && line.split_once('=').is_some_and(|(key, _)| {
                key.trim().trim_start_matches('-').replace('/', ".") == name.replace('/', ".")
            })
    };
    let mut found = false;
    let mut out = String::new();
    for line in text.lines() {
        if !of_name(line) {
            out.push_str(line);
            out.push('\n');
            continue;
        }
        let Some(value) = value else { continue };
        // Of several lines the last one counts; one stays.
        if found {
            continue;
        }
        found = true;
        let same = line.split_once('=').is_some_and(|(_, known)| words(known) == value);
        out.push_str(&if same { line.to_owned() } else { format!("{name}={value}") });
        out.push('\n');
    }
    if let Some(value) = value.filter(|_| !found) {
        out.push_str(&format!("{name}={value}\n"));
    }
    if out.trim_end_matches('\n') == text.trim_end_matches('\n') { text.to_owned() } else { out }
}

/// Returns the value in the running kernel; nothing when it does not know the parameter.
fn current(args: &Args, look: &dyn Look) -> Result<Option<String>, Failure> {
    let path = Path::new("/proc/sys").join(args.name.trim().replace('.', "/"));
    match look.read(&path) {
        Ok(Some(value)) => Ok(Some(words(&String::from_utf8_lossy(&value)))),
        Ok(None) => {
            let output = look.query(&Command::new(["sysctl", "-e", "-n", args.name.trim()]))?;
            Ok(output.success().then(|| words(&output.out())))
        }
        // Some parameters can only be written.
        Err(_) => Ok(None),
    }
}

fn set(args: &Args, value: &str, job: &mut Job<'_>) -> Result<(), Failure> {
    let mut command = vec!["sysctl".to_owned()];
    if args.ignoreerrors {
        command.push("-e".into());
    }
    command.extend(["-w".into(), format!("{}={value}", args.name.trim())]);
    job.change(Diff::None, |act| {
        let output = act.run(&Command::new(command))?;
        // It ends with 0 although the kernel refused.
        if output.success() && (args.ignoreerrors || output.err().trim().is_empty()) {
            return Ok(());
        }
        Err(Failure::program(
            format!("setting {} failed: {}", args.name, output.out() + &output.err()),
            &output,
        ))
    })
    .map(drop)
}

fn reload(args: &Args, file: &Path, job: &Job<'_>) -> Result<(), Failure> {
    if job.stage().check {
        return Ok(());
    }
    let mut command = vec!["sysctl".to_owned()];
    if args.ignoreerrors {
        command.push("-e".into());
    }
    command.extend(["-p".into(), file.to_string_lossy().into_owned()]);
    let output = job.aside(|act| Ok(act.run(&Command::new(command))?))?;
    if output.success() || args.ignoreerrors {
        return Ok(());
    }
    Err(Failure::program(
        format!("Failed to reload sysctl: {}{}", output.out(), output.err()),
        &output,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(text: &str, value: Option<&str>, expected: &str) {
        assert_eq!(edited(text, "vm.swappiness", value), expected);
    }

    #[test]
    fn the_file() {
        case("", Some("1"), "vm.swappiness=1\n");
        case("# a\nvm.swappiness = 60\nb=2\n", Some("1"), "# a\nvm.swappiness=1\nb=2\n");
        case("vm.swappiness = 1\n", Some("1"), "vm.swappiness = 1\n");
        case("#vm.swappiness=1\n", Some("1"), "#vm.swappiness=1\nvm.swappiness=1\n");
        case("vm.swappiness=1\nvm.swappiness=2\n", Some("2"), "vm.swappiness=2\n");
        case("vm.swappiness=1\nb=2\n", None, "b=2\n");
        case("b=2", None, "b=2");
    }
}
