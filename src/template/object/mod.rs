//! The objects that templates know: undefined, `omit`, the variables of another host, mappings made on demand.
#![forbid(unsafe_code)]

mod mapping;
mod omit;

pub use mapping::{Dynamic, Mapping, ScopeObject};
pub use omit::{is_omit, omit};
