//! Calculating with addresses: `ipsubnet`, `ipmath`, `nthhost`, neighbors, and networks in networks.

use num_bigint::BigInt;

use crate::base::Value;
use crate::template::text::net::{Address, Network, Version};
use crate::template::{Call, Reason, call};

/// Most addresses of one list; more would only fill the memory.
const MOST: u128 = 1 << 22;

fn text(value: impl ToString) -> Value {
    value.to_string().into()
}

fn network_of(text: &str, what: &str) -> Result<Network, Reason> {
    Network::parse(text).ok_or_else(|| {
        Reason::new(format!("{what} must be an address or a network; {text} is invalid"))
    })
}

pub(super) fn ipmath(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["amount"])?;
    let input = call.input_text();
    let network = Network::parse(&input).ok_or_else(|| {
        Reason::new(format!("You must pass a valid IP address; {input} is invalid"))
    })?;
    call.need(0, "amount")?;
    let amount = call.int(0, "amount", 0)?;
    let result = network.address.plus(amount.into());
    result
        .map(text)
        .ok_or_else(|| Reason::new(format!("{input} and {amount} give no valid address")))
}

pub(super) fn nthhost(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["query"])?;
    let place = call.need_text(0, "query")?.parse::<i128>();
    let network = Network::parse(&call.input_text()).filter(|network| network.span() > 0);
    let (Some(network), Ok(place)) = (network, place) else {
        return Ok(Value::Bool(false));
    };
    Ok(network.nth(place).map_or(Value::Bool(false), text))
}

pub(super) fn next_nth_usable(call: &mut Call<'_>) -> Result<Value, Reason> {
    nth_usable(call, 1)
}

pub(super) fn previous_nth_usable(call: &mut Call<'_>) -> Result<Value, Reason> {
    nth_usable(call, -1)
}

fn nth_usable(call: &mut Call<'_>, direction: i128) -> Result<Value, Reason> {
    call.accept(&["offset"])?;
    let input = call.input_text();
    let network = network_of(&input, "the value")?;
    let offset = i128::from(call.int(0, "offset", 1)?);
    let found = network.address.plus(offset * direction);
    let usable = |address: &Address| {
        network.usable().is_some_and(|(first, last)| first <= *address && *address <= last)
    };
    Ok(found.filter(usable).map_or(Value::Null, text))
}

pub(super) fn network_in_network(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["test"])?;
    let network = network_of(&call.input_text(), "the value")?;
    let test = network_of(&call.need_text(0, "test")?, "`test`")?;
    Ok(network.contains(&test).into())
}

pub(super) fn network_in_usable(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["test"])?;
    let network = network_of(&call.input_text(), "the value")?;
    let test = network_of(&call.need_text(0, "test")?, "`test`")?;
    let same = network.version() == test.version();
    let inside =
        network.usable().is_some_and(|(first, last)| first <= test.first() && test.last() <= last);
    Ok((same && inside).into())
}

/// Returns the items that lie in a network.
pub(super) fn reduce_on_network(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["network"])?;
    let network = network_of(&call.need_text(0, "network")?, "`network`")?;
    let mut out = Vec::new();
    for item in call.input_list()? {
        if network.contains(&network_of(&item.to_string(), "each item")?) {
            out.push(item);
        }
    }
    Ok(Value::list(out))
}

pub(super) fn usable_range(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept_none()?;
    let network = network_of(&call.input_text(), "the value")?;
    if !network.is_bare() {
        return Err(Reason::new(format!(
            "`{}` has bits of a host set; the network is {}",
            call.input,
            network.subnet()
        )));
    }
    if network.span() >= MOST {
        return Err(Reason::new(format!("`{}` has more than {MOST} addresses", call.input)));
    }
    let addresses =
        (0..=network.span()).filter_map(|place| network.nth(i128::try_from(place).ok()?)).map(text);
    let pairs =
        [("usable_ips", Value::list(addresses)), ("number_of_ips", Value::integer(network.size()))];
    Ok(Value::map(pairs))
}

pub(super) fn ip4_hex(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["delimiter"])?;
    let address =
        Network::parse(&call.input_text()).filter(|network| network.version() == Version::V4);
    let address = address
        .ok_or_else(|| Reason::new(format!("needs an IPv4 address; {} is invalid", call.input)))?;
    let bytes = (address.address.bits as u32).to_be_bytes().map(|byte| format!("{byte:02x}"));
    Ok(bytes.join(&call.text(0, "delimiter", "")).into())
}

/// Returns the first (or, of a negative number, the last) bits of an address of version 6, as words.
pub(super) fn ipcut(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["amount"])?;
    let input = call.input_text();
    let address = Address::parse(&input).filter(|address| address.version == Version::V6);
    let address =
        address.ok_or_else(|| Reason::new(format!("needs an IPv6 address; {input} is invalid")))?;
    call.need(0, "amount")?;
    let amount = call.int(0, "amount", 0)?;
    let words = address.words();
    let count = usize::try_from(amount.unsigned_abs() / 16).unwrap_or(8).min(8);
    let kept = if amount < 0 { &words[8 - count..] } else { &words[..count] };
    Ok(kept.iter().map(|word| format!("{word:x}")).collect::<Vec<_>>().join(":").into())
}

pub(super) fn ipv6form(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["format"])?;
    let input = call.input_text();
    let address = Address::parse(&input).filter(|address| address.version == Version::V6);
    let address =
        address.ok_or_else(|| Reason::new(format!("needs an IPv6 address; {input} is invalid")))?;
    let forms = [("compress", 0), ("expand", 1), ("x509", 2)];
    Ok(match call.choice(0, "format", 0, &forms)? {
        0 => text(address),
        1 => address.words().map(|word| format!("{word:04x}")).join(":").into(),
        _ => address.words().map(|word| format!("{word:x}")).join(":").into(),
    })
}

/// Joins networks that make up a larger one (`merge`), or finds the smallest that holds all (`span`).
pub(super) fn cidr_merge(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["action"])?;
    let span = call.choice(0, "action", false, &[("merge", false), ("span", true)])?;
    let mut networks = Vec::new();
    for item in call::items_of(&call.input)? {
        networks.push(network_of(&item.to_string(), "each item")?.subnet());
    }
    if span {
        return spanning(&networks).map(text);
    }
    networks.sort_unstable_by_key(|network| (network.version(), network.address, network.prefix));
    let mut merged: Vec<Network> = Vec::new();
    for network in networks {
        if merged.last().is_some_and(|last| last.contains(&network)) {
            continue;
        }
        merged.push(network);
        while let [.., a, b] = merged[..] {
            let Some(parent) = a.prefix.checked_sub(1).map(|prefix| Network { prefix, ..a }) else {
                break;
            };
            if a.prefix != b.prefix || !parent.is_bare() || !parent.contains(&b) {
                break;
            }
            merged.truncate(merged.len() - 2);
            merged.push(parent);
        }
    }
    Ok(Value::list(merged.into_iter().map(text)))
}

fn spanning(networks: &[Network]) -> Result<Network, Reason> {
    let [first, ..] = networks else {
        return Err(Reason::new("needs at least two networks to span"));
    };
    if networks.iter().any(|network| network.version() != first.version()) {
        return Err(Reason::new("cannot span networks of both versions"));
    }
    let mut span = *first;
    while !networks.iter().all(|network| span.contains(network)) {
        span = Network { prefix: span.prefix - 1, ..span }.subnet();
    }
    Ok(span)
}

pub(super) fn ipsubnet(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["query", "index"])?;
    let input = call.input_text();
    let Some(network) = Network::parse(&input) else {
        return Ok(Value::Bool(false));
    };
    let query = call.text(0, "query", "");
    let index = match call.given(1, "index") {
        Some(Value::Text(text)) if text.as_str() == "x" => None,
        Some(_) => Some(i128::from(call.int(1, "index", 0)?)),
        None => None,
    };
    if query.is_empty() {
        return Ok(text(network.subnet()));
    }
    if let Ok(prefix) = query.parse::<u8>() {
        return if network.written {
            divided(&network, prefix, index)
        } else {
            Ok(around(&network, prefix, index))
        };
    }
    let parent = network_of(&query, "`query`")?;
    if !parent.contains(&network) {
        return Err(Reason::new(format!(
            "{} is not in the subnet {}",
            network.subnet(),
            parent.subnet()
        )));
    }
    // The place of the network among those of its size, counted from 1.
    let distance = network.first().bits - parent.first().bits;
    let place =
        distance.checked_shr(u32::from(network.version().width() - network.prefix)).unwrap_or(0);
    Ok(text(BigInt::from(place) + 1))
}

/// Returns how many networks of a prefix there are in one, or one of them.
fn divided(network: &Network, prefix: u8, index: Option<i128>) -> Result<Value, Reason> {
    let width = network.version().width();
    if prefix < network.prefix || prefix > width {
        return Err(Reason::new(format!("Requested subnet size of {prefix} is invalid")));
    }
    let last =
        1_u128.checked_shl(u32::from(prefix - network.prefix)).map_or(u128::MAX, |count| count - 1);
    let Some(index) = index else {
        return Ok(text(BigInt::from(last) + 1));
    };
    let place = if index < 0 {
        last.checked_sub(index.unsigned_abs() - 1)
    } else {
        Some(index.unsigned_abs()).filter(|place| *place <= last)
    };
    let bits = place.map(|place| {
        network.first().bits + place.checked_shl(u32::from(width - prefix)).unwrap_or(0)
    });
    Ok(bits.map_or(Value::Bool(false), |bits| {
        text(Network { address: Address { bits, ..network.address }, prefix, written: true })
    }))
}

/// Returns the network of a prefix around an address, or one of those between the two.
fn around(network: &Network, prefix: u8, index: Option<i128>) -> Value {
    let width = network.version().width();
    if prefix >= width {
        return Value::Bool(false);
    }
    let steps = i128::from(width - prefix);
    let index = index.unwrap_or(0);
    let step = if index < 0 { steps + index } else { index };
    match u8::try_from(step).ok().filter(|step| i128::from(*step) < steps) {
        Some(step) => text(Network { prefix: prefix + step, ..*network }.subnet()),
        None => Value::Bool(false),
    }
}
