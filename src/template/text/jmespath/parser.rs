//! Reads a query by operator precedence.

use super::lexer::{Token, tokens};
use super::{Comparison, Node};

/// How tightly tokens bind what stands before them; above this a projection goes on.
const PROJECTION: u8 = 10;

fn binding(token: &Token) -> u8 {
    match token {
        Token::Pipe => 1,
        Token::Or => 2,
        Token::And => 3,
        Token::Compare(_) => 5,
        Token::Flatten => 9,
        Token::Star => 20,
        Token::Filter => 21,
        Token::Dot => 40,
        Token::Not => 45,
        Token::LeftBrace => 50,
        Token::LeftBracket => 55,
        Token::LeftParenthesis => 60,
        _ => 0,
    }
}

/// Reads a query.
pub(super) fn parse(query: &str) -> Result<Node, String> {
    let mut parser = Parser { tokens: tokens(query)?, at: 0 };
    let node = parser.expression(0)?;
    parser.expect(&Token::End, "the end")?;
    Ok(node)
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
}

impl Parser {
    fn peek(&self) -> &Token {
        &self.tokens[self.at.min(self.tokens.len() - 1)]
    }

    fn ahead(&self) -> &Token {
        &self.tokens[(self.at + 1).min(self.tokens.len() - 1)]
    }

    fn next(&mut self) -> Token {
        let token = self.peek().clone();
        self.at += 1;
        token
    }

    fn eat(&mut self, token: &Token) -> bool {
        let found = self.peek() == token;
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, token: &Token, what: &str) -> Result<(), String> {
        if self.eat(token) {
            Ok(())
        } else {
            Err(format!("{what} was expected, {} found", shown(self.peek())))
        }
    }

    fn expression(&mut self, power: u8) -> Result<Node, String> {
        let mut left = self.prefix()?;
        while power < binding(self.peek()) {
            left = self.infix(left)?;
        }
        Ok(left)
    }

    fn prefix(&mut self) -> Result<Node, String> {
        match self.next() {
            Token::Literal(value) => Ok(Node::Literal(value)),
            Token::Name(name) => Ok(Node::Field(name)),
            Token::QuotedName(name) => {
                if *self.peek() == Token::LeftParenthesis {
                    return Err("the name of a function must not stand in quotes".to_owned());
                }
                Ok(Node::Field(name))
            }
            Token::Current => Ok(Node::Current),
            Token::Star => {
                let each = if *self.peek() == Token::RightBracket {
                    Node::Current
                } else {
                    self.projected(20)?
                };
                Ok(Node::Values(Box::new(Node::Current), Box::new(each)))
            }
            Token::Filter => self.filter(Node::Current),
            Token::LeftBrace => self.multi_map(),
            Token::LeftParenthesis => {
                let inner = self.expression(0)?;
                self.expect(&Token::RightParenthesis, "`)`")?;
                Ok(inner)
            }
            Token::Flatten => {
                let each = self.projected(9)?;
                Ok(Node::Project(Box::new(Node::Flatten(Box::new(Node::Current))), Box::new(each)))
            }
            Token::Not => Ok(Node::Not(Box::new(self.expression(45)?))),
            Token::LeftBracket => match (self.peek(), self.ahead()) {
                (Token::Number(_) | Token::Colon, _) => self.index(Node::Current),
                (Token::Star, Token::RightBracket) => {
                    self.at += 2;
                    let each = self.projected(20)?;
                    Ok(Node::Project(Box::new(Node::Current), Box::new(each)))
                }
                _ => self.multi_list(),
            },
            Token::Expression => Ok(Node::Expression(Box::new(self.expression(0)?))),
            Token::End => Err("it ends too early".to_owned()),
            other => Err(format!("{} cannot stand here", shown(&other))),
        }
    }

    fn infix(&mut self, left: Node) -> Result<Node, String> {
        let boxed = Box::new;
        Ok(match self.next() {
            Token::Dot if *self.peek() == Token::Star => {
                self.at += 1;
                Node::Values(boxed(left), boxed(self.projected(20)?))
            }
            Token::Dot => Node::Sub(boxed(left), boxed(self.after_dot(40)?)),
            Token::Pipe => Node::Pipe(boxed(left), boxed(self.expression(1)?)),
            Token::Or => Node::Or(boxed(left), boxed(self.expression(2)?)),
            Token::And => Node::And(boxed(left), boxed(self.expression(3)?)),
            Token::Compare(comparison) => {
                Node::Compare(comparison, boxed(left), boxed(self.expression(5)?))
            }
            Token::LeftParenthesis => self.call(left)?,
            Token::Filter => self.filter(left)?,
            Token::Flatten => {
                Node::Project(boxed(Node::Flatten(boxed(left))), boxed(self.projected(9)?))
            }
            Token::LeftBracket => match self.peek() {
                Token::Number(_) | Token::Colon => self.index(left)?,
                _ => {
                    self.expect(&Token::Star, "a number or `*`")?;
                    self.expect(&Token::RightBracket, "`]`")?;
                    Node::Project(boxed(left), boxed(self.projected(20)?))
                }
            },
            other => return Err(format!("{} cannot stand here", shown(&other))),
        })
    }

    /// Reads what is done with each item of a projection.
    fn projected(&mut self, power: u8) -> Result<Node, String> {
        match self.peek() {
            token if binding(token) < PROJECTION => Ok(Node::Current),
            Token::LeftBracket | Token::Filter => self.expression(power),
            Token::Dot => {
                self.at += 1;
                self.after_dot(power)
            }
            other => Err(format!("{} cannot stand here", shown(other))),
        }
    }

    fn after_dot(&mut self, power: u8) -> Result<Node, String> {
        match self.peek() {
            Token::Name(_) | Token::QuotedName(_) | Token::Star => self.expression(power),
            Token::LeftBracket => {
                self.at += 1;
                self.multi_list()
            }
            Token::LeftBrace => {
                self.at += 1;
                self.multi_map()
            }
            other => Err(format!(
                "a name, `*`, `[` or `{{` was expected after `.`, {} found",
                shown(other)
            )),
        }
    }

    /// Reads what stands between brackets after a condition was opened.
    fn filter(&mut self, of: Node) -> Result<Node, String> {
        let condition = self.expression(0)?;
        self.expect(&Token::RightBracket, "`]`")?;
        let each = if *self.peek() == Token::Flatten { Node::Current } else { self.projected(21)? };
        Ok(Node::Filter { of: Box::new(of), condition: Box::new(condition), each: Box::new(each) })
    }

    fn multi_list(&mut self) -> Result<Node, String> {
        let mut items = vec![self.expression(0)?];
        while self.eat(&Token::Comma) {
            items.push(self.expression(0)?);
        }
        self.expect(&Token::RightBracket, "`]`")?;
        Ok(Node::MultiList(items))
    }

    fn multi_map(&mut self) -> Result<Node, String> {
        let mut pairs = Vec::new();
        loop {
            let (Token::Name(name) | Token::QuotedName(name)) = self.next() else {
                return Err("a name was expected in `{…}`".to_owned());
            };
            self.expect(&Token::Colon, "`:`")?;
            pairs.push((name, self.expression(0)?));
            if !self.eat(&Token::Comma) {
                break;
            }
        }
        self.expect(&Token::RightBrace, "`}`")?;
        Ok(Node::MultiMap(pairs))
    }

    /// Reads `1]` or `1:2:3]`.
    fn index(&mut self, left: Node) -> Result<Node, String> {
        let boxed = Box::new;
        if let (Token::Number(place), Token::RightBracket) = (self.peek().clone(), self.ahead()) {
            self.at += 2;
            return Ok(Node::Sub(boxed(left), boxed(Node::Index(place))));
        }
        let mut parts = [None; 3];
        let mut part = 0;
        loop {
            match self.next() {
                Token::RightBracket => break,
                Token::Colon if part < 2 => part += 1,
                Token::Number(number) if parts[part].is_none() => parts[part] = Some(number),
                other => return Err(format!("{} cannot stand in a slice", shown(&other))),
            }
        }
        if parts[2] == Some(0) {
            return Err("the step of a slice must not be zero".to_owned());
        }
        let slice = Node::Sub(boxed(left), boxed(Node::Slice(parts[0], parts[1], parts[2])));
        Ok(Node::Project(boxed(slice), boxed(self.projected(20)?)))
    }

    fn call(&mut self, left: Node) -> Result<Node, String> {
        let Node::Field(name) = left else {
            return Err("only a name can be called".to_owned());
        };
        let mut args = Vec::new();
        if !self.eat(&Token::RightParenthesis) {
            loop {
                args.push(self.expression(0)?);
                if !self.eat(&Token::Comma) {
                    break;
                }
            }
            self.expect(&Token::RightParenthesis, "`)`")?;
        }
        Ok(Node::Call(name, args))
    }
}

fn shown(token: &Token) -> String {
    let mark = match token {
        Token::End => return "the end".to_owned(),
        Token::Literal(value) => return format!("`{value}`"),
        Token::Name(name) | Token::QuotedName(name) => return format!("`{name}`"),
        Token::Number(number) => return format!("`{number}`"),
        Token::Compare(Comparison::Equal) => "==",
        Token::Compare(_) => "a comparison",
        Token::And => "&&",
        Token::Colon => ":",
        Token::Comma => ",",
        Token::Current => "@",
        Token::Dot => ".",
        Token::Expression => "&",
        Token::Filter => "[?",
        Token::Flatten => "[]",
        Token::LeftBrace => "{",
        Token::LeftBracket => "[",
        Token::LeftParenthesis => "(",
        Token::Not => "!",
        Token::Or => "||",
        Token::Pipe => "|",
        Token::RightBrace => "}",
        Token::RightBracket => "]",
        Token::RightParenthesis => ")",
        Token::Star => "*",
    };
    format!("`{mark}`")
}
