//! Digest authentication (RFC 7616): the answer to a challenge, with MD5 or SHA-256 and `qop=auth`.

use sha2::Digest;

use super::Request;

/// Returns the value of `Authorization` that answers a challenge; nothing when it asks for what is not known.
pub fn digest(
    challenge: &str,
    (user, password): (&str, &str),
    request: &Request,
    path: &str,
    nonce_of_client: &str,
) -> Option<String> {
    let rest = challenge.trim().get(..7).filter(|word| word.eq_ignore_ascii_case("digest "))?;
    let fields = fields(&challenge.trim()[rest.len()..]);
    let field = |name: &str| {
        fields.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    };
    let algorithm = field("algorithm").unwrap_or("MD5");
    let hash = |text: String| match algorithm.to_ascii_uppercase().as_str() {
        "MD5" => Some(hex::<md5::Md5>(&text)),
        "SHA" => Some(hex::<sha1::Sha1>(&text)),
        "SHA-256" => Some(hex::<sha2::Sha256>(&text)),
        _ => None,
    };
    let (realm, nonce) = (field("realm").unwrap_or_default(), field("nonce")?);
    let secret = hash(format!("{user}:{realm}:{password}"))?;
    let wish = hash(format!("{}:{path}", request.method))?;
    let qop = field("qop").map(|list| list.split(',').any(|word| word.trim() == "auth"));
    let response = match qop {
        None => hash(format!("{secret}:{nonce}:{wish}"))?,
        Some(true) => hash(format!("{secret}:{nonce}:00000001:{nonce_of_client}:auth:{wish}"))?,
        Some(false) => return None,
    };
    let mut value = format!(
        "Digest username=\"{user}\", realm=\"{realm}\", nonce=\"{nonce}\", uri=\"{path}\", response=\"{response}\""
    );
    if let Some(opaque) = field("opaque") {
        value.push_str(&format!(", opaque=\"{opaque}\""));
    }
    if field("algorithm").is_some() {
        value.push_str(&format!(", algorithm=\"{algorithm}\""));
    }
    if qop.is_some() {
        value.push_str(&format!(", qop=auth, nc=00000001, cnonce=\"{nonce_of_client}\""));
    }
    Some(value)
}

/// Splits `realm="a, b", nonce=c` into its fields.
pub(in crate::clusters) fn fields(text: &str) -> Vec<(String, String)> {
    let mut quoted = false;
    let parts = text.split(|c| {
        quoted ^= c == '"';
        c == ',' && !quoted
    });
    let pairs = parts.filter_map(|part| part.split_once('='));
    pairs.map(|(name, value)| (name.trim().into(), value.trim().trim_matches('"').into())).collect()
}

fn hex<D: Digest>(text: &str) -> String {
    D::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_the_example_of_the_standard() {
        let request = Request { method: "GET".into(), ..Request::default() };
        let challenge = r#"Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=MD5, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS""#;
        let login = ("Mufasa", "Circle of Life");
        let client = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
        let value = digest(challenge, login, &request, "/dir/index.html", client).unwrap();
        assert!(value.contains("response=\"8ca523f5e9506fed4657c9700eebdbec\""), "{value}");
        let value = digest(
            &challenge.replace("MD5", "SHA-256"),
            login,
            &request,
            "/dir/index.html",
            client,
        );
        let expected = "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1";
        assert!(value.unwrap().contains(expected));
        assert_eq!(digest("Basic realm=x", login, &request, "/", client), None);
    }
}
