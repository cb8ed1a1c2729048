//! Hardware addresses: `hwaddr`, `macaddr`, and `slaac`, which makes an address of version 6 of one.

use crate::base::Value;
use crate::template::text::mac::parse;
use crate::template::text::net::{Address, Network, Version, integer};
use crate::template::{Call, Reason};

pub(super) fn hwaddr(call: &mut Call<'_>) -> Result<Value, Reason> {
    answered(call, "hwaddr")
}

pub(super) fn macaddr(call: &mut Call<'_>) -> Result<Value, Reason> {
    answered(call, "macaddr")
}

/// Returns the bytes of an address with something between groups of them.
fn grouped(address: u64, group: usize, between: &str) -> String {
    let digits = format!("{address:012x}");
    let groups: Vec<&str> =
        (0..12 / group).map(|place| &digits[place * group..(place + 1) * group]).collect();
    groups.join(between)
}

fn answered(call: &mut Call<'_>, alias: &str) -> Result<Value, Reason> {
    call.accept(&["query", "alias"])?;
    let query = call.text(0, "query", "");
    let text = call.input_text();
    let number = call.input.as_int().and_then(|number| u64::try_from(number).ok());
    let Some(address) = number.or_else(|| parse(&text)) else {
        return match query.as_str() {
            "" | "bool" => Ok(Value::Null),
            _ => Err(Reason::new(format!("{alias}: not a hardware address: {text}"))),
        };
    };
    Ok(match query.as_str() {
        "" => text.into(),
        "bare" => grouped(address, 2, "").to_uppercase().into(),
        "bool" => Value::Bool(true),
        "cisco" => grouped(address, 4, ".").into(),
        "eui48" | "win" => grouped(address, 2, "-").to_uppercase().into(),
        "int" => integer(address.into()),
        "linux" => grouped(address, 2, ":").into(),
        "pgsql" | "postgresql" | "psql" => grouped(address, 6, ":").into(),
        "unix" => unix(address).into(),
        _ => return Err(Reason::new(format!("{alias}: unknown filter type: {query}"))),
    })
}

/// Returns the bytes without leading zeros.
fn unix(address: u64) -> String {
    let bytes: Vec<String> =
        address.to_be_bytes()[2..].iter().map(|byte| format!("{byte:x}")).collect();
    bytes.join(":")
}

/// Returns the address that a host with this MAC address gives itself in a network.
pub(super) fn slaac(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["query"])?;
    let network =
        Network::parse(&call.input_text()).filter(|network| network.version() == Version::V6);
    let (Some(network), Some(mac)) = (network, parse(&call.text(0, "query", ""))) else {
        return Ok(Value::Bool(false));
    };
    // The bytes fffe go into the middle, and the bit for «locally administered» is turned.
    let identifier = (mac >> 24) << 40 | 0xfffe << 24 | mac & 0xff_ffff;
    let bits = network.first().bits + u128::from(identifier ^ 1 << 57);
    Ok(Address { version: Version::V6, bits }.to_string().into())
}
