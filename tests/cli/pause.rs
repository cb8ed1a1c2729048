//! `pause` with somebody at the terminal.

use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::process::Command;
use std::time::{Duration, Instant};

use super::Bench;

const INVENTORY: &str = "h1 ansible_connection=local\n";

/// What is expected to be read, and the keys that are pressed then.
pub(super) type Step = (&'static str, &'static str);

/// Runs `site.yml` in a terminal, with somebody who presses keys; returns what stands there and how the terminal is left.
fn at_terminal(tasks: &str, steps: &[Step]) -> String {
    site_at_terminal(&format!("- hosts: h1\n  gather_facts: false\n  tasks:\n{tasks}"), steps)
}

/// Runs a whole playbook for the host `h1` in the same way.
pub(super) fn site_at_terminal(site: &str, steps: &[Step]) -> String {
    let bench = Bench::new(&[("hosts", INVENTORY), ("site.yml", site)]);
    let program = bench.command("").get_program().to_owned();
    let mut command = bench.command("");
    command.env("ANSIBLE_STDOUT_CALLBACK", "default").env("TERM", "dumb");
    let mut shell = Command::new("/bin/sh");
    shell.current_dir(bench.path()).env_clear();
    shell.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    shell.env("FCPLAY", program).args(["-c", SCRIPT]);
    let mut near = fcplay::system::on_terminal(&mut shell).unwrap();
    let mut child = shell.spawn().unwrap();
    drop(shell);
    let text = talk(&mut near, steps);
    child.wait().unwrap();
    let real = bench.path().canonicalize().unwrap();
    text.replace('\r', "").replace(real.to_str().unwrap(), "$DIR")
}

const SCRIPT: &str = "\
stty sane
\"$FCPLAY\" -i hosts site.yml
echo status $?
stty -a | grep -oE '(^| )-?(icanon|isig|echo)\\>' | tr -d '\\n'";

fn talk(near: &mut File, steps: &[Step]) -> String {
    let started = Instant::now();
    let mut steps = steps.iter();
    let mut next = steps.next();
    let (mut all, mut seen) = (String::new(), 0);
    let mut buffer = [0; 4096];
    loop {
        match near.read(&mut buffer) {
            Ok(length @ 1..) => all.push_str(&String::from_utf8_lossy(&buffer[..length])),
            Err(error) if error.kind() == ErrorKind::WouldBlock => std::thread::yield_now(),
            Ok(0) | Err(_) => return all,
        }
        if let Some((expected, keys)) = next
            && let Some(found) = all[seen..].find(expected)
        {
            seen += found + expected.len();
            near.write_all(keys.as_bytes()).unwrap();
            next = steps.next();
        }
        assert!(started.elapsed() < Duration::from_secs(60), "nothing more comes:\n{all}");
    }
}

#[track_caller]
fn case(tasks: &str, steps: &[Step], expected: &str) {
    let found = at_terminal(tasks, steps);
    assert!(found == expected, "{tasks}\n=== found\n{found}\n=== expected\n{expected}");
}

#[test]
fn c_goes_on() {
    case(
        "  - pause: {seconds: 100}\n    register: wait\n  - debug: {var: wait.user_input}\n",
        &[("'A' = abort)", "\n\u{3}"), ("to abort", "xC")],
        "
PLAY [h1] **********************************************************************

TASK [pause] *******************************************************************
Pausing for 100 seconds
(ctrl+C then 'C' = continue early, ctrl+C then 'A' = abort)
\u{1b}[KPress 'C' to continue the play or 'A' to abort 
ok: [h1]

TASK [debug] *******************************************************************
ok: [h1] => {
    \"wait.user_input\": \"x\"
}

PLAY RECAP *********************************************************************
h1                         : ok=2    changed=0    unreachable=0    failed=0    skipped=0    rescued=0    ignored=0   

status 0
isig icanon echo",
    );
}

#[test]
fn a_aborts() {
    case(
        "  - pause: {minutes: 2, prompt: Look}\n    name: Wait\n  - debug:\n",
        &[("Look:", "\u{3}"), ("to abort", "a")],
        "
PLAY [h1] **********************************************************************

TASK [Wait] ********************************************************************
Pausing for 120 seconds
(ctrl+C then 'C' = continue early, ctrl+C then 'A' = abort)
[Wait]
Look:
\u{1b}[KPress 'C' to continue the play or 'A' to abort 
[ERROR]: Task failed: user requested abort!

Task failed.
Origin: $DIR/site.yml:4:5

2   gather_facts: false
3   tasks:
4   - pause: {minutes: 2, prompt: Look}
      ^ column 5

<<< caused by >>>

user requested abort!

fatal: [h1]: FAILED! => {\"changed\": false, \"msg\": \"Task failed: user requested abort!\"}

PLAY RECAP *********************************************************************
h1                         : ok=0    changed=0    unreachable=0    failed=1    skipped=0    rescued=0    ignored=0   

status 2
isig icanon echo",
    );
}

#[test]
fn lines_are_typed_and_edited() {
    case(
        "  - pause: {prompt: Say}\n    register: one\n  - pause: {prompt: Hide, echo: false}\n    register: two\n  - debug: {msg: \"{{ one.user_input }}, {{ two.user_input }}\"}\n",
        &[("Say:", "hallo\u{7f}\u{7f}\u{7f}ello\n"), ("is hidden):", "secret\n")],
        "
PLAY [h1] **********************************************************************

TASK [pause] *******************************************************************
[pause]
Say:
hallo\u{8} \u{8}\u{8} \u{8}\u{8} \u{8}ello
ok: [h1]

TASK [pause] *******************************************************************
[pause]
Hide (output is hidden):
ok: [h1]

TASK [debug] *******************************************************************
ok: [h1] => {
    \"msg\": \"haello, secret\"
}

PLAY RECAP *********************************************************************
h1                         : ok=3    changed=0    unreachable=0    failed=0    skipped=0    rescued=0    ignored=0   

status 0
isig icanon echo",
    );
}

#[test]
fn without_anybody_a_time_passes_and_a_question_does_not_wait() {
    let bench = Bench::new(&[
        ("hosts", INVENTORY),
        (
            "site.yml",
            "- hosts: h1\n  gather_facts: false\n  tasks:\n  - pause: {seconds: 0, prompt: Hm}\n  - pause:\n",
        ),
    ]);
    assert_eq!(
        bench.run_with("-i hosts site.yml", &[("ANSIBLE_STDOUT_CALLBACK", "default")], ""),
        "
PLAY [h1] **********************************************************************

TASK [pause] *******************************************************************
Pausing for 1 seconds
(ctrl+C then 'C' = continue early, ctrl+C then 'A' = abort)\r
ok: [h1]

TASK [pause] *******************************************************************
ok: [h1]

PLAY RECAP *********************************************************************
h1                         : ok=2    changed=0    unreachable=0    failed=0    skipped=0    rescued=0    ignored=0   

--- stderr
[WARNING]: Not waiting for response to prompt as stdin is not interactive
--- exit 0
"
    );
}
