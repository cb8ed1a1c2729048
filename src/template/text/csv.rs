//! Comma-separated values as Python's `csv` module reads them.

/// Returns the rows. A quote in the middle of a field is itself.
pub(in crate::template) fn parse(text: &str, delimiter: char) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    let mut row: Vec<String> = Vec::new();
    let mut field = String::new();
    let mut quoted = false;
    let mut begun = false;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.next_if_eq(&'"').is_some() => field.push('"'),
            '"' if quoted => quoted = false,
            c if quoted => field.push(c),
            '"' if field.is_empty() && !begun => {
                quoted = true;
                begun = true;
            }
            c if c == delimiter => {
                row.push(std::mem::take(&mut field));
                begun = false;
            }
            '\r' | '\n' => {
                if c == '\r' {
                    chars.next_if_eq(&'\n');
                }
                if !row.is_empty() || !field.is_empty() || begun {
                    row.push(std::mem::take(&mut field));
                    rows.push(std::mem::take(&mut row));
                }
                begun = false;
            }
            c => field.push(c),
        }
    }
    if !row.is_empty() || !field.is_empty() || begun {
        row.push(field);
        rows.push(row);
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_and_quotes() {
        assert_eq!(
            parse("a,\"b \"\"x\"\",\ny\",c\r\n\nd,,\"\"\n", ','),
            [vec!["a", "b \"x\",\ny", "c"], vec!["d", "", ""]]
        );
        assert_eq!(parse("a\tb\"c", '\t'), [["a", "b\"c"]]);
    }
}
