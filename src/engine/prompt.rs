//! Questions of `vars_prompt`.

use std::io::IsTerminal;

use super::run::Run;
use crate::base::Value;
use crate::playbook::{Language, Play, Prompt};

/// Asks for one variable.
pub(super) fn ask(run: &Run, play: &Play, prompt: &Prompt) -> Result<Value, String> {
    let fixed = |given: &Option<crate::playbook::Given>| {
        given
            .as_ref()
            .map(|given| run.words.fixed(&given.value, &[&run.fixed, &play.vars]))
            .transpose()
    };
    let default = fixed(&prompt.default)?;
    let question =
        fixed(&prompt.prompt)?.map_or_else(|| prompt.name.to_string(), |text| text.to_string());
    let question = match &default {
        Some(default) => format!("{question} [{default}]: "),
        None => format!("{question}: "),
    };
    let answer = answer(run, prompt, &question);
    let value = match (answer.filter(|answer| !answer.is_empty()), default) {
        (Some(answer), _) => Value::text(answer),
        (None, Some(default)) => Value::text(default.to_string()),
        (None, None) => Value::text(""),
    };
    let value = match &prompt.encrypt {
        Some(scheme) => hashed(run, prompt, scheme, &value)?,
        None => value,
    };
    Ok(if prompt.private && run.options.hide_prompted { value.into_secret() } else { value })
}

fn answer(run: &Run, prompt: &Prompt, question: &str) -> Option<String> {
    if !std::io::stdin().is_terminal() {
        run.warn("Not prompting as we are not in interactive mode");
        return None;
    }
    loop {
        let answer = (run.ask)(question, prompt.private)?;
        if !prompt.confirm {
            return Some(answer);
        }
        let again = (run.ask)(&format!("confirm {question}"), prompt.private)?;
        if again == answer {
            return Some(answer);
        }
        run.warn("***** VALUES ENTERED DO NOT MATCH ****");
    }
}

fn hashed(run: &Run, prompt: &Prompt, scheme: &str, value: &Value) -> Result<Value, String> {
    let mut vars = crate::base::Map::new();
    vars.insert("value", value.clone());
    let mut arguments = format!("'{}'", scheme.trim_end_matches("_crypt"));
    if let Some(salt) = &prompt.salt {
        vars.insert("salt", salt.as_str().into());
        arguments.push_str(", salt=salt");
    } else if let Some(size) = prompt.salt_size {
        arguments.push_str(&format!(", salt_size={size}"));
    }
    let scope: std::sync::Arc<dyn crate::template::Scope> = std::sync::Arc::new(vars);
    let expression = format!("value | password_hash({arguments})");
    run.templates
        .expression(&expression, &Default::default(), &scope)
        .map_err(|error| error.to_string())
}
