//! JSON and YAML: `to_json`, `to_nice_json`, `tojson`, `from_json`, `to_yaml`, `to_nice_yaml`, `from_yaml`.

use libyaml_safer::{Break, ScalarStyle};

use crate::base::Value;
use crate::template::arguments::described;
use crate::template::table::builtin;
use crate::template::text::json::{self, Style};
use crate::template::text::yaml::{self, Flow};
use crate::template::{Call, Entry, Reason, size};

pub(super) const ENTRIES: &[Entry] = &[
    builtin(&["from_json"], from_json),
    builtin(&["from_yaml"], from_yaml),
    builtin(&["from_yaml_all"], from_yaml_all),
    builtin(&["to_json"], to_json),
    builtin(&["to_nice_json"], to_nice_json),
    builtin(&["to_nice_yaml"], to_nice_yaml),
    builtin(&["to_yaml"], to_yaml),
    builtin(&["tojson"], tojson),
];

/// The arguments of Python's JSON writer that change what is written; the others change nothing here.
const JSON_ARGUMENTS: &[&str] = &[
    "indent",
    "sort_keys",
    "ensure_ascii",
    "separators",
    "profile",
    "vault_to_text",
    "preprocess_unsafe",
    "skipkeys",
    "check_circular",
    "allow_nan",
];

fn to_json(call: &mut Call<'_>) -> Result<Value, Reason> {
    let style = style(call, Style::default())?;
    json::write(&call.input, &style).map(Value::from)
}

fn to_nice_json(call: &mut Call<'_>) -> Result<Value, Reason> {
    let nice = Style { indent: Some("    ".to_owned()), sort_keys: true, ..Style::default() };
    let positional = std::mem::take(&mut call.args);
    for (name, value) in ["indent", "sort_keys"].into_iter().zip(positional) {
        call.kwargs.insert(name, value);
    }
    // The separators are not the caller's to choose here.
    call.kwargs.remove("separators");
    let mut style = style(call, nice)?;
    style.item_separator = ",".to_owned();
    json::write(&call.input, &style).map(Value::from)
}

/// Writes JSON that may stand in HTML, keys sorted, as Jinja2's own filter does.
fn tojson(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["indent"])?;
    let style = Style { sort_keys: true, ..indented(Style::default(), call.given(0, "indent"))? };
    let text = json::write(&call.input, &style)?;
    let text = text.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026");
    Ok(text.replace('\'', "\\u0027").into())
}

fn style(call: &Call<'_>, base: Style) -> Result<Style, Reason> {
    if !call.args.is_empty() {
        return Err(Reason::new("takes its arguments by name only"));
    }
    call.accept(JSON_ARGUMENTS)?;
    let get = |name: &str| call.kwargs.get(name);
    let mut style = Style {
        sort_keys: get("sort_keys").map_or(base.sort_keys, Value::truth),
        ascii: get("ensure_ascii").map_or(base.ascii, Value::truth),
        ..base
    };
    if let Some(indent) = get("indent") {
        style = indented(style, Some(indent))?;
    } else if style.indent.is_some() {
        style.item_separator = ",".to_owned();
    }
    if let Some(separators) = get("separators").filter(|value| !value.is_null()) {
        let parts: Vec<&str> = separators
            .as_list()
            .map(|list| list.iter().filter_map(Value::as_str).collect())
            .unwrap_or_default();
        let [item, key] = parts[..] else {
            let got = described(separators);
            return Err(Reason::new(format!(
                "`separators` must be a list of two texts, not {got}"
            )));
        };
        (style.item_separator, style.key_separator) = (item.to_owned(), key.to_owned());
    }
    Ok(style)
}

/// Sets the indent: a number of spaces or text; with one, items end with a bare comma.
fn indented(style: Style, indent: Option<&Value>) -> Result<Style, Reason> {
    let indent = match indent {
        None | Some(Value::Null) => {
            return Ok(Style { indent: None, item_separator: ", ".to_owned(), ..style });
        }
        Some(Value::Text(text)) => text.as_str().to_owned(),
        Some(number) => {
            let count = number.as_int().ok_or_else(|| {
                Reason::new(format!(
                    "`indent` must be a number of spaces, not {}",
                    described(number)
                ))
            })?;
            size::repeated(" ", usize::try_from(count).unwrap_or(0))?
        }
    };
    Ok(Style { indent: Some(indent), item_separator: ",".to_owned(), ..style })
}

fn from_json(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["profile"])?;
    match &call.input {
        Value::Text(text) => json::read(text.as_str()),
        Value::Bytes(bytes) => json::read(&String::from_utf8_lossy(bytes)),
        other => Err(Reason::new(format!("needs JSON text, got {}", described(other)))),
    }
}

fn from_yaml(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept_none()?;
    match &call.input {
        Value::Text(text) => {
            crate::yaml::value_of(text.as_str()).map_err(|mistake| not_yaml(&mistake))
        }
        // What is data already stays as it is.
        other => Ok(other.clone()),
    }
}

fn from_yaml_all(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept_none()?;
    match &call.input {
        Value::Null => Ok(Value::list([])),
        Value::Text(text) => crate::yaml::values_of(text.as_str())
            .map(Value::list)
            .map_err(|mistake| not_yaml(&mistake)),
        other => Ok(other.clone()),
    }
}

fn not_yaml(mistake: &crate::base::Mistake) -> Reason {
    Reason::new(format!(
        "not valid YAML: {} (line {}, column {})",
        mistake.what, mistake.at.line, mistake.at.column
    ))
}

/// The arguments of PyYAML's writer.
const YAML_ARGUMENTS: [&str; 10] = [
    "indent",
    "width",
    "sort_keys",
    "default_flow_style",
    "default_style",
    "explicit_start",
    "explicit_end",
    "canonical",
    "line_break",
    "encoding",
];

fn to_yaml(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.args.clear();
    yaml_text(call, 0, Flow::Leaves)
}

fn to_nice_yaml(call: &mut Call<'_>) -> Result<Value, Reason> {
    // Only the first positional argument means something: the indent.
    if let Some(indent) = std::mem::take(&mut call.args).into_iter().next() {
        call.kwargs.insert("indent", indent);
    }
    yaml_text(call, 4, Flow::Block)
}

fn yaml_text(call: &mut Call<'_>, indent: i64, flow: Flow) -> Result<Value, Reason> {
    const NONE: usize = usize::MAX;
    call.accept(&YAML_ARGUMENTS)?;
    let number = |name: &str, default: i64| match call.given(NONE, name) {
        None => Ok(default),
        // `width=float('inf')` and the like mean «never».
        Some(Value::Float(number)) => Ok(*number as i64),
        Some(_) => call.int(NONE, name, default),
    };
    let clamped = |number: i64| i32::try_from(number).unwrap_or(i32::MAX);
    let flow = match call.kwargs.get("default_flow_style") {
        None => flow,
        Some(Value::Null) => Flow::Leaves,
        Some(value) if value.truth() => Flow::Brackets,
        Some(_) => Flow::Block,
    };
    let styles = [
        ("", ScalarStyle::Any),
        ("\"", ScalarStyle::DoubleQuoted),
        ("'", ScalarStyle::SingleQuoted),
        (">", ScalarStyle::Folded),
        ("|", ScalarStyle::Literal),
    ];
    let breaks = [("\n", Break::Ln), ("\r", Break::Cr), ("\r\n", Break::CrLn)];
    let style = yaml::Style {
        indent: clamped(number("indent", indent)?),
        width: clamped(number("width", 0)?),
        flow,
        scalars: call.choice(NONE, "default_style", ScalarStyle::Any, &styles)?,
        sort_keys: call.flag(NONE, "sort_keys", true),
        explicit_start: call.flag(NONE, "explicit_start", false),
        explicit_end: call.flag(NONE, "explicit_end", false),
        blocks: false,
        whole: false,
        canonical: call.flag(NONE, "canonical", false),
        line_break: call.choice(NONE, "line_break", Break::Ln, &breaks).unwrap_or(Break::Ln),
    };
    yaml::write(&call.input, &style).map(Value::from)
}
