//! The configuration of a replica set. What this program does not know in it is kept as it is.

use std::collections::BTreeMap;

use bson::{Bson, Document};

use super::client::number;
use super::{Member, Wish};

/// How many members may vote.
pub(super) const VOTERS: usize = 7;

/// A configuration.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Config {
    /// The whole document, but for its members.
    rest: Document,
    /// Its members.
    pub(super) seats: Vec<Seat>,
}

/// The place of a member in a configuration.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Seat {
    /// Its number.
    pub(super) id: i32,
    /// Where it is reached, as `host:port`.
    pub(super) host: String,
    /// Whether it only votes.
    pub(super) arbiter: bool,
    /// How many seconds it stays behind.
    pub(super) delay: i64,
    /// Whether clients do not see it.
    pub(super) hidden: bool,
    /// How much it wants to be primary.
    pub(super) priority: f64,
    /// Its tags.
    pub(super) tags: BTreeMap<String, String>,
    /// Whether it votes.
    pub(super) votes: bool,
    /// The document that it was read from.
    rest: Document,
}

/// What a delay is called from version 5 on, and before.
const DELAY: [&str; 2] = ["secondaryDelaySecs", "slaveDelay"];

impl Config {
    /// Returns the first configuration of a set, with one member.
    pub(super) fn first(name: &str, member: &Member) -> Self {
        let mut rest = Document::new();
        rest.insert("_id", name);
        rest.insert("version", 1);
        let seat = Seat::new(member.id.unwrap_or(0), member);
        Self { rest, seats: vec![Seat { votes: true, priority: 1.0, ..seat }] }
    }

    /// Reads a configuration.
    pub(super) fn read(document: &Document) -> Self {
        let mut rest = document.clone();
        let members = rest.get_array("members").cloned().unwrap_or_default();
        rest.insert("members", Vec::<Bson>::new());
        let seats = members.iter().filter_map(Bson::as_document).map(Seat::read).collect();
        Self { rest, seats }
    }

    /// Returns the document, with a new version.
    pub(super) fn next(&self) -> Document {
        let mut document = self.rest.clone();
        let version = i32::try_from(self.version() + 1).unwrap_or(i32::MAX);
        document.insert("version", version);
        document.insert("members", self.members());
        document
    }

    /// Returns the document as it is.
    pub(super) fn document(&self) -> Document {
        let mut document = self.rest.clone();
        document.insert("members", self.members());
        document
    }

    fn members(&self) -> Vec<Bson> {
        self.seats.iter().map(|seat| Bson::Document(seat.document())).collect()
    }

    /// Returns the name of the set.
    pub(super) fn name(&self) -> &str {
        self.rest.get_str("_id").unwrap_or_default()
    }

    /// Returns its version.
    pub(super) fn version(&self) -> i64 {
        number(&self.rest, "version").unwrap_or(0)
    }

    /// Returns what tells the newer one of two.
    pub(super) fn age(&self) -> (i64, i64) {
        (number(&self.rest, "term").unwrap_or(0), self.version())
    }

    /// Returns a number that no member has had yet.
    pub(super) fn free_id(&self) -> i32 {
        self.seats.iter().map(|seat| seat.id).max().map_or(0, |id| id + 1)
    }

    /// Returns how many members vote.
    pub(super) fn voters(&self) -> usize {
        self.seats.iter().filter(|seat| seat.votes).count()
    }

    /// Returns the member at an address.
    pub(super) fn seat(&self, host: &str) -> Option<&Seat> {
        self.seats.iter().find(|seat| same_host(&seat.host, host))
    }

    /// Returns the members in words, a line each.
    pub(super) fn describe(&self) -> String {
        let lines = self.seats.iter().map(|seat| format!("{} {}\n", self.name(), seat.describe()));
        lines.collect()
    }
}

/// Returns whether two addresses are written the same but for case.
pub(super) fn same_host(left: &str, right: &str) -> bool {
    left.eq_ignore_ascii_case(right)
}

impl Seat {
    fn read(document: &Document) -> Self {
        let tags = document.get_document("tags").cloned().unwrap_or_default();
        let priority = match document.get("priority") {
            Some(Bson::Double(priority)) => *priority,
            #[expect(clippy::cast_precision_loss, reason = "priorities are at most 1000")]
            Some(_) => number(document, "priority").unwrap_or(1) as f64,
            None => 1.0,
        };
        Self {
            id: number(document, "_id").and_then(|id| i32::try_from(id).ok()).unwrap_or(0),
            host: document.get_str("host").unwrap_or_default().to_owned(),
            arbiter: document.get_bool("arbiterOnly").unwrap_or(false),
            delay: DELAY.iter().find_map(|name| number(document, name)).unwrap_or(0),
            hidden: document.get_bool("hidden").unwrap_or(false),
            priority,
            tags: tags
                .iter()
                .map(|(key, value)| (key.clone(), value.as_str().unwrap_or_default().to_owned()))
                .collect(),
            votes: number(document, "votes").unwrap_or(1) != 0,
            rest: document.clone(),
        }
    }

    /// Returns the place of a new member: without a vote, but for arbiters, which have nothing to catch up.
    pub(super) fn new(id: i32, member: &Member) -> Self {
        Self {
            id,
            host: member.address.to_string(),
            arbiter: member.arbiter,
            delay: 0,
            hidden: false,
            priority: 0.0,
            tags: member.tags.clone().unwrap_or_default(),
            votes: member.arbiter,
            rest: Document::new(),
        }
    }

    /// Returns whether it is a member that waits for its vote.
    pub(super) fn is_joining(&self) -> bool {
        !self.arbiter && !self.votes && self.priority == 0.0 && !self.hidden && self.delay == 0
    }

    /// Returns whether it can become primary.
    pub(super) fn is_electable(&self) -> bool {
        self.votes && self.priority > 0.0
    }

    /// Returns the place as it should be at the end.
    pub(super) fn wished(&self, member: &Member, wish: &Wish) -> Self {
        let joining = self.is_joining();
        let votes =
            member.votes.unwrap_or(if joining { is_voter(member, wish) } else { self.votes });
        let hidden = member.hidden.unwrap_or(self.hidden);
        let delay = member.delay.unwrap_or(self.delay);
        let quiet = !votes || hidden || delay > 0 || self.arbiter;
        let usual = if quiet { 0.0 } else { 1.0 };
        let kept = if joining || quiet { usual } else { self.priority };
        Self {
            delay,
            hidden,
            priority: member.priority.unwrap_or(kept),
            tags: member.tags.clone().unwrap_or_else(|| self.tags.clone()),
            votes,
            ..self.clone()
        }
    }

    fn document(&self) -> Document {
        let mut document = self.rest.clone();
        document.insert("_id", self.id);
        document.insert("host", &self.host);
        document.insert("arbiterOnly", self.arbiter);
        document.insert("hidden", self.hidden);
        document.insert("priority", self.priority);
        let tags: Document = self
            .tags
            .iter()
            .map(|(key, value)| (key.clone(), Bson::from(value.as_str())))
            .collect();
        document.insert("tags", tags);
        document.insert("votes", i32::from(self.votes));
        let name = DELAY.iter().find(|name| self.rest.contains_key(name)).unwrap_or(&DELAY[0]);
        if self.delay != 0 || self.rest.contains_key(name) {
            document.insert(*name, self.delay);
        }
        document
    }

    /// Returns it in words.
    pub(super) fn describe(&self) -> String {
        let mut text = format!("{}: _id {}", self.host, self.id);
        if self.arbiter {
            text.push_str(", arbiter");
        }
        text.push_str(if self.votes { ", votes" } else { ", no vote" });
        text.push_str(&format!(", priority {}", self.priority));
        if self.hidden {
            text.push_str(", hidden");
        }
        if self.delay != 0 {
            text.push_str(&format!(", {} s behind", self.delay));
        }
        for (key, value) in &self.tags {
            text.push_str(&format!(", {key}={value}"));
        }
        text
    }
}

/// Returns whether a member votes when nobody says so: the first seven do.
fn is_voter(member: &Member, wish: &Wish) -> bool {
    let others = wish.members.iter().take_while(|other| other.address != member.address);
    others.filter(|other| other.votes != Some(false)).count() < VOTERS
}
