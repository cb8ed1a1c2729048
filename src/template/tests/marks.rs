//! Marks that travel with values, as Ansible's own tests ask for them (`ansible._protomatter`).

use crate::base::Value;
use crate::template::table::from_collection;
use crate::template::{Call, Entry, Reason};

pub(super) const ENTRIES: &[Entry] =
    &[from_collection("ansible._protomatter", &["tagged_with"], tagged_with)];

/// Marks of Ansible that values do not carry here.
const NOT_HERE: [&str; 4] = ["Deprecated", "Origin", "SourceWasEncrypted", "VaultedValue"];

fn tagged_with(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["tag_name"])?;
    let name = call.need(0, "tag_name")?.to_string();
    if name == "TrustedAsTemplate" {
        return Ok(matches!(&call.input, Value::Text(text) if text.is_written()).into());
    }
    Err(Reason::new(if NOT_HERE.contains(&name.as_str()) {
        format!("values do not carry the tag `{name}` in fcplay, only `TrustedAsTemplate`")
    } else {
        format!("there is no tag `{name}`; `TrustedAsTemplate` is one")
    }))
}
