//! Digests that a fetched file has to have: given, or in a list as `sha256sum` writes it.

use std::io::Write;

use sha1::Digest;

use crate::actions::Error;

/// Returns the hexadecimal digest of a file of the controller.
pub(super) fn digest_of(path: &std::path::Path, algorithm: &str) -> Result<String, Error> {
    fn over<D: Digest + Write>(path: &std::path::Path) -> std::io::Result<String> {
        let mut digest = D::new();
        std::io::copy(&mut std::fs::File::open(path)?, &mut digest)?;
        Ok(digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
    }
    let digest = match algorithm {
        "md5" => over::<md5::Md5>(path),
        "sha1" => over::<sha1::Sha1>(path),
        "sha224" => over::<sha2::Sha224>(path),
        "sha256" => over::<sha2::Sha256>(path),
        "sha384" => over::<sha2::Sha384>(path),
        "sha512" => over::<sha2::Sha512>(path),
        other => return Err(unknown(other)),
    };
    digest.map_err(|error| Error::new(error.to_string()))
}

/// Splits `sha256:…` into algorithm and digest.
pub(super) fn split(checksum: &str) -> Result<(String, &str), Error> {
    let Some((algorithm, digest)) = checksum.split_once(':') else {
        return Err(Error::new(
            "The checksum parameter has to be in format <algorithm>:<checksum>",
        ));
    };
    let algorithm = algorithm.trim().to_lowercase();
    match algorithm.as_str() {
        "md5" | "sha1" | "sha224" | "sha256" | "sha384" | "sha512" => {
            Ok((algorithm, digest.trim()))
        }
        other => Err(unknown(other)),
    }
}

/// Returns a digest as digests are compared, when it looks like one.
pub(super) fn normal(digest: &str) -> Result<String, Error> {
    let digest = digest.to_lowercase();
    if digest.is_empty() || !digest.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(Error::new("The checksum format is invalid: it has to be hexadecimal"));
    }
    Ok(digest)
}

/// Returns the digest of a file in a list as `sha256sum` or `sha256sum --tag` writes it, or the only digest there is.
pub(super) fn in_list(list: &str, name: &str) -> Option<String> {
    let lines = || list.lines().map(str::trim).filter(|line| !line.is_empty());
    if let (Some(only), None) = (lines().next(), lines().nth(1))
        && !only.contains(char::is_whitespace)
    {
        return Some(only.to_lowercase());
    }
    lines().find_map(|line| {
        if let Some((head, digest)) = line.split_once(") = ")
            && let Some((_, file)) = head.split_once(" (")
        {
            return is_named(file, name).then(|| digest.trim().to_lowercase());
        }
        let (digest, file) = line.split_once(char::is_whitespace)?;
        is_named(file.trim(), name).then(|| digest.to_lowercase())
    })
}

fn is_named(file: &str, name: &str) -> bool {
    file.trim_start_matches(['*', '.', '/']).rsplit('/').next() == Some(name)
}

fn unknown(algorithm: &str) -> Error {
    Error::new(format!("the digest `{algorithm}` is not known; use sha256 or sha512"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists() {
        let list = "AA  a.tar\nbb *./b.tar\nSHA256 (d.tar) = dd\n";
        assert_eq!(in_list(list, "a.tar").as_deref(), Some("aa"));
        assert_eq!(in_list(list, "b.tar").as_deref(), Some("bb"));
        assert_eq!(in_list(list, "c.tar"), None);
        assert_eq!(in_list(list, "d.tar").as_deref(), Some("dd"));
        assert_eq!(in_list("cc\n", "x").as_deref(), Some("cc"));
    }

    #[test]
    fn wishes() {
        assert_eq!(split("SHA256: ab ").unwrap(), ("sha256".into(), "ab"));
        assert!(split("ab").is_err());
        assert!(split("crc32:ab").is_err());
        assert_eq!(normal("AB").unwrap(), "ab");
        assert!(normal("zz").is_err());
    }
}
