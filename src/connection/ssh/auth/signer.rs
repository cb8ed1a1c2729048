//! Signs a login with whoever holds the key; a locked key is opened only when the host wants it.

use russh::keys::agent::AgentIdentity;
use russh::keys::ssh_encoding::Encode;
use russh::keys::ssh_key::Signature;
use russh::keys::ssh_key::private::KeypairData;
use russh::keys::{HashAlg, PrivateKey, signature};

use super::candidates::{Agent, Candidate, Holder};
use super::keys::{KeyProblem, KeyRing};
use crate::connection::ssh::target::Secrets;

/// Signs for one candidate.
pub(super) struct Signer<'l> {
    pub(super) candidate: &'l Candidate,
    pub(super) agent: Option<&'l mut Agent>,
    pub(super) ring: &'l KeyRing,
    pub(super) secrets: &'l Secrets,
}

/// Why there is no signature.
#[derive(Debug, thiserror::Error)]
pub(super) enum SignError {
    #[error("the agent did not sign: {0}")]
    Agent(russh::keys::Error),
    #[error("the connection was lost")]
    Lost(#[from] russh::SendError),
    #[error("{0}")]
    Key(KeyProblem),
    #[error("signing failed: {0}")]
    Sign(String),
}

impl russh::Signer for Signer<'_> {
    type Error = SignError;

    async fn auth_sign(
        &mut self,
        identity: &AgentIdentity,
        hash: Option<HashAlg>,
        data: Vec<u8>,
    ) -> Result<Vec<u8>, SignError> {
        match &self.candidate.holder {
            Holder::Agent => match &mut self.agent {
                Some(agent) => {
                    agent.sign_request(identity, hash, data).await.map_err(SignError::Agent)
                }
                None => Err(SignError::Key(KeyProblem::PublicOnly)),
            },
            Holder::File { path, .. } => {
                let key = self.ring.open(path, self.secrets).await.map_err(SignError::Key)?;
                sign(&key, hash, data)
            }
            Holder::Inline(key) => sign(key, hash, data),
        }
    }
}

/// Appends a signature of the data to the data, as the protocol wants it.
fn sign(key: &PrivateKey, hash: Option<HashAlg>, mut data: Vec<u8>) -> Result<Vec<u8>, SignError> {
    let signed: Result<Signature, signature::Error> = match key.key_data() {
        KeypairData::Rsa(pair) => signature::Signer::try_sign(&(pair, hash), &data),
        KeypairData::SkEd25519(_) | KeypairData::SkEcdsaSha2NistP256(_) => {
            return Err(SignError::Key(KeyProblem::SecurityKey));
        }
        pair => signature::Signer::try_sign(pair, &data),
    };
    let signed = signed.map_err(|error| SignError::Sign(error.to_string()))?;
    signed.encode_prefixed(&mut data).map_err(|error| SignError::Sign(error.to_string()))?;
    Ok(data)
}
