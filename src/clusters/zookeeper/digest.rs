//! DIGEST-MD5 (RFC 2831), by which ZooKeeper's SASL knows users with passwords.

use md5::{Digest, Md5};

use super::Login;
use crate::clusters::http::fields;

/// What a server of ZooKeeper calls itself, as protocol and host.
const SERVER: &str = "zookeeper/zk-sasl-md5";
const COUNT: &str = "00000001";

/// Answers a challenge; returns also what the server has to say then, to show that it knows the password too.
pub(super) fn answer(
    challenge: &str,
    login: &Login,
    nonce_of_client: &str,
) -> Option<(String, String)> {
    let fields = fields(challenge);
    let field =
        |name: &str| fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let (realm, nonce) = (field("realm").unwrap_or_default(), field("nonce")?);
    let secret = [&login.user, realm, login.password.reveal()].map(narrow).join(&b':');
    let mut first = Md5::digest(secret).to_vec();
    first.extend(format!(":{nonce}:{nonce_of_client}").into_bytes());
    let first = hex(&first);
    let proof = |who: &str| {
        let second = hex(format!("{who}:{SERVER}").as_bytes());
        hex(format!("{first}:{nonce}:{COUNT}:{nonce_of_client}:auth:{second}").as_bytes())
    };
    let text = format!(
        "charset=utf-8,username=\"{}\",realm=\"{realm}\",nonce=\"{nonce}\",nc={COUNT},cnonce=\"{nonce_of_client}\",digest-uri=\"{SERVER}\",maxbuf=65536,response={},qop=auth",
        quoted(&login.user),
        proof("AUTHENTICATE"),
    );
    Some((text, format!("rspauth={}", proof(""))))
}

/// Returns the bytes that are hashed: Latin-1 where that is enough, which the standard keeps for older servers.
fn narrow(text: &str) -> Vec<u8> {
    let narrow: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect();
    narrow.unwrap_or_else(|| text.as_bytes().to_vec())
}

fn quoted(text: &str) -> String {
    text.replace('\\', r"\\").replace('"', r#"\""#)
}

fn hex(bytes: &[u8]) -> String {
    Md5::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Secret;
    use crate::clusters::zookeeper::Proof;

    #[test]
    fn known_answer() {
        let login =
            Login { user: "bob".into(), password: Secret::new("secret"), proof: Proof::Sasl };
        let challenge = r#"realm="zk-sasl-md5",nonce="abc, d",charset=utf-8,algorithm=md5-sess"#;
        let (answer, expected) = super::answer(challenge, &login, "xyz").unwrap();
        assert_eq!(
            answer,
            r#"charset=utf-8,username="bob",realm="zk-sasl-md5",nonce="abc, d",nc=00000001,cnonce="xyz",digest-uri="zookeeper/zk-sasl-md5",maxbuf=65536,response=55a5f9ea2e9edb816e73a01ffcd6617f,qop=auth"#
        );
        assert_eq!(expected, "rspauth=c03ce5aabcf150577827779addc89677");
        assert_eq!(super::answer("realm=x", &login, "xyz"), None);
    }

    #[test]
    fn passwords_that_latin_letters_can_write() {
        assert_eq!(narrow("täst"), [b't', 0xe4, b's', b't']);
        assert_eq!(narrow("ł"), "ł".as_bytes());
    }
}
