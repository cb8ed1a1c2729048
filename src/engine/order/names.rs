//! Which play or import a name in `needs` means: the nearest one, seen from the play that has the word.

use super::{Around, Entry, Need, Parts};
use crate::base::{Mistake, suggest};

/// Finds what a name means: first in the list around, then deeper in it, then in the lists further out.
pub(super) fn find<'e>(need: &Need, around: &Around<'e>) -> Result<&'e Entry, Mistake> {
    for (entries, here) in around.iter().rev() {
        let found = matching(entries, &need.name);
        let (place, entry) = match found[..] {
            [] => continue,
            [one] => one,
            _ => return Err(several(need, found.len())),
        };
        return match place.cmp(here) {
            std::cmp::Ordering::Less => Ok(entry),
            std::cmp::Ordering::Equal => Err(mistake(need, "a play cannot need itself".into())),
            std::cmp::Ordering::Greater => {
                let what = format!("`{}` stands below the play that needs it", need.name);
                Err(mistake(need, what).hint("a play can need what stands above it: move it up"))
            }
        };
    }
    Err(unknown(need, around))
}

/// Returns the entries of a list that have a name, each with its place in the list; when there is none, those deeper in it.
fn matching<'e>(entries: &'e [Entry], name: &str) -> Vec<(usize, &'e Entry)> {
    let has_name = |entry: &Entry| entry.name.as_deref() == Some(name);
    let here: Vec<_> = entries.iter().enumerate().filter(|(_, entry)| has_name(entry)).collect();
    if !here.is_empty() {
        return here;
    }
    let deeper = entries.iter().enumerate().flat_map(|(place, entry)| match &entry.parts {
        Parts::Play(_) => Vec::new(),
        Parts::Several(inner) => {
            matching(inner, name).into_iter().map(|(_, entry)| (place, entry)).collect()
        }
    });
    deeper.collect()
}

fn mistake(need: &Need, what: String) -> Mistake {
    Mistake::new(what, &need.at).width(need.name.chars().count())
}

fn several(need: &Need, count: usize) -> Mistake {
    let what = format!("{count} plays are called `{}`", need.name);
    mistake(need, what)
        .hint("give the one that is needed a name of its own, or name what imports it")
}

fn unknown(need: &Need, around: &Around<'_>) -> Mistake {
    fn names<'e>(entries: &'e [Entry], all: &mut Vec<&'e str>) {
        for entry in entries {
            all.extend(entry.name.as_deref());
            if let Parts::Several(inner) = &entry.parts {
                names(inner, all);
            }
        }
    }
    let mut all = Vec::new();
    if let Some((outermost, _)) = around.first() {
        names(outermost, &mut all);
    }
    let mistake = mistake(need, format!("no play of this run is called `{}`", need.name));
    match suggest::closest(&need.name, all) {
        Some(near) => mistake.label(format!("did you mean `{near}`?")),
        None => mistake.hint(
            "what only a larger run has is needed by its import: write `needs` below `import_playbook`",
        ),
    }
}
