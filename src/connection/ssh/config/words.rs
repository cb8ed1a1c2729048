//! ssh's own command line words, as they stand in `ansible_ssh_common_args` and its like.

use std::path::PathBuf;

use super::lexer;
use super::{BadConfig, Options};

/// Flags without a value that change nothing for us.
const HARMLESS: &str = "CGKMNTVXYfgknqstvxy";
/// Flags with a value that change nothing for us.
const HARMLESS_WITH_VALUE: &str = "EImPSecOQwBD";
/// Flags with a value that we cannot follow.
const UNSUPPORTED: &str = "LRW";

/// Splits text as a shell does: blanks, `'…'`, `"…"`, backslashes. For `ansible_ssh_common_args` and its like.
pub fn shell_words(text: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            c if c.is_whitespace() => words.extend(word.take()),
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next() {
                        Some('\'') => break,
                        Some(c) => word.push(c),
                        None => return Err(format!("a `'` is not closed in `{text}`")),
                    }
                }
            }
            '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next() {
                        Some('"') => break,
                        Some('\\') => match chars.next() {
                            Some(c @ ('"' | '\\' | '$' | '`')) => word.push(c),
                            Some(c) => word.extend(['\\', c]),
                            None => return Err(format!("a `\"` is not closed in `{text}`")),
                        },
                        Some(c) => word.push(c),
                        None => return Err(format!("a `\"` is not closed in `{text}`")),
                    }
                }
            }
            '\\' => word.get_or_insert_default().extend(chars.next()),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Ok(words)
}

/// Takes the options of a command line over; returns the file that `-F` names.
pub(super) fn apply(
    words: &[String],
    place: &str,
    options: &mut Options,
) -> Result<Option<PathBuf>, BadConfig> {
    let bad = |why: String| BadConfig { place: place.to_owned(), why };
    let mut config = None;
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let Some(mut flags) = word.strip_prefix('-').filter(|flags| !flags.is_empty()) else {
            return Err(bad(format!("`{word}` is not an option of ssh")));
        };
        while let Some(flag) = flags.chars().next() {
            flags = &flags[flag.len_utf8()..];
            if simple(flag, options).map_err(bad)? {
                continue;
            }
            let value =
                if flags.is_empty() { words.next().map(String::as_str) } else { Some(flags) };
            flags = "";
            let value = value.ok_or_else(|| bad(format!("`-{flag}` needs a value")))?;
            match flag {
                'F' => config = Some(PathBuf::from(value)),
                'o' => option(value, place, options).map_err(bad)?,
                _ => valued(flag, value, place, options).map_err(bad)?,
            }
        }
    }
    Ok(config)
}

/// Acts on a flag without a value; returns whether it was one.
fn simple(flag: char, options: &mut Options) -> Result<bool, String> {
    let (keyword, value) = match flag {
        '4' => ("addressfamily", "inet"),
        '6' => ("addressfamily", "inet6"),
        'A' => ("forwardagent", "yes"),
        'a' => ("forwardagent", "no"),
        // Ansible's default arguments carry `-C`; over a LAN it costs more time than it saves, so only
        // `-o Compression=yes` compresses.
        flag if HARMLESS.contains(flag) => return Ok(true),
        _ => return Ok(false),
    };
    options.set(keyword, &[value.to_owned()], "")?;
    Ok(true)
}

fn valued(flag: char, value: &str, place: &str, options: &mut Options) -> Result<(), String> {
    let keyword = match flag {
        'J' => "proxyjump",
        'b' => "bindaddress",
        'i' => "identityfile",
        'l' => "user",
        'p' => "port",
        flag if HARMLESS_WITH_VALUE.contains(flag) => return Ok(()),
        flag if UNSUPPORTED.contains(flag) => {
            options.warn(format!("{place}: `-{flag}` is not supported and has no effect"));
            return Ok(());
        }
        flag => return Err(format!("`-{flag}` is not an option of ssh")),
    };
    options.set(keyword, &[value.to_owned()], place)
}

/// Acts on `-o Key=value` and `-o "Key value"`.
fn option(text: &str, place: &str, options: &mut Options) -> Result<(), String> {
    let statement = lexer::statement(text)?;
    let statement = statement.ok_or_else(|| "`-o` needs `Option=value`".to_owned())?;
    options.set(&statement.keyword, &statement.words, place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn read(text: &str) -> (Options, Option<PathBuf>) {
        let mut options = Options::default();
        let config = apply(&shell_words(text).unwrap(), "args", &mut options).unwrap();
        (options, config)
    }

    #[track_caller]
    fn refused(text: &str, expected: &str) {
        let error = apply(&shell_words(text).unwrap(), "args", &mut Options::default());
        assert_eq!(error.unwrap_err().to_string(), expected);
    }

    #[test]
    fn shell_quoting() {
        let words = shell_words(r#"a 'b c'  "d \"e" f\ g '' h"i"j"#).unwrap();
        assert_eq!(words, ["a", "b c", "d \"e", "f g", "", "hij"]);
        assert_eq!(shell_words("'a"), Err("a `'` is not closed in `'a`".to_owned()));
    }

    #[test]
    fn usual_arguments() {
        let (options, config) = read(
            "-C -o ControlMaster=auto -o ControlPersist=60s -oPort=2200 -i ~/.ssh/k -J gate -lann -F /x/conf -4q",
        );
        assert_eq!(options.port, Some(2200));
        assert_eq!(options.identity_files, ["~/.ssh/k"]);
        assert_eq!(options.proxy_jump.as_deref(), Some("gate"));
        assert_eq!(options.user.as_deref(), Some("ann"));
        assert_eq!(options.address_family, Some(super::super::Family::Four));
        assert_eq!(options.warnings, [""; 0]);
        assert_eq!(config, Some(PathBuf::from("/x/conf")));
    }

    #[test]
    fn a_proxy_command_in_quotes() {
        let (options, _) = read(r#"-o ProxyCommand="ssh -W %h:%p -q gate""#);
        assert_eq!(options.proxy_command.as_deref(), Some("ssh -W %h:%p -q gate"));
    }

    #[test]
    fn mistakes() {
        refused("host", "args: `host` is not an option of ssh");
        refused("-p", "args: `-p` needs a value");
        refused("-p x", "args: `x` is not a port");
        refused("-Z", "args: `-Z` needs a value");
        refused("-Z x", "args: `-Z` is not an option of ssh");
        let (options, _) = read("-L 1:2:3");
        assert_eq!(options.warnings, ["args: `-L` is not supported and has no effect"]);
    }
}
