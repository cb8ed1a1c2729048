//! Which play of a playbook runs when: each as soon as those are through that it waits for.

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio::task::JoinSet;

use super::course::{self, Course, Start};
use super::order::Placed;
use super::run::Run;
use crate::base::Map;
use crate::event::{Event, PlayInfo};
use crate::playbook::Play;
use crate::vars::Store;

/// What came of the plays of a playbook.
#[derive(Debug, Default)]
pub(super) struct Total {
    /// The hosts that failed or could not be reached.
    pub out: BTreeSet<Arc<str>>,
    /// Whether hosts failed.
    pub failed: bool,
    /// Whether hosts could not be reached.
    pub unreachable: bool,
    /// Whether a play itself went wrong.
    pub error: bool,
    /// Whether plays were left out because of others.
    pub left_out: bool,
}

/// Runs the plays of a playbook; `first` is the number of its first play in the run.
pub(super) async fn playbook(
    run: &Arc<Run>,
    plays: &[Arc<Play>],
    order: &[Placed],
    first: usize,
) -> Total {
    let mut schedule = Schedule::new(run, plays, order, first);
    if schedule.chooses
        && let Err(reason) = schedule.ask()
    {
        run.fail(reason);
        return Total { error: true, ..Total::default() };
    }
    schedule.go().await;
    schedule.total()
}

/// How far a play is.
enum Stage {
    Waiting,
    Running,
    Through(Course),
    /// It does not run because of another one.
    LeftOut,
}

struct Schedule<'a> {
    run: &'a Arc<Run>,
    plays: &'a [Arc<Play>],
    order: &'a [Placed],
    /// The number of the first play in the run.
    first: usize,
    /// Whether a play of the playbook says `needs`.
    chooses: bool,
    /// Whether plays run one at a time: where somebody goes through the tasks one by one, or looks for one of them.
    alone: bool,
    stages: Vec<Stage>,
    stores: Vec<Arc<Store>>,
    answers: Vec<Option<Map>>,
}

impl<'a> Schedule<'a> {
    fn new(run: &'a Arc<Run>, plays: &'a [Arc<Play>], order: &'a [Placed], first: usize) -> Self {
        Self {
            run,
            plays,
            order,
            first,
            chooses: order.iter().any(|play| play.chooses),
            alone: run.options.step || run.options.start_at.is_some(),
            stages: plays.iter().map(|_| Stage::Waiting).collect(),
            stores: plays.iter().map(|_| Arc::clone(&run.store)).collect(),
            answers: plays.iter().map(|_| None).collect(),
        }
    }

    /// Asks the questions of all plays (`vars_prompt`): later there would be no quiet moment.
    fn ask(&mut self) -> Result<(), String> {
        for (play, answers) in self.plays.iter().zip(&mut self.answers) {
            let given = self.run.prompt(play).map_err(|reason| format!("{}: {reason}", play.at))?;
            *answers = Some(given);
        }
        Ok(())
    }

    /// Runs the plays, each when its time has come.
    async fn go(&mut self) {
        let mut running = JoinSet::new();
        loop {
            while let Some(number) = self.next(running.len()) {
                match self.obstacle(number) {
                    Some(obstacle) => self.leave_out(number, obstacle),
                    None => self.begin(number, &mut running),
                }
            }
            match running.join_next().await {
                Some(Ok((number, course))) => self.stages[number] = Stage::Through(course),
                // A bug, of which was told where it happened.
                Some(Err(_)) => {}
                None => return,
            }
        }
    }

    /// Returns the numbers of the plays of this playbook that a play waits for.
    fn before(&self, number: usize) -> impl DoubleEndedIterator<Item = usize> + '_ {
        self.order[number].after.iter().filter_map(|before| before.checked_sub(self.first))
    }

    /// Returns the first play that may begin now.
    fn next(&self, running: usize) -> Option<usize> {
        if self.run.interrupted.is_cancelled() || self.alone && running > 0 {
            return None;
        }
        let is_through = |number| matches!(self.stages[number], Stage::Through(_) | Stage::LeftOut);
        (0..self.plays.len()).find(|number| {
            matches!(self.stages[*number], Stage::Waiting) && self.before(*number).all(is_through)
        })
    }

    /// Returns the play because of which another one cannot run.
    fn obstacle(&self, number: usize) -> Option<usize> {
        self.before(number).find(|before| match &self.stages[*before] {
            Stage::Through(course) => course.stopped.is_some(),
            Stage::LeftOut => true,
            Stage::Waiting | Stage::Running => false,
        })
    }

    fn leave_out(&mut self, number: usize, obstacle: usize) {
        self.stages[number] = Stage::LeftOut;
        let (Stage::Through(Course { stopped: Some(stopped), .. }), true) =
            (&self.stages[obstacle], self.chooses)
        else {
            return;
        };
        let placed = &self.order[number];
        let needed = self.order[obstacle].title();
        let reason = match placed.chooses {
            true => format!("it needs `{needed}`, which {stopped}"),
            false => format!("`{needed}`, which stands before it, {stopped}"),
        };
        let play = Arc::new(PlayInfo {
            id: (self.first + number) as u64 + 1,
            name: placed.title(),
            together: true,
            beside: placed.beside,
        });
        self.run.sink.event(&Event::PlayLeftOut { play, reason });
    }

    fn begin(&mut self, number: usize, running: &mut JoinSet<(usize, Course)>) {
        let mut out = BTreeSet::new();
        for before in self.before(number) {
            if let Stage::Through(course) = &self.stages[before] {
                out.extend(course.out.iter().cloned());
            }
        }
        if self.chooses {
            let before = self.before(number).map(|before| &self.stores[before]);
            self.stores[number] = Arc::new(self.run.store.branch(before));
        }
        let start = Start {
            number: self.first + number,
            beside: self.order[number].beside && !self.alone,
            within: self.order[number].within.clone(),
            out,
            answers: self.answers[number].take(),
            store: Arc::clone(&self.stores[number]),
        };
        let (run, play) = (Arc::clone(self.run), Arc::clone(&self.plays[number]));
        running.spawn(async move { (number, course::run(&run, &play, start).await) });
        self.stages[number] = Stage::Running;
    }

    fn total(self) -> Total {
        let mut total = Total::default();
        for (stage, store) in self.stages.iter().zip(&self.stores) {
            self.run.store.take_over(store);
            match stage {
                Stage::Through(course) => {
                    total.out.extend(course.out.iter().cloned());
                    total.failed |= course.failed;
                    total.unreachable |= course.unreachable;
                    total.error |= course.error;
                }
                Stage::LeftOut => total.left_out |= self.chooses,
                Stage::Waiting => {}
                // It ended by a bug.
                Stage::Running => total.error = true,
            }
        }
        total
    }
}
