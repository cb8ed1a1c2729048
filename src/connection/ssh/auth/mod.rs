//! Proves to a host who we are: keys, then keyboard-interactive, then password, as OpenSSH does, and several of them
//! when the host wants several.

mod candidates;
mod interactive;
mod keys;
mod short;
mod signer;

use std::collections::VecDeque;
use std::path::PathBuf;
use std::time::Duration;

use russh::client::{AuthResult, Handle};
use russh::keys::agent::AgentSessionBinding;
use russh::keys::{Algorithm, HashAlg, PublicKey};
use russh::{MethodKind, MethodSet};

use self::candidates::{Candidate, Candidates, Holder};
use self::signer::{SignError, Signer};
use super::algorithms;
use super::config::{Options, Tokens};
use super::error::{AuthFailure, ConnectError, Stage};
use super::host_key::Trust;
use super::session::{State, Watch};
use super::target::Secrets;
pub(super) use candidates::agent_socket;
pub(super) use keys::KeyRing;

/// What is said of a way that the host took and that was not all it wants.
const NOT_ENOUGH: &str = "accepted, but not enough alone";

/// How long a host may think about one answer. PAM may ask other machines.
const ANSWER: Duration = Duration::from_secs(60);

/// Who logs in, and with what.
pub(super) struct Login<'l> {
    pub(super) user: &'l str,
    pub(super) options: &'l Options,
    pub(super) tokens: &'l Tokens,
    pub(super) secrets: &'l Secrets,
    pub(super) ring: &'l KeyRing,
    pub(super) agent: Option<PathBuf>,
    pub(super) binding: Option<&'l AgentSessionBinding>,
    pub(super) trust: Trust,
    pub(super) state: &'l State,
}

/// What came of a try.
pub(super) enum Step {
    /// We are in.
    In,
    /// One lock is open; these ways remain for the next.
    Partly(MethodSet),
    /// It was of no use; these ways remain.
    Refused(MethodSet),
}

impl From<AuthResult> for Step {
    fn from(result: AuthResult) -> Self {
        match result {
            AuthResult::Success => Self::In,
            AuthResult::Failure { remaining_methods, partial_success: true } => {
                Self::Partly(remaining_methods)
            }
            AuthResult::Failure { remaining_methods, partial_success: false } => {
                Self::Refused(remaining_methods)
            }
        }
    }
}

/// Logs in.
pub(super) async fn log_in(
    handle: &mut Handle<Watch>,
    login: &Login<'_>,
) -> Result<(), ConnectError> {
    let mut attempt = Attempt::new(login);
    let first = attempt.answer(handle.authenticate_none(login.user)).await?;
    let mut allowed = match Step::from(first) {
        Step::In => return Ok(()),
        Step::Partly(allowed) | Step::Refused(allowed) => allowed,
    };
    loop {
        if handle.is_closed() || allowed.is_empty() {
            return Err(attempt.failure(&allowed));
        }
        attempt.note_allowed(&allowed);
        let Some(way) = attempt.next_way(&allowed) else {
            return Err(attempt.failure(&allowed));
        };
        match attempt.go(way, handle).await? {
            Some(Step::In) => return Ok(()),
            Some(Step::Partly(now) | Step::Refused(now)) => allowed = now,
            // Nothing was sent: what the host allows is as before.
            None => {}
        }
    }
}

/// One login under way.
struct Attempt<'l> {
    login: &'l Login<'l>,
    /// Ways that have nothing left to try.
    spent: Vec<MethodKind>,
    keys: Option<Keys>,
    tried: Vec<String>,
    allowed: Vec<String>,
}

/// The keys left.
struct Keys {
    queue: VecDeque<Candidate>,
    agent: Option<candidates::Agent>,
    /// The hash for RSA, once it is asked for.
    hash: Option<Option<HashAlg>>,
}

impl Keys {
    /// Returns the hash for signing with a key: RSA alone has a choice, which the host makes.
    async fn hash(
        &mut self,
        key: &PublicKey,
        handle: &Handle<Watch>,
        sha1: bool,
    ) -> Option<HashAlg> {
        if !matches!(key.algorithm(), Algorithm::Rsa { .. }) {
            return None;
        }
        if self.hash.is_none() {
            let asked = handle.best_supported_rsa_hash().await;
            // A host that says nothing is old, but not so old that it knows SHA-1 only, unless the operator allows that.
            let old = if sha1 { None } else { Some(HashAlg::Sha256) };
            self.hash = Some(asked.ok().flatten().unwrap_or(old));
        }
        self.hash.flatten()
    }
}

impl<'l> Attempt<'l> {
    fn new(login: &'l Login<'l>) -> Self {
        Self { login, spent: Vec::new(), keys: None, tried: Vec::new(), allowed: Vec::new() }
    }

    /// Returns the way to try next.
    fn next_way(&self, allowed: &MethodSet) -> Option<MethodKind> {
        let default = ["publickey", "keyboard-interactive", "password"].map(str::to_owned);
        let preferred = self.login.options.preferred_authentications.as_deref().unwrap_or(&default);
        preferred
            .iter()
            .filter_map(|name| name.parse::<MethodKind>().ok())
            .find(|way| allowed.contains(way) && !self.spent.contains(way) && self.may(*way))
    }

    fn may(&self, way: MethodKind) -> bool {
        let Options {
            pubkey_authentication, keyboard_interactive, password_authentication, ..
        } = self.login.options;
        // A password that the operator gave is meant to be used, whatever the configuration says against asking.
        let password = self.login.secrets.password.is_some() && self.login.trust == Trust::Full;
        match way {
            MethodKind::PublicKey => *pubkey_authentication != Some(false),
            MethodKind::KeyboardInteractive => password && *keyboard_interactive != Some(false),
            MethodKind::Password => password && *password_authentication != Some(false),
            MethodKind::None | MethodKind::HostBased | MethodKind::GssapiWithMic => false,
        }
    }

    async fn go(
        &mut self,
        way: MethodKind,
        handle: &mut Handle<Watch>,
    ) -> Result<Option<Step>, ConnectError> {
        match way {
            MethodKind::PublicKey => self.try_key(handle).await,
            MethodKind::KeyboardInteractive => {
                self.spent.push(way);
                let password = self.login.secrets.password.as_ref();
                let talk = interactive::talk(handle, self.login.user, password);
                let (step, note) = self.answer(talk).await?;
                self.note(&format!("keyboard-interactive{note}"), &step);
                Ok(Some(step))
            }
            MethodKind::Password => {
                self.spent.push(way);
                let Some(password) = &self.login.secrets.password else { return Ok(None) };
                let sent = handle.authenticate_password(self.login.user, password.reveal());
                let step = Step::from(self.answer(sent).await?);
                self.note("password", &step);
                Ok(Some(step))
            }
            MethodKind::None | MethodKind::HostBased | MethodKind::GssapiWithMic => {
                self.spent.push(way);
                Ok(None)
            }
        }
    }

    /// Tries the next key.
    async fn try_key(&mut self, handle: &mut Handle<Watch>) -> Result<Option<Step>, ConnectError> {
        if self.keys.is_none() {
            let Candidates { list, agent, problems } = Candidates::gather(self.login).await;
            self.tried.extend(problems);
            self.keys = Some(Keys { queue: list.into(), agent, hash: None });
        }
        let login = self.login;
        let next = self.keys.as_mut().and_then(|keys| keys.queue.pop_front());
        let (Some(mut candidate), Some(keys)) = (next, self.keys.as_mut()) else {
            self.spent.push(MethodKind::PublicKey);
            return Ok(None);
        };
        let public = match complete(&mut candidate, login).await {
            Ok(public) => public,
            Err(problem) => {
                self.tried.push(format!("{}: {problem}", candidate.name));
                return Ok(None);
            }
        };
        if !algorithms::may_sign(login.options, &public.algorithm()) {
            self.tried
                .push(format!("{}: `PubkeyAcceptedAlgorithms` leaves it out", candidate.name));
            return Ok(None);
        }
        let sha1 = algorithms::allows_sha1(login.options);
        let hash = keys.hash(&public, handle, sha1).await;
        let Candidate { certificate, .. } = candidate.clone();
        let secrets = login.secrets;
        let mut signer =
            Signer { candidate: &candidate, agent: keys.agent.as_mut(), ring: login.ring, secrets };
        let sent = async {
            match certificate {
                Some(shown) => {
                    handle.authenticate_certificate_with(login.user, shown, hash, &mut signer).await
                }
                None => {
                    handle.authenticate_publickey_with(login.user, public, hash, &mut signer).await
                }
            }
        };
        // Whoever types a passphrase may take as long as it takes.
        let result = if matches!(candidate.holder, Holder::File { locked: true, .. }) {
            sent.await
        } else {
            tokio::time::timeout(ANSWER, sent).await.map_err(|_| login.state.timeout(ANSWER))?
        };
        match result {
            Ok(result) => {
                let step = Step::from(result);
                self.note(&candidate.name, &step);
                Ok(Some(step))
            }
            Err(SignError::Lost(_)) => Err(self.failure(&MethodSet::empty())),
            Err(error) => {
                self.tried.push(format!("{}: {error}", candidate.name));
                Ok(None)
            }
        }
    }

    fn note(&mut self, what: &str, step: &Step) {
        match step {
            Step::In => {}
            Step::Partly(_) => self.tried.push(format!("{what}: {NOT_ENOUGH}")),
            Step::Refused(_) => self.tried.push(format!("{what}: refused")),
        }
    }

    fn note_allowed(&mut self, allowed: &MethodSet) {
        self.allowed = allowed.iter().map(|way| <&str>::from(way).to_owned()).collect();
    }

    /// Waits for the host's answer, not forever.
    async fn answer<T>(
        &self,
        sent: impl Future<Output = Result<T, russh::Error>>,
    ) -> Result<T, ConnectError> {
        match tokio::time::timeout(ANSWER, sent).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(_)) => Err(self.failure(&MethodSet::empty())),
            Err(_) => Err(self.login.state.timeout(ANSWER)),
        }
    }

    fn failure(&self, allowed: &MethodSet) -> ConnectError {
        let state = self.login.state;
        let why = state.why();
        if self.allowed.is_empty() && self.tried.is_empty() && allowed.is_empty() {
            return ConnectError::Closed { host: state.host.clone(), stage: Stage::Login, why };
        }
        ConnectError::Auth(Box::new(AuthFailure {
            host: state.host.clone(),
            tried: self.tried.clone(),
            allowed: self.allowed.clone(),
            hint: self.hint(why.as_deref()),
            why,
        }))
    }

    fn hint(&self, why: Option<&str>) -> String {
        let takes_password = self.allowed.iter().any(|way| way != "publickey");
        let was = |words: &str| self.tried.iter().any(|tried| tried.contains(words));
        let text = if why.is_some_and(|why| why.contains("Too many authentication failures")) {
            "the agent has more keys than the host has patience: name the key (`ansible_ssh_private_key_file`) and set `IdentitiesOnly yes`"
        } else if self.login.trust == Trust::NoSecrets {
            "the host's key has changed and the check is off: such a host is given no password"
        } else if was(keys::NO_PASSPHRASE) || was(keys::WRONG_PASSPHRASE) {
            "type the passphrase when asked at a terminal, put the key into an ssh-agent, or give it as `ansible_ssh_private_key_passphrase`"
        } else if self.login.secrets.password.is_some() && takes_password {
            "is the password right, and may this user log in over SSH?"
        } else if was(NOT_ENOUGH) {
            "the host wants more than that: give the password, too: -k, or `ansible_password`"
        } else if was(keys::MISSING) || was(keys::CHMOD) {
            "mend that file, or name another key: --private-key, or `ansible_ssh_private_key_file`"
        } else if takes_password {
            "put your public key into the user's ~/.ssh/authorized_keys there (ssh-copy-id), or give the password: -k, or `ansible_password`"
        } else {
            "put your public key into the user's ~/.ssh/authorized_keys there (ssh-copy-id), or name another key: --private-key, or `ansible_ssh_private_key_file`; is the user right (`ansible_user`, -u)?"
        };
        text.to_owned()
    }
}

/// Makes sure that the public half is known, opening the key if there is no other way.
async fn complete(candidate: &mut Candidate, login: &Login<'_>) -> Result<PublicKey, String> {
    if let Some(public) = &candidate.public {
        return Ok(public.clone());
    }
    let Holder::File { path, .. } = &candidate.holder else {
        return Err("its public half is not known".to_owned());
    };
    let key = login.ring.open(path, login.secrets).await.map_err(|problem| problem.to_string())?;
    candidate.public = Some(key.public_key().clone());
    Ok(key.public_key().clone())
}
