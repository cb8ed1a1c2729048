//! JSON: what is read and written again is the same, by both readers.

use fcplay::base::{SourceFile, json};
use fcplay::yaml::{self, Trust};

/// Takes one input.
pub(crate) fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let _ = yaml::parse(&SourceFile::new("f.json", text), Trust::Templates);
    let Ok(value) = json::parse(text) else { return };
    let written = json::write(&value);
    let again = json::parse(&written).expect("what we write can be read");
    assert_eq!(again.repr(), value.repr(), "{written}");
}
