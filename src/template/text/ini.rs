//! INI files as Python's `configparser` reads them.

use indexmap::IndexMap;

/// How a file is read.
#[derive(Clone, Copy, Debug)]
pub(in crate::template) struct Style {
    /// Whether keys keep their case.
    pub(in crate::template) case_sensitive: bool,
    /// Whether a key may stand without a value.
    pub(in crate::template) bare_keys: bool,
    /// Whether `%(name)s` stands for another key's value.
    pub(in crate::template) interpolation: bool,
}

type Section = IndexMap<String, Option<String>>;

/// A file that was read.
#[derive(Debug)]
pub(in crate::template) struct Ini {
    sections: IndexMap<String, Section>,
    style: Style,
}

/// The section whose keys all others have too.
const DEFAULT: &str = "DEFAULT";

/// Deepest chain of `%(name)s`.
const DEEPEST: usize = 10;

impl Ini {
    /// Reads a text.
    pub(in crate::template) fn parse(text: &str, style: Style) -> Result<Self, String> {
        let mut sections: IndexMap<String, Section> = IndexMap::new();
        let mut current: Option<String> = None;
        let mut last: Option<(String, String)> = None;
        let mut key_indent = 0;
        for (number, line) in text.lines().enumerate() {
            let content = line.trim();
            if content.is_empty() || content.starts_with(['#', ';']) {
                // An empty line goes on inside of a value that is indented.
                if let (true, Some((section, key))) = (content.is_empty(), &last)
                    && let Some(Some(value)) =
                        sections.get_mut(section).and_then(|keys| keys.get_mut(key))
                {
                    value.push('\n');
                }
                continue;
            }
            let indent = line.len() - line.trim_start().len();
            if let Some((section, key)) = last.clone().filter(|_| indent > key_indent) {
                if let Some(Some(value)) =
                    sections.get_mut(&section).and_then(|keys| keys.get_mut(&key))
                {
                    value.push('\n');
                    value.push_str(content);
                }
                continue;
            }
            let failed =
                |what: &str| Err(format!("line {} of the file {what}: `{content}`", number + 1));
            if let Some(name) = content.strip_prefix('[').and_then(|rest| rest.rsplit_once(']')) {
                current = Some(name.0.to_owned());
                last = None;
                if name.0 != DEFAULT && sections.contains_key(name.0) {
                    return failed("begins a section that is there already");
                }
                sections.entry(name.0.to_owned()).or_default();
                continue;
            }
            let Some(section) = current.clone() else {
                return failed("stands before the first section");
            };
            let (key, value) = match content.find(['=', ':']) {
                Some(0) => return failed("has no key"),
                Some(at) => (content[..at].trim_end(), Some(content[at + 1..].trim().to_owned())),
                None if style.bare_keys => (content, None),
                None => return failed("has no `=`"),
            };
            let key = if style.case_sensitive { key.to_owned() } else { key.to_lowercase() };
            key_indent = indent;
            last = Some((section.clone(), key.clone()));
            let keys = sections.entry(section.clone()).or_default();
            if keys.insert(key.clone(), value).is_some() {
                return Err(format!(
                    "Duplicate option in line {}: option '{key}' in section '{section}' already exists",
                    number + 1
                ));
            }
        }
        for value in sections.values_mut().flat_map(IndexMap::values_mut).flatten() {
            value.truncate(value.trim_end_matches('\n').len());
        }
        Ok(Self { sections, style })
    }

    /// Returns the names of the sections.
    pub(in crate::template) fn sections(&self) -> impl Iterator<Item = &str> {
        self.sections.keys().map(String::as_str).filter(|name| *name != DEFAULT)
    }

    /// Returns whether there is a section of that name.
    pub(in crate::template) fn has_section(&self, name: &str) -> bool {
        self.sections.contains_key(name) && name != DEFAULT
    }

    /// Returns the keys of a section.
    pub(in crate::template) fn keys(&self, section: &str) -> Vec<String> {
        let own = self.sections.get(section).into_iter().flat_map(IndexMap::keys);
        let mut keys: Vec<String> = own.cloned().collect();
        for key in self.sections.get(DEFAULT).into_iter().flat_map(IndexMap::keys) {
            if !keys.contains(key) {
                keys.push(key.clone());
            }
        }
        keys
    }

    fn raw(&self, section: &str, key: &str) -> Option<&Option<String>> {
        let own = self.sections.get(section)?;
        own.get(key).or_else(|| self.sections.get(DEFAULT)?.get(key))
    }

    /// Returns the value of a key: nothing when it is not there, an inner nothing when it has no value.
    pub(in crate::template) fn get(
        &self,
        section: &str,
        key: &str,
    ) -> Result<Option<Option<String>>, String> {
        let key = if self.style.case_sensitive { key.to_owned() } else { key.to_lowercase() };
        match self.raw(section, &key) {
            Some(Some(text)) if self.style.interpolation => {
                self.filled(section, text, 0).map(|text| Some(Some(text)))
            }
            found => Ok(found.cloned()),
        }
    }

    fn filled(&self, section: &str, text: &str, depth: usize) -> Result<String, String> {
        if depth > DEEPEST {
            return Err(format!("`{text}` refers to itself"));
        }
        let mut out = String::new();
        let mut rest = text;
        while let Some(at) = rest.find('%') {
            out.push_str(&rest[..at]);
            rest = &rest[at + 1..];
            if let Some(tail) = rest.strip_prefix('%') {
                out.push('%');
                rest = tail;
            } else if let Some((name, tail)) =
                rest.strip_prefix('(').and_then(|rest| rest.split_once(")s"))
            {
                let key =
                    if self.style.case_sensitive { name.to_owned() } else { name.to_lowercase() };
                let value = self.raw(section, &key).and_then(Option::as_ref);
                let value = value
                    .ok_or_else(|| format!("`{text}` refers to `{name}`, which is not there"))?;
                out.push_str(&self.filled(section, value, depth + 1)?);
                rest = tail;
            } else {
                return Err(format!(
                    "`{text}`: `%` must be followed by `%` or `(name)s`; `interpolation=false` reads it as it is"
                ));
            }
        }
        Ok(out + rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "[DEFAULT]\nhome=/srv\n[a]\n# note\nUser = x\nPath: %(home)s/x\nlong = 1\n  2\n\n  3\nbare\n[b]\nuser=y\n";

    #[test]
    fn values_sections_and_references() {
        let style = Style { case_sensitive: false, bare_keys: true, interpolation: true };
        let ini = Ini::parse(TEXT, style).unwrap();
        assert_eq!(ini.get("a", "USER"), Ok(Some(Some("x".to_owned()))));
        assert_eq!(ini.get("a", "path"), Ok(Some(Some("/srv/x".to_owned()))));
        assert_eq!(ini.get("a", "long"), Ok(Some(Some("1\n2\n\n3".to_owned()))));
        assert_eq!(ini.get("a", "bare"), Ok(Some(None)));
        assert_eq!(ini.get("b", "none"), Ok(None));
        assert_eq!(ini.sections().collect::<Vec<_>>(), ["a", "b"]);
        let strict = Style { bare_keys: false, ..style };
        assert_eq!(Ini::parse(TEXT, strict).unwrap_err(), "line 11 of the file has no `=`: `bare`");
        assert_eq!(
            Ini::parse("[s]\nA=1\na=2\n", style).unwrap_err(),
            "Duplicate option in line 3: option 'a' in section 's' already exists"
        );
    }
}
