//! `fcplay doc`: what modules and actions there are and what they take, out of their own definitions.

use std::collections::BTreeMap;
use std::fmt::Write;

use clap::Parser;

use super::error::Error;
use super::exit::Exit;
use super::screen;
use crate::base::{suggest, words};
use crate::module::{ArgumentSpec, Check, Example, FreeForm, Kind, Return, Rule, Spec};
use crate::{actions, modules};

const WIDTH: usize = 100;

/// Shows what modules there are and what they take.
#[derive(Debug, Parser)]
#[command(name = "fcplay doc", version, infer_long_args = true, max_term_width = 100)]
pub(super) struct Doc {
    /// Modules to show, by their short or full names
    #[arg(value_name = "NAME", required_unless_present = "list")]
    names: Vec<String>,
    /// List modules, all or those whose names hold a word
    #[arg(short, long)]
    list: bool,
    /// Accepted for compatibility: only modules are shown
    #[arg(short, long, value_name = "TYPE", default_value = "module", value_parser = ["module"], hide = true)]
    r#type: String,
}

/// A module or an action.
struct Unit {
    spec: &'static Spec,
    arguments: Vec<ArgumentSpec>,
}

/// Shows what is asked for.
pub(super) fn run(doc: &Doc) -> Result<Exit, Error> {
    let units = units();
    if doc.list {
        screen::print(&list(&units, &doc.names));
        return Ok(Exit::Ok);
    }
    let found: Result<Vec<&Unit>, Error> =
        doc.names.iter().map(|name| find(name, &units)).collect();
    let pages: Vec<String> = found?.into_iter().map(page).collect();
    screen::print(&pages.join("\n"));
    Ok(Exit::Ok)
}

/// Returns everything by name; an action hides the module of its name, as it does in a run.
fn units() -> BTreeMap<&'static str, Unit> {
    let modules =
        modules::all().map(|module| Unit { spec: module.spec(), arguments: module.arguments() });
    let actions =
        actions::all().map(|action| Unit { spec: action.spec(), arguments: action.arguments() });
    modules.chain(actions).map(|unit| (unit.spec.name, unit)).collect()
}

fn find<'a>(name: &str, units: &'a BTreeMap<&'static str, Unit>) -> Result<&'a Unit, Error> {
    units.values().find(|unit| unit.spec.answers_to(name)).ok_or_else(|| {
        let short = name.rsplit('.').next().unwrap_or(name);
        let near = suggest::closest(short, units.keys().copied());
        let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        let what =
            format!("there is no module `{name}`{near}\nhint: `fcplay doc --list` shows all");
        Error::new(Exit::Error, what)
    })
}

fn list(units: &BTreeMap<&'static str, Unit>, wanted: &[String]) -> String {
    let is_wanted = |spec: &Spec| {
        let full = format!("{}.{}", spec.collection, spec.name);
        wanted.is_empty() || wanted.iter().any(|word| full.contains(word.as_str()))
    };
    let shown: Vec<&Spec> =
        units.values().map(|unit| unit.spec).filter(|spec| is_wanted(spec)).collect();
    let width = shown.iter().map(|spec| spec.name.len()).max().unwrap_or(0);
    shown.iter().map(|spec| format!("{:width$}  {}\n", spec.name, spec.summary)).collect()
}

fn page(unit: &Unit) -> String {
    let spec = unit.spec;
    let mut out = format!("{}.{}\n\n", spec.collection, spec.name);
    paragraph(&mut out, spec.summary, 2);
    if !spec.also.is_empty() {
        paragraph(&mut out, &format!("Also known as {}.", words::ticked(spec.also)), 2);
    }
    let check = match spec.check {
        Check::Full => "predicts its changes",
        Check::Partial => "predicts what it can",
        Check::Skip => "is skipped",
    };
    let diff = if spec.diff { "shows differences" } else { "shows no differences" };
    paragraph(&mut out, &format!("In check mode it {check}; it {diff}."), 2);
    if let FreeForm::Argument(name) = spec.free_form {
        paragraph(&mut out, &format!("Text in place of arguments is `{name}`."), 2);
    }
    out.push_str("\nArguments\n");
    if unit.arguments.is_empty() {
        out.push_str("  none\n");
    }
    arguments(&mut out, &unit.arguments, 2);
    rules(&mut out, spec.rules);
    examples(&mut out, spec.examples);
    returns(&mut out, spec.returns);
    out
}

fn arguments(out: &mut String, arguments: &[ArgumentSpec], indent: usize) {
    let mut sorted: Vec<&ArgumentSpec> = arguments.iter().collect();
    sorted.sort_by_key(|spec| (!spec.required, spec.name));
    for spec in sorted {
        let mut facts = vec![kind(&spec.kind)];
        if spec.required {
            facts.push("required".to_owned());
        }
        if let Some(default) = &spec.default {
            facts.push(format!("default {}", default().repr()));
        }
        if !spec.aliases.is_empty() {
            facts.push(format!("also {}", spec.aliases.join(", ")));
        }
        line(out, &format!("{} ({})", spec.name, facts.join("; ")), indent);
        paragraph(out, spec.doc, indent + 4);
        let inner = match &spec.kind {
            Kind::Struct(inner) | Kind::List(Kind::Struct(inner)) => inner(),
            _ => Vec::new(),
        };
        self::arguments(out, &inner, indent + 4);
    }
}

fn kind(kind: &Kind) -> String {
    match kind {
        Kind::Choice(words) => format!("one of {}", words.join(", ")),
        Kind::List(Kind::Choice(words)) => format!("list of {}", words.join(", ")),
        Kind::List(inner) => format!("list of {}", inner.name()),
        other => other.name().to_owned(),
    }
}

fn rules(out: &mut String, rules: &[Rule]) {
    if rules.is_empty() {
        return;
    }
    out.push_str("\nRules\n");
    for rule in rules {
        let text = match rule {
            Rule::Exclusive(names) => format!("At most one of {}.", words::ticked(*names)),
            Rule::Together(names) => format!("All or none of {}.", words::ticked(*names)),
            Rule::OneOf(names) => format!("At least one of {}.", words::ticked(*names)),
            Rule::If(name, value, needed) => {
                format!("With `{name}: {value}`, {} must be given.", words::ticked(*needed))
            }
            Rule::IfAny(name, value, needed) => {
                format!("With `{name}: {value}`, one of {} must be given.", words::ticked(*needed))
            }
            Rule::By(name, needed) => {
                format!("With `{name}`, {} must be given.", words::ticked(*needed))
            }
        };
        paragraph(out, &text, 2);
    }
}

fn examples(out: &mut String, examples: &[Example]) {
    if examples.is_empty() {
        return;
    }
    out.push_str("\nExamples\n");
    for example in examples {
        line(out, &format!("- name: {}", example.about.trim_end_matches('.')), 2);
        for text in example.task.lines() {
            line(out, text, 4);
        }
    }
}

fn returns(out: &mut String, returns: &[Return]) {
    if returns.is_empty() {
        return;
    }
    out.push_str("\nReturns\n");
    for value in returns {
        line(out, value.name, 2);
        paragraph(out, value.about, 6);
    }
}

fn line(out: &mut String, text: &str, indent: usize) {
    let text =
        if text.is_empty() { String::new() } else { format!("{}{text}", " ".repeat(indent)) };
    writeln!(out, "{text}").expect("writing to a string does not fail");
}

/// Writes text in lines of a readable width.
fn paragraph(out: &mut String, text: &str, indent: usize) {
    let mut current = String::new();
    for word in text.split_whitespace() {
        if !current.is_empty()
            && indent + current.chars().count() + 1 + word.chars().count() > WIDTH
        {
            line(out, &current, indent);
            current.clear();
        }
        if !current.is_empty() {
            current.push(' ');
        }
        current.push_str(word);
    }
    if !current.is_empty() {
        line(out, &current, indent);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_says_everything() {
        let units = units();
        assert_eq!(
            page(find("ansible.builtin.ping", &units).unwrap()),
            "ansible.builtin.ping\n\n  \
             Answers, when a host can be reached and used.\n  \
             In check mode it predicts its changes; it shows no differences.\n\n\
             Arguments\n  data (str; default 'pong')\n      \
             What to answer. The text `crash` makes the module fail, to try how a playbook handles it.\n\n\
             Examples\n  - name: Ask all hosts\n    ping:\n\n\
             Returns\n  ping\n      The value of `data`.\n"
        );
    }

    #[test]
    fn a_wrong_name_comes_with_a_guess() {
        let error = find("pign", &units()).err().unwrap();
        assert_eq!(
            error.text,
            "error: there is no module `pign`; did you mean `ping`?\nhint: `fcplay doc --list` shows all"
        );
    }
}
