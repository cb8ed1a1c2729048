//! Which packages apt has to install: those that are missing, too old, or not in the version that is wanted.

use crate::module::Failure;
use crate::system::Look;

use super::dpkg::{self, Packages};
use super::policy;
use super::spec::{PackageSpec, Wanted};
use super::{Args, State};

/// What there is to do.
#[derive(Debug, Default, Eq, PartialEq)]
pub(super) struct Selection {
    /// What to tell `apt-get install`.
    pub(super) words: Vec<String>,
    /// Installed packages that stay as they are.
    pub(super) there: Vec<String>,
}

/// Compares what is wanted with what is there.
pub(super) fn select(
    look: &dyn Look,
    args: &Args,
    specs: &[PackageSpec],
) -> Result<Selection, Failure> {
    let legal = specs.iter().filter(|spec| spec.is_legal());
    let mut known = Packages::query(look, legal.map(|spec| spec.name.as_str()))?;
    let provided = provided(look, &known, specs)?;
    if args.state == State::Latest && provided.iter().any(Option::is_some) {
        known.add(Packages::query(look, provided.iter().flatten().map(String::as_str))?);
    }
    let mut selection = Selection::default();
    let mut open = Vec::new();
    for (spec, provider) in specs.iter().zip(&provided) {
        let spec = provider.as_ref().map_or_else(|| spec.clone(), |name| spec.renamed(name));
        let installed = known.installed(&spec).map(|row| row.version.clone());
        // What a provider's version is does not matter: the name is there.
        let there =
            provider.is_some() || installed.as_ref().is_some_and(|found| spec.accepts(found));
        if there && args.state != State::Latest {
            selection.there.push(spec.plain_name().to_owned());
        } else if installed.is_none() && provider.is_none() && args.only_upgrade {
            // It is not to be installed anew.
        } else if !spec.is_legal() {
            return Err(unknown(&spec.name));
        } else if installed.is_none() && provider.is_none() && spec.wanted == Wanted::Any {
            // apt finds the candidate by itself.
            selection.words.push(spec.name);
        } else {
            open.push((spec, installed));
        }
    }
    if !open.is_empty() {
        resolve(look, args, open, &mut selection)?;
    }
    Ok(selection)
}

/// Returns, for each name that is not installed, the installed package that provides it.
fn provided(
    look: &dyn Look,
    known: &Packages,
    specs: &[PackageSpec],
) -> Result<Vec<Option<String>>, Failure> {
    let is_missing = |spec: &&PackageSpec| spec.wanted == Wanted::Any && known.find(spec).is_none();
    let missing: Vec<&str> =
        specs.iter().filter(is_missing).map(|spec| spec.name.as_str()).collect();
    if missing.is_empty() {
        return Ok(vec![None; specs.len()]);
    }
    let mut found = dpkg::providers(look, &missing)?.into_iter();
    Ok(specs.iter().map(|spec| if is_missing(&spec) { found.next()? } else { None }).collect())
}

/// Decides on those that depend on what apt has to offer.
fn resolve(
    look: &dyn Look,
    args: &Args,
    open: Vec<(PackageSpec, Option<String>)>,
    selection: &mut Selection,
) -> Result<(), Failure> {
    let names = open.iter().map(|(spec, _)| spec.name.as_str());
    let policies = policy::ask(look, args.default_release.as_deref(), names)?;
    for (spec, installed) in open {
        let policy = policies.get(&spec.name).or_else(|| policies.get(spec.plain_name()));
        let Some(policy) = policy else {
            return Err(unknown(&spec.name));
        };
        let best = policy.best(&spec);
        let fits = installed.as_ref().is_some_and(|found| spec.accepts(found));
        match best {
            Some(best) if installed.as_deref() != Some(best) => {
                selection.words.push(match spec.wanted {
                    Wanted::Any => spec.name,
                    Wanted::Exactly(_) | Wanted::AtLeast(_) => format!("{}={best}", spec.name),
                });
            }
            _ if fits => selection.there.push(spec.plain_name().to_owned()),
            _ => return Err(no_candidate(&spec, &policy.versions)),
        }
    }
    Ok(())
}

fn unknown(name: &str) -> Failure {
    Failure::new(format!(
        "No package matching '{name}' is available; if it should be, check its repository and use `update_cache: true`"
    ))
}

fn no_candidate(spec: &PackageSpec, versions: &[String]) -> Failure {
    let offered = match versions {
        [] => "no repository has any".to_owned(),
        versions => format!("there are {}", versions.join(", ")),
    };
    Failure::new(format!("no available installation candidate for {spec}: {offered}"))
}
