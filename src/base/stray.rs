//! Bytes that are no UTF-8, within text: Python carries them as lone surrogates, which Rust's text cannot hold. Here each
//! of them is a character of the last private plane, and becomes the byte again where text is written out.

/// The character that stands for the byte 0.
const FIRST: u32 = 0x10_ff00;

/// Returns bytes as text; those that are no UTF-8 become characters that stand for them.
pub fn text_of(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        let strays = chunk.invalid().iter().map(|byte| FIRST + u32::from(*byte));
        out.extend(strays.filter_map(char::from_u32));
    }
    out
}

/// Returns text as bytes; characters that stand for bytes become those.
pub fn bytes_of(text: &str) -> Vec<u8> {
    if !text.contains(|c| c >= '\u{10ff80}') {
        return text.as_bytes().to_vec();
    }
    let mut out = Vec::with_capacity(text.len());
    for c in text.chars() {
        match u32::from(c).checked_sub(FIRST).and_then(|byte| u8::try_from(byte).ok()) {
            Some(byte) if byte >= 0x80 => out.push(byte),
            _ => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_bytes_survive() {
        let bytes: Vec<u8> = (0..=255).collect();
        assert_eq!(bytes_of(&text_of(&bytes)), bytes);
        assert_eq!(bytes_of(&(text_of(b"caf\xe9") + "\n")), b"caf\xe9\n");
        assert_eq!(text_of("é".as_bytes()), "é");
        assert_eq!(bytes_of("é\u{10ff41}"), "é\u{10ff41}".as_bytes());
    }
}
