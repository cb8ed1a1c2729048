//! Which keys to try, in which order.
//!
//! As OpenSSH: certificates; keys of the agent that the configuration names; the agent's other keys (unless
//! `IdentitiesOnly`); keys that are only in files.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use russh::keys::agent::AgentIdentity;
use russh::keys::agent::client::AgentClient;
use russh::keys::{Certificate, HashAlg, PrivateKey, PublicKey};
use tokio::net::UnixStream;

use super::Login;
use super::keys::{KeyProblem, Look, certificate_beside, inline};

/// An open agent.
pub(super) type Agent = AgentClient<UnixStream>;

/// Key files that are tried when none is named.
const DEFAULTS: &[&str] = &["~/.ssh/id_ed25519", "~/.ssh/id_ecdsa", "~/.ssh/id_rsa"];

/// Who can sign with a key.
#[derive(Clone, Debug)]
pub(super) enum Holder {
    /// The agent.
    Agent,
    /// A file.
    File {
        path: PathBuf,
        /// Whether its passphrase is not known yet.
        locked: bool,
    },
    /// The variable `ansible_private_key`.
    Inline(Arc<PrivateKey>),
}

/// A key to try.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    /// How messages call it.
    pub(super) name: String,
    /// Its public half; `None` when that is encrypted too.
    pub(super) public: Option<PublicKey>,
    /// The certificate to show instead of the key.
    pub(super) certificate: Option<Certificate>,
    pub(super) holder: Holder,
}

/// All keys to try, the open agent, and what is of no use.
#[derive(Default)]
pub(super) struct Candidates {
    pub(super) list: Vec<Candidate>,
    pub(super) agent: Option<Agent>,
    pub(super) problems: Vec<String>,
}

impl Candidates {
    /// Gathers the keys for a login.
    pub(super) async fn gather(login: &Login<'_>) -> Self {
        let mut candidates = Self::default();
        let mut files = candidates.files(login).await;
        let identities = candidates.ask_agent(login).await;
        if let Some(text) = &login.secrets.private_key {
            match inline(text, login.secrets) {
                Ok(key) => files.insert(0, from_inline(key)),
                Err(problem) => candidates.problems.push(format!("ansible_private_key: {problem}")),
            }
        }
        let certificates = candidates.certificates(login, &files, &identities);
        let mut others: Vec<Candidate> = identities;
        let mut named = Vec::new();
        for file in &mut files {
            let Some(index) = others.iter().position(|other| same_key(other, file)) else {
                continue;
            };
            named.push(others.remove(index));
        }
        let mut only_files = Vec::new();
        for file in
            files.into_iter().filter(|file| !named.iter().any(|known| same_key(known, file)))
        {
            match file.holder {
                Holder::Agent => {
                    candidates.problems.push(format!("{}: {}", file.name, KeyProblem::PublicOnly));
                }
                Holder::File { .. } | Holder::Inline(_) => only_files.push(file),
            }
        }
        if login.options.identities_only == Some(true) {
            others.clear();
        }
        candidates.list = certificates;
        candidates.list.extend(named);
        candidates.list.extend(others);
        candidates.list.extend(only_files);
        candidates
    }

    /// Looks at the key files. A file with a public key only becomes a candidate that the agent must hold.
    async fn files(&mut self, login: &Login<'_>) -> Vec<Candidate> {
        let defaults: Vec<String> = DEFAULTS.iter().map(|&name| name.to_owned()).collect();
        let named = !login.options.identity_files.is_empty();
        let names = if named { &login.options.identity_files } else { &defaults };
        let mut found = Vec::new();
        for name in names.iter().filter(|name| *name != "none") {
            let path = match login.tokens.path(name) {
                Ok(path) => path,
                Err(why) => {
                    self.problems.push(format!("key {name}: {why}"));
                    continue;
                }
            };
            let shown = login.tokens.machine.shorten(&path);
            match login.ring.look(&path).await {
                Ok(look) => found.push(from_file(path, &shown, look)),
                Err(KeyProblem::Missing) if !named => {}
                Err(problem) => self.problems.push(format!("key {shown}: {problem}")),
            }
        }
        found
    }

    /// Asks the agent for its keys.
    async fn ask_agent(&mut self, login: &Login<'_>) -> Vec<Candidate> {
        let Some(path) = &login.agent else { return Vec::new() };
        let mut agent: Agent = match AgentClient::connect_uds(path).await {
            Ok(agent) => agent,
            Err(error) => {
                self.problems.push(format!("agent {}: {error}", path.display()));
                return Vec::new();
            }
        };
        if let Some(binding) = login.binding {
            // Agents that do not know the extension refuse it; their keys have no destination constraints.
            agent.bind_session(binding, false).await.ok();
        }
        let identities = match agent.request_identities().await {
            Ok(identities) => identities,
            Err(error) => {
                self.problems.push(format!("agent {}: {error}", path.display()));
                return Vec::new();
            }
        };
        self.agent = Some(agent);
        identities.into_iter().map(from_agent).collect()
    }

    /// Pairs certificates with the keys that they belong to.
    fn certificates(
        &mut self,
        login: &Login<'_>,
        files: &[Candidate],
        identities: &[Candidate],
    ) -> Vec<Candidate> {
        let mut found = Vec::new();
        for name in &login.options.certificate_files {
            let read = login
                .tokens
                .path(name)
                .and_then(|path| Certificate::read_file(&path).map_err(|error| error.to_string()));
            match read {
                Ok(certificate) => found.push((name.clone(), certificate)),
                Err(why) => self.problems.push(format!("certificate {name}: {why}")),
            }
        }
        for file in files {
            if let Holder::File { path, .. } = &file.holder
                && let Some(certificate) = certificate_beside(path)
            {
                found.push((
                    format!("{}-cert.pub", login.tokens.machine.shorten(path)),
                    certificate,
                ));
            }
        }
        let mut paired = Vec::new();
        for (name, certificate) in found {
            let holders = identities.iter().chain(files);
            let fits = |key: &&Candidate| {
                key.certificate.is_none()
                    && key
                        .public
                        .as_ref()
                        .is_some_and(|key| key.key_data() == certificate.public_key())
            };
            match holders.filter(|key| !is_public_only(key, identities)).find(fits) {
                Some(key) => paired.push(Candidate {
                    name: format!("certificate {name}"),
                    certificate: Some(certificate),
                    ..key.clone()
                }),
                None => {
                    self.problems.push(format!("certificate {name}: its private key is not here"));
                }
            }
        }
        paired
    }
}

/// Returns whether a file's key can only be used through an agent that does not have it.
fn is_public_only(key: &Candidate, identities: &[Candidate]) -> bool {
    matches!(key.holder, Holder::Agent) && !identities.iter().any(|other| same_key(other, key))
}

fn same_key(one: &Candidate, other: &Candidate) -> bool {
    match (&one.public, &other.public) {
        (Some(one), Some(other)) => one.key_data() == other.key_data(),
        _ => false,
    }
}

fn from_agent(identity: AgentIdentity) -> Candidate {
    let comment = identity.comment().to_owned();
    let public = identity.public_key().into_owned();
    let print = public.fingerprint(HashAlg::Sha256);
    let certificate = match identity {
        AgentIdentity::Certificate { certificate, .. } => Some(certificate),
        AgentIdentity::PublicKey { .. } => None,
    };
    let name = format!("agent key {comment} ({} {print})", public.algorithm());
    Candidate { name, public: Some(public), certificate, holder: Holder::Agent }
}

fn from_file(path: PathBuf, shown: &str, look: Look) -> Candidate {
    let Look { public, locked, public_only } = look;
    let print = public.as_ref().map_or_else(String::new, |key| {
        format!(" ({} {})", key.algorithm(), key.fingerprint(HashAlg::Sha256))
    });
    let name = format!("key {shown}{print}");
    let holder = if public_only { Holder::Agent } else { Holder::File { path, locked } };
    Candidate { name, public, certificate: None, holder }
}

fn from_inline(key: Arc<PrivateKey>) -> Candidate {
    let public = Some(key.public_key().clone());
    let name = "key in `ansible_private_key`".to_owned();
    Candidate { name, public, certificate: None, holder: Holder::Inline(key) }
}

/// Returns the agent's socket: `IdentityAgent`, else `SSH_AUTH_SOCK`.
pub(in crate::connection::ssh) fn agent_socket(
    option: Option<&str>,
    environment: Option<&Path>,
    expand: impl Fn(&str) -> Result<PathBuf, String>,
) -> Result<Option<PathBuf>, String> {
    match option {
        Some("none") => Ok(None),
        None | Some("SSH_AUTH_SOCK") => Ok(environment.map(Path::to_path_buf)),
        Some(name) if name.starts_with('$') && !name.starts_with("${") => {
            Ok(std::env::var_os(&name[1..]).map(PathBuf::from))
        }
        Some(path) => expand(path).map(Some),
    }
}
