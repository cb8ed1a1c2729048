//! Text in other encodings than UTF-8, as far as `encoding=` arguments name them in practice.

use crate::base::stray;
use crate::template::Reason;

enum Encoding {
    Utf8,
    Ascii,
    Latin1,
    Utf16 { big: bool, mark: bool },
}

fn named(name: &str) -> Result<Encoding, Reason> {
    match name.to_lowercase().replace(['_', ' '], "-").as_str() {
        "utf-8" | "utf8" | "u8" | "cp65001" => Ok(Encoding::Utf8),
        "ascii" | "us-ascii" | "646" => Ok(Encoding::Ascii),
        "latin-1" | "latin1" | "iso-8859-1" | "iso8859-1" | "l1" => Ok(Encoding::Latin1),
        "utf-16-le" | "utf-16le" => Ok(Encoding::Utf16 { big: false, mark: false }),
        "utf-16-be" | "utf-16be" => Ok(Encoding::Utf16 { big: true, mark: false }),
        "utf-16" | "utf16" => Ok(Encoding::Utf16 { big: false, mark: true }),
        _ => Err(Reason::new(format!(
            "unknown encoding `{name}`; use `utf-8`, `ascii`, `latin-1`, `utf-16`, `utf-16-le` or `utf-16-be`"
        ))),
    }
}

/// Returns text in an encoding.
pub(in crate::template) fn encode(text: &str, name: &str) -> Result<Vec<u8>, Reason> {
    let single = |limit: u32| {
        text.chars()
            .map(|c| {
                u8::try_from(u32::from(c)).ok().filter(|byte| u32::from(*byte) < limit).ok_or(c)
            })
            .collect::<Result<Vec<u8>, char>>()
            .map_err(|c| Reason::new(format!("`{c}` does not exist in the encoding {name}")))
    };
    match named(name)? {
        Encoding::Utf8 => Ok(stray::bytes_of(text)),
        Encoding::Ascii => single(0x80),
        Encoding::Latin1 => single(0x100),
        Encoding::Utf16 { big, mark } => {
            let start = mark.then_some(0xfeff);
            let units = start.into_iter().chain(text.encode_utf16());
            Ok(units
                .flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() })
                .collect())
        }
    }
}

/// Returns the text that bytes in an encoding stand for.
pub(in crate::template) fn decode(bytes: &[u8], name: &str) -> Result<String, Reason> {
    let wrong = || Reason::new(format!("the bytes are not text in the encoding {name}"));
    match named(name)? {
        Encoding::Utf8 => String::from_utf8(bytes.to_vec()).map_err(|_| wrong()),
        Encoding::Ascii if bytes.is_ascii() => Ok(bytes.iter().copied().map(char::from).collect()),
        Encoding::Ascii => Err(wrong()),
        Encoding::Latin1 => Ok(bytes.iter().copied().map(char::from).collect()),
        Encoding::Utf16 { big, mark } => {
            let (big, bytes) = match bytes {
                [0xff, 0xfe, rest @ ..] if mark => (false, rest),
                [0xfe, 0xff, rest @ ..] if mark => (true, rest),
                other => (big, other),
            };
            if bytes.len() % 2 == 1 {
                return Err(wrong());
            }
            let unit = |pair: &[u8]| {
                let pair = [pair[0], pair[1]];
                if big { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) }
            };
            let units: Vec<u16> = bytes.chunks_exact(2).map(unit).collect();
            String::from_utf16(&units).map_err(|_| wrong())
        }
    }
}
