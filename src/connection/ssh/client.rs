//! Makes connections: one [`Client`] serves a whole run.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use russh::SshId;
use russh::client::{Config, Handle, connect_stream};

use super::algorithms::{Expectation, preferred};
use super::auth::{KeyRing, Login, log_in};
use super::config::{BadConfig, Options, Source};
use super::dial::{self, Stream};
use super::error::{ConnectError, Stage};
use super::machine::Machine;
use super::plan::{Plan, Route};
use super::session::{Broken, Carrier, Keepalive, Room, Session, State, Watch};
use super::target::{Secrets, Target};
use super::throttle::{DROPS, Gate, Throttle, pause};

/// Jump hosts behind jump hosts, at most: more is a circle.
const JUMPS: usize = 8;
/// What a channel may be sent before we have read it.
const WINDOW: u32 = 2 << 20;

/// Connects to hosts, a limited number at once; shares jump hosts and unlocked keys between them.
#[derive(Clone)]
pub struct Client(Arc<Shared>);

struct Shared {
    machine: Arc<Machine>,
    ring: KeyRing,
    throttle: Throttle,
    sources: Mutex<HashMap<Option<PathBuf>, Result<Source, BadConfig>>>,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Client")
    }
}

type Connecting<'c> = Pin<Box<dyn Future<Output = Result<Session, ConnectError>> + Send + 'c>>;

impl Client {
    /// Returns a client for a machine and its user.
    pub fn new(machine: Machine) -> Self {
        let sources = Mutex::default();
        Self(Arc::new(Shared {
            machine: Arc::new(machine),
            ring: KeyRing::default(),
            throttle: Throttle::new(),
            sources,
        }))
    }

    /// Connects to a host and logs in.
    ///
    /// Waits for its turn; comes back when sshd drops us because too many log in at once, and tries again as often as
    /// the target says when the network fails. Wrong keys, wrong passwords and wrong host keys are final.
    pub async fn connect(
        &self,
        target: &Target,
        secrets: &Secrets,
    ) -> Result<Session, ConnectError> {
        let way = self.0.way(target).await?;
        self.0.connect(&way, secrets).await
    }
}

/// A host on the way: the last is reached from here.
struct Hop {
    target: Target,
    plan: Plan,
}

impl Shared {
    /// Plans the whole way before anything is opened: a circle of jump hosts would wait for itself.
    async fn way(self: &Arc<Self>, target: &Target) -> Result<Vec<Hop>, ConnectError> {
        let mut way: Vec<Hop> = Vec::new();
        let mut next = Some(target.clone());
        while let Some(target) = next {
            if way.len() > JUMPS || way.iter().any(|hop| hop.target == target) {
                let place = format!("the ProxyJump of `{}`", target.host);
                return Err(
                    BadConfig { place, why: "the jump hosts go in a circle".to_owned() }.into()
                );
            }
            let plan = self.plan(&target).await?;
            next = plan.jump(&target)?;
            way.push(Hop { target, plan });
        }
        Ok(way)
    }

    /// Reads files, and may run `Match exec`: that must not hold up other hosts.
    async fn plan(self: &Arc<Self>, target: &Target) -> Result<Plan, BadConfig> {
        let (shared, target) = (Arc::clone(self), target.clone());
        let planning = tokio::task::spawn_blocking(move || {
            Plan::make(&target, &shared.machine, |named| shared.source(named))
        });
        planning.await.expect("making a plan does not panic")
    }

    /// Connects to the first host of a way.
    fn connect<'c>(&'c self, way: &'c [Hop], secrets: &'c Secrets) -> Connecting<'c> {
        Box::pin(async move {
            let (hop, rest) = way.split_first().expect("a way has its target at least");
            let (mut drops, mut retries) = (0, 0);
            let mut busy: Option<Arc<Gate>> = None;
            loop {
                let turn = match &busy {
                    Some(gate) => Some(gate.turn().await),
                    None => None,
                };
                let error = match self.attempt(&hop.plan, rest, secrets).await {
                    Ok(session) => return Ok(session),
                    Err(error) => error,
                };
                drop(turn);
                if error.is_dropped() && drops < DROPS {
                    // Whoever comes back to a busy sshd comes back with few others.
                    busy = Some(self.throttle.gate(&hop.plan.tokens.place()));
                    drops += 1;
                } else if error.may_pass() && retries < hop.target.retries {
                    retries += 1;
                } else {
                    return Err(error);
                }
                tokio::time::sleep(pause(drops + retries)).await;
            }
        })
    }

    /// Tries once.
    async fn attempt(
        &self,
        plan: &Plan,
        rest: &[Hop],
        secrets: &Secrets,
    ) -> Result<Session, ConnectError> {
        let Some(Hop { target: jump, .. }) = rest.first() else {
            let _turn = self.throttle.turn().await;
            return self.open(plan, secrets, None).await;
        };
        let gate = self.throttle.gate(&format!("{jump:?}"));
        // The password is the target's: the jump host has its own ways to let us in.
        let own = Secrets { password: None, private_key: None, ..secrets.clone() };
        let session = gate.pass(self.connect(rest, &own)).await.map_err(|cause| {
            ConnectError::Jump { jump: jump.host.clone(), cause: Box::new(cause) }
        })?;
        let _behind = gate.turn().await;
        let _turn = self.throttle.turn().await;
        self.open(plan, secrets, Some(session)).await
    }

    /// Returns the configuration files, reading them when they are first needed.
    fn source(&self, named: Option<&Path>) -> Result<Source, BadConfig> {
        let mut sources = self.sources.lock().unwrap_or_else(PoisonError::into_inner);
        let source = sources.entry(named.map(Path::to_path_buf));
        source.or_insert_with(|| Source::read(&self.machine, named)).clone()
    }

    /// Opens the stream, shakes hands, logs in.
    async fn open(
        &self,
        plan: &Plan,
        secrets: &Secrets,
        jump: Option<Arc<Session>>,
    ) -> Result<Session, ConnectError> {
        let state = Arc::new(State::new(plan.check.shown.clone()));
        let mut carrier = Carrier { jump, command: None };
        let handle = match (&plan.route, &carrier.jump) {
            (_, Some(jump)) => {
                let stream = dial::through(jump, plan).await?;
                handshake(stream, plan, &state).await?
            }
            (Route::Command(text), None) => {
                let (stream, mut child, complaint) = dial::command(text, plan)?;
                match handshake(stream, plan, &state).await {
                    Ok(handle) => {
                        carrier.command = Some(child);
                        handle
                    }
                    Err(ConnectError::Closed { host, .. }) => {
                        let why = dial::said(complaint, &mut child).await;
                        return Err(ConnectError::Proxy { host, command: text.clone(), why });
                    }
                    Err(error) => return Err(error),
                }
            }
            (Route::Direct | Route::Jump(_), None) => {
                let stream = dial::tcp(plan).await?;
                handshake(Box::new(stream), plan, &state).await?
            }
        };
        self.admit(plan, secrets, handle, state, carrier).await
    }

    /// Logs in on a fresh connection.
    async fn admit(
        &self,
        plan: &Plan,
        secrets: &Secrets,
        mut handle: Handle<Watch>,
        state: Arc<State>,
        carrier: Carrier,
    ) -> Result<Session, ConnectError> {
        let binding = handle.agent_session_binding().cloned();
        let login = Login {
            user: &plan.tokens.user,
            options: &plan.options,
            tokens: &plan.tokens,
            secrets,
            ring: &self.ring,
            agent: plan.agent.clone(),
            binding: binding.as_ref(),
            trust: state.trust(),
            state: &state,
        };
        log_in(&mut handle, &login).await?;
        Ok(Session {
            handle,
            carrier: Arc::new(carrier),
            forwards_agent: plan.forwarded.is_some(),
            keepalive: keepalive(&plan.options),
            room: Room::default(),
            environment: plan.options.environment.clone(),
            warnings: plan.options.warnings.clone(),
            state,
        })
    }
}

/// Exchanges greetings and keys; a host that says nothing is cut.
async fn handshake(
    stream: Box<dyn Stream>,
    plan: &Plan,
    state: &Arc<State>,
) -> Result<Handle<Watch>, ConnectError> {
    let check = plan.check.clone();
    let loading = tokio::task::spawn_blocking(move || check.load());
    let check = loading.await.expect("reading known hosts does not panic");
    let config = Arc::new(config(plan, &check.expectation())?);
    let watch = Watch { check, state: Arc::clone(state), agent: plan.forwarded.clone() };
    let shaking = connect_stream(config, stream, watch);
    let host = state.host.clone();
    match tokio::time::timeout(plan.patience, shaking).await {
        Ok(Ok(handle)) => Ok(handle),
        Ok(Err(Broken::HostKey(error))) => Err(ConnectError::HostKey(error)),
        Ok(Err(Broken::Russh(error))) => Err(broken(host, error)),
        Err(_) => {
            Err(ConnectError::Timeout { host, stage: Stage::Handshake, after: plan.patience })
        }
    }
}

fn broken(host: String, error: russh::Error) -> ConnectError {
    match error {
        russh::Error::Disconnect | russh::Error::HUP => {
            ConnectError::Closed { host, stage: Stage::Handshake, why: None }
        }
        russh::Error::IO(error) => {
            let hung_up = error.kind() == std::io::ErrorKind::UnexpectedEof;
            let why = (!hung_up).then(|| error.to_string());
            ConnectError::Closed { host, stage: Stage::Handshake, why }
        }
        russh::Error::NoCommonAlgo { kind, ours, theirs } => {
            let (option, kind) = match kind {
                russh::AlgorithmKind::Cipher => ("Ciphers", "cipher"),
                russh::AlgorithmKind::Compression => ("Compression", "compression"),
                russh::AlgorithmKind::Kex => ("KexAlgorithms", "key exchange"),
                russh::AlgorithmKind::Key => ("HostKeyAlgorithms", "host key algorithm"),
                russh::AlgorithmKind::Mac => ("MACs", "message code"),
            };
            let why = format!(
                "no {kind} in common; we offer {}, the host {}\nhint: an old host may need `{option} +…` in ~/.ssh/config",
                ours.join(", "),
                theirs.join(", ")
            );
            ConnectError::Protocol { host, why }
        }
        russh::Error::Version => ConnectError::Protocol {
            host,
            why: "its greeting is not that of an SSH server".to_owned(),
        },
        other => ConnectError::Protocol { host, why: other.to_string() },
    }
}

/// Returns how often to ask a silent host whether it is there; an interval of zero means never.
fn keepalive(options: &Options) -> Option<Keepalive> {
    let usual = Keepalive::default();
    let interval = options.server_alive_interval.unwrap_or(usual.interval);
    let count = options.server_alive_count.unwrap_or(usual.count);
    (!interval.is_zero()).then_some(Keepalive { interval, count })
}

fn config(plan: &Plan, expected: &Expectation) -> Result<Config, BadConfig> {
    let options = &plan.options;
    let preferred = preferred(options, expected).map_err(|why| BadConfig {
        place: format!("the ssh options of `{}`", plan.tokens.original),
        why,
    })?;
    let keepalive = keepalive(options);
    Ok(Config {
        client_id: SshId::Standard(concat!("SSH-2.0-fcplay_", env!("CARGO_PKG_VERSION")).into()),
        window_size: WINDOW,
        keepalive_interval: keepalive.map(|keepalive| keepalive.interval),
        keepalive_max: keepalive.map_or(0, |keepalive| keepalive.count),
        nodelay: true,
        preferred,
        ..Config::default()
    })
}
