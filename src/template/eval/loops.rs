//! `for` loops and the `loop` object in them.

use std::any::Any;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use super::call::Given;
use super::output::Output;
use super::run::too_deep;
use super::{Eval, Flow, cells};
use crate::base::{List, Object, Value};
use crate::template::ir::For;
use crate::template::undefined::undefined;
use crate::template::{Error, Reason, items_of, stack};

static LOOP: LazyLock<Arc<str>> = LazyLock::new(|| Arc::from("loop"));

/// A recursive loop that runs.
#[derive(Clone, Copy)]
pub(super) struct Recursive<'r> {
    each: &'r For,
    depth: usize,
    /// How many names were there when the loop started.
    mark: usize,
}

/// What is gone through.
enum Items {
    Shared(Arc<List>),
    Own(Vec<Value>),
}

impl Items {
    fn all(&self) -> &[Value] {
        match self {
            Self::Shared(list) => list,
            Self::Own(list) => list,
        }
    }
}

/// The `loop` object: one for the whole loop, its place moves.
pub(super) struct Loop {
    items: Items,
    place: AtomicUsize,
    depth: usize,
    /// Which of the running recursive loops it belongs to.
    level: Option<usize>,
    last: Mutex<Option<Vec<Value>>>,
}

impl fmt::Debug for Loop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Loop({} items)", self.items.all().len())
    }
}

impl Object for Loop {
    fn type_name(&self) -> &'static str {
        "LoopContext"
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn plain(&self) -> Value {
        let place = self.place.load(Ordering::Relaxed) + 1;
        Value::text(format!("<LoopContext {place}/{}>", self.items.all().len()))
    }
}

/// Returns whether a value is a `loop` object.
pub(super) fn is_loop(value: &Value) -> bool {
    value.as_object::<Loop>().is_some()
}

/// Returns the running recursive loop that a value stands for.
pub(super) fn level(value: &Value) -> Option<Option<usize>> {
    value.as_object::<Loop>().map(|each| each.level)
}

/// Returns an attribute of `loop`.
pub(super) fn field(value: &Value, name: &str) -> Option<Value> {
    let each = value.as_object::<Loop>()?;
    let (place, items) = (each.place.load(Ordering::Relaxed), each.items.all());
    let length = items.len();
    let item = |index: Option<usize>, which: &str| {
        let found = index.and_then(|index| items.get(index));
        found.cloned().unwrap_or_else(|| undefined(format!("there is no {which} item")))
    };
    Some(match name {
        "depth" => each.depth.into(),
        "depth0" => (each.depth - 1).into(),
        "first" => Value::Bool(place == 0),
        "index" => (place + 1).into(),
        "index0" => place.into(),
        "last" => Value::Bool(place + 1 == length),
        "length" => length.into(),
        "nextitem" => item(Some(place + 1), "next"),
        "previtem" => item(place.checked_sub(1), "previous"),
        "revindex" => (length - place).into(),
        "revindex0" => (length - place - 1).into(),
        _ => return None,
    })
}

/// Calls `loop.cycle(…)` or `loop.changed(…)`.
pub(super) fn method(base: &Value, name: &str, args: &[Value]) -> Option<Result<Value, Reason>> {
    let each = base.as_object::<Loop>()?;
    match name {
        "changed" => {
            let mut last = each.last.lock().unwrap_or_else(PoisonError::into_inner);
            let changed = last.as_deref() != Some(args);
            *last = Some(args.to_vec());
            Some(Ok(Value::Bool(changed)))
        }
        "cycle" => {
            let place = each.place.load(Ordering::Relaxed);
            let picked = place.checked_rem(args.len()).map(|place| args[place].clone());
            Some(picked.ok_or_else(|| Reason::new("no items for cycling given")))
        }
        _ => None,
    }
}

impl<'r> Eval<'r> {
    pub(super) fn for_loop(&mut self, each: &'r For, out: &mut Output) -> Result<(), Error> {
        let iterated = self.used(&each.iter)?;
        if !each.recursive {
            return self.iterate(each, iterated, None, 1, out);
        }
        let level = self.recursive.len();
        self.recursive.push(Recursive { each, depth: 1, mark: self.locals.len() });
        let result = self.iterate(each, iterated, Some(level), 1, out);
        self.recursive.truncate(level);
        result
    }

    /// Runs the body of a loop for every item.
    fn iterate(
        &mut self,
        each: &'r For,
        iterated: Value,
        level: Option<usize>,
        depth: usize,
        out: &mut Output,
    ) -> Result<(), Error> {
        let items = self.items(iterated).map_err(|error| self.at(error, each.span))?;
        let items = match &each.filter {
            Some(_) => Items::Own(self.chosen(each, &items)?),
            None => items,
        };
        if items.all().is_empty() {
            self.scoped(|eval| eval.body(&each.otherwise, out))?;
            return Ok(());
        }
        let object = Arc::new(Loop {
            items,
            place: AtomicUsize::new(0),
            depth,
            level,
            last: Mutex::new(None),
        });
        for (place, item) in object.items.all().iter().enumerate() {
            object.place.store(place, Ordering::Relaxed);
            let item = self.run.top(item.clone()).map_err(|error| self.at(error, each.span))?;
            let flow = self.scoped(|eval| {
                eval.assign(&each.target, item).map_err(|error| eval.at(error, each.span))?;
                let object: Arc<dyn Object> = object.clone();
                eval.locals.push((Arc::clone(&LOOP), Value::Object(object)));
                eval.body(&each.body, out)
            })?;
            if flow == Flow::Break {
                break;
            }
        }
        Ok(())
    }

    fn items(&self, iterated: Value) -> Result<Items, Error> {
        if let Some(cell) = iterated.as_object::<cells::ListCell>() {
            return Ok(Items::Own(cell.thawed()));
        }
        if let Value::List(list) | Value::Tuple(list) = iterated {
            return Ok(Items::Shared(list));
        }
        if let Some(scope) = iterated.as_object::<crate::template::ScopeObject>() {
            return Ok(Items::Own(scope.scope().names().into_iter().map(Value::text).collect()));
        }
        if let Some(dynamic) = iterated.as_object::<crate::template::Dynamic>() {
            return Ok(Items::Own(dynamic.mapping().keys().into_iter().map(Value::text).collect()));
        }
        Ok(Items::Own(items_of(&iterated)?))
    }

    /// Returns the items that the condition of a loop lets through.
    fn chosen(&mut self, each: &'r For, items: &Items) -> Result<Vec<Value>, Error> {
        let Some(filter) = &each.filter else { return Ok(Vec::new()) };
        let mut chosen = Vec::new();
        for item in items.all() {
            let item = self.run.top(item.clone())?;
            let keep = self.scoped(|eval| {
                eval.assign(&each.target, item.clone())?;
                Ok(eval.used(filter)?.truth())
            });
            if keep.map_err(|error| self.at(error, each.span))? {
                chosen.push(item);
            }
        }
        Ok(chosen)
    }

    /// Runs a recursive loop one level deeper: `loop(items)`.
    pub(super) fn recurse(&mut self, level: Option<usize>, given: Given) -> Result<Value, Error> {
        let Some(running) = level.and_then(|level| self.recursive.get(level).copied()) else {
            return Err(Error::invalid(
                "the loop must have the 'recursive' marker to be called recursively",
            ));
        };
        if stack::is_exhausted() {
            return Err(too_deep());
        }
        let iterated = given.args.into_iter().next();
        let iterated = self.run.defined(iterated.unwrap_or_default())?;
        let depth = running.depth + 1;
        let next = self.recursive.len();
        self.recursive.push(Recursive { depth, ..running });
        // The body sees the names around the loop, not those of the item that calls it.
        let hidden = self.locals.split_off(running.mark);
        let outer = self.inner;
        self.inner = Some(running.mark);
        let mut out = Output::default();
        let result = self.iterate(running.each, iterated, Some(next), depth, &mut out);
        self.inner = outer;
        self.locals.truncate(running.mark);
        self.locals.extend(hidden);
        self.recursive.truncate(next);
        result?;
        out.finish(&self.run)
    }
}
