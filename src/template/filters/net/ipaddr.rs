//! `ipaddr`, `ipv4`, `ipv6`, `ipwrap`: whether a value is an address, and questions about it.

use crate::base::Value;
use crate::template::arguments::described;
use crate::template::text::net::{Address, Network, Version};
use crate::template::{Call, Reason};

use super::query::{self, Subject};

pub(super) fn ipaddr(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["query", "version", "alias"])?;
    let version = match call.given(1, "version").map(|_| call.int(1, "version", 0)).transpose()? {
        Some(4) => Some(Version::V4),
        Some(6) => Some(Version::V6),
        _ => None,
    };
    asked(&call.input, &call.text(0, "query", ""), version)
}

pub(super) fn ipv4(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["query"])?;
    asked(&call.input, &call.text(0, "query", ""), Some(Version::V4))
}

pub(super) fn ipv6(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["query"])?;
    asked(&call.input, &call.text(0, "query", ""), Some(Version::V6))
}

/// Puts addresses of version 6 into brackets; what is no address stays.
pub(super) fn ipwrap(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["query"])?;
    let wrap = |value: &Value| {
        let wrapped = asked(value, "wrap", None)?;
        Ok(if wrapped.truth() { wrapped } else { value.clone() })
    };
    match &call.input {
        Value::List(items) | Value::Tuple(items) => {
            items.iter().map(wrap).collect::<Result<Vec<_>, _>>().map(Value::list)
        }
        value => wrap(value),
    }
}

/// Answers a query for a value, or for the items of a list, of which those without an answer are left out.
pub(super) fn asked(value: &Value, query: &str, version: Option<Version>) -> Result<Value, Reason> {
    match value {
        Value::List(items) | Value::Tuple(items) => {
            let answers = items
                .iter()
                .map(|item| asked(item, query, version))
                .collect::<Result<Vec<_>, _>>()?;
            Ok(Value::list(answers.into_iter().filter(Value::truth).collect::<Vec<_>>()))
        }
        Value::Bool(_) => Ok(Value::Bool(false)),
        Value::Text(text) => one(text.as_str(), query, version),
        Value::Int(_) | Value::Big(_) => one(&value.to_string(), query, version),
        other => Err(Reason::new(format!(
            "needs text, an integer or a list of them, got {}",
            described(other)
        ))),
    }
}

fn one(text: &str, query: &str, version: Option<Version>) -> Result<Value, Reason> {
    // A number is of the version that is asked for, and shown as the address it stands for.
    let number =
        text.split('/').next().is_some_and(|address| address.bytes().all(|b| b.is_ascii_digit()));
    let mut network = Network::parse(text);
    if let Some(network) = network
        .as_mut()
        .filter(|network| number && version == Some(Version::V6) && !network.written)
    {
        *network = Address { version: Version::V6, ..network.address }.into();
    }
    let Some(network) =
        network.filter(|network| version.is_none_or(|version| network.version() == version))
    else {
        return Ok(Value::Bool(false));
    };
    let shown = if number { network.to_string() } else { text.to_owned() };
    query::answer(&Subject { network, shown }, query)
}
