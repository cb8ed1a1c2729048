//! Small types that everybody needs: values, positions, mistakes, secrets, file modes, words for messages.
//!
//! Layer 0, shared by controller and helper. Nothing here touches the machine.
#![forbid(unsafe_code)]

pub mod deprecation;
pub mod fold;
pub mod glob;
pub mod json;
pub mod mistake;
pub mod mode;
pub mod path;
pub mod position;
pub mod pyregex;
pub mod secret;
pub mod shlex;
pub mod split;
pub mod stray;
pub mod strptime;
pub mod suggest;
pub mod time;
pub mod value;
pub mod words;

pub use deprecation::Deprecation;
pub use mistake::{Mistake, Mistakes};
pub use mode::{Mode, NotAMode};
pub use position::{Position, SourceFile};
pub use secret::Secret;
pub use value::{Flags, Lazy, LazyKind, List, Map, Object, Text, Value};
