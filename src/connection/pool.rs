//! The helpers of a run: one a host and user, started when first needed, kept to the end; all users of a host share one
//! SSH session.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::process::Command;
use tokio::sync::OnceCell;
use tokio::task::JoinSet;

use super::deploy::Deploy;
use super::programs::Programs;
use super::shell::{self, Shell};
use super::ssh::{
    self, Client, HostKeyChecking, Keepalive, Machine, Passphrases, Secrets, Session,
};
use super::{Helper, SshWay, Target, Unreachable, Way};

/// How long a prompt and the script may take at least, whatever the limit for connecting: login shells of a busy host are
/// slow, and a host that is gone is noticed by the connection itself.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long connecting may take when nobody says otherwise: Ansible's `timeout`.
const USUAL: Duration = Duration::from_secs(10);

/// How long a helper on this machine may take to say that it is there.
const LOCAL_PATIENCE: Duration = Duration::from_secs(20);

/// How often it is looked whether a connection that was left is still used.
const LOOK: Duration = Duration::from_millis(200);

/// How long all good-byes may take together.
const GOODBYE: Duration = Duration::from_secs(3);

/// Something that is made once for everybody who waits for it, or the reason why it cannot be.
type Slot<T> = Arc<OnceCell<Result<Arc<T>, Unreachable>>>;

/// Takes a warning: the host, and what it is about.
pub type Warn = Arc<dyn Fn(&str, &str) + Send + Sync>;

/// Who is asked and told while connections are made.
#[derive(Clone)]
pub struct Operator {
    /// Asks for passphrases of keys; without it, encrypted keys are not used.
    pub passphrases: Option<Arc<dyn Passphrases>>,
    /// Takes warnings.
    pub warn: Warn,
}

/// The helpers of a run.
pub struct Pool {
    programs: Programs,
    operator: Operator,
    client: Client,
    machine: Machine,
    hosts: Mutex<HashMap<Arc<str>, Host>>,
    /// Warnings that were given.
    told: Mutex<HashSet<String>>,
}

/// What is open to a host. More than one session only when tasks reach it in different ways, or when one has no room for
/// the helpers of all users; these are counted.
#[derive(Default)]
struct Host {
    sessions: Vec<((SshWay, usize), Slot<Session>)>,
    helpers: Vec<(Target, Slot<Helper>)>,
    /// Where the helper's program was found last.
    program: Option<String>,
}

impl Pool {
    /// Returns a pool without helpers.
    pub fn new(programs: Programs, operator: Operator) -> Self {
        Self::on(Machine::this(), programs, operator)
    }

    /// Returns a pool for another idea of this machine: its home folder, its SSH configuration.
    pub fn on(machine: Machine, programs: Programs, operator: Operator) -> Self {
        let client = Client::new(machine.clone());
        Self {
            programs,
            operator,
            client,
            machine,
            hosts: Mutex::default(),
            told: Mutex::default(),
        }
    }

    /// Returns the helper of a target; starts it when there is none, or when it has ended.
    pub async fn helper(&self, target: &Target) -> Result<Arc<Helper>, Unreachable> {
        let pick =
            |host: &mut Host, spent: Option<&Slot<Helper>>| slot(&mut host.helpers, target, spent);
        let is_closed = |helper: &Helper| helper.is_closed();
        self.get(&target.host, pick, is_closed, || Box::pin(self.start(target))).await
    }

    /// Drops the helpers of a host and its session (`meta: reset_connection`).
    pub async fn reset(&self, host: &str) {
        let known = self.lock().remove(host);
        if let Some(host) = known {
            host.close().await;
        }
    }

    /// Drops the helpers of a host and its session, as [`Self::reset`] does, but leaves them to those who use them until
    /// they are through: plays that run side by side share them.
    pub fn renew(&self, host: &str) {
        let known = self.lock().remove(host);
        if let Some(host) = known {
            tokio::spawn(async move {
                while host.is_used() {
                    tokio::time::sleep(LOOK).await;
                }
                host.close().await;
            });
        }
    }

    /// Ends all helpers and hangs up.
    pub async fn close(&self) {
        let hosts: Vec<Host> = self.lock().drain().map(|(_, host)| host).collect();
        let mut ends: JoinSet<()> = hosts.into_iter().map(Host::close).collect();
        let all = async { while ends.join_next().await.is_some() {} };
        let _late = tokio::time::timeout(GOODBYE, all).await;
    }

    async fn start(&self, target: &Target) -> Result<Arc<Helper>, Unreachable> {
        for number in 0.. {
            let shell = match &target.way {
                Way::Local(folder) => Shell::Local(folder.clone()),
                Way::Ssh(way) => Shell::Remote(self.session(&target.host, way, number).await?),
            };
            if shell.is_full() {
                continue;
            }
            match self.start_on(target, &shell).await {
                Err(_) if shell.is_full() => {}
                started => return started,
            }
        }
        unreachable!("a new session has room, or says why not")
    }

    async fn start_on(&self, target: &Target, shell: &Shell) -> Result<Arc<Helper>, Unreachable> {
        if let Some(escalation) = &target.escalation
            && escalation.user == self.user(shell)
        {
            // As in Ansible: whoever is that user already does not become it.
            return self.helper(&Target { escalation: None, ..target.clone() }).await;
        }
        let helper = match (&target.way, &target.escalation) {
            (Way::Local(folder), None) => self.start_child(folder).await?,
            (way, _) => self.deploy(target, way, shell).await?,
        };
        Ok(Arc::new(helper))
    }

    /// Starts the helper of this machine as a child, where it is.
    async fn start_child(&self, folder: &Path) -> Result<Helper, Unreachable> {
        let program = self.programs.local().map_err(Unreachable::new)?;
        let child = shell::child(shell::within(&mut Command::new(program.path()), folder))?;
        Helper::attach(child, LOCAL_PATIENCE, Some(Keepalive::default())).await
    }

    async fn deploy(
        &self,
        target: &Target,
        way: &Way,
        shell: &Shell,
    ) -> Result<Helper, Unreachable> {
        let (folder, timeout, known) = match way {
            Way::Local(_) => {
                let program = self.programs.local().map_err(Unreachable::new)?;
                (None, PATIENCE, Some(program.path().to_string_lossy().into_owned()))
            }
            Way::Ssh(way) => {
                let known = self.lock().get(&target.host).and_then(|host| host.program.clone());
                (way.remote_tmp.as_deref(), way.timeout, known)
            }
        };
        let deploy = Deploy {
            programs: &self.programs,
            escalation: target.escalation.as_ref(),
            folder,
            known: known.as_deref(),
            patience: timeout.max(PATIENCE),
        };
        let deployed = deploy.start(shell).await?;
        self.lock().entry(Arc::clone(&target.host)).or_default().program = Some(deployed.path);
        Ok(deployed.helper)
    }

    async fn session(
        &self,
        host: &Arc<str>,
        way: &SshWay,
        number: usize,
    ) -> Result<Arc<Session>, Unreachable> {
        let key = (way.clone(), number);
        let pick =
            |host: &mut Host, spent: Option<&Slot<Session>>| slot(&mut host.sessions, &key, spent);
        let is_closed = |session: &Session| session.is_closed();
        self.get(host, pick, is_closed, || self.connect(host, way)).await
    }

    async fn connect(&self, host: &Arc<str>, way: &SshWay) -> Result<Arc<Session>, Unreachable> {
        let checking = if way.check_host_key { HostKeyChecking::On } else { HostKeyChecking::Off };
        let target = ssh::Target {
            host: way.address.clone(),
            port: way.port,
            user: way.user.clone(),
            private_key_file: way.private_key.clone(),
            arguments: way.words.clone(),
            more_arguments: way.more_words.clone(),
            host_key_checking: checking,
            // What nobody asked for must not hide what ssh's own configuration says.
            timeout: Some(way.timeout).filter(|timeout| !timeout.is_zero() && *timeout != USUAL),
            retries: way.retries,
        };
        let secrets = Secrets {
            password: way.password.clone(),
            private_key: way.private_key_text.clone(),
            passphrase: way.passphrase.clone(),
            ask: self.operator.passphrases.clone(),
        };
        let session = self.client.connect(&target, &secrets).await;
        let session = session.map_err(|error| Unreachable::new(error.to_string()))?;
        self.warn(host, &session);
        Ok(Arc::new(session))
    }

    /// Says once what is of no effect, however many hosts it is said for.
    fn warn(&self, host: &str, session: &Session) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        for warning in session.warnings() {
            if told.insert(warning.clone()) {
                (self.operator.warn)(host, warning);
            }
        }
    }

    /// Returns who we are at the end of a shell, before we become anybody.
    fn user(&self, shell: &Shell) -> String {
        match shell {
            Shell::Local(_) => self.machine.user.clone(),
            Shell::Remote(session) => session
                .host()
                .rsplit_once('@')
                .map_or_else(String::new, |(user, _)| user.to_owned()),
        }
    }

    /// Returns what is in a slot; makes it when there is nothing, or something closed. A failure is told to everybody who
    /// waits, and forgotten: the host may be back for the next task.
    async fn get<T, F>(
        &self,
        host: &Arc<str>,
        pick: impl Fn(&mut Host, Option<&Slot<T>>) -> Slot<T>,
        is_closed: impl Fn(&T) -> bool,
        make: impl Fn() -> F,
    ) -> Result<Arc<T>, Unreachable>
    where
        F: Future<Output = Result<Arc<T>, Unreachable>>,
    {
        let choose =
            |spent: Option<&Slot<T>>| pick(self.lock().entry(Arc::clone(host)).or_default(), spent);
        let mut slot = choose(None);
        if let Some(Ok(thing)) = slot.get()
            && is_closed(thing)
        {
            slot = choose(Some(&slot));
        }
        let made = slot.get_or_init(&make).await.clone();
        if made.is_err() {
            choose(Some(&slot));
        }
        made
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Arc<str>, Host>> {
        self.hosts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Host {
    /// Returns whether somebody outside has one of its helpers; one may stand for several users.
    fn is_used(&self) -> bool {
        let helpers = self.helpers.iter().filter_map(|(_, slot)| slot.get()?.as_ref().ok());
        let helpers: Vec<&Arc<Helper>> = helpers.collect();
        helpers.iter().any(|helper| {
            let own = helpers.iter().filter(|other| Arc::ptr_eq(other, helper)).count();
            Arc::strong_count(helper) > own
        })
    }

    /// Ends its helpers, then hangs up.
    async fn close(self) {
        let mut ends = JoinSet::new();
        for (_, slot) in self.helpers {
            if let Some(Ok(helper)) = slot.get() {
                let helper = Arc::clone(helper);
                ends.spawn(async move { helper.stop().await });
            }
        }
        ends.join_all().await;
        for (_, slot) in self.sessions {
            if let Some(Ok(session)) = slot.get() {
                session.disconnect().await;
            }
        }
    }
}

/// Returns the slot of a key, a new one in place of a spent one unless somebody else has replaced it already.
fn slot<K: Clone + PartialEq, T>(
    slots: &mut Vec<(K, Slot<T>)>,
    key: &K,
    spent: Option<&Slot<T>>,
) -> Slot<T> {
    match slots.iter_mut().find(|(other, _)| other == key) {
        Some((_, slot)) => {
            if spent.is_some_and(|spent| Arc::ptr_eq(slot, spent)) {
                *slot = Slot::default();
            }
            Arc::clone(slot)
        }
        None => {
            let slot = Slot::default();
            slots.push((key.clone(), Arc::clone(&slot)));
            slot
        }
    }
}
