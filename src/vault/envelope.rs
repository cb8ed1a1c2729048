//! The envelope: a header line, then the three parts in hexadecimal, each line 80 wide.

use super::Error;
use super::cipher::Sealed;

const MAGIC: &str = "$ANSIBLE_VAULT";
const WIDTH: usize = 80;

/// Returns whether this is an encrypted text or file.
pub fn is_encrypted(content: &[u8]) -> bool {
    content.starts_with(MAGIC.as_bytes())
}

/// Takes an envelope apart: the id of its header, and what is inside.
pub(super) fn parse(text: &[u8]) -> Result<(Option<String>, Sealed), Error> {
    let text = std::str::from_utf8(text).map_err(|_| Error::NoEnvelope)?.trim();
    let (header, body) = text.split_once('\n').unwrap_or((text, ""));
    let mut fields = header.trim().split(';').map(str::trim);
    if fields.next() != Some(MAGIC) {
        return Err(Error::NoEnvelope);
    }
    let (version, cipher, id) = (fields.next(), fields.next(), fields.next());
    if !matches!((version, cipher), (Some("1.1" | "1.2"), Some("AES256"))) {
        return Err(Error::Unsupported(header.trim().to_owned()));
    }
    let id = id.filter(|id| !id.is_empty() && version == Some("1.2")).map(str::to_owned);
    let parts = unhex(body.bytes().filter(|byte| !byte.is_ascii_whitespace()))?;
    let mut parts = parts.split(|byte| *byte == b'\n').map(|part| unhex(part.iter().copied()));
    let mut next = || parts.next().unwrap_or(Err(Error::Damaged("a part is missing")));
    let (salt, signature, content) = (next()?, next()?, next()?);
    Ok((id, Sealed { salt, signature, content }))
}

/// Puts an envelope together, with a final newline.
pub(super) fn format(sealed: &Sealed, id: Option<&str>) -> String {
    let header = match id {
        Some(id) => format!("{MAGIC};1.2;AES256;{id}\n"),
        None => format!("{MAGIC};1.1;AES256\n"),
    };
    let Sealed { salt, signature, content } = sealed;
    let inner = [hex(salt), hex(signature), hex(content)].join("\n");
    let body = hex(inner.as_bytes());
    let mut out = header;
    for line in body.as_bytes().chunks(WIDTH) {
        out.extend(line.iter().map(|byte| char::from(*byte)));
        out.push('\n');
    }
    out
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |number: u8| char::from(DIGITS[usize::from(number)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

fn unhex(digits: impl Iterator<Item = u8>) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let mut high = None;
    for digit in digits {
        let number = char::from(digit)
            .to_digit(16)
            .and_then(|number| u8::try_from(number).ok())
            .ok_or(Error::Damaged("it holds something else than hexadecimal digits"))?;
        match high.take() {
            Some(first) => bytes.push(first << 4 | number),
            None => high = Some(number),
        }
    }
    if high.is_some() {
        return Err(Error::Damaged("a digit is missing"));
    }
    Ok(bytes)
}
