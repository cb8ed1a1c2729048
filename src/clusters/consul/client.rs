//! One agent to talk to: the HTTP API, with tokens, and errors that have a place.

use super::{Error, Transport, Wish};
use crate::base::{Secret, Value, json};
use crate::clusters::{Address, Dial, http};

/// One agent.
pub(super) struct Client<'a> {
    /// Where its HTTP API is.
    pub(super) address: Address,
    dial: &'a dyn Dial,
    transport: &'a Transport,
    token: Option<&'a Secret>,
    agent_token: Option<&'a Secret>,
}

impl<'a> Client<'a> {
    /// Returns an agent.
    pub(super) fn new(address: Address, wish: &'a Wish, dial: &'a dyn Dial) -> Self {
        Self {
            address,
            dial,
            transport: &wish.transport,
            token: wish.token.as_ref(),
            agent_token: wish.agent_token.as_ref(),
        }
    }

    /// Reads something.
    pub(super) async fn get(&self, path: &str) -> Result<Value, Error> {
        self.ask("GET", path, "").await
    }

    /// Has something done; returns what the agent says to it, when it says something.
    pub(super) async fn put(&self, path: &str, body: &str) -> Result<Value, Error> {
        self.ask("PUT", path, body).await
    }

    /// Asks the agent about itself, or tells it to do something itself: the agent's own token is good for that too, and
    /// the only one while there is no leader.
    pub(super) async fn agent(&self, method: &str, path: &str) -> Result<Value, Error> {
        let answer = self.ask(method, path, "").await;
        match (&answer, self.agent_token) {
            (Err(error), Some(_)) if error.is_denial() => {
                self.ask_with(self.agent_token, method, path, "").await
            }
            _ => answer,
        }
    }

    /// Sends a request.
    pub(super) async fn ask(&self, method: &str, path: &str, body: &str) -> Result<Value, Error> {
        self.ask_with(self.token, method, path, body).await
    }

    /// Sends a request with a certain token.
    pub(super) async fn ask_with(
        &self,
        token: Option<&Secret>,
        method: &str,
        path: &str,
        body: &str,
    ) -> Result<Value, Error> {
        let scheme = if self.transport.secure { "https" } else { "http" };
        let mut headers = Vec::new();
        if let Some(token) = token {
            headers.push(("X-Consul-Token".to_owned(), token.reveal().to_owned()));
        }
        let request = http::Request {
            method: method.to_owned(),
            url: format!("{scheme}://{}/v1/{path}", self.address),
            headers,
            body: body.as_bytes().to_vec(),
            ..http::Request::default()
        };
        let failed = |source| Error::Http { address: self.address.clone(), source };
        let mut answer =
            http::send(self.dial, &request, &self.transport.options).await.map_err(failed)?;
        let bytes = answer.whole().await.map_err(failed)?;
        let text = String::from_utf8_lossy(&bytes);
        // Autopilot says by 429 that the servers are not well, and tells all the same which.
        if answer.status != 200 && !(answer.status == 429 && text.starts_with('{')) {
            return Err(Error::Refused {
                address: self.address.clone(),
                request: format!("{method} /v1/{path}"),
                status: answer.status,
                reason: words(&text, answer.status),
            });
        }
        if text.trim().is_empty() {
            return Ok(Value::Null);
        }
        json::parse(&text).map_err(|_| Error::Garbled {
            address: self.address.clone(),
            request: format!("{method} /v1/{path}"),
            secure: self.transport.secure,
        })
    }
}

/// Returns an error of Consul on one line: it likes lists.
fn words(text: &str, status: u16) -> String {
    let lines = text.lines().map(|line| line.trim().trim_start_matches("* "));
    let lines: Vec<&str> =
        lines.filter(|line| !line.is_empty() && !line.ends_with("occurred:")).collect();
    if lines.is_empty() { format!("status {status}") } else { lines.join("; ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_on_one_line() {
        assert_eq!(words("1 error occurred:\n\t* Failed to join x\n\n", 500), "Failed to join x");
        assert_eq!(words("ACL not found", 403), "ACL not found");
        assert_eq!(words("", 503), "status 503");
    }
}
