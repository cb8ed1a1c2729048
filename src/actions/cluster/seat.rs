//! An item of the list of members that all modules of clusters take: an address, or a dictionary that says more.

use crate::base::Value;
use crate::clusters::Address;
use crate::module::{Argument, Arguments, BadArgument, Kind, check_names};

/// What an item of the list becomes.
pub(super) trait Entry: Sized {
    /// The module, for what is said of mistakes.
    const MODULE: &'static str;
    /// What the dictionary takes.
    type Args: Arguments;

    /// Returns a member of which only the address is said.
    fn at(address: &str) -> Result<Self, BadArgument>;

    /// Returns a member of which more is said.
    fn of(args: Self::Args) -> Result<Self, BadArgument>;

    /// Returns where it is.
    fn address(&self) -> &Address;
}

/// An item of the list.
#[derive(Clone, Debug)]
pub(super) struct Seat<T>(pub(super) T);

impl<T: Entry> Argument for Seat<T> {
    const KIND: Kind = Kind::Raw;

    fn from_value(value: &Value) -> Result<Self, BadArgument> {
        let Some(map) = value.as_map() else {
            return T::at(&value.to_string()).map(Self);
        };
        check_names(T::MODULE, &T::Args::specs(), map)?;
        T::of(T::Args::parse(map)?).map(Self)
    }

    fn to_value(&self) -> Value {
        self.0.address().to_string().into()
    }
}

/// Returns the members; there has to be one, and none may be named twice.
pub(super) fn members<T: Entry>(seats: Vec<Seat<T>>, name: &str) -> Result<Vec<T>, BadArgument> {
    let members: Vec<T> = seats.into_iter().map(|Seat(member)| member).collect();
    distinct(members.iter().map(Entry::address), name)?;
    Ok(members)
}

/// Refuses a list that is empty or names an address twice.
pub(super) fn distinct<'a>(
    addresses: impl IntoIterator<Item = &'a Address>,
    name: &str,
) -> Result<(), BadArgument> {
    let addresses: Vec<&Address> = addresses.into_iter().collect();
    if addresses.is_empty() {
        return Err(BadArgument::new("is empty").of(name));
    }
    match (0..addresses.len()).find(|place| addresses[..*place].contains(&addresses[*place])) {
        Some(place) => Err(BadArgument::new(format!("names {} twice", addresses[place])).of(name)),
        None => Ok(()),
    }
}
