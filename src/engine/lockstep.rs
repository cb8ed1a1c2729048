//! The linear strategy: hosts walk their tasks by themselves and meet before each one.
//!
//! Every host walks its own tree of blocks, includes and handlers (`walk`), and says before each task where it is: a
//! [`Place`], the path of indexes through the tree. When all hosts of the batch have said so, those with the smallest
//! place go on together, the others wait. Places compare like words in a dictionary, so tasks brought in by an include
//! come after the include and before what follows it, whichever host needs them. With the free strategy nobody waits.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use tokio::sync::{OnceCell, Semaphore, oneshot};

use super::turn::{Line, Turn};
use crate::event::{Event, Sink, TaskInfo};

/// Where a task stands in the order of a play.
pub(super) type Place = Vec<u32>;

/// Why a host may not go on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Halt {
    /// Another host's failure is everybody's (`any_errors_fatal`, `max_fail_percentage`).
    Fatal,
    /// The play is over for all hosts (`end_play`, interrupt).
    Over,
}

/// A file, the loop item it came from, and the host that included it.
type Inclusion = (String, Option<String>, Arc<str>);

/// One task on all hosts that run it together.
pub(super) struct Step {
    /// The hosts, in the order of the play.
    pub hosts: Vec<Arc<str>>,
    /// The task as reporters see it, made by the first host.
    pub info: OnceLock<Arc<TaskInfo>>,
    /// The result of a task that runs once for all.
    pub once: OnceCell<super::task::Once>,
    /// How many hosts run the task at a time, when that is limited.
    pub throttle: OnceLock<Arc<Semaphore>>,
    /// Files included by hosts in this step.
    included: Mutex<Vec<Inclusion>>,
    /// In which order the hosts begin.
    line: Arc<Line>,
}

impl Step {
    fn new(hosts: Vec<Arc<str>>) -> Arc<Self> {
        Arc::new(Self {
            line: Line::new(hosts.len()),
            hosts,
            info: OnceLock::new(),
            once: OnceCell::new(),
            throttle: OnceLock::new(),
            included: Mutex::default(),
        })
    }

    /// Returns the turn of one of its hosts.
    fn turn(&self, index: usize) -> Turn {
        self.line.turn(index)
    }

    /// Notes that a host included a file.
    pub(super) fn include(&self, file: String, label: Option<String>, host: Arc<str>) {
        self.included.lock().unwrap_or_else(PoisonError::into_inner).push((file, label, host));
    }

    fn report(&self, sink: &dyn Sink) {
        let Some(task) = self.info.get() else { return };
        let mut files: Vec<(String, Option<String>, Vec<Arc<str>>)> = Vec::new();
        let included =
            std::mem::take(&mut *self.included.lock().unwrap_or_else(PoisonError::into_inner));
        for (file, label, host) in included {
            let same = |known: &&mut (String, Option<String>, Vec<Arc<str>>)| {
                known.0 == file && known.1 == label && !known.2.contains(&host)
            };
            match files.iter_mut().find(same) {
                Some((.., hosts)) => hosts.push(host),
                None => files.push((file, label, vec![host])),
            }
        }
        for (file, label, mut hosts) in files {
            hosts.sort_by_key(|host| self.hosts.iter().position(|known| known == host));
            let task = Arc::clone(task);
            sink.event(&Event::Included { task, file, hosts, label });
        }
    }
}

/// Where a host is.
enum Host {
    /// It runs a task or walks to the next one.
    Busy,
    /// It waits for its turn.
    Waiting(Place, oneshot::Sender<Result<(Arc<Step>, Turn), Halt>>),
    /// It cannot be reached, and may yet be forgiven.
    Parked(oneshot::Sender<bool>),
    /// It is through, or out of the play.
    Gone,
}

struct State {
    hosts: Vec<Host>,
    current: Option<Arc<Step>>,
    /// The hosts that failed, when a failure is everybody's.
    fatal: Option<Vec<usize>>,
    over: bool,
    lost: usize,
    /// Ordinals of files that an include brought in, by the include's place.
    ordinals: BTreeMap<Place, Vec<String>>,
}

/// The meeting point of the hosts of a batch.
pub(super) struct Lockstep {
    names: Vec<Arc<str>>,
    /// Whether hosts wait for each other.
    together: bool,
    /// The share of hosts that may fail, in percent.
    max_fail: Option<f64>,
    sink: Arc<dyn Sink>,
    state: Mutex<State>,
}

impl Lockstep {
    /// Returns the meeting point of these hosts.
    pub(super) fn new(
        names: Vec<Arc<str>>,
        together: bool,
        max_fail: Option<f64>,
        sink: Arc<dyn Sink>,
    ) -> Self {
        let hosts = names.iter().map(|_| Host::Busy).collect();
        let state = State {
            hosts,
            current: None,
            fatal: None,
            over: false,
            lost: 0,
            ordinals: BTreeMap::new(),
        };
        Self { names, together, max_fail, sink, state: Mutex::new(state) }
    }

    /// Waits until the hosts are at a place; returns the step, and the host's turn in it.
    pub(super) async fn arrive(
        &self,
        host: usize,
        place: &Place,
    ) -> Result<(Arc<Step>, Turn), Halt> {
        let turn = {
            let mut state = self.lock();
            if state.over {
                return Err(Halt::Over);
            }
            if !self.together {
                return if state.fatal.is_some() {
                    Err(Halt::Fatal)
                } else {
                    let step = Step::new(vec![Arc::clone(&self.names[host])]);
                    let turn = step.turn(0);
                    Ok((step, turn))
                };
            }
            let (sender, receiver) = oneshot::channel();
            state.hosts[host] = Host::Waiting(place.clone(), sender);
            self.go_on(&mut state);
            receiver
        };
        turn.await.unwrap_or(Err(Halt::Over))
    }

    /// Reports what a host included, where hosts do not wait for each other.
    pub(super) fn included(&self, step: &Step) {
        if !self.together {
            step.report(&*self.sink);
        }
    }

    /// Takes a host out: it is through, or it failed for good (`lost`).
    pub(super) fn leave(&self, host: usize, lost: bool) {
        let mut state = self.lock();
        state.hosts[host] = Host::Gone;
        if lost {
            state.lost += 1;
        }
        self.go_on(&mut state);
    }

    /// Keeps a host that cannot be reached where it is; says whether it was forgiven before the others were through.
    pub(super) async fn park(&self, host: usize) -> bool {
        if !self.together {
            return false;
        }
        let forgiven = {
            let (sender, receiver) = oneshot::channel();
            let mut state = self.lock();
            state.hosts[host] = Host::Parked(sender);
            state.lost += 1;
            self.go_on(&mut state);
            receiver
        };
        forgiven.await.unwrap_or(false)
    }

    /// Lets the hosts go on that could not be reached (`clear_host_errors`).
    pub(super) fn forgive(&self) {
        release(&mut self.lock(), true);
    }

    /// Makes a host's failure everybody's: all other hosts fail at their next task.
    pub(super) fn fail_all(&self, host: usize) {
        self.lock().fatal.get_or_insert_default().push(host);
    }

    /// Ends the play for all hosts.
    pub(super) fn end(&self) {
        let mut state = self.lock();
        state.over = true;
        self.go_on(&mut state);
    }

    /// Returns whether more hosts were lost than may be.
    pub(super) fn too_many_lost(&self) -> bool {
        self.exceeds(self.lock().lost)
    }

    fn exceeds(&self, lost: usize) -> bool {
        let share = lost as f64 * 100.0 / self.names.len().max(1) as f64;
        self.max_fail.is_some_and(|most| share > most)
    }

    /// Returns the number of a file brought in by the include at a place: the same for all hosts that include it.
    pub(super) fn ordinal(&self, place: &Place, file: &str) -> u32 {
        let mut state = self.lock();
        let files = state.ordinals.entry(place.clone()).or_default();
        let known = files.iter().position(|known| known == file).unwrap_or_else(|| {
            files.push(file.to_owned());
            files.len() - 1
        });
        u32::try_from(known).unwrap_or(u32::MAX)
    }

    /// Lets the hosts with the smallest place go on, once nobody is busy.
    fn go_on(&self, state: &mut State) {
        if state.hosts.iter().any(|host| matches!(host, Host::Busy)) {
            return;
        }
        if let Some(step) = state.current.take() {
            step.report(&*self.sink);
        }
        if self.exceeds(state.lost) {
            state.over = true;
        }
        let failed = state.fatal.take();
        let halted = |index: usize| match (state.over, &failed) {
            (true, _) => Some(Halt::Over),
            // Those that failed by themselves are on their way to what takes care of it.
            (false, Some(failed)) if !failed.contains(&index) => Some(Halt::Fatal),
            (false, _) => None,
        };
        let halts: Vec<Option<Halt>> = (0..state.hosts.len()).map(halted).collect();
        if halts
            .iter()
            .zip(&state.hosts)
            .any(|(halt, host)| halt.is_some() && matches!(host, Host::Waiting(..)))
        {
            for (host, halt) in state.hosts.iter_mut().zip(halts) {
                let Some(halt) = halt.filter(|_| matches!(host, Host::Waiting(..))) else {
                    continue;
                };
                if let Host::Waiting(_, go) = std::mem::replace(host, Host::Busy) {
                    let _gone = go.send(Err(halt));
                }
            }
            return;
        }
        let waiting = state.hosts.iter().filter_map(|host| match host {
            Host::Waiting(place, _) => Some(place),
            Host::Busy | Host::Gone | Host::Parked(_) => None,
        });
        let Some(next) = waiting.min().cloned() else { return release(state, false) };
        let chosen = |host: &Host| matches!(host, Host::Waiting(place, _) if *place == next);
        let places: Vec<usize> =
            (0..state.hosts.len()).filter(|index| chosen(&state.hosts[*index])).collect();
        let step = Step::new(places.iter().map(|index| Arc::clone(&self.names[*index])).collect());
        for (number, index) in places.into_iter().enumerate() {
            if let Host::Waiting(_, go) = std::mem::replace(&mut state.hosts[index], Host::Busy) {
                let _gone = go.send(Ok((Arc::clone(&step), step.turn(number))));
            }
        }
        state.current = Some(step);
    }

    /// Reports what is left to report when all hosts are through.
    pub(super) fn finish(&self) {
        if let Some(step) = self.lock().current.take() {
            step.report(&*self.sink);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tells the hosts that could not be reached whether they are forgiven.
fn release(state: &mut State, forgiven: bool) {
    let State { hosts, lost, .. } = state;
    for host in hosts.iter_mut().filter(|host| matches!(host, Host::Parked(_))) {
        if let Host::Parked(go) = std::mem::replace(host, Host::Busy) {
            *lost -= 1;
            let _gone = go.send(forgiven);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Silent;

    impl Sink for Silent {
        fn event(&self, _event: &Event) {}
    }

    fn lockstep(hosts: usize, max_fail: Option<f64>) -> Arc<Lockstep> {
        let names = (0..hosts).map(|index| Arc::from(format!("h{index}"))).collect();
        Arc::new(Lockstep::new(names, true, max_fail, Arc::new(Silent)))
    }

    async fn walk(lockstep: Arc<Lockstep>, host: usize, places: Vec<Place>) -> Vec<(Place, usize)> {
        let mut seen = Vec::new();
        for place in places {
            match lockstep.arrive(host, &place).await {
                Ok((step, _turn)) => seen.push((place, step.hosts.len())),
                Err(_) => break,
            }
        }
        lockstep.leave(host, false);
        seen
    }

    #[tokio::test]
    async fn hosts_meet_at_each_task_and_included_tasks_come_first() {
        let lockstep = lockstep(2, None);
        // The second host skips an include that brings two tasks to the first.
        let first = walk(
            Arc::clone(&lockstep),
            0,
            vec![vec![0], vec![1], vec![1, 0, 0], vec![1, 0, 1], vec![2]],
        );
        let second = walk(lockstep, 1, vec![vec![0], vec![1], vec![2]]);
        let (first, second) = tokio::join!(first, second);
        let counts: Vec<usize> = first.iter().map(|(_, count)| *count).collect();
        assert_eq!(counts, [2, 2, 1, 1, 2]);
        assert_eq!(second.len(), 3);
    }

    #[tokio::test]
    async fn one_failure_is_everybodys_when_it_has_to_be() {
        let lockstep = lockstep(2, None);
        let other = Arc::clone(&lockstep);
        let failing = async {
            lockstep.arrive(0, &vec![0]).await.unwrap();
            lockstep.fail_all(0);
            lockstep.leave(0, true);
        };
        let ((), seen) = tokio::join!(failing, walk(other, 1, vec![vec![0], vec![1]]));
        assert_eq!(seen.len(), 1);
    }

    #[tokio::test]
    async fn too_many_lost_hosts_end_the_play() {
        let lockstep = lockstep(4, Some(30.0));
        for host in [0, 1] {
            lockstep.leave(host, true);
        }
        let (a, b) = tokio::join!(
            walk(Arc::clone(&lockstep), 2, vec![vec![0]]),
            walk(lockstep, 3, vec![vec![0]])
        );
        assert!(a.is_empty() && b.is_empty());
    }
}
