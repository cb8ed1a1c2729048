//! HTML and addresses: `escape`, `striptags`, `xmlattr`, `urlize`, `urlencode`, `urldecode`, `urlsplit`.

use crate::base::Value;
use crate::template::arguments::{described, plain_map};
use crate::template::table::builtin;
use crate::template::text::{html, url};
use crate::template::{Call, Entry, Reason, call};

pub(super) const ENTRIES: &[Entry] = &[
    builtin(&["escape", "e", "forceescape"], escape),
    builtin(&["safe"], safe),
    builtin(&["striptags"], striptags),
    builtin(&["urldecode"], urldecode),
    builtin(&["urlencode"], urlencode),
    builtin(&["urlize"], urlize),
    builtin(&["urlsplit"], urlsplit),
    builtin(&["xmlattr"], xmlattr),
];

fn escape(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept_none()?;
    Ok(html::escape(&call.input_text()).into())
}

/// Returns the text: nothing is escaped unless somebody asks for it.
fn safe(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept_none()?;
    Ok(call.input_text().into())
}

fn striptags(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept_none()?;
    Ok(html::strip_tags(&call.input_text()).into())
}

fn xmlattr(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["autospace"])?;
    let map = call.input_map()?;
    let mut out = String::new();
    for (key, value) in map.iter() {
        if value.is_null() || crate::template::is_undefined(value) {
            continue;
        }
        let key = key.to_string();
        if key.contains(|c: char| c.is_whitespace() || "/>=".contains(c)) {
            return Err(Reason::new(format!("`{key}` cannot be the name of an attribute")));
        }
        let pair = format!("{}=\"{}\"", html::escape(&key), html::escape(&value.to_string()));
        if !out.is_empty() || call.flag(0, "autospace", true) {
            out.push(' ');
        }
        out.push_str(&pair);
    }
    Ok(out.into())
}

fn urlize(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["trim_url_limit", "nofollow", "target", "rel", "extra_schemes"])?;
    let mut rel: Vec<String> =
        call.text(3, "rel", "").split_whitespace().map(str::to_owned).collect();
    rel.push("noopener".to_owned());
    if call.flag(1, "nofollow", false) {
        rel.push("nofollow".to_owned());
    }
    rel.sort();
    rel.dedup();
    let schemes = match call.given(4, "extra_schemes") {
        Some(list) => call::items_of(list)?.iter().map(ToString::to_string).collect(),
        None => Vec::new(),
    };
    let links = html::Links {
        shown: call
            .given(0, "trim_url_limit")
            .map(|_| call.size(0, "trim_url_limit", 0))
            .transpose()?,
        rel: rel.join(" "),
        target: call.text_given(2, "target").unwrap_or_default(),
        schemes,
    };
    Ok(html::urlize(&call.input_text(), &links).into())
}

/// Quotes text for an address, keeping `/`; of a dictionary or pairs makes a query.
fn urlencode(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept_none()?;
    let pairs: Vec<(Value, Value)> = match (&call.input, plain_map(&call.input)) {
        (_, Some(map)) => map.iter().map(|(key, value)| (key.clone(), value.clone())).collect(),
        (Value::List(items) | Value::Tuple(items), _) => {
            items.iter().map(pair).collect::<Result<_, _>>()?
        }
        (other, _) => return Ok(url::quote(&other.to_string(), "/").into()),
    };
    let quoted = |value: &Value| url::quote_plus(&value.to_string());
    let words: Vec<String> =
        pairs.iter().map(|(key, value)| format!("{}={}", quoted(key), quoted(value))).collect();
    Ok(words.join("&").into())
}

fn pair(item: &Value) -> Result<(Value, Value), Reason> {
    match item.as_list().map(|list| &list[..]) {
        Some([key, value]) => Ok((key.clone(), value.clone())),
        _ => Err(Reason::new(format!(
            "needs pairs of a key and a value, found {} in the list",
            described(item)
        ))),
    }
}

fn urldecode(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["encoding", "errors"])?;
    Ok(url::unquote(&call.need_input_text()?.replace('+', " ")).into())
}

fn urlsplit(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["query", "alias"])?;
    let parts = url::split(&call.need_input_text()?).map_err(Reason::new)?;
    let query = call.text(0, "query", "");
    if query.is_empty() {
        return Ok(parts.into());
    }
    parts.get(&query).cloned().ok_or_else(|| {
        let known = crate::base::words::ticked(parts.keys());
        Reason::new(format!("unknown part `{query}`; use one of {known}"))
    })
}
