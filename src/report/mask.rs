//! What must not be seen is not shown: secret texts become `****`.

use std::sync::Arc;

use crate::base::{Flags, Map, Value};

/// What stands for a secret.
pub(super) const MASK: &str = "****";

/// Why nothing of a result with `no_log` is shown; Ansible's words, which scripts look for.
pub(super) const HIDDEN: &str =
    "the output has been hidden due to the fact that 'no_log: true' was specified for this result";

/// Returns the value with every secret text replaced.
pub(super) fn masked(value: &Value) -> Value {
    if !value.flags().contains(Flags::SECRET) {
        return value.clone();
    }
    match value {
        Value::Text(_) => Value::text(MASK),
        Value::List(items) => Value::list(items.iter().map(masked)),
        Value::Tuple(items) => Value::Tuple(Arc::new(items.iter().map(masked).collect())),
        Value::Map(map) => Value::from(masked_map(map)),
        Value::Object(object) => masked(&object.plain()),
        other => other.clone(),
    }
}

/// Returns the dictionary with every secret text replaced, keys included.
pub(super) fn masked_map(map: &Map) -> Map {
    map.iter().map(|(key, value)| (masked(key), masked(value))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_masked_wherever_they_are() {
        let value = Value::map([
            ("a", Value::secret("x")),
            ("b", Value::list([Value::text("y"), Value::secret("z")])),
        ]);
        assert_eq!(masked(&value).repr(), "{'a': '****', 'b': ['y', '****']}");
    }
}
