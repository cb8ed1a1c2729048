//! Which lines of the configuration count for a host.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use super::file::{self, BadConfig, Line};
use super::words;
use super::{Options, Tokens};
use crate::connection::ssh::machine::Machine;
use crate::connection::ssh::pattern;

/// The port of ssh.
const PORT: u16 = 22;

/// The configuration files, read once.
#[derive(Clone, Debug, Default)]
pub(in crate::connection::ssh) struct Source {
    files: Vec<Vec<Line>>,
}

/// Which host, and what its command line says.
#[derive(Clone, Debug)]
pub(in crate::connection::ssh) struct Query<'q> {
    /// The host as it was named.
    pub(in crate::connection::ssh) host: &'q str,
    /// This machine.
    pub(in crate::connection::ssh) machine: &'q Arc<Machine>,
}

impl Source {
    /// Reads the user's and the machine's file, or only the file that was named (`none`: no file).
    pub(in crate::connection::ssh) fn read(
        machine: &Machine,
        named: Option<&Path>,
    ) -> Result<Self, BadConfig> {
        let files = match named {
            Some(path) if path == Path::new("none") => Vec::new(),
            Some(path) => {
                let path = machine.expand_home(&path.to_string_lossy());
                vec![file::read(&path, true, machine)?]
            }
            None => vec![
                file::read(&machine.user_config, false, machine)?,
                file::read(&machine.system_config, false, machine)?,
            ],
        };
        Ok(Self { files })
    }

    /// Reads a text as if it stood in the named file.
    pub(in crate::connection::ssh) fn of(
        text: &str,
        path: &Path,
        machine: &Machine,
    ) -> Result<Self, BadConfig> {
        Ok(Self { files: vec![file::parse(text, path, machine)?] })
    }

    /// Returns what is set for a host, on top of what the command line has set.
    pub(in crate::connection::ssh) fn resolve(
        &self,
        query: &Query<'_>,
        command_line: Options,
    ) -> Result<Options, BadConfig> {
        let mut options = command_line;
        let mut pass = Pass::default();
        for lines in &self.files {
            walk(lines, true, query, &mut options, &mut pass)?;
        }
        if pass.again {
            // What was set stays: the second look only adds what `Match final` and what now fits have to say.
            pass.last = true;
            for lines in &self.files {
                walk(lines, true, query, &mut options, &mut pass)?;
            }
        }
        Ok(options)
    }
}

impl Options {
    /// Takes ssh's own arguments over; returns the file that `-F` names.
    pub(in crate::connection::ssh) fn apply_arguments(
        &mut self,
        arguments: &[String],
        place: &str,
    ) -> Result<Option<PathBuf>, BadConfig> {
        words::apply(arguments, place, self)
    }
}

/// How often the files have been gone through.
#[derive(Clone, Copy, Debug, Default)]
struct Pass {
    /// Whether this is the second time.
    last: bool,
    /// Whether somebody asks for a second time (`Match final`).
    again: bool,
}

/// Goes through lines; returns whether the block that is open at their end is switched on.
fn walk(
    lines: &[Line],
    mut active: bool,
    query: &Query<'_>,
    options: &mut Options,
    pass: &mut Pass,
) -> Result<bool, BadConfig> {
    for line in lines {
        match line.keyword.as_str() {
            "host" => {
                let words: Vec<String> =
                    line.words.iter().map(|word| word.to_lowercase()).collect();
                let words = words.iter().map(String::as_str);
                active = pattern::list_matches(words, &query.host.to_lowercase());
            }
            "match" => active = matches(line, query, options, pass)?,
            // Blocks that an included file opens end with the file.
            "include" if active => {
                for file in &line.included {
                    walk(file, true, query, options, pass)?;
                }
            }
            "include" => {}
            keyword if active => {
                options.set(keyword, &line.words, &line.place()).map_err(|why| line.bad(why))?;
            }
            _ => {}
        }
    }
    Ok(active)
}

/// Returns whether all conditions of a `Match` line hold.
fn matches(
    line: &Line,
    query: &Query<'_>,
    options: &mut Options,
    pass: &mut Pass,
) -> Result<bool, BadConfig> {
    let mut words = line.words.iter();
    let mut all = true;
    if line.words.is_empty() {
        return Err(line.bad("`Match` needs a condition"));
    }
    while let Some(word) = words.next() {
        let (negated, word) = match word.strip_prefix('!') {
            Some(word) => (true, word),
            None => (false, word.as_str()),
        };
        let (name, inline) = match word.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (word, None),
        };
        let name = name.to_ascii_lowercase();
        let holds = match name.as_str() {
            "all" => true,
            "canonical" | "final" => {
                pass.again |= name == "final";
                pass.last
            }
            name => {
                let value = inline.or_else(|| words.next().map(String::as_str));
                let value =
                    value.ok_or_else(|| line.bad(format!("`Match {name}` needs a value")))?;
                // A condition after one that failed is not looked at: `exec` may cost time.
                all && condition(name, value, line, query, options)?
            }
        };
        all = all && (holds != negated);
    }
    Ok(all)
}

fn condition(
    name: &str,
    value: &str,
    line: &Line,
    query: &Query<'_>,
    options: &mut Options,
) -> Result<bool, BadConfig> {
    let tokens = tokens(query, options).map_err(|why| line.bad(why))?;
    let list = |text: &str| {
        let value = value.to_lowercase();
        Ok(pattern::list_matches(value.split(','), &text.to_lowercase()))
    };
    match name {
        "exec" => {
            let command = tokens.expand(value).map_err(|why| line.bad(why))?;
            succeeds(&command).map_err(|why| line.bad(format!("`{command}` cannot run: {why}")))
        }
        "host" => list(&tokens.host),
        "localuser" => Ok(pattern::list_matches(value.split(','), &query.machine.user)),
        "originalhost" => list(query.host),
        "user" => Ok(pattern::list_matches(value.split(','), &tokens.user)),
        "localnetwork" | "sessiontype" | "tagged" | "command" | "version" => {
            let place = line.place();
            options.warn(format!("{place}: `Match {name}` is not supported and never holds"));
            Ok(false)
        }
        _ => Err(line.bad(format!("`{name}` is not a condition of `Match`"))),
    }
}

/// Returns the tokens as far as the options are known.
fn tokens(query: &Query<'_>, options: &Options) -> Result<Tokens, String> {
    let mut tokens = Tokens {
        original: query.host.to_owned(),
        host: query.host.to_owned(),
        alias: options.host_key_alias.clone().unwrap_or_else(|| query.host.to_owned()),
        port: options.port.unwrap_or(PORT),
        user: options.user.clone().unwrap_or_else(|| query.machine.user.clone()),
        jump: options.proxy_jump.clone().unwrap_or_default(),
        machine: Arc::clone(query.machine),
    };
    if let Some(name) = &options.host_name {
        tokens.host = tokens.expand(name)?;
    }
    Ok(tokens)
}

impl Options {
    /// Returns what the tokens stand for, now that all options are known.
    pub(in crate::connection::ssh) fn tokens(
        &self,
        query: &Query<'_>,
    ) -> Result<Tokens, BadConfig> {
        let place = format!("the ssh options of `{}`", query.host);
        tokens(query, self).map_err(|why| BadConfig { place, why })
    }
}

fn succeeds(command: &str) -> std::io::Result<bool> {
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", command]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    shell.status().map(|status| status.success())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    struct Home {
        folder: tempfile::TempDir,
        machine: Arc<Machine>,
    }

    fn home(config: &str) -> Home {
        let folder = tempfile::tempdir().unwrap();
        let ssh = folder.path().join(".ssh");
        fs::create_dir(&ssh).unwrap();
        fs::write(ssh.join("config"), config).unwrap();
        let machine = Arc::new(Machine {
            home: folder.path().to_path_buf(),
            user: "ann".to_owned(),
            uid: 1000,
            name: "desk".to_owned(),
            agent: None,
            user_config: ssh.join("config"),
            system_config: folder.path().join("system"),
        });
        Home { folder, machine }
    }

    impl Home {
        #[track_caller]
        fn resolve(&self, host: &str, arguments: &str) -> Options {
            let mut options = Options::default();
            let named =
                options.apply_arguments(&words::shell_words(arguments).unwrap(), "args").unwrap();
            let source = Source::read(&self.machine, named.as_deref()).unwrap();
            source.resolve(&Query { host, machine: &self.machine }, options).unwrap()
        }

        #[track_caller]
        fn error(&self) -> String {
            let folder = self.folder.path().display().to_string();
            let query = Query { host: "web", machine: &self.machine };
            let error = Source::read(&self.machine, None)
                .and_then(|source| source.resolve(&query, Options::default()))
                .unwrap_err();
            error.to_string().replace(&folder, "~")
        }
    }

    #[test]
    fn blocks_negation_and_order() {
        let home = home(
            "User everybody\nHost *.lan !db.lan\n  Port 2201\n  User lan\nHost DB.lan\n  HostName 10.0.0.5\nHost *\n  Port 2299\n",
        );
        let web = home.resolve("web.lan", "");
        assert_eq!((web.user.as_deref(), web.port), (Some("everybody"), Some(2201)));
        let db = home.resolve("db.lan", "-p 7");
        assert_eq!((db.host_name.as_deref(), db.port), (Some("10.0.0.5"), Some(7)));
    }

    #[test]
    fn match_sees_what_was_set_before() {
        let home = home(
            "Host web\n HostName web.example.com\nMatch host web.example.com user ann\n Port 1\nMatch originalhost w* !user ann\n Port 2\nMatch exec \"test %n = web\"\n User bob\nMatch user bob\n IdentityFile ~/x\nMatch all\n Compression yes\n",
        );
        let web = home.resolve("web", "");
        assert_eq!((web.port, web.user.as_deref()), (Some(1), Some("bob")));
        assert_eq!(web.identity_files, ["~/x"]);
        assert_eq!(web.compression, Some(true));
        assert_eq!(home.resolve("wiki", "-l eve").port, Some(2));
    }

    #[test]
    fn the_last_word_is_for_what_nobody_has_set() {
        // As on Fedora, with a host that is known by its real name only in the second pass.
        let home = home(
            "Match final all\n Ciphers aes128-ctr\n Port 7\nMatch canonical\n User late\nMatch host *.lan\n MACs hmac-sha2-256\nHost web\n HostName web.lan\n Port 8\n",
        );
        let web = home.resolve("web", "");
        assert_eq!((web.port, web.ciphers.as_deref()), (Some(8), Some("aes128-ctr")));
        assert_eq!(
            (web.user.as_deref(), web.macs.as_deref()),
            (Some("late"), Some("hmac-sha2-256"))
        );
        assert_eq!(web.warnings, [""; 0]);
        assert_eq!(home.resolve("db", "").port, Some(7));
    }

    #[test]
    fn includes_stay_inside_their_block() {
        let home = home("Host a\n Include conf.d/*.conf\nHost *\n User rest\n");
        let folder = home.folder.path().join(".ssh/conf.d");
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("1.conf"), "Port 1\nHost z\nPort 9\n").unwrap();
        fs::write(folder.join("2.conf"), "User two\n").unwrap();
        fs::write(folder.join(".3.conf"), "Port 3\n").unwrap();
        let a = home.resolve("a", "");
        assert_eq!((a.port, a.user.as_deref()), (Some(1), Some("two")));
        let b = home.resolve("b", "");
        assert_eq!((b.port, b.user.as_deref()), (None, Some("rest")));
    }

    #[test]
    fn the_machines_file_comes_last_and_not_with_a_named_file() {
        let home = home("Port 1\n");
        fs::write(&home.machine.system_config, "Port 2\nUser system\n").unwrap();
        let own = home.folder.path().join("own");
        fs::write(&own, "Compression no\n").unwrap();
        let both = home.resolve("a", "");
        assert_eq!((both.port, both.user.as_deref()), (Some(1), Some("system")));
        let named = home.resolve("a", &format!("-F {}", own.display()));
        assert_eq!((named.port, named.compression), (None, Some(false)));
        assert_eq!(home.resolve("a", "-F none"), Options::default());
    }

    #[test]
    fn mistakes_name_file_and_line() {
        assert_eq!(home("Host a\nHost *\nPort x").error(), "~/.ssh/config:3: `x` is not a port");
        assert_eq!(home("Match").error(), "~/.ssh/config:1: `Match` needs a condition");
        assert_eq!(
            home("Include config").error(),
            "~/.ssh/config:1: includes are nested too deeply: does a file include itself?"
        );
        assert_eq!(
            home("Match weather fine").error(),
            "~/.ssh/config:1: `weather` is not a condition of `Match`"
        );
    }

    #[test]
    fn a_block_that_is_off_may_say_anything() {
        assert_eq!(home("Host other\nPort x\n").resolve("web", "").port, None);
    }
}
