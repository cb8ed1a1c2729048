//! One host's walk through a play: its tree of blocks, includes and handlers.
//!
//! The walk is plain recursion: a block that fails runs its `rescue`, then its `always`; an include walks what it brings
//! in; flushing handlers walks the handlers that were notified. Before each task the host meets the others (`lockstep`).

use std::borrow::Cow;
use std::collections::{BTreeSet, HashSet};
use std::pin::Pin;
use std::sync::Arc;

use super::broken::Broken;
use super::frame::Frame;
use super::language::{Meaning, meaning};
use super::lockstep::{Halt, Place, Step};
use super::play::{Batch, PlayRun};
use super::run::Run;
use super::task::{Once, TaskRun};
use super::{include, meta, tags};
use crate::base::{Lazy, Value, glob};
use crate::event::{Event, Status, TaskInfo, TaskResult};
use crate::playbook::load::short;
use crate::playbook::{Block, Item, Keyword, Origin, Task};
use crate::template::Scope;

/// How a part of the walk ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Flow {
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
pub(super) type Walking<'a> = Pin<Box<dyn Future<Output = Flow> + Send + 'a>>;

/// One host on its walk.
pub(super) struct Walker {
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
    /// Handlers that it has notified.
    pub notified: BTreeSet<usize>,
    /// Roles of which a task ran.
    pub begun: HashSet<String>,
    /// Roles that it has run.
    pub roles: HashSet<String>,
    /// The task that failed last, for `ansible_failed_task`.
    pub failure: Option<(Arc<Task>, Arc<TaskResult>)>,
}

impl Walker {
    /// Walks a list of items.
    pub(super) fn items<'a>(
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
    pub(super) fn block<'a>(
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
                return Flow::Next;
            }
            let section = |number: u32| place.iter().copied().chain([number]).collect::<Place>();
            let body =
                Frame { rescued: inner.rescued || !block.rescue.is_empty(), ..inner.clone() };
            let mut flow = self.items(&block.block, &body, section(0)).await;
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

    /// Sets `ansible_failed_task` and `ansible_failed_result` for the rescue.
    fn tell_failure(&self) {
        let Some((task, result)) = &self.failure else { return };
        let name = task
            .name
            .as_ref()
            .map_or_else(|| task.action.word.clone(), |name| name.value.to_string());
        let about =
            Value::map([("name", Value::from(name)), ("action", task.action.word.as_str().into())]);
        let values = [
            (Value::from("ansible_failed_task"), about),
            (
                Value::from("ansible_failed_result"),
                super::task::with_exceptions(&result.values).into(),
            ),
        ];
        self.run.store.set(&self.host, values);
    }

    /// Walks one task.
    pub(super) fn task<'a>(
        &'a mut self,
        task: &'a Arc<Task>,
        frame: &'a Frame,
        place: Place,
    ) -> Walking<'a> {
        Box::pin(async move {
            // A handler that was notified runs, whatever its tags.
            if !frame.handlers && !tags::selected(&self.run.options, task, frame) {
                return Flow::Next;
            }
            if self.is_before_start(task) {
                return Flow::Next;
            }
            let step = match self.batch.lockstep.arrive(self.index, &place).await {
                Ok(step) => step,
                Err(Halt::Over) => return Flow::End,
                Err(Halt::Fatal) => return Flow::Failed,
            };
            let task = match self.with_final_word(task, frame) {
                Ok(task) => task,
                Err(broken) => return self.unclear(task, frame, &step, broken),
            };
            let task = &*task;
            match short(&task.action.word) {
                "meta" => meta::run(self, task, frame, &place).await,
                "include_tasks" | "include_role" => {
                    include::run(self, task, frame, &place, &step).await
                }
                _ => self.plain(task, frame, &step).await,
            }
        })
    }

    /// Returns a task with the word for its unit, which may be a template (`action: "{{ … }}"`).
    fn with_final_word<'a>(
        &self,
        task: &'a Arc<Task>,
        frame: &Frame,
    ) -> Result<Cow<'a, Arc<Task>>, Broken> {
        if !task.action.word.contains("{{") {
            return Ok(Cow::Borrowed(task));
        }
        let scope = super::scope::of_task(&self.run, &self.play, &self.host, task, frame);
        let scope: Arc<dyn Scope> = Arc::new(scope);
        let lazy = Lazy::template(Arc::from(task.action.word.as_str()), task.action.at.clone());
        let word = self.run.templates.resolve(&Value::Lazy(Arc::new(lazy)), &scope)?;
        let mut task = Task::clone(task);
        task.action.word = word.to_string();
        Ok(Cow::Owned(Arc::new(task)))
    }

    /// Fails a task that cannot even be named.
    fn unclear(&mut self, task: &Arc<Task>, frame: &Frame, step: &Step, broken: Broken) -> Flow {
        let scope = super::scope::of_task(&self.run, &self.play, &self.host, task, frame);
        let reader = super::scope::Reader { run: &self.run, task, frame, scope: Arc::new(scope) };
        let ignored = reader.flag(Keyword::IgnoreErrors).ok().flatten().unwrap_or(false);
        let info = self.announce(task, frame, step, &reader);
        let done = self.report_failure(info, broken, ignored);
        self.take(task, frame, &done, true)
    }

    /// Runs a task that is neither an include nor `meta`.
    async fn plain(&mut self, task: &Arc<Task>, frame: &Frame, step: &Arc<Step>) -> Flow {
        let scope = super::scope::of_task(&self.run, &self.play, &self.host, task, frame);
        let reader = super::scope::Reader { run: &self.run, task, frame, scope: Arc::new(scope) };
        let once = reader.flag(Keyword::RunOnce).ok().flatten().unwrap_or(false)
            || by_nature(&task.action.word);
        let once = once && self.play.together;
        let throttle = reader.number(Keyword::Throttle).ok().flatten().unwrap_or(0.0) as usize;
        let info = self.announce(task, frame, step, &reader);
        if !self.may_step(&info) {
            return Flow::Next;
        }
        if once {
            return self.once(task, frame, step, info).await;
        }
        let audience = vec![Arc::clone(&self.host)];
        let throttle = (throttle > 0).then(|| {
            Arc::clone(
                step.throttle.get_or_init(|| Arc::new(tokio::sync::Semaphore::new(throttle))),
            )
        });
        let _turn = match &throttle {
            Some(throttle) => throttle.acquire().await.ok(),
            None => None,
        };
        let done = self.work(task, frame, info, audience).await;
        self.take(task, frame, &done, true)
    }

    /// Runs a task once for all hosts of the step: the first does it, the others take its result.
    async fn once(
        &mut self,
        task: &Arc<Task>,
        frame: &Frame,
        step: &Arc<Step>,
        info: Arc<TaskInfo>,
    ) -> Flow {
        let first = step.hosts.first() == Some(&self.host);
        if !first {
            // The result is everybody's; only the first host reports it.
            let done = self.batch.wait_for(step).await;
            return self.take(task, frame, &done, false);
        }
        let audience = self.batch.hosts.clone();
        let done = self.work(task, frame, info, audience).await;
        self.batch.publish(step, done.clone());
        self.take(task, frame, &done, true)
    }

    async fn work(
        &self,
        task: &Arc<Task>,
        frame: &Frame,
        info: Arc<TaskInfo>,
        audience: Vec<Arc<str>>,
    ) -> Once {
        let _permit = if self.play.pinned {
            None
        } else {
            Arc::clone(&self.run.forks).acquire_owned().await.ok()
        };
        self.run
            .sink
            .event(&Event::HostStarted { task: Arc::clone(&info), host: Arc::clone(&self.host) });
        let task = TaskRun {
            run: &self.run,
            play: &self.play,
            host: Arc::clone(&self.host),
            task,
            frame,
            info: Arc::clone(&info),
            audience,
        };
        let done = task.go().await;
        let host = Arc::clone(&self.host);
        self.run.sink.event(&Event::HostDone {
            task: info,
            host,
            result: Arc::clone(&done.result),
        });
        done
    }

    /// Counts a result and says how the walk goes on.
    pub(super) fn take(
        &mut self,
        task: &Arc<Task>,
        frame: &Frame,
        done: &Once,
        count: bool,
    ) -> Flow {
        let result = &done.result;
        if count {
            self.run.tally.count(&self.host, result);
        }
        let has_run = matches!(result.status, Status::Ok | Status::Changed | Status::Failed);
        if let Some(role) = frame.role().filter(|_| count && has_run) {
            self.begun.insert(role.identity.clone());
        }
        for word in &done.notify {
            if let Err(flow) = self.notify(word) {
                return flow;
            }
        }
        match result.status {
            Status::Ok | Status::Changed | Status::Skipped => Flow::Next,
            Status::Failed if result.ignored => Flow::Next,
            Status::Unreachable if result.ignored => Flow::Next,
            Status::Unreachable => {
                self.batch.lose(&self.host);
                self.spread_failure(task, frame);
                Flow::Lost
            }
            Status::Failed => {
                self.failure = Some((Arc::clone(task), Arc::clone(result)));
                if frame.rescued && count {
                    self.run.tally.rescue(&self.host);
                } else if !frame.rescued {
                    self.spread_failure(task, frame);
                }
                Flow::Failed
            }
        }
    }

    /// Makes a failure everybody's, when the task says so.
    fn spread_failure(&self, task: &Arc<Task>, frame: &Frame) {
        let scope = super::scope::of_task(&self.run, &self.play, &self.host, task, frame);
        let reader = super::scope::Reader { run: &self.run, task, frame, scope: Arc::new(scope) };
        let fatal = reader.flag(Keyword::AnyErrorsFatal).ok().flatten();
        let once = reader.flag(Keyword::RunOnce).ok().flatten().unwrap_or(false);
        if fatal.unwrap_or(self.run.options.any_errors_fatal) || once {
            self.batch.lockstep.fail_all();
        }
    }

    /// Notes that a handler was notified.
    pub(super) fn notify(&mut self, word: &str) -> Result<(), Flow> {
        let reached = self.play.handlers.reached(word);
        if reached.is_empty() {
            let near = crate::base::suggest::closest(
                word,
                self.play.handlers.words().iter().map(String::as_str),
            )
            .map(|near| format!(". Did you mean '{near}'?"))
            .unwrap_or_default();
            let text = format!(
                "The requested handler '{word}' was not found in either the main handlers list nor in the listening handlers list{near}"
            );
            if self.run.options.missing_handler_is_error {
                self.batch.fail_run(text);
                return Err(Flow::End);
            }
            self.run.warn(text);
        }
        for index in reached {
            if self.notified.insert(index) {
                let handler = Arc::from(self.host.as_ref());
                self.run.sink.event(&Event::Notified { handler: word.to_owned(), host: handler });
            }
        }
        Ok(())
    }

    /// Runs the handlers that were notified.
    pub(super) fn flush<'a>(&'a mut self, place: &'a Place) -> Walking<'a> {
        Box::pin(async move {
            let mut index = 0;
            while index < self.play.handlers.len() {
                if self.notified.contains(&index)
                    && let Some(handler) = self.play.handlers.get(index)
                {
                    let mut place = place.clone();
                    place.push(u32::try_from(index).unwrap_or(u32::MAX));
                    self.notified.remove(&index);
                    let flow = self.task(&handler.task, &handler.frame, place).await;
                    if flow != Flow::Next {
                        return flow;
                    }
                }
                index += 1;
            }
            Flow::Next
        })
    }

    /// Makes the task known to reporters, once for all hosts of the step.
    pub(super) fn announce(
        &self,
        task: &Arc<Task>,
        frame: &Frame,
        step: &Step,
        reader: &super::scope::Reader<'_>,
    ) -> Arc<TaskInfo> {
        let info = step.info.get_or_init(|| {
            // The banner speaks for all hosts and shows the variables of the first.
            let first = step.hosts.first().filter(|host| **host != self.host);
            let scope =
                first.map(|host| super::scope::of_task(&self.run, &self.play, host, task, frame));
            let scope = scope.map_or_else(
                || Arc::clone(&reader.scope),
                |scope| Arc::new(scope) as Arc<dyn Scope>,
            );
            let reader = super::scope::Reader { scope, ..*reader };
            let name = task.name.as_ref().map(|name| match reader.resolve(name) {
                Ok(value) => value.to_string(),
                Err(_) => name.value.to_string(),
            });
            let info = Arc::new(TaskInfo {
                id: self.run.next_id(),
                name: name.unwrap_or_else(|| task.action.word.clone()),
                role: frame.role().map(|role| role.name.clone()),
                action: task.action.word.clone(),
                at: task.at.clone(),
                handler: frame.handlers,
                check: reader
                    .flag(Keyword::CheckMode)
                    .ok()
                    .flatten()
                    .unwrap_or(self.run.options.check),
            });
            self.run.sink.event(&Event::TaskStarted(Arc::clone(&info)));
            info
        });
        Arc::clone(info)
    }

    fn is_before_start(&self, task: &Task) -> bool {
        use std::sync::atomic::Ordering;
        let Some(start) = &self.run.options.start_at else { return false };
        if !self.run.searching.load(Ordering::Relaxed) {
            return false;
        }
        let name = task.name.as_ref().map(|name| name.value.to_string()).unwrap_or_default();
        let found = name == *start || glob::matches(start, &name);
        if found {
            self.run.searching.store(false, Ordering::Relaxed);
        }
        !found
    }

    fn may_step(&self, info: &TaskInfo) -> bool {
        !self.run.options.step || self.play.ask_step(&self.run, info)
    }

    /// Returns a failure as the result of a task, for what fails before any unit runs.
    pub(super) fn report_failure(
        &self,
        info: Arc<TaskInfo>,
        broken: impl Into<super::broken::Broken>,
        ignored: bool,
    ) -> Once {
        let raw = super::result::Raw::broken(broken);
        let result = Arc::new(TaskResult { ignored, ..raw.finish(std::time::Duration::ZERO) });
        self.run.sink.event(&Event::HostDone {
            task: info,
            host: Arc::clone(&self.host),
            result: Arc::clone(&result),
        });
        Once { result, notify: Vec::new() }
    }

    /// Reports that a task does not apply.
    pub(super) fn report_skip(&self, info: Arc<TaskInfo>, condition: Option<Value>) -> Once {
        let raw = super::result::Raw::skipped(condition);
        let result = Arc::new(raw.finish(std::time::Duration::ZERO));
        self.run.sink.event(&Event::HostDone {
            task: info,
            host: Arc::clone(&self.host),
            result: Arc::clone(&result),
        });
        Once { result, notify: Vec::new() }
    }
}

/// Returns whether an action runs once for all hosts without being told so.
fn by_nature(word: &str) -> bool {
    matches!(meaning(word), Some(Meaning::Action(action)) if action.once())
}
