//! `maketrans` and `translate`: characters for characters.

use super::Arguments;
use crate::base::Value;
use crate::template::Reason;

/// Answers `maketrans`.
pub(super) fn make_translation(given: Arguments<'_>) -> Result<Value, Reason> {
    given.count(1, 3)?;
    let code = |c: char| Value::Int(i64::from(u32::from(c)));
    if let Some(map) = given.args[0].as_map() {
        let pairs = map.iter().map(|(key, value)| {
            let key =
                key.as_str().and_then(|text| text.chars().next()).map_or_else(|| key.clone(), code);
            (key, value.clone())
        });
        return Ok(Value::map(pairs));
    }
    let (from, to) = (given.text(0, "x")?, given.text(1, "y")?);
    if from.chars().count() != to.chars().count() {
        return Err(Reason::new("the first two maketrans arguments must have equal length"));
    }
    let removed = given.optional_text(2, "z")?.unwrap_or_default();
    let pairs = from.chars().zip(to.chars()).map(|(a, b)| (code(a), code(b)));
    Ok(Value::map(pairs.chain(removed.chars().map(|c| (code(c), Value::Null)))))
}

/// Answers `translate`.
pub(super) fn translate(text: &str, given: Arguments<'_>) -> Result<Value, Reason> {
    given.count(1, 1)?;
    let table =
        given.args[0].as_map().ok_or_else(|| Reason::new("translate() needs a dictionary"))?;
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match table.get_value(&Value::Int(i64::from(u32::from(c)))) {
            None => out.push(c),
            Some(Value::Null) => {}
            Some(Value::Text(text)) => out.push_str(text.as_str()),
            Some(other) => {
                let code = other.as_int().and_then(|code| u32::try_from(code).ok());
                out.extend(code.and_then(char::from_u32));
            }
        }
    }
    Ok(Value::from(out))
}
