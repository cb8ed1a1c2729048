//! Asks every node and every sentinel once.

use super::super::client::{Client, Login};
use super::super::resp::Reply;
use super::super::survey::{OLDEST, reachable};
use super::read::{self, Node, Watched};
use super::{Address, Error, Wish};
use crate::clusters::Dial;
use crate::clusters::pace::Trouble;

/// Nodes and sentinels as they are.
#[derive(Clone, Debug, Default)]
pub struct Survey {
    /// The nodes, in their order.
    pub(super) nodes: Vec<State<Node>>,
    /// The sentinels, in their order, and what they know of the master.
    pub(super) sentinels: Vec<State<Option<Watched>>>,
    /// The sentinels that were just told how to log in at the master.
    pub(super) told: Vec<usize>,
    /// Whether what passes by itself has had its time.
    pub(super) settled: bool,
}

/// Nodes and sentinels, and what each is.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// The nodes.
    pub nodes: Vec<(Address, &'static str)>,
    /// The sentinels.
    pub sentinels: Vec<(Address, String)>,
}

/// Somebody who was asked.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum State<T> {
    /// Does not answer.
    Down(String),
    /// Answers.
    Up(T),
}

impl<T> State<T> {
    /// Returns the answer.
    pub(super) fn up(&self) -> Option<&T> {
        match self {
            Self::Up(answer) => Some(answer),
            Self::Down(_) => None,
        }
    }
}

impl Survey {
    /// Returns the nodes that answer, with their places.
    pub(super) fn nodes_up(&self) -> impl Iterator<Item = (usize, &Node)> {
        self.nodes.iter().enumerate().filter_map(|(at, state)| Some((at, state.up()?)))
    }

    /// Returns the sentinels that answer and watch the master, with their places.
    pub(super) fn watching(&self) -> impl Iterator<Item = (usize, &Watched)> {
        let sentinels = self.sentinels.iter().enumerate();
        sentinels.filter_map(|(at, state)| Some((at, state.up()?.as_ref()?)))
    }

    /// Returns nodes and sentinels with what they are, for the result.
    pub fn table(&self, wish: &Wish) -> Table {
        let node = |at: usize| match self.nodes[at].up() {
            None => "down",
            Some(node) if node.master.is_none() => "master",
            Some(_) => "replica",
        };
        let sentinel = |at: usize| match &self.sentinels[at] {
            State::Down(_) => "down".to_owned(),
            State::Up(watched) => {
                let master = watched.as_ref().and_then(|watched| watched.master.as_ref());
                master.map_or_else(|| "watches nothing".into(), |at| format!("watches {at}"))
            }
        };
        let nodes = (0..self.nodes.len()).map(|at| (wish.nodes[at].clone(), node(at)));
        let sentinels =
            (0..self.sentinels.len()).map(|at| (wish.sentinels[at].clone(), sentinel(at)));
        Table { nodes: nodes.collect(), sentinels: sentinels.collect() }
    }

    /// Returns where the others find a node.
    pub(super) fn seen(&self, wish: &Wish, at: usize) -> Address {
        let seen = self.nodes[at].up().and_then(|node| node.seen.clone());
        seen.unwrap_or_else(|| wish.nodes[at].clone())
    }

    /// Returns the node that the others find at an address.
    pub(super) fn node_at(&self, wish: &Wish, address: &Address) -> Option<usize> {
        (0..self.nodes.len())
            .find(|at| self.seen(wish, *at) == *address || wish.nodes[*at] == *address)
    }
}

/// All who were talked to, connected as long as they are needed.
pub(super) struct Clients<'a> {
    wish: &'a Wish,
    dial: &'a dyn Dial,
    clients: Vec<Client<'a>>,
}

impl<'a> Clients<'a> {
    /// Returns none.
    pub(super) fn new(wish: &'a Wish, dial: &'a dyn Dial) -> Self {
        Self { wish, dial, clients: Vec::new() }
    }

    /// Returns a node.
    pub(super) fn node(&mut self, at: usize) -> &mut Client<'a> {
        self.at(&self.wish.nodes[at], self.wish.account.login())
    }

    /// Returns a sentinel.
    pub(super) fn sentinel(&mut self, at: usize) -> &mut Client<'a> {
        self.at(&self.wish.sentinels[at], self.wish.sentinel_account.login())
    }

    fn at(&mut self, address: &Address, login: Login<'a>) -> &mut Client<'a> {
        let index = self.clients.iter().position(|client| client.address == *address);
        let index = index.unwrap_or_else(|| {
            self.clients.push(Client::new(address.clone(), login, self.dial));
            self.clients.len() - 1
        });
        &mut self.clients[index]
    }
}

/// Asks all once.
pub(super) async fn survey(wish: &Wish, clients: &mut Clients<'_>) -> Result<Survey, Error> {
    let mut survey = Survey::default();
    // What sentinels say that they have done must not be newer than what the nodes say of it.
    for at in 0..wish.sentinels.len() {
        survey.sentinels.push(state(watched(wish, clients.sentinel(at)).await)?);
    }
    for at in 0..wish.nodes.len() {
        survey.nodes.push(state(node(wish, clients.node(at)).await)?);
    }
    Ok(survey)
}

fn state<T>(answer: Result<T, Error>) -> Result<State<T>, Error> {
    match answer {
        Ok(answer) => Ok(State::Up(answer)),
        Err(error) if error.may_pass() => Ok(State::Down(error.to_string())),
        Err(error) => Err(error),
    }
}

async fn node(wish: &Wish, client: &mut Client<'_>) -> Result<Node, Error> {
    let info = client.text(&["INFO"]).await?;
    let mut node = read::node(&info);
    let address = client.address.clone();
    let impossible = |text: String| Err(Error::Impossible(text));
    match node.mode.as_str() {
        "cluster" => {
            return impossible(format!(
                "Redis at {address} runs in cluster mode, which needs no sentinels: use `redis_cluster`, or set `cluster-enabled no`"
            ));
        }
        "sentinel" => {
            return impossible(format!(
                "{address} is a sentinel, no node with data: name it among `sentinels`"
            ));
        }
        _ => {}
    }
    if node.version < OLDEST {
        return impossible(format!(
            "Redis at {address} has version {}; at least {OLDEST} is needed",
            node.version
        ));
    }
    let names = ["masterauth", "masteruser", "replica-announce-ip", "replica-announce-port"];
    let questions: Vec<Vec<&str>> = names.iter().map(|name| vec!["CONFIG", "GET", name]).collect();
    // Some sites take CONFIG away from everybody.
    let replies = client.ask(&questions).await?;
    let known = !matches!(replies.first(), Some(Reply::Failure(_)));
    let settings: Vec<(String, String)> = replies.iter().flat_map(read::fields).collect();
    let setting = |name: &str| {
        let found = settings.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str()).unwrap_or_default()
    };
    if let Some(password) = wish.account.password.as_ref().filter(|_| known) {
        let user = wish.account.username.as_deref().unwrap_or_default();
        node.logs_in =
            Some(setting("masterauth") == password.reveal() && setting("masteruser") == user);
    }
    let announced = setting("replica-announce-ip");
    let port = setting("replica-announce-port").parse().ok().filter(|port| *port != 0);
    let host = match announced {
        "" => reachable(client, "", "replica-announce-ip").await?,
        announced => announced.to_owned(),
    };
    node.seen = Some(Address { host, port: port.unwrap_or(address.port) });
    Ok(node)
}

async fn watched(wish: &Wish, client: &mut Client<'_>) -> Result<Option<Watched>, Error> {
    let name = wish.name.as_str();
    let info = client.text(&["INFO", "server"]).await.map_err(password)?;
    if read::line(&info, "redis_mode") != Some("sentinel") {
        return Err(Error::Impossible(format!(
            "{} is no sentinel: start it as `redis-server FILE --sentinel`, or name it among `nodes`",
            client.address
        )));
    }
    let questions = ["MASTER", "REPLICAS", "SENTINELS", "CKQUORUM"];
    let questions: Vec<Vec<&str>> =
        questions.iter().map(|word| vec!["SENTINEL", word, name]).collect();
    let replies = client.ask(&questions).await?;
    let [master, replicas, sentinels, quorum] = replies.as_slice() else {
        return Err(Error::Garbled { address: client.address.clone(), command: "SENTINEL".into() });
    };
    match master {
        Reply::Failure(reason) if reason.contains("No such master") => Ok(None),
        Reply::Failure(_) => {
            client.expect_text(master.clone(), &["SENTINEL", "MASTER", name]).map(|_| None)
        }
        master => Ok(Some(read::watched(master, replicas, sentinels, quorum))),
    }
}

/// Says which password an error of a sentinel is about.
fn password(error: Error) -> Error {
    let Error::Refused { address, reason, .. } = &error else { return error };
    let hint = if reason.starts_with("NOAUTH") {
        "asks for a password: give `sentinel_password`"
    } else if reason.starts_with("WRONGPASS") || reason.starts_with("ERR invalid password") {
        "was set up with another password than `sentinel_password`"
    } else if reason.starts_with("ERR AUTH") || reason.starts_with("ERR Client sent AUTH") {
        "has no password: leave `sentinel_password` out, or set `requirepass` in its configuration"
    } else {
        return error;
    };
    Error::Impossible(format!("the sentinel {address} {hint} ({reason})"))
}
