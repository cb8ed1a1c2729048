//! What guards the host: AppArmor, capabilities, FIPS, SELinux; its keys for SSH.

use super::{Gather, names};
use crate::base::Value;

pub(super) fn apparmor(gather: &mut Gather<'_>) {
    let on = gather.exists("/sys/kernel/security/apparmor");
    let status = if on { "enabled" } else { "disabled" };
    gather.set("apparmor", Value::map([("status", status.into())]));
}

pub(super) fn capabilities(gather: &mut Gather<'_>) {
    let text = gather.output(&["capsh", "--print"]).unwrap_or_default();
    let current = text.lines().find_map(|line| line.strip_prefix("Current:"));
    let (enforced, list) = capabilities_of(current);
    gather.set("system_capabilities_enforced", enforced);
    gather.set("system_capabilities", list);
}

/// Reads what `capsh` says after `Current:`; `=ep` alone means that nothing is taken away.
fn capabilities_of(current: Option<&str>) -> (&'static str, Vec<String>) {
    let Some(current) = current.map(str::trim) else { return ("NA", Vec::new()) };
    if current == "=ep" {
        return ("False", Vec::new());
    }
    let list = current.strip_prefix('=').unwrap_or(current);
    ("True", list.split(',').map(|word| word.trim().to_owned()).collect())
}

pub(super) fn fips(gather: &mut Gather<'_>) {
    let on = gather.text("/proc/sys/crypto/fips_enabled").as_deref() == Some("1");
    gather.set("fips", on);
}

pub(super) fn selinux(gather: &mut Gather<'_>) {
    let place = ["/sys/fs/selinux", "/selinux"]
        .into_iter()
        .find(|place| gather.exists(format!("{place}/enforce")));
    let Some(place) = place else {
        gather.set("selinux", Value::map([("status", "disabled".into())]));
        return;
    };
    let config = gather.text("/etc/selinux/config").unwrap_or_default();
    let config = names::pairs(&config);
    let configured = |key: &str| {
        let pair = config.iter().find(|(name, _)| name == key);
        pair.map_or_else(|| Value::from("unknown"), |(_, value)| value.into())
    };
    let mode = match gather.text(format!("{place}/enforce")).as_deref() {
        Some("1") => "enforcing",
        Some("0") => "permissive",
        Some(_) | None => "unknown",
    };
    let version = gather.number(format!("{place}/policyvers"));
    let fact = [
        ("config_mode", configured("SELINUX")),
        ("mode", mode.into()),
        ("policyvers", version.map_or_else(|| "unknown".into(), Value::Int)),
        ("status", "enabled".into()),
        ("type", configured("SELINUXTYPE")),
    ];
    gather.set("selinux", Value::map(fact));
}

pub(super) fn host_keys(gather: &mut Gather<'_>) {
    for kind in ["dsa", "rsa", "ecdsa", "ed25519"] {
        let file = format!("ssh_host_{kind}_key.pub");
        let text = ["/etc/ssh", "/etc/openssh", "/etc"]
            .iter()
            .find_map(|folder| gather.text(format!("{folder}/{file}")));
        let Some(text) = text else { continue };
        let mut words = text.split_whitespace();
        if let (Some(keytype), Some(key)) = (words.next(), words.next()) {
            gather.set(&format!("ssh_host_key_{kind}_public"), key);
            gather.set(&format!("ssh_host_key_{kind}_public_keytype"), keytype);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capabilities() {
        assert_eq!(capabilities_of(None).0, "NA");
        assert_eq!(capabilities_of(Some(" =ep")), ("False", Vec::new()));
        assert_eq!(
            capabilities_of(Some(" cap_chown,cap_kill=ep")),
            ("True", vec!["cap_chown".into(), "cap_kill=ep".into()])
        );
        assert_eq!(
            capabilities_of(Some(" =ep cap_sys_resource-ep")),
            ("True", vec!["ep cap_sys_resource-ep".into()])
        );
    }
}
