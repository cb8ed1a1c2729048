//! Rules between arguments: exclusive, together, one of, required if.

use crate::base::{Map, Value};

use super::{ArgumentSpec, BadArgument};

/// A rule between arguments, by their own names.
#[derive(Clone, Copy, Debug)]
pub enum Rule {
    /// At most one of these.
    Exclusive(&'static [&'static str]),
    /// All or none of these.
    Together(&'static [&'static str]),
    /// At least one of these.
    OneOf(&'static [&'static str]),
    /// When the argument has this value, all of these.
    If(&'static str, &'static str, &'static [&'static str]),
    /// When the argument has this value, at least one of these.
    IfAny(&'static str, &'static str, &'static [&'static str]),
    /// When the argument is given, all of these.
    By(&'static str, &'static [&'static str]),
}

/// Checks the rules over arguments as they were given.
pub fn check(rules: &[Rule], specs: &[ArgumentSpec], args: &Map) -> Result<(), BadArgument> {
    let given = |name: &&str| value(specs, args, name).is_some();
    let fail = |message: String| Err(BadArgument::new(message));
    for rule in rules {
        match rule {
            Rule::Exclusive(names) if names.iter().filter(|name| given(name)).count() > 1 => {
                return fail(format!("parameters are mutually exclusive: {}", names.join("|")));
            }
            Rule::Together(names) if names.iter().any(given) && !names.iter().all(given) => {
                return fail(format!("parameters are required together: {}", names.join(", ")));
            }
            Rule::OneOf(names) if !names.iter().any(given) => {
                return fail(format!("one of the following is required: {}", names.join(", ")));
            }
            Rule::If(name, wanted, names) if has(specs, args, name, wanted) => {
                let missing: Vec<_> = names.iter().filter(|name| !given(name)).copied().collect();
                if !missing.is_empty() {
                    return fail(format!(
                        "{name} is {wanted} but all of the following are missing: {}",
                        missing.join(", ")
                    ));
                }
            }
            Rule::IfAny(name, wanted, names)
                if has(specs, args, name, wanted) && !names.iter().any(given) =>
            {
                return fail(format!(
                    "{name} is {wanted} but any of the following are missing: {}",
                    names.join(", ")
                ));
            }
            Rule::By(name, names) if given(name) => {
                let missing: Vec<_> = names.iter().filter(|name| !given(name)).copied().collect();
                if !missing.is_empty() {
                    return fail(format!(
                        "missing parameter(s) required by '{name}': {}",
                        missing.join(", ")
                    ));
                }
            }
            Rule::Exclusive(_)
            | Rule::Together(_)
            | Rule::OneOf(_)
            | Rule::If(..)
            | Rule::IfAny(..)
            | Rule::By(..) => {}
        }
    }
    Ok(())
}

fn value<'a>(specs: &[ArgumentSpec], args: &'a Map, name: &str) -> Option<&'a Value> {
    let aliases = specs.iter().find(|spec| spec.name == name).map_or(&[][..], |spec| spec.aliases);
    super::find(args, name, aliases)
}

fn has(specs: &[ArgumentSpec], args: &Map, name: &str, wanted: &str) -> bool {
    let default = || specs.iter().find(|spec| spec.name == name)?.default.map(|default| default());
    let value = value(specs, args, name).cloned().or_else(default);
    value.is_some_and(|value| super::spellings(&value).iter().any(|word| word == wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(rule: Rule, args: &[&str], expected: Option<&str>) {
        let args: Map = args.iter().map(|name| (*name, Value::from("x"))).collect();
        let got = check(&[rule], &[], &args).err().map(|error| error.to_string());
        assert_eq!(got.as_deref(), expected);
    }

    #[test]
    fn rules() {
        case(
            Rule::Exclusive(&["a", "b"]),
            &["a", "b"],
            Some("parameters are mutually exclusive: a|b"),
        );
        case(Rule::Exclusive(&["a", "b"]), &["a"], None);
        case(Rule::Together(&["a", "b"]), &["a"], Some("parameters are required together: a, b"));
        case(Rule::OneOf(&["a", "b"]), &["c"], Some("one of the following is required: a, b"));
        case(
            Rule::If("a", "x", &["b"]),
            &["a"],
            Some("a is x but all of the following are missing: b"),
        );
        case(Rule::If("a", "y", &["b"]), &["a"], None);
        case(Rule::By("a", &["b"]), &["a"], Some("missing parameter(s) required by 'a': b"));
    }
}
