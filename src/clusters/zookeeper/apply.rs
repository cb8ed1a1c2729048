//! Does what is planned, step by step, and waits until all servers are in step with one leader.

use std::io;
use std::time::Duration;

use tokio::time::Instant;

use super::client::Client;
use super::error::code;
use super::list::Server;
use super::plan::{Next, PORTS, Step, fixed, plan};
use super::simulate::{self, describe};
use super::survey::{State, Survey, survey};
use super::{Changes, Error, Observer, Wish};
use crate::clusters::{Dial, within};

/// How long servers may take to start before they count as gone.
const PATIENCE: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(200);
/// How long a port may take to answer.
const KNOCK: Duration = Duration::from_secs(2);

/// A server for results.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Row {
    /// Where clients reach it.
    pub host: String,
    /// Its number, as far as it is known.
    pub id: Option<u64>,
    /// What it does; nothing when it does not serve.
    pub mode: Option<&'static str>,
    /// Its last change, as ZooKeeper writes it.
    pub zxid: Option<String>,
    /// Its version.
    pub version: Option<String>,
}

/// Asks all servers, for a prediction.
pub async fn look(wish: &Wish, dial: &dyn Dial) -> Result<Survey, Error> {
    survey(wish, dial, None).await
}

/// Returns what would be done.
pub fn predict(wish: &Wish, survey: &Survey) -> Result<Changes, Error> {
    simulate::predict(wish, survey)
}

/// Returns the servers as they are: those that are named, then the others of the list.
pub fn table(survey: &Survey) -> Vec<Row> {
    let row = |node: &super::survey::Node| {
        let report = node.report();
        Row {
            host: node.address.to_string(),
            id: node.id(),
            mode: report.map(|report| report.mode.name()),
            zxid: report.map(|report| format!("{:#x}", report.zxid)),
            version: report.map(|report| report.version.clone()),
        }
    };
    survey.nodes.iter().map(row).collect()
}

/// Makes the ensemble what it should be; returns also how it is then.
pub async fn ensure(
    wish: &Wish,
    dial: &dyn Dial,
    observer: &dyn Observer,
) -> Result<(Changes, Survey), Error> {
    let start = Instant::now();
    let mut changes = Changes::default();
    let mut before = None;
    let mut last: Option<Survey> = None;
    loop {
        let trouble = match survey(wish, dial, last.as_ref()).await {
            Ok(mut found) => {
                if last.is_none() {
                    found.floor = found.latest();
                }
                let trouble = match plan(wish, &found)? {
                    // The first answers may be of servers that only start; nothing is changed, nor is all well, until then.
                    _ if before.is_none() && is_starting(&found, start.elapsed(), wish) => {
                        "not all servers answer".to_owned()
                    }
                    plan => {
                        changes.warnings = plan.warnings;
                        match plan.next {
                            Next::Rest => {
                                changes.after = describe(&found);
                                changes.before = before.unwrap_or_else(|| changes.after.clone());
                                return Ok((changes, found));
                            }
                            Next::Wait(reason) => reason,
                            Next::Do(step) => {
                                before.get_or_insert_with(|| describe(&found));
                                match execute(wish, &step, &found, dial).await {
                                    Ok(()) => {
                                        observer.step(&step.text());
                                        changes.steps.push(step.text());
                                        last = Some(found);
                                        continue;
                                    }
                                    Err(error) if error.is_passing() => error.to_string(),
                                    Err(error) => return Err(error),
                                }
                            }
                        }
                    }
                };
                last = Some(found);
                trouble
            }
            Err(error) if error.is_passing() => error.to_string(),
            Err(error) => return Err(error),
        };
        if start.elapsed() >= wish.timeout {
            let reason = match &last {
                Some(found) => format!("{trouble}{}", deaf(wish, found, dial).await),
                None => trouble,
            };
            return Err(Error::Timeout { seconds: wish.timeout.as_secs(), reason });
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Returns whether some servers may only just be starting.
fn is_starting(found: &Survey, waited: Duration, wish: &Wish) -> bool {
    let down = |state: &State| matches!(state, State::Down(_));
    waited < PATIENCE.min(wish.timeout) && found.nodes.iter().any(|node| down(&node.state))
}

/// Has the leader change its list.
async fn execute(wish: &Wish, step: &Step, found: &Survey, dial: &dyn Dial) -> Result<(), Error> {
    let (Some((leader, _)), Some(list)) = (found.speaker(), found.list()) else { return Ok(()) };
    if let Step::Add(server) | Step::Change(server) = step {
        knock(server, dial).await?;
    }
    let mut client = Client::new(leader.address.clone(), wish.login.as_ref(), dial);
    let (joining, leaving) = match step {
        Step::Add(server) | Step::Change(server) => (Some(server.to_string()), None),
        Step::Remove(server) => (None, Some(server.id.to_string())),
    };
    let result = client.reconfigure(joining.as_deref(), leaving.as_deref(), list.version).await;
    client.close().await;
    match result {
        Err(error) if error.code() == Some(code::RECONFIGURATION_DISABLED) => {
            Err(Error::Impossible(fixed(step)))
        }
        result => result,
    }
}

/// Checks that a server listens for elections where the list will say so.
async fn knock(server: &Server, dial: &dyn Dial) -> Result<(), Error> {
    let Some((peer, election)) = server.peers.first() else { return Ok(()) };
    match within(KNOCK, dial.tcp(&peer.host, *election)).await {
        // A firewall may let only the other servers through.
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
            Err(Error::Impossible(format!(
                "cannot put {server} on the list: nothing answers at {}:{election}, where it should listen for elections. Say its `election_port`, `peer_port` and `peer_host` as its `zoo.cfg` has them",
                peer.host
            )))
        }
        Ok(_) | Err(_) => Ok(()),
    }
}

/// Says which servers nobody can reach at their ports for elections, as far as those are known.
async fn deaf(wish: &Wish, found: &Survey, dial: &dyn Dial) -> String {
    let mut text = String::new();
    for (member, node) in wish.servers.iter().zip(&found.nodes) {
        let port = member.election_port.unwrap_or(PORTS.1);
        if matches!(node.state, State::Waiting)
            && let Err(error) = within(KNOCK, dial.tcp(member.host(), port)).await
        {
            text.push_str(&format!(
                "; nothing answers at {}:{port}, where {} should listen for elections ({error})",
                member.host(),
                node.address
            ));
        }
    }
    text
}
