//! Regular expressions: `regex_search`, `regex_findall`, `regex_replace`, `regex_escape`.

use crate::base::Value;
use crate::base::pyregex::{self, Flags, Match, Pattern};
use crate::template::table::builtin;
use crate::template::{Call, Entry, Reason};

pub(super) const ENTRIES: &[Entry] = &[
    builtin(&["regex_escape"], regex_escape),
    builtin(&["regex_findall"], regex_findall),
    builtin(&["regex_replace"], regex_replace),
    builtin(&["regex_search"], regex_search),
];

impl From<pyregex::PatternError> for Reason {
    fn from(error: pyregex::PatternError) -> Self {
        Self::new(error.to_string())
    }
}

fn regex_escape(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["re_type"])?;
    let posix = match call.text(0, "re_type", "python").as_str() {
        "posix_basic" => true,
        "python" => false,
        known @ "posix_extended" => {
            return Err(Reason::new(format!(
                "Regex type ({known}) not yet implemented, in Ansible either; use `posix_basic` or `python`"
            )));
        }
        other => {
            return Err(Reason::new(format!(
                "Invalid regex type ({other}); use `posix_basic` or `python`"
            )));
        }
    };
    let text = call.input_text();
    if !posix {
        return Ok(pyregex::escape(&text).into());
    }
    let mut out = String::new();
    for c in text.chars() {
        if "[].^$*\\".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    Ok(out.into())
}

fn regex_replace(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&[
        "pattern",
        "replacement",
        "ignorecase",
        "multiline",
        "count",
        "mandatory_count",
    ])?;
    let flags = flags(call, 2, 3);
    let pattern = Pattern::kept(&call.text(0, "pattern", ""), flags)?;
    let count = call.size(4, "count", 0)?;
    let wanted = call.size(5, "mandatory_count", 0)?;
    let (text, done) =
        pattern.replace_all(&call.input_text(), &call.text(1, "replacement", ""), count)?;
    if wanted > 0 && wanted != done {
        let pattern = pattern.source();
        return Err(Reason::new(format!(
            "'{pattern}' should match {wanted} times, but matches {done} times"
        )));
    }
    Ok(text.into())
}

fn flags(call: &Call<'_>, ignorecase: usize, multiline: usize) -> Flags {
    Flags::IGNORECASE.when(call.flag(ignorecase, "ignorecase", false))
        | Flags::MULTILINE.when(call.flag(multiline, "multiline", false))
}

fn regex_findall(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["regex", "multiline", "ignorecase"])?;
    let pattern = Pattern::kept(&call.need_text(0, "regex")?, flags(call, 2, 1))?;
    let text = call.input_text();
    let mut out = Vec::new();
    for found in pattern.find_iter(&text) {
        let found = found?;
        let group = |number: usize| Value::from(found.group(number).unwrap_or_default());
        out.push(match pattern.groups() {
            0 => group(0),
            1 => group(1),
            count => Value::list((1..=count).map(group)),
        });
    }
    Ok(Value::list(out))
}

fn regex_search(call: &mut Call<'_>) -> Result<Value, Reason> {
    let wanted: Vec<Value> = call.args.drain(1.min(call.args.len())..).collect();
    call.accept(&["regex", "ignorecase", "multiline"])?;
    let pattern = Pattern::kept(&call.need_text(0, "regex")?, flags(call, 1, 2))?;
    let groups =
        wanted.iter().map(|group| group_number(&pattern, group)).collect::<Result<Vec<_>, _>>()?;
    let text = call.input_text();
    let Some(found) = pattern.search(&text)? else {
        return Ok(Value::Null);
    };
    let part =
        |found: &Match<'_>, group: usize| found.group(group).map_or(Value::Null, Value::from);
    if groups.is_empty() {
        return Ok(found.as_str().into());
    }
    Ok(Value::list(groups.into_iter().map(|group| part(&found, group))))
}

/// Reads `\1` or `\g<name>`.
fn group_number(pattern: &Pattern, argument: &Value) -> Result<usize, Reason> {
    let text = argument.to_string();
    let name = text.strip_prefix("\\g<").and_then(|rest| rest.strip_suffix('>'));
    let digits = text.strip_prefix('\\').and_then(|digits| digits.parse::<usize>().ok());
    let group = match (name, digits) {
        (Some(name), _) => pattern.group_of(name).or_else(|| name.parse().ok()),
        (None, Some(number)) => Some(number),
        _ => {
            return Err(Reason::new(format!(
                "unknown argument `{text}`; groups are written as `\\\\1` or `\\\\g<name>`"
            )));
        }
    };
    group
        .filter(|group| *group <= pattern.groups())
        .ok_or_else(|| Reason::new(format!("the pattern has no group `{text}`")))
}
