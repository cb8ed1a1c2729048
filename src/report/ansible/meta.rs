//! What is said of a `meta` task with `-vv`, in Ansible's words.

/// What `meta` does once for all hosts that walk together.
pub(super) const ABOUT_ALL: [&str; 5] =
    ["clear_facts", "clear_host_errors", "end_batch", "end_play", "refresh_inventory"];

/// Returns what a `meta` task did on a host, or why it did nothing.
pub(super) fn told(word: &str, host: &str, role: Option<&str>, holds: bool) -> String {
    let role = role.unwrap_or_default();
    if holds {
        return match word {
            "clear_facts" => "facts cleared".to_owned(),
            "clear_host_errors" => "cleared host errors".to_owned(),
            "end_batch" => "ending batch".to_owned(),
            "end_host" => format!("ending play for {host}"),
            "end_play" => "ending play".to_owned(),
            "end_role" => format!("ending role {role} for {host}"),
            "flush_handlers" => format!("triggered running handlers for {host}"),
            "refresh_inventory" => "inventory successfully refreshed".to_owned(),
            "reset_connection" => "reset connection".to_owned(),
            word => word.to_owned(),
        };
    }
    let instead = match word {
        "clear_facts" => format!(", not clearing facts and fact cache for {host}"),
        "clear_host_errors" => format!(", not clearing host error state for {host}"),
        "end_batch" => ", continuing current batch".to_owned(),
        "end_host" => format!(", continuing execution for {host}"),
        "end_play" => ", continuing play".to_owned(),
        "flush_handlers" => format!(", not running handlers for {host}"),
        // No comma, as Ansible has it: scripts compare the whole line.
        "end_role" => format!("continuing role {role} for {host}"),
        _ => String::new(),
    };
    format!("{word} conditional evaluated to False{instead}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(word: &str, holds: bool, expected: &str) {
        assert_eq!(told(word, "a", Some("web"), holds), expected);
    }

    #[test]
    fn every_form_has_its_words() {
        case("noop", true, "noop");
        case("end_host", true, "ending play for a");
        case("end_role", true, "ending role web for a");
        case(
            "end_host",
            false,
            "end_host conditional evaluated to False, continuing execution for a",
        );
        case("end_role", false, "end_role conditional evaluated to Falsecontinuing role web for a");
    }
}
