//! What `set_stats` gathered, shown at the end.

use crate::base::{Map, Value};
use crate::report::mask::masked;
use crate::report::settings::ValueFormat;
use crate::template::{self, Texts};

/// The owner of what belongs to no host.
const RUN: &str = "_run";

/// Returns a line a host, and one for the run.
pub(super) fn lines(custom: &Map, format: ValueFormat) -> String {
    let mut hosts: Vec<(&str, &Value)> =
        custom.iter().filter_map(|(owner, values)| Some((owner.as_str()?, values))).collect();
    hosts.sort_by_key(|(owner, _)| *owner);
    let text = |values: &Value| match format {
        ValueFormat::Json => template::json(&masked(values), Some(1)).replace('\n', ""),
        ValueFormat::Yaml => template::yaml(&masked(values), 4, Texts::Readable)
            .lines()
            .map(|line| format!(" {line}"))
            .collect(),
    };
    let mut out = String::new();
    for (owner, values) in hosts.iter().filter(|(owner, _)| *owner != RUN) {
        out += &format!("\t{owner}: {}\n", text(values));
    }
    if let Some(values) = custom.get(RUN) {
        out += &format!("\n\tRUN: {}\n", text(values));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_run_comes_last() {
        let values = Value::map([("b", Value::list([1.into()])), ("a", 2.into())]);
        let custom = Map::from_iter([("_run", values.clone()), ("h1", values)]);
        assert_eq!(
            lines(&custom, ValueFormat::Json),
            "\th1: { \"a\": 2, \"b\": [  1 ]}\n\n\tRUN: { \"a\": 2, \"b\": [  1 ]}\n"
        );
    }
}
