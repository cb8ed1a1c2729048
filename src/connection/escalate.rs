//! Becoming another user: the commands for `sudo`, `su` and `doas`, how they ask for a password, and what they say when
//! they refuse.
//!
//! A password goes in by standard input only, after its prompt was seen. `sudo` prompts with words of our own; `su` and
//! `doas` have theirs in every language, but all end in a colon, and nothing else speaks between our mark and them.

use super::ssh::{Terminal, shell_words};
use super::{Escalation, Unreachable};

/// How a program asks for the password.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Prompt {
    /// With these words.
    Words(String),
    /// With a line that ends in a colon.
    Colon,
}

impl Prompt {
    /// Returns whether somebody asks, in what was written since the program was started.
    pub(super) fn is_in(&self, written: &[u8]) -> bool {
        let text = String::from_utf8_lossy(written);
        match self {
            Self::Words(words) => text.contains(words),
            Self::Colon => text.trim_end_matches([' ', '\0']).ends_with([':', '：']),
        }
    }
}

/// How to become a user.
#[derive(Debug)]
pub(super) struct Ladder {
    /// The words of the command.
    pub(super) words: Vec<String>,
    /// How it asks for a password.
    pub(super) prompt: Prompt,
    /// Whether it needs a terminal from the start.
    pub(super) terminal: Terminal,
}

impl Ladder {
    /// Plans how to run a command as another user; `prompt` is what nobody else would write.
    pub(super) fn plan(
        escalation: &Escalation,
        prompt: &str,
        command: &[String],
    ) -> Result<Self, Unreachable> {
        let split = |what: &str, text: &Option<String>| match text {
            None => Ok(None),
            Some(text) => shell_words(text)
                .map(Some)
                .map_err(|error| Unreachable::denied(format!("`{what}`: {error}: `{text}`"))),
        };
        let flags = split("ansible_become_flags", &escalation.flags)?;
        let exe = split("ansible_become_exe", &escalation.exe)?;
        let mut words =
            exe.filter(|exe| !exe.is_empty()).unwrap_or_else(|| vec![escalation.method.clone()]);
        let asked = escalation.password.is_some();
        let (prompt, needs) = match escalation.method.as_str() {
            "sudo" => {
                let flags = sudo_flags(flags, asked);
                let through_shell = flags.iter().any(|flag| starts_shell(flag));
                words.extend(flags);
                words.extend(["-p", prompt, "-u", &escalation.user].map(String::from));
                if through_shell {
                    words.extend(without_dollars(command));
                } else {
                    words.extend_from_slice(command);
                }
                (Prompt::Words(prompt.to_owned()), false)
            }
            "su" => {
                words.extend(flags.unwrap_or_default());
                words.extend([
                    escalation.user.clone(),
                    "-c".to_owned(),
                    super::shell::command(command),
                ]);
                (Prompt::Colon, asked)
            }
            "doas" => {
                let usual = if asked { Vec::new() } else { vec!["-n".to_owned()] };
                words.extend(flags.unwrap_or(usual));
                words.extend(["-u".to_owned(), escalation.user.clone()]);
                words.extend_from_slice(command);
                (Prompt::Colon, asked)
            }
            other => {
                return Err(Unreachable::denied(format!(
                    "the become method `{other}` is not known; fcplay knows `doas`, `su` and `sudo`"
                )));
            }
        };
        if let Some(folder) = &escalation.chdir {
            let go = ["sh", "-c", r#"cd -- "$0" && exec "$@""#, folder].map(String::from);
            words = go.into_iter().chain(words).collect();
        }
        let terminal = if needs { Terminal::Raw } else { Terminal::None };
        Ok(Self { words, prompt, terminal })
    }
}

/// Returns the options of `sudo`: never a question without a password, never a terminal to read it from.
fn sudo_flags(flags: Option<Vec<String>>, asked: bool) -> Vec<String> {
    let mut flags = flags.unwrap_or_else(|| ["-H", "-S", "-n"].map(String::from).to_vec());
    if asked {
        flags.retain(|flag| flag != "-n" && flag != "--non-interactive");
        for flag in &mut flags {
            let letters = flag.strip_prefix('-').unwrap_or_default();
            if !letters.is_empty()
                && letters.bytes().all(|letter| b"AbEeHiKkNnPSs".contains(&letter))
            {
                *flag = flag.replace('n', "");
            }
        }
    }
    let reads = |flag: &String| {
        flag == "--stdin"
            || (flag.starts_with('-') && !flag.starts_with("--") && flag.contains('S'))
    };
    if !flags.iter().any(reads) {
        flags.push("-S".to_owned());
    }
    flags
}

/// Returns whether an option makes `sudo` hand the command to a shell (`-i`, `-s`).
fn starts_shell(flag: &str) -> bool {
    let Some(letters) = flag.strip_prefix('-') else { return false };
    // What follows a letter with a value is that value.
    let letters = letters.split(|letter| "CDRTUacghprtu".contains(letter)).next();
    flag == "--login"
        || flag == "--shell"
        || (!flag.starts_with("--") && letters.is_some_and(|letters| letters.contains(['i', 's'])))
}

/// Returns words that run a command and have no `$` in them: before a shell, `sudo` protects every other character.
fn without_dollars(command: &[String]) -> [String; 3] {
    let line = super::shell::command(command);
    let stand_in = ['@', '%', '\u{1}'].into_iter().find(|&sign| !line.contains(sign));
    let stand_in = stand_in.unwrap_or('\u{2}').to_string();
    let line = line.replace('$', &stand_in);
    let program = format!(
        r#"BEGIN {{ s = ARGV[1]; gsub("{stand_in}", sprintf("%c", 36), s); exit system(s) }}"#
    );
    ["awk".to_owned(), program, line]
}

/// How far it had come when it was refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Stage {
    /// Nothing was asked.
    Unasked,
    /// The password was given.
    Answered,
}

/// Returns whether what a program complains means that it wants a terminal.
pub(super) fn wants_terminal(complaint: &str) -> bool {
    [
        "must have a tty",
        "must be run from a terminal",
        "must be a tty",
        "a terminal is required",
        "no tty present",
    ]
    .iter()
    .any(|words| complaint.contains(words))
}

/// Says that a password is asked for and there is none.
pub(super) fn missing(escalation: &Escalation) -> Unreachable {
    let Escalation { method, user, .. } = escalation;
    Unreachable::denied(format!(
        "Missing {method} password: `{method}` asks for one to become `{user}`\nhint: give it with -K (--ask-become-pass) \
         or as `ansible_become_password`"
    ))
}

/// Says that the password is wrong.
pub(super) fn incorrect(escalation: &Escalation) -> Unreachable {
    let Escalation { method, user, .. } = escalation;
    let whose = if method == "su" { user } else { "the login user" };
    Unreachable::denied(format!(
        "Incorrect {method} password: `{method}` did not take it to become `{user}`\nhint: `{method}` wants the password of \
         {whose}; give it with -K (--ask-become-pass) or as `ansible_become_password`"
    ))
}

/// Says why a program that ended did not let us become another user.
pub(super) fn refused(escalation: &Escalation, stage: Stage, complaint: &str) -> Unreachable {
    let Escalation { method, user, .. } = escalation;
    let says = |words: &[&str]| words.iter().any(|words| complaint.contains(words));
    match stage {
        Stage::Unasked
            if says(&[
                "password is required",
                "uthentication is required",
                "uthentication required",
                "uthorization required",
            ]) =>
        {
            return missing(escalation);
        }
        Stage::Answered
            if method != "sudo" || says(&["incorrect password", "incorrect authentication"]) =>
        {
            return incorrect(escalation);
        }
        Stage::Unasked | Stage::Answered => {}
    }
    let said = if complaint.is_empty() { "it said nothing" } else { complaint };
    let hint = if says(&["not currently available", "nologin", "currently not available"]) {
        "\nhint: the user has no login shell; use `become_flags: -s /bin/sh` with su, or sudo"
    } else if says(&["not found"]) {
        "\nhint: install it there, or choose another `become_method`"
    } else if says(&["not in the sudoers", "is not allowed to", "may not run sudo"]) {
        "\nhint: the rules of sudo there (`visudo`) have to permit it, for every command"
    } else if method == "doas" && says(&["Operation not permitted", "doas is not enabled"]) {
        "\nhint: /etc/doas.conf there has to permit it, for every command"
    } else {
        ""
    };
    Unreachable::denied(format!("`{method}` did not let us become `{user}`: {said}{hint}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Secret;

    fn ask(method: &str, password: bool, flags: Option<&str>) -> Escalation {
        Escalation {
            method: method.into(),
            user: "db".into(),
            password: password.then(|| Secret::new("x")),
            exe: None,
            flags: flags.map(String::from),
            chdir: None,
        }
    }

    #[track_caller]
    fn case(escalation: &Escalation, expected: &str, terminal: Terminal) {
        let ladder = Ladder::plan(escalation, "ASK", &["sh".into(), "a b".into()]).unwrap();
        assert_eq!(ladder.words.join("|"), expected);
        assert_eq!(ladder.terminal, terminal);
    }

    #[test]
    fn commands() {
        case(&ask("sudo", false, None), "sudo|-H|-S|-n|-p|ASK|-u|db|sh|a b", Terminal::None);
        case(&ask("sudo", true, None), "sudo|-H|-S|-p|ASK|-u|db|sh|a b", Terminal::None);
        case(
            &ask("sudo", true, Some("-Hn -i")),
            "sudo|-H|-i|-S|-p|ASK|-u|db|awk|BEGIN { s = ARGV[1]; gsub(\"@\", sprintf(\"%c\", 36), s); exit system(s) }|sh \
             'a b'",
            Terminal::None,
        );
        case(&ask("su", true, None), "su|db|-c|sh 'a b'", Terminal::Raw);
        case(&ask("su", false, Some("-s /bin/sh")), "su|-s|/bin/sh|db|-c|sh 'a b'", Terminal::None);
        case(&ask("doas", false, None), "doas|-n|-u|db|sh|a b", Terminal::None);
        let there = Escalation { chdir: Some("/srv".into()), ..ask("sudo", false, None) };
        case(
            &there,
            "sh|-c|cd -- \"$0\" && exec \"$@\"|/srv|sudo|-H|-S|-n|-p|ASK|-u|db|sh|a b",
            Terminal::None,
        );
        let exe = Escalation { exe: Some("/opt/sudo su -".into()), ..ask("su", false, None) };
        case(&exe, "/opt/sudo|su|-|db|-c|sh 'a b'", Terminal::None);
        let error = Ladder::plan(&ask("pbrun", false, None), "ASK", &[]).unwrap_err();
        assert_eq!(
            error.message,
            "the become method `pbrun` is not known; fcplay knows `doas`, `su` and `sudo`"
        );
        assert!(error.denied);
    }

    #[test]
    fn dollars_pass_through_the_shell_of_sudo() {
        let command = ["sh", "-c", "echo $1 '@' $(id -un)", "me", "a$b"].map(String::from);
        let [program, code, line] = without_dollars(&command);
        assert!(!line.contains('$') && !code.contains('$'));
        let output = std::process::Command::new(program).args([code, line]).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.starts_with("a$b @ "), "{text}");
        for (flag, expected) in
            [("-i", true), ("-Hs", true), ("--login", true), ("-uis", false), ("--stdin", false)]
        {
            assert_eq!(starts_shell(flag), expected, "{flag}");
        }
    }

    #[test]
    fn prompts() {
        let sudo = Prompt::Words("ASK".into());
        assert!(sudo.is_in(b"lecture\nASK") && !sudo.is_in(b"Password: "));
        assert!(Prompt::Colon.is_in("密码：".as_bytes()) && Prompt::Colon.is_in(b"Password: "));
        assert!(!Prompt::Colon.is_in(b"su: Authentication failure\r\n"));
    }

    #[test]
    fn refusals() {
        let first = |error: Unreachable| error.message.split(':').next().unwrap().to_owned();
        let plain = ask("sudo", false, None);
        assert_eq!(
            first(refused(&plain, Stage::Unasked, "sudo: a password is required")),
            "Missing sudo password"
        );
        let given = ask("su", true, None);
        assert_eq!(
            first(refused(&given, Stage::Answered, "su: Authentication failure")),
            "Incorrect su password"
        );
        assert_eq!(
            refused(&ask("sudo", true, None), Stage::Answered, "ann is not in the sudoers file.")
                .message,
            "`sudo` did not let us become `db`: ann is not in the sudoers file.\nhint: the rules of sudo there (`visudo`) have \
             to permit it, for every command"
        );
    }
}
