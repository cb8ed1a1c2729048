//! Jute, the encoding of ZooKeeper's protocol: numbers with the highest byte first, texts and buffers with their length in
//! front.

use std::io;

/// What is written.
#[derive(Debug, Default)]
pub(super) struct Writer(pub(super) Vec<u8>);

impl Writer {
    /// Writes a number of four bytes.
    pub(super) fn int(mut self, number: i32) -> Self {
        self.0.extend(number.to_be_bytes());
        self
    }

    /// Writes a number of eight bytes.
    pub(super) fn long(mut self, number: i64) -> Self {
        self.0.extend(number.to_be_bytes());
        self
    }

    /// Writes a flag.
    pub(super) fn flag(mut self, yes: bool) -> Self {
        self.0.push(u8::from(yes));
        self
    }

    /// Writes bytes with their length; none are a length of -1.
    pub(super) fn buffer(self, bytes: Option<&[u8]>) -> Self {
        let length = bytes.map_or(-1, |bytes| i32::try_from(bytes.len()).unwrap_or(i32::MAX));
        let mut writer = self.int(length);
        writer.0.extend(bytes.unwrap_or_default());
        writer
    }

    /// Writes a text.
    pub(super) fn text(self, text: &str) -> Self {
        self.buffer(Some(text.as_bytes()))
    }
}

/// What is read. Its bytes come from whatever listens at the port.
#[derive(Debug)]
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> io::Result<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or_else(garbled)?;
        self.0 = rest;
        Ok(taken)
    }

    /// Reads a number of four bytes.
    pub(super) fn int(&mut self) -> io::Result<i32> {
        let bytes = self.take(4)?;
        bytes.try_into().map(i32::from_be_bytes).map_err(|_| garbled())
    }

    /// Reads a number of eight bytes.
    pub(super) fn long(&mut self) -> io::Result<i64> {
        let bytes = self.take(8)?;
        bytes.try_into().map(i64::from_be_bytes).map_err(|_| garbled())
    }

    /// Reads bytes; nothing where there are none.
    pub(super) fn buffer(&mut self) -> io::Result<Option<&'a [u8]>> {
        match self.int()? {
            -1 => Ok(None),
            length => {
                usize::try_from(length).map_err(|_| garbled()).and_then(|n| self.take(n)).map(Some)
            }
        }
    }

    /// Reads a text.
    pub(super) fn text(&mut self) -> io::Result<String> {
        Ok(String::from_utf8_lossy(self.buffer()?.unwrap_or_default()).into_owned())
    }

    /// Reads texts with their number in front.
    pub(super) fn texts(&mut self) -> io::Result<Vec<String>> {
        let count = self.int()?;
        // Each takes four bytes at least, so no count makes this reserve more than was sent.
        (0..count).map(|_| self.text()).collect()
    }
}

/// The error of what is no ZooKeeper.
pub(super) fn garbled() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "what answers there is no ZooKeeper")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        let bytes = Writer::default().int(7).long(-2).flag(true).text("zoo").buffer(None).0;
        assert_eq!(bytes.len(), 4 + 8 + 1 + 7 + 4);
        let mut reader = Reader(&bytes);
        assert_eq!((reader.int().unwrap(), reader.long().unwrap()), (7, -2));
        assert_eq!(reader.take(1).unwrap(), [1]);
        assert_eq!(reader.text().unwrap(), "zoo");
        assert_eq!(reader.buffer().unwrap(), None);
        assert_eq!(reader.int().unwrap_err().to_string(), "what answers there is no ZooKeeper");
        let count = i32::MAX.to_be_bytes();
        assert!(Reader(&count).texts().is_err());
        assert!(Reader(&(-7_i32).to_be_bytes()).buffer().is_err());
    }
}
