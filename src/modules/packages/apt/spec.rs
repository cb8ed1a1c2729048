//! What `name` may say: a package, with a version (`=1.2*`) or a least version (`>=1.2`).

use std::cmp::Ordering;

use crate::base::glob;
use crate::module::Failure;

use super::version;

/// A wish about a version.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Wanted {
    /// Whatever is the candidate.
    Any,
    /// This one; a pattern.
    Exactly(String),
    /// This one or a later one.
    AtLeast(String),
}

/// A package as the playbook names it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct PackageSpec {
    /// The name, with `:architecture` when the playbook says so.
    pub(super) name: String,
    /// Which version.
    pub(super) wanted: Wanted,
}

impl PackageSpec {
    /// Reads a word of `name`.
    pub(super) fn parse(word: &str) -> Result<Self, Failure> {
        let word = word.trim();
        if word.matches('=').count() > 1 {
            return Err(Failure::new(format!(
                "invalid package spec: {word}; write `name=version` or `name>=version`"
            )));
        }
        Ok(match word.split_once('=') {
            None => Self { name: word.into(), wanted: Wanted::Any },
            Some((name, version)) => {
                let version = version.trim().to_owned();
                match name.strip_suffix('>') {
                    Some(name) => {
                        Self { name: name.trim().into(), wanted: Wanted::AtLeast(version) }
                    }
                    None => Self { name: name.trim().into(), wanted: Wanted::Exactly(version) },
                }
            }
        })
    }

    /// Returns the same wish for another name.
    pub(super) fn renamed(&self, name: &str) -> Self {
        Self { name: name.into(), wanted: self.wanted.clone() }
    }

    /// Returns whether a version is what is wanted.
    pub(super) fn accepts(&self, found: &str) -> bool {
        match &self.wanted {
            Wanted::Any => true,
            Wanted::Exactly(pattern) => glob::matches(pattern, found),
            Wanted::AtLeast(least) => version::compare(found, least) != Ordering::Less,
        }
    }

    /// Returns whether dpkg takes the name; others are not worth asking for.
    pub(super) fn is_legal(&self) -> bool {
        let plain = |c: char| c.is_ascii_alphanumeric() || "+-.:".contains(c);
        self.name.starts_with(|c: char| c.is_ascii_alphanumeric()) && self.name.chars().all(plain)
    }

    /// Returns the name without the architecture.
    pub(super) fn plain_name(&self) -> &str {
        self.name.split(':').next().unwrap_or_default()
    }

    /// Returns the architecture, when it is named.
    pub(super) fn architecture(&self) -> Option<&str> {
        self.name.split_once(':').map(|(_, architecture)| architecture)
    }
}

impl std::fmt::Display for PackageSpec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.wanted {
            Wanted::Any => f.write_str(&self.name),
            Wanted::Exactly(version) => write!(f, "{}={version}", self.name),
            Wanted::AtLeast(version) => write!(f, "{}>={version}", self.name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(word: &str, name: &str, wanted: Wanted) {
        let spec = PackageSpec::parse(word).unwrap();
        assert_eq!(spec, PackageSpec { name: name.into(), wanted });
    }

    #[test]
    fn words() {
        case("nginx", "nginx", Wanted::Any);
        case(" nginx ", "nginx", Wanted::Any);
        case("nginx=1.2*", "nginx", Wanted::Exactly("1.2*".into()));
        case("nginx>=1.2", "nginx", Wanted::AtLeast("1.2".into()));
        case("libc6:i386=2.36", "libc6:i386", Wanted::Exactly("2.36".into()));
        let error = PackageSpec::parse("a=1=2").unwrap_err();
        assert_eq!(
            error.message,
            "invalid package spec: a=1=2; write `name=version` or `name>=version`"
        );
    }

    #[test]
    fn versions() {
        let spec = PackageSpec::parse("nginx=1.2*").unwrap();
        assert!(spec.accepts("1.22-1"));
        assert!(!spec.accepts("1.3-1"));
        let spec = PackageSpec::parse("nginx>=1.9").unwrap();
        assert!(spec.accepts("1.10-1") && !spec.accepts("1.8"));
    }
}
