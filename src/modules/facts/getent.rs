//! `getent`: asks the host's databases of users, groups, hosts, services … and makes facts of the answers.

use crate::arguments;
use crate::base::{List, Map, Value};
use crate::module::{Example, Failure, Job, Module, Outcome, Return, Spec};
use crate::system::Command;

arguments! {
    /// Arguments of `getent`.
    pub(super) struct Args {
        /// The database: `passwd`, `group`, `shadow`, `hosts`, `services`, `networks` and so on.
        database: String,
        /// Whether a key that is not there is a failure.
        fail_key: bool = true,
        /// The key to look up. The whole database is read when it is not given.
        key: Option<String>,
        /// The service to ask (`files`, `ldap`). All that the host is set up for are asked when it is not given.
        service: Option<String>,
        /// What parts the fields: a colon for the databases of users and groups, else white space.
        split: Option<String>,
    }
}

/// The module.
pub(super) struct Getent;

const NOT_FOUND: &str = "One or more supplied key could not be found in the database.";

impl Module for Getent {
    const SPEC: &'static Spec = &Spec {
        name: "getent",
        summary: "Makes facts of entries in the databases of users, groups, hosts and the like.",
        examples: &[
            Example { about: "Look up a user.", task: "getent: {database: passwd, key: deploy}" },
            Example {
                about: "Look up a group that may not exist.",
                task: "getent: {database: group, key: docker, fail_key: false}",
            },
        ],
        returns: &[Return {
            name: "ansible_facts",
            about: "The entries as `getent_<database>`: the fields behind each key.",
        }],
        ..Spec::BASE
    };
    type Args = Args;

    fn run(args: Args, job: &mut Job<'_>) -> Result<Outcome, Failure> {
        let service = args.service.iter().flat_map(|service| ["-s", service]);
        let argv = ["getent"].into_iter().chain(service).chain([args.database.as_str()]);
        let command = Command::new(argv.chain(args.key.as_deref())).env("LC_ALL", "C");
        let output = job.look().query(&command)?;
        let fact = format!("getent_{}", args.database);
        match (output.code, &args.key) {
            (0, _) => {
                let table = entries(&output.out(), separator(&args));
                Ok(with_fact(fact, table, ""))
            }
            (2, Some(key)) if !args.fail_key => {
                let table = Map::from_iter([(key.as_str(), Value::Null)]);
                Ok(with_fact(fact, table, NOT_FOUND))
            }
            (2, _) => Err(Failure::program(NOT_FOUND, &output)),
            (1, _) => Err(Failure::program("Missing arguments, or database unknown.", &output)),
            (3, _) => Err(Failure::program("Enumeration not supported on this database.", &output)),
            (code, _) => Err(Failure::program(
                format!(
                    "`getent {}` ended with status {code}: {}",
                    args.database,
                    output.err().trim()
                ),
                &output,
            )),
        }
    }
}

fn with_fact(name: String, table: Map, message: &str) -> Outcome {
    let facts = Map::from_iter([(name, Value::from(table))]);
    Outcome { facts, message: message.into(), ..Outcome::default() }
}

fn separator(args: &Args) -> Option<&str> {
    let colons = ["group", "gshadow", "passwd", "shadow"].contains(&args.database.as_str());
    args.split.as_deref().or(colons.then_some(":"))
}

/// Returns the fields by key; a key that stands there several times has a list of them.
fn entries(text: &str, separator: Option<&str>) -> Map {
    let mut table: Map = Map::new();
    let mut repeated = Vec::new();
    for line in text.lines() {
        let fields: Vec<&str> = match separator {
            Some(separator) => line.split(separator).collect(),
            None => line.split_whitespace().collect(),
        };
        let Some((key, fields)) = fields.split_first() else { continue };
        let fields = Value::from(fields.to_vec());
        let value = match table.get(key) {
            None => fields,
            Some(first) if !repeated.contains(&key.to_string()) => {
                repeated.push((*key).to_owned());
                Value::list([first.clone(), fields])
            }
            Some(many) => {
                let mut list = many.as_list().map_or_else(List::new, |list| (**list).clone());
                list.push(fields);
                list.into()
            }
        };
        table.insert(*key, value);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_become_fields() {
        let case =
            |text: &str, separator: Option<&str>| Value::from(entries(text, separator)).repr();
        assert_eq!(
            case("root:x:0:0:r:/root:/bin/sh\n", Some(":")),
            "{'root': ['x', '0', '0', 'r', '/root', '/bin/sh']}"
        );
        assert_eq!(
            case("127.0.0.1 localhost\n127.0.0.1 a b\n127.0.0.1 c\n", None),
            "{'127.0.0.1': [['localhost'], ['a', 'b'], ['c']]}"
        );
    }
}
