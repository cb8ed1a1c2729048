//! How a host will be reached: the inventory's words and the SSH configuration, put together.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::auth::agent_socket;
use super::config::{BadConfig, Options, Query, Source, Strict, Tokens};
use super::host_key::HostKeyCheck;
use super::known_hosts::{Known, Names, RevokedKeys};
use super::machine::Machine;
use super::target::{HostKeyChecking, Target};

/// How long to wait for a host when nobody says.
const PATIENCE: Duration = Duration::from_secs(10);

/// Known hosts of the user and of the machine.
const USER_FILES: [&str; 2] = ["~/.ssh/known_hosts", "~/.ssh/known_hosts2"];
const GLOBAL_FILES: [&str; 2] = ["/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"];

/// The way to a host.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Route {
    /// Straight.
    Direct,
    /// Through the last of these jump hosts, which is reached through those before it.
    Jump(Vec<String>),
    /// Through a command.
    Command(String),
}

/// Everything that is decided before the first packet.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) options: Options,
    pub(super) tokens: Tokens,
    pub(super) route: Route,
    /// The configuration file that was named; jump hosts read it too.
    pub(super) config: Option<PathBuf>,
    pub(super) patience: Duration,
    /// The agent to log in with.
    pub(super) agent: Option<PathBuf>,
    /// The agent that the host may use.
    pub(super) forwarded: Option<PathBuf>,
    pub(super) check: HostKeyCheck,
}

impl Plan {
    /// Puts target and configuration together. Reads files, and may run a command (`Match exec`).
    pub(super) fn make(
        target: &Target,
        machine: &Arc<Machine>,
        source: impl FnOnce(Option<&Path>) -> Result<Source, BadConfig>,
    ) -> Result<Self, BadConfig> {
        let mut options = Options::default();
        let first = options.apply_arguments(&target.arguments, "ssh_args")?;
        fields(target, &mut options);
        let second = options.apply_arguments(&target.more_arguments, "ansible_ssh_common_args")?;
        let config = first.or(second);
        let query = Query { host: &target.host, machine };
        let options = source(config.as_deref())?.resolve(&query, options)?;
        let tokens = options.tokens(&query)?;
        let place = format!("the ssh options of `{}`", target.host);
        let wrong = |why: String| BadConfig { place: place.clone(), why };
        let route = route(&options, &tokens).map_err(wrong)?;
        let check = check(&options, &tokens, &route).map_err(wrong)?;
        let path = |name: &str| tokens.path(name);
        let agent = agent_socket(options.identity_agent.as_deref(), machine.agent.as_deref(), path);
        let agent = agent.map_err(wrong)?;
        let forwarded = match options.forward_agent.as_deref() {
            None | Some("no") => None,
            Some("yes") => agent.clone(),
            Some(socket) => {
                agent_socket(Some(socket), machine.agent.as_deref(), path).map_err(wrong)?
            }
        };
        let patience = options.connect_timeout.unwrap_or(PATIENCE);
        Ok(Self { options, tokens, route, config, patience, agent, forwarded, check })
    }

    /// Returns the jump host and the target's arguments for it, when there is one.
    pub(super) fn jump(&self, target: &Target) -> Result<Option<Target>, BadConfig> {
        let Route::Jump(hops) = &self.route else { return Ok(None) };
        let Some((last, before)) = hops.split_last() else { return Ok(None) };
        let mut jump = hop(last).map_err(|why| BadConfig {
            place: format!("the ProxyJump of `{}`", target.host),
            why,
        })?;
        if !before.is_empty() {
            jump.arguments.extend(["-J".to_owned(), before.join(",")]);
        }
        if let Some(config) = &self.config {
            jump.arguments.extend(["-F".to_owned(), config.display().to_string()]);
        }
        jump.host_key_checking = target.host_key_checking;
        jump.timeout = target.timeout;
        Ok(Some(jump))
    }
}

/// Takes over what the inventory says.
fn fields(target: &Target, options: &mut Options) {
    if target.host_key_checking == HostKeyChecking::Off {
        options.strict.get_or_insert(Strict::No);
    }
    if let Some(port) = target.port {
        options.port.get_or_insert(port);
    }
    if let Some(user) = &target.user {
        options.user.get_or_insert_with(|| user.clone());
    }
    if let Some(timeout) = target.timeout.filter(|timeout| !timeout.is_zero()) {
        options.connect_timeout.get_or_insert(timeout);
    }
    if let Some(file) = &target.private_key_file {
        // A `%` in the inventory is a `%`, not a token.
        let name = file.to_string_lossy().replace('%', "%%");
        options.identity_files.push(name);
    }
}

fn route(options: &Options, tokens: &Tokens) -> Result<Route, String> {
    let none = |text: &&String| !text.eq_ignore_ascii_case("none");
    if let Some(command) = options.proxy_command.as_ref().filter(none) {
        return Ok(Route::Command(tokens.expand(command)?));
    }
    match options.proxy_jump.as_ref().filter(none) {
        Some(hops) => {
            let hops = tokens.expand(hops)?;
            Ok(Route::Jump(hops.split(',').map(|hop| hop.trim().to_owned()).collect()))
        }
        None => Ok(Route::Direct),
    }
}

fn check(options: &Options, tokens: &Tokens, route: &Route) -> Result<HostKeyCheck, String> {
    let files = |named: &Option<Vec<String>>, default: [&str; 2]| {
        let default = default.map(str::to_owned).to_vec();
        let names = named.as_ref().unwrap_or(&default).iter().filter(|name| *name != "none");
        names.map(|name| tokens.path(name)).collect::<Result<Vec<PathBuf>, String>>()
    };
    let hashed = options.hash_known_hosts == Some(true);
    Ok(HostKeyCheck {
        shown: shown(tokens),
        host: options.host_key_alias.clone().unwrap_or_else(|| tokens.host.to_lowercase()),
        port: options.host_key_alias.is_none().then_some(tokens.port),
        user_files: files(&options.user_known_hosts, USER_FILES)?,
        global_files: files(&options.global_known_hosts, GLOBAL_FILES)?,
        strict: if options.trust_localhost == Some(true) && is_here(&tokens.host) {
            Strict::No
        } else {
            options.strict.unwrap_or(Strict::Yes)
        },
        names: if hashed { Names::Hashed } else { Names::Clear },
        direct: *route == Route::Direct,
        revoked_file: match options.revoked_host_keys.as_deref() {
            None | Some("none") => None,
            Some(name) => Some(tokens.path(name)?),
        },
        revoked: RevokedKeys::None,
        known: Known::default(),
        portless: Known::default(),
    })
}

/// Returns whether a host is this machine by its name.
fn is_here(host: &str) -> bool {
    host == "localhost" || host.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback())
}

/// Returns `user@host:port`.
fn shown(tokens: &Tokens) -> String {
    let Tokens { host, port, user, .. } = tokens;
    if host.contains(':') {
        format!("{user}@[{host}]:{port}")
    } else {
        format!("{user}@{host}:{port}")
    }
}

/// Reads `[user@]host[:port]` or `ssh://[user@]host[:port]`.
fn hop(text: &str) -> Result<Target, String> {
    let wrong = || format!("`{text}` is not `[user@]host[:port]`");
    let rest = text.strip_prefix("ssh://").unwrap_or(text).trim_end_matches('/');
    let (user, rest) = match rest.rsplit_once('@') {
        Some((user, rest)) => (Some(user.to_owned()), rest),
        None => (None, rest),
    };
    let (host, port) = if let Some(rest) = rest.strip_prefix('[') {
        let (host, port) = rest.split_once(']').ok_or_else(wrong)?;
        (host, port.strip_prefix(':'))
    } else {
        match rest.split_once(':') {
            // An IPv6 address without brackets has no port.
            Some((_, port)) if port.contains(':') => (rest, None),
            Some((host, port)) => (host, Some(port)),
            None => (rest, None),
        }
    };
    let port = port.map(|port| port.parse().map_err(|_| wrong())).transpose()?;
    if host.is_empty() || user.as_ref().is_some_and(String::is_empty) {
        return Err(wrong());
    }
    Ok(Target { host: host.to_owned(), port, user, ..Target::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn hop_case(text: &str, user: Option<&str>, host: &str, port: Option<u16>) {
        let target = hop(text).unwrap();
        assert_eq!((target.user.as_deref(), &*target.host, target.port), (user, host, port));
    }

    #[test]
    fn hops() {
        hop_case("gate", None, "gate", None);
        hop_case("ann@gate:2222", Some("ann"), "gate", Some(2222));
        hop_case("ssh://ann@gate:2222/", Some("ann"), "gate", Some(2222));
        hop_case("[fe80::1]:22", None, "fe80::1", Some(22));
        hop_case("fe80::1", None, "fe80::1", None);
        assert_eq!(hop("gate:x").unwrap_err(), "`gate:x` is not `[user@]host[:port]`");
        assert_eq!(hop("@gate").unwrap_err(), "`@gate` is not `[user@]host[:port]`");
    }

    fn words(text: &str) -> Vec<String> {
        crate::connection::ssh::shell_words(text).unwrap()
    }

    fn machine() -> Arc<Machine> {
        Arc::new(Machine {
            home: PathBuf::from("/home/ann"),
            user: "ann".to_owned(),
            uid: 1,
            name: "desk".to_owned(),
            agent: Some(PathBuf::from("/run/agent")),
            user_config: PathBuf::from("/home/ann/.ssh/config"),
            system_config: PathBuf::from("/none"),
        })
    }

    #[test]
    fn the_inventory_weighs_more_than_common_arguments_and_less_than_ssh_args() {
        let machine = machine();
        let target = Target {
            host: "web".to_owned(),
            port: Some(2200),
            user: Some("bob".to_owned()),
            private_key_file: Some(PathBuf::from("/k/100%")),
            arguments: words("-o User=carol"),
            more_arguments: words("-o Port=9 -i other -J x@a:1,b -A"),
            host_key_checking: HostKeyChecking::Off,
            ..Target::default()
        };
        let plan = Plan::make(&target, &machine, |_| Ok(Source::default())).unwrap();
        assert_eq!(plan.check.shown, "carol@web:2200");
        assert_eq!(plan.options.identity_files, ["/k/100%%", "other"]);
        assert_eq!(plan.check.strict, Strict::No);
        assert_eq!(plan.forwarded, Some(PathBuf::from("/run/agent")));
        assert_eq!(plan.check.user_files[0], PathBuf::from("/home/ann/.ssh/known_hosts"));
        let jump = plan.jump(&target).unwrap().unwrap();
        assert_eq!(jump.host, "b");
        assert_eq!(jump.arguments, ["-J", "x@a:1"]);
        assert_eq!(jump.host_key_checking, HostKeyChecking::Off);
    }

    #[test]
    fn names_of_hosts() {
        let machine = machine();
        let target = Target {
            host: "web".to_owned(),
            more_arguments: words("-o HostName=%h.example.com -o HostKeyAlias=Farm -p 7"),
            ..Target::default()
        };
        let plan = Plan::make(&target, &machine, |_| Ok(Source::default())).unwrap();
        assert_eq!(plan.tokens.host, "web.example.com");
        assert_eq!((&*plan.check.host, plan.check.port), ("farm", None));
        assert_eq!(plan.patience, PATIENCE);
        assert_eq!(plan.route, Route::Direct);
    }
}
