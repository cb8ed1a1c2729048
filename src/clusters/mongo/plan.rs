//! From what is there to what is wished: the next step. Pure.
//!
//! What keeps a set safe is in the order: new members come without a vote and get it when they have caught up, one vote
//! changes at a time, a primary steps down before anything happens to it, and what would leave the set without a
//! majority is refused.

use std::time::Duration;

use super::config::{Config, Seat, VOTERS};
use super::repair::{forced, matches};
use super::survey::{Set, State, Survey};
use super::{Error, Lost, Member, Others, Wish};
use crate::clusters::Address;
use crate::clusters::pace::{Next, Plan};

/// How far behind a member may be and still count as caught up.
const CAUGHT_UP: Duration = Duration::from_secs(10);

/// Something to do.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Step {
    /// Make the first user, from the host itself, as long as there is none.
    FirstUser,
    /// Begin the set with one member.
    Initiate {
        /// Its place among the members.
        first: usize,
    },
    /// Give the set a new configuration.
    Reconfigure {
        /// The configuration.
        config: Config,
        /// The member that is made to take it, though it is no primary.
        forced_on: Option<Address>,
        /// What changes, in words.
        text: String,
    },
    /// Let the primary make place for another one.
    Resign {
        /// The primary.
        host: String,
    },
}

impl Step {
    /// Returns it in words.
    pub(super) fn text(&self, wish: &Wish) -> String {
        match self {
            Self::FirstUser => {
                let user = wish.login.as_ref().map_or("", |login| &login.user);
                format!("make the first user, {user}")
            }
            Self::Initiate { first } => {
                format!("initiate {} with {}", wish.name, wish.members[*first].address)
            }
            Self::Reconfigure { text, .. } => text.clone(),
            Self::Resign { host } => format!("{host} steps down as primary"),
        }
    }
}

/// Returns what comes next.
pub(super) fn plan(wish: &Wish, survey: &Survey) -> Result<Plan<Step>, Error> {
    check(wish)?;
    let mut warnings = absences(wish, survey);
    let next = match &survey.set {
        Some(set) => adjust(wish, survey, set, &mut warnings)?,
        None => found(wish, survey)?,
    };
    Ok(Plan { next, warnings })
}

fn check(wish: &Wish) -> Result<(), Error> {
    let impossible = |text: String| Err(Error::Impossible(text));
    for (index, member) in wish.members.iter().enumerate() {
        if wish.members[..index].iter().any(|other| other.address == member.address) {
            return impossible(format!("{} is named twice", member.address));
        }
        if member.id.is_some() && wish.members[..index].iter().any(|other| other.id == member.id) {
            return impossible(format!("two members have the id of {}", member.address));
        }
        let silent = member.votes == Some(false) || member.hidden == Some(true);
        if silent && member.priority.is_some_and(|priority| priority > 0.0) {
            return impossible(format!(
                "{} cannot become primary when it is hidden or has no vote: give it `priority: 0`",
                member.address
            ));
        }
    }
    let electable = |member: &&Member| {
        !member.arbiter
            && member.votes != Some(false)
            && member.hidden != Some(true)
            && member.priority != Some(0.0)
            && member.delay.unwrap_or(0) == 0
    };
    if wish.members.iter().find(electable).is_none() {
        return impossible("no member could become primary".into());
    }
    let voters = wish.members.iter().filter(|member| member.votes == Some(true)).count();
    if voters > VOTERS {
        return impossible(format!("{voters} members are to vote: MongoDB allows {VOTERS}"));
    }
    Ok(())
}

/// Returns a warning for each member that does not answer.
fn absences(wish: &Wish, survey: &Survey) -> Vec<String> {
    let members = wish.members.iter().zip(&survey.nodes);
    let absent = members.filter_map(|(member, state)| match state {
        State::Down(reason) => Some((member, reason)),
        _ => None,
    });
    let known = |member: &Member| {
        let host = member.address.to_string();
        survey.set.as_ref().is_some_and(|set| set.config.seat(&host).is_some())
    };
    absent
        .map(|(member, reason)| match known(member) {
            true => format!("{} does not answer: {reason}", member.address),
            false => format!(
                "{} does not answer and is not in the set yet: {reason}; run again when it is up",
                member.address
            ),
        })
        .collect()
}

/// Begins a set.
fn found(wish: &Wish, survey: &Survey) -> Result<Next<Step>, Error> {
    if survey.denied.is_some() {
        return Ok(Next::Do(Step::FirstUser));
    }
    let states = || survey.nodes.iter().enumerate();
    if states().any(|(_, state)| matches!(state, State::Lost | State::Member)) {
        return Ok(Next::Wait("no member says how the set is".into()));
    }
    let bare: Vec<usize> = states()
        .filter(|(at, state)| matches!(state, State::Bare { .. }) && !wish.members[*at].arbiter)
        .map(|(at, _)| at)
        .collect();
    let answering = states().filter(|(_, state)| !matches!(state, State::Down(_))).count();
    if answering * 2 <= wish.members.len() || bare.is_empty() {
        return Err(Error::Impossible(format!(
            "{answering} of {} members answer: a set is begun when most of them do, because the others may be one already",
            wish.members.len()
        )));
    }
    let full: Vec<usize> =
        bare.iter().copied().filter(|at| survey.nodes[*at] == State::Bare { data: true }).collect();
    match full.as_slice() {
        [] => Ok(Next::Do(Step::Initiate { first: bare[0] })),
        [only] => Ok(Next::Do(Step::Initiate { first: *only })),
        [one, two, ..] => Err(Error::Impossible(format!(
            "{} and {} both hold data, and a set begins with that of one: empty the data folder of the other one first",
            wish.members[*one].address, wish.members[*two].address
        ))),
    }
}

/// Changes a set that is there.
fn adjust(
    wish: &Wish,
    survey: &Survey,
    set: &Set,
    warnings: &mut Vec<String>,
) -> Result<Next<Step>, Error> {
    if set.primary.is_none() {
        let step = match wish.lost {
            Lost::Force => forced(wish, survey, set)?,
            Lost::Wait => None,
        };
        return Ok(step.map_or_else(|| Next::Wait(leaderless(set)), Next::Do));
    }
    let places = matches(wish, survey, set)?;
    if let Some(step) = readdress(wish, set, &places) {
        return Ok(Next::Do(step));
    }
    if let Some(step) = add(wish, survey, set, &places)? {
        return Ok(Next::Do(step));
    }
    if let Some(step) = change(wish, set, &places)? {
        return Ok(Next::Do(step));
    }
    let complaint = complaint(survey, set, &places);
    match (remove(wish, set, &places, warnings), complaint) {
        (Ok(Some(step)), _) => Ok(Next::Do(step)),
        // Who answers may only just have come back, and the set not know it yet.
        (Err(error), Some(_)) => Ok(Next::Wait(error.to_string())),
        (Err(error), None) => Err(error),
        (Ok(None), complaint) => Ok(complaint.map_or(Next::Rest, Next::Wait)),
    }
}

fn leaderless(set: &Set) -> String {
    let lines = set.config.seats.iter().map(|seat| match set.health(seat.id) {
        Some(health) if health.up => format!("{} is {}", seat.host, health.state),
        _ => format!("{} is gone", seat.host),
    });
    format!(
        "there is no primary ({}); a primary needs the votes of most of {} voting members. Start those that are missing; when they are lost for good, `force: true` makes a set of the rest, without what only they had",
        lines.collect::<Vec<_>>().join(", "),
        set.config.voters()
    )
}

/// Returns the step that gives a member its new address.
fn readdress(wish: &Wish, set: &Set, places: &[Option<usize>]) -> Option<Step> {
    let (member, seat) = wish.members.iter().zip(places).find_map(|(member, place)| {
        let seat = &set.config.seats[(*place)?];
        let moved = !super::config::same_host(&seat.host, &member.address.to_string());
        moved.then_some((member, seat))
    })?;
    let mut config = set.config.clone();
    let changed = config.seats.iter_mut().find(|other| other.id == seat.id)?;
    changed.host = member.address.to_string();
    let text = format!("member {} moves from {} to {}", seat.id, seat.host, member.address);
    Some(Step::Reconfigure { config, forced_on: None, text })
}

/// Returns the step that takes in a member that is not in the set yet, without a vote.
fn add(
    wish: &Wish,
    survey: &Survey,
    set: &Set,
    places: &[Option<usize>],
) -> Result<Option<Step>, Error> {
    for ((member, state), place) in wish.members.iter().zip(&survey.nodes).zip(places) {
        match (place, state) {
            (None, State::Bare { data: true }) => {
                return Err(Error::Impossible(format!(
                    "{} holds data of its own, which it would lose as a member of {}: empty its data folder first",
                    member.address, wish.name
                )));
            }
            (None, State::Bare { data: false } | State::Lost | State::Member) => {
                let mut config = set.config.clone();
                let id = member.id.unwrap_or_else(|| config.free_id());
                let seat = Seat::new(id, member);
                let text = format!("add {}", seat.describe());
                config.seats.push(seat);
                return Ok(Some(Step::Reconfigure { config, forced_on: None, text }));
            }
            _ => {}
        }
    }
    Ok(None)
}

/// Returns the step that makes a member what it should be.
fn change(wish: &Wish, set: &Set, places: &[Option<usize>]) -> Result<Option<Step>, Error> {
    for (member, place) in wish.members.iter().zip(places) {
        let Some(place) = *place else { continue };
        let seat = &set.config.seats[place];
        if seat.arbiter != member.arbiter {
            return Err(Error::Impossible(format!(
                "{} cannot turn from or into an arbiter: take it out (`remove_others`), empty its data folder, and add it again",
                seat.host
            )));
        }
        let wished = seat.wished(member, wish);
        if wished == *seat || (seat.is_joining() && !has_caught_up(set, seat)) {
            continue;
        }
        if set.is_primary(&seat.host) && (wished.priority == 0.0 || !wished.votes) {
            return step_down(set, &seat.host).map(Some);
        }
        if wished.votes && !seat.votes && set.config.voters() >= VOTERS {
            return Err(Error::Impossible(format!(
                "{} cannot get a vote: {VOTERS} members have one already, and MongoDB allows no more",
                seat.host
            )));
        }
        let text = format!("change {}", wished.describe());
        let mut config = set.config.clone();
        config.seats[place] = wished;
        return Ok(Some(Step::Reconfigure { config, forced_on: None, text }));
    }
    Ok(None)
}

fn has_caught_up(set: &Set, seat: &Seat) -> bool {
    let health = set.health(seat.id);
    health.is_some_and(|health| health.state == "SECONDARY" && health.behind <= CAUGHT_UP)
}

fn step_down(set: &Set, host: &str) -> Result<Step, Error> {
    let heir = set
        .config
        .seats
        .iter()
        .find(|seat| seat.host != host && seat.is_electable() && has_caught_up(set, seat));
    match heir {
        Some(_) => Ok(Step::Resign { host: host.to_owned() }),
        None => Err(Error::Impossible(format!(
            "{host} is the primary, and no other member could take over from it now"
        ))),
    }
}

/// Returns the step that takes out a member that is not named.
fn remove(
    wish: &Wish,
    set: &Set,
    places: &[Option<usize>],
    warnings: &mut Vec<String>,
) -> Result<Option<Step>, Error> {
    let strangers = || {
        let seats = set.config.seats.iter().enumerate();
        seats.filter(|(at, _)| !places.contains(&Some(*at))).map(|(_, seat)| seat)
    };
    if wish.others == Others::Keep {
        let gone = strangers().filter(|seat| !set.is_well(seat.id));
        warnings.extend(gone.map(|seat| {
            format!(
                "{} is in the set, does not answer, and is not named: `remove_others: true` takes it out",
                seat.host
            )
        }));
        return Ok(None);
    }
    let Some(seat) = strangers().min_by_key(|seat| set.is_primary(&seat.host)) else {
        return Ok(None);
    };
    if set.is_primary(&seat.host) {
        return step_down(set, &seat.host).map(Some);
    }
    let mut config = set.config.clone();
    config.seats.retain(|other| other.id != seat.id);
    let well = config.seats.iter().filter(|seat| seat.votes && set.is_well(seat.id)).count();
    if well * 2 <= config.voters() {
        return Err(Error::Impossible(format!(
            "{} cannot be taken out: only {well} of the {} voting members left are well, and the set would have no primary",
            seat.host,
            config.voters()
        )));
    }
    let text = format!("remove {}", seat.describe());
    Ok(Some(Step::Reconfigure { config, forced_on: None, text }))
}

/// Returns what is not well yet, or nothing. Who does not answer at all is warned of, not waited for.
fn complaint(survey: &Survey, set: &Set, places: &[Option<usize>]) -> Option<String> {
    for (state, place) in survey.nodes.iter().zip(places) {
        let (Some(place), false) = (place, matches!(state, State::Down(_))) else { continue };
        let seat = &set.config.seats[*place];
        if !set.is_well(seat.id) {
            let state = set.health(seat.id).map_or("UNKNOWN", |health| &health.state);
            return Some(match state {
                "STARTUP2" => format!("{} still copies the data (STARTUP2)", seat.host),
                _ => format!(
                    "{} is {state}; do the members reach each other at these addresses, with the same key file?",
                    seat.host
                ),
            });
        }
        let behind = set.health(seat.id).map_or(Duration::ZERO, |health| health.behind);
        let allowed = CAUGHT_UP + Duration::from_secs(u64::try_from(seat.delay).unwrap_or(0));
        if behind > allowed && !seat.arbiter {
            return Some(format!("{} is {} s behind the primary", seat.host, behind.as_secs()));
        }
    }
    None
}
