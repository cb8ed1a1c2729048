//! The lookup `random_string` of community.general.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rand::Rng;
use rand::seq::SliceRandom;

use crate::base::Value;
use crate::template::table::from_collection;
use crate::template::text::twister::Twister;
use crate::template::{Call, Entry, Reason};

pub(super) const ENTRIES: &[Entry] =
    &[from_collection("community.general", &["random_string"], random_string)];

const STRING_OPTIONS: [&str; 14] = [
    "base64",
    "ignore_similar_chars",
    "length",
    "lower",
    "min_lower",
    "min_numeric",
    "min_special",
    "min_upper",
    "numbers",
    "override_all",
    "override_special",
    "seed",
    "similar_chars",
    "special",
];

fn random_string(call: &mut Call<'_>) -> Result<Value, Reason> {
    const NONE: usize = usize::MAX;
    let mut known = STRING_OPTIONS.to_vec();
    known.push("upper");
    call.accept_options(&known)?;
    let similar = if call.option_flag("ignore_similar_chars", false) {
        call.option("similar_chars").unwrap_or_else(|| "il1LoO0".to_owned())
    } else {
        String::new()
    };
    let set = |chars: &str| chars.chars().filter(|c| !similar.contains(*c)).collect::<Vec<char>>();
    let special = call
        .option("override_special")
        .unwrap_or_else(|| "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~".to_owned());
    let (upper, lower) = (set("ABCDEFGHIJKLMNOPQRSTUVWXYZ"), set("abcdefghijklmnopqrstuvwxyz"));
    let (digits, special) = (set("0123456789"), set(&special));
    let mut chars: Vec<char> = Vec::new();
    for (name, set) in
        [("upper", &upper), ("lower", &lower), ("numbers", &digits), ("special", &special)]
    {
        if call.option_flag(name, true) {
            chars.extend(set);
        }
    }
    if let Some(all) = call.option("override_all") {
        chars = set(&all);
    }
    let length = call.size(NONE, "length", 8)?;
    let mut seeded = call
        .option_value("seed")
        .map(|seed| Twister::seeded(&seed.to_string().into()))
        .transpose()?;
    let mut one = |set: &[char]| match &mut seeded {
        Some(twister) => set[twister.below(set.len() as u64) as usize],
        None => set[rand::rng().random_range(0..set.len())],
    };
    let mut out: Vec<char> = Vec::new();
    let least = [
        ("min_numeric", &digits),
        ("min_lower", &lower),
        ("min_upper", &upper),
        ("min_special", &special),
    ];
    for (name, set) in least {
        let count = call.size(NONE, name, 0)?;
        if count > 0 && set.is_empty() {
            return Err(Reason::new(format!(
                "`{name}` asks for characters of which none are left"
            )));
        }
        out.extend((0..count).map(|_| one(set)));
    }
    let missing = length.saturating_sub(out.len());
    if missing > 0 && chars.is_empty() {
        return Err(Reason::new("Available characters cannot be None, please change constraints"));
    }
    out.extend((0..missing).map(|_| one(&chars)));
    if seeded.is_none() {
        out.shuffle(&mut rand::rng());
    }
    let text: String = out.into_iter().collect();
    let text = if call.option_flag("base64", false) { STANDARD.encode(text) } else { text };
    Ok(Value::list([Value::secret(text)]))
}
