//! A cluster to talk to: finds its brokers by any of them, logs in, and sends each request where it belongs.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::time::Duration;

use bytes::Bytes;
use kafka_protocol::messages::{
    MetadataRequest, MetadataResponse, SaslAuthenticateRequest, SaslHandshakeRequest,
};
use kafka_protocol::protocol::StrBytes;

use super::error::code;
use super::message::Call;
use super::wire::Wire;
use super::{Error, Login, Mechanism};
use crate::clusters::scram::Exchange;
use crate::clusters::{Address, Dial, within};

/// How long a broker may take to answer; the controller answers only when most brokers know of a change.
const ANSWER: Duration = Duration::from_secs(40);
const CONNECT: Duration = Duration::from_secs(10);

/// A cluster, through its brokers.
pub struct Client<'a> {
    dial: &'a dyn Dial,
    login: Option<Login>,
    seeds: Vec<Address>,
    /// Who answered last: brokers hear of changes one after the other, so one of them is asked as long as it answers.
    home: Option<Address>,
    links: HashMap<Address, Wire>,
    brokers: BTreeMap<i32, Address>,
    controller: Option<i32>,
    cluster: Option<String>,
    requests: usize,
}

impl<'a> Client<'a> {
    /// Returns a cluster that is not connected yet.
    pub fn new(seeds: Vec<Address>, login: Option<Login>, dial: &'a dyn Dial) -> Self {
        Self {
            dial,
            login,
            seeds,
            home: None,
            links: HashMap::new(),
            brokers: BTreeMap::new(),
            controller: None,
            cluster: None,
            requests: 0,
        }
    }

    /// Returns how many requests were sent, those that begin a connection included.
    pub fn requests(&self) -> usize {
        self.requests
    }

    /// Sends a request to whoever listens at an address.
    pub async fn ask<C: Call>(&mut self, address: &Address, call: &C) -> Result<C::Answer, Error> {
        let mut wire = match self.links.remove(address) {
            Some(wire) => wire,
            None => self.open(address).await?,
        };
        let Some(version) = wire.version::<C>() else {
            self.links.insert(address.clone(), wire);
            return Err(too_old::<C>(address));
        };
        self.requests += 1;
        let answer = within(ANSWER, wire.ask(call, version)).await;
        let answer = answer.map_err(|source| lost(address, source))?;
        // Only a connection whose answers were all read is used again.
        self.links.insert(address.clone(), wire);
        Ok(answer)
    }

    /// Sends a request to a certain broker, where it says that it is.
    pub async fn broker<C: Call>(&mut self, id: i32, call: &C) -> Result<C::Answer, Error> {
        let Some(address) = self.brokers.get(&id).cloned() else {
            return Err(Error::Impossible(format!("there is no broker {id}")));
        };
        let answer = self.ask(&address, call).await;
        answer.map_err(|error| match error {
            Error::Io { address, source } => Error::Advertised { id, address, source },
            other => other,
        })
    }

    /// Sends a request to the controller, as the metadata name it.
    pub async fn controller<C: Call>(&mut self, call: &C) -> Result<C::Answer, Error> {
        let Some(id) = self.controller.filter(|id| self.brokers.contains_key(id)) else {
            let source = io::Error::other("it has no controller now");
            let address = self.seeds.first().cloned();
            let address = address.unwrap_or_else(|| Address { host: String::new(), port: 0 });
            return Err(Error::Io { address, source });
        };
        self.broker(id, call).await
    }

    /// Sends a request to any broker that answers.
    pub async fn anywhere<C: Call>(&mut self, call: &C) -> Result<C::Answer, Error> {
        let mut trouble = None;
        for address in self.candidates() {
            match self.ask(&address, call).await {
                // The first trouble is the one with the broker that was named first.
                Err(error @ Error::Io { .. }) => {
                    trouble.get_or_insert(error);
                }
                answer => {
                    self.home = Some(address);
                    return answer;
                }
            }
        }
        Err(trouble.unwrap_or_else(|| Error::Impossible("no brokers are named".into())))
    }

    /// Asks for the brokers and all topics.
    pub async fn metadata(&mut self) -> Result<MetadataResponse, Error> {
        let answer = self.anywhere(&MetadataRequest::default().with_topics(None)).await?;
        let address = |host: &StrBytes, port: i32| Address {
            host: host.to_string(),
            port: u16::try_from(port).unwrap_or(0),
        };
        self.brokers = answer
            .brokers
            .iter()
            .map(|broker| (broker.node_id.0, address(&broker.host, broker.port)))
            .collect();
        self.controller = Some(answer.controller_id.0).filter(|id| *id >= 0);
        self.cluster = answer.cluster_id.as_ref().map(|id| id.to_string());
        Ok(answer)
    }

    /// Returns the brokers as the metadata named them last.
    pub(super) fn brokers(&self) -> &BTreeMap<i32, Address> {
        &self.brokers
    }

    /// Returns the controller as the metadata named it last.
    pub(super) fn controller_id(&self) -> Option<i32> {
        self.controller
    }

    /// Returns the cluster's number as the metadata named it last.
    pub(super) fn cluster(&self) -> Option<&str> {
        self.cluster.as_deref()
    }

    /// Returns whether somebody who was talked to knows a request.
    pub(super) fn knows<C: Call>(&self) -> bool {
        self.links.values().any(|wire| wire.knows(C::KEY))
    }

    /// Returns who may be asked, in order.
    fn candidates(&self) -> Vec<Address> {
        let mut all: Vec<Address> = self.home.iter().cloned().collect();
        all.extend(self.seeds.iter().chain(self.brokers.values()).cloned());
        let mut seen = std::collections::HashSet::new();
        all.retain(|address| seen.insert(address.clone()));
        all
    }

    async fn open(&mut self, address: &Address) -> Result<Wire, Error> {
        let lost = |source| lost(address, source);
        let line = within(CONNECT, self.dial.tcp(&address.host, address.port)).await;
        let line = line.map_err(lost)?;
        self.requests += 1;
        let mut wire = within(ANSWER, Wire::start(line)).await.map_err(lost)?;
        if let Some(login) = self.login.clone() {
            self.requests += if login.mechanism == Mechanism::Plain { 2 } else { 3 };
            log_in(&mut wire, address, &login).await?;
        }
        Ok(wire)
    }
}

fn too_old<C: Call>(address: &Address) -> Error {
    Error::TooOld { address: address.clone(), request: C::NAME, since: C::SINCE }
}

fn lost(address: &Address, source: io::Error) -> Error {
    Error::Io { address: address.clone(), source }
}

async fn log_in(wire: &mut Wire, address: &Address, login: &Login) -> Result<(), Error> {
    let refuse = |reason: String| Err(Error::Login { address: address.clone(), reason });
    let mechanism = login.mechanism;
    let handshake =
        SaslHandshakeRequest::default().with_mechanism(StrBytes::from_static_str(mechanism.name()));
    let answer = call(wire, address, &handshake).await?;
    let offered: Vec<&str> = answer.mechanisms.iter().map(|name| name.as_str()).collect();
    match answer.error_code {
        0 => {}
        code::ILLEGAL_SASL_STATE => {
            return refuse("this listener asks for no login: leave `login_user` out".into());
        }
        code::UNSUPPORTED_SASL_MECHANISM => {
            return refuse(format!(
                "it does not offer {}, only {}: set `login_mechanism`",
                mechanism.name(),
                offered.join(", ")
            ));
        }
        code => return refuse(format!("error {code}")),
    }
    let password = login.password.reveal();
    let Mechanism::Scram(scram) = mechanism else {
        let text = format!("\0{}\0{password}", login.user);
        return authenticate(wire, address, text).await.map(|_| ());
    };
    let exchange = Exchange::new(scram, &login.user, password);
    let challenge = authenticate(wire, address, exchange.first()).await?;
    let wrong = |source| Error::login(address, source);
    let (last, expected) = exchange.answer(&challenge).map_err(wrong)?;
    let end = authenticate(wire, address, last).await?;
    expected.check(&end).map_err(wrong)
}

/// Sends a part of a login and returns the broker's part.
async fn authenticate(wire: &mut Wire, address: &Address, text: String) -> Result<String, Error> {
    let request = SaslAuthenticateRequest::default().with_auth_bytes(Bytes::from(text));
    let answer = call(wire, address, &request).await?;
    if answer.error_code != 0 {
        let reason = answer.error_message.map(|text| text.to_string());
        let reason = reason.unwrap_or_else(|| format!("error {}", answer.error_code));
        return Err(Error::Login { address: address.clone(), reason });
    }
    Ok(String::from_utf8_lossy(&answer.auth_bytes).into_owned())
}

async fn call<C: Call>(wire: &mut Wire, address: &Address, call: &C) -> Result<C::Answer, Error> {
    let version = wire.version::<C>().ok_or_else(|| too_old::<C>(address))?;
    within(ANSWER, wire.ask(call, version)).await.map_err(|source| lost(address, source))
}
