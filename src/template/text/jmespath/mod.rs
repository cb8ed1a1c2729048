//! JMESPath, the query language of `json_query` (<https://jmespath.org>), over our own values.

mod evaluate;
mod functions;
mod lexer;
mod parser;

use crate::base::Value;
use crate::template::Reason;

/// A query that was read.
#[derive(Clone, Debug, PartialEq)]
enum Node {
    And(Box<Self>, Box<Self>),
    Call(String, Vec<Self>),
    Compare(Comparison, Box<Self>, Box<Self>),
    Current,
    /// An expression that is given to a function (`&name`).
    Expression(Box<Self>),
    Field(String),
    /// Items of a list for which a condition holds, and what is done with each.
    Filter {
        of: Box<Self>,
        condition: Box<Self>,
        each: Box<Self>,
    },
    Flatten(Box<Self>),
    Index(i64),
    Literal(Value),
    MultiList(Vec<Self>),
    MultiMap(Vec<(String, Self)>),
    Not(Box<Self>),
    Or(Box<Self>, Box<Self>),
    /// One after the other; ends projections.
    Pipe(Box<Self>, Box<Self>),
    /// What is done with each item of a list.
    Project(Box<Self>, Box<Self>),
    Slice(Option<i64>, Option<i64>, Option<i64>),
    /// One inside of the other.
    Sub(Box<Self>, Box<Self>),
    /// What is done with each value of a dictionary.
    Values(Box<Self>, Box<Self>),
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Comparison {
    Equal,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
    NotEqual,
}

/// Returns what a query finds in a value; null when it finds nothing.
pub(in crate::template) fn search(query: &str, data: &Value) -> Result<Value, Reason> {
    let wrong = |why: String| Reason::new(format!("in the query `{query}`: {why}"));
    let node = parser::parse(query).map_err(wrong)?;
    evaluate::evaluate(&node, data).map_err(wrong)
}
