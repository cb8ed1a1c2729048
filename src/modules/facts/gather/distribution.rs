//! The distribution, by `/etc/os-release` and the release files that some distributions say more in.

use super::{Gather, names};
use crate::base::Value;

/// A distribution: its names in `os-release`, its name as a fact, its family.
struct Known {
    ids: &'static [&'static str],
    name: &'static str,
    family: &'static str,
}

const fn known(ids: &'static [&'static str], name: &'static str, family: &'static str) -> Known {
    Known { ids, name, family }
}

/// The distributions whose fact is not the name they give themselves, or whose family they do not tell.
const KNOWN: &[Known] = &[
    known(&["alinux"], "Alibaba", "RedHat"),
    known(&["almalinux"], "AlmaLinux", "RedHat"),
    known(&["alpine"], "Alpine", "Alpine"),
    known(&["altlinux"], "Altlinux", "Altlinux"),
    known(&["amzn"], "Amazon", "RedHat"),
    known(&["anolis"], "Anolis", "RedHat"),
    known(&["arch", "archarm"], "Archlinux", "Archlinux"),
    known(&["centos"], "CentOS", "RedHat"),
    known(&["clear-linux-os"], "ClearLinux", "ClearLinux"),
    known(&["cloudlinux"], "CloudLinux", "RedHat"),
    known(&["cumulus-linux"], "Cumulus Linux", "Debian"),
    known(&["debian", "raspbian"], "Debian", "Debian"),
    known(&["deepin"], "Deepin", "Debian"),
    known(&["devuan"], "Devuan", "Debian"),
    known(&["eurolinux"], "EuroLinux", "RedHat"),
    known(&["euleros"], "EulerOS", "RedHat"),
    known(&["fedora"], "Fedora", "RedHat"),
    known(&["flatcar"], "Flatcar", "Flatcar"),
    known(&["gentoo"], "Gentoo", "Gentoo"),
    known(&["kali"], "Kali", "Debian"),
    known(&["linuxmint"], "Linux Mint", "Debian"),
    known(&["mageia"], "Mageia", "Mandrake"),
    known(&["manjaro", "manjaro-arm"], "Manjaro", "Archlinux"),
    known(&["miraclelinux"], "MIRACLE", "RedHat"),
    known(&["neon"], "KDE neon", "Debian"),
    known(&["ol"], "OracleLinux", "RedHat"),
    known(&["openeuler", "openEuler"], "openEuler", "RedHat"),
    known(&["opencloudos"], "OpenCloudOS", "RedHat"),
    known(&["opensuse", "opensuse-leap"], "openSUSE Leap", "Suse"),
    known(&["opensuse-microos"], "openSUSE MicroOS", "Suse"),
    known(&["opensuse-tumbleweed"], "openSUSE Tumbleweed", "Suse"),
    known(&["openwrt"], "OpenWrt", "OpenWrt"),
    known(&["parrot"], "Parrot", "Debian"),
    known(&["pop"], "Pop!_OS", "Debian"),
    known(&["rhel"], "RedHat", "RedHat"),
    known(&["rocky"], "Rocky", "RedHat"),
    known(&["scientific"], "Scientific", "RedHat"),
    known(&["sl-micro"], "SL-Micro", "Suse"),
    known(&["slackware"], "Slackware", "Slackware"),
    known(&["sled"], "SLED", "Suse"),
    known(&["sles"], "SLES", "Suse"),
    known(&["sles_sap"], "SLES_SAP", "Suse"),
    known(&["tencentos"], "TencentOS", "RedHat"),
    known(&["ubuntu"], "Ubuntu", "Debian"),
    known(&["uos"], "Uos", "Debian"),
    known(&["virtuozzo"], "Virtuozzo", "RedHat"),
    known(&["xenenterprise"], "XenServer", "RedHat"),
];

/// Families by the words of `ID_LIKE`, for distributions that are not known.
const LIKE: &[(&str, &str)] = &[
    ("alpine", "Alpine"),
    ("arch", "Archlinux"),
    ("centos", "RedHat"),
    ("debian", "Debian"),
    ("fedora", "RedHat"),
    ("gentoo", "Gentoo"),
    ("openeuler", "RedHat"),
    ("openEuler", "RedHat"),
    ("rhel", "RedHat"),
    ("suse", "Suse"),
    ("opensuse", "Suse"),
    ("ubuntu", "Debian"),
];

/// Release files with a version and a name in parentheses, best first; the second word is what Ansible calls the file.
const RELEASE_FILES: &[(&str, &str)] = &[
    ("/etc/oracle-release", "OracleLinux"),
    ("/etc/centos-release", "CentOS"),
    ("/etc/redhat-release", "RedHat"),
    ("/etc/kylin-release", "Kylin"),
    ("/etc/openEuler-release", "openEuler"),
    ("/etc/system-release", "Amazon"),
];

/// What is known of a distribution.
#[derive(Debug, Default, Eq, PartialEq)]
struct Distribution {
    name: String,
    family: String,
    version: String,
    release: String,
    path: String,
    variety: String,
}

/// The files that tell, as text.
#[derive(Default)]
struct Sources {
    os_release: Vec<(String, String)>,
    lsb: Vec<(String, String)>,
    release: Option<(&'static str, &'static str, String)>,
    debian: Option<String>,
    has_dpkg: bool,
}

impl Sources {
    fn get(&self, key: &str) -> &str {
        let pair = self.os_release.iter().find(|(name, _)| name == key);
        pair.map_or("", |(_, value)| value)
    }

    fn lsb(&self, key: &str) -> &str {
        self.lsb.iter().find(|(name, _)| name == key).map_or("", |(_, value)| value)
    }
}

pub(super) fn distribution(gather: &mut Gather<'_>) {
    let sources = sources(gather);
    let found = identify(&sources);
    let mut parts = found.version.split('.');
    let major = parts.next().filter(|part| !part.is_empty()).unwrap_or("NA").to_owned();
    if let Some(minor) = parts.next() {
        gather.set("distribution_minor_version", minor);
    }
    gather.set("distribution_major_version", major);
    gather.set("distribution", found.name);
    gather.set("distribution_version", found.version);
    gather.set("distribution_release", found.release);
    gather.set("distribution_file_parsed", true);
    gather.set("distribution_file_path", found.path);
    gather.set("distribution_file_variety", found.variety);
    gather.set("os_family", found.family);
}

fn sources(gather: &Gather<'_>) -> Sources {
    let read = |path: &str| gather.text(path).map(|text| names::pairs(&text)).unwrap_or_default();
    let mut os_release = read("/etc/os-release");
    if os_release.is_empty() {
        os_release = read("/usr/lib/os-release");
    }
    let release = RELEASE_FILES
        .iter()
        .find_map(|(path, variety)| Some((*path, *variety, gather.text(path)?)));
    Sources {
        os_release,
        lsb: read("/etc/lsb-release"),
        release,
        debian: gather.text("/etc/debian_version"),
        has_dpkg: gather.look.which("dpkg").is_some(),
    }
}

fn identify(sources: &Sources) -> Distribution {
    let id = sources.get("ID");
    let known = KNOWN.iter().find(|known| known.ids.contains(&id));
    let like = sources.get("ID_LIKE").split_whitespace();
    let like = like.filter_map(|word| LIKE.iter().find(|(name, _)| *name == word)).next();
    let mut found = Distribution {
        name: known.map_or_else(|| own_name(sources), |known| known.name.into()),
        family: known
            .map_or_else(|| like.map_or("", |(_, family)| family).into(), |k| k.family.into()),
        version: version(sources),
        release: release(sources),
        path: "/etc/os-release".into(),
        variety: String::new(),
    };
    if id.is_empty() {
        old(sources, &mut found);
    }
    // Kylin and UOS exist on top of Debian as well as of CentOS.
    if matches!(id, "kylin" | "uos" | "uniontech") {
        found.family = if sources.has_dpkg { "Debian" } else { "RedHat" }.into();
    }
    if found.family.is_empty() {
        found.family.clone_from(&found.name);
    }
    match &sources.release {
        Some((path, variety, _)) if found.family == "RedHat" && *path != "/etc/system-release" => {
            (found.path, found.variety) = ((*path).into(), (*variety).into());
        }
        Some(_) | None => {
            found.variety = match (found.family.as_str(), found.name.as_str()) {
                ("Suse", _) => "SUSE".into(),
                (_, "Ubuntu") | ("Debian", _) => "Debian".into(),
                (_, name) => name.into(),
            };
        }
    }
    found
}

/// Returns the name that a distribution gives itself.
fn own_name(sources: &Sources) -> String {
    let name = sources.get("NAME");
    if name.is_empty() { sources.get("ID") } else { name }.to_owned()
}

/// Reads what systems from before `os-release` have: a line like `CentOS release 6.10 (Final)`.
fn old(sources: &Sources, found: &mut Distribution) {
    if let Some((path, _, text)) = &sources.release {
        found.path = (*path).into();
        found.family = "RedHat".into();
        found.name = match text.as_str() {
            red_hat if red_hat.starts_with("Red Hat") => "RedHat".into(),
            oracle if oracle.starts_with("Oracle") => "OracleLinux".into(),
            amazon if amazon.starts_with("Amazon") => "Amazon".into(),
            other => other.split_whitespace().next().unwrap_or("RedHat").into(),
        };
    } else if sources.debian.is_some() {
        (found.path, found.family) = ("/etc/debian_version".into(), "Debian".into());
        let name = sources.lsb("DISTRIB_ID");
        found.name = if name.is_empty() { "Debian" } else { name }.into();
    } else {
        (found.name, found.family) = ("Linux".into(), "Linux".into());
    }
}

fn version(sources: &Sources) -> String {
    let id = sources.get("ID");
    let own = sources.get("VERSION_ID");
    let from_file = sources.release.as_ref().map(|(_, _, text)| number(text)).unwrap_or_default();
    let word = match id {
        "debian" | "raspbian" => match &sources.debian {
            Some(text) if text.starts_with(|c: char| c.is_ascii_digit()) => text.as_str(),
            Some(_) | None => own,
        },
        // `7` in os-release, `7.9.2009` in the release file, which Ansible shortens.
        "centos" if from_file.matches('.').count() == 2 => {
            from_file.rsplit_once('.').map_or("", |(short, _)| short)
        }
        "" => &from_file,
        "arch" | "manjaro" | "opensuse-tumbleweed" | "void" if own.is_empty() => "rolling",
        _ => own,
    };
    if word.is_empty() { "NA".into() } else { word.into() }
}

/// Returns the first number of a line: `8.9` of `Rocky Linux release 8.9 (Green Obsidian)`.
fn number(line: &str) -> String {
    let digit = |c: char| c.is_ascii_digit();
    let word = line.split_whitespace().find(|word| word.starts_with(digit));
    word.map(|word| word.trim_end_matches(|c: char| !c.is_ascii_digit()).to_owned())
        .unwrap_or_default()
}

fn release(sources: &Sources) -> String {
    let id = sources.get("ID");
    let in_file = sources.release.as_ref().and_then(|(_, _, text)| parenthesis(text));
    let own = sources.get("VERSION_CODENAME");
    let text = match id {
        "centos" if sources.get("NAME").contains("Stream") => Some("Stream"),
        "sles" | "sled" | "sles_sap" | "opensuse-leap" => {
            Some(sources.get("VERSION_ID").split_once('.').map_or("0", |(_, minor)| minor))
        }
        "amzn" | "alpine" => None,
        _ if !own.is_empty() => Some(own),
        _ => in_file
            .or_else(|| Some(sources.lsb("DISTRIB_CODENAME")).filter(|text| !text.is_empty()))
            .or_else(|| parenthesis(sources.get("VERSION"))),
    };
    text.unwrap_or("NA").to_owned()
}

fn parenthesis(line: &str) -> Option<&str> {
    let (_, rest) = line.split_once('(')?;
    rest.split_once(')').map(|(inside, _)| inside).filter(|inside| !inside.is_empty())
}

/// What `lsb_release` tells; it reads the same files.
pub(super) fn lsb(gather: &mut Gather<'_>) {
    let sources = sources(gather);
    let file = |key: &str| Some(sources.lsb(key).to_owned()).filter(|text| !text.is_empty());
    let program = gather.look.which("lsb_release").is_some();
    if !program && file("DISTRIB_ID").is_none() {
        gather.set("lsb", Value::map::<&str>([]));
        return;
    }
    let found = identify(&sources);
    let own = |key: &str| Some(sources.get(key).to_owned()).filter(|text| !text.is_empty());
    let release = file("DISTRIB_RELEASE").or_else(|| own("VERSION_ID")).unwrap_or_default();
    let fact = [
        ("id", file("DISTRIB_ID").unwrap_or(found.name)),
        (
            "description",
            file("DISTRIB_DESCRIPTION").or_else(|| own("PRETTY_NAME")).unwrap_or_default(),
        ),
        ("codename", file("DISTRIB_CODENAME").unwrap_or(found.release)),
        ("major_release", release.split('.').next().unwrap_or_default().to_owned()),
        ("release", release),
    ];
    gather.set("lsb", Value::map(fact.map(|(key, text)| (key, Value::from(text)))));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(
        os_release: &str,
        release: Option<(&'static str, &str)>,
        debian: Option<&str>,
        expected: &str,
    ) {
        let sources = Sources {
            os_release: names::pairs(os_release),
            lsb: Vec::new(),
            release: release.map(|(path, text)| {
                let row = RELEASE_FILES.iter().find(|(known, _)| *known == path).unwrap();
                (row.0, row.1, text.to_owned())
            }),
            debian: debian.map(str::to_owned),
            has_dpkg: debian.is_some(),
        };
        let Distribution { name, family, version, release, path, variety } = identify(&sources);
        assert_eq!(format!("{name}|{version}|{release}|{family}|{path}|{variety}"), expected);
    }

    #[test]
    fn debian_and_its_relatives() {
        case(
            "ID=debian\nVERSION_ID=\"12\"\nVERSION_CODENAME=bookworm\nNAME=\"Debian GNU/Linux\"",
            None,
            Some("12.11"),
            "Debian|12.11|bookworm|Debian|/etc/os-release|Debian",
        );
        case(
            "ID=ubuntu\nID_LIKE=debian\nVERSION_ID=\"22.04\"\nVERSION_CODENAME=jammy",
            None,
            Some("bookworm/sid"),
            "Ubuntu|22.04|jammy|Debian|/etc/os-release|Debian",
        );
        case(
            "ID=uos\nNAME=\"uos\"\nVERSION_ID=\"20\"\nVERSION_CODENAME=fou",
            None,
            Some("10.5"),
            "Uos|20|fou|Debian|/etc/os-release|Debian",
        );
    }

    #[test]
    fn red_hat_and_its_relatives() {
        case(
            "ID=centos\nNAME=\"CentOS Linux\"\nVERSION_ID=\"7\"",
            Some(("/etc/centos-release", "CentOS Linux release 7.9.2009 (Core)")),
            None,
            "CentOS|7.9|Core|RedHat|/etc/centos-release|CentOS",
        );
        case(
            "ID=rhel\nNAME=\"Red Hat Enterprise Linux\"\nVERSION_ID=\"9.3\"",
            Some(("/etc/redhat-release", "Red Hat Enterprise Linux release 9.3 (Plow)")),
            None,
            "RedHat|9.3|Plow|RedHat|/etc/redhat-release|RedHat",
        );
        case(
            "ID=centos\nNAME=\"CentOS Stream\"\nVERSION_ID=\"9\"",
            Some(("/etc/centos-release", "CentOS Stream release 9")),
            None,
            "CentOS|9|Stream|RedHat|/etc/centos-release|CentOS",
        );
        case(
            "ID=\"kylin\"\nNAME=\"Kylin Linux Advanced Server\"\nVERSION_ID=\"V10\"\nVERSION=\"V10 (Tercel)\"",
            Some(("/etc/kylin-release", "Kylin Linux Advanced Server release V10 (Tercel)")),
            None,
            "Kylin Linux Advanced Server|V10|Tercel|RedHat|/etc/kylin-release|Kylin",
        );
        case(
            "ID=\"openEuler\"\nNAME=\"openEuler\"\nVERSION_ID=\"22.03\"\nVERSION=\"22.03 (LTS-SP1)\"",
            Some(("/etc/openEuler-release", "openEuler release 22.03 (LTS-SP1)")),
            None,
            "openEuler|22.03|LTS-SP1|RedHat|/etc/openEuler-release|openEuler",
        );
        case(
            "ID=\"amzn\"\nID_LIKE=\"centos rhel fedora\"\nVERSION_ID=\"2\"",
            Some(("/etc/system-release", "Amazon Linux release 2 (Karoo)")),
            None,
            "Amazon|2|NA|RedHat|/etc/os-release|Amazon",
        );
        case(
            "",
            Some(("/etc/redhat-release", "CentOS release 6.10 (Final)")),
            None,
            "CentOS|6.10|Final|RedHat|/etc/redhat-release|RedHat",
        );
    }

    #[test]
    fn others() {
        case(
            "ID=alpine\nVERSION_ID=3.19.1",
            None,
            None,
            "Alpine|3.19.1|NA|Alpine|/etc/os-release|Alpine",
        );
        case(
            "ID=\"opensuse-leap\"\nID_LIKE=\"suse opensuse\"\nVERSION_ID=\"15.5\"",
            None,
            None,
            "openSUSE Leap|15.5|5|Suse|/etc/os-release|SUSE",
        );
        case(
            "ID=zorin\nNAME=\"Zorin OS\"\nID_LIKE=\"ubuntu debian\"\nVERSION_ID=17\nVERSION_CODENAME=jammy",
            None,
            None,
            "Zorin OS|17|jammy|Debian|/etc/os-release|Debian",
        );
    }
}
