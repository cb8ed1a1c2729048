//! Asking a name server (RFC 1035): one question, the answers of its kind.

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, Ipv6Addr, TcpStream, ToSocketAddrs, UdpSocket};
use std::time::Duration;

use crate::base::{Map, Value};

/// How long a server may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// A kind of record.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::template) enum Kind {
    /// An address of version 4.
    A,
    /// An address of version 6.
    Aaaa,
    /// Who may give certificates.
    Caa,
    /// Another name.
    Cname,
    /// A mail server.
    Mx,
    /// A name server.
    Ns,
    /// The name of an address.
    Ptr,
    /// The start of a zone.
    Soa,
    /// A service.
    Srv,
    /// Text.
    Txt,
}

const KINDS: [(&str, Kind, u16); 10] = [
    ("A", Kind::A, 1),
    ("AAAA", Kind::Aaaa, 28),
    ("CAA", Kind::Caa, 257),
    ("CNAME", Kind::Cname, 5),
    ("MX", Kind::Mx, 15),
    ("NS", Kind::Ns, 2),
    ("PTR", Kind::Ptr, 12),
    ("SOA", Kind::Soa, 6),
    ("SRV", Kind::Srv, 33),
    ("TXT", Kind::Txt, 16),
];

impl Kind {
    /// The names of all kinds.
    pub(in crate::template) const NAMES: [&'static str; 10] =
        ["A", "AAAA", "CAA", "CNAME", "MX", "NS", "PTR", "SOA", "SRV", "TXT"];

    /// Returns the kind of a name.
    pub(in crate::template) fn parse(name: &str) -> Option<Self> {
        KINDS.iter().find(|(known, ..)| *known == name).map(|(_, kind, _)| *kind)
    }

    fn code(self) -> u16 {
        KINDS.iter().find(|(_, kind, _)| *kind == self).map_or(1, |(.., code)| *code)
    }

    fn name(self) -> &'static str {
        KINDS.iter().find(|(_, kind, _)| *kind == self).map_or("A", |(name, ..)| name)
    }
}

/// What is asked.
#[derive(Debug)]
pub(in crate::template) struct Question {
    /// The name.
    pub(in crate::template) name: String,
    /// The kind of record.
    pub(in crate::template) kind: Kind,
    /// The server's port.
    pub(in crate::template) port: u16,
    /// Whether TCP is used from the start.
    pub(in crate::template) tcp: bool,
}

/// One record.
#[derive(Debug)]
pub(in crate::template) struct Answer {
    /// Whose record it is.
    pub(in crate::template) owner: String,
    /// How many seconds it may be kept.
    pub(in crate::template) ttl: u32,
    /// The name of its kind.
    pub(in crate::template) kind: &'static str,
    /// The record as a zone file writes it.
    pub(in crate::template) text: String,
    /// Its parts.
    pub(in crate::template) parts: Map,
}

/// Why there is no answer.
#[derive(Debug)]
pub(in crate::template) enum Failure {
    /// The name does not exist.
    NoSuchName,
    /// The name has no record of the kind.
    NoAnswer,
    /// Something else, in words.
    Other(String),
}

/// Returns the name servers of this machine.
pub(in crate::template) fn servers() -> Vec<String> {
    let text = std::fs::read_to_string("/etc/resolv.conf").unwrap_or_default();
    let found: Vec<String> = text
        .lines()
        .filter_map(|line| line.trim().strip_prefix("nameserver"))
        .map(|server| server.trim().to_owned())
        .collect();
    if found.is_empty() { vec!["127.0.0.1".to_owned()] } else { found }
}

/// Asks the servers in turn until one answers.
pub(in crate::template) fn ask(
    question: &Question,
    servers: &[String],
    tries: usize,
) -> Result<Vec<Answer>, Failure> {
    let mut last = Failure::Other("there is no name server to ask".to_owned());
    for _ in 0..tries.max(1) {
        for server in servers {
            match ask_one(question, server) {
                Err(failure @ Failure::Other(_)) => last = failure,
                answered => return answered,
            }
        }
    }
    Err(last)
}

fn ask_one(question: &Question, server: &str) -> Result<Vec<Answer>, Failure> {
    let failed = |error: std::io::Error| Failure::Other(format!("{server}: {error}"));
    let id = rand::random::<u16>();
    let query = encode(question, id)?;
    let mut reply = if question.tcp {
        over_tcp(&query, server, question.port).map_err(failed)?
    } else {
        over_udp(&query, server, question.port).map_err(failed)?
    };
    let cut_off = reply.get(2).is_some_and(|flags| flags & 2 != 0);
    if cut_off && !question.tcp {
        reply = over_tcp(&query, server, question.port).map_err(failed)?;
    }
    decode(&reply, question.kind, id)
        .unwrap_or_else(|| Err(Failure::Other(format!("{server}: the reply is damaged"))))
}

fn over_udp(query: &[u8], server: &str, port: u16) -> std::io::Result<Vec<u8>> {
    let address = (server, port).to_socket_addrs()?.next().ok_or(std::io::ErrorKind::NotFound)?;
    let socket = UdpSocket::bind(if address.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" })?;
    socket.set_read_timeout(Some(PATIENCE))?;
    socket.connect(address)?;
    socket.send(query)?;
    let mut reply = vec![0; 65_535];
    let size = socket.recv(&mut reply)?;
    reply.truncate(size);
    Ok(reply)
}

fn over_tcp(query: &[u8], server: &str, port: u16) -> std::io::Result<Vec<u8>> {
    let address = (server, port).to_socket_addrs()?.next().ok_or(std::io::ErrorKind::NotFound)?;
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let length = u16::try_from(query.len()).unwrap_or(u16::MAX);
    stream.write_all(&[&length.to_be_bytes(), query].concat())?;
    let mut length = [0; 2];
    stream.read_exact(&mut length)?;
    let mut reply = vec![0; u16::from_be_bytes(length).into()];
    stream.read_exact(&mut reply)?;
    Ok(reply)
}

fn encode(question: &Question, id: u16) -> Result<Vec<u8>, Failure> {
    let mut out = Vec::new();
    out.extend(id.to_be_bytes());
    // Recursion is desired; one question.
    out.extend([1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
    for label in question.name.trim_end_matches('.').split('.') {
        let length = u8::try_from(label.len()).ok().filter(|length| (1..64).contains(length));
        let length =
            length.ok_or_else(|| Failure::Other(format!("`{}` is no name", question.name)))?;
        out.push(length);
        out.extend(label.bytes());
    }
    out.push(0);
    out.extend(question.kind.code().to_be_bytes());
    out.extend([0, 1]);
    Ok(out)
}

/// Reads a reply; nothing when it is damaged.
fn decode(reply: &[u8], kind: Kind, id: u16) -> Option<Result<Vec<Answer>, Failure>> {
    let mut reader = Reader { reply, at: 0 };
    if reader.u16()? != id {
        return None;
    }
    let code = reader.u16()? & 15;
    let (questions, answers) = (reader.u16()?, reader.u16()?);
    reader.at += 4;
    match code {
        0 => {}
        3 => return Some(Err(Failure::NoSuchName)),
        2 => return Some(Err(Failure::Other("the server failed (SERVFAIL)".to_owned()))),
        5 => return Some(Err(Failure::Other("the server refused to answer".to_owned()))),
        other => {
            return Some(Err(Failure::Other(format!("the server answered with code {other}"))));
        }
    }
    for _ in 0..questions {
        reader.name()?;
        reader.at += 4;
    }
    let mut out = Vec::new();
    for _ in 0..answers {
        let owner = reader.name()?;
        let (found, _class, ttl) = (reader.u16()?, reader.u16()?, reader.u32()?);
        let end = usize::from(reader.u16()?) + reader.at;
        if found == kind.code() {
            let parts = reader.record(kind, end)?;
            let text = parts.values().map(ToString::to_string).collect::<Vec<_>>().join(" ");
            out.push(Answer { owner, ttl, kind: kind.name(), text, parts });
        }
        reader.at = end;
    }
    Some(if out.is_empty() { Err(Failure::NoAnswer) } else { Ok(out) })
}

struct Reader<'a> {
    reply: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let bytes = self.reply.get(self.at..self.at + count)?;
        self.at += count;
        Some(bytes)
    }

    fn u8(&mut self) -> Option<u8> {
        Some(self.take(1)?[0])
    }

    fn u16(&mut self) -> Option<u16> {
        Some(u16::from_be_bytes(self.take(2)?.try_into().ok()?))
    }

    fn u32(&mut self) -> Option<u32> {
        Some(u32::from_be_bytes(self.take(4)?.try_into().ok()?))
    }

    /// Reads a name; parts of it may stand elsewhere in the reply.
    fn name(&mut self) -> Option<String> {
        let mut out = String::new();
        let mut back = None;
        // Each jump goes back in the reply, so a name is no longer than it.
        for _ in 0..self.reply.len() {
            let length = self.u8()?;
            if length & 0xc0 == 0xc0 {
                let target = usize::from(length & 0x3f) << 8 | usize::from(self.u8()?);
                back.get_or_insert(self.at);
                self.at = target;
            } else if length == 0 {
                self.at = back.unwrap_or(self.at);
                return Some(if out.is_empty() { ".".to_owned() } else { out });
            } else {
                out += &String::from_utf8_lossy(self.take(length.into())?);
                out.push('.');
            }
        }
        None
    }

    fn record(&mut self, kind: Kind, end: usize) -> Option<Map> {
        let mut map = Map::new();
        match kind {
            Kind::A => {
                let bytes: [u8; 4] = self.take(4)?.try_into().ok()?;
                map.insert("address", Ipv4Addr::from(bytes).to_string().into());
            }
            Kind::Aaaa => {
                let bytes: [u8; 16] = self.take(16)?.try_into().ok()?;
                map.insert("address", Ipv6Addr::from(bytes).to_string().into());
            }
            Kind::Caa => {
                let (flags, length) = (self.u8()?, self.u8()?);
                let tag = String::from_utf8_lossy(self.take(length.into())?).into_owned();
                let value =
                    String::from_utf8_lossy(self.take(end.checked_sub(self.at)?)?).into_owned();
                map.insert("flags", Value::Int(flags.into()));
                map.insert("tag", tag.into());
                map.insert("value", format!("\"{value}\"").into());
            }
            Kind::Cname | Kind::Ns | Kind::Ptr => {
                map.insert("target", self.name()?.into());
            }
            Kind::Mx => {
                map.insert("preference", Value::Int(self.u16()?.into()));
                map.insert("exchange", self.name()?.into());
            }
            Kind::Soa => {
                map.insert("mname", self.name()?.into());
                map.insert("rname", self.name()?.into());
                for name in ["serial", "refresh", "retry", "expire", "minimum"] {
                    map.insert(name, self.u32()?.into());
                }
            }
            Kind::Srv => {
                for name in ["priority", "weight", "port"] {
                    map.insert(name, Value::Int(self.u16()?.into()));
                }
                map.insert("target", self.name()?.into());
            }
            Kind::Txt => {
                let mut strings = Vec::new();
                while self.at < end {
                    let length = self.u8()?;
                    strings.push(quoted(self.take(length.into())?));
                }
                map.insert("strings", strings.join(" ").into());
            }
        }
        Some(map)
    }
}

/// Returns text as a zone file writes it.
fn quoted(bytes: &[u8]) -> String {
    let mut out = String::from("\"");
    for byte in bytes {
        match byte {
            b'"' | b'\\' => {
                out.push('\\');
                out.push(char::from(*byte));
            }
            0x20..0x7f => out.push(char::from(*byte)),
            other => write!(out, "\\{other:03}").expect("writing to a string does not fail"),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A reply with one question and one answer, whose name points back to the question's.
    fn reply(flags: u8, kind: u16, data: &[u8]) -> Vec<u8> {
        let mut out = vec![0, 7, 0x81, flags, 0, 1, 0, u8::from(!data.is_empty()), 0, 0, 0, 0];
        out.extend(b"\x07example\x03com\x00");
        out.extend([kind.to_be_bytes(), [0, 1]].concat());
        if !data.is_empty() {
            out.extend([0xc0, 12]);
            out.extend([kind.to_be_bytes(), [0, 1]].concat());
            out.extend([0, 0, 0, 60]);
            out.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
            out.extend(data);
        }
        out
    }

    #[track_caller]
    fn case(kind: Kind, data: &[u8], expected: &str) {
        let answers = decode(&reply(0, kind.code(), data), kind, 7).unwrap().unwrap();
        assert_eq!(answers[0].text, expected);
        assert_eq!((answers[0].owner.as_str(), answers[0].ttl), ("example.com.", 60));
    }

    #[test]
    fn records_are_read() {
        case(Kind::A, &[10, 0, 0, 1], "10.0.0.1");
        case(Kind::Mx, b"\x00\x0a\x04mail\xc0\x0c", "10 mail.example.com.");
        case(Kind::Srv, b"\x00\x01\x00\x02\x00\x50\x01a\xc0\x0c", "1 2 80 a.example.com.");
        case(Kind::Txt, b"\x03a\"b\x01c", "\"a\\\"b\" \"c\"");
    }

    #[test]
    fn what_is_not_there_is_told_apart() {
        let none = decode(&reply(3, 1, &[]), Kind::A, 7).unwrap();
        assert!(matches!(none, Err(Failure::NoSuchName)));
        let empty = decode(&reply(0, 1, &[]), Kind::A, 7).unwrap();
        assert!(matches!(empty, Err(Failure::NoAnswer)));
        assert!(decode(&[0, 7], Kind::A, 7).is_none());
        assert!(decode(&reply(0, 1, &[1]), Kind::A, 8).is_none());
    }

    #[test]
    fn questions_are_written() {
        let question = Question { name: "a.bc".to_owned(), kind: Kind::Mx, port: 53, tcp: false };
        let bytes = encode(&question, 7).unwrap();
        assert_eq!(
            bytes,
            b"\x00\x07\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x01a\x02bc\x00\x00\x0f\x00\x01"
        );
    }
}
