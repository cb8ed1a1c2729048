//! «Did you mean»: the known word closest to a mistyped one.

/// Returns the candidate nearest to `word`, when one is near enough to be what was meant.
pub fn closest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (word.chars().count() / 3).clamp(1, 3);
    candidates
        .into_iter()
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(far, candidate)| *far <= limit && *candidate != word)
        .min_by_key(|(far, candidate)| (*far, candidate.len().abs_diff(word.len())))
        .map(|(_, candidate)| candidate)
}

/// Returns whether a word is surely another one with a slip in it: one letter too many, missing, wrong or swapped, in a
/// word that is long enough for this to be no chance.
pub fn is_slip(word: &str, meant: &str) -> bool {
    word.chars().count() > 4 && distance(word, meant) == 1
}

/// Returns the number of insertions, deletions, replacements and swaps between two words.
fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.to_lowercase().replace('-', "_").chars().collect();
    let b: Vec<char> = b.to_lowercase().replace('-', "_").chars().collect();
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    for (i, row) in rows.iter_mut().enumerate() {
        row[0] = i;
    }
    for (j, cell) in rows[0].iter_mut().enumerate() {
        *cell = j;
    }
    for i in 1..=a.len() {
        for j in 1..=b.len() {
            let replaced = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = replaced.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = best;
        }
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_words_are_found_and_far_ones_are_not() {
        let known = ["template", "copy", "file", "lineinfile", "project_src"];
        assert_eq!(closest("tempalte", known), Some("template"));
        assert_eq!(closest("projet_src", known), Some("project_src"));
        assert_eq!(closest("cpoy", known), Some("copy"));
        assert_eq!(closest("kubernetes", known), None);
    }

    #[test]
    fn slips_are_told_from_other_words() {
        assert!(is_slip("tempalte", "template"));
        assert!(!is_slip("apk", "apt"));
        assert!(!is_slip("archive", "unarchive"));
    }
}
