//! Writes and reads MessagePack, as much of it as the messages take; the reader knows all of it.
//!
//! By hand and not by serde: the helper travels to every host, and the generic code would be a twentieth of it.

/// Why bytes are no message.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{0}")]
pub struct Garbled(pub(super) &'static str);

/// How deep values may be nested; deeper ones would exhaust the stack.
pub(super) const DEEPEST: u16 = 256;

/// Writes MessagePack.
#[derive(Debug, Default)]
pub struct Packer {
    out: Vec<u8>,
}

impl Packer {
    pub(super) fn new(out: Vec<u8>) -> Self {
        Self { out }
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.out
    }

    pub(super) fn nil(&mut self) {
        self.out.push(0xc0);
    }

    pub(super) fn bool(&mut self, truth: bool) {
        self.out.push(if truth { 0xc3 } else { 0xc2 });
    }

    pub(super) fn uint(&mut self, number: u64) {
        match u8::try_from(number) {
            Ok(small @ ..0x80) => self.out.push(small),
            _ => self.wide(0xcf, number),
        }
    }

    pub(super) fn int(&mut self, number: i64) {
        match (i8::try_from(number), u64::try_from(number)) {
            (_, Ok(number)) => self.uint(number),
            (Ok(small @ -32..), _) => self.out.push(small.cast_unsigned()),
            _ => self.wide(0xd3, number.cast_unsigned()),
        }
    }

    pub(super) fn float(&mut self, number: f64) {
        self.wide(0xcb, number.to_bits());
    }

    pub(super) fn text(&mut self, chars: &str) {
        self.counted([0xa0, 32, 0xdb], chars.len());
        self.out.extend_from_slice(chars.as_bytes());
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.counted([0, 0, 0xc6], bytes.len());
        self.out.extend_from_slice(bytes);
    }

    pub(super) fn array(&mut self, count: usize) {
        self.counted([0x90, 16, 0xdd], count);
    }

    pub(super) fn map(&mut self, count: usize) {
        self.counted([0x80, 16, 0xdf], count);
    }

    pub(super) fn extension(&mut self, kind: u8, bytes: &[u8]) {
        self.counted([0, 0, 0xc9], bytes.len());
        self.out.push(kind);
        self.out.extend_from_slice(bytes);
    }

    /// Writes a mark that holds counts below a limit, or the other mark and the count.
    fn counted(&mut self, [short, limit, long]: [u8; 3], count: usize) {
        let count = u32::try_from(count).expect("contents travel in chunks");
        match u8::try_from(count) {
            Ok(few) if few < limit => self.out.push(short | few),
            _ => {
                self.out.push(long);
                self.out.extend_from_slice(&count.to_be_bytes());
            }
        }
    }

    fn wide(&mut self, mark: u8, number: u64) {
        self.out.push(mark);
        self.out.extend_from_slice(&number.to_be_bytes());
    }
}

/// What stands in MessagePack; of lists and maps the count of what follows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Item<'a> {
    Nil,
    Bool(bool),
    Int(i128),
    Float(f64),
    Text(&'a str),
    Bytes(&'a [u8]),
    Array(usize),
    Map(usize),
    Extension(u8, &'a [u8]),
}

/// Reads MessagePack.
#[derive(Debug)]
pub struct Unpacker<'a> {
    rest: &'a [u8],
    depth: u16,
}

impl<'a> Unpacker<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, depth: 0 }
    }

    /// Returns whether everything was read.
    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Goes one level down in a value.
    pub(super) fn enter(&mut self) -> Result<(), Garbled> {
        self.depth += 1;
        if self.depth > DEEPEST { Err(Garbled("a value is nested too deep")) } else { Ok(()) }
    }

    /// Goes one level up again.
    pub(super) fn leave(&mut self) {
        self.depth -= 1;
    }

    /// Reads a nil, if one comes next.
    pub(super) fn nil(&mut self) -> bool {
        let found = self.rest.first() == Some(&0xc0);
        if found {
            self.rest = &self.rest[1..];
        }
        found
    }

    pub(super) fn bool(&mut self) -> Result<bool, Garbled> {
        match self.item()? {
            Item::Bool(truth) => Ok(truth),
            _ => Err(Garbled("a boolean was expected")),
        }
    }

    /// Reads a number that is not above a limit.
    pub(super) fn uint(&mut self, largest: u64) -> Result<u64, Garbled> {
        match self.item()? {
            Item::Int(number) => u64::try_from(number).ok().filter(|number| *number <= largest),
            _ => None,
        }
        .ok_or(Garbled("a number was expected"))
    }

    pub(super) fn text(&mut self) -> Result<&'a str, Garbled> {
        match self.item()? {
            Item::Text(chars) => Ok(chars),
            _ => Err(Garbled("text was expected")),
        }
    }

    pub(super) fn bytes(&mut self) -> Result<&'a [u8], Garbled> {
        match self.item()? {
            Item::Bytes(bytes) => Ok(bytes),
            _ => Err(Garbled("bytes were expected")),
        }
    }

    pub(super) fn array(&mut self) -> Result<usize, Garbled> {
        match self.item()? {
            Item::Array(count) => Ok(count),
            _ => Err(Garbled("a list was expected")),
        }
    }

    /// Reads the head of a list of exactly so many.
    pub(super) fn array_of(&mut self, count: usize) -> Result<(), Garbled> {
        if self.array()? == count { Ok(()) } else { Err(Garbled("a field is missing or too many")) }
    }

    pub(super) fn map(&mut self) -> Result<usize, Garbled> {
        match self.item()? {
            Item::Map(count) => Ok(count),
            _ => Err(Garbled("a map was expected")),
        }
    }

    /// Reads whatever comes next.
    pub(super) fn item(&mut self) -> Result<Item<'a>, Garbled> {
        let mark = self.number(1)? as u8;
        Ok(match mark {
            0x00..=0x7f => Item::Int(mark.into()),
            0x80..=0x8f => Item::Map((mark & 0xf).into()),
            0x90..=0x9f => Item::Array((mark & 0xf).into()),
            0xa0..=0xbf => self.chars((mark & 0x1f).into())?,
            0xc0 => Item::Nil,
            0xc1 => return Err(Garbled("a mark has no meaning")),
            0xc2 | 0xc3 => Item::Bool(mark == 0xc3),
            0xc4..=0xc6 => {
                let count = self.number(1 << (mark - 0xc4))?;
                Item::Bytes(self.take(count)?)
            }
            0xc7..=0xc9 => {
                let count = self.number(1 << (mark - 0xc7))?;
                self.extension(count)?
            }
            0xca => Item::Float(f32::from_bits(self.number(4)? as u32).into()),
            0xcb => Item::Float(f64::from_bits(self.number(8)?)),
            0xcc..=0xcf => Item::Int(self.number(1 << (mark - 0xcc))?.into()),
            0xd0..=0xd3 => {
                let width = 1 << (mark - 0xd0);
                let unused = 64 - 8 * u32::from(width);
                let number = (self.number(width)? << unused).cast_signed() >> unused;
                Item::Int(number.into())
            }
            0xd4..=0xd8 => self.extension(1 << (mark - 0xd4))?,
            0xd9..=0xdb => {
                let count = self.number(1 << (mark - 0xd9))?;
                self.chars(count)?
            }
            0xdc | 0xdd => Item::Array(self.number(2 << (mark - 0xdc))? as usize),
            0xde | 0xdf => Item::Map(self.number(2 << (mark - 0xde))? as usize),
            0xe0..=0xff => Item::Int(mark.cast_signed().into()),
        })
    }

    fn chars(&mut self, count: u64) -> Result<Item<'a>, Garbled> {
        let chars = std::str::from_utf8(self.take(count)?);
        chars.map(Item::Text).map_err(|_| Garbled("a text is not UTF-8"))
    }

    fn extension(&mut self, count: u64) -> Result<Item<'a>, Garbled> {
        let kind = self.number(1)? as u8;
        Ok(Item::Extension(kind, self.take(count)?))
    }

    /// Reads a number of so many bytes, at most eight.
    fn number(&mut self, width: u8) -> Result<u64, Garbled> {
        let bytes = self.take(width.into())?;
        Ok(bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    fn take(&mut self, count: u64) -> Result<&'a [u8], Garbled> {
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        let (taken, rest) =
            self.rest.split_at_checked(count).ok_or(Garbled("the message ends too early"))?;
        self.rest = rest;
        Ok(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(bytes: &[u8], item: Item<'_>) {
        let mut from = Unpacker::new(bytes);
        assert_eq!(from.item(), Ok(item));
        assert!(from.is_empty());
        for length in 0..bytes.len() {
            let cut = Unpacker::new(&bytes[..length]).item();
            assert_eq!(cut, Err(Garbled("the message ends too early")), "{length} bytes");
        }
    }

    #[test]
    fn every_mark_of_the_specification_is_read() {
        case(&[0x7f], Item::Int(127));
        case(&[0xe0], Item::Int(-32));
        case(&[0xcc, 0xff], Item::Int(255));
        case(&[0xcd, 1, 0], Item::Int(256));
        case(&[0xce, 0xff, 0xff, 0xff, 0xff], Item::Int(u32::MAX.into()));
        case(&[0xcf, 255, 255, 255, 255, 255, 255, 255, 255], Item::Int(u64::MAX.into()));
        case(&[0xd0, 0x80], Item::Int(-128));
        case(&[0xd1, 0xff, 0x00], Item::Int(-256));
        case(&[0xd2, 0x80, 0, 0, 0], Item::Int(i32::MIN.into()));
        case(&[0xd3, 0x80, 0, 0, 0, 0, 0, 0, 0], Item::Int(i64::MIN.into()));
        case(&[0xca, 0x3f, 0, 0, 0], Item::Float(0.5));
        case(&[0xcb, 0xbf, 0xf8, 0, 0, 0, 0, 0, 0], Item::Float(-1.5));
        case(&[0xc0], Item::Nil);
        case(&[0xc2], Item::Bool(false));
        case(&[0xc3], Item::Bool(true));
        case(&[0xa2, b'h', b'i'], Item::Text("hi"));
        case(&[0xd9, 1, b'x'], Item::Text("x"));
        case(&[0xda, 0, 1, b'x'], Item::Text("x"));
        case(&[0xdb, 0, 0, 0, 1, b'x'], Item::Text("x"));
        case(&[0xc4, 1, 9], Item::Bytes(&[9]));
        case(&[0xc5, 0, 1, 9], Item::Bytes(&[9]));
        case(&[0xc6, 0, 0, 0, 1, 9], Item::Bytes(&[9]));
        case(&[0x93], Item::Array(3));
        case(&[0xdc, 1, 0], Item::Array(256));
        case(&[0xdd, 0, 1, 0, 0], Item::Array(65_536));
        case(&[0x81], Item::Map(1));
        case(&[0xde, 1, 0], Item::Map(256));
        case(&[0xdf, 0, 1, 0, 0], Item::Map(65_536));
        case(&[0xc7, 1, 5, 9], Item::Extension(5, &[9]));
        case(&[0xc8, 0, 1, 5, 9], Item::Extension(5, &[9]));
        case(&[0xc9, 0, 0, 0, 1, 5, 9], Item::Extension(5, &[9]));
        case(&[0xd4, 5, 9], Item::Extension(5, &[9]));
        case(&[0xd8, 5, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8], {
            Item::Extension(5, &[1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8])
        });
    }

    #[test]
    fn what_means_nothing_is_an_error() {
        assert_eq!(Unpacker::new(&[0xc1]).item(), Err(Garbled("a mark has no meaning")));
        assert_eq!(Unpacker::new(&[0xa1, 0xff]).item(), Err(Garbled("a text is not UTF-8")));
        assert_eq!(Unpacker::new(&[0xff]).uint(9), Err(Garbled("a number was expected")));
        assert_eq!(Unpacker::new(&[10]).uint(9), Err(Garbled("a number was expected")));
    }

    #[track_caller]
    fn written(write: impl FnOnce(&mut Packer), expected: &[u8]) {
        let mut to = Packer::default();
        write(&mut to);
        assert_eq!(to.into_bytes(), expected);
    }

    #[test]
    fn what_is_written_is_messagepack() {
        written(|to| to.uint(127), &[0x7f]);
        written(|to| to.uint(128), &[0xcf, 0, 0, 0, 0, 0, 0, 0, 0x80]);
        written(|to| to.int(-32), &[0xe0]);
        written(|to| to.int(-33), &[0xd3, 255, 255, 255, 255, 255, 255, 255, 0xdf]);
        written(|to| to.int(300), &[0xcf, 0, 0, 0, 0, 0, 0, 1, 0x2c]);
        written(|to| to.text("hi"), &[0xa2, b'h', b'i']);
        written(|to| to.bytes(&[9]), &[0xc6, 0, 0, 0, 1, 9]);
        written(|to| to.array(15), &[0x9f]);
        written(|to| to.array(16), &[0xdd, 0, 0, 0, 16]);
        written(|to| to.map(1), &[0x81]);
        written(|to| to.extension(1, &[9]), &[0xc9, 0, 0, 0, 1, 1, 9]);
    }
}
