//! What dpkg knows: which packages are installed, what they provide, what a `.deb` holds.

use std::collections::HashSet;
use std::path::Path;

use crate::module::Failure;
use crate::system::{Command, Look, Output};

use super::spec::PackageSpec;

/// A package that dpkg knows.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Row {
    /// The name.
    pub(super) name: String,
    /// The architecture, `all` included.
    pub(super) architecture: String,
    /// The version.
    pub(super) version: String,
    /// How much of it is there.
    pub(super) status: Status,
}

/// How much of a package is there.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Status {
    /// All of it.
    Installed,
    /// Its configuration files.
    Configuration,
    /// Something in between, after an installation that broke off.
    Broken,
    /// Nothing.
    Absent,
}

/// The packages that were asked for.
#[derive(Clone, Debug, Default)]
pub(super) struct Packages {
    rows: Vec<Row>,
    native: String,
}

impl Packages {
    /// Asks for packages by name or pattern.
    pub(super) fn query<'a>(
        look: &dyn Look,
        names: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, Failure> {
        // Asked along: the architecture of dpkg itself is the native one.
        // `tool:amd64` does not find a tool for all architectures, which is that package too.
        let names = names.into_iter().flat_map(|name| {
            [Some(name), name.split_once(':').map(|(plain, _)| plain)].into_iter().flatten()
        });
        let words = ["dpkg-query", "-W", "-f", FORMAT, "dpkg"].into_iter().chain(names);
        let output = look.query(&c(Command::new(words)))?;
        // 1 says that some of them are unknown.
        if !matches!(output.code, 0 | 1) {
            return Err(failed("dpkg-query failed", &output));
        }
        Ok(Self::parse(&output.out()))
    }

    fn parse(text: &str) -> Self {
        let mut rows: Vec<Row> = text.lines().filter_map(row).collect();
        let native = rows.iter().find(|row| row.name == "dpkg");
        let native = native.map(|row| row.architecture.clone()).unwrap_or_default();
        rows.retain(|row| row.status != Status::Absent);
        Self { rows, native }
    }

    /// Adds what another query found.
    pub(super) fn add(&mut self, other: Self) {
        self.rows.extend(other.rows);
    }

    /// Returns the package that a name means: that of the native architecture unless another one is named.
    pub(super) fn find(&self, spec: &PackageSpec) -> Option<&Row> {
        let wanted = spec.architecture().filter(|word| *word != "native" && *word != "any");
        let wanted = wanted.unwrap_or(&self.native);
        self.rows.iter().find(|row| {
            row.name == spec.plain_name()
                && (row.architecture == wanted || row.architecture == "all")
        })
    }

    /// Returns the installed package that a name means.
    pub(super) fn installed(&self, spec: &PackageSpec) -> Option<&Row> {
        self.find(spec).filter(|row| row.status == Status::Installed)
    }

    /// Returns all that are known.
    pub(super) fn rows(&self) -> &[Row] {
        &self.rows
    }
}

const FORMAT: &str = "${Package}\\t${Architecture}\\t${Version}\\t${Status}\\n";

fn row(line: &str) -> Option<Row> {
    let mut fields = line.split('\t');
    let (name, architecture, version) = (fields.next()?, fields.next()?, fields.next()?);
    let status = match fields.next()?.rsplit(' ').next()? {
        "installed" | "triggers-awaited" | "triggers-pending" => Status::Installed,
        "config-files" => Status::Configuration,
        "not-installed" => Status::Absent,
        _ => Status::Broken,
    };
    Some(Row {
        name: name.into(),
        architecture: architecture.into(),
        version: version.into(),
        status,
    })
}

/// Returns, for each of the names, the installed package that provides it.
pub(super) fn providers(look: &dyn Look, names: &[&str]) -> Result<Vec<Option<String>>, Failure> {
    let format = "${Status}\\t${Package}\\t${Provides}\\n";
    let output = look.query(&c(Command::new(["dpkg-query", "-W", "-f", format])))?;
    if !output.success() {
        return Err(failed("dpkg-query failed", &output));
    }
    let text = output.out();
    Ok(names.iter().map(|name| provider(&text, name)).collect())
}

fn provider(text: &str, name: &str) -> Option<String> {
    text.lines().find_map(|line| {
        let (status, rest) = line.split_once('\t')?;
        let (package, provides) = rest.split_once('\t')?;
        // An entry may carry a version: `mail-transport-agent, editor (= 1.0)`.
        let mut provided = provides.split(',').filter_map(|entry| entry.split_whitespace().next());
        (status.ends_with(" installed") && provided.any(|entry| entry == name))
            .then(|| package.to_owned())
    })
}

/// Returns the packages that were installed only because others need them.
pub(super) fn automatic(look: &dyn Look) -> Result<HashSet<String>, Failure> {
    let states = look.read(Path::new("/var/lib/apt/extended_states"))?.unwrap_or_default();
    Ok(parse_automatic(&String::from_utf8_lossy(&states)))
}

fn parse_automatic(text: &str) -> HashSet<String> {
    let stanzas = text.split("\n\n").filter(|stanza| stanza.contains("Auto-Installed: 1"));
    let names =
        stanzas.filter_map(|stanza| stanza.lines().find_map(|line| line.strip_prefix("Package: ")));
    names.map(|name| name.trim().to_owned()).collect()
}

/// Returns what a `.deb` holds, as a row of what it would be when installed.
pub(super) fn read_deb(look: &dyn Look, path: &Path) -> Result<Row, Failure> {
    let path_text = path.to_string_lossy().into_owned();
    if look.stat_followed(path)?.is_none() {
        return Err(Failure::new(format!(
            "Unable to install package: `{path_text}` does not exist on the host"
        )));
    }
    let words = ["dpkg-deb", "-f", &path_text, "Package", "Architecture", "Version"];
    let output = look.query(&c(Command::new(words)))?;
    let text = output.out();
    let field = |name: &str| {
        text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ")).map(str::to_owned)
    };
    match (field("Package"), field("Architecture"), field("Version")) {
        (Some(name), Some(architecture), Some(version)) if output.success() => {
            Ok(Row { name, architecture, version, status: Status::Installed })
        }
        _ => Err(failed(
            &format!("Unable to install package: `{path_text}` is no Debian package"),
            &output,
        )),
    }
}

/// Returns the command with messages in English.
pub(super) fn c(command: Command) -> Command {
    command.env("LC_ALL", "C.UTF-8").env("LANGUAGE", "")
}

/// Returns the failure of a program, with its last words.
pub(super) fn failed(what: &str, output: &Output) -> Failure {
    Failure::program(format!("{what}: {}", output.err().trim()), output)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROWS: &str = "dpkg\tamd64\t1.21.22\tinstall ok installed\n\
        nginx\tamd64\t1.22.1-9\tinstall ok installed\n\
        tzdata\tall\t2024a\tinstall ok installed\n\
        gone\tamd64\t1.0\tdeinstall ok config-files\n\
        half\tamd64\t1.0\tinstall reinstreq half-installed\n\
        never\t\t\tunknown ok not-installed\n\
        libc6\ti386\t2.36\tinstall ok installed\n";

    #[track_caller]
    fn case(name: &str, expected: Option<Status>) {
        let packages = Packages::parse(ROWS);
        let spec = PackageSpec::parse(name).unwrap();
        assert_eq!(packages.find(&spec).map(|row| row.status), expected, "{name}");
    }

    #[test]
    fn rows_are_found_by_name_and_architecture() {
        case("nginx", Some(Status::Installed));
        case("nginx:amd64", Some(Status::Installed));
        case("tzdata", Some(Status::Installed));
        case("gone", Some(Status::Configuration));
        case("half", Some(Status::Broken));
        case("never", None);
        case("libc6", None);
        case("libc6:i386", Some(Status::Installed));
        case("unknown", None);
    }

    #[test]
    fn virtual_packages_have_providers() {
        let text = "install ok installed\tpostfix\tdefault-mta, mail-transport-agent\n\
            deinstall ok config-files\texim4\tmail-transport-agent\n\
            install ok installed\tvim\teditor (= 2), vi\n";
        assert_eq!(provider(text, "mail-transport-agent").as_deref(), Some("postfix"));
        assert_eq!(provider(text, "editor").as_deref(), Some("vim"));
        assert_eq!(provider(text, "www-browser"), None);
    }

    #[test]
    fn automatic_packages() {
        let text = "Package: a\nArchitecture: amd64\nAuto-Installed: 1\n\nPackage: b\nArchitecture: amd64\nAuto-Installed: 0\n";
        assert_eq!(parse_automatic(text), HashSet::from(["a".to_owned()]));
    }
}
