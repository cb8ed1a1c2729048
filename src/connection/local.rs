//! `connection: local`: the same helper as a child process, so that there is one way a task runs.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

use super::{Escalation, Helper, Unreachable};

/// How long a child may take to say that it is there.
const PATIENCE: Duration = Duration::from_secs(20);

/// Starts a helper as a child, as another user when asked for.
pub(super) async fn start(
    helper: &Path,
    escalation: Option<&Escalation>,
) -> Result<Helper, Unreachable> {
    let mut words: Vec<String> = Vec::new();
    if let Some(escalation) = escalation {
        words.extend(["sudo", "-n", "-H", "-u", &escalation.user, "--"].map(String::from));
    }
    words.push(helper.to_string_lossy().into_owned());
    let mut child = Command::new(&words[0])
        .args(&words[1..])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .process_group(0)
        .spawn()
        .map_err(|error| Unreachable::new(format!("cannot start `{}`: {error}", words[0])))?;
    let reader = child.stdout.take().expect("standard output was asked for");
    let writer = child.stdin.take().expect("standard input was asked for");
    // The child ends by itself when its input does; somebody has to take its status.
    tokio::spawn(async move { child.wait().await });
    Helper::start(reader, writer, PATIENCE).await
}
