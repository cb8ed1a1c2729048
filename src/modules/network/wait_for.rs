//! `wait_for`: waits until a port is open or closed, a file is there or gone, or a text is in it.

use std::io::{Read, Write};
use std::path::PathBuf;
use std::time::Duration;

use crate::base::pyregex::{Flags, Pattern};
use crate::module::{Check, Example, Failure, Job, Module, Outcome, Return, Rule, Spec};
use crate::system::{Look, addresses};
use crate::{arguments, choices};

choices! {
    /// What is waited for.
    pub(super) enum State {
        Absent = "absent",
        Drained = "drained",
        Present = "present",
        Started = "started",
        Stopped = "stopped",
    }
}

arguments! {
    /// Arguments of `wait_for`.
    pub(super) struct Args {
        /// The host whose port it is.
        host: String = "127.0.0.1".into(),
        /// The port.
        port: Option<u16>,
        /// The file.
        path: Option<PathBuf>,
        /// What is waited for.
        state: State = State::Started,
        /// A regular expression that has to be found in the file, or in what the port answers.
        search_regex: Option<String>,
        /// How long to wait in all, in seconds.
        timeout: i64 = 300,
        /// How long one try to connect may take, in seconds.
        connect_timeout: i64 = 5,
        /// How long to wait before the first look, in seconds.
        delay: i64 = 0,
        /// How long to wait between looks, in seconds.
        sleep: i64 = 1,
        /// States of connections that count as in use.
        active_connection_states: Vec<String> =
            ["ESTABLISHED", "FIN_WAIT1", "FIN_WAIT2", "SYN_RECV", "SYN_SENT", "TIME_WAIT"].map(String::from).to_vec(),
        /// Hosts whose connections do not count, with `drained`.
        exclude_hosts: Option<Vec<String>>,
        /// What to say when the time is over.
        msg: Option<String>,
    }
}

/// The module.
pub(super) struct WaitFor;

impl Module for WaitFor {
    const SPEC: &'static Spec = &Spec {
        name: "wait_for",
        summary: "Waits for a port, a file, or a text in one of them.",
        check: Check::Skip,
        rules: &[Rule::Exclusive(&["port", "path"])],
        examples: &[Example {
            about: "Wait for a service.",
            task: "wait_for: {port: 6379, timeout: 60}",
        }],
        returns: &[
            Return { name: "elapsed", about: "How many seconds it took." },
            Return { name: "match_groups", about: "What the groups of `search_regex` found." },
            Return { name: "match_groupdict", about: "The same by name." },
        ],
        ..Spec::BASE
    };
    type Args = Args;

    fn run(args: Args, job: &mut Job<'_>) -> Result<Outcome, Failure> {
        let look = job.look();
        if args.path.is_some() && matches!(args.state, State::Stopped | State::Drained) {
            let word = args.state.word();
            return Err(Failure::new(format!(
                "state={word} should only be used for checking a port in the wait_for module"
            )));
        }
        let pattern = args
            .search_regex
            .as_deref()
            .map(|text| Pattern::new(text, Flags::MULTILINE))
            .transpose();
        let pattern = pattern
            .map_err(|error| Failure::new(format!("the regular expression is wrong: {error}")))?;
        let started = look.now();
        let elapsed = || (look.now() - started) as i64;
        let pause = |seconds: i64| look.sleep(Duration::from_secs(seconds.max(0).unsigned_abs()));
        pause(args.delay);
        if args.port.is_none() && args.path.is_none() {
            pause(args.timeout);
            return Ok(outcome(&args, elapsed(), None));
        }
        loop {
            if let Some(found) = look_once(&args, pattern.as_ref(), look)? {
                return Ok(outcome(&args, elapsed(), found));
            }
            if elapsed() >= args.timeout {
                return Err(Failure::new(late(&args)).with("elapsed", elapsed()));
            }
            pause(args.sleep.max(1).min(args.timeout - elapsed()).max(1));
        }
    }
}

/// What a regular expression found.
struct Found {
    groups: Vec<Option<String>>,
    named: Vec<(String, Option<String>)>,
}

/// Looks once: nothing when it is not so yet; what the regular expression found when there is one.
fn look_once(
    args: &Args,
    pattern: Option<&Pattern>,
    look: &dyn Look,
) -> Result<Option<Option<Found>>, Failure> {
    match (&args.path, args.port) {
        (Some(path), _) => {
            let exists = look.stat_followed(path)?.is_some();
            match args.state {
                State::Absent => Ok((!exists).then_some(None)),
                _ if !exists => Ok(None),
                _ => match pattern {
                    None => Ok(Some(None)),
                    Some(pattern) => {
                        let text = look.read(path)?.unwrap_or_default();
                        Ok(search(pattern, &String::from_utf8_lossy(&text)).map(Some))
                    }
                },
            }
        }
        (None, Some(port)) => look_at_port(args, port, pattern, look),
        (None, None) => Ok(Some(None)),
    }
}

fn look_at_port(
    args: &Args,
    port: u16,
    pattern: Option<&Pattern>,
    look: &dyn Look,
) -> Result<Option<Option<Found>>, Failure> {
    let patience = Duration::from_secs(args.connect_timeout.max(1).unsigned_abs());
    match args.state {
        State::Drained => Ok((active(args, port, look)? == 0).then_some(None)),
        State::Stopped | State::Absent => {
            Ok((!look.can_connect(&args.host, port, patience)?).then_some(None))
        }
        State::Started | State::Present => match pattern {
            None => Ok(look.can_connect(&args.host, port, patience)?.then_some(None)),
            Some(pattern) => Ok(listen(args, port, pattern, patience, look).map(Some)),
        },
    }
}

/// Reads what a port says until the regular expression finds it there.
fn listen(
    args: &Args,
    port: u16,
    pattern: &Pattern,
    patience: Duration,
    look: &dyn Look,
) -> Option<Found> {
    for address in addresses(look, &args.host, port).ok()? {
        let Ok(mut stream) = std::net::TcpStream::connect_timeout(&address, patience) else {
            continue;
        };
        stream.set_read_timeout(Some(patience)).ok()?;
        let _asked = stream.flush();
        let mut text = Vec::new();
        let mut buffer = [0; 4096];
        while let Ok(length) = stream.read(&mut buffer) {
            text.extend_from_slice(&buffer[..length]);
            if let Some(found) = search(pattern, &String::from_utf8_lossy(&text)) {
                return Some(found);
            }
            if length == 0 {
                break;
            }
        }
    }
    None
}

fn search(pattern: &Pattern, text: &str) -> Option<Found> {
    let found = pattern.search(text).ok().flatten()?;
    let group = |number: usize| found.group(number).map(str::to_owned);
    let names = pattern.group_names().iter().enumerate();
    let named =
        names.filter_map(|(number, name)| Some((name.clone()?, group(number + 1)))).collect();
    Some(Found { groups: (1..=pattern.groups()).map(group).collect(), named })
}

/// Returns how many connections use a port, as the kernel's tables tell.
fn active(args: &Args, port: u16, look: &dyn Look) -> Result<usize, Failure> {
    let states: Vec<&str> =
        args.active_connection_states.iter().filter_map(|name| state_number(name)).collect();
    let excluded = args.exclude_hosts.as_deref().unwrap_or_default();
    let mut count = 0;
    for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
        let text = look.read(std::path::Path::new(table))?.unwrap_or_default();
        for line in String::from_utf8_lossy(&text).lines().skip(1) {
            let fields: Vec<&str> = line.split_whitespace().collect();
            let [_, local, remote, state, ..] = fields[..] else { continue };
            let ours = local.rsplit(':').next().and_then(|text| u16::from_str_radix(text, 16).ok())
                == Some(port);
            let far = remote.split(':').next().and_then(address_of).unwrap_or_default();
            if ours && states.contains(&state) && !excluded.contains(&far) {
                count += 1;
            }
        }
    }
    Ok(count)
}

/// Returns an address of the kernel's tables as text; those of IPv6 that stand for IPv4 too.
fn address_of(hex: &str) -> Option<String> {
    let last = hex.get(hex.len().checked_sub(8)?..)?;
    let number = u32::from_str_radix(last, 16).ok()?;
    Some(std::net::Ipv4Addr::from(number.swap_bytes()).to_string())
}

fn state_number(name: &str) -> Option<&'static str> {
    Some(match name {
        "ESTABLISHED" => "01",
        "SYN_SENT" => "02",
        "SYN_RECV" => "03",
        "FIN_WAIT1" => "04",
        "FIN_WAIT2" => "05",
        "TIME_WAIT" => "06",
        _ => return None,
    })
}

fn outcome(args: &Args, elapsed: i64, found: Option<Found>) -> Outcome {
    let (groups, named) = found.map(|found| (found.groups, found.named)).unwrap_or_default();
    let path = args.path.as_ref().map(|path| path.to_string_lossy().into_owned());
    Outcome::done()
        .with("state", args.state.word())
        .with("port", args.port.map(i32::from))
        .with("search_regex", args.search_regex.clone())
        .with("match_groups", groups)
        .with(
            "match_groupdict",
            crate::base::Value::map(named.into_iter().map(|(name, text)| (name, text.into()))),
        )
        .with("path", path)
        .with("elapsed", elapsed)
}

fn late(args: &Args) -> String {
    if let Some(msg) = &args.msg {
        return msg.clone();
    }
    let path =
        args.path.as_ref().map(|path| path.to_string_lossy().into_owned()).unwrap_or_default();
    match (args.port, args.state, &args.search_regex) {
        (Some(port), State::Started | State::Present, Some(text)) => {
            format!("Timeout when waiting for search string {text} in {}:{port}", args.host)
        }
        (Some(port), State::Started | State::Present, None) => {
            format!("Timeout when waiting for {}:{port}", args.host)
        }
        (Some(port), State::Stopped | State::Absent, _) => {
            format!("Timeout when waiting for {}:{port} to stop.", args.host)
        }
        (Some(port), State::Drained, _) => {
            format!("Timeout when waiting for {}:{port} to drain", args.host)
        }
        (None, State::Absent, _) => format!("Timeout when waiting for {path} to be absent."),
        (None, _, Some(text)) => format!("Timeout when waiting for search string {text} in {path}"),
        (None, ..) => format!("Timeout when waiting for file {path}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_the_kernel() {
        assert_eq!(address_of("0100007F").as_deref(), Some("127.0.0.1"));
        assert_eq!(address_of("0000000000000000FFFF00000100007F").as_deref(), Some("127.0.0.1"));
    }

    #[test]
    fn groups() {
        let pattern = Pattern::new(r"port (?P<port>\d+) (\w+)?", Flags::default()).unwrap();
        let found = search(&pattern, "on port 80 ").unwrap();
        assert_eq!(found.groups, [Some("80".to_owned()), None]);
        assert_eq!(found.named, [("port".to_owned(), Some("80".to_owned()))]);
    }
}
