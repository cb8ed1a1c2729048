//! Data in files with a form: `from_csv`, `from_ini`, `to_ini`.

use crate::base::{Map, Value};
use crate::template::arguments::{described, plain_map};
use crate::template::text::{csv, ini};
use crate::template::{Call, Reason, call};

pub(super) fn from_csv(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["dialect", "fieldnames", "delimiter", "skipinitialspace", "strict"])?;
    let tab = call.choice(
        0,
        "dialect",
        false,
        &[("excel", false), ("excel-tab", true), ("unix", false)],
    )?;
    let delimiter = match call.text_given(2, "delimiter") {
        Some(text) => {
            text.chars().next().ok_or_else(|| Reason::new("`delimiter` must not be empty"))?
        }
        None if tab => '\t',
        None => ',',
    };
    let text = call.need_input_text()?;
    let trim = call.flag(3, "skipinitialspace", false);
    let trimmed = |cell: String| if trim { cell.trim_start_matches(' ').to_owned() } else { cell };
    let rows = csv::parse(&text, delimiter).into_iter();
    let mut rows = rows.map(|row| row.into_iter().map(trimmed).collect::<Vec<_>>());
    let names: Vec<String> = match call.given(1, "fieldnames") {
        Some(names) => call::items_of(names)?.iter().map(ToString::to_string).collect(),
        None => rows.next().unwrap_or_default(),
    };
    let record = |row: Vec<String>| {
        let mut cells = row.into_iter();
        let mut map = Map::new();
        for name in &names {
            map.insert(name.as_str(), Value::from(cells.next()));
        }
        Value::from(map)
    };
    Ok(Value::list(rows.map(record)))
}

pub(super) fn from_ini(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["delimiters"])?;
    let style = ini::Style { case_sensitive: true, bare_keys: false, interpolation: false };
    let file = ini::Ini::parse(&call.need_input_text()?, style).map_err(Reason::new)?;
    let mut out = Map::new();
    for section in file.sections() {
        let mut pairs = Map::new();
        for key in file.keys(section) {
            let value = file.get(section, &key).map_err(Reason::new)?.flatten();
            pairs.insert(key, Value::from(value));
        }
        out.insert(section, pairs.into());
    }
    Ok(out.into())
}

pub(super) fn to_ini(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept_none()?;
    let sections = call.input_map()?;
    if sections.is_empty() {
        return Err(Reason::new("needs a dictionary that is not empty"));
    }
    let mut out = Vec::new();
    for (name, pairs) in sections.iter() {
        let pairs = plain_map(pairs).ok_or_else(|| {
            Reason::new(format!(
                "the section `{name}` must be a dictionary, not {}",
                described(pairs)
            ))
        })?;
        let lines =
            pairs.iter().map(|(key, value)| format!("{key} = {value}\n").replace(" = \n", " = \n"));
        out.push(format!("[{name}]\n{}", lines.collect::<String>()));
    }
    Ok(out.join("\n").into())
}
