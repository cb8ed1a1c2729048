//! Kernel, names of the machine, boot, load, and who manages services and packages.

use std::env::consts;
use std::path::Path;

use super::{Gather, names};
use crate::base::{Map, Value};
use crate::modules::packages;

pub(super) fn platform(gather: &mut Gather<'_>) {
    let nodename = gather.look.host_name();
    let short = nodename.split('.').next().unwrap_or_default().to_owned();
    let fqdn = names::full_name(gather, &nodename);
    let domain = fqdn.split_once('.').map(|(_, domain)| domain.to_owned()).unwrap_or_default();
    let machine = machine();
    gather.set("system", "Linux");
    gather.set("kernel", gather.text("/proc/sys/kernel/osrelease").unwrap_or_default());
    gather.set("kernel_version", gather.text("/proc/sys/kernel/version").unwrap_or_default());
    gather.set("machine", machine);
    gather.set("architecture", if machine == "i686" { "i386" } else { machine });
    gather.set("userspace_architecture", machine);
    gather.set("userspace_bits", if cfg!(target_pointer_width = "64") { "64" } else { "32" });
    gather.set("nodename", nodename);
    gather.set("hostname", short);
    gather.set("fqdn", fqdn);
    gather.set("domain", domain);
    let id =
        ["/etc/machine-id", "/var/lib/dbus/machine-id"].iter().find_map(|path| gather.text(path));
    if let Some(id) = id.filter(|id| !id.is_empty()) {
        gather.set("machine_id", id);
    }
}

/// Returns the machine as `uname -m` calls it.
fn machine() -> &'static str {
    match consts::ARCH {
        "x86" => "i686",
        "arm" => "armv7l",
        "powerpc64" if cfg!(target_endian = "little") => "ppc64le",
        "powerpc64" => "ppc64",
        "loongarch64" => "loongarch64",
        other => other,
    }
}

pub(super) fn chroot(gather: &mut Gather<'_>) {
    let place = |path: &str| {
        let meta = gather.look.stat_followed(Path::new(path)).ok()??;
        Some((meta.device, meta.inode))
    };
    let ours = place("/");
    let chroot = match place("/proc/1/root/.") {
        Some(theirs) => Some(theirs) != ours,
        // Not root: the root folder of a real system has a small number, as file systems begin to count.
        None => ours.is_some_and(|(_, inode)| !matches!(inode, 2 | 96 | 128 | 256)),
    };
    let debian = gather.look.env("debian_chroot").is_some();
    gather.set("is_chroot", chroot || debian);
}

pub(super) fn command_line(gather: &mut Gather<'_>) {
    let Some(line) = gather.text("/proc/cmdline") else { return };
    let words = crate::base::shlex::split(&line).unwrap_or_default();
    let (last, all) = command_line_of(&words);
    gather.set("cmdline", last);
    gather.set("proc_cmdline", all);
}

/// Returns the boot arguments with the last value of each, and with all values of those that stand there twice.
fn command_line_of(words: &[String]) -> (Map, Map) {
    let (mut last, mut all) = (Map::new(), Map::new());
    for word in words {
        let (key, value) = match word.split_once('=') {
            Some((key, value)) => (key, Value::from(value)),
            None => (word.as_str(), Value::Bool(true)),
        };
        let together = match all.get(key) {
            Some(Value::List(list)) => Value::list(list.iter().cloned().chain([value.clone()])),
            Some(first) => Value::list([first.clone(), value.clone()]),
            None => value.clone(),
        };
        all.insert(key, together);
        last.insert(key, value);
    }
    (last, all)
}

pub(super) fn load(gather: &mut Gather<'_>) {
    let Some(text) = gather.text("/proc/loadavg") else { return };
    let numbers: Vec<f64> =
        text.split_whitespace().take(3).filter_map(|word| word.parse().ok()).collect();
    if let [one, five, fifteen] = numbers[..] {
        let times = [("1m", one.into()), ("5m", five.into()), ("15m", fifteen.into())];
        gather.set("loadavg", Value::map(times));
    }
}

pub(super) fn package_manager(gather: &mut Gather<'_>) {
    let word = packages::manager_word(gather.look).ok().flatten();
    gather.set("pkg_mgr", word.unwrap_or("unknown"));
}

pub(super) fn service_manager(gather: &mut Gather<'_>) {
    let word = service_word(gather);
    gather.set("service_mgr", word);
}

/// Returns the word for what started the system: the first process tells, unless it is called `init` or is a shell.
fn service_word(gather: &Gather<'_>) -> String {
    let first = gather.text("/proc/1/comm").unwrap_or_default();
    match first.as_str() {
        "" | "init" => {}
        shell if shell.ends_with("sh") => {}
        "openrc-init" => return "openrc".into(),
        "procd" => return "openwrt_init".into(),
        "runit" | "runit-init" => return "runit".into(),
        "s6-svscan" => return "s6".into(),
        "svscan" => return "svc".into(),
        other => return other.into(),
    }
    let has = |program: &str| gather.look.which(program).is_some();
    let init = gather.look.real_path(Path::new("/sbin/init")).unwrap_or_default();
    let word = if gather.exists("/run/systemd/system") {
        "systemd"
    } else if has("initctl") && gather.exists("/etc/init") {
        "upstart"
    } else if gather.exists("/sbin/openrc") {
        "openrc"
    } else if has("systemctl") && init.ends_with("systemd") {
        "systemd"
    } else if gather.exists("/etc/init.d") {
        "sysvinit"
    } else {
        "service"
    };
    word.into()
}

/// Tells of the host's Python where there is one: nothing needs it, but roles ask which it is.
pub(super) fn python(gather: &mut Gather<'_>) {
    const PLACES: [&str; 3] =
        ["/usr/bin/python3", "/usr/libexec/platform-python", "/usr/local/bin/python3"];
    let Some(program) = PLACES.into_iter().find(|place| gather.exists(place)) else { return };
    let Some(text) = gather.output(&[program, "-V"]) else { return };
    let Some(version) = text.trim().strip_prefix("Python ").map(str::to_owned) else { return };
    let parts = version.split('.').map(|part| part.trim_end_matches('+').parse::<i64>());
    let Ok([major, minor, micro]) = <[i64; 3]>::try_from(parts.flatten().collect::<Vec<_>>())
    else {
        return;
    };
    let parts = [("major", major), ("micro", micro), ("minor", minor), ("serial", 0)];
    let parts = parts.into_iter().map(|(name, number)| (name, Value::Int(number)));
    let parts = parts.chain([("releaselevel", "final".into())]);
    let info = [major.into(), minor.into(), micro.into(), "final".into(), 0.into()];
    let fact = [
        ("executable", program.into()),
        ("has_sslcontext", true.into()),
        ("type", "cpython".into()),
        ("version", Value::map(parts)),
        ("version_info", Value::list(info)),
    ];
    gather.set("python", Value::map(fact));
    gather.set("python_version", version);
}

pub(super) fn systemd(gather: &mut Gather<'_>) {
    if !gather.exists("/run/systemd/system") {
        return;
    }
    let Some(text) = gather.output(&["systemctl", "--version"]) else { return };
    let mut lines = text.lines();
    let version = lines.next().and_then(|line| line.split_whitespace().nth(1)?.parse::<i64>().ok());
    let features = lines.collect::<Vec<_>>().join(" ");
    if let Some(version) = version {
        let fact = [("features", Value::from(features)), ("version", version.into())];
        gather.set("systemd", Value::map(fact));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boot_arguments() {
        let words = ["quiet", "console=tty0", "console=ttyS0", "root=UUID=x"].map(String::from);
        let (last, all) = command_line_of(&words);
        assert_eq!(
            Value::from(last).repr(),
            "{'quiet': True, 'console': 'ttyS0', 'root': 'UUID=x'}"
        );
        assert_eq!(
            Value::from(all).repr(),
            "{'quiet': True, 'console': ['tty0', 'ttyS0'], 'root': 'UUID=x'}"
        );
    }
}
