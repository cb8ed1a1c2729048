//! `package_facts`: makes facts of the packages that are installed.

use std::path::Path;

use crate::base::{List, Map, Value};
use crate::module::{Example, Failure, Job, Module, Outcome, Return, Spec};
use crate::system::{Command, Look};
use crate::{arguments, choices};

choices! {
    /// Which package manager to ask.
    pub(super) enum Manager {
        Apk = "apk",
        Apt = "apt",
        Auto = "auto",
        Dnf = "dnf",
        Dnf5 = "dnf5",
        OpenbsdPkg = "openbsd_pkg",
        Pacman = "pacman",
        Pkg = "pkg",
        Pkg5 = "pkg5",
        PkgInfo = "pkg_info",
        Pkgng = "pkgng",
        Portage = "portage",
        Rpm = "rpm",
        Yum = "yum",
        Zypper = "zypper",
    }
}

choices! {
    /// What to do when several managers are there.
    pub(super) enum Strategy {
        All = "all",
        First = "first",
    }
}

arguments! {
    /// Arguments of `package_facts`.
    pub(super) struct Args {
        /// The package managers to ask, in this order.
        manager: Vec<Manager> = vec![Manager::Auto],
        /// Whether the first manager that is there is asked, or all of them.
        strategy: Strategy = Strategy::First,
    }
}

/// The module.
pub(super) struct PackageFacts;

impl Module for PackageFacts {
    const SPEC: &'static Spec = &Spec {
        name: "package_facts",
        summary: "Makes facts of the packages that are installed.",
        examples: &[
            Example { about: "Learn what is installed.", task: "package_facts:" },
            Example { about: "Ask dpkg only.", task: "package_facts: {manager: apt}" },
        ],
        returns: &[Return {
            name: "ansible_facts",
            about: "As `packages`: the installed versions of each package.",
        }],
        ..Spec::BASE
    };
    type Args = Args;

    fn run(args: Args, job: &mut Job<'_>) -> Result<Outcome, Failure> {
        let look = job.look();
        let mut packages: Vec<(String, Value)> = Vec::new();
        let mut found = false;
        for reader in readers(&args.manager) {
            if let Some(more) = reader(look)? {
                packages.extend(more);
                found = true;
                if args.strategy == Strategy::First {
                    break;
                }
            }
        }
        if !found {
            let names: Vec<&str> = args.manager.iter().map(|manager| manager.word()).collect();
            return Err(Failure::new(format!(
                "Could not detect a supported package manager from the following list: {}; fcplay reads the packages of dpkg, rpm, apk and pacman",
                names.join(", ")
            )));
        }
        let facts = Map::from_iter([("packages", Value::from(by_name(packages)))]);
        Ok(Outcome { facts, ..Outcome::default() })
    }
}

/// Returns the packages of one manager by name; nothing when it is not there.
type Reader = fn(&dyn Look) -> Result<Option<Vec<(String, Value)>>, Failure>;

fn readers(managers: &[Manager]) -> Vec<Reader> {
    let mut readers: Vec<Reader> = Vec::new();
    for manager in managers {
        match manager {
            Manager::Auto => readers.extend([apt as Reader, rpm, apk, pacman]),
            Manager::Apk => readers.push(apk),
            Manager::Apt => readers.push(apt),
            Manager::Dnf | Manager::Dnf5 | Manager::Rpm | Manager::Yum | Manager::Zypper => {
                readers.push(rpm);
            }
            Manager::Pacman => readers.push(pacman),
            Manager::OpenbsdPkg
            | Manager::Pkg
            | Manager::Pkg5
            | Manager::PkgInfo
            | Manager::Pkgng
            | Manager::Portage => {}
        }
    }
    readers
}

fn by_name(packages: Vec<(String, Value)>) -> Map {
    let mut all = Map::new();
    for (name, package) in packages {
        let before = all.get(&name).and_then(Value::as_list);
        let mut list = before.map_or_else(List::new, |list| (**list).clone());
        list.push(package);
        all.insert(name, list.into());
    }
    all
}

fn package(source: &str, fields: &[(&'static str, &str)]) -> (String, Value) {
    let name = fields.iter().find(|(key, _)| *key == "name").map_or("", |(_, name)| name);
    let pairs = fields.iter().map(|(key, text)| (*key, Value::from(*text)));
    (name.to_owned(), Value::map(pairs.chain([("source", source.into())])))
}

/// Reads dpkg's own file: faster than asking it, and as true.
fn apt(look: &dyn Look) -> Result<Option<Vec<(String, Value)>>, Failure> {
    let Some(status) = look.read(Path::new("/var/lib/dpkg/status"))? else { return Ok(None) };
    let text = String::from_utf8_lossy(&status);
    // An empty file lies on systems where dpkg is only a tool.
    if text.trim().is_empty() {
        return Ok(None);
    }
    Ok(Some(text.split("\n\n").filter_map(dpkg_package).collect()))
}

fn dpkg_package(paragraph: &str) -> Option<(String, Value)> {
    let field = |name: &str| {
        let line = paragraph.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        line.map_or("", str::trim)
    };
    let installed = field("Status").split(' ').next_back() == Some("installed");
    let category = field("Section");
    let fields = [
        ("arch", field("Architecture")),
        ("category", category),
        ("name", field("Package")),
        ("origin", field("Origin")),
        ("version", field("Version")),
    ];
    installed.then(|| package("apt", &fields))
}

fn output(look: &dyn Look, argv: &[&str]) -> Result<Option<String>, Failure> {
    if look.which(argv[0]).is_none() {
        return Ok(None);
    }
    let output = look.query(&Command::new(argv.iter().copied()).env("LC_ALL", "C"))?;
    if output.success() {
        Ok(Some(output.out()))
    } else {
        let message =
            format!("Failed to retrieve packages with {}: {}", argv[0], output.err().trim());
        Err(Failure::program(message, &output))
    }
}

fn rpm(look: &dyn Look) -> Result<Option<Vec<(String, Value)>>, Failure> {
    let format = "%{NAME}\\t%{VERSION}\\t%{RELEASE}\\t%{EPOCH}\\t%{ARCH}\\n";
    let Some(text) = output(look, &["rpm", "-qa", "--qf", format])? else { return Ok(None) };
    Ok(Some(text.lines().filter_map(rpm_package).collect()))
}

fn rpm_package(line: &str) -> Option<(String, Value)> {
    let cells: Vec<&str> = line.split('\t').collect();
    let [name, version, release, epoch, arch] = cells[..] else { return None };
    let arch = if arch == "(none)" { Value::Null } else { arch.into() };
    let fact = [
        ("arch", arch),
        ("epoch", epoch.parse::<i64>().map_or(Value::Null, Value::Int)),
        ("name", name.into()),
        ("release", release.into()),
        ("source", "rpm".into()),
        ("version", version.into()),
    ];
    Some((name.to_owned(), Value::map(fact)))
}

fn apk(look: &dyn Look) -> Result<Option<Vec<(String, Value)>>, Failure> {
    let Some(text) = output(look, &["apk", "info", "-v"])? else { return Ok(None) };
    let package = |line: &str| {
        let (rest, release) = line.rsplit_once('-')?;
        let (name, version) = rest.rsplit_once('-')?;
        Some(package("apk", &[("name", name), ("release", release), ("version", version)]))
    };
    Ok(Some(text.lines().filter_map(package).collect()))
}

fn pacman(look: &dyn Look) -> Result<Option<Vec<(String, Value)>>, Failure> {
    let Some(text) = output(look, &["pacman", "-Q"])? else { return Ok(None) };
    let package = |line: &str| {
        let (name, rest) = line.split_once(' ')?;
        let (version, release) = rest.rsplit_once('-')?;
        Some(package("pacman", &[("name", name), ("release", release), ("version", version)]))
    };
    Ok(Some(text.lines().filter_map(package).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages() {
        let text = "Package: a\nStatus: install ok installed\nSection: x\nArchitecture: all\nVersion: 1:2-3";
        let (name, fact) = dpkg_package(text).unwrap();
        assert_eq!(name, "a");
        assert_eq!(
            fact.repr(),
            "{'arch': 'all', 'category': 'x', 'name': 'a', 'origin': '', 'version': '1:2-3', 'source': 'apt'}"
        );
        assert!(dpkg_package("Package: a\nStatus: deinstall ok config-files").is_none());
        let (_, fact) = rpm_package("bash\t4.2.46\t34.el7\t(none)\tx86_64").unwrap();
        assert_eq!(
            fact.repr(),
            "{'arch': 'x86_64', 'epoch': None, 'name': 'bash', 'release': '34.el7', 'source': 'rpm', 'version': '4.2.46'}"
        );
    }
}
