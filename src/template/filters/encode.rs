//! Encodings and digests: base64, hashes, UUIDs, shell quoting, URL quoting.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use sha2::Digest;
use uuid::Uuid;

use crate::base::{Value, stray};
use crate::template::table::builtin;
use crate::template::text::{encoding, shell};
use crate::template::{Call, Entry, Reason};

pub(super) const ENTRIES: &[Entry] = &[
    builtin(&["b64decode"], b64decode),
    builtin(&["b64encode"], b64encode),
    builtin(&["checksum", "sha1"], sha1),
    builtin(&["hash"], hash),
    builtin(&["md5"], md5),
    builtin(&["quote"], quote),
    builtin(&["to_uuid"], to_uuid),
];

/// Returns the input's bytes: raw ones as they are, text as UTF-8.
pub(in crate::template) fn bytes_of(value: &Value) -> Vec<u8> {
    match value {
        Value::Bytes(bytes) => bytes.to_vec(),
        other => stray::bytes_of(&other.to_string()),
    }
}

fn b64encode(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["encoding", "urlsafe"])?;
    let bytes = match &call.input {
        Value::Bytes(bytes) => bytes.to_vec(),
        other => encoding::encode(&other.to_string(), &call.text(0, "encoding", "utf-8"))?,
    };
    let engine = if call.flag(1, "urlsafe", false) { URL_SAFE } else { STANDARD };
    Ok(engine.encode(bytes).into())
}

fn b64decode(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["encoding", "urlsafe"])?;
    let urlsafe = call.flag(1, "urlsafe", false);
    let text = call.input_text();
    // Python passes over what is not of the alphabet (line feeds of wrapped text).
    let kept: String = text
        .chars()
        .map(|c| match c {
            '-' if urlsafe => '+',
            '_' if urlsafe => '/',
            c => c,
        })
        .filter(|c| c.is_ascii_alphanumeric() || "+/=".contains(*c))
        .collect();
    let data = kept.split_inclusive('=').next().map_or("", |data| data.trim_end_matches('='));
    if !kept.len().is_multiple_of(4) || data.len() % 4 == 1 {
        return Err(Reason::new("not valid base64: the text is cut off or not padded with `=`"));
    }
    let bytes =
        LENIENT.decode(data).map_err(|error| Reason::new(format!("not valid base64: {error}")))?;
    match call.text(0, "encoding", "utf-8").as_str() {
        "utf-8" | "utf8" | "UTF-8" => Ok(stray::text_of(&bytes).into()),
        name => encoding::decode(&bytes, name).map(Value::from),
    }
}

const LENIENT: base64::engine::GeneralPurpose = base64::engine::GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    base64::engine::GeneralPurposeConfig::new()
        .with_decode_padding_mode(base64::engine::DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

fn hex(bytes: impl AsRef<[u8]>) -> Value {
    bytes.as_ref().iter().map(|byte| format!("{byte:02x}")).collect::<String>().into()
}

fn md5(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept_none()?;
    Ok(hex(md5::Md5::digest(bytes_of(&call.input))))
}

fn sha1(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept_none()?;
    Ok(hex(sha1::Sha1::digest(bytes_of(&call.input))))
}

fn hash(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["hashtype"])?;
    let data = bytes_of(&call.input);
    let name = call.text(0, "hashtype", "sha1");
    Ok(match name.to_lowercase().replace('_', "-").as_str() {
        "md5" => hex(md5::Md5::digest(data)),
        "sha1" | "sha-1" => hex(sha1::Sha1::digest(data)),
        "sha224" | "sha2-224" => hex(sha2::Sha224::digest(data)),
        "sha256" | "sha2-256" => hex(sha2::Sha256::digest(data)),
        "sha384" | "sha2-384" => hex(sha2::Sha384::digest(data)),
        "sha512" | "sha2-512" => hex(sha2::Sha512::digest(data)),
        "sha512-224" => hex(sha2::Sha512_224::digest(data)),
        "sha512-256" => hex(sha2::Sha512_256::digest(data)),
        _ => {
            return Err(Reason::new(format!(
                "unsupported hash type `{name}`; use one of `md5`, `sha1`, `sha224`, `sha256`, `sha384` and `sha512`"
            )));
        }
    })
}

fn quote(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept_none()?;
    let text = if call.input.is_null() { String::new() } else { call.input_text() };
    Ok(shell::quote(&text).into())
}

fn to_uuid(call: &mut Call<'_>) -> Result<Value, Reason> {
    const ANSIBLE: Uuid = Uuid::from_u128(0x361e_6d51_faec_444a_9079_3413_86da_8e2e);
    call.accept(&["namespace"])?;
    let namespace = match call.given(0, "namespace") {
        None => ANSIBLE,
        Some(value) => Uuid::parse_str(&value.to_string()).map_err(|_| {
            Reason::new(format!("Invalid value '{value}' for 'namespace': it is no UUID"))
        })?,
    };
    Ok(Uuid::new_v5(&namespace, call.input_text().as_bytes()).to_string().into())
}
