//! Addresses of networks and hosts, version 4 and 6, with Python's way of writing them.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use num_bigint::BigInt;

use crate::base::Value;

/// The version of an address.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(in crate::template) enum Version {
    /// 32 bits.
    V4,
    /// 128 bits.
    V6,
}

impl Version {
    /// Returns the number of bits.
    pub(in crate::template) fn width(self) -> u8 {
        match self {
            Self::V4 => 32,
            Self::V6 => 128,
        }
    }

    /// Returns the highest address.
    pub(in crate::template) fn highest(self) -> u128 {
        match self {
            Self::V4 => u128::from(u32::MAX),
            Self::V6 => u128::MAX,
        }
    }

    /// Returns 4 or 6.
    pub(in crate::template) fn number(self) -> i64 {
        match self {
            Self::V4 => 4,
            Self::V6 => 6,
        }
    }
}

/// One address.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(in crate::template) struct Address {
    /// The version.
    pub(in crate::template) version: Version,
    /// Its bits.
    pub(in crate::template) bits: u128,
}

impl Address {
    /// Reads an address in text.
    pub(in crate::template) fn parse(text: &str) -> Option<Self> {
        if let Ok(address) = text.parse::<Ipv4Addr>() {
            return Some(Self { version: Version::V4, bits: u32::from(address).into() });
        }
        let address = text.parse::<Ipv6Addr>().ok()?;
        Some(Self { version: Version::V6, bits: address.into() })
    }

    /// Returns the address of a number: of version 4 when it fits.
    pub(in crate::template) fn of_number(bits: u128) -> Self {
        let version = if bits <= Version::V4.highest() { Version::V4 } else { Version::V6 };
        Self { version, bits }
    }

    /// Returns the address so many further, nothing outside of the version's range.
    pub(in crate::template) fn plus(self, amount: i128) -> Option<Self> {
        let bits = self.bits.checked_add_signed(amount)?;
        (bits <= self.version.highest()).then_some(Self { bits, ..self })
    }

    /// Returns whether the address is in one of these networks.
    pub(in crate::template) fn is_in(self, networks: &[&str]) -> bool {
        networks
            .iter()
            .filter_map(|text| Network::parse(text))
            .any(|network| network.contains(&self.into()))
    }

    /// Returns the sixteen-bit words of a version 6 address.
    pub(in crate::template) fn words(self) -> [u16; 8] {
        Ipv6Addr::from(self.bits).segments()
    }

    /// Returns the name under which a name server knows the address, with its dot.
    pub(in crate::template) fn reverse_name(self) -> String {
        match self.version {
            Version::V4 => {
                let [a, b, c, d] = (self.bits as u32).to_be_bytes();
                format!("{d}.{c}.{b}.{a}.in-addr.arpa.")
            }
            Version::V6 => {
                let digits: Vec<String> =
                    format!("{:032x}", self.bits).chars().rev().map(String::from).collect();
                format!("{}.ip6.arpa.", digits.join("."))
            }
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.version {
            Version::V4 => Ipv4Addr::from(self.bits as u32).fmt(f),
            // The C library writes addresses that embed one of version 4 with dots.
            Version::V6 if self.bits >> 32 == 0 && self.bits > 0xffff => {
                write!(f, "::{}", Ipv4Addr::from(self.bits as u32))
            }
            Version::V6 => Ipv6Addr::from(self.bits).fmt(f),
        }
    }
}

impl From<Address> for Network {
    fn from(address: Address) -> Self {
        Self { address, prefix: address.version.width(), written: false }
    }
}

/// An address with the length of its network's prefix.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::template) struct Network {
    /// The address as it was written, perhaps with bits of a host.
    pub(in crate::template) address: Address,
    /// The length of the prefix.
    pub(in crate::template) prefix: u8,
    /// Whether the length was written.
    pub(in crate::template) written: bool,
}

impl Network {
    /// Reads `10.0.0.1`, `10.0.0.1/8`, `10.0.0.1/255.0.0.0`, and numbers in place of the address.
    pub(in crate::template) fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let number =
            || address.bytes().all(|b| b.is_ascii_digit()).then(|| address.parse().ok()).flatten();
        let address = Address::parse(address).or_else(|| number().map(Address::of_number))?;
        let Some(prefix) = prefix else {
            return Some(address.into());
        };
        let digits = !prefix.is_empty() && prefix.bytes().all(|b| b.is_ascii_digit());
        let prefix = if digits {
            prefix.parse().ok().filter(|prefix| *prefix <= address.version.width())?
        } else {
            prefix_of_mask(Address::parse(prefix).filter(|mask| mask.version == address.version)?)?
        };
        Some(Self { address, prefix, written: true })
    }

    /// Returns the version.
    pub(in crate::template) fn version(&self) -> Version {
        self.address.version
    }

    /// Returns the bits of the host part, all set.
    fn host_bits(&self) -> u128 {
        let free = u32::from(self.version().width() - self.prefix);
        1_u128.checked_shl(free).map_or(u128::MAX, |size| size - 1)
    }

    fn with(&self, bits: u128) -> Address {
        Address { version: self.version(), bits }
    }

    /// Returns the first address.
    pub(in crate::template) fn first(&self) -> Address {
        self.with(self.address.bits & !self.host_bits())
    }

    /// Returns the last address.
    pub(in crate::template) fn last(&self) -> Address {
        self.with(self.address.bits | self.host_bits())
    }

    /// Returns the mask of the network part.
    pub(in crate::template) fn netmask(&self) -> Address {
        self.with(self.version().highest() & !self.host_bits())
    }

    /// Returns the mask of the host part.
    pub(in crate::template) fn hostmask(&self) -> Address {
        self.with(self.host_bits())
    }

    /// Returns the number of addresses.
    pub(in crate::template) fn size(&self) -> BigInt {
        BigInt::from(self.host_bits()) + 1
    }

    /// Returns the number of addresses less one, which always fits.
    pub(in crate::template) fn span(&self) -> u128 {
        self.host_bits()
    }

    /// Returns the network without bits of a host.
    pub(in crate::template) fn subnet(&self) -> Self {
        Self { address: self.first(), prefix: self.prefix, written: true }
    }

    /// Returns whether the address is the network's own.
    pub(in crate::template) fn is_bare(&self) -> bool {
        self.address == self.first()
    }

    /// Returns whether another network lies in this one.
    pub(in crate::template) fn contains(&self, other: &Self) -> bool {
        self.version() == other.version()
            && self.first() <= other.first()
            && other.last() <= self.last()
    }

    /// Returns the first and last address that hosts can have, nothing for a single address.
    pub(in crate::template) fn usable(&self) -> Option<(Address, Address)> {
        match self.span() {
            0 => None,
            1 => Some((self.first(), self.last())),
            _ => Some((self.first().plus(1)?, self.last().plus(-1)?)),
        }
    }

    /// Returns the address at a place, from the end when negative.
    pub(in crate::template) fn nth(&self, place: i128) -> Option<Address> {
        let distance = if place < 0 { place.unsigned_abs() - 1 } else { place.unsigned_abs() };
        if distance > self.span() {
            return None;
        }
        Some(self.with(if place < 0 {
            self.last().bits - distance
        } else {
            self.first().bits + distance
        }))
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

/// Returns the prefix length of a netmask or a hostmask.
fn prefix_of_mask(mask: Address) -> Option<u8> {
    let width = mask.version.width();
    let inverse = mask.version.highest() & !mask.bits;
    let contiguous = |host: u128| host & host.wrapping_add(1) == 0;
    let ones = |bits: u128| u8::try_from(bits.count_ones()).unwrap_or(0);
    if contiguous(inverse) {
        Some(ones(mask.bits))
    } else if contiguous(mask.bits) {
        Some(width - ones(mask.bits))
    } else {
        None
    }
}

/// Returns an integer of up to 128 bits as a value.
pub(in crate::template) fn integer(bits: u128) -> Value {
    Value::integer(BigInt::from(bits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_are_read_and_written() {
        let network = Network::parse("192.168.1.5/255.255.255.0").unwrap();
        assert_eq!(network.to_string(), "192.168.1.5/24");
        assert_eq!(network.first().to_string(), "192.168.1.0");
        assert_eq!(network.last().to_string(), "192.168.1.255");
        assert_eq!(network.nth(-1).unwrap().to_string(), "192.168.1.255");
        assert!(network.nth(256).is_none());
        assert_eq!(Network::parse("::/0").unwrap().size(), BigInt::from(1) << 128);
        assert_eq!(Network::parse("3232235777").unwrap().address.to_string(), "192.168.1.1");
        for text in ["256.1.1.1", "1.2.3", "10.0.0.0/33", "", "10.0.0.1/", " 10.0.0.1", "01.2.3.4"]
        {
            assert!(Network::parse(text).is_none(), "{text}");
        }
        assert_eq!(Address::parse("::ffff:10.0.0.1").unwrap().to_string(), "::ffff:10.0.0.1");
        assert_eq!(Address::parse("::a00:1").unwrap().to_string(), "::10.0.0.1");
    }
}
