//! One-line sources: what a line says, and what adding and removing one makes of a file.

/// A source: `deb [arch=amd64] http://deb.debian.org/debian bookworm main`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Source {
    kind: String,
    options: Vec<String>,
    words: Vec<String>,
}

impl Source {
    /// Reads a line; nothing when it is no source or is commented out.
    pub(super) fn parse(line: &str) -> Option<Self> {
        let line = line.split(" #").next().unwrap_or_default().trim();
        let (kind, rest) = line.split_once(char::is_whitespace)?;
        let rest = rest.trim_start();
        let (options, rest) = match rest.strip_prefix('[') {
            Some(inside) => inside.split_once(']')?,
            None => ("", rest),
        };
        let mut options: Vec<String> = options.split_whitespace().map(str::to_owned).collect();
        options.sort_unstable();
        let words: Vec<String> = rest.split_whitespace().map(str::to_owned).collect();
        // A suite that ends with a slash has no components.
        let enough = words.len() > 2 || words.len() == 2 && words[1].ends_with('/');
        (matches!(kind, "deb" | "deb-src") && enough).then(|| Self {
            kind: kind.to_owned(),
            options,
            words,
        })
    }

    /// Returns the name of a file for it: its address with everything but letters and digits replaced.
    pub(super) fn file_name(&self) -> String {
        let address = self.words.first().map_or("", String::as_str);
        let address = address.split_once("://").map_or(address, |(_, rest)| rest);
        let address = address.split_once('@').map_or(address, |(_, rest)| rest);
        let words =
            address.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
        words.collect::<Vec<_>>().join("_")
    }
}

/// Returns whether a file has a source.
pub(super) fn has(text: &str, wanted: &Source) -> bool {
    text.lines().any(|line| Source::parse(line).as_ref() == Some(wanted))
}

/// Returns the file without a source; nothing when it is not in it.
pub(super) fn without(text: &str, wanted: &Source) -> Option<String> {
    let kept: Vec<&str> =
        text.lines().filter(|line| Source::parse(line).as_ref() != Some(wanted)).collect();
    (kept.len() != text.lines().count()).then(|| lines(&kept))
}

/// Returns the file with a source switched on that is commented out in it.
pub(super) fn enabled(text: &str, wanted: &Source) -> Option<String> {
    let mut done = false;
    let changed: Vec<&str> = text
        .lines()
        .map(|line| {
            let bare =
                line.trim_start().strip_prefix('#').map(|rest| rest.trim_start_matches('#').trim());
            match bare.filter(|bare| !done && Source::parse(bare).as_ref() == Some(wanted)) {
                Some(bare) => {
                    done = true;
                    bare
                }
                None => line,
            }
        })
        .collect();
    done.then(|| lines(&changed))
}

fn lines(lines: &[&str]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// Returns whether a file, in either format, has a personal archive.
pub(super) fn has_personal(text: &str, owner: &str, name: &str) -> bool {
    let places = [
        format!("ppa.launchpad.net/{owner}/{name}/"),
        format!("ppa.launchpadcontent.net/{owner}/{name}/"),
    ];
    text.lines()
        .map(str::trim)
        .filter(|line| !line.starts_with('#'))
        .any(|line| places.iter().any(|place| line.contains(place)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str =
        "deb [arch=amd64 signed-by=/k] https://u:p@example.org/linux/debian bookworm stable";

    #[test]
    fn lines_are_read() {
        let source = Source::parse(LINE).unwrap();
        assert_eq!(source.file_name(), "example_org_linux_debian");
        let same = "deb  [signed-by=/k  arch=amd64]  https://u:p@example.org/linux/debian bookworm  stable # x";
        assert_eq!(Source::parse(same), Some(source));
        assert_eq!(Source::parse("deb http://x ./").map(|source| source.words.len()), Some(2));
        for wrong in ["", "# deb http://x a b", "deb http://x", "deb http://x suite", "rpm a b c"] {
            assert_eq!(Source::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn files_are_changed() {
        let wanted = Source::parse("deb http://x a b").unwrap();
        assert!(has("# c\ndeb http://x a b\n", &wanted));
        assert_eq!(without("# c\ndeb http://x a b\n", &wanted).as_deref(), Some("# c\n"));
        assert_eq!(without("# c\n", &wanted), None);
        assert_eq!(
            enabled("## deb http://x a b\n", &wanted).as_deref(),
            Some("deb http://x a b\n")
        );
        assert_eq!(enabled("# deb http://x a c\n", &wanted), None);
        assert!(has_personal(
            "deb https://ppa.launchpadcontent.net/nginx/stable/ubuntu jammy main",
            "nginx",
            "stable"
        ));
    }
}
