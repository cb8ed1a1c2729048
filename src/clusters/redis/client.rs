//! One instance to talk to: connects when it has to, logs in, and gives errors a place.

use std::time::Duration;

use super::resp::{Reply, Wire};
use super::{Address, Error};
use crate::base::Secret;
use crate::clusters::{self, Dial};

/// How long an instance may take to answer.
const ANSWER: Duration = Duration::from_secs(10);

/// Who logs in, when there is a password.
#[derive(Clone, Copy)]
pub(super) struct Login<'a> {
    /// The user; nothing means the default one.
    pub(super) username: Option<&'a str>,
    /// The password.
    pub(super) password: Option<&'a Secret>,
}

/// One instance.
pub(super) struct Client<'a> {
    /// Where it is.
    pub(super) address: Address,
    dial: &'a dyn Dial,
    login: Login<'a>,
    wire: Option<Wire>,
}

impl<'a> Client<'a> {
    /// Returns an instance that is not connected yet.
    pub(super) fn new(address: Address, login: Login<'a>, dial: &'a dyn Dial) -> Self {
        Self { address, dial, login, wire: None }
    }

    /// Returns the words by which another instance logs in here, for `MIGRATE`.
    pub(super) fn credentials(&self) -> Vec<&'a str> {
        match (self.login.username, self.login.password) {
            (Some(user), Some(password)) => vec!["AUTH2", user, password.reveal()],
            (None, Some(password)) => vec!["AUTH", password.reveal()],
            (_, None) => Vec::new(),
        }
    }

    /// Sends commands together and returns what was answered to each; errors of single commands included.
    pub(super) async fn ask<W: AsRef<[u8]>>(
        &mut self,
        commands: &[Vec<W>],
    ) -> Result<Vec<Reply>, Error> {
        self.ask_within(ANSWER, commands).await
    }

    /// Does so with more time for the answers.
    pub(super) async fn ask_within<W: AsRef<[u8]>>(
        &mut self,
        limit: Duration,
        commands: &[Vec<W>],
    ) -> Result<Vec<Reply>, Error> {
        let mut wire = match self.wire.take() {
            Some(wire) => wire,
            None => self.connect().await?,
        };
        let replies = within(&self.address, limit, wire.ask(commands)).await?;
        // Only a connection whose answers were all read is used again.
        self.wire = Some(wire);
        Ok(replies)
    }

    /// Sends a command and returns its answer as text.
    pub(super) async fn text(&mut self, words: &[&str]) -> Result<String, Error> {
        let reply = self.ask(&[words.to_vec()]).await?.pop().unwrap_or(Reply::Nothing);
        self.expect_text(reply, words)
    }

    /// Returns an answer as text, or the error that it is.
    pub(super) fn expect_text(&self, reply: Reply, words: &[&str]) -> Result<String, Error> {
        let command = shown(words);
        match reply {
            Reply::Text(text) => Ok(String::from_utf8_lossy(&text).into_owned()),
            Reply::Number(number) => Ok(number.to_string()),
            Reply::Failure(reason) => {
                Err(Error::Refused { address: self.address.clone(), command, reason })
            }
            Reply::Nothing | Reply::Many(_) => {
                Err(Error::Garbled { address: self.address.clone(), command })
            }
        }
    }

    async fn connect(&mut self) -> Result<Wire, Error> {
        let line =
            within(&self.address, ANSWER, self.dial.tcp(&self.address.host, self.address.port))
                .await?;
        let mut wire = Wire::new(line);
        let Some(password) = self.login.password else { return Ok(wire) };
        let mut words = vec!["AUTH"];
        words.extend(self.login.username);
        words.push(password.reveal());
        let reply = within(&self.address, ANSWER, wire.ask(&[words]))
            .await?
            .pop()
            .unwrap_or(Reply::Nothing);
        self.expect_text(reply, &["AUTH"])?;
        Ok(wire)
    }
}

async fn within<T>(
    address: &Address,
    limit: Duration,
    work: impl Future<Output = std::io::Result<T>>,
) -> Result<T, Error> {
    let result = clusters::within(limit, work).await;
    result.map_err(|source| Error::Io { address: address.clone(), source })
}

/// Returns a command as errors show it: a list of slots would fill the screen.
fn shown(words: &[&str]) -> String {
    let mut text = words.iter().take(5).copied().collect::<Vec<_>>().join(" ");
    if words.len() > 5 {
        text.push_str(" …");
    }
    text
}
