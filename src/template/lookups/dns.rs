//! `dig`: asks a name server, over UDP and, for long answers, over TCP.

use crate::base::{Map, Value};
use crate::template::table::from_collection;
use crate::template::text::dns::{self, Kind, Question};
use crate::template::{Call, Entry, Reason};

pub(super) const ENTRIES: &[Entry] = &[from_collection("community.general", &["dig"], dig)];

const NAMES: [&str; 9] = [
    "class",
    "fail_on_error",
    "flat",
    "port",
    "qtype",
    "real_empty",
    "retry_servfail",
    "tcp",
    "wantlist",
];

/// What is asked, of whom, and how the answers are given.
struct Wanted {
    names: Vec<String>,
    kind: String,
    servers: Vec<String>,
    options: Map,
}

impl Wanted {
    fn read(call: &Call<'_>) -> Result<Self, Reason> {
        let mut options = call.kwargs.clone();
        let mut wanted = Self {
            names: Vec::new(),
            kind: "A".to_owned(),
            servers: Vec::new(),
            options: Map::new(),
        };
        for term in call.terms() {
            if let Some(servers) = term.strip_prefix('@') {
                wanted.servers.extend(servers.split(',').map(|server| server.trim().to_owned()));
            } else if let Some((name, value)) = term.split_once('=') {
                if !NAMES.contains(&name) {
                    let names = crate::base::words::ticked(NAMES);
                    return Err(Reason::new(format!("unknown option `{name}`; it takes {names}")));
                }
                options.insert(name, value.into());
            } else if let Some((name, kind)) = term.split_once('/') {
                wanted.names.push(name.to_owned());
                wanted.kind = kind.to_uppercase();
            } else {
                wanted.names.push(term);
            }
        }
        if let Some(kind) = options.get("qtype") {
            wanted.kind = kind.to_string().to_uppercase();
        }
        wanted.options = options;
        Ok(wanted)
    }

    fn flag(&self, name: &str, default: bool) -> bool {
        self.options.get(name).map_or(default, |value| match value {
            Value::Text(text) => crate::base::fold::truth(text.as_str()).unwrap_or(default),
            other => other.truth(),
        })
    }
}

fn dig(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept_options(&NAMES)?;
    let wanted = Wanted::read(call)?;
    let class = wanted.options.get("class").map_or_else(|| "IN".to_owned(), ToString::to_string);
    if !class.eq_ignore_ascii_case("IN") {
        return Err(Reason::new(format!("`class` must be `IN`, not `{class}`")));
    }
    let port = match wanted.options.get("port") {
        None => 53,
        Some(port) => port
            .to_string()
            .parse()
            .map_err(|_| Reason::new(format!("`port` must be a port, not `{port}`")))?,
    };
    let servers = if wanted.servers.is_empty() { dns::servers() } else { wanted.servers.clone() };
    let mut out = Vec::new();
    for name in &wanted.names {
        let (name, kind) = question_of(name, &wanted.kind)?;
        let question = Question { name, kind, port, tcp: wanted.flag("tcp", false) };
        let tries = if wanted.flag("retry_servfail", false) { 3 } else { 1 };
        match dns::ask(&question, &servers, tries) {
            Ok(answers) => out
                .extend(answers.into_iter().map(|answer| shown(answer, wanted.flag("flat", true)))),
            Err(dns::Failure::NoSuchName) if wanted.flag("fail_on_error", false) => {
                return Err(Reason::new(format!("Nonexistent domain: {}", question.name)));
            }
            Err(dns::Failure::NoSuchName) if wanted.flag("real_empty", false) => {}
            Err(dns::Failure::NoSuchName) => out.push("NXDOMAIN".into()),
            Err(dns::Failure::NoAnswer) if wanted.flag("real_empty", false) => {}
            Err(dns::Failure::NoAnswer) => out.push("".into()),
            Err(dns::Failure::Other(why)) => {
                return Err(Reason::new(format!(
                    "cannot look up {} {}: {why}",
                    question.name, wanted.kind
                )));
            }
        }
    }
    Ok(Value::list(out))
}

/// Returns the name to ask for; an address with the kind PTR is turned around.
fn question_of(name: &str, kind: &str) -> Result<(String, Kind), Reason> {
    let kind = Kind::parse(kind).ok_or_else(|| {
        Reason::new(format!(
            "`qtype` must be one of {}, not `{kind}`",
            crate::base::words::ticked(Kind::NAMES)
        ))
    })?;
    let address = crate::template::text::net::Address::parse(name);
    Ok(match address {
        Some(address) if kind == Kind::Ptr => (address.reverse_name(), kind),
        _ => (name.to_owned(), kind),
    })
}

/// Returns an answer as text, or as a dictionary of its parts.
fn shown(answer: dns::Answer, flat: bool) -> Value {
    if flat {
        return answer.text.into();
    }
    let mut map = answer.parts;
    map.insert("owner", answer.owner.into());
    map.insert("ttl", answer.ttl.into());
    map.insert("type", answer.kind.into());
    map.into()
}
