//! `version`: comparing version numbers, loosely, strictly, or by the rules of semver or Python packages.

use std::cmp::Ordering;

use crate::base::Value;
use crate::template::table::builtin;
use crate::template::text::version::{self, Rules};
use crate::template::{Call, Entry, Reason};

pub(super) const ENTRIES: &[Entry] = &[builtin(&["version", "version_compare"], version_test)];

const RULES: [(&str, Rules); 5] = [
    ("loose", Rules::Loose),
    ("pep440", Rules::Pep440),
    ("semantic", Rules::Semantic),
    ("semver", Rules::Semantic),
    ("strict", Rules::Strict),
];

fn version_test(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["version", "operator", "strict", "version_type"])?;
    let wanted = operator(&call.text(1, "operator", "eq"))?;
    if call.given(2, "strict").is_some() && call.given(3, "version_type").is_some() {
        return Err(Reason::new("takes `strict` or `version_type`, not both"));
    }
    let base = if call.flag(2, "strict", false) { Rules::Strict } else { Rules::Loose };
    let rules = call.choice(3, "version_type", base, &RULES)?;
    let (own, other) = (call.input_text(), call.need_text(0, "version")?);
    if own.is_empty() {
        return Err(Reason::new("the version on the left is empty"));
    }
    if other.is_empty() {
        return Err(Reason::new("the version to compare with is empty"));
    }
    let order = version::compare(&own, &other, rules)?;
    Ok(wanted.contains(&order).into())
}

fn operator(text: &str) -> Result<&'static [Ordering], Reason> {
    use Ordering::{Equal, Greater, Less};
    Ok(match text {
        "==" | "=" | "eq" => &[Equal],
        "!=" | "<>" | "ne" => &[Less, Greater],
        "<" | "lt" => &[Less],
        "<=" | "le" => &[Less, Equal],
        ">" | "gt" => &[Greater],
        ">=" | "ge" => &[Greater, Equal],
        _ => {
            return Err(Reason::new(format!(
                "`{text}` is no operator; use one of `==`, `!=`, `<`, `<=`, `>`, `>=` or `eq`, `ne`, `lt`, `le`, `gt`, `ge`"
            )));
        }
    })
}
