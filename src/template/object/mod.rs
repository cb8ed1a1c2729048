//! The objects that templates know: undefined, `omit`, the variables of another host, mappings made on demand.
#![forbid(unsafe_code)]

mod mapping;
mod omit;
mod undefined;

pub use mapping::{Dynamic, Mapping, ScopeObject};
pub use omit::{is_omit, omit};
pub use undefined::{Undefined, is_undefined};
