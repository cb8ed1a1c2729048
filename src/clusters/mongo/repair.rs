//! Members under new addresses: which place in the configuration is whose, and the configuration that is forced when
//! no primary is left.

use super::config::{Seat, same_host};
use super::plan::Step;
use super::survey::{Set, State, Survey};
use super::{Error, Wish};

/// Returns for each named member its place in the configuration: by address, by number, or because there is only one
/// that it can be.
pub(super) fn matches(
    wish: &Wish,
    survey: &Survey,
    set: &Set,
) -> Result<Vec<Option<usize>>, Error> {
    let mut places = named(wish, set)?;
    let vacant: Vec<usize> = (0..set.config.seats.len())
        .filter(|at| !places.contains(&Some(*at)) && !set.is_well(set.config.seats[*at].id))
        .collect();
    let lost: Vec<usize> = (0..places.len())
        .filter(|at| places[*at].is_none() && survey.nodes[*at] == State::Lost)
        .collect();
    match (lost.as_slice(), vacant.as_slice()) {
        ([one], [place]) => places[*one] = Some(*place),
        ([one, ..], [_, ..]) => {
            return Err(Error::Impossible(format!(
                "{} holds the data of {} under a new address, but which member was it? Give it the `id` of one of: {}",
                wish.members[*one].address,
                wish.name,
                vacant
                    .iter()
                    .map(|at| set.config.seats[*at].describe())
                    .collect::<Vec<_>>()
                    .join("; ")
            )));
        }
        _ => {}
    }
    Ok(places)
}

fn named(wish: &Wish, set: &Set) -> Result<Vec<Option<usize>>, Error> {
    let seats = &set.config.seats;
    let mut places = Vec::new();
    for member in &wish.members {
        let host = member.address.to_string();
        let place = seats.iter().position(|seat| same_host(&seat.host, &host));
        if let (Some(place), Some(id)) = (place, member.id)
            && seats[place].id != id
        {
            return Err(Error::Impossible(format!(
                "{host} is member {}, not {id}, and a member cannot change its number",
                seats[place].id
            )));
        }
        let by_number = || seats.iter().position(|seat| Some(seat.id) == member.id);
        places.push(place.or_else(by_number));
    }
    Ok(places)
}

/// Returns the step that makes a set of those members that are left, under the addresses that they have now. The rest
/// comes back the usual way, when it answers. Nothing when the set is that already.
pub(super) fn forced(wish: &Wish, survey: &Survey, set: &Set) -> Result<Option<Step>, Error> {
    let mut places = named(wish, set)?;
    let mut vacant: Vec<usize> =
        (0..set.config.seats.len()).filter(|at| !places.contains(&Some(*at))).collect();
    vacant.sort_by_key(|at| !set.config.seats[*at].is_electable());
    let mut vacant = vacant.into_iter();
    let mut config = set.config.clone();
    config.seats.clear();
    for (at, state) in survey.nodes.iter().enumerate() {
        if !matches!(state, State::Lost | State::Member) {
            continue;
        }
        // The data of a member is that of the set, so any free number will do; best one that can become primary.
        places[at] = places[at].or_else(|| vacant.next());
        let Some(place) = places[at] else { continue };
        let mut seat = set.config.seats[place].clone();
        seat.host = wish.members[at].address.to_string();
        config.seats.push(seat);
    }
    if !config.seats.iter().any(Seat::is_electable) {
        return Err(Error::Impossible(
            "none of the members that are left could become primary".into(),
        ));
    }
    if config == set.config {
        return Ok(None);
    }
    let hosts: Vec<&str> = config.seats.iter().map(|seat| seat.host.as_str()).collect();
    let text = format!("force {} to be {}", wish.name, hosts.join(", "));
    Ok(Some(Step::Reconfigure { config, forced_on: Some(set.told_by.clone()), text }))
}
