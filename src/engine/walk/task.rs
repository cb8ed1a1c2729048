//! One task of the walk that is neither an include nor `meta`: on each host, or once for all.

use std::borrow::Cow;
use std::sync::Arc;

use tokio::sync::Semaphore;

use super::{Flow, Walker};
use crate::base::{Lazy, Value};
use crate::engine::broken::Broken;
use crate::engine::frame::Frame;
use crate::engine::language::{Meaning, meaning};
use crate::engine::lockstep::Step;
use crate::engine::scope::{self, Reader};
use crate::engine::task::{Once, TaskRun};
use crate::engine::turn::Turn;
use crate::event::{Event, TaskInfo};
use crate::playbook::{Keyword, Task};
use crate::template::Scope;

/// What is said of `run_once` where hosts do not wait for each other.
const RUN_ONCE: &str = "Using run_once with the free strategy is not currently supported. This task will still be executed for every host in the inventory list.";

impl Walker {
    /// Returns a task with the word for its unit, which may be a template (`action: "{{ … }}"`).
    pub(super) fn with_final_word<'a>(
        &self,
        task: &'a Arc<Task>,
        frame: &Frame,
    ) -> Result<Cow<'a, Arc<Task>>, Broken> {
        if !task.action.word.contains("{{") {
            return Ok(Cow::Borrowed(task));
        }
        let scope = scope::of_task(&self.run, &self.play, &self.host, task, frame);
        let scope: Arc<dyn Scope> = Arc::new(scope);
        let lazy = Lazy::template(Arc::from(task.action.word.as_str()), task.action.at.clone());
        let word = self.run.templates.resolve(&Value::Lazy(Arc::new(lazy)), &scope)?;
        let mut task = Task::clone(task);
        task.action.word = word.to_string();
        Ok(Cow::Owned(Arc::new(task)))
    }

    /// Fails a task that cannot even be named.
    pub(super) fn unclear(
        &mut self,
        task: &Arc<Task>,
        frame: &Frame,
        step: &Step,
        broken: Broken,
    ) -> Flow {
        let scope = scope::of_task(&self.run, &self.play, &self.host, task, frame);
        let reader = Reader { run: &self.run, task, frame, scope: Arc::new(scope) };
        let ignored = reader.flag(Keyword::IgnoreErrors).ok().flatten().unwrap_or(false);
        let info = self.announce(task, frame, step, &reader);
        let done = self.report_failure(info, broken, ignored);
        self.take(task, frame, &done, true)
    }

    /// Runs a task that is neither an include nor `meta`.
    pub(super) async fn plain(
        &mut self,
        task: &Arc<Task>,
        frame: &Frame,
        step: &Arc<Step>,
        turn: Turn,
    ) -> Flow {
        let scope = scope::of_task(&self.run, &self.play, &self.host, task, frame);
        let reader = Reader { run: &self.run, task, frame, scope: Arc::new(scope) };
        let once = reader.flag(Keyword::RunOnce).ok().flatten().unwrap_or(false)
            || by_nature(&task.action.word);
        if once && !self.play.together {
            self.run.warn(RUN_ONCE);
        }
        let once = once && self.play.together;
        let throttle = reader.number(Keyword::Throttle).ok().flatten().unwrap_or(0.0) as usize;
        let info = self.announce(task, frame, step, &reader);
        if !self.may_step(&info) {
            return Flow::Next;
        }
        if once {
            return self.once(task, frame, step, (info, turn)).await;
        }
        let audience = vec![Arc::clone(&self.host)];
        let throttle = (throttle > 0)
            .then(|| Arc::clone(step.throttle.get_or_init(|| Arc::new(Semaphore::new(throttle)))));
        turn.comes().await;
        let _throttled = match &throttle {
            Some(throttle) => throttle.acquire().await.ok(),
            None => None,
        };
        let done = self.work(task, frame, (info, turn), audience).await;
        self.take(task, frame, &done, true)
    }

    /// Runs a task once for all hosts of the step: the first does it, the others take its result.
    pub(super) async fn once(
        &mut self,
        task: &Arc<Task>,
        frame: &Frame,
        step: &Arc<Step>,
        start: (Arc<TaskInfo>, Turn),
    ) -> Flow {
        let first = step.hosts.first() == Some(&self.host);
        if !first {
            drop(start);
            // The result is everybody's; only the first host reports it.
            let done = self.batch.wait_for(step).await;
            return self.take(task, frame, &done, false);
        }
        let audience = self.batch.hosts.clone();
        let done = self.work(task, frame, start, audience).await;
        self.batch.publish(step, done.clone());
        self.take(task, frame, &done, true)
    }

    pub(super) async fn work(
        &self,
        task: &Arc<Task>,
        frame: &Frame,
        (info, turn): (Arc<TaskInfo>, Turn),
        audience: Vec<Arc<str>>,
    ) -> Once {
        turn.comes().await;
        let _permit = if self.play.pinned {
            None
        } else {
            Arc::clone(&self.run.forks).acquire_owned().await.ok()
        };
        drop(turn);
        self.run.debug(|| format!("running {} for {}", info.title(), self.host));
        self.run
            .sink
            .event(&Event::HostStarted { task: Arc::clone(&info), host: Arc::clone(&self.host) });
        let task = TaskRun::of(self, task, frame, Arc::clone(&info), audience);
        let done = task.go().await;
        self.run.debug(|| format!("done running {} for {}", task.info.title(), self.host));
        let host = Arc::clone(&self.host);
        self.run.sink.event(&Event::HostDone {
            task: info,
            host,
            result: Arc::clone(&done.result),
        });
        done
    }
}

/// Returns whether an action runs once for all hosts without being told so.
fn by_nature(word: &str) -> bool {
    matches!(meaning(word), Some(Meaning::Action(action)) if action.once())
}
