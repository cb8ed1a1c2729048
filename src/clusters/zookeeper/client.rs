//! One server to talk to: connects when it has to, shows who logs in, and gives errors a place.

use std::io;
use std::time::Duration;

use super::digest::answer;
use super::error::code;
use super::jute::{Reader, Writer, garbled};
use super::wire::{Wire, kind, word};
use super::{Error, Login, Proof};
use crate::clusters::{Address, Dial, within};

/// How long a server may take to answer.
const ANSWER: Duration = Duration::from_secs(15);
const CONNECT: Duration = Duration::from_secs(5);
/// Everybody may do everything with a node.
const OPEN: (i32, &str, &str) = (31, "world", "anyone");

/// One server.
pub struct Client<'a> {
    /// Where it is.
    pub address: Address,
    dial: &'a dyn Dial,
    login: Option<&'a Login>,
    wire: Option<Wire>,
}

impl<'a> Client<'a> {
    /// Returns a server that is not connected yet.
    pub fn new(address: Address, login: Option<&'a Login>, dial: &'a dyn Dial) -> Self {
        Self { address, dial, login, wire: None }
    }

    /// Says a word of four letters; that needs no login.
    pub(super) async fn word(&mut self, text: &str) -> io::Result<String> {
        let line = within(CONNECT, self.dial.tcp(&self.address.host, self.address.port)).await?;
        within(ANSWER, word(line, text)).await
    }

    /// Returns the server's number, as its sessions tell it: at most 255.
    pub(super) async fn server(&mut self) -> Result<u64, Error> {
        let wire = self.open().await?;
        let id = wire.server();
        self.wire = Some(wire);
        Ok(id)
    }

    /// Returns what a node holds.
    pub async fn get(&mut self, path: &str) -> Result<Vec<u8>, Error> {
        let body = Writer::default().text(path).flag(false);
        let answer = self.ask("to read a node", kind::GET, body).await?;
        let bytes = Reader(&answer).buffer().map_err(|source| self.lost(source))?;
        Ok(bytes.unwrap_or_default().to_vec())
    }

    /// Returns the names of the nodes below one.
    pub async fn children(&mut self, path: &str) -> Result<Vec<String>, Error> {
        let body = Writer::default().text(path).flag(false);
        let answer = self.ask("to list nodes", kind::CHILDREN, body).await?;
        Reader(&answer).texts().map_err(|source| self.lost(source))
    }

    /// Makes a node that everybody may read and write.
    pub async fn create(&mut self, path: &str, data: &[u8]) -> Result<(), Error> {
        let (rights, scheme, who) = OPEN;
        let body = Writer::default().text(path).buffer(Some(data));
        let body = body.int(1).int(rights).text(scheme).text(who).int(0);
        self.ask("to make a node", kind::CREATE, body).await.map(|_| ())
    }

    /// Changes the list of servers, if it still has a version: adds or changes one, or takes one away.
    pub(super) async fn reconfigure(
        &mut self,
        joining: Option<&str>,
        leaving: Option<&str>,
        version: u64,
    ) -> Result<(), Error> {
        let [joining, leaving] = [joining, leaving].map(|text| text.map(str::as_bytes));
        let body = Writer::default().buffer(joining).buffer(leaving).buffer(None);
        let body = body.long(i64::try_from(version).unwrap_or(-1));
        self.ask("to change the list of servers", kind::RECONFIGURE, body).await.map(|_| ())
    }

    /// Ends the session, so that the server need not wait for it.
    pub async fn close(&mut self) {
        if let Some(mut wire) = self.wire.take() {
            // It ends by itself if this does not arrive.
            let _gone = within(ANSWER, wire.ask(kind::CLOSE, Writer::default())).await;
        }
    }

    async fn ask(
        &mut self,
        request: &'static str,
        kind: i32,
        body: Writer,
    ) -> Result<Vec<u8>, Error> {
        let mut wire = match self.wire.take() {
            Some(wire) => wire,
            None => self.open().await?,
        };
        let answer =
            within(ANSWER, wire.ask(kind, body)).await.map_err(|source| self.lost(source))?;
        // Only a connection whose answers were all read is used again.
        self.wire = Some(wire);
        answer.map_err(|code| Error::Refused { address: self.address.clone(), request, code })
    }

    async fn open(&mut self) -> Result<Wire, Error> {
        if let Some(wire) = self.wire.take() {
            return Ok(wire);
        }
        let line = within(CONNECT, self.dial.tcp(&self.address.host, self.address.port));
        let line = line.await.map_err(|source| self.lost(source))?;
        let mut wire =
            within(ANSWER, Wire::start(line)).await.map_err(|source| self.lost(source))?;
        if let Some(login) = self.login {
            let shown = within(ANSWER, show(&mut wire, login)).await;
            shown.map_err(|source| self.lost(source))?.map_err(|reason| self.denied(reason))?;
        }
        Ok(wire)
    }

    fn lost(&self, source: io::Error) -> Error {
        Error::Io { address: self.address.clone(), source }
    }

    fn denied(&self, reason: String) -> Error {
        Error::Login { address: self.address.clone(), reason }
    }
}

/// Shows who logs in; returns why that is not believed.
async fn show(wire: &mut Wire, login: &Login) -> io::Result<Result<(), String>> {
    if login.proof == Proof::Digest {
        let pair = format!("{}:{}", login.user, login.password.reveal());
        let body = Writer::default().int(0).text("digest").text(&pair);
        let answer = wire.ask(kind::AUTH, body).await?;
        return Ok(answer.map(|_| ()).map_err(|code| format!("error {code}")));
    }
    let first = wire.ask(kind::SASL, Writer::default().text("")).await?;
    let challenge = match &first {
        Ok(body) => Reader(body).buffer()?,
        Err(_) => None,
    };
    let Some(challenge) = challenge else {
        return Ok(Err("the server has no SASL: give it a JAAS file (`-Djava.security.auth.login.config`) with a section `Server`, or say `login_mechanism: digest`".into()));
    };
    let nonce = format!("{:032x}", rand::random::<u128>());
    let challenge = String::from_utf8_lossy(challenge).into_owned();
    let (proof, expected) = answer(&challenge, login, &nonce).ok_or_else(garbled)?;
    match wire.ask(kind::SASL, Writer::default().text(&proof)).await {
        Ok(Ok(body)) if Reader(&body).text()? == expected => Ok(Ok(())),
        Ok(Ok(_)) => Ok(Err("the server does not know the password itself".into())),
        Ok(Err(code::AUTHENTICATION_FAILED | code::LOGIN_REQUIRED)) => {
            Ok(Err(format!("{} is not known, or the password is wrong", login.user)))
        }
        Ok(Err(code)) => Ok(Err(format!("error {code}"))),
        Err(error) => Err(error),
    }
}
