//! Whether the host is a container, a virtual machine, or runs some.

use std::collections::BTreeSet;

use super::Gather;
use crate::base::Value;

/// What is known: the type and role that count, and all signs that were found.
#[derive(Debug, Default)]
struct Found {
    first: Option<(&'static str, &'static str)>,
    guest: BTreeSet<&'static str>,
    host: BTreeSet<&'static str>,
}

impl Found {
    /// Notes a sign of being a guest; the first one decides the type.
    fn guest(&mut self, kind: &'static str) {
        self.guest.insert(kind);
        self.first.get_or_insert((kind, "guest"));
    }

    fn host(&mut self, kind: &'static str) {
        self.host.insert(kind);
        self.first.get_or_insert((kind, "host"));
    }
}

pub(super) fn virtualization(gather: &mut Gather<'_>) {
    let mut found = Found::default();
    containers(gather, &mut found);
    let vendor = gather.text("/sys/devices/virtual/dmi/id/sys_vendor").unwrap_or_default();
    let product = gather.text("/sys/devices/virtual/dmi/id/product_name").unwrap_or_default();
    let bios = gather.text("/sys/devices/virtual/dmi/id/bios_vendor").unwrap_or_default();
    hypervisors(gather, &mut found);
    if let Some(kind) = machine(&vendor, &product, &bios) {
        found.guest(kind);
    }
    processor(&gather.text("/proc/cpuinfo").unwrap_or_default(), &mut found);
    hosts(gather, &mut found);
    let (kind, role) = found.first.unwrap_or(("NA", "NA"));
    gather.set("virtualization_type", kind);
    gather.set("virtualization_role", role);
    gather.set("virtualization_tech_guest", words(found.guest));
    gather.set("virtualization_tech_host", words(found.host));
}

fn words(set: BTreeSet<&'static str>) -> Value {
    Value::list(set.into_iter().map(Value::from))
}

fn containers(gather: &Gather<'_>, found: &mut Found) {
    let control = gather.text("/proc/1/cgroup").unwrap_or_default();
    let in_control = |word: &str| control.lines().any(|line| line.contains(word));
    let variables = gather.text("/proc/1/environ").unwrap_or_default();
    let variable = variables.split('\0').find_map(|pair| pair.strip_prefix("container="));
    let docker =
        gather.exists("/.dockerenv") || gather.exists("/.dockerinit") || in_control("/docker");
    if docker {
        found.guest("docker");
    }
    if in_control("/lxc/") || variable == Some("lxc") {
        found.guest("lxc");
    }
    if variable == Some("podman") || gather.exists("/run/.containerenv") || in_control("/libpod") {
        found.guest("podman");
    }
    if matches!(variable, Some("containerd")) || in_control("/kubepods") {
        found.guest("containerd");
    }
    if gather.exists("/proc/vz") && !gather.exists("/proc/lve") {
        if gather.exists("/proc/bc") { found.host("openvz") } else { found.guest("openvz") }
    }
    if gather.exists("/run/systemd/container") {
        let kind = gather.text("/run/systemd/container").unwrap_or_default();
        if matches!(kind.as_str(), "systemd-nspawn") {
            found.guest("systemd-nspawn");
        }
    }
    if !found.guest.is_empty() {
        found.guest.insert("container");
    }
}

fn hypervisors(gather: &Gather<'_>, found: &mut Found) {
    let kind = gather.text("/sys/hypervisor/type").unwrap_or_default();
    if gather.exists("/proc/xen") || kind == "xen" {
        let control = gather.text("/proc/xen/capabilities").unwrap_or_default();
        if control.contains("control_d") { found.host("xen") } else { found.guest("xen") }
    }
    let information = gather.text("/proc/sysinfo").unwrap_or_default();
    if information.contains("z/VM") {
        found.guest("PR/SM");
    }
}

/// Returns the virtual machine that the firmware's tables name.
fn machine(vendor: &str, product: &str, bios: &str) -> Option<&'static str> {
    match (vendor, product) {
        _ if product.starts_with("OpenStack") || product == "KVM" && vendor == "oVirt" => {
            Some(if product == "KVM" { "oVirt" } else { "openstack" })
        }
        ("oVirt", _) => Some("oVirt"),
        ("Red Hat", "RHEV Hypervisor") => Some("RHEV"),
        ("Red Hat", _) if product.starts_with("KubeVirt") => Some("kubevirt"),
        ("KubeVirt", _) => Some("KubeVirt"),
        ("Parallels Software International Inc." | "Parallels International GmbH.", _) => {
            Some("parallels")
        }
        ("QEMU" | "Amazon EC2" | "DigitalOcean" | "Hetzner" | "Linode" | "Alibaba Cloud", _) => {
            Some("kvm")
        }
        ("Google", "Google Compute Engine") | ("Nutanix", "AHV") => Some("kvm"),
        ("Microsoft Corporation", "Virtual Machine") => Some("VirtualPC"),
        ("OpenStack Foundation", _) => Some("openstack"),
        ("Tencent Cloud" | "Huawei Cloud" | "Scaleway" | "UpCloud" | "Vultr", _) => Some("kvm"),
        _ => match product {
            "Bochs"
            | "KVM"
            | "Standard PC (i440FX + PIIX, 1996)"
            | "Standard PC (Q35 + ICH9, 2009)" => Some("kvm"),
            "VirtualBox" => Some("virtualbox"),
            other if other.starts_with("VMware") => Some("VMware"),
            _ => match bios {
                "Xen" => Some("xen"),
                "innotek GmbH" => Some("virtualbox"),
                _ => None,
            },
        },
    }
}

fn processor(text: &str, found: &mut Found) {
    let model =
        |word: &str| text.lines().any(|line| line.starts_with("model name") && line.contains(word));
    if model("QEMU Virtual CPU") {
        found.guest("kvm");
    }
    if text.lines().any(|line| line.starts_with("vendor_id") && line.contains("User Mode Linux")) {
        found.guest("uml");
    }
    if text.lines().any(|line| line.starts_with("vendor_id") && line.contains("PowerVM Lx86")) {
        found.guest("powervm_lx86");
    }
}

fn hosts(gather: &Gather<'_>, found: &mut Found) {
    let modules = gather.text("/proc/modules").unwrap_or_default();
    let loaded =
        |name: &str| modules.lines().any(|line| line.split_whitespace().next() == Some(name));
    if gather.exists("/dev/kvm") || loaded("kvm") {
        found.host("kvm");
    }
    if loaded("vboxdrv") {
        found.host("virtualbox");
    }
    if loaded("virtio") {
        found.guest("kvm");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machines() {
        assert_eq!(machine("QEMU", "Standard PC (i440FX + PIIX, 1996)", "SeaBIOS"), Some("kvm"));
        assert_eq!(machine("VMware, Inc.", "VMware Virtual Platform", ""), Some("VMware"));
        assert_eq!(machine("Microsoft Corporation", "Virtual Machine", ""), Some("VirtualPC"));
        assert_eq!(machine("OpenStack Foundation", "OpenStack Nova", ""), Some("openstack"));
        assert_eq!(machine("Dell Inc.", "PowerEdge R640", "Dell Inc."), None);
    }
}
