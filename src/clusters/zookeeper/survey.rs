//! Asks every server what it does, who it is, and whom it knows.

use super::client::Client;
use super::error::code;
use super::list::{List, Server};
use super::words::{Conf, Mode, Srvr, conf, is_forbidden, srvr, synced};
use super::{Error, Wish};
use crate::clusters::{Address, Dial};

/// The node that holds the list, since 3.5.
const LIST: &str = "/zookeeper/config";

/// An ensemble as it is.
#[derive(Clone, Debug, Default)]
pub struct Survey {
    /// What answers: the named servers in their order, then those that only the list names.
    pub(super) nodes: Vec<Node>,
    /// What every server should have by now: the leader's last change when it was asked before.
    pub(super) floor: u64,
}

/// A server that was asked.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) address: Address,
    pub(super) state: State,
}

/// What a server is.
#[derive(Clone, Debug)]
pub(super) enum State {
    /// It does not answer.
    Down(String),
    /// It serves.
    Serving(Box<Report>),
    /// It answers, but has no ensemble to serve with.
    Waiting,
}

/// What a server that serves says of itself.
#[derive(Clone, Debug)]
pub(super) struct Report {
    pub(super) mode: Mode,
    /// Its last change.
    pub(super) zxid: u64,
    /// How many nodes it holds.
    pub(super) nodes: u64,
    pub(super) version: String,
    /// Its number, whom it knows, where its data are.
    pub(super) conf: Conf,
    /// The words that it may not say.
    pub(super) forbidden: Vec<&'static str>,
    /// How many followers are in step, if it is the leader and tells.
    pub(super) synced: Option<usize>,
}

/// How many nodes an ensemble has that nobody used: those of ZooKeeper itself.
const OWN_NODES: u64 = 5;

impl Report {
    /// Returns whether it holds something besides what every ensemble has.
    pub(super) fn has_data(&self) -> bool {
        self.nodes > OWN_NODES
    }
}

impl Node {
    /// Returns what it says, if it serves.
    pub(super) fn report(&self) -> Option<&Report> {
        match &self.state {
            State::Serving(report) => Some(report),
            State::Down(_) | State::Waiting => None,
        }
    }

    /// Returns its number, if it tells.
    pub(super) fn id(&self) -> Option<u64> {
        self.report()?.conf.id
    }
}

impl Survey {
    /// Returns the servers that serve.
    pub(super) fn serving(&self) -> impl Iterator<Item = (&Node, &Report)> {
        self.nodes.iter().filter_map(|node| Some((node, node.report()?)))
    }

    /// Returns those that do something.
    pub(super) fn with(&self, mode: Mode) -> impl Iterator<Item = (&Node, &Report)> {
        self.serving().filter(move |(_, report)| report.mode == mode)
    }

    /// Returns the leader.
    pub(super) fn leader(&self) -> Option<(&Node, &Report)> {
        self.with(Mode::Leader).next()
    }

    /// Returns the leader's last change.
    pub(super) fn latest(&self) -> u64 {
        let latest = self.leader().map_or(0, |(_, report)| report.zxid);
        // Right after an election the leader has counted one on, with nothing in it yet.
        if latest & u64::from(u32::MAX) == 0 { 0 } else { latest }
    }

    /// Returns who is asked to change the list: the leader, or, if that is a server that is not named and whose port
    /// for clients nobody tells, one that follows it.
    pub(super) fn speaker(&self) -> Option<(&Node, &Report)> {
        self.leader().or_else(|| {
            let mut followers = self.with(Mode::Follower);
            followers.find(|(_, report)| {
                report.conf.list.as_ref().is_some_and(|list| self.is_partial(list))
            })
        })
    }

    /// Returns whether a list has servers that nobody could ask.
    fn is_partial(&self, list: &List) -> bool {
        let unknown = |server: &Server| {
            server.reachable().is_none()
                && self
                    .nodes
                    .iter()
                    .all(|node| node.id() != Some(server.id) && node.address.host != server.host())
        };
        list.servers.values().any(unknown)
    }

    /// Returns the ensemble's list, as its leader has it.
    pub(super) fn list(&self) -> Option<&List> {
        self.speaker()?.1.conf.list.as_ref()
    }
}

/// Asks all servers once; `before` is what was found the last time.
pub(super) async fn survey(
    wish: &Wish,
    dial: &dyn Dial,
    before: Option<&Survey>,
) -> Result<Survey, Error> {
    let mut survey = Survey { nodes: Vec::new(), floor: before.map_or(0, Survey::latest) };
    for member in &wish.servers {
        survey.nodes.push(ask(&member.address, wish, dial).await?);
    }
    // Where lists do not tell the ports for clients, it is often the same one everywhere.
    let mut ports = wish.servers.iter().map(|member| member.address.port);
    let usual = ports.next().filter(|first| ports.all(|port| port == *first));
    let lists = survey.serving().filter_map(|(_, report)| report.conf.list.as_ref());
    let mut others: Vec<Address> = Vec::new();
    for server in lists.flat_map(|list| list.servers.values()) {
        let known = survey.serving().any(|(node, _)| node.id() == Some(server.id));
        let others_of = |address: &Address| {
            !known && wish.servers.iter().all(|member| member.address != *address)
        };
        let guess = || Some(Address { host: server.host().to_owned(), port: usual? });
        if let Some(address) = server.reachable().or_else(guess).filter(others_of)
            && !others.contains(&address)
        {
            others.push(address);
        }
    }
    for address in others {
        survey.nodes.push(ask(&address, wish, dial).await?);
    }
    Ok(survey)
}

/// Asks one server.
async fn ask(address: &Address, wish: &Wish, dial: &dyn Dial) -> Result<Node, Error> {
    let mut client = Client::new(address.clone(), wish.login.as_ref(), dial);
    let node = |state| Ok(Node { address: address.clone(), state });
    let text = match client.word("srvr").await {
        Ok(text) => text,
        Err(error) => return node(State::Down(error.to_string())),
    };
    let (mode, zxid, nodes, version) = match srvr(&text) {
        Srvr::Serving { mode, zxid, nodes, version } => (mode, zxid, nodes, version),
        Srvr::Waiting => return node(State::Waiting),
        Srvr::Strange if text.is_empty() => {
            return node(State::Down("it says nothing; is this a port for TLS?".into()));
        }
        Srvr::Strange => {
            return Err(Error::Impossible(format!("what answers at {address} is no ZooKeeper")));
        }
        Srvr::Forbidden => {
            return Err(Error::Impossible(format!(
                "ZooKeeper at {address} may not say how it is: write `4lw.commands.whitelist=srvr,mntr,conf,ruok` into its `zoo.cfg` and restart it"
            )));
        }
    };
    let mut forbidden = Vec::new();
    let configuration = said(&mut client, "conf", &mut forbidden).await;
    let monitor =
        if mode == Mode::Leader { said(&mut client, "mntr", &mut forbidden).await } else { None };
    let conf = match configuration {
        Some(text) => conf(&text),
        None => asked(&mut client, mode).await?,
    };
    let synced = monitor.and_then(|text| synced(&text));
    let report = Report { mode, zxid, nodes, version, conf, forbidden, synced };
    node(State::Serving(Box::new(report)))
}

/// Returns what a server says to a word, if it may.
async fn said(
    client: &mut Client<'_>,
    word: &'static str,
    forbidden: &mut Vec<&'static str>,
) -> Option<String> {
    match client.word(word).await {
        Ok(text) if is_forbidden(&text) => {
            forbidden.push(word);
            None
        }
        // It may just have lost its ensemble; the next round shows it.
        answer => answer.ok(),
    }
}

/// Returns what a server that may not say `conf` tells its clients.
async fn asked(client: &mut Client<'_>, mode: Mode) -> Result<Conf, Error> {
    let id = client.server().await;
    let list = match client.get(LIST).await {
        Ok(bytes) => List::read(&String::from_utf8_lossy(&bytes)),
        Err(_) => None,
    };
    client.close().await;
    match id {
        Ok(id) => {
            let id = Some(id).filter(|_| mode != Mode::Standalone);
            Ok(Conf { id, list, folder: None })
        }
        Err(error) if error.is_passing() || error.code() == Some(code::LOGIN_REQUIRED) => {
            Ok(Conf::default())
        }
        Err(error) => Err(error),
    }
}
