//! What modules for Docker share: how the daemon is reached, and the client's program.

use std::path::PathBuf;

use crate::arguments;
use crate::module::{Failure, Job};
use crate::system::{Command, Output};

arguments! {
    /// How the daemon is reached.
    pub(super) struct Daemon {
        /// The address of the daemon; that of the client's context when not given.
        docker_host ["docker_url"]: Option<String>,
        /// Whether TLS is used without checking the daemon's certificate.
        tls: bool = false,
        /// Whether TLS is used and the daemon's certificate is checked.
        validate_certs ["tls_verify"]: bool = false,
        /// The name that the daemon's certificate has to have; the address counts.
        tls_hostname: Option<String>,
        /// Certificates of authorities, as PEM.
        ca_path ["ca_cert", "tls_ca_cert", "cacert_path"]: Option<PathBuf>,
        /// The client's certificate, as PEM.
        client_cert ["tls_client_cert", "cert_path"]: Option<PathBuf>,
        /// The client's key, as PEM.
        client_key ["tls_client_key", "key_path"]: Option<PathBuf>,
        /// The version of the protocol; client and daemon agree on one by themselves.
        api_version ["docker_api_version"]: String = "auto".into(),
    }
}

impl Daemon {
    /// Returns the words that begin every call of the client.
    pub(super) fn words(&self, program: &str) -> Vec<String> {
        let mut words = vec![program.to_owned()];
        if let Some(host) =
            self.docker_host.as_deref().filter(|host| *host != "unix:///var/run/docker.sock")
        {
            words.extend(["--host".to_owned(), host.to_owned()]);
        }
        if self.validate_certs {
            words.push("--tlsverify".into());
        } else if self.tls {
            words.push("--tls".into());
        }
        for (flag, path) in [
            ("--tlscacert", &self.ca_path),
            ("--tlscert", &self.client_cert),
            ("--tlskey", &self.client_key),
        ] {
            if let Some(path) = path {
                words.extend([flag.to_owned(), path.to_string_lossy().into_owned()]);
            }
        }
        words
    }

    /// Asks the client something that changes nothing.
    pub(super) fn ask(&self, job: &Job<'_>, words: &[&str]) -> Result<Output, Failure> {
        let mut all = self.words("docker");
        all.extend(words.iter().map(|word| (*word).to_owned()));
        Ok(job.look().query(&Command::new(all))?)
    }
}

/// Returns what a program answered, or why it failed.
pub(super) fn answer(output: Output, what: &str) -> Result<String, Failure> {
    if output.success() {
        return Ok(output.out());
    }
    let reason = output.err();
    let reason = reason.trim().lines().last().unwrap_or_default().to_owned();
    let hint = if reason.contains("Cannot connect to the Docker daemon")
        || reason.contains("permission denied")
    {
        "; is the daemon running, and may this user talk to it (`become: true`)?"
    } else {
        ""
    };
    Err(Failure::program(format!("{what}: {reason}{hint}"), &output))
}
