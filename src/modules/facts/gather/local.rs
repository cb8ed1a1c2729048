//! The host's own facts: `*.fact` files with JSON or INI, or programs that print it.

use std::path::Path;

use super::{Gather, parse_ini};
use crate::base::{Map, Value, json};
use crate::system::Command;

pub(super) fn local(gather: &mut Gather<'_>) {
    let folder = gather.fact_path.clone();
    let mut facts = Map::new();
    for file in gather.list(&folder) {
        let Some(name) = file.strip_suffix(".fact") else { continue };
        let path = folder.join(&file);
        let value = match content(gather, &path).and_then(|text| value_of(&text, &path)) {
            Ok(value) => value,
            Err(why) => {
                gather.warnings.push(why.clone());
                why.into()
            }
        };
        facts.insert(name, value);
    }
    gather.set("local", facts);
}

/// Returns the text of a file, or what it prints when it is a program.
fn content(gather: &Gather<'_>, path: &Path) -> Result<String, String> {
    let mode = gather.look.stat_followed(path).ok().flatten().map_or(0, |meta| meta.mode);
    if mode & 0o111 == 0 {
        let bytes = gather.look.read(path).map_err(|error| error.to_string())?;
        return Ok(String::from_utf8_lossy(&bytes.unwrap_or_default()).into_owned());
    }
    let mut command = Command::new([path.to_string_lossy()]);
    command.timeout = Some(gather.patience);
    let failed = |why: String| format!("Failure executing fact script ({}), {why}", path.display());
    match gather.look.query(&command) {
        Ok(output) if output.success() => Ok(output.out()),
        Ok(output) if output.timed_out => {
            Err(failed(format!("it took longer than {} seconds", gather.patience.as_secs())))
        }
        Ok(output) => Err(failed(format!("rc: {}, err: {}", output.code, output.err()))),
        Err(error) => Err(failed(error.to_string())),
    }
}

fn value_of(text: &str, path: &Path) -> Result<Value, String> {
    if let Ok(value) = json::parse(text) {
        return Ok(value);
    }
    parse_ini(text).map(Value::from).ok_or_else(|| {
        format!("error loading facts as JSON or ini - please check content: {}", path.display())
    })
}
