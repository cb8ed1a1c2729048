//! How Python writes and reads text: what filters, tests and operators share.

pub(super) mod crypt;
pub(super) mod csv;
pub(super) mod diff;
pub(super) mod encoding;
pub(super) mod glob;
pub(super) mod html;
pub(super) mod ini;
pub(super) mod jmespath;
pub(super) mod json;
pub(super) mod lines;
pub(super) mod mac;
pub(super) mod net;
pub(super) mod number;
pub(super) mod order;
pub(super) mod path;
pub(super) mod pprint;
pub(super) mod printf;
pub(super) mod shell;
pub(super) mod size;
pub(super) mod strptime;
pub(super) mod twister;
pub(super) mod url;
pub(super) mod version;
pub(super) mod words;
pub(super) mod wrap;
pub(super) mod yaml;
