//! Storage networks and logical volumes.

use super::Gather;
use crate::base::{Map, Value};

pub(super) fn fibre_channel(gather: &mut Gather<'_>) {
    let folder = "/sys/class/fc_host";
    let names = gather.list(folder).into_iter();
    let ports = names.filter_map(|host| gather.text(format!("{folder}/{host}/port_name")));
    let ports: Vec<String> = ports.map(|port| port.trim_start_matches("0x").to_owned()).collect();
    gather.set("fibre_channel_wwn", ports);
}

pub(super) fn iscsi(gather: &mut Gather<'_>) {
    let text = gather.text("/etc/iscsi/initiatorname.iscsi").unwrap_or_default();
    let name = text.lines().find_map(|line| line.trim().strip_prefix("InitiatorName="));
    gather.set("iscsi_iqn", name.unwrap_or_default());
}

pub(super) fn nvme(gather: &mut Gather<'_>) {
    let text = gather.text("/etc/nvme/hostnqn").unwrap_or_default();
    let name = text.lines().map(str::trim).find(|line| line.starts_with("nqn."));
    gather.set("hostnqn", name.unwrap_or_default());
}

/// Asks LVM only where there is some: three programs cost more than all other facts together.
pub(super) fn lvm(gather: &mut Gather<'_>) {
    if gather.look.uid() != 0 || gather.look.which("vgs").is_none() {
        gather.set("lvm", "N/A");
        return;
    }
    let used = !gather.list("/etc/lvm/backup").is_empty()
        || gather.list("/sys/block").iter().any(|name| {
            let id = gather.text(format!("/sys/block/{name}/dm/uuid"));
            id.is_some_and(|id| id.starts_with("LVM-"))
        });
    let report = |program: &str, columns: &str| -> Vec<Vec<String>> {
        let options = ["--noheadings", "--nosuffix", "--units", "g", "--separator", ","];
        let argv = [&[program][..], &options, &["-o", columns]].concat();
        let text = if used { gather.output(&argv) } else { None };
        rows(&text.unwrap_or_default())
    };
    let groups = report("vgs", "vg_name,pv_count,lv_count,vg_size,vg_free");
    let volumes = report("lvs", "lv_name,vg_name,lv_size");
    let disks = report("pvs", "pv_name,vg_name,pv_size,pv_free");
    let fact = [
        ("lvs", table(&volumes, &["vg", "size_g"])),
        ("pvs", table(&disks, &["vg", "size_g", "free_g"])),
        ("vgs", table(&groups, &["num_pvs", "num_lvs", "size_g", "free_g"])),
    ];
    gather.set("lvm", Value::map(fact));
}

fn rows(text: &str) -> Vec<Vec<String>> {
    text.lines().map(|line| line.split(',').map(|cell| cell.trim().to_owned()).collect()).collect()
}

/// Returns the rows by their first cell, the others under these names.
fn table(rows: &[Vec<String>], names: &[&str]) -> Value {
    let mut table = Map::new();
    for row in rows {
        if let Some((first, rest)) = row.split_first() {
            let cells = names.iter().copied().zip(rest.iter().map(Value::from));
            table.insert(first.as_str(), Value::map(cells));
        }
    }
    table.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports() {
        let text = "  data,1,2,99.00,10.00\n";
        let names = ["num_pvs", "num_lvs", "size_g", "free_g"];
        assert_eq!(
            table(&rows(text), &names).repr(),
            "{'data': {'num_pvs': '1', 'num_lvs': '2', 'size_g': '99.00', 'free_g': '10.00'}}"
        );
    }
}
