//! The drawing of `--graph`.

use super::Export;
use crate::base::{Map, Mistakes, Value};

/// Turns the value of a variable into text; nothing leaves variables out.
pub(super) type Shower<'a> = Option<&'a dyn Fn(&Value) -> String>;

impl Export<'_> {
    /// Returns a drawing of a group and what is below it; nothing when there is no such group.
    pub fn graph(&self, group: &str, show: Shower<'_>) -> Result<Option<String>, Mistakes> {
        let Some(number) = self.inventory.graph.groups.get_index_of(group) else { return Ok(None) };
        let mut lines = Vec::new();
        self.draw(number, 0, show, &mut lines)?;
        Ok(Some(lines.join("\n") + "\n"))
    }

    fn draw(
        &self,
        number: usize,
        depth: usize,
        show: Shower<'_>,
        lines: &mut Vec<String>,
    ) -> Result<(), Mistakes> {
        let group = self.group(number);
        lines.push(line(&format!("@{}:", group.name), depth));
        for child in &group.children {
            self.draw(*child, depth + 1, show, lines)?;
        }
        if number != super::ALL {
            for host in self.hosts(group) {
                lines.push(line(&host.name, depth + 1));
                if let Some(show) = show {
                    variables(&self.host(&host.name)?, depth + 2, show, lines);
                }
            }
        }
        if let Some(show) = show {
            variables(&self.group_vars(group)?, depth + 1, show, lines);
        }
        Ok(())
    }
}

fn variables(vars: &Map, depth: usize, show: &dyn Fn(&Value) -> String, lines: &mut Vec<String>) {
    let mut sorted: Vec<(String, &Value)> =
        vars.iter().map(|(name, value)| (name.to_string(), value)).collect();
    sorted.sort_by(|a, b| a.0.cmp(&b.0));
    for (name, value) in sorted {
        lines.push(line(&format!("{{{name} = {}}}", show(value)), depth));
    }
}

fn line(text: &str, depth: usize) -> String {
    match depth {
        0 => text.to_owned(),
        _ => format!("{}--{text}", "  |".repeat(depth)),
    }
}
