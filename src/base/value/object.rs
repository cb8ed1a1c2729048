//! Values that stand for something else: lazy text, and objects that one layer alone understands.

use std::any::Any;
use std::fmt;
use std::sync::{Arc, OnceLock};

use super::{Flags, Value};
use crate::base::Position;

/// What a lazy text is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum LazyKind {
    /// A Jinja template from trusted content.
    Template,
    /// A vault envelope (`$ANSIBLE_VAULT;…`).
    Vault,
}

/// Text from trusted content that is resolved where it is used.
pub struct Lazy {
    kind: LazyKind,
    source: Arc<str>,
    at: Position,
    compiled: OnceLock<Arc<dyn Any + Send + Sync>>,
}

impl Lazy {
    /// Returns a template as it stands in a file.
    pub fn template(source: impl Into<Arc<str>>, at: Position) -> Self {
        Self { kind: LazyKind::Template, source: source.into(), at, compiled: OnceLock::new() }
    }

    /// Returns a vault envelope as it stands in a file.
    pub fn vault(source: impl Into<Arc<str>>, at: Position) -> Self {
        Self { kind: LazyKind::Vault, source: source.into(), at, compiled: OnceLock::new() }
    }

    /// Returns what kind of text this is.
    pub fn kind(&self) -> LazyKind {
        self.kind
    }

    /// Returns the text as written.
    pub fn source(&self) -> &Arc<str> {
        &self.source
    }

    /// Returns where it stands.
    pub fn at(&self) -> &Position {
        &self.at
    }

    /// Returns the compiled form, made once by whoever asks first.
    pub fn compiled(
        &self,
        make: impl FnOnce() -> Arc<dyn Any + Send + Sync>,
    ) -> &Arc<dyn Any + Send + Sync> {
        self.compiled.get_or_init(make)
    }
}

impl fmt::Debug for Lazy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}({:?})", self.kind, self.source)
    }
}

/// A value that only one layer understands; others pass it on, print it, or ask for its plain form.
pub trait Object: Any + fmt::Debug + Send + Sync {
    /// Returns the name of the type for messages.
    fn type_name(&self) -> &'static str;

    /// Returns itself, for the layer that knows what it is.
    fn as_any(&self) -> &dyn Any;

    /// Returns what is known of the content.
    fn flags(&self) -> Flags {
        Flags::NONE
    }

    /// Returns its truth.
    fn truth(&self) -> bool {
        true
    }

    /// Returns the plain value it leaves behind when it is printed, stored or sent away.
    fn plain(&self) -> Value {
        Value::text(format!("<{}>", self.type_name()))
    }
}
