//! `pause`: waits for a time, or until somebody at the terminal goes on.

use std::io;
use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use crate::actions::{Context, Done, Error, Hands};
use crate::base::Value;
use crate::module::{Argument, BadArgument, Example, Kind, Outcome, Rule, Spec};
use crate::system::{Keyboard, Keys};
use crate::{action, arguments};

/// What is told when there is nobody to ask.
const NOBODY: &str = "Not waiting for response to prompt as stdin is not interactive";

/// What can be done while a time passes. The carriage return is Ansible's.
const WHILE_WAITING: &str = "(ctrl+C then 'C' = continue early, ctrl+C then 'A' = abort)\r";

/// What can be done after an interrupt.
const INTERRUPTED: &str = "Press 'C' to continue the play or 'A' to abort \r";

/// One wait at a time: where hosts go their own ways, several may come to it.
static TURN: Mutex<()> = Mutex::const_new(());

/// A whole number; fractions of numbers are dropped, texts with fractions refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Whole(i64);

impl Argument for Whole {
    const KIND: Kind = Kind::Int;

    fn from_value(value: &Value) -> Result<Self, BadArgument> {
        match value {
            Value::Float(number) if number.is_finite() => Ok(Self(*number as i64)),
            Value::Bool(truth) => Ok(Self(i64::from(*truth))),
            other => i64::from_value(other).map(Self),
        }
    }

    fn to_value(&self) -> Value {
        Value::Int(self.0)
    }
}

arguments! {
    /// Arguments of `pause`.
    pub(super) struct Args {
        /// How many minutes to wait.
        minutes: Option<Whole>,
        /// How many seconds to wait; at least one.
        seconds: Option<Whole>,
        /// What to say to the one at the terminal.
        prompt: Option<String>,
        /// Whether what is typed can be seen.
        echo: bool = true,
    }
}

action! {
    /// The action.
    Pause,
    Spec {
        name: "pause",
        summary: "Waits for a time, or until somebody at the terminal goes on.",
        rules: &[Rule::Exclusive(&["minutes", "seconds"])],
        examples: &[Example { about: "Wait a little.", task: "pause: {seconds: 5}" }],
        ..Spec::BASE
    },
    Args,
    run,
    {
        fn once(&self) -> bool {
            true
        }
    }
}

async fn run(args: Args, cx: &Context<'_>) -> Result<Done, Error> {
    let turn = TURN.lock().await;
    let minutes = args.minutes.map(|Whole(minutes)| minutes.saturating_mul(60));
    let seconds = minutes.or(args.seconds.map(|Whole(seconds)| seconds)).map(|time| time.max(1));
    let (started, start) = (Instant::now(), now());
    let mut warnings = Vec::new();
    let input = match wait(&args, seconds, cx).await {
        Wait::Over(input) => input,
        Wait::Aborted => return Err(Error::raised("user requested abort!")),
        Wait::Alone => {
            // Plays that run side by side pause at the same time.
            drop(turn);
            match seconds {
                Some(seconds) => sleep_since(started, seconds).await,
                None => warnings.push(NOBODY.to_owned()),
            }
            String::new()
        }
    };
    let took = started.elapsed();
    let (unit, length) = match args.seconds {
        Some(_) => ("seconds", took.as_secs_f64()),
        None => ("minutes", took.as_secs_f64() / 60.0),
    };
    let length = Value::Float((length * 100.0).round() / 100.0);
    let outcome = Outcome::done()
        .with("delta", took.as_secs())
        .with("echo", args.echo)
        .with("rc", 0)
        .with("start", start)
        .with("stderr", "")
        .with("stdout", format!("Paused for {length} {unit}"))
        .with("stop", now())
        .with("user_input", input);
    Ok(Done { warnings, ..Done::ok(outcome) })
}

fn now() -> String {
    jiff::Zoned::now().strftime("%F %T%.6f").to_string()
}

async fn sleep_since(started: Instant, seconds: i64) {
    let time = Duration::from_secs(seconds.unsigned_abs());
    tokio::time::sleep(time.saturating_sub(started.elapsed())).await;
}

/// How a wait ends.
enum Wait {
    /// It is over, and this was typed.
    Over(String),
    /// Somebody wants no more of it.
    Aborted,
    /// There is nobody, or nobody any more.
    Alone,
}

/// Says what is waited for, and waits as long as there is somebody at the terminal.
async fn wait(args: &Args, seconds: Option<i64>, cx: &Context<'_>) -> Wait {
    let prompt = args.prompt.as_deref().filter(|prompt| !prompt.is_empty());
    let hidden = if args.echo { "" } else { " (output is hidden)" };
    if let Some(seconds) = seconds {
        cx.hands.say(&format!("Pausing for {seconds} seconds{hidden}"));
        if prompt.is_some() {
            cx.hands.say(WHILE_WAITING);
        }
    }
    let keys = if seconds.is_some() { Keys::Single } else { Keys::Line { echo: args.echo } };
    let Ok(Some(keyboard)) = Keyboard::take(keys) else { return Wait::Alone };
    let _still = Still::new(cx.hands);
    if seconds.is_some() && prompt.is_none() {
        cx.hands.say(WHILE_WAITING);
    } else {
        let prompt = prompt.unwrap_or("Press enter to continue, Ctrl+C to interrupt");
        cx.hands.say(&format!("[{}]\n{prompt}{hidden}:", cx.title.trim()));
    }
    let typed = match seconds {
        Some(seconds) => {
            let time = sleep_since(Instant::now(), seconds);
            tokio::select! {
                () = time => return Wait::Over(String::new()),
                typed = line(&keyboard, false) => typed,
            }
        }
        None => line(&keyboard, true).await,
    };
    match typed {
        Ok(Some(typed)) => Wait::Over(typed),
        Ok(None) => decision(&keyboard, cx).await.unwrap_or(Wait::Alone),
        Err(_) => Wait::Alone,
    }
}

/// Returns the line that is typed, or nothing after an interrupt.
async fn line(keyboard: &Keyboard, ends: bool) -> io::Result<Option<String>> {
    let interrupt = keyboard.interrupt();
    let mut line = Vec::new();
    loop {
        for key in typed(keyboard).await? {
            match key {
                key if key == interrupt => return Ok(None),
                b'\r' | b'\n' if ends => {
                    return Ok(Some(String::from_utf8_lossy(&line).into_owned()));
                }
                key => line.push(key),
            }
        }
    }
}

/// Asks what an interrupt means.
async fn decision(keyboard: &Keyboard, cx: &Context<'_>) -> io::Result<Wait> {
    keyboard.read_as(Keys::Single)?;
    keyboard.clear_line();
    cx.hands.say(INTERRUPTED);
    let mut others = Vec::new();
    loop {
        for key in typed(keyboard).await? {
            match key.to_ascii_lowercase() {
                b'a' => return Ok(Wait::Aborted),
                b'c' => return Ok(Wait::Over(String::from_utf8_lossy(&others).into_owned())),
                _ => others.push(key),
            }
        }
    }
}

/// How long nobody notices that a key has not been read yet.
const GLANCE: Duration = Duration::from_millis(20);

/// Returns what is typed next.
async fn typed(keyboard: &Keyboard) -> io::Result<Vec<u8>> {
    loop {
        match keyboard.read() {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                tokio::time::sleep(GLANCE).await;
            }
            typed => return typed,
        }
    }
}

/// Has reports hold still until it is dropped.
struct Still<'a>(&'a dyn Hands);

impl<'a> Still<'a> {
    fn new(hands: &'a dyn Hands) -> Self {
        hands.hold_still(true);
        Self(hands)
    }
}

impl Drop for Still<'_> {
    fn drop(&mut self) {
        self.0.hold_still(false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(value: Value, expected: Option<i64>) {
        assert_eq!(Whole::from_value(&value).ok(), expected.map(Whole));
    }

    #[test]
    fn numbers_are_whole() {
        case(1.9.into(), Some(1));
        case((-0.5).into(), Some(0));
        case("2".into(), Some(2));
        case(true.into(), Some(1));
        case("1.5".into(), None);
        case("".into(), None);
        case(f64::INFINITY.into(), None);
    }
}
