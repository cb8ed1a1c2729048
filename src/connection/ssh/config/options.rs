//! The options we act on, and how each reads its words.

use std::time::Duration;

/// What to do with a host key that nobody has vouched for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::connection::ssh) enum Strict {
    /// Refuse unknown and changed keys (`yes`, and `ask`, since nobody can be asked).
    Yes,
    /// Note down unknown keys, refuse changed ones.
    AcceptNew,
    /// Note down unknown keys; go on with changed ones, but give them no password.
    No,
}

/// Which addresses of a host to use.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::connection::ssh) enum Family {
    /// All of them.
    Any,
    /// IPv4 only.
    Four,
    /// IPv6 only.
    Six,
}

/// Options as far as they were set; tokens and `~` are not expanded yet.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(in crate::connection::ssh) struct Options {
    /// Whether to reach IPv4 or IPv6 addresses only.
    pub(in crate::connection::ssh) address_family: Option<Family>,
    /// The address to connect from.
    pub(in crate::connection::ssh) bind_address: Option<String>,
    /// Ciphers: a list, or a change to the default list (`+`, `-`, `^`).
    pub(in crate::connection::ssh) ciphers: Option<String>,
    /// Whether to compress.
    pub(in crate::connection::ssh) compression: Option<bool>,
    /// How long to wait for a connection.
    pub(in crate::connection::ssh) connect_timeout: Option<Duration>,
    /// The agent that the other side may use: `yes`, `no`, or its socket.
    pub(in crate::connection::ssh) forward_agent: Option<String>,
    /// Files with host keys known to the machine.
    pub(in crate::connection::ssh) global_known_hosts: Option<Vec<String>>,
    /// Whether names are hashed in `known_hosts`.
    pub(in crate::connection::ssh) hash_known_hosts: Option<bool>,
    /// Host key algorithms: a list or a change.
    pub(in crate::connection::ssh) host_key_algorithms: Option<String>,
    /// The name to look up in `known_hosts` instead of the host's.
    pub(in crate::connection::ssh) host_key_alias: Option<String>,
    /// The real name or address of the host.
    pub(in crate::connection::ssh) host_name: Option<String>,
    /// Whether only the named keys may be tried.
    pub(in crate::connection::ssh) identities_only: Option<bool>,
    /// The agent's socket, `none`, or `SSH_AUTH_SOCK`.
    pub(in crate::connection::ssh) identity_agent: Option<String>,
    /// Whether keyboard-interactive may be used.
    pub(in crate::connection::ssh) keyboard_interactive: Option<bool>,
    /// Key exchanges: a list or a change.
    pub(in crate::connection::ssh) kex: Option<String>,
    /// Message codes: a list or a change.
    pub(in crate::connection::ssh) macs: Option<String>,
    /// Whether passwords may be used.
    pub(in crate::connection::ssh) password_authentication: Option<bool>,
    /// The port.
    pub(in crate::connection::ssh) port: Option<u16>,
    /// Ways to authenticate, in order.
    pub(in crate::connection::ssh) preferred_authentications: Option<Vec<String>>,
    /// The command to reach the host through; `none` for none.
    pub(in crate::connection::ssh) proxy_command: Option<String>,
    /// The hosts to reach the host through; `none` for none.
    pub(in crate::connection::ssh) proxy_jump: Option<String>,
    /// Signature algorithms that our keys may use: a list or a change.
    pub(in crate::connection::ssh) pubkey_algorithms: Option<String>,
    /// Whether keys may be used.
    pub(in crate::connection::ssh) pubkey_authentication: Option<bool>,
    /// The file of keys that no host may show.
    pub(in crate::connection::ssh) revoked_host_keys: Option<String>,
    /// After how many unanswered messages the host is gone.
    pub(in crate::connection::ssh) server_alive_count: Option<usize>,
    /// How often to ask whether the host is there; zero for never.
    pub(in crate::connection::ssh) server_alive_interval: Option<Duration>,
    /// What to do with unknown host keys.
    pub(in crate::connection::ssh) strict: Option<Strict>,
    /// Whether hosts on this machine may show any key.
    pub(in crate::connection::ssh) trust_localhost: Option<bool>,
    /// The user to log in as.
    pub(in crate::connection::ssh) user: Option<String>,
    /// Files with host keys known to the user.
    pub(in crate::connection::ssh) user_known_hosts: Option<Vec<String>>,
    /// Certificates to try, in order.
    pub(in crate::connection::ssh) certificate_files: Vec<String>,
    /// Variables to set on the other side, if it lets us.
    pub(in crate::connection::ssh) environment: Vec<(String, String)>,
    /// Private keys to try, in order.
    pub(in crate::connection::ssh) identity_files: Vec<String>,
    /// What was said and is not acted on, for the operator to know.
    pub(in crate::connection::ssh) warnings: Vec<String>,
}

/// Options without a meaning for us, or whose absence changes nothing that a run relies on. Sorted.
const HARMLESS: &[&str] = &[
    "addkeystoagent",
    "batchmode",
    "casignaturealgorithms",
    "checkhostip",
    "cipher",
    "clearallforwardings",
    "controlmaster",
    "controlpath",
    "controlpersist",
    "enableescapecommandline",
    "enablesshkeysign",
    "escapechar",
    "exitonforwardfailure",
    "fingerprinthash",
    "forkafterauthentication",
    "forwardx11",
    "forwardx11timeout",
    "forwardx11trusted",
    "gatewayports",
    "gssapiauthentication",
    "gssapiclientidentity",
    "gssapidelegatecredentials",
    "gssapikexalgorithms",
    "gssapikeyexchange",
    "gssapirenewalforcesrekey",
    "gssapiserveridentity",
    "gssapitrustdns",
    "hostbasedacceptedalgorithms",
    "hostbasedauthentication",
    "ignoreunknown",
    "ipqos",
    "kbdinteractivedevices",
    "localcommand",
    "loglevel",
    "logverbose",
    "numberofpasswordprompts",
    "obscurekeystroketiming",
    "permitlocalcommand",
    "permitremoteopen",
    "protocol",
    "proxyusefdpass",
    "rekeylimit",
    "remotecommand",
    "requesttty",
    "requiredrsasize",
    "rhostsrsaauthentication",
    "rsaauthentication",
    "securitykeyprovider",
    "sendenv",
    "sessiontype",
    "stdinnull",
    "streamlocalbindmask",
    "streamlocalbindunlink",
    "syslogfacility",
    "tag",
    "tcpkeepalive",
    "tunnel",
    "tunneldevice",
    "updatehostkeys",
    "useblacklistedkeys",
    "usekeychain",
    "useprivilegedport",
    "useroaming",
    "verifyhostkeydns",
    "versionaddendum",
    "visualhostkey",
    "warnweakcrypto",
    "xauthlocation",
];

/// Options that would matter and that we cannot follow: said aloud.
const UNSUPPORTED: &[&str] = &[
    "bindinterface",
    "canonicaldomains",
    "canonicalizefallbacklocal",
    "canonicalizehostname",
    "canonicalizemaxdots",
    "canonicalizepermittedcnames",
    "channeltimeout",
    "dynamicforward",
    "knownhostscommand",
    "localforward",
    "pkcs11provider",
    "remoteforward",
];

impl Options {
    /// Takes one option over, if it is not set yet. `place` is for warnings.
    pub(super) fn set(
        &mut self,
        keyword: &str,
        words: &[String],
        place: &str,
    ) -> Result<(), String> {
        // Whoever switches something off misses nothing.
        let is_off = |word: &String| ["no", "none"].contains(&word.to_ascii_lowercase().as_str());
        if UNSUPPORTED.contains(&keyword) && words.first().is_some_and(is_off) {
            return Ok(());
        }
        if UNSUPPORTED.contains(&keyword) {
            self.warn(format!("{place}: `{keyword}` is not supported and has no effect"));
            return Ok(());
        }
        let first = words.first().filter(|word| !word.is_empty());
        if HARMLESS.contains(&keyword) {
            return Ok(());
        }
        let Some(first) = first else {
            return Err(format!("`{keyword}` needs a value"));
        };
        if let Some(slot) = self.flag(keyword) {
            keep(slot, flag(first)?);
            return Ok(());
        }
        match keyword {
            "addressfamily" => keep(&mut self.address_family, family(first)?),
            "bindaddress" => keep(&mut self.bind_address, first.clone()),
            "certificatefile" => add(&mut self.certificate_files, first),
            "ciphers" => keep(&mut self.ciphers, first.clone()),
            "connecttimeout" => self.set_timeout(first)?,
            "forwardagent" => keep(&mut self.forward_agent, first.clone()),
            "globalknownhostsfile" => keep(&mut self.global_known_hosts, words.to_vec()),
            "hostkeyalgorithms" => keep(&mut self.host_key_algorithms, first.clone()),
            "hostkeyalias" => keep(&mut self.host_key_alias, first.to_lowercase()),
            "hostname" => keep(&mut self.host_name, first.clone()),
            "identityagent" => keep(&mut self.identity_agent, first.clone()),
            "identityfile" => add(&mut self.identity_files, first),
            "kexalgorithms" => keep(&mut self.kex, first.clone()),
            "macs" => keep(&mut self.macs, first.clone()),
            "port" => keep(&mut self.port, port(first)?),
            "preferredauthentications" => {
                keep(
                    &mut self.preferred_authentications,
                    first.split(',').map(str::to_owned).collect(),
                );
            }
            "proxycommand" if self.proxy_jump.is_none() => {
                keep(&mut self.proxy_command, first.clone());
            }
            "proxyjump" if self.proxy_command.is_none() => {
                keep(&mut self.proxy_jump, first.clone());
            }
            "proxycommand" | "proxyjump" => {}
            "pubkeyacceptedalgorithms" | "pubkeyacceptedkeytypes" => {
                keep(&mut self.pubkey_algorithms, first.clone());
            }
            "revokedhostkeys" => keep(&mut self.revoked_host_keys, first.clone()),
            "setenv" => self.set_environment(words)?,
            "serveralivecountmax" => keep(&mut self.server_alive_count, number(first)?),
            "serveraliveinterval" => keep(&mut self.server_alive_interval, time(first)?),
            "stricthostkeychecking" => keep(&mut self.strict, strict(first)?),
            "user" => keep(&mut self.user, first.clone()),
            "userknownhostsfile" => keep(&mut self.user_known_hosts, words.to_vec()),
            unknown => {
                self.warn(format!(
                    "{place}: `{unknown}` is not an option of ssh that fcplay knows"
                ));
            }
        }
        Ok(())
    }

    /// Returns the option that is either on or off.
    fn flag(&mut self, keyword: &str) -> Option<&mut Option<bool>> {
        match keyword {
            "challengeresponseauthentication" | "kbdinteractiveauthentication" => {
                Some(&mut self.keyboard_interactive)
            }
            "compression" => Some(&mut self.compression),
            "dsaauthentication" | "pubkeyauthentication" => Some(&mut self.pubkey_authentication),
            "hashknownhosts" => Some(&mut self.hash_known_hosts),
            "identitiesonly" => Some(&mut self.identities_only),
            "nohostauthenticationforlocalhost" => Some(&mut self.trust_localhost),
            "passwordauthentication" => Some(&mut self.password_authentication),
            _ => None,
        }
    }

    fn set_timeout(&mut self, word: &str) -> Result<(), String> {
        let wait = if word == "none" { Duration::ZERO } else { time(word)? };
        if !wait.is_zero() {
            keep(&mut self.connect_timeout, wait);
        }
        Ok(())
    }

    /// The first line with variables wins, as in OpenSSH.
    fn set_environment(&mut self, words: &[String]) -> Result<(), String> {
        if self.environment.is_empty() {
            let pair = |word: &String| {
                let pair =
                    word.split_once('=').ok_or_else(|| format!("`{word}` is not `NAME=value`"))?;
                Ok((pair.0.to_owned(), pair.1.to_owned()))
            };
            self.environment = words.iter().map(pair).collect::<Result<_, String>>()?;
        }
        Ok(())
    }

    /// Notes a warning, once.
    pub(super) fn warn(&mut self, warning: String) {
        if !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }
}

fn keep<T>(slot: &mut Option<T>, value: T) {
    slot.get_or_insert(value);
}

fn add(list: &mut Vec<String>, word: &str) {
    if !list.iter().any(|known| known == word) {
        list.push(word.to_owned());
    }
}

fn flag(word: &str) -> Result<bool, String> {
    match word.to_ascii_lowercase().as_str() {
        // The last two are what `PubkeyAuthentication` knows besides.
        "yes" | "true" | "host-bound" | "unbound" => Ok(true),
        "no" | "false" => Ok(false),
        _ => Err(format!("`{word}` is neither `yes` nor `no`")),
    }
}

fn family(word: &str) -> Result<Family, String> {
    match word.to_ascii_lowercase().as_str() {
        "any" => Ok(Family::Any),
        "inet" => Ok(Family::Four),
        "inet6" => Ok(Family::Six),
        _ => Err(format!("`{word}` is none of `any`, `inet` and `inet6`")),
    }
}

fn strict(word: &str) -> Result<Strict, String> {
    match word.to_ascii_lowercase().as_str() {
        "yes" | "true" | "ask" => Ok(Strict::Yes),
        "accept-new" => Ok(Strict::AcceptNew),
        "no" | "false" | "off" => Ok(Strict::No),
        _ => Err(format!("`{word}` is none of `yes`, `ask`, `accept-new`, `no` and `off`")),
    }
}

fn number(word: &str) -> Result<usize, String> {
    word.parse().map_err(|_| format!("`{word}` is not a number"))
}

fn port(word: &str) -> Result<u16, String> {
    let port = word.parse().ok().filter(|&port| port > 0);
    port.ok_or_else(|| format!("`{word}` is not a port"))
}

/// Reads seconds, or a time like `1h30m`.
fn time(word: &str) -> Result<Duration, String> {
    let bad = || format!("`{word}` is not a time such as `10`, `10s` or `1m30s`");
    let mut seconds: u64 = 0;
    let mut digits = String::new();
    for c in word.chars() {
        let unit = match c.to_ascii_lowercase() {
            '0'..='9' => {
                digits.push(c);
                continue;
            }
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86_400,
            'w' => 604_800,
            _ => return Err(bad()),
        };
        let number: u64 = digits.parse().map_err(|_| bad())?;
        seconds = seconds.saturating_add(number.saturating_mul(unit));
        digits.clear();
    }
    if !digits.is_empty() {
        seconds = seconds.saturating_add(digits.parse().map_err(|_| bad())?);
    } else if word.is_empty() {
        return Err(bad());
    }
    Ok(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn set(options: &mut Options, keyword: &str, words: &[&str]) -> Result<(), String> {
        let words: Vec<String> = words.iter().map(|&word| word.to_owned()).collect();
        options.set(keyword, &words, "here")
    }

    #[test]
    fn the_first_value_wins_and_identities_add_up() {
        let mut options = Options::default();
        set(&mut options, "port", &["22"]).unwrap();
        set(&mut options, "port", &["23"]).unwrap();
        set(&mut options, "identityfile", &["a"]).unwrap();
        set(&mut options, "identityfile", &["b"]).unwrap();
        set(&mut options, "identityfile", &["a"]).unwrap();
        assert_eq!(options.port, Some(22));
        assert_eq!(options.identity_files, ["a", "b"]);
    }

    #[test]
    fn of_jump_and_command_the_first_wins() {
        let mut options = Options::default();
        set(&mut options, "proxycommand", &["none"]).unwrap();
        set(&mut options, "proxyjump", &["gate"]).unwrap();
        assert_eq!((options.proxy_command.as_deref(), options.proxy_jump), (Some("none"), None));
    }

    #[test]
    fn unknown_unsupported_and_harmless_options() {
        let mut options = Options::default();
        set(&mut options, "controlmaster", &["auto"]).unwrap();
        set(&mut options, "remoteforward", &["1", "2"]).unwrap();
        set(&mut options, "bogus", &["1"]).unwrap();
        let warnings = [
            "here: `remoteforward` is not supported and has no effect",
            "here: `bogus` is not an option of ssh that fcplay knows",
        ];
        assert_eq!(options.warnings, warnings);
    }

    #[test]
    fn values_that_cannot_be() {
        let mut options = Options::default();
        let mut case = |keyword, word, expected: &str| {
            assert_eq!(set(&mut options, keyword, &[word]), Err(expected.to_owned()));
        };
        case("port", "0", "`0` is not a port");
        case("port", "99999", "`99999` is not a port");
        case("port", "", "`port` needs a value");
        case("identitiesonly", "maybe", "`maybe` is neither `yes` nor `no`");
        case("connecttimeout", "1x", "`1x` is not a time such as `10`, `10s` or `1m30s`");
    }

    #[test]
    fn times() {
        assert_eq!(time("90"), Ok(Duration::from_secs(90)));
        assert_eq!(time("1h30m5"), Ok(Duration::from_secs(5405)));
        assert_eq!(time("2D"), Ok(Duration::from_secs(172_800)));
    }

    #[test]
    fn the_lists_are_sorted() {
        assert!(HARMLESS.is_sorted() && UNSUPPORTED.is_sorted());
    }
}
