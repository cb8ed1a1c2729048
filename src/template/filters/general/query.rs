//! Asking and comparing data: `json_query`, `fact_diff`.

use crate::base::Value;
use crate::template::text::json::{self, Style};
use crate::template::text::{diff, jmespath};
use crate::template::{Call, Reason};

pub(super) fn json_query(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["expr"])?;
    jmespath::search(&call.need_text(0, "expr")?, &call.input)
}

/// Returns a unified diff of two values, written as indented JSON; text is compared as it is.
pub(super) fn fact_diff(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["after", "plugin", "common"])?;
    let style = Style {
        indent: Some("    ".to_owned()),
        item_separator: ",".to_owned(),
        sort_keys: true,
        ..Style::default()
    };
    let text = |value: &Value| match value {
        Value::Text(text) => Ok(text.as_str().to_owned()),
        other => json::write(other, &style).map(|text| text + "\n"),
    };
    let (before, after) = (text(&call.input)?, text(call.need(0, "after")?)?);
    Ok(diff::unified(&before, &after).into())
}
