//! Where a task runs: the connection variables of its host, the user it becomes.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::scope::{self, Reader};
use super::task::TaskRun;
use crate::base::{Secret, Value};
use crate::connection::ssh::shell_words;
use crate::connection::{Escalation, SshWay, Target, Way};
use crate::playbook::Keyword;
use crate::vars::TaskScope;

/// Returns where a task runs.
pub(super) fn of(
    task: &TaskRun<'_>,
    own: &TaskScope,
    delegate: Option<&Arc<str>>,
) -> Result<Target, String> {
    let host = delegate.unwrap_or(&task.host);
    // Connection variables are those of the host that does the work; loop variables stay visible.
    let scope = match delegate {
        None => own.clone(),
        Some(host) => super::delegate::other(task, own, host),
    };
    let reader = task.reader(&scope);
    let words = Words { reader: &reader, scope: &scope, task, delegated: delegate.is_some() };
    Ok(Target { host: Arc::clone(host), way: words.way(host)?, escalation: words.escalation()? })
}

struct Words<'a> {
    reader: &'a Reader<'a>,
    scope: &'a TaskScope,
    task: &'a TaskRun<'a>,
    delegated: bool,
}

impl Words<'_> {
    /// Returns the last of these variables that is set, as Ansible does.
    fn variable(&self, names: &[&str]) -> Result<Option<Value>, String> {
        for name in names.iter().rev() {
            if let Some(value) = self.scope.given(name) {
                let value = self.task.run.templates.resolve(&value, &self.reader.scope);
                let value = value.map_err(|error| format!("`{name}`: {error}"))?;
                if !value.is_null() && !crate::template::is_omit(&value) {
                    return Ok(Some(value));
                }
            }
        }
        Ok(None)
    }

    fn text(&self, names: &[&str]) -> Result<Option<String>, String> {
        Ok(self.variable(names)?.map(|value| value.to_string()))
    }

    fn truth(&self, names: &[&str]) -> Result<Option<bool>, String> {
        self.variable(names)?.map(|value| scope::truth(&value, names[0])).transpose()
    }

    fn way(&self, host: &Arc<str>) -> Result<Way, String> {
        let options = &self.task.run.options;
        let implicit = scope::is_implicit(self.task.run, host);
        let keyword = if self.delegated { None } else { self.reader.text(Keyword::Connection)? };
        let kind = match self.text(&["ansible_connection"])? {
            Some(kind) => kind,
            None if implicit => "local".into(),
            None => keyword.or_else(|| options.connection.clone()).unwrap_or_else(|| "ssh".into()),
        };
        match kind.rsplit('.').next().unwrap_or_default() {
            "local" => Ok(Way::Local(self.task.play.folder().to_owned())),
            "ssh" | "smart" | "paramiko" | "paramiko_ssh" => {
                Ok(Way::Ssh(Box::new(self.ssh(host)?)))
            }
            _ => {
                Err(format!("the connection `{kind}` is not known; fcplay knows `ssh` and `local`"))
            }
        }
    }

    fn ssh(&self, host: &Arc<str>) -> Result<SshWay, String> {
        let options = &self.task.run.options;
        let user = self.text(&["ansible_user", "ansible_ssh_user"])?;
        let user = match user {
            Some(user) => Some(user),
            None => self.reader.text(Keyword::RemoteUser)?.or_else(|| options.remote_user.clone()),
        };
        let key = self.text(&["ansible_private_key_file", "ansible_ssh_private_key_file"])?;
        let timeout = self.count(&["ansible_timeout", "ansible_ssh_timeout"])?;
        let check = self.truth(&["ansible_host_key_checking", "ansible_ssh_host_key_checking"])?;
        let retries = self.count(&["ansible_ssh_retries"])?;
        let (words, more_words) = self.ssh_words()?;
        Ok(SshWay {
            address: self.address(host)?,
            port: self.port()?,
            user,
            password: self.secret(
                &["ansible_password", "ansible_ssh_pass", "ansible_ssh_password"],
                &options.password,
            )?,
            private_key: key.map(PathBuf::from).or_else(|| options.private_key.clone()),
            private_key_text: self.secret(
                &["ansible_private_key", "ansible_ssh_private_key"],
                &options.private_key_text,
            )?,
            passphrase: self.secret(
                &["ansible_private_key_passphrase", "ansible_ssh_private_key_passphrase"],
                &options.passphrase,
            )?,
            words,
            more_words,
            check_host_key: check.unwrap_or(options.host_key_checking),
            timeout: Duration::from_secs(timeout.unwrap_or(options.timeout)),
            retries: retries.and_then(|count| u32::try_from(count).ok()).unwrap_or(options.retries),
            remote_tmp: self.text(&["ansible_remote_tmp"])?.or_else(|| options.remote_tmp.clone()),
        })
    }

    fn address(&self, host: &Arc<str>) -> Result<String, String> {
        // Both are the host's own name where nobody gives them another value.
        for name in ["ansible_ssh_host", "ansible_host"] {
            if let Some(address) = self.text(&[name])?.filter(|address| *address != **host) {
                return Ok(address);
            }
        }
        Ok(host.to_string())
    }

    fn port(&self) -> Result<Option<u16>, String> {
        let port = self.text(&["ansible_port", "ansible_ssh_port"])?;
        let port = port.map(|port| {
            port.trim().parse().map_err(|_| format!("`ansible_port` is no port: {port}"))
        });
        Ok(match port.transpose()? {
            Some(port) => Some(port),
            None => match self.reader.number(Keyword::Port)? {
                Some(port) => Some(port as u16),
                None => self.task.run.options.port,
            },
        })
    }

    fn secret(&self, names: &[&str], option: &Option<Secret>) -> Result<Option<Secret>, String> {
        Ok(self.text(names)?.map(Secret::new).or_else(|| option.clone()))
    }

    fn count(&self, names: &[&str]) -> Result<Option<u64>, String> {
        let Some(text) = self.text(names)? else { return Ok(None) };
        let count = text.trim().parse();
        count.map(Some).map_err(|_| format!("`{}` must be a whole number, not `{text}`", names[0]))
    }

    /// Returns the options of `ssh` that weigh more than the inventory, and those that weigh less.
    fn ssh_words(&self) -> Result<(Vec<String>, Vec<String>), String> {
        let options = &self.task.run.options;
        let words = |name: &str, option: &String| {
            let text = self.text(&[name])?;
            let text = text.as_ref().unwrap_or(option);
            shell_words(text).map_err(|why| format!("`{name}`: {why}"))
        };
        let first = words("ansible_ssh_args", &options.ssh_args)?;
        let mut more = words("ansible_ssh_common_args", &options.ssh_common_args)?;
        more.extend(words("ansible_ssh_extra_args", &options.ssh_extra_args)?);
        Ok((first, more))
    }

    /// Returns the folder that `sudo` is started in.
    fn sudo_chdir(&self) -> Result<Option<String>, String> {
        let folder = self.text(&["ansible_sudo_chdir"])?;
        Ok(folder
            .or_else(|| self.task.run.options.sudo_chdir.clone())
            .filter(|text| !text.is_empty()))
    }

    fn escalation(&self) -> Result<Option<Escalation>, String> {
        let options = &self.task.run.options;
        let wanted = match self.truth(&["ansible_become"])? {
            Some(wanted) => wanted,
            None => self.reader.flag(Keyword::Become)?.unwrap_or(options.escalate),
        };
        if !wanted {
            return Ok(None);
        }
        let pick =
            |names: &[&str], keyword, option: &Option<String>| -> Result<Option<String>, String> {
                match self.text(names)? {
                    Some(text) => Ok(Some(text)),
                    None => Ok(self.reader.text(keyword)?.or_else(|| option.clone())),
                }
            };
        let method =
            pick(&["ansible_become_method"], Keyword::BecomeMethod, &options.become_method)?;
        let method = method.unwrap_or_else(|| "sudo".into());
        let method = method.rsplit('.').next().unwrap_or_default().to_owned();
        let own = |word: &str| format!("ansible_{method}_{word}");
        let password = self.secret(
            &[&own("password"), "ansible_become_password", "ansible_become_pass", &own("pass")],
            &options.become_password,
        )?;
        Ok(Some(Escalation {
            user: pick(
                &["ansible_become_user", &own("user")],
                Keyword::BecomeUser,
                &options.become_user,
            )?
            .filter(|user| !user.is_empty())
            .unwrap_or_else(|| "root".into()),
            password,
            exe: pick(
                &["ansible_become_exe", &own("exe")],
                Keyword::BecomeExe,
                &options.become_exe,
            )?,
            flags: pick(
                &["ansible_become_flags", &own("flags")],
                Keyword::BecomeFlags,
                &options.become_flags,
            )?,
            chdir: if method == "sudo" { self.sudo_chdir()? } else { None },
            method,
        }))
    }
}
