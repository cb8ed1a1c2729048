//! What the arguments of `dnf` are as options of the program.

use crate::arguments;

arguments! {
    /// Arguments that become options of `dnf`.
    pub(in crate::modules::packages) struct Options {
        /// Whether packages may be removed to resolve what the wanted ones need.
        allowerasing: bool = false,
        /// Whether the latest version is the only one that will do.
        best: Option<bool>,
        /// Whether `state: latest` takes only updates that mend faults.
        bugfix: bool = false,
        /// Whether only what is in the cache is used.
        cacheonly: bool = false,
        /// The configuration file.
        conf_file: Option<String>,
        /// Which excludes are passed over: `all`, `main`, or the name of a repository.
        disable_excludes: Option<String>,
        /// Whether signatures are not checked.
        disable_gpg_check: bool = false,
        /// Plugins to leave out.
        disable_plugin: Vec<String> = Vec::new(),
        /// Repositories to leave out.
        disablerepo: Vec<String> = Vec::new(),
        /// Plugins to use that are switched off.
        enable_plugin: Vec<String> = Vec::new(),
        /// Repositories to use that are switched off.
        enablerepo: Vec<String> = Vec::new(),
        /// Packages to leave out.
        exclude: Vec<String> = Vec::new(),
        /// Whether packages that the wanted ones recommend are installed.
        install_weak_deps: bool = true,
        /// The folder that is the root of the system to change.
        installroot: String = "/".into(),
        /// Whether older versions will do when the latest cannot be installed; the opposite of `best`.
        nobest: Option<bool>,
        /// The release of the distribution to take packages from.
        releasever: Option<String>,
        /// Whether `state: latest` takes only updates that close security holes.
        security: bool = false,
        /// Whether packages that cannot be installed are left out.
        skip_broken: bool = false,
        /// Whether certificates of repositories are checked.
        sslverify: bool = true,
        /// Whether certificates of addresses of packages are checked.
        validate_certs: bool = true,
    }
}

impl Options {
    /// Returns the options as a program takes them; `dnf5` spells some of them in another way.
    pub(in crate::modules::packages) fn words(&self, is_five: bool) -> Vec<String> {
        let either =
            |five: &str, four: &str| if is_five { five.to_owned() } else { four.to_owned() };
        let mut words = Vec::new();
        let mut value = |name: &str, value: Option<&str>| {
            words.extend(
                value.filter(|value| !value.is_empty()).map(|value| format!("{name}={value}")),
            );
        };
        let joined = |list: &[String]| list.join(",");
        value("--config", self.conf_file.as_deref());
        value("--installroot", Some(self.installroot.as_str()).filter(|root| *root != "/"));
        value("--releasever", self.releasever.as_deref());
        value("--disablerepo", Some(&joined(&self.disablerepo)));
        value("--enablerepo", Some(&joined(&self.enablerepo)));
        value("--exclude", Some(&joined(&self.exclude)));
        value(&either("--disable-plugin", "--disableplugin"), Some(&joined(&self.disable_plugin)));
        value(&either("--enable-plugin", "--enableplugin"), Some(&joined(&self.enable_plugin)));
        value("--setopt=disable_excludes", self.disable_excludes.as_deref());
        let flags = [
            (self.allowerasing, "--allowerasing".to_owned()),
            (self.cacheonly, "--cacheonly".to_owned()),
            (self.disable_gpg_check, either("--no-gpgchecks", "--nogpgcheck")),
            (self.is_best() == Some(true), "--best".to_owned()),
            (self.is_best() == Some(false), either("--no-best", "--nobest")),
            (!self.install_weak_deps, "--setopt=install_weak_deps=False".to_owned()),
            (self.skip_broken, "--skip-broken".to_owned()),
            (self.skip_broken && is_five, "--skip-unavailable".to_owned()),
            (!(self.sslverify && self.validate_certs), "--setopt=sslverify=False".to_owned()),
        ];
        words.extend(flags.into_iter().filter(|(given, _)| *given).map(|(_, word)| word));
        words
    }

    /// Returns the options that narrow which updates there are.
    pub(in crate::modules::packages) fn narrowing(&self, is_five: bool) -> Vec<String> {
        let bugfix = if is_five { "--bugfixes" } else { "--bugfix" };
        let flags = [(self.bugfix, bugfix), (self.security, "--security")];
        flags.iter().filter(|(given, _)| *given).map(|(_, word)| (*word).to_owned()).collect()
    }

    fn is_best(&self) -> Option<bool> {
        self.best.or(self.nobest.map(|nobest| !nobest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Map, Value};
    use crate::module::Arguments;

    #[track_caller]
    fn case(args: &[(&str, Value)], is_five: bool, expected: &[&str]) {
        let args: Map = args.iter().cloned().collect();
        assert_eq!(Options::parse(&args).unwrap().words(is_five), expected);
    }

    #[test]
    fn options() {
        case(&[], false, &[]);
        case(
            &[("enablerepo", "a,b".into()), ("nobest", true.into())],
            false,
            &["--enablerepo=a,b", "--nobest"],
        );
        case(
            &[("disable_gpg_check", true.into()), ("skip_broken", true.into())],
            true,
            &["--no-gpgchecks", "--skip-broken", "--skip-unavailable"],
        );
        case(&[("installroot", "/mnt".into())], false, &["--installroot=/mnt"]);
    }
}
