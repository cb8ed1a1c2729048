//! ECDSA keys whose number begins with zeros, one in 256: OpenSSH writes it without them, and the library that reads
//! keys takes it for cut off. Here such a file is written anew, with the zeros.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

const BEGIN: &str = "-----BEGIN OPENSSH PRIVATE KEY-----";
const END: &str = "-----END OPENSSH PRIVATE KEY-----";
const MAGIC: &[u8] = b"openssh-key-v1\0";
const KIND: &[u8] = b"ecdsa-sha2-nistp256";
/// How long the number is with all its zeros, in bytes.
const FULL: usize = 32;
/// Files that are not encrypted are a multiple of so many bytes.
const BLOCK: usize = 8;

/// Returns the text of a key with a short number written in full; nothing when it is no such key, or encrypted.
pub(super) fn in_full(text: &str) -> Option<String> {
    let body = text.trim().strip_prefix(BEGIN)?.strip_suffix(END)?;
    let bytes = STANDARD.decode(body.split_whitespace().collect::<String>()).ok()?;
    let mut rest = bytes.strip_prefix(MAGIC)?;
    let (cipher, derivation, options) =
        (string(&mut rest)?, string(&mut rest)?, string(&mut rest)?);
    let (count, public) = (take(&mut rest, 4)?, string(&mut rest)?);
    let mut private = string(&mut rest)?;
    let check = take(&mut private, 8)?;
    let (kind, curve, point) =
        (string(&mut private)?, string(&mut private)?, string(&mut private)?);
    let (number, comment) = (string(&mut private)?, string(&mut private)?);
    if cipher != b"none" || kind != KIND || number.len() >= FULL {
        return None;
    }
    let number = [&vec![0; FULL - number.len()], number].concat();
    let mut private =
        [check, &long(kind), &long(curve), &long(point), &long(&number), &long(comment)].concat();
    private.extend((1..).take((BLOCK - private.len() % BLOCK) % BLOCK));
    let head = [MAGIC, &long(cipher), &long(derivation), &long(options), count].concat();
    let file = STANDARD.encode([head, long(public), long(&private)].concat());
    let lines: Vec<&str> =
        file.as_bytes().chunks(70).filter_map(|line| str::from_utf8(line).ok()).collect();
    Some(format!("{BEGIN}\n{}\n{END}\n", lines.join("\n")))
}

fn take<'b>(rest: &mut &'b [u8], length: usize) -> Option<&'b [u8]> {
    let (taken, more) = rest.split_at_checked(length)?;
    *rest = more;
    Some(taken)
}

/// Reads bytes with their length before them.
fn string<'b>(rest: &mut &'b [u8]) -> Option<&'b [u8]> {
    let length = take(rest, 4)?.try_into().ok().map(u32::from_be_bytes)?;
    take(rest, usize::try_from(length).ok()?)
}

/// Returns bytes with their length before them.
fn long(bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    [&length.to_be_bytes(), bytes].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made by `ssh-keygen -t ecdsa`, the 300th or so.
    const SHORT: &str = include_str!("../../../../tests/data/short_ecdsa_key");

    #[test]
    fn a_short_number_is_written_in_full() {
        let full = in_full(SHORT).unwrap();
        let key = russh::keys::decode_secret_key(&full, None).unwrap();
        let print = key.public_key().fingerprint(russh::keys::HashAlg::Sha256).to_string();
        assert_eq!(print, "SHA256:IE3VG3klnL8MrX+XnI6/ZB5odLutiTr0VhSeJ1AJiIE");
        assert_eq!(in_full(&full), None);
        assert_eq!(in_full("nonsense"), None);
    }
}
