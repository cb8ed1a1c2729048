//! Looks into a tarball of `docker save` without unpacking it: which images are in it.

use std::io::{self, Read};

/// An image in a tarball.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Image {
    /// Its names with tags.
    pub(super) names: Vec<String>,
    /// Its identity: `sha256:…`.
    pub(super) id: Option<String>,
}

/// The size of a block in a tarball, in bytes.
const BLOCK: usize = 512;

/// Returns the images of a tarball, which may be compressed by gzip; nothing when it has no manifest.
pub(super) fn images(mut file: Box<dyn Read + Send>) -> io::Result<Vec<Image>> {
    let mut head = [0; 2];
    file.read_exact(&mut head)?;
    let whole = io::Cursor::new(head).chain(file);
    if head == [0x1f, 0x8b] {
        manifest(flate2::read::MultiGzDecoder::new(whole))
    } else {
        manifest(whole)
    }
}

/// Walks over the members until the manifest is found.
fn manifest(mut tar: impl Read) -> io::Result<Vec<Image>> {
    let mut header = [0; BLOCK];
    loop {
        match tar.read_exact(&mut header) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(Vec::new()),
            Err(error) => return Err(error),
        }
        if header.iter().all(|byte| *byte == 0) {
            return Ok(Vec::new());
        }
        let name = text(&header[..100]);
        let size = u64::from_str_radix(text(&header[124..136]).trim(), 8)
            .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is no tarball"))?;
        let padded = size.div_ceil(BLOCK as u64) * BLOCK as u64;
        if name == "manifest.json" {
            let mut content = Vec::new();
            tar.by_ref().take(size).read_to_end(&mut content)?;
            return Ok(parse(&String::from_utf8_lossy(&content)));
        }
        io::copy(&mut tar.by_ref().take(padded), &mut io::sink())?;
    }
}

fn text(field: &[u8]) -> String {
    let end = field.iter().position(|byte| *byte == 0).unwrap_or(field.len());
    String::from_utf8_lossy(&field[..end]).into_owned()
}

/// Reads the manifest: `[{"Config": "….json", "RepoTags": ["name:tag"], …}]`.
fn parse(text: &str) -> Vec<Image> {
    let Ok(value) = crate::base::json::parse(text) else { return Vec::new() };
    let images = value.as_list().map(|list| list.to_vec()).unwrap_or_default();
    images
        .iter()
        .map(|image| {
            let names = image.get("RepoTags").and_then(crate::base::Value::as_list);
            let config = image.get("Config").map(ToString::to_string).unwrap_or_default();
            let digest =
                config.rsplit('/').next().unwrap_or_default().trim_end_matches(".json").to_owned();
            let is_digest =
                digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit());
            Image {
                names: names
                    .map(|names| names.iter().map(ToString::to_string).collect())
                    .unwrap_or_default(),
                id: is_digest.then(|| format!("sha256:{digest}")),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(name: &str, content: &[u8]) -> Vec<u8> {
        let mut header = vec![0; BLOCK];
        header[..name.len()].copy_from_slice(name.as_bytes());
        let size = format!("{:011o}", content.len());
        header[124..124 + size.len()].copy_from_slice(size.as_bytes());
        header.extend_from_slice(content);
        header.resize(header.len().div_ceil(BLOCK) * BLOCK, 0);
        header
    }

    #[test]
    fn the_manifest_is_found_behind_other_members() {
        let id = "ab".repeat(32);
        let manifest =
            format!(r#"[{{"Config":"{id}.json","RepoTags":["redis:7.0"],"Layers":[]}}]"#);
        let mut tar = member("layer.tar", &[1; 700]);
        tar.extend(member("manifest.json", manifest.as_bytes()));
        let found = images(Box::new(io::Cursor::new(tar))).unwrap();
        assert_eq!(
            found,
            [Image { names: vec!["redis:7.0".into()], id: Some(format!("sha256:{id}")) }]
        );
    }

    #[test]
    fn what_is_no_tarball_is_an_error_or_empty() {
        assert!(images(Box::new(io::Cursor::new(vec![7; 2048]))).is_err());
        assert_eq!(images(Box::new(io::Cursor::new(vec![0; 1024]))).unwrap(), []);
    }
}
