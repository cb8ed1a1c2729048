//! Addresses: the `ipaddr` family of ansible.utils, and hardware addresses.

mod hardware;
mod ipaddr;
mod query;
mod ranges;

use crate::template::Entry;
use crate::template::table::from_collection;

const UTILS: &str = "ansible.utils";

pub(super) const ENTRIES: &[Entry] = &[
    from_collection(UTILS, &["cidr_merge"], ranges::cidr_merge),
    from_collection(UTILS, &["hwaddr"], hardware::hwaddr),
    from_collection(UTILS, &["ip4_hex"], ranges::ip4_hex),
    from_collection(UTILS, &["ipaddr"], ipaddr::ipaddr),
    from_collection(UTILS, &["ipcut"], ranges::ipcut),
    from_collection(UTILS, &["ipmath"], ranges::ipmath),
    from_collection(UTILS, &["ipsubnet"], ranges::ipsubnet),
    from_collection(UTILS, &["ipv4"], ipaddr::ipv4),
    from_collection(UTILS, &["ipv6"], ipaddr::ipv6),
    from_collection(UTILS, &["ipv6form"], ranges::ipv6form),
    from_collection(UTILS, &["ipwrap"], ipaddr::ipwrap),
    from_collection(UTILS, &["macaddr"], hardware::macaddr),
    from_collection(UTILS, &["network_in_network"], ranges::network_in_network),
    from_collection(UTILS, &["network_in_usable"], ranges::network_in_usable),
    from_collection(UTILS, &["next_nth_usable"], ranges::next_nth_usable),
    from_collection(UTILS, &["nthhost"], ranges::nthhost),
    from_collection(UTILS, &["previous_nth_usable"], ranges::previous_nth_usable),
    from_collection(UTILS, &["reduce_on_network"], ranges::reduce_on_network),
    from_collection(UTILS, &["slaac"], hardware::slaac),
    from_collection(UTILS, &["usable_range"], ranges::usable_range),
];
