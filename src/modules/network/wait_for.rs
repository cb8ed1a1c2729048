//! `wait_for`: waits for a port, a file, or the end of connections.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::base::pyregex::{Flags, Pattern};
use crate::base::{Map, Value};
use crate::module::{Check, Example, Failure, Job, Module, Outcome, Return, Spec};
use crate::modules::files::attributes::describe;
use crate::system::Look;
use crate::{arguments, choices};

choices! {
    /// What to wait for.
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
        /// States of connections that count as active, for `drained`.
        active_connection_states: Vec<String> = STATES.iter().map(|(name, _)| (*name).into()).collect(),
        /// After how many seconds one try to connect is given up.
        connect_timeout: u64 = 5,
        /// How many seconds to wait before the first look.
        delay: u64 = 0,
        /// Hosts whose connections do not count, for `drained`.
        exclude_hosts: Option<Vec<String>>,
        /// The host of the port, as seen from the host that waits.
        host: String = "127.0.0.1".into(),
        /// What to say when the time is over.
        msg: Option<String>,
        /// The file to wait for.
        path: Option<PathBuf>,
        /// The port to wait for.
        port: Option<u16>,
        /// A regular expression to find in the file, or in what the port says when somebody connects.
        search_regex: Option<String>,
        /// How many seconds lie between two looks.
        sleep: u64 = 1,
        /// Whether to wait until it is there (`started`, `present`), gone (`stopped`, `absent`), or without connections.
        state: State = State::Started,
        /// After how many seconds to give up.
        timeout: u64 = 300,
    }
}

/// States of connections that may count as active, and their numbers in `/proc/net/tcp`.
const STATES: &[(&str, u8)] = &[
    ("ESTABLISHED", 1),
    ("FIN_WAIT1", 4),
    ("FIN_WAIT2", 5),
    ("SYN_RECV", 3),
    ("SYN_SENT", 2),
    ("TIME_WAIT", 6),
];

/// The module.
pub(super) struct WaitFor;

impl Module for WaitFor {
    const SPEC: &'static Spec = &Spec {
        name: "wait_for",
        summary: "Waits for a port, a file, or the end of connections.",
        check: Check::Skip,
        examples: &[
            Example {
                about: "Wait until a port takes connections.",
                task: "wait_for: {port: 8080, timeout: 60}",
            },
            Example {
                about: "Wait until a log says that the service is up.",
                task: "wait_for: {path: /var/log/app.log, search_regex: \"started in [0-9.]+ s\"}",
            },
            Example {
                about: "Wait until nobody is connected any more.",
                task: "wait_for: {host: 0.0.0.0, port: 80, state: drained}",
            },
        ],
        returns: &[
            Return { name: "elapsed", about: "How many seconds it took." },
            Return { name: "match_groups", about: "What the groups of `search_regex` found." },
            Return { name: "match_groupdict", about: "What its named groups found." },
            Return { name: "path", about: "The file." },
            Return { name: "port", about: "The port." },
            Return { name: "search_regex", about: "The regular expression." },
            Return {
                name: "state",
                about: "What was waited for; of a file that is there, what it is.",
            },
        ],
        ..Spec::BASE
    };
    type Args = Args;

    fn run(args: Args, job: &mut Job<'_>) -> Result<Outcome, Failure> {
        let look = job.look();
        let start = look.now();
        let wait = Wait::new(&args)?;
        if args.delay > 0 {
            look.sleep(Duration::from_secs(args.delay));
        }
        let found = wait.until(look, start)?;
        let elapsed = (look.now() - start) as i64;
        let Some(found) = found else {
            let message = args.msg.clone().unwrap_or_else(|| wait.over());
            return Err(Failure::new(message).with("elapsed", elapsed));
        };
        // What is waited for is a file as other modules tell of it, once it is there.
        let file = match &args.path {
            Some(path) if look.stat(path)?.is_some() => describe(look, path)?,
            _ => Map::from_iter([("state", Value::from(args.state.word()))]),
        };
        Ok(Outcome::done()
            .with("elapsed", elapsed)
            .with_all(file)
            .with("port", args.port.map(u32::from))
            .with("path", args.path.map(|path| path.to_string_lossy().into_owned()))
            .with("search_regex", args.search_regex)
            .with("match_groups", found.groups)
            .with("match_groupdict", found.named))
    }
}

/// What a look found: the groups of the regular expression.
#[derive(Debug, Default)]
struct Found {
    groups: Vec<Value>,
    named: Map,
}

/// What is waited for.
struct Wait<'a> {
    args: &'a Args,
    target: Target<'a>,
    pattern: Option<Pattern>,
    states: Vec<u8>,
}

enum Target<'a> {
    Nothing,
    Path(&'a PathBuf),
    Port(u16),
}

impl<'a> Wait<'a> {
    fn new(args: &'a Args) -> Result<Self, Failure> {
        let fail = |message: &str| Err(Failure::new(message).with("elapsed", 0));
        let target = match (&args.path, args.port) {
            (Some(_), Some(_)) => {
                return fail("port and path parameter can not both be passed to wait_for");
            }
            (Some(_), None) if matches!(args.state, State::Drained | State::Stopped) => {
                return fail(&format!(
                    "state={} should only be used for checking a port in the wait_for module",
                    args.state.word()
                ));
            }
            (Some(path), None) => Target::Path(path),
            (None, Some(port)) => Target::Port(port),
            (None, None) => Target::Nothing,
        };
        if args.exclude_hosts.is_some() && args.state != State::Drained {
            return fail("exclude_hosts should only be with state=drained");
        }
        let pattern = args.search_regex.as_deref().map(|text| Pattern::new(text, Flags::MULTILINE));
        let number = |name: &String| STATES.iter().find(|(known, _)| known == name);
        let states = args.active_connection_states.iter().map(|name| {
            number(name).map(|(_, number)| *number).ok_or_else(|| {
                Failure::new(format!("unknown active_connection_state ({name}) defined"))
                    .with("elapsed", 0)
            })
        });
        Ok(Self {
            args,
            target,
            pattern: pattern.transpose().map_err(|error| Failure::new(error.to_string()))?,
            states: states.collect::<Result<_, _>>()?,
        })
    }

    /// Looks until it is as wished; returns nothing when the time is over.
    fn until(&self, look: &dyn Look, start: f64) -> Result<Option<Found>, Failure> {
        let end = start + self.args.timeout as f64;
        if let Target::Nothing = self.target {
            look.sleep(Duration::from_secs_f64((end - look.now()).max(0.0)));
            return Ok(Some(Found::default()));
        }
        while look.now() < end {
            let left = Duration::from_secs_f64((end - look.now()).max(0.001));
            if let Some(found) = self.try_once(look, left)? {
                return Ok(Some(found));
            }
            if look.has_ended() {
                return Err(Failure::new("the task was ended while it waited"));
            }
            look.sleep(Duration::from_secs(self.args.sleep.max(1)));
        }
        Ok(None)
    }

    /// Looks once.
    fn try_once(&self, look: &dyn Look, left: Duration) -> Result<Option<Found>, Failure> {
        let one = Duration::from_secs(self.args.connect_timeout.max(1)).min(left);
        let host = self.args.host.as_str();
        let yes = |truth: bool| Ok(truth.then(Found::default));
        match (&self.target, self.args.state) {
            (Target::Nothing, _) => yes(true),
            (Target::Path(path), State::Absent) => yes(look.stat_followed(path)?.is_none()),
            (Target::Path(path), _) => match &self.pattern {
                None => yes(look.stat_followed(path)?.is_some()),
                Some(_) => self.in_file(look, path),
            },
            (Target::Port(port), State::Absent | State::Stopped) => {
                yes(!look.can_connect(host, *port, one)?)
            }
            (Target::Port(port), State::Drained) => yes(self.is_drained(look, *port)?),
            (Target::Port(port), State::Present | State::Started) => match &self.pattern {
                None => yes(look.can_connect(host, *port, one)?),
                Some(pattern) => {
                    let mut found = None;
                    let mut enough = |heard: &[u8]| {
                        found = search(pattern, &String::from_utf8_lossy(heard));
                        found.is_some()
                    };
                    look.hear(host, *port, left, &mut enough)?;
                    Ok(found)
                }
            },
        }
    }

    fn in_file(&self, look: &dyn Look, path: &Path) -> Result<Option<Found>, Failure> {
        let content = look.read(path)?.unwrap_or_default();
        let text = String::from_utf8_lossy(&content);
        Ok(self.pattern.as_ref().and_then(|pattern| search(pattern, &text)))
    }

    /// Returns whether no connection to the port is active.
    fn is_drained(&self, look: &dyn Look, port: u16) -> Result<bool, Failure> {
        let own = resolve(look, &self.args.host)?;
        let mut excluded = Vec::new();
        for host in self.args.exclude_hosts.iter().flatten() {
            excluded.extend(resolve(look, host)?);
        }
        for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
            let text = look.read(table.as_ref())?.unwrap_or_default();
            let text = String::from_utf8_lossy(&text).into_owned();
            let active = text.lines().filter_map(connection).any(|connection| {
                connection.port == port
                    && self.states.contains(&connection.state)
                    && (own.iter().any(|ip| ip.is_unspecified() || *ip == connection.local))
                    && !excluded.contains(&connection.remote)
            });
            if active {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Returns what to say when the time is over.
    fn over(&self) -> String {
        let (host, regex) = (&self.args.host, self.args.search_regex.as_deref());
        match (&self.target, self.args.state) {
            (Target::Nothing, _) => "Timeout".into(),
            (Target::Path(path), State::Absent) => {
                format!("Timeout when waiting for {} to be absent.", path.display())
            }
            (Target::Path(path), _) => match regex {
                Some(regex) => {
                    format!("Timeout when waiting for search string {regex} in {}", path.display())
                }
                None => format!("Timeout when waiting for file {}", path.display()),
            },
            (Target::Port(port), State::Absent | State::Stopped) => {
                format!("Timeout when waiting for {host}:{port} to stop.")
            }
            (Target::Port(port), State::Drained) => {
                format!("Timeout when waiting for {host}:{port} to drain")
            }
            (Target::Port(port), State::Present | State::Started) => match regex {
                Some(regex) => {
                    format!("Timeout when waiting for search string {regex} in {host}:{port}")
                }
                None => format!("Timeout when waiting for {host}:{port}"),
            },
        }
    }
}

fn search(pattern: &Pattern, text: &str) -> Option<Found> {
    // A search that takes too long finds nothing: the text may be another one at the next look.
    let found = pattern.search(text).ok()??;
    let group = |number: usize| found.group(number).map_or(Value::Null, Value::from);
    let named = pattern.group_names().iter().enumerate();
    Some(Found {
        groups: (1..=pattern.groups()).map(group).collect(),
        named: named
            .filter_map(|(place, name)| Some((name.as_deref()?, group(place + 1))))
            .collect(),
    })
}

fn resolve(look: &dyn Look, host: &str) -> Result<Vec<IpAddr>, Failure> {
    let found = crate::system::addresses(look, host, 0)?;
    Ok(found.into_iter().map(|address| plain(address.ip())).collect())
}

/// Returns an IPv4 address in the clothes of IPv6 as what it is.
fn plain(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(ip, IpAddr::V4),
        IpAddr::V4(_) => ip,
    }
}

/// A line of `/proc/net/tcp`.
#[derive(Debug, PartialEq)]
struct Connection {
    local: IpAddr,
    port: u16,
    remote: IpAddr,
    state: u8,
}

fn connection(line: &str) -> Option<Connection> {
    let mut words = line.split_whitespace().skip(1);
    let (local, remote, state) = (words.next()?, words.next()?, words.next()?);
    let (local, port) = local.split_once(':')?;
    Some(Connection {
        local: address(local)?,
        port: u16::from_str_radix(port, 16).ok()?,
        remote: address(remote.split_once(':')?.0)?,
        state: u8::from_str_radix(state, 16).ok()?,
    })
}

/// Reads an address as the kernel writes it: in words of four bytes, each as it lies in memory.
fn address(digits: &str) -> Option<IpAddr> {
    let mut bytes = Vec::new();
    for word in digits.as_bytes().chunks(8) {
        let word = std::str::from_utf8(word).ok()?;
        bytes.extend(u32::from_str_radix(word, 16).ok()?.to_ne_bytes());
    }
    match <[u8; 16]>::try_from(bytes.as_slice()) {
        Ok(v6) => Some(plain(IpAddr::from(v6))),
        Err(_) => <[u8; 4]>::try_from(bytes.as_slice()).ok().map(IpAddr::from),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections() {
        let line = "   3: 0100007F:1F90 0200007F:C350 01 00000000:00000000 00:00000000 00000000";
        let expected = Connection {
            local: "127.0.0.1".parse().unwrap(),
            port: 8080,
            remote: "127.0.0.2".parse().unwrap(),
            state: 1,
        };
        assert_eq!(connection(line), Some(expected));
        assert_eq!(connection("  sl  local_address rem_address   st"), None);
        assert_eq!(address("0000000000000000FFFF00000100007F"), Some("127.0.0.1".parse().unwrap()));
    }
}
