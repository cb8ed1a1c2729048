//! Text with marks: joining keeps them.

use std::sync::Arc;

use crate::base::{Flags, Text, Value};

/// Returns text, marked as secret or not.
pub(super) fn marked(chars: impl Into<Arc<str>>, secret: bool) -> Text {
    if secret { Text::secret(chars) } else { Text::plain(chars) }
}

/// Returns two texts as one, secret when one of them is.
pub(super) fn joined(a: &Text, b: &Text) -> Text {
    let chars = [a.as_str(), b.as_str()].concat();
    marked(chars, a.is_secret() || b.is_secret())
}

/// Returns whether anything below a value must not be shown.
pub(super) fn is_secret(value: &Value) -> bool {
    value.flags().contains(Flags::SECRET)
}
