//! Bodies of requests: as they are, as JSON, as a form, in parts.

use crate::actions::{Context, Error};
use crate::base::Value;
use crate::choices;
use crate::clusters::http::encode_form;

choices! {
    /// How the body is written.
    pub(super) enum Format { Form = "form-urlencoded", Json = "json", Raw = "raw", Multipart = "form-multipart" }
}

impl Format {
    /// Returns the type of what is written so.
    pub(super) fn kind(self) -> Option<&'static str> {
        match self {
            Self::Form => Some("application/x-www-form-urlencoded"),
            Self::Json => Some("application/json"),
            Self::Raw | Self::Multipart => None,
        }
    }
}

/// Returns the body as bytes, and its type.
pub(super) fn encoded(
    body: Option<&Value>,
    format: Format,
    cx: &Context<'_>,
) -> Result<(Vec<u8>, Option<String>), Error> {
    let kind = format.kind().map(str::to_owned);
    let text = match (format, body) {
        // Text is taken as written already.
        (Format::Json | Format::Form, Some(Value::Text(text))) => text.as_str().to_owned(),
        (Format::Json, body) => crate::template::dumps(body.unwrap_or(&Value::Null))
            .map_err(|error| Error::new(format!("body as JSON: {error}")))?,
        (_, None) => return Ok((Vec::new(), kind)),
        (Format::Form, Some(body)) => encode_form(&form_pairs(body)?),
        (Format::Multipart, Some(body)) => {
            return multipart(body, cx).map(|(bytes, kind)| (bytes, Some(kind)));
        }
        (Format::Raw, Some(body)) => body.to_string(),
    };
    Ok((text.into_bytes(), kind))
}

fn form_pairs(body: &Value) -> Result<Vec<(String, String)>, Error> {
    let wrong = || {
        Error::new("failed to parse body as form_urlencoded: it is a dictionary or a list of pairs")
    };
    let mut pairs = Vec::new();
    let mut add = |key: &Value, value: &Value| match value {
        Value::Null => {}
        Value::Map(map) => pairs.extend(map.keys().map(|item| (key.to_string(), item.to_string()))),
        _ => match value.as_list() {
            Some(list) => pairs.extend(list.iter().map(|item| (key.to_string(), item.to_string()))),
            None => pairs.push((key.to_string(), value.to_string())),
        },
    };
    match body {
        Value::Map(map) => map.iter().for_each(|(key, value)| add(key, value)),
        Value::List(list) => {
            for pair in list.iter() {
                match pair.as_list().map(|pair| pair.to_vec()).as_deref() {
                    Some([key, value]) => add(key, value),
                    _ => return Err(wrong()),
                }
            }
        }
        _ => return Err(wrong()),
    }
    Ok(pairs)
}

/// Writes a body as `multipart/form-data`.
fn multipart(body: &Value, cx: &Context<'_>) -> Result<(Vec<u8>, String), Error> {
    let Some(map) = body.as_map() else {
        return Err(Error::new(
            "failed to parse body as form-multipart: Mapping is required, it is no dictionary",
        ));
    };
    let boundary = format!("fcplay-{}", uuid::Uuid::new_v4().simple());
    let mut out = Vec::new();
    for (name, value) in map.iter() {
        let (content, file, kind) = part(value, cx)?;
        out.extend_from_slice(
            format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"").as_bytes(),
        );
        if let Some(file) = file {
            out.extend_from_slice(format!("; filename=\"{file}\"").as_bytes());
        }
        out.extend_from_slice(format!("\r\nContent-Type: {kind}\r\n\r\n").as_bytes());
        out.extend_from_slice(&content);
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    Ok((out, format!("multipart/form-data; boundary={boundary}")))
}

/// Returns content, file name and type of one part.
fn part(value: &Value, cx: &Context<'_>) -> Result<(Vec<u8>, Option<String>, String), Error> {
    if value.as_list().is_some() {
        return Err(Error::new(
            "failed to parse body as form-multipart: value must be a string, or mapping, cannot be type list",
        ));
    }
    let Some(map) = value.as_map() else {
        return Ok((value.to_string().into_bytes(), None, "text/plain".into()));
    };
    let text = |name: &str| map.get(name).filter(|value| !value.is_null()).map(ToString::to_string);
    let file = text("filename");
    let content = match (text("content"), &file) {
        (Some(content), _) => content.into_bytes(),
        (None, Some(name)) => {
            let path = cx.find_file(name, "files")?;
            cx.hands.read_file(&path).map_err(Error::new)?
        }
        (None, None) => {
            return Err(Error::new(
                "failed to parse body as form-multipart: at least one of filename or content must be provided",
            ));
        }
    };
    let file = file.map(|path| path.rsplit('/').next().unwrap_or_default().to_owned());
    let kind = text("mime_type").unwrap_or_else(|| kind_of(file.as_deref()).into());
    Ok((content, file, kind))
}

/// What files hold, by their extensions.
const KINDS: [(&str, &str); 26] = [
    ("bin", "application/octet-stream"),
    ("bz2", "application/x-bzip2"),
    ("cert", "application/octet-stream"),
    ("css", "text/css"),
    ("csv", "text/csv"),
    ("der", "application/x-x509-ca-cert"),
    ("gif", "image/gif"),
    ("htm", "text/html"),
    ("html", "text/html"),
    ("jar", "application/java-archive"),
    ("jpeg", "image/jpeg"),
    ("jpg", "image/jpeg"),
    ("js", "text/javascript"),
    ("json", "application/json"),
    ("md", "text/markdown"),
    ("p12", "application/x-pkcs12"),
    ("pdf", "application/pdf"),
    ("png", "image/png"),
    ("sh", "application/x-sh"),
    ("svg", "image/svg+xml"),
    ("tar", "application/x-tar"),
    ("txt", "text/plain"),
    ("war", "application/octet-stream"),
    ("wsdl", "application/xml"),
    ("xml", "text/xml"),
    ("zip", "application/zip"),
];

fn kind_of(file: Option<&str>) -> &'static str {
    let extension = file.and_then(|name| name.rsplit_once('.')).map(|(_, extension)| extension);
    let extension = extension.unwrap_or_default().to_ascii_lowercase();
    let found = KINDS.iter().find(|(known, _)| *known == extension);
    found.map_or("application/octet-stream", |(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Map;

    #[test]
    fn forms_leave_out_nulls_and_repeat_lists() {
        let list = Value::list([Value::from("x"), Value::from("y")]);
        let body = Map::from_iter([("a", Value::Int(1)), ("b", list), ("c", Value::Null)]);
        let pairs = form_pairs(&Value::from(body)).unwrap();
        assert_eq!(encode_form(&pairs), "a=1&b=x&b=y");
        assert!(form_pairs(&Value::Int(5)).is_err());
    }

    #[test]
    fn kinds_of_files() {
        assert_eq!(kind_of(Some("a.JSON")), "application/json");
        assert_eq!(kind_of(Some("a")), "application/octet-stream");
        assert!(KINDS.is_sorted());
    }
}
