//! The parts of `setup`: what each is called, what it needs, and the function that collects it.
//!
//! Collectors read the kernel's and the distribution's files; what cannot be read is a fact that is missing, never a
//! failure. Three programs may be started, each only where it is needed: `getent` for a host name that `/etc/hosts`
//! does not know, `capsh`, and `systemctl --version`.

mod devices;
mod distribution;
mod hardware;
mod local;
mod mounts;
mod names;
mod network;
mod platform;
mod security;
mod session;
mod storage;
mod virtualization;

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::base::{Map, Value};
use crate::module::Failure;
use crate::system::{Command, Look};

pub(super) use names::parse_ini;

/// The host while its facts are gathered.
pub(super) struct Gather<'a> {
    /// The machine.
    look: &'a dyn Look,
    /// How long a single thing may take.
    patience: Duration,
    /// Where the host's own facts are.
    pub(super) fact_path: PathBuf,
    /// The facts so far, without `ansible_`.
    pub(super) facts: Map,
    /// What the user should know.
    pub(super) warnings: Vec<String>,
}

/// Returns the full name of a host with this name.
pub(super) fn full_name(look: &dyn Look, node: &str) -> String {
    names::full_name(&Gather::new(look, Duration::from_secs(5)), node)
}

impl<'a> Gather<'a> {
    /// Returns a host of which nothing is known yet.
    pub(super) fn new(look: &'a dyn Look, patience: Duration) -> Self {
        Self { look, patience, fact_path: PathBuf::new(), facts: Map::new(), warnings: Vec::new() }
    }

    fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.facts.insert(name, value.into());
    }

    /// Returns the content of a file without white space at its ends; nothing when it cannot be read.
    fn text(&self, path: impl AsRef<Path>) -> Option<String> {
        let bytes = self.look.read(path.as_ref()).ok()??;
        Some(String::from_utf8_lossy(&bytes).trim().to_owned())
    }

    fn number(&self, path: impl AsRef<Path>) -> Option<i64> {
        self.text(path)?.parse().ok()
    }

    fn exists(&self, path: impl AsRef<Path>) -> bool {
        matches!(self.look.stat_followed(path.as_ref()), Ok(Some(_)))
    }

    /// Returns the names in a folder; none when it cannot be read.
    fn list(&self, path: impl AsRef<Path>) -> Vec<String> {
        if self.exists(&path) {
            self.look.list(path.as_ref()).unwrap_or_default()
        } else {
            Vec::new()
        }
    }

    /// Returns the last part of where a link points.
    fn link_name(&self, path: impl AsRef<Path>) -> Option<String> {
        let target = self.look.read_link(path.as_ref()).ok()?;
        Some(target.file_name()?.to_string_lossy().into_owned())
    }

    /// Returns what a program writes, when it is there, ends well and in time.
    fn output(&self, argv: &[&str]) -> Option<String> {
        self.look.which(argv.first()?)?;
        let mut command = Command::new(argv.iter().copied()).env("LC_ALL", "C");
        command.timeout = Some(self.patience);
        let output = self.look.query(&command).ok()?;
        output.success().then(|| output.out())
    }
}

/// A part of the facts.
pub(super) struct Part {
    /// Its name.
    name: &'static str,
    /// Other names: mostly of facts in it.
    also: &'static [&'static str],
    /// Parts that come with it.
    needs: &'static [&'static str],
    /// Whether it belongs to `min`.
    minimal: bool,
    /// Collects it.
    pub(super) collect: fn(&mut Gather<'_>),
}

impl Part {
    const BASE: Self = Self { name: "", also: &[], needs: &[], minimal: false, collect: |_| {} };

    const fn minimal(name: &'static str, collect: fn(&mut Gather<'_>)) -> Self {
        Self { name, minimal: true, collect, ..Self::BASE }
    }

    const fn more(name: &'static str, collect: fn(&mut Gather<'_>)) -> Self {
        Self { name, collect, ..Self::BASE }
    }

    fn answers_to(&self, word: &str) -> bool {
        self.name == word || self.also.contains(&word)
    }
}

/// All parts, in an order in which none needs a later one.
const PARTS: &[Part] = &[
    Part {
        also: &["architecture", "kernel", "kernel_version", "machine", "machine_id", "system"],
        ..Part::minimal("platform", platform::platform)
    },
    Part {
        also: &[
            "distribution_major_version",
            "distribution_release",
            "distribution_version",
            "os_family",
        ],
        ..Part::minimal("distribution", distribution::distribution)
    },
    Part::minimal("apparmor", security::apparmor),
    Part {
        also: &["system_capabilities", "system_capabilities_enforced"],
        ..Part::minimal("caps", security::capabilities)
    },
    Part { also: &["is_chroot"], ..Part::more("chroot", platform::chroot) },
    Part::minimal("cmdline", platform::command_line),
    Part::minimal("date_time", session::date_time),
    Part::minimal("dns", names::dns),
    Part::minimal("env", session::environment),
    Part::more("facter", |_| {}),
    Part::more("fibre_channel_wwn", storage::fibre_channel),
    Part::minimal("fips", security::fips),
    Part {
        also: &["devices", "mounts", "processor", "processor_cores", "processor_count"],
        needs: &["platform"],
        ..Part::more("hardware", hardware)
    },
    Part::more("iscsi", storage::iscsi),
    Part::more("loadavg", platform::load),
    Part::minimal("local", local::local),
    Part::minimal("lsb", distribution::lsb),
    Part {
        also: &[
            "all_ipv4_addresses",
            "all_ipv6_addresses",
            "default_ipv4",
            "default_ipv6",
            "interfaces",
        ],
        needs: &["platform", "distribution"],
        ..Part::more("network", network::network)
    },
    Part::more("nvme", storage::nvme),
    Part::more("ohai", |_| {}),
    Part::minimal("pkg_mgr", platform::package_manager),
    Part { also: &["python_version"], ..Part::minimal("python", platform::python) },
    Part::minimal("selinux", security::selinux),
    Part { needs: &["platform"], ..Part::minimal("service_mgr", platform::service_manager) },
    Part {
        also: &[
            "ssh_host_key_dsa_public",
            "ssh_host_key_ecdsa_public",
            "ssh_host_key_ed25519_public",
            "ssh_host_key_rsa_public",
            "ssh_host_pub_keys",
        ],
        ..Part::minimal("ssh_pub_keys", security::host_keys)
    },
    Part::more("systemd", platform::systemd),
    Part {
        also: &[
            "effective_group_ids",
            "effective_user_id",
            "real_user_id",
            "user_dir",
            "user_gecos",
            "user_gid",
            "user_id",
            "user_shell",
            "user_uid",
        ],
        ..Part::minimal("user", session::user)
    },
    Part {
        also: &[
            "virtualization_role",
            "virtualization_tech_guest",
            "virtualization_tech_host",
            "virtualization_type",
        ],
        ..Part::more("virtual", virtualization::virtualization)
    },
];

fn hardware(gather: &mut Gather<'_>) {
    hardware::processor(gather);
    hardware::memory(gather);
    hardware::board(gather);
    hardware::uptime(gather);
    mounts::mounts(gather);
    devices::devices(gather);
    storage::lvm(gather);
}

/// Returns the parts that `gather_subset` asks for.
pub(super) fn chosen(subset: &[String]) -> Result<Vec<&'static Part>, Failure> {
    let mut wanted: Vec<&Part> = Vec::new();
    let mut excluded: Vec<&Part> = Vec::new();
    let (mut all, mut minimal, mut any) = (false, true, false);
    for word in subset.iter().map(|word| word.trim()) {
        match word {
            "all" => (all, any) = (true, true),
            "min" => (minimal, any) = (true, true),
            "!all" => excluded.extend(PARTS.iter().filter(|part| !part.minimal)),
            "!min" => {
                minimal = false;
                excluded.extend(PARTS.iter().filter(|part| part.minimal));
            }
            _ => {
                let bare = word.strip_prefix('!');
                let part = find(bare.unwrap_or(word))?;
                if bare.is_some() {
                    excluded.push(part);
                } else {
                    wanted.push(part);
                }
                any |= bare.is_none();
            }
        }
    }
    let is = |list: &[&Part], part: &Part| list.iter().any(|other| other.name == part.name);
    let base = |part: &Part| (all || !any || minimal && part.minimal) && !is(&excluded, part);
    let first: Vec<&Part> = PARTS.iter().filter(|part| base(part) || is(&wanted, part)).collect();
    let needed = |part: &Part| first.iter().any(|other| other.needs.contains(&part.name));
    Ok(PARTS.iter().filter(|part| is(&first, part) || needed(part)).collect())
}

fn find(word: &str) -> Result<&'static Part, Failure> {
    PARTS.iter().find(|part| part.answers_to(word)).ok_or_else(|| {
        let mut words: Vec<&str> =
            PARTS.iter().flat_map(|part| part.also.iter().copied().chain([part.name])).collect();
        words.extend(["all", "min"]);
        words.sort_unstable();
        Failure::new(format!(
            "Bad subset '{word}' given to Ansible. gather_subset options allowed: {}",
            words.join(", ")
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(subset: &[&str], expected: &[&str]) {
        let subset: Vec<String> = subset.iter().map(|word| (*word).into()).collect();
        let names: Vec<&str> = chosen(&subset).unwrap().iter().map(|part| part.name).collect();
        assert_eq!(names, expected);
    }

    #[test]
    fn subsets() {
        let all: Vec<&str> = PARTS.iter().map(|part| part.name).collect();
        let minimal: Vec<&str> =
            PARTS.iter().filter(|part| part.minimal).map(|part| part.name).collect();
        case(&["all"], &all);
        case(&[], &all);
        case(&["!all"], &minimal);
        case(&["min"], &minimal);
        case(&["!all", "!min"], &[]);
        case(&["!all", "!min", "network"], &["platform", "distribution", "network"]);
        case(&["!min", "date_time", "!all"], &["date_time"]);
        case(&["!all", "!min", "mounts"], &["platform", "hardware"]);
        let mut more = minimal.clone();
        more.push("virtual");
        case(&["virtual"], &more);
        let without: Vec<&str> = all.iter().copied().filter(|name| *name != "hardware").collect();
        case(&["!hardware"], &without);
    }

    #[test]
    fn an_unknown_part_is_refused() {
        let failure = chosen(&["foo".into()]).err().unwrap();
        assert!(failure.message.starts_with("Bad subset 'foo' given to Ansible."));
    }
}
