//! Templates: Jinja2 as Ansible 2.19 speaks it.
//!
//! The text is read by our own parser; the evaluation is over [`crate::base::Value`], because what Ansible content relies
//! on (undefined that chains but never hides a typo, lazily resolved variables, native types, mutation inside a
//! template, marks that travel with values) is a matter of the value type.
#![forbid(unsafe_code)]

mod arguments;
mod attributes;
mod call;
#[cfg(test)]
mod cases;
mod check;
mod compile;
mod condition;
mod dump;
mod engine;
mod error;
mod eval;
pub mod filters;
mod group;
mod header;
mod ir;
pub mod lookups;
mod methods;
pub mod moment;
mod notes;
mod object;
mod options;
mod parse;
mod place;
mod scope;
mod size;
mod stack;
mod table;
pub mod tests;
mod text;
pub mod undefined;

pub use call::{Call, Context, Entry, Reason, items_of};
pub use dump::{Texts, dumps, inventory_yaml, json, yaml};
pub use engine::{BrokenConditions, Engine, Services, Settings, TextKind};
pub use error::{Error, ErrorKind};
pub use group::Group;
pub use notes::{noted, noting};
pub use object::{Dynamic, Mapping, ScopeObject, is_omit, omit};
pub use options::{Delimiters, RenderOptions, Source};
pub use scope::Scope;
pub use text::json::{Style as JsonStyle, write as write_json};
pub use undefined::{Undefined, is_undefined};
