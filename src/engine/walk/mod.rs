//! One host's walk through a play: its tree of blocks, includes and handlers.
//!
//! The walk is plain recursion: a block that fails runs its `rescue`, then its `always`; an include walks what it brings
//! in; flushing handlers walks the handlers that were notified. Before each task the host meets the others (`lockstep`).

mod announce;
mod chosen;
mod result;
mod task;

use std::collections::{BTreeSet, HashSet};
use std::pin::Pin;
use std::sync::Arc;

use super::batch::Batch;
use super::frame::Frame;
use super::lockstep::{Halt, Place};
use super::play::PlayRun;
use super::run::Run;
use super::{facts, include, meta};
use crate::base::Position;
use crate::event::TaskResult;
use crate::playbook::load::short;
use crate::playbook::{Block, Given, Item, Origin, Role, Task};

/// How a part of the walk ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::engine) enum Flow {
    /// It goes on.
    Next,
    /// A task failed.
    Failed,
    /// The host is through with the role it is in (`end_role`).
    EndRole,
    /// The host is through with the play, without having failed.
    End,
    /// The host cannot be reached any more.
    Lost,
}

/// A future on the heap: the walk calls itself.
pub(in crate::engine) type Walking<'a> = Pin<Box<dyn Future<Output = Flow> + Send + 'a>>;

/// One host on its walk.
pub(in crate::engine) struct Walker {
    /// The run.
    pub run: Arc<Run>,
    /// The play.
    pub play: Arc<PlayRun>,
    /// The batch.
    pub batch: Arc<Batch>,
    /// The host.
    pub host: Arc<str>,
    /// Its place in the batch.
    pub index: usize,
    /// What it has notified, in order. Which handlers that means is known when they are run: an include may still bring
    /// in another one of the same name.
    pub notified: Vec<String>,
    /// The handlers that are to run.
    pub waiting: BTreeSet<usize>,
    /// Roles of which a task ran.
    pub begun: HashSet<String>,
    /// Roles that it has run.
    pub roles: HashSet<String>,
    /// Whether it is still looking for the task to start at.
    pub searching: bool,
    /// The task that failed last, for `ansible_failed_task`.
    pub failure: Option<(Arc<Task>, Arc<TaskResult>)>,
}

impl Walker {
    /// Returns a walker at the start of a play.
    pub(in crate::engine) fn new(
        run: &Arc<Run>,
        play: &Arc<PlayRun>,
        batch: &Arc<Batch>,
        index: usize,
    ) -> Self {
        Self {
            run: Arc::clone(run),
            play: Arc::clone(play),
            batch: Arc::clone(batch),
            host: Arc::clone(&batch.hosts[index]),
            index,
            notified: Vec::new(),
            waiting: BTreeSet::new(),
            begun: HashSet::new(),
            roles: HashSet::new(),
            searching: run.is_searching(),
            failure: None,
        }
    }

    /// Walks all sections of a play and says how it ended.
    pub(in crate::engine) async fn sections(
        &mut self,
        sections: &[Vec<Item>],
        frame: &Frame,
    ) -> Flow {
        let mut flow = Flow::Next;
        for (number, items) in sections.iter().enumerate() {
            let number = u32::try_from(number).unwrap_or(u32::MAX);
            flow = self.items(items, frame, vec![number * 2]).await;
            let handlers = vec![number * 2 + 1];
            if flow == Flow::Next {
                flow = self.flush(&handlers, frame).await;
            } else if flow == Flow::Failed && self.forces_handlers() {
                // It is out of the play already, and runs its handlers together with the others'.
                self.give_up();
                let last = self.flush(&handlers, frame).await;
                flow = if last == Flow::Lost { last } else { flow };
            }
            if flow != Flow::Next {
                break;
            }
        }
        flow
    }

    /// Takes the host out of the play for good: the others see that it failed.
    pub(in crate::engine) fn give_up(&self) {
        self.play.fail(&self.host);
        self.play.set_facts(|| facts::of(&self.run, &self.play, &self.batch));
    }

    fn forces_handlers(&self) -> bool {
        let given = self.play.play.force_handlers.as_ref().map(|given| given.value.truth());
        given.unwrap_or(self.run.options.force_handlers)
    }

    /// Walks a list of items.
    pub(in crate::engine) fn items<'a>(
        &'a mut self,
        items: &'a [Item],
        frame: &'a Frame,
        place: Place,
    ) -> Walking<'a> {
        Box::pin(async move {
            for (index, item) in items.iter().enumerate() {
                let mut place = place.clone();
                place.push(u32::try_from(index).unwrap_or(u32::MAX));
                let flow = match item {
                    Item::Task(task) => self.task(task, frame, place).await,
                    Item::Block(block) => self.block(block, frame, place).await,
                };
                if flow != Flow::Next {
                    return flow;
                }
            }
            Flow::Next
        })
    }

    /// Walks a block with what takes care of its failures.
    pub(in crate::engine) fn block<'a>(
        &'a mut self,
        block: &'a Block,
        frame: &'a Frame,
        place: Place,
    ) -> Walking<'a> {
        Box::pin(async move {
            let inner = frame.enter(block);
            let role = match &block.origin {
                Origin::Role(role) => Some(role),
                Origin::Written | Origin::Tasks => None,
            };
            if let Some(role) = role
                && !role.allow_duplicates
                && self.roles.contains(&role.identity)
            {
                // What it depends on may run again all the same.
                let depending = block.block.get(..role.dependencies.len()).unwrap_or_default();
                return self.items(depending, &inner, [&place[..], &[0]].concat()).await;
            }
            let section = |number: u32| place.iter().copied().chain([number]).collect::<Place>();
            let body =
                Frame { rescued: inner.rescued || !block.rescue.is_empty(), ..inner.clone() };
            let items =
                role.map_or(&block.block[..], |role| self.items_of_role(block, role, &body));
            let mut flow = self.items(items, &body, section(0)).await;
            if flow == Flow::Next && !(block.rescue.is_empty() && block.always.is_empty()) {
                flow = self.leave_together(&place).await;
            }
            if flow == Flow::Failed && !block.rescue.is_empty() {
                self.tell_failure();
                flow = self.items(&block.rescue, &inner, section(1)).await;
            }
            if matches!(flow, Flow::Next | Flow::Failed) && !block.always.is_empty() {
                let last = self.items(&block.always, &inner, section(2)).await;
                if last != Flow::Next {
                    flow = last;
                }
            }
            let Some(role) = role else { return flow };
            // A role whose tasks were all skipped has not run.
            if self.begun.contains(&role.identity) && matches!(flow, Flow::Next | Flow::EndRole) {
                self.roles.insert(role.identity.clone());
            }
            if flow == Flow::EndRole { Flow::Next } else { flow }
        })
    }

    /// Waits for the others at the end of a block that takes care of failures: one of them may yet be everybody's.
    async fn leave_together(&self, place: &Place) -> Flow {
        let end = place.iter().copied().chain([0, u32::MAX]).collect();
        match self.batch.lockstep.arrive(self.index, &end).await {
            Ok(_) => Flow::Next,
            Err(Halt::Over) => Flow::End,
            Err(Halt::Fatal) => Flow::Failed,
        }
    }

    /// Walks one task.
    pub(in crate::engine) fn task<'a>(
        &'a mut self,
        task: &'a Arc<Task>,
        frame: &'a Frame,
        place: Place,
    ) -> Walking<'a> {
        Box::pin(async move {
            // A handler that was notified runs, whatever its tags.
            if !frame.handlers && !self.is_selected(task, frame) {
                return Flow::Next;
            }
            if self.is_before_start(task, frame) {
                return Flow::Next;
            }
            let (step, turn) = match self.batch.lockstep.arrive(self.index, &place).await {
                Ok(turn) => turn,
                Err(Halt::Over) => return Flow::End,
                Err(Halt::Fatal) => return Flow::Failed,
            };
            let task = match self.with_final_word(task, frame) {
                Ok(task) => task,
                Err(broken) => return self.unclear(task, frame, &step, broken),
            };
            let task = &*task;
            match short(&task.action.word) {
                "meta" => meta::run(self, task, frame, &place, (&step, turn)).await,
                "include_tasks" | "include_role" => {
                    include::run(self, task, frame, &place, &step, turn).await
                }
                _ => match self.plain(task, frame, &step, turn).await {
                    Flow::Lost => self.lost().await,
                    flow => flow,
                },
            }
        })
    }

    /// Waits whether errors are forgiven that made the host unreachable: then it goes on with the next task.
    async fn lost(&self) -> Flow {
        self.play.set_facts(|| facts::of(&self.run, &self.play, &self.batch));
        if self.batch.lockstep.park(self.index).await { Flow::Next } else { Flow::Lost }
    }

    /// Tells those who want to know everything whether handlers run here.
    fn tell_flush(&self, frame: &Frame) {
        let always = Given { value: "always".into(), at: Position::default() };
        let flush = Task { tags: vec![always], ..Task::default() };
        if !self.run.options.debug || !self.is_selected(&flush, frame) {
            return;
        }
        let host = &self.host;
        self.run.debug(|| match self.waiting.is_empty() {
            true => format!("No handler notifications for {host}, skipping."),
            false => format!("META: triggered running handlers for {host}"),
        });
    }

    /// Makes the name of an included role known to the tasks of the play.
    pub(in crate::engine) fn bring_role(&self, role: &Arc<Role>) {
        if self.play.add_named(role) {
            self.play.set_facts(|| facts::of(&self.run, &self.play, &self.batch));
        }
    }

    /// Runs the handlers that were notified.
    pub(in crate::engine) fn flush<'a>(
        &'a mut self,
        place: &'a Place,
        around: &'a Frame,
    ) -> Walking<'a> {
        Box::pin(async move {
            self.gather_notified();
            self.tell_flush(around);
            let mut index = 0;
            while index < self.play.handlers.len() {
                if self.waiting.contains(&index)
                    && let Some(handler) = self.play.handlers.get(index)
                {
                    let mut place = place.clone();
                    place.push(u32::try_from(index).unwrap_or(u32::MAX));
                    self.waiting.remove(&index);
                    // A block with `rescue` around `flush_handlers` takes care of handlers that fail.
                    let frame = Frame { rescued: around.rescued, ..handler.frame };
                    let flow = self.task(&handler.task, &frame, place).await;
                    if flow != Flow::Next {
                        return flow;
                    }
                    self.gather_notified();
                }
                index += 1;
            }
            Flow::Next
        })
    }
}
