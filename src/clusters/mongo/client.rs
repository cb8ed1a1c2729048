//! One member to talk to: connects when it has to, logs in when told to, and gives errors a place.

use std::time::Duration;

use bson::spec::BinarySubtype;
use bson::{Binary, Bson, Document, doc};

use super::error::code;
use super::wire::Wire;
use super::{Error, Login};
use crate::clusters::scram::{Exchange, Mechanism};
use crate::clusters::{Address, Dial, within};

/// How long a member may take to answer.
const ANSWER: Duration = Duration::from_secs(15);

/// One member.
pub struct Client<'a> {
    /// Where it is.
    pub address: Address,
    dial: &'a dyn Dial,
    wire: Option<Wire>,
    logged_in: bool,
}

impl<'a> Client<'a> {
    /// Returns a member that is not connected yet.
    pub fn new(address: Address, dial: &'a dyn Dial) -> Self {
        Self { address, dial, wire: None, logged_in: false }
    }

    /// Returns whether it has logged in on this connection.
    pub fn is_logged_in(&self) -> bool {
        self.logged_in && self.wire.is_some()
    }

    /// Sends a command and returns its answer.
    pub async fn ask(&mut self, database: &str, mut command: Document) -> Result<Document, Error> {
        let mut wire = match self.wire.take() {
            Some(wire) => wire,
            None => {
                self.logged_in = false;
                let line = self.dial.tcp(&self.address.host, self.address.port);
                Wire::new(within(ANSWER, line).await.map_err(|source| self.lost(source))?)
            }
        };
        let name = command.keys().next().cloned().unwrap_or_default();
        command.insert("$db", database);
        let answer = within(ANSWER, wire.ask(&command)).await;
        let answer = answer.map_err(|source| self.lost(source))?;
        // Only a connection whose answers were all read is used again.
        self.wire = Some(wire);
        if number(&answer, "ok") == Some(1) {
            return Ok(answer);
        }
        Err(Error::Refused {
            address: self.address.clone(),
            command: name,
            code: number(&answer, "code").and_then(|code| i32::try_from(code).ok()).unwrap_or(0),
            reason: answer.get_str("errmsg").unwrap_or("no reason given").to_owned(),
        })
    }

    fn lost(&self, source: std::io::Error) -> Error {
        Error::Io { address: self.address.clone(), source }
    }

    /// Says hello: who it is and what it takes part in. Needs no login.
    pub async fn hello(&mut self) -> Result<Document, Error> {
        match self.ask("admin", doc! {"hello": 1}).await {
            // Before 4.4.2.
            Err(error) if error.code() == Some(code::COMMAND_NOT_FOUND) => {
                let mut answer = self.ask("admin", doc! {"isMaster": 1}).await?;
                let primary = answer.get_bool("ismaster").unwrap_or(false);
                answer.insert("isWritablePrimary", primary);
                Ok(answer)
            }
            answer => answer,
        }
    }

    /// Logs in, unless it has.
    pub async fn log_in(&mut self, login: &Login) -> Result<(), Error> {
        if self.is_logged_in() {
            return Ok(());
        }
        let result = self.log_in_by(Mechanism::Sha256, login).await;
        // A user from the time before 4.0 knows only the older one; so does a server of that time.
        match result {
            Err(Error::Refused { .. }) => {
                let older = self.log_in_by(Mechanism::Sha1, login).await;
                if older.is_ok() { older } else { result }
            }
            other => other,
        }
    }

    async fn log_in_by(&mut self, mechanism: Mechanism, login: &Login) -> Result<(), Error> {
        let password = prepared(mechanism, login);
        let exchange = Exchange::new(mechanism, &login.user, &password);
        let start = doc! {
            "saslStart": 1,
            "mechanism": mechanism.name(),
            "payload": payload(&exchange.first()),
            "options": {"skipEmptyExchange": true},
        };
        let answer = self.ask(&login.database, start).await?;
        let wrong = |address: &Address, source| Error::Login { address: address.clone(), source };
        let (last, expected) =
            exchange.answer(&text(&answer)).map_err(|source| wrong(&self.address, source))?;
        let id = answer.get("conversationId").cloned().unwrap_or(Bson::Int32(1));
        let go_on = |payload| doc! {"saslContinue": 1, "conversationId": &id, "payload": payload};
        let mut answer = self.ask(&login.database, go_on(payload(&last))).await?;
        expected.check(&text(&answer)).map_err(|source| wrong(&self.address, source))?;
        while !answer.get_bool("done").unwrap_or(true) {
            answer = self.ask(&login.database, go_on(payload(""))).await?;
        }
        self.logged_in = true;
        Ok(())
    }
}

/// Returns the password as a mechanism wants it.
fn prepared(mechanism: Mechanism, login: &Login) -> String {
    use md5::{Digest, Md5};
    let plain = login.password.reveal();
    if mechanism == Mechanism::Sha1 {
        let digest = Md5::digest(format!("{}:mongo:{plain}", login.user));
        return digest.iter().map(|byte| format!("{byte:02x}")).collect();
    }
    stringprep::saslprep(plain).map_or_else(|_| plain.to_owned(), |text| text.into_owned())
}

fn payload(text: &str) -> Binary {
    Binary { subtype: BinarySubtype::Generic, bytes: text.as_bytes().to_vec() }
}

fn text(answer: &Document) -> String {
    let bytes = answer.get_binary_generic("payload").map(Vec::as_slice).unwrap_or_default();
    String::from_utf8_lossy(bytes).into_owned()
}

/// Returns a number, however it is stored: MongoDB answers with doubles, integers and long ones as it likes.
pub(super) fn number(document: &Document, key: &str) -> Option<i64> {
    match document.get(key)? {
        Bson::Int32(number) => Some(i64::from(*number)),
        Bson::Int64(number) => Some(*number),
        #[expect(clippy::cast_possible_truncation, reason = "codes and counts are small")]
        Bson::Double(number) => Some(*number as i64),
        Bson::Boolean(yes) => Some(i64::from(*yes)),
        _ => None,
    }
}
