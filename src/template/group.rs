//! One group of `groupby`: a pair that also has names, `grouper` and `list`.

use std::any::Any;
use std::sync::Arc;

use crate::base::{Flags, Object, Value};

/// A key with the items that share it.
#[derive(Debug)]
pub struct Group {
    /// The key.
    pub grouper: Value,
    /// The items.
    pub list: Value,
}

impl Group {
    /// Returns a group.
    pub fn new(grouper: Value, items: Vec<Value>) -> Self {
        Self { grouper, list: Value::list(items) }
    }

    /// Returns the part of a name.
    pub fn attribute(&self, name: &str) -> Option<Value> {
        match name {
            "grouper" => Some(self.grouper.clone()),
            "list" => Some(self.list.clone()),
            _ => None,
        }
    }
}

impl Object for Group {
    fn type_name(&self) -> &'static str {
        "GroupTuple"
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn flags(&self) -> Flags {
        self.grouper.flags() | self.list.flags()
    }

    fn plain(&self) -> Value {
        Value::Tuple(Arc::new([self.grouper.clone(), self.list.clone()].into_iter().collect()))
    }
}
