//! The command line: arguments, settings, what goes wrong before a run, exit codes.
//!
//! [`main`] chooses the command by the name the program was called by and the first word. Everything below this folder
//! returns data; here it becomes text and an exit code.
#![forbid(unsafe_code)]

mod adhoc;
mod args;
mod ask;
mod doc;
mod error;
mod exit;
mod extra;
mod inventory;
mod load;
mod lookup;
mod panic;
mod passwords;
mod report;
mod retry;
mod run;
mod screen;
mod services;
mod settings;
mod signals;
mod vault;

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use clap::error::{ContextKind, ErrorKind};

use crate::base::suggest;
use crate::report::Format;
use error::Error;
pub use exit::Exit;

/// Runs the program.
pub fn main() -> ExitCode {
    panic::watch();
    crate::system::keep_freed_memory();
    let args: Vec<OsString> = std::env::args_os().collect();
    let program = program(&args).unwrap_or_default().to_owned();
    let ended = std::panic::catch_unwind(|| command(args));
    let exit = match ended {
        Ok(Ok(exit)) => exit,
        Ok(Err(error)) => {
            if !error.text.is_empty() {
                screen::say(&worded(error.text, &program));
            }
            error.exit
        }
        Err(_told_already) => Exit::Internal,
    };
    if panic::seen() { Exit::Internal.into() } else { exit.into() }
}

/// Returns the name that the program was called by.
fn program(args: &[OsString]) -> Option<&str> {
    args.first().and_then(|name| Path::new(name).file_name()?.to_str())
}

/// The names of Ansible's programs.
const ANSIBLE: [&str; 5] =
    ["ansible", "ansible-doc", "ansible-inventory", "ansible-playbook", "ansible-vault"];

/// Returns whether the program was called by the name of one of Ansible's.
fn is_called_as_ansible() -> bool {
    let args: Vec<OsString> = std::env::args_os().take(1).collect();
    program(&args).is_some_and(|name| ANSIBLE.contains(&name))
}

/// Returns mistakes as scripts look for them that call Ansible's programs.
fn worded(text: String, program: &str) -> String {
    if !ANSIBLE.contains(&program) {
        return text;
    }
    let lines = text.split('\n').map(|line| match line.strip_prefix("error: ") {
        Some(rest) => format!("[ERROR]: {rest}"),
        None => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Runs the command that the program's name or the first word means.
fn command(args: Vec<OsString>) -> Result<Exit, Error> {
    match program(&args) {
        Some("ansible") => return adhoc::run(&parse(args)?),
        Some("ansible-doc") => return doc::run(&parse(args)?),
        Some("ansible-inventory") => return inventory::run(&parse(args)?),
        Some("ansible-playbook") => return run::play(&parse(args)?, Format::Default),
        Some("ansible-vault") => return vault::run(&parse(args)?),
        Some(_) | None => {}
    }
    let word = args.get(1).and_then(|word| word.to_str()).map(str::to_owned);
    let rest = |mut args: Vec<OsString>| {
        args.remove(0);
        args
    };
    match word.as_deref() {
        Some("adhoc") => adhoc::run(&parse(rest(args))?),
        Some("doc") => doc::run(&parse(rest(args))?),
        Some("inventory") => inventory::run(&parse(rest(args))?),
        Some("vault") => vault::run(&parse(rest(args))?),
        Some(_) | None => run::play(&parse(args)?, Format::Human),
    }
}

/// Parses a command line; help and version are an end as well.
fn parse<T: Parser>(args: Vec<OsString>) -> Result<T, Error> {
    let program = program(&args).filter(|name| ANSIBLE.contains(name)).map(str::to_owned);
    T::try_parse_from(args).map_err(|error| {
        if let Some(program) = program.filter(|_| error.use_stderr()) {
            return usage(&program, &error);
        }
        if error.kind() == ErrorKind::UnknownArgument {
            return unknown_flag::<T>(&error);
        }
        let _nobody_reads = error.print();
        Error::quiet(if error.use_stderr() { Exit::BadOptions } else { Exit::Ok })
    })
}

/// Says what is wrong with a command line as Ansible's programs do, whose wrappers look for it.
fn usage(program: &str, error: &clap::Error) -> Error {
    let given = error.get(ContextKind::InvalidArg).map(ToString::to_string).unwrap_or_default();
    let text = match error.kind() {
        ErrorKind::UnknownArgument => format!("unrecognized arguments: {given}"),
        _ => {
            let text = error.to_string();
            text.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned()
        }
    };
    let text = format!("usage: {program} [-h] ...\n{program}: error: {text}");
    Error { exit: Exit::Usage, text }
}

/// Says that there is no such flag, with the nearest one there is.
fn unknown_flag<T: Parser>(error: &clap::Error) -> Error {
    let given = error.get(ContextKind::InvalidArg).map(ToString::to_string).unwrap_or_default();
    let given = given.split('=').next().unwrap_or_default();
    let command = T::command();
    let flags: Vec<&str> = command
        .get_arguments()
        .flat_map(|arg| arg.get_long_and_visible_aliases().unwrap_or_default())
        .collect();
    let near = suggest::closest(given.trim_start_matches('-'), flags);
    let near = near.map(|near| format!("; did you mean `--{near}`?")).unwrap_or_default();
    let text = format!(
        "there is no option `{given}`{near}\nhint: `{} --help` shows all options",
        command.get_name()
    );
    Error::new(Exit::BadOptions, text)
}
