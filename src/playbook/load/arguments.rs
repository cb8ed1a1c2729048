//! Arguments of actions: dictionaries, `key=value` text, free text, and `args` beside them.

use super::Loader;
use crate::base::split::{split_words, unescape, unquote};
use crate::base::{Lazy, Mistake, Position, Value};
use crate::playbook::model::{Action, Argument, Given};
use crate::playbook::words::pair;
use crate::yaml::Node;
use std::sync::Arc;

/// Actions that take text which is no `key=value`.
const FREE_FORM: [&str; 13] = [
    "command",
    "shell",
    "script",
    "raw",
    "include_vars",
    "include_tasks",
    "include_role",
    "import_tasks",
    "import_role",
    "import_playbook",
    "add_host",
    "meta",
    "group_by",
];

/// Actions whose text is a program: only these words of it are arguments.
const PROGRAMS: [&str; 4] = ["command", "shell", "script", "raw"];

/// Words that are arguments inside the text of a program.
const PROGRAM_WORDS: [&str; 9] = [
    "chdir",
    "creates",
    "decrypt",
    "executable",
    "removes",
    "stdin",
    "stdin_add_newline",
    "strip_empty_ends",
    "warn",
];

impl Loader<'_> {
    pub(super) fn read_action(
        &self,
        word: &str,
        key: &Node,
        value: &Node,
        args: Option<&Node>,
    ) -> Option<Action> {
        let mut action = Action { word: word.to_owned(), at: key.at.clone(), ..Action::default() };
        if matches!(word, "action" | "local_action") {
            self.old_style(&mut action, value)?;
        } else {
            self.fill(&mut action, value);
        }
        if let Some(args) = args {
            self.extra_args(&mut action, args);
        }
        Some(action)
    }

    /// Refuses arguments with names that Ansible keeps for itself, `set_fact` with such variables among them.
    pub(super) fn refuse_internal(&self, action: &Action) {
        let internal = action.args.iter().find(|argument| argument.name.starts_with("_ansible_"));
        if let Some(Argument { name, at, .. }) = internal {
            let what = format!(
                "Invalid parameter specified beginning with keyword '_ansible_' for action '{}': '{name}'. The prefix '_ansible_' is reserved for internal use only.",
                action.word
            );
            self.mistake(Mistake::new(what, at));
        }
    }

    /// Reads `action: module key=value` and `action: {module: name, key: value}`.
    fn old_style(&self, action: &mut Action, value: &Node) -> Option<()> {
        action.at = value.at.clone();
        if value.is_map() {
            let Some(module) = value.get("module").and_then(Node::as_str) else {
                self.mistake(Mistake::new("`action` needs a `module`", &value.at));
                return None;
            };
            module.clone_into(&mut action.word);
            action.args = arguments(value.entries());
            action.args.retain(|argument| !matches!(argument.name.as_str(), "args" | "module"));
            if let Some(args) = value.get("args") {
                self.extra_args(action, args);
            }
            return Some(());
        }
        let text = value.as_str().unwrap_or_default();
        let text = text.trim();
        // The name of the module may be a template, with blanks of its own.
        let length = split_words(text).ok().and_then(|words| Some(words.first()?.len()));
        let (word, rest) =
            text.split_at(length.filter(|end| text.is_char_boundary(*end)).unwrap_or(0));
        if word.is_empty() {
            self.mistake(Mistake::new("`action` needs the name of a module", &value.at));
            return None;
        }
        word.clone_into(&mut action.word);
        self.fill_text(action, rest, &value.at);
        Some(())
    }

    fn fill(&self, action: &mut Action, value: &Node) {
        if value.is_map() {
            action.args = arguments(value.entries());
        } else if value.is_null() {
            // An action without arguments.
        } else if let Some(text) = value.as_str() {
            self.fill_text(action, text, &value.at);
        } else if value.is_list() && is_one_of(&action.word, &FREE_FORM) {
            action.free_form = Some(super::given(value));
        } else if value.is_list() {
            let what =
                format!("unexpected parameter type in action: {}", value.to_value().type_name());
            self.mistake(
                Mistake::new(what, &value.at).hint("a dictionary of arguments is wanted here"),
            );
        } else {
            self.fill_text(action, &value.to_value().to_string(), &value.at);
        }
    }

    fn fill_text(&self, action: &mut Action, text: &str, at: &Position) {
        let words = match split_words(text) {
            Ok(words) => words,
            Err(reason) if is_one_of(&action.word, &PROGRAMS) => {
                self.mistake(Mistake::new(format!("failed at splitting arguments, {reason}"), at));
                return;
            }
            Err(reason) => {
                self.mistake(Mistake::new(format!("failed at splitting arguments, {reason}"), at));
                return;
            }
        };
        let program = is_one_of(&action.word, &PROGRAMS);
        let (mut free, mut taken) = (Vec::new(), Vec::new());
        for word in &words {
            let read = unescape(word);
            match pair(&read) {
                Some((key, value)) if !program || PROGRAM_WORDS.contains(&key) => {
                    action.args.push(Argument {
                        name: key.to_owned(),
                        at: at.clone(),
                        value: text_value(unquote(value), at),
                        value_at: at.clone(),
                    });
                    taken.push(word.as_str());
                }
                _ => free.push(word.as_str()),
            }
        }
        if free.is_empty() {
            return;
        }
        // The text itself counts, with its line breaks and spaces.
        let rest = if program { program_text(text, &taken) } else { free.join(" ") };
        if is_one_of(&action.word, &FREE_FORM) || text.contains("{{") {
            action.free_form = Some(Given { value: text_value(&rest, at), at: at.clone() });
        } else {
            let what = format!(
                "this task '{}' has extra params, which is only allowed in the following modules: {}",
                action.word,
                FREE_FORM.join(", ")
            );
            let hint = format!("write its arguments as a dictionary; `{rest}` is no `key=value`");
            self.mistake(Mistake::new(what, at).hint(hint));
        }
    }

    fn extra_args(&self, action: &mut Action, args: &Node) {
        match args.to_value() {
            Value::Map(_) => {
                for argument in arguments(args.entries()) {
                    if !action.args.iter().any(|known| known.name == argument.name) {
                        action.args.push(argument);
                    }
                }
            }
            Value::Null => {}
            value @ Value::Lazy(_) => action.all = Some(Given { value, at: args.at.clone() }),
            other => {
                let what = format!("`args` must be a dictionary, not {}", other.type_name());
                self.mistake(Mistake::new(what, &args.at));
            }
        }
    }
}

/// Returns the text of a program without the words that are arguments, and with lines joined that end with a backslash
/// which stands by itself.
fn program_text(text: &str, taken: &[&str]) -> String {
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    for word in taken {
        let Some(at) = rest.find(word) else { continue };
        out.push_str(&rest[..at]);
        rest = &rest[at + word.len()..];
        // The blank before goes with the word; at the start of a line, the one behind.
        if out.ends_with(' ') {
            out.truncate(out.trim_end_matches(' ').len());
        } else {
            rest = rest.trim_start();
        }
    }
    joined(&(out + rest)).trim_start().trim_end_matches(' ').to_owned()
}

/// Joins lines outside of quotes that end with a backslash which stands by itself.
fn joined(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut quote = None;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let alone = out.chars().next_back().is_none_or(char::is_whitespace);
        if c == '\\' && quote.is_none() && alone && chars.peek() == Some(&'\n') {
            chars.next();
            while chars.next_if(|c| matches!(c, ' ' | '\t')).is_some() {}
            continue;
        }
        match (c, quote) {
            ('\\', _) => {
                out.push(c);
                out.extend(chars.next());
                continue;
            }
            (c, Some(open)) if c == open => quote = None,
            ('\'' | '"', None) => quote = Some(c),
            _ => {}
        }
        out.push(c);
    }
    out
}

fn arguments(entries: &[(Node, Node)]) -> Vec<Argument> {
    entries
        .iter()
        .map(|(key, value)| Argument {
            name: key.to_value().to_string(),
            at: key.at.clone(),
            value: value.to_value(),
            value_at: value.at.clone(),
        })
        .collect()
}

/// Returns text out of a trusted file: a template where it looks like one.
fn text_value(text: &str, at: &Position) -> Value {
    if ["{{", "{%", "{#"].iter().any(|mark| text.contains(mark)) {
        Value::Lazy(Arc::new(Lazy::template(text, at.clone())))
    } else {
        Value::written(text)
    }
}

fn is_one_of(word: &str, words: &[&str]) -> bool {
    let short = word
        .strip_prefix("ansible.builtin.")
        .or_else(|| word.strip_prefix("ansible.legacy."))
        .unwrap_or(word);
    words.contains(&short)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_programs() {
        #[track_caller]
        fn case(text: &str, taken: &[&str], expected: &str) {
            assert_eq!(program_text(text, taken), expected);
        }
        case("echo hi", &[], "echo hi");
        case("echo hi chdir=/tmp", &["chdir=/tmp"], "echo hi");
        case("chdir=/tmp  echo hi", &["chdir=/tmp"], "echo hi");
        case("echo a creates=/x b", &["creates=/x"], "echo a b");
        case("creates=x\nchdir=y\necho \"test\"\n", &["creates=x", "chdir=y"], "echo \"test\"\n");
        case("cat <<E\n  a\nE\n", &[], "cat <<E\n  a\nE\n");
        case("a \\\n   b \\\nc\nd\n", &[], "a b c\nd\n");
        case("echo 'a \\\nb' a\\\nb", &[], "echo 'a \\\nb' a\\\nb");
    }
}
