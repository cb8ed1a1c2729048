//! The helper's programs on this machine: one an architecture, read once a run and shared by all hosts.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

/// The name of the program, to which `-<architecture>` may be added.
const NAME: &str = "fcplay-helper";

/// The environment variable that names another program.
const VARIABLE: &str = "FCPLAY_HELPER";

/// Larger programs are packed quickly rather than well: they come from a developer's build, in bytes.
const LARGE: usize = 8 << 20;

/// The helpers that can be sent, by architecture as `uname -m` names it.
#[derive(Debug)]
pub struct Programs {
    folder: PathBuf,
    by_machine: BTreeMap<String, Arc<Program>>,
}

/// One helper.
#[derive(Debug)]
pub struct Program {
    path: PathBuf,
    hash: String,
    bytes: Vec<u8>,
    packed: OnceLock<Vec<u8>>,
}

impl Programs {
    /// Finds the helpers beside the running program, or the one that `FCPLAY_HELPER` names.
    pub fn find() -> std::io::Result<Self> {
        let chosen = std::env::var_os(VARIABLE).filter(|path| !path.is_empty());
        if let Some(path) = chosen {
            return Self::only(Path::new(&path));
        }
        let program = std::env::current_exe()?;
        Self::beside(program.parent().unwrap_or(Path::new("/")))
    }

    /// Returns the helpers in a folder.
    pub fn beside(folder: &Path) -> std::io::Result<Self> {
        let mut by_machine = BTreeMap::new();
        let plain = folder.join(NAME);
        if plain.is_file() {
            let program = Program::read(&plain)?;
            by_machine.insert(machine_of(&program.bytes).to_owned(), Arc::new(program));
        }
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let machine = name.strip_prefix(NAME).and_then(|rest| rest.strip_prefix('-'));
            if let Some(machine) = machine.filter(|machine| is_machine(machine)) {
                by_machine.insert(machine.to_owned(), Arc::new(Program::read(&entry.path())?));
            }
        }
        Ok(Self { folder: folder.to_owned(), by_machine })
    }

    /// Returns one helper, whatever it is called.
    pub fn only(path: &Path) -> std::io::Result<Self> {
        let program = Program::read(path).map_err(|error| {
            std::io::Error::new(error.kind(), format!("`{}` ({VARIABLE}): {error}", path.display()))
        })?;
        let folder = path.parent().unwrap_or(Path::new("/")).to_owned();
        let machine = machine_of(&program.bytes).to_owned();
        Ok(Self { folder, by_machine: BTreeMap::from([(machine, Arc::new(program))]) })
    }

    /// Returns the helper for an architecture.
    pub fn get(&self, machine: &str) -> Option<&Arc<Program>> {
        self.by_machine.get(machine)
    }

    /// Returns the helper for this machine, or what is missing.
    pub fn local(&self) -> Result<&Arc<Program>, String> {
        let machine = std::env::consts::ARCH;
        self.get(machine).ok_or_else(|| self.missing(machine))
    }

    /// Says what is missing for an architecture.
    pub(super) fn missing(&self, machine: &str) -> String {
        let there: Vec<&str> = self.by_machine.keys().map(String::as_str).collect();
        let there = match there.as_slice() {
            [] => "there is none for any machine".to_owned(),
            some => format!("there is one for {}", some.join(", ")),
        };
        format!(
            "there is no helper for a machine of type `{machine}`: neither `{NAME}-{machine}` nor a fitting `{NAME}` is in \
             {} ({there})\nhint: put it there, or name it in the environment variable {VARIABLE}",
            self.folder.display()
        )
    }

    /// Returns what the starting script has to know: `architecture:hash:size` of each.
    pub(super) fn list(&self) -> String {
        let words = self.by_machine.iter().map(|(machine, program)| {
            format!("{machine}:{}:{}", program.hash, program.bytes.len())
        });
        words.collect::<Vec<_>>().join(" ")
    }
}

impl Program {
    fn read(path: &Path) -> std::io::Result<Self> {
        let bytes = std::fs::read(path)?;
        let digest = Sha256::digest(&bytes);
        let hash = digest[..16].iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { path: path.to_owned(), hash, bytes, packed: OnceLock::new() })
    }

    /// Returns where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the program.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns the program as `gzip` would pack it. The first call takes a while.
    pub(super) fn packed(&self) -> &[u8] {
        self.packed.get_or_init(|| {
            let level =
                if self.bytes.len() > LARGE { Compression::fast() } else { Compression::default() };
            let mut encoder = GzEncoder::new(Vec::new(), level);
            encoder.write_all(&self.bytes).expect("memory takes every byte");
            encoder.finish().expect("memory takes every byte")
        })
    }
}

/// Returns whether the end of a file's name means an architecture: there may be `fcplay-helper-x86_64.d` too.
fn is_machine(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Returns the architecture that a program was built for; this machine's own when it is no ELF file.
fn machine_of(program: &[u8]) -> &'static str {
    if program.len() < 20 || !program.starts_with(b"\x7fELF") {
        return std::env::consts::ARCH;
    }
    let number = match program[5] {
        2 => u16::from_be_bytes([program[18], program[19]]),
        _ => u16::from_le_bytes([program[18], program[19]]),
    };
    match number {
        3 => "x86",
        21 => "powerpc64le",
        22 => "s390x",
        40 => "arm",
        62 => "x86_64",
        183 => "aarch64",
        243 => "riscv64",
        258 => "loongarch64",
        _ => "unknown",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn helpers_are_found_by_name_and_by_what_they_are() {
        let folder = tempfile::tempdir().unwrap();
        let mut arm = b"\x7fELF\x02\x01".to_vec();
        arm.resize(18, 0);
        arm.extend([183, 0]);
        std::fs::write(folder.path().join("fcplay-helper"), &arm).unwrap();
        std::fs::write(folder.path().join("fcplay-helper-riscv64"), "x").unwrap();
        std::fs::write(folder.path().join("fcplay-helper-riscv64.d"), "x").unwrap();
        let programs = Programs::beside(folder.path()).unwrap();
        let found: Vec<_> = programs.by_machine.keys().map(String::as_str).collect();
        assert_eq!(found, ["aarch64", "riscv64"]);
        assert_eq!(
            programs.list().split(' ').nth(1),
            Some("riscv64:2d711642b726b04401627ca9fbac32f5:1")
        );
        let missing = programs.missing("mips").replace(folder.path().to_str().unwrap(), "DIR");
        assert_eq!(
            missing,
            "there is no helper for a machine of type `mips`: neither `fcplay-helper-mips` nor a fitting `fcplay-helper` is \
             in DIR (there is one for aarch64, riscv64)\nhint: put it there, or name it in the environment variable \
             FCPLAY_HELPER"
        );
    }

    #[test]
    fn packing_is_gzip() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        std::fs::write(&path, vec![7; 100_000]).unwrap();
        let programs = Programs::only(&path).unwrap();
        let program = programs.local().unwrap();
        assert!(program.packed().len() < 1000 && program.packed().starts_with(&[0x1f, 0x8b]));
    }
}
