//! What apt would install: candidates and versions, as `apt-cache policy` tells them.

use std::collections::HashMap;

use crate::base::glob;
use crate::module::Failure;
use crate::system::{Command, Look};

use super::dpkg::{c, failed};
use super::spec::{PackageSpec, Wanted};

/// What apt knows of one package.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Policy {
    /// What `apt-get install` would take.
    pub(super) candidate: Option<String>,
    /// All versions, the latest first.
    pub(super) versions: Vec<String>,
}

impl Policy {
    /// Returns the best version for a wish.
    pub(super) fn best(&self, spec: &PackageSpec) -> Option<&str> {
        match &spec.wanted {
            Wanted::Any | Wanted::AtLeast(_) => {
                self.candidate.as_deref().filter(|version| spec.accepts(version))
            }
            Wanted::Exactly(_) => {
                self.versions.iter().map(String::as_str).find(|version| spec.accepts(version))
            }
        }
    }
}

/// Asks for packages; unknown ones are missing in the answer.
pub(super) fn ask<'a>(
    look: &dyn Look,
    release: Option<&str>,
    names: impl IntoIterator<Item = &'a str>,
) -> Result<HashMap<String, Policy>, Failure> {
    let mut words = vec!["apt-cache".to_owned(), "policy".to_owned()];
    words.extend(release.map(|release| format!("-oAPT::Default-Release={release}")));
    words.extend(names.into_iter().map(str::to_owned));
    let output = look.query(&c(Command::new(words)))?;
    if !output.success() {
        return Err(failed("`apt-cache policy` failed", &output));
    }
    Ok(parse(&output.out()))
}

fn parse(text: &str) -> HashMap<String, Policy> {
    let mut found = HashMap::new();
    let mut name = String::new();
    for line in text.lines() {
        if let Some(word) = line.strip_suffix(':').filter(|line| !line.starts_with(' ')) {
            name = word.to_owned();
            found.insert(name.clone(), Policy::default());
            continue;
        }
        let Some(policy) = found.get_mut(&name) else { continue };
        if let Some(version) = line.strip_prefix("  Candidate: ") {
            policy.candidate = Some(version.to_owned()).filter(|version| version != "(none)");
        } else if let Some(rest) = line.strip_prefix(" *** ").or_else(|| line.strip_prefix("     "))
        {
            // `     1.22.1-9 500`; where it comes from stands below, further in.
            let version = rest.split(' ').next().filter(|word| !word.is_empty());
            policy.versions.extend(version.map(str::to_owned));
        }
    }
    found
}

/// Replaces patterns among the names by the packages that match, which apt knows.
pub(super) fn expand(
    look: &dyn Look,
    specs: Vec<PackageSpec>,
) -> Result<Vec<PackageSpec>, Failure> {
    if !specs.iter().any(|spec| glob::is_pattern(&spec.name)) {
        return Ok(specs);
    }
    let output = look.query(&c(Command::new(["apt-cache", "pkgnames"])))?;
    if !output.success() {
        return Err(failed("`apt-cache pkgnames` failed", &output));
    }
    let text = output.out();
    let mut known: Vec<&str> = text.lines().collect();
    known.sort_unstable();
    let mut expanded = Vec::new();
    for spec in specs {
        if !glob::is_pattern(&spec.name) {
            expanded.push(spec);
            continue;
        }
        let matching = known.iter().filter(|name| glob::matches(spec.plain_name(), name));
        let before = expanded.len();
        expanded.extend(matching.map(|name| match spec.architecture() {
            Some(architecture) => spec.renamed(&format!("{name}:{architecture}")),
            None => spec.renamed(name),
        }));
        if expanded.len() == before {
            return Err(Failure::new(format!("No package(s) matching '{}' available", spec.name)));
        }
    }
    Ok(expanded)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "nginx:\n  Installed: 1.22.1-9\n  Candidate: 1.22.1-9+deb12u2\n  Version table:\n     1.22.1-9+deb12u2 500\n        500 http://deb.debian.org/debian-security bookworm-security/main amd64 Packages\n *** 1.22.1-9 500\n        500 http://deb.debian.org/debian bookworm/main amd64 Packages\n        100 /var/lib/dpkg/status\nediting:\n  Installed: (none)\n  Candidate: (none)\n  Version table:\n";

    #[track_caller]
    fn case(spec: &str, expected: Option<&str>) {
        let policies = parse(TEXT);
        let spec = PackageSpec::parse(spec).unwrap();
        assert_eq!(policies.get(&spec.name).and_then(|policy| policy.best(&spec)), expected);
    }

    #[test]
    fn best_versions() {
        case("nginx", Some("1.22.1-9+deb12u2"));
        case("nginx=1.22.1-9", Some("1.22.1-9"));
        case("nginx=1.22*", Some("1.22.1-9+deb12u2"));
        case("nginx=1.23*", None);
        case("nginx>=1.22.1", Some("1.22.1-9+deb12u2"));
        case("nginx>=2", None);
        case("editing", None);
        case("unknown", None);
    }
}
