//! `~` and variables in text, as the user of this process sees them.

use super::Look;

/// Returns the text with a leading `~` or `~name` and all variables that are set replaced.
pub fn expand(text: &str, machine: &dyn Look) -> String {
    if !text.starts_with('~') && !text.contains('$') {
        return text.to_owned();
    }
    variables(&home(text, machine), machine)
}

fn home(text: &str, machine: &dyn Look) -> String {
    let Some(rest) = text.strip_prefix('~') else { return text.to_owned() };
    let (name, rest) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let user = if name.is_empty() {
        // The home folder of the user it is, not of the one it was before `sudo`.
        machine.user_by_id(machine.uid())
    } else {
        machine.user(name)
    };
    match user {
        Ok(Some(user)) => format!("{}{rest}", user.home.trim_end_matches('/')),
        _ => text.to_owned(),
    }
}

/// Replaces `$NAME` and `${NAME}`; what is not set stays as it is.
fn variables(text: &str, machine: &dyn Look) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        let (name, tail, written) =
            match after.strip_prefix('{').and_then(|inner| inner.split_once('}')) {
                Some((name, tail)) => (name, tail, format!("${{{name}}}")),
                None => {
                    let end = after
                        .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                        .unwrap_or(after.len());
                    (&after[..end], &after[end..], format!("${}", &after[..end]))
                }
            };
        match machine.env(name).filter(|_| !name.is_empty()) {
            Some(value) => out.push_str(&value),
            None => out.push_str(&written),
        }
        rest = tail;
    }
    out + rest
}
