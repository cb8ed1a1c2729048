//! What an archive is, by its first bytes, and who can unpack it.

use std::io::Read;
use std::path::Path;

use crate::module::Failure;
use crate::system::{Command, Look, Output};

use super::{Args, tar, zip};

/// What an archive is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    Bzip2,
    Gzip,
    Plain,
    Xz,
    Zip,
    Zstd,
}

/// Where the word `ustar` stands in a tar file.
const USTAR: usize = 257;

impl Kind {
    /// Looks into an archive.
    pub(super) fn of(look: &dyn Look, path: &Path, shown: &str) -> Result<Self, Failure> {
        let mut start = Vec::new();
        look.open(path)?
            .take(512)
            .read_to_end(&mut start)
            .map_err(|source| crate::system::Error::file("read", path, source))?;
        if start.is_empty() {
            return Err(Failure::new(format!("Invalid archive '{shown}', the file is 0 bytes")));
        }
        let kind = Self::recognize(&start).ok_or_else(|| {
            Failure::new(format!(
                "Failed to find handler for \"{shown}\": it is no tar file (plain, gzip, bzip2, xz, zstd) and no zip file"
            ))
        })?;
        kind.require(look, shown)?;
        Ok(kind)
    }

    fn recognize(start: &[u8]) -> Option<Self> {
        match start {
            [0x1f, 0x8b, ..] => Some(Self::Gzip),
            [b'B', b'Z', b'h', ..] => Some(Self::Bzip2),
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Some(Self::Xz),
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(Self::Zstd),
            [b'P', b'K', 3 | 5 | 7, ..] => Some(Self::Zip),
            _ if start.get(USTAR..USTAR + 5) == Some(b"ustar") => Some(Self::Plain),
            _ => None,
        }
    }

    /// Refuses what the host has no program for.
    fn require(self, look: &dyn Look, shown: &str) -> Result<(), Failure> {
        let programs: &[&str] = match self {
            Self::Bzip2 => &["tar", "bzip2"],
            Self::Gzip => &["tar", "gzip"],
            Self::Plain => &["tar"],
            Self::Xz => &["tar", "xz"],
            Self::Zip => &["unzip"],
            Self::Zstd => &["tar", "zstd"],
        };
        if let Some(missing) = programs.iter().find(|program| look.which(program).is_none()) {
            return Err(Failure::new(format!(
                "Failed to find handler for \"{shown}\". Make sure the required command to extract the file is installed: Unable to find required '{missing}' binary in the path."
            )));
        }
        if self == Self::Zip {
            return Ok(());
        }
        let version = look.query(&Command::new(["tar", "--version"]).env("LC_ALL", "C"))?;
        if version.out().contains("GNU tar") {
            return Ok(());
        }
        Err(Failure::new(format!(
            "Failed to find handler for \"{shown}\". Make sure the required command to extract the file is installed: `tar` of the host is not GNU tar; install the package `tar`"
        )))
    }

    /// Returns the option that makes tar unpack it.
    pub(super) fn option(self) -> Option<&'static str> {
        match self {
            Self::Bzip2 => Some("--bzip2"),
            Self::Gzip => Some("--gzip"),
            Self::Plain | Self::Zip => None,
            Self::Xz => Some("--xz"),
            Self::Zstd => Some("--use-compress-program=zstd"),
        }
    }

    /// Returns Ansible's word for who unpacks it.
    pub(super) fn handler(self) -> &'static str {
        match self {
            Self::Bzip2 => "TarBzipArchive",
            Self::Gzip => "TgzArchive",
            Self::Plain => "TarArchive",
            Self::Xz => "TarXzArchive",
            Self::Zip => "ZipArchive",
            Self::Zstd => "TarZstdArchive",
        }
    }

    /// Returns the paths of the members below the destination.
    pub(super) fn members(
        self,
        args: &Args,
        src: &Path,
        look: &dyn Look,
    ) -> Result<Vec<String>, Failure> {
        if self == Self::Zip {
            zip::members(args, src, look)
        } else {
            tar::members(self, args, src, look)
        }
    }

    /// Returns what in the folder is not as in the archive, a line each.
    pub(super) fn differences(
        self,
        args: &Args,
        src: &Path,
        members: &[String],
        look: &dyn Look,
    ) -> Result<Vec<String>, Failure> {
        if self == Self::Zip {
            zip::differences(args, src, members, look)
        } else {
            tar::differences(self, args, src, look)
        }
    }

    /// Returns the command that unpacks.
    pub(super) fn extraction(self, args: &Args, src: &Path) -> Command {
        if self == Self::Zip {
            zip::extraction(args, src)
        } else {
            tar::extraction(self, args, src)
        }
    }

    /// Returns whether the command that unpacks went well; `unzip` ends with 1 when it only warns.
    pub(super) fn is_success(self, output: &Output) -> bool {
        output.success() || self == Self::Zip && output.code == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_bytes() {
        let mut plain = vec![0; 512];
        plain[257..262].copy_from_slice(b"ustar");
        assert_eq!(Kind::recognize(&plain), Some(Kind::Plain));
        assert_eq!(Kind::recognize(&[0x1f, 0x8b, 8]), Some(Kind::Gzip));
        assert_eq!(Kind::recognize(b"PK\x03\x04"), Some(Kind::Zip));
        assert_eq!(Kind::recognize(b"BZh9"), Some(Kind::Bzip2));
        assert_eq!(Kind::recognize(b"#!/bin/sh"), None);
    }
}
