//! Makes random YAML: all styles of scalars, flow and block, anchors, merge keys, tags, several documents, and then odd
//! indentation, tabs, line ends and characters in what was well-formed.

use super::pieces::{DIGITS, ESCAPED, ODD, ODD_WORDS, QUOTED, TAGS, WORDS};

/// A small generator of random numbers (SplitMix64): one seed, one document, on every machine.
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// Returns a number below another one.
    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).unwrap()
    }

    /// Returns true so many times in a hundred.
    fn chance(&mut self, percent: u64) -> bool {
        self.next() % 100 < percent
    }

    fn pick<'a>(&mut self, items: &[&'a str]) -> &'a str {
        items[self.below(items.len())]
    }

    /// Returns so many pieces in a row.
    fn pieces(&mut self, items: &[&str], longest: usize) -> String {
        (0..=self.below(longest)).map(|_| self.pick(items)).collect()
    }
}

/// A writer of one text.
struct Writer {
    random: Random,
    anchors: Vec<String>,
}

/// Returns the text of a seed.
pub(super) fn text(seed: u64) -> String {
    let mut writer = Writer { random: Random::new(seed), anchors: Vec::new() };
    let mut text = writer.stream();
    if writer.random.chance(20) {
        for _ in 0..=writer.random.below(3) {
            text = writer.damaged(&text);
        }
    }
    match writer.random.below(40) {
        0 => text.insert(0, '\u{feff}'),
        1 => text = text.replace('\n', "\r\n"),
        2 => text = text.replace('\n', "\r"),
        3 | 4 => text.truncate(text.trim_end().len()),
        5 if writer.random.chance(20) => text = text.replace("\n  ", "\n   "),
        6 if writer.random.chance(20) => text = text.replace("\n    ", "\n\t"),
        _ => {}
    }
    text
}

impl Writer {
    fn stream(&mut self) -> String {
        let count = if self.random.chance(85) { 1 } else { 1 + self.random.below(3) };
        let mut text = String::new();
        for number in 0..count {
            self.anchors.clear();
            if number == 0 && self.random.chance(3) {
                let directives = [
                    "%YAML 1.1\n",
                    "%YAML 1.2\n",
                    "%TAG !t! tag:yaml.org,2002:\n",
                    "%TAG !t! tag:yaml.org,2002:\n",
                    "%YAML 1.1\n",
                    "%FOO bar\n",
                    "%YAML 2.0\n",
                ];
                text += self.random.pick(&directives);
                text += "---\n";
            } else if number > 0 || self.random.chance(20) {
                text += self.random.pick(&["---\n", "---\n", "--- # x\n", "---", "--- \n"]);
            }
            text += &self.document();
            if self.random.chance(10) {
                text += self.random.pick(&["...\n", "... # end\n", "\n...\n"]);
            }
        }
        text
    }

    fn document(&mut self) -> String {
        let depth = 1 + self.random.below(4);
        match self.random.below(12) {
            0..=5 => self.mapping(0, depth),
            6..=8 => self.sequence(0, depth),
            9 => format!("{}\n", self.flow(depth)),
            10 => format!("{}\n", self.node(0, depth).trim_start()),
            _ => format!("{}\n", self.scalar(false)),
        }
    }

    /// Returns what stands behind `key:` or `-`, beginning with a space or a line feed.
    fn node(&mut self, indent: usize, depth: usize) -> String {
        let before = self.properties();
        let deeper = if depth == 0 { 6 } else { 11 };
        let content = match self.random.below(deeper) {
            0 if !self.anchors.is_empty() => {
                let name = self.anchors[self.random.below(self.anchors.len())].clone();
                // An alias has no properties; now and then one is wrong on purpose.
                return if self.random.chance(97) {
                    format!(" *{name}")
                } else {
                    format!("{before} *{name}")
                };
            }
            0..=2 => format!(" {}", self.scalar(false)),
            3 => format!(" {}", self.block_scalar(indent)),
            4 => format!(" {}", self.flow(depth)),
            5 => String::new(),
            6..=8 => {
                let more = indent + 1 + self.random.below(4);
                format!(
                    "{}\n{}",
                    self.comment(),
                    self.mapping(more, depth - 1).trim_end_matches('\n')
                )
            }
            _ => {
                let more = indent + self.random.below(4);
                format!(
                    "{}\n{}",
                    self.comment(),
                    self.sequence(more, depth - 1).trim_end_matches('\n')
                )
            }
        };
        format!("{before}{content}{}", self.comment())
    }

    fn properties(&mut self) -> String {
        let mut text = String::new();
        if self.random.chance(8) {
            let odd = if self.random.chance(2) {
                &["\u{e9}", "a.b"][..]
            } else {
                &["a", "b", "c", "long-name", "1", "A_2"]
            };
            let name = self.random.pick(odd).to_owned();
            text = format!(" &{name}");
            self.anchors.push(name);
        }
        if self.random.chance(4) {
            let tag = self.random.pick(TAGS);
            text = if self.random.chance(50) {
                format!(" {tag}{text}")
            } else {
                format!("{text} {tag}")
            };
        }
        text
    }

    fn comment(&mut self) -> &'static str {
        if self.random.chance(90) {
            ""
        } else {
            self.random.pick(&[
                " # note",
                " # a: b",
                " ",
                "\n# line",
                "\n\n",
                "\n   # odd",
                " #",
                "\t# tab",
            ])
        }
    }

    fn mapping(&mut self, indent: usize, depth: usize) -> String {
        let pad = " ".repeat(indent);
        let mut text = String::new();
        for _ in 0..=self.random.below(4) {
            let key = self.key();
            text += &pad;
            if self.random.chance(5) {
                text +=
                    &format!("?{}\n{pad}:{}\n", self.node(indent, depth), self.node(indent, depth));
            } else if !self.anchors.is_empty() && self.random.chance(12) {
                text += &format!("<<: {}\n", self.merged());
            } else {
                let space = if self.random.chance(3) { " " } else { "" };
                text += &format!("{key}{space}:{}\n", self.node(indent, depth));
            }
        }
        text
    }

    fn merged(&mut self) -> String {
        let one = self.anchors[self.random.below(self.anchors.len())].clone();
        let two = self.anchors[self.random.below(self.anchors.len())].clone();
        match self.random.below(5) {
            0 => format!("[*{one}, *{two}]"),
            1 => format!("{{a: 1, <<: *{one}}}"),
            _ => format!("*{one}"),
        }
    }

    fn sequence(&mut self, indent: usize, depth: usize) -> String {
        let pad = " ".repeat(indent);
        let mut text = String::new();
        for _ in 0..=self.random.below(4) {
            if depth > 0 && self.random.chance(30) {
                // A map that begins on the line of its dash.
                let spaces = 1 + self.random.below(3);
                let map = self.mapping(indent + 1 + spaces, depth - 1);
                text += &format!("{pad}-{}{}", " ".repeat(spaces), map.trim_start());
            } else if depth > 0 && self.random.chance(8) {
                let list = self.sequence(indent + 2, depth - 1);
                text += &format!("{pad}- {}", list.trim_start());
            } else {
                text += &format!("{pad}-{}\n", self.node(indent, depth));
            }
        }
        text
    }

    fn key(&mut self) -> String {
        match self.random.below(10) {
            0 => self.scalar(true),
            1 => self.number(),
            _ => self
                .random
                .pick(&[
                    "a", "b", "c", "d", "e", "f", "name", "long key", "'q'", "\"w\"", "1", "yes",
                    "k-1", "~", "1.0",
                ])
                .to_owned(),
        }
    }

    fn flow(&mut self, depth: usize) -> String {
        let space = |random: &mut Random| {
            random.pick(&[
                " ",
                " ",
                " ",
                "",
                "  ",
                "\n                        ",
                "\t",
                " # c\n                        ",
            ])
        };
        if depth == 0 || self.random.chance(45) {
            let before = self.properties();
            let name = self.anchors.first().cloned().filter(|_| self.random.chance(5));
            return name.map_or_else(
                || format!("{before} {}", self.scalar(true)).trim_start().to_owned(),
                |name| format!("*{name}"),
            );
        }
        let count = self.random.below(4);
        let comma = if self.random.chance(15) { "," } else { "" };
        if self.random.chance(50) {
            let items: Vec<String> = (0..count)
                .map(|_| match self.random.below(12) {
                    0 => format!("{}: {}", self.key(), self.flow(depth - 1)),
                    1 => format!("? {} : {}", self.key(), self.flow(depth - 1)),
                    _ => self.flow(depth - 1),
                })
                .collect();
            let between = format!(",{}", space(&mut self.random));
            return format!("[{}{}{comma}]", space(&mut self.random), items.join(&between));
        }
        let pairs: Vec<String> = (0..count)
            .map(|_| match self.random.below(14) {
                0 => self.key(),
                1 => format!("{}:", self.key()),
                2 => format!("? {} : {}", self.flow(depth - 1), self.flow(depth - 1)),
                3 => format!("\"k\":{}", self.flow(depth - 1)),
                4 if !self.anchors.is_empty() => format!("<<: {}", self.merged()),
                _ => format!("{}: {}", self.key(), self.flow(depth - 1)),
            })
            .collect();
        let between = format!(",{}", space(&mut self.random));
        format!("{{{}{}{comma}}}", space(&mut self.random), pairs.join(&between))
    }

    fn scalar(&mut self, flow: bool) -> String {
        match self.random.below(12) {
            0 if self.random.chance(8) => self.random.pick(ODD_WORDS).to_owned(),
            0..=3 => self.random.pick(WORDS).to_owned(),
            4 | 5 => self.number(),
            6 => self.date(),
            7 | 8 => format!("'{}'", self.lines(QUOTED, flow)),
            9 | 10 => {
                let odd =
                    self.random.pick(&["\\q", "\\x4", "\\ud800", "\\UFFFFFFFF", "\t", "\u{7f}"]);
                let odd = if self.random.chance(3) { odd } else { "" };
                format!("\"{}{odd}\"", self.lines(ESCAPED, flow))
            }
            _ if self.random.chance(4) => self
                .random
                .pick(&["!!set {a, b}", "!!set {}", "!!pairs [a: 1, a: 2]", "!!omap [a: 1]"])
                .to_owned(),
            _ => {
                let first = self.random.pick(&["plain", "two words", "x", "12"]);
                format!(
                    "{first}{}",
                    self.lines(&[" a", "b", " c d", "-", "\u{e9}", " '", " \""], flow)
                )
            }
        }
    }

    /// Returns text of pieces, now and then over several lines.
    fn lines(&mut self, pieces: &[&str], flow: bool) -> String {
        let mut text = self.random.pieces(pieces, 6);
        while !flow && self.random.chance(12) {
            text += self.random.pick(&[
                "\n                        ",
                "\n\n                        ",
                "\n     \n                        ",
                " \n                         ",
                "\n\t                        ",
            ]);
            text += &self.random.pieces(pieces, 4);
        }
        text
    }

    fn number(&mut self) -> String {
        self.random.pieces(DIGITS, 6).trim().to_owned()
    }

    fn date(&mut self) -> String {
        let random = &mut self.random;
        let year = random.pick(&["2024", "1999", "2000", "1900", "0001", "0000", "9999", "24"]);
        let month = random.pick(&["01", "1", "3", "03", "12", "07", "7", "10", "02", "13", "0"]);
        let day = random.pick(&["01", "1", "28", "15", "9", "09", "17", "29", "30", "31", "32"]);
        if random.chance(40) {
            return format!("{year}-{month}-{day}");
        }
        let between = random.pick(&["T", "t", " ", "  ", "\t"]);
        let (hour, minute) = (
            random.pick(&["0", "03", "23", "9", "00", "12", "24"]),
            random.pick(&["00", "59", "05", "30", "60", "5"]),
        );
        let second = random.pick(&["00", "59", "33", "07", "60", "5"]);
        let part = random.pick(&["", "", ".", ".1", ".123456", ".1234567", ".000001"]);
        let zone = random.pick(&[
            "", "", "Z", " Z", "+24", "+1", " +01:30", "-05:00", " -5", "+23:59", " +1:3",
            "-00:30", "+0130",
        ]);
        format!("{year}-{month}-{day}{between}{hour}:{minute}:{second}{part}{zone}")
    }

    fn block_scalar(&mut self, indent: usize) -> String {
        let random = &mut self.random;
        let more = 1 + random.below(4);
        let mut head = random.pick(&["|", ">"]).to_owned();
        head += random.pick(&["", "", "-", "+"]);
        if random.chance(15) {
            head += &more.to_string();
        }
        head += if random.chance(80) {
            ""
        } else {
            random.pick(&[" # comment", " ", "\t", "-", " x", "0"])
        };
        let pad = " ".repeat(indent + more);
        for _ in 0..=random.below(5) {
            let line = random.pick(&[
                "line",
                "line",
                "line",
                "  more",
                "",
                "",
                "- x",
                "k: v",
                "# no comment",
                "end ",
                "tab\t",
                " one",
                "\u{e9}",
                "---",
                "   ",
            ]);
            head += "\n";
            if !line.is_empty() {
                head += &pad;
                head += line;
            }
        }
        head
    }

    /// Returns the text with something put in, taken out or doubled.
    fn damaged(&mut self, text: &str) -> String {
        let mut chars: Vec<char> = text.chars().collect();
        let place = self.random.below(chars.len() + 1);
        match self.random.below(5) {
            0 if place < chars.len() => {
                chars.remove(place);
            }
            1 if place < chars.len() => {
                let other = self.random.below(chars.len());
                chars.swap(place, other);
            }
            2 => {
                let mut lines: Vec<&str> = text.split('\n').collect();
                let line = self.random.below(lines.len());
                if self.random.chance(50) {
                    lines.remove(line);
                } else {
                    lines.insert(line, lines[line]);
                }
                return lines.join("\n");
            }
            3 => {
                // One line moves to the right or to the left.
                let mut lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
                let line = self.random.below(lines.len());
                lines[line] = match lines[line].strip_prefix(' ') {
                    Some(rest) if self.random.chance(50) => rest.to_owned(),
                    _ => format!(" {}", lines[line]),
                };
                return lines.join("\n");
            }
            _ => {
                let odd: Vec<char> = self.random.pick(ODD).chars().collect();
                chars.splice(place..place, odd);
            }
        }
        chars.into_iter().collect()
    }
}
