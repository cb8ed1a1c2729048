//! A unified diff of two texts, three lines of context.

/// Lines around a change that are shown.
const CONTEXT: usize = 3;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Step {
    Same,
    Removed,
    Added,
}

/// Returns the diff, empty when the texts are equal.
pub(in crate::template) fn unified(before: &str, after: &str) -> String {
    let (a, b): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let steps = steps(&a, &b);
    if steps.iter().all(|step| *step == Step::Same) {
        return String::new();
    }
    let mut out = String::from("--- before\n+++ after\n");
    let changed: Vec<usize> =
        (0..steps.len()).filter(|place| steps[*place] != Step::Same).collect();
    let mut groups: Vec<(usize, usize)> = Vec::new();
    for place in changed {
        let (low, high) = (place.saturating_sub(CONTEXT), (place + CONTEXT + 1).min(steps.len()));
        match groups.last_mut() {
            Some((_, end)) if *end >= low => *end = high,
            _ => groups.push((low, high)),
        }
    }
    for (low, high) in groups {
        let count =
            |range: &[Step], other: Step| range.iter().filter(|step| **step != other).count();
        let (start_a, start_b) =
            (count(&steps[..low], Step::Added), count(&steps[..low], Step::Removed));
        let (len_a, len_b) =
            (count(&steps[low..high], Step::Added), count(&steps[low..high], Step::Removed));
        out += &format!("@@ -{} +{} @@\n", range(start_a, len_a), range(start_b, len_b));
        let (mut at_a, mut at_b) = (start_a, start_b);
        for step in &steps[low..high] {
            let (mark, line) = match step {
                Step::Same => (' ', a[at_a]),
                Step::Removed => ('-', a[at_a]),
                Step::Added => ('+', b[at_b]),
            };
            at_a += usize::from(*step != Step::Added);
            at_b += usize::from(*step != Step::Removed);
            out += &format!("{mark}{line}\n");
        }
    }
    out
}

fn range(start: usize, length: usize) -> String {
    match length {
        0 => format!("{start},0"),
        1 => format!("{}", start + 1),
        _ => format!("{},{length}", start + 1),
    }
}

/// Returns the shortest way from one list of lines to the other.
fn steps(a: &[&str], b: &[&str]) -> Vec<Step> {
    let head = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let tail =
        a[head..].iter().rev().zip(b[head..].iter().rev()).take_while(|(x, y)| x == y).count();
    let (x, y) = (&a[head..a.len() - tail], &b[head..b.len() - tail]);
    // The length of the longest common part of what follows each pair of places.
    let width = y.len() + 1;
    let mut common = vec![0_u32; (x.len() + 1) * width];
    for i in (0..x.len()).rev() {
        for j in (0..y.len()).rev() {
            common[i * width + j] = if x[i] == y[j] {
                common[(i + 1) * width + j + 1] + 1
            } else {
                common[(i + 1) * width + j].max(common[i * width + j + 1])
            };
        }
    }
    let mut out = vec![Step::Same; head];
    let (mut i, mut j) = (0, 0);
    while i < x.len() || j < y.len() {
        if i < x.len() && j < y.len() && x[i] == y[j] {
            out.push(Step::Same);
            (i, j) = (i + 1, j + 1);
        } else if i < x.len()
            && (j == y.len() || common[(i + 1) * width + j] >= common[i * width + j + 1])
        {
            out.push(Step::Removed);
            i += 1;
        } else {
            out.push(Step::Added);
            j += 1;
        }
    }
    out.extend(vec![Step::Same; tail]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_shown_with_their_surroundings() {
        let before = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
        let after = before.replace("5\n", "five\n");
        let expected =
            "--- before\n+++ after\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n";
        assert_eq!(unified(before, &after), expected);
        assert_eq!(unified("a\n", "a\n"), "");
        assert_eq!(unified("", "a\n"), "--- before\n+++ after\n@@ -0,0 +1 @@\n+a\n");
    }
}
