//! The look of text: `indent`, `wordwrap`, `truncate`, `comment`, `wordcount`, `pprint`.

use crate::base::Value;
use crate::base::pyregex::{Flags, Pattern};
use crate::template::table::builtin;
use crate::template::text::lines::splitlines;
use crate::template::text::{pprint, wrap};
use crate::template::{Call, Entry, Reason, size};

pub(super) const ENTRIES: &[Entry] = &[
    builtin(&["comment"], comment),
    builtin(&["indent"], indent),
    builtin(&["pprint"], pretty),
    builtin(&["truncate"], truncate),
    builtin(&["wordcount"], wordcount),
    builtin(&["wordwrap"], wordwrap),
];

/// Indents all lines but the first; a line feed at the end stays.
fn indent(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["width", "first", "blank"])?;
    let margin = match call.given(0, "width") {
        Some(Value::Text(text)) => text.as_str().to_owned(),
        _ => size::repeated(" ", call.size(0, "width", 4)?)?,
    };
    let (first, blank) = (call.flag(1, "first", false), call.flag(2, "blank", false));
    let text = call.need_input_text()? + "\n";
    let mut out = String::new();
    for (number, line) in splitlines(&text).into_iter().enumerate() {
        if number > 0 {
            out.push('\n');
        }
        if number == 0 && first || number > 0 && (blank || !line.is_empty()) {
            out.push_str(&margin);
        }
        out.push_str(line);
        size::text(out.len())?;
    }
    Ok(out.into())
}

fn wordwrap(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["width", "break_long_words", "wrapstring", "break_on_hyphens"])?;
    let width = call.size(0, "width", 79)?;
    if width == 0 {
        return Err(Reason::new("`width` must be above zero"));
    }
    let breaks = wrap::Breaks {
        long_words: call.flag(1, "break_long_words", true),
        hyphens: call.flag(3, "break_on_hyphens", true),
    };
    let between = call.text_given(2, "wrapstring").unwrap_or_else(|| "\n".to_owned());
    let text = call.need_input_text()?;
    let paragraphs: Vec<String> = splitlines(&text)
        .into_iter()
        .map(|line| wrap::wrap(line, width, breaks).join(&between))
        .collect();
    Ok(paragraphs.join(&between).into())
}

fn truncate(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept(&["length", "killwords", "end", "leeway"])?;
    if let Value::List(_) | Value::Tuple(_) | Value::Map(_) = &call.input {
        return Ok(call.input.clone());
    }
    let text = call.need_input_text()?;
    let (length, leeway) = (call.size(0, "length", 255)?, call.size(3, "leeway", 5)?);
    let end = call.text(2, "end", "...");
    let end_length = end.chars().count();
    if length < end_length {
        return Err(Reason::new(format!(
            "`length` must be at least {end_length}, the length of `end`, not {length}"
        )));
    }
    if text.chars().count() <= length + leeway {
        return Ok(text.into());
    }
    let cut: String = text.chars().take(length - end_length).collect();
    let kept = match cut.rsplit_once(' ') {
        Some((before, _)) if !call.flag(1, "killwords", false) => before,
        _ => &cut,
    };
    Ok(format!("{kept}{end}").into())
}

fn wordcount(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept_none()?;
    let pattern = Pattern::kept(r"\w+", Flags::NONE).expect("the pattern is a constant");
    Ok(pattern.find_iter(&call.input_text()).count().into())
}

fn pretty(call: &mut Call<'_>) -> Result<Value, Reason> {
    call.accept_none()?;
    Ok(pprint::format(&call.input).into())
}

/// The marks of a style of comments: what starts it, what starts each line, what ends it.
const STYLES: [(&str, [&str; 3]); 5] = [
    ("c", ["", "// ", ""]),
    ("cblock", ["/*", " * ", " */"]),
    ("erlang", ["", "% ", ""]),
    ("plain", ["", "# ", ""]),
    ("xml", ["<!--", " - ", "-->"]),
];

fn comment(call: &mut Call<'_>) -> Result<Value, Reason> {
    const NONE: usize = usize::MAX;
    call.accept(&[
        "style",
        "newline",
        "beginning",
        "prefix",
        "prefix_count",
        "decoration",
        "postfix",
        "postfix_count",
        "end",
    ])?;
    if call.args.len() > 1 {
        return Err(Reason::new("takes only `style` by its place, the others by name"));
    }
    let style = call.text(0, "style", "plain");
    let known = STYLES.iter().find(|(name, _)| *name == style);
    let Some((_, [beginning, decoration, end])) = known else {
        let known = STYLES.map(|(name, _)| name).join(", ");
        return Err(Reason::new(format!("Invalid style '{style}'; it may be {known}")));
    };
    let decoration = call.text(NONE, "decoration", decoration);
    let (beginning, end) = (call.text(NONE, "beginning", beginning), call.text(NONE, "end", end));
    let newline = call.text(NONE, "newline", "\n");
    let prefix = call.text(NONE, "prefix", decoration.trim_end());
    let postfix = call.text(NONE, "postfix", decoration.trim_end());
    let (before, after) =
        (call.size(NONE, "prefix_count", 1)?, call.size(NONE, "postfix_count", 1)?);

    let mut out = String::new();
    if !beginning.is_empty() {
        out += &format!("{beginning}{newline}");
    }
    if !prefix.is_empty() {
        let line = if prefix == newline { prefix } else { format!("{prefix}{newline}") };
        out += &size::repeated(&line, before)?;
    }
    let text = call.need_input_text()?;
    let text = size::replaced(&text, &newline, &format!("{newline}{decoration}"), usize::MAX)?;
    let bare = format!("{}{newline}", decoration.trim_end());
    out += &format!("{decoration}{text}").replace(&format!("{decoration}{newline}"), &bare);
    out += &size::repeated(&format!("{newline}{postfix}"), after)?;
    if !end.is_empty() {
        out += &format!("{newline}{end}");
    }
    Ok(out.into())
}
