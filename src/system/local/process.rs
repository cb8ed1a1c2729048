//! Programs: started in a process group of their own, listened to while they run, ended with their children.
#![allow(unsafe_code, reason = "process groups and umask need libc")]

use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError, mpsc};
use std::time::{Duration, Instant};

use super::Local;
use crate::system::{Channel, Command, Error, Look, Output, Result};

/// Folders with programs that `PATH` of a plain login may lack.
const SYSTEM_FOLDERS: [&str; 6] =
    ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/// The programs of one task that run now, to be ended when the task is.
#[derive(Debug, Default)]
pub struct Children {
    /// By process group: whether it is one that must not be broken off.
    groups: Mutex<HashMap<u32, bool>>,
    ended: AtomicBool,
}

impl Children {
    /// Ends all programs with their children: asks first, then insists.
    pub fn end(&self) {
        self.signal(libc::SIGTERM);
        let deadline = Instant::now() + Duration::from_secs(2);
        while self.breakable().next().is_some() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(20));
        }
        self.signal(libc::SIGKILL);
    }

    /// Ends all programs at once.
    pub fn kill(&self) {
        self.signal(libc::SIGKILL);
    }

    /// Returns whether a program runs that must not be broken off.
    pub fn has_unbroken(&self) -> bool {
        self.lock().values().any(|unbroken| *unbroken)
    }

    fn signal(&self, number: libc::c_int) {
        self.ended.store(true, Ordering::Relaxed);
        self.breakable().for_each(|group| signal(group, number));
    }

    fn breakable(&self) -> impl Iterator<Item = u32> {
        let groups: Vec<u32> = self
            .lock()
            .iter()
            .filter(|(_, unbroken)| !**unbroken)
            .map(|(group, _)| *group)
            .collect();
        groups.into_iter()
    }

    /// Returns whether the task was told to end.
    pub fn has_ended(&self) -> bool {
        self.ended.load(Ordering::Relaxed)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<u32, bool>> {
        self.groups.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn signal(group: u32, number: libc::c_int) {
    if let Ok(group) = libc::pid_t::try_from(group) {
        // SAFETY: takes numbers; a group that has ended is an error that does not matter.
        unsafe { libc::kill(-group, number) };
    }
}

/// Returns the path of a program.
pub(super) fn which(program: &str, path: Option<&str>) -> Option<PathBuf> {
    if program.contains('/') {
        return Some(program.into()).filter(|path: &PathBuf| super::kernel::access(path, 1));
    }
    let own = path.unwrap_or_default().split(':').filter(|folder| !folder.is_empty());
    own.chain(SYSTEM_FOLDERS)
        .map(|folder| Path::new(folder).join(program))
        .find(|path| path.is_file() && super::kernel::access(path, 1))
}

/// Runs a program to its end.
pub(super) fn run(
    machine: &Local,
    command: &Command,
    watch: &mut dyn FnMut(Channel, &[u8]),
) -> Result<Output> {
    let program = command.argv.first().cloned().unwrap_or_default();
    let failed = |source: io::Error| Error::Program { program: program.clone(), source };
    if command.unbroken && machine.children.has_ended() {
        return Err(failed(io::Error::from(io::ErrorKind::Interrupted)));
    }
    let mut child = start(machine, command).map_err(failed)?;
    let group = child.id();
    machine.children.lock().insert(group, command.unbroken);
    if machine.children.has_ended() && !command.unbroken {
        signal(group, libc::SIGKILL);
    }
    let output = listen(&mut child, command, watch).map_err(failed);
    machine.children.lock().remove(&group);
    output
}

fn start(machine: &Local, command: &Command) -> io::Result<Child> {
    let program =
        command.argv.first().ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
    let path = match &command.cwd {
        // A program given by a path is meant from the folder it starts in.
        Some(folder) if program.contains('/') => {
            which(&folder.join(program).to_string_lossy(), None)
        }
        Some(_) | None => which(program, machine.env("PATH").as_deref()),
    };
    let path = path.ok_or_else(|| io::Error::from_raw_os_error(libc::ENOENT))?;
    let mut process = std::process::Command::new(path);
    process.arg0(program).args(&command.argv[1..]);
    process.envs(machine.environment.iter().map(|(name, value)| (name, value)));
    process.envs(command.env.iter().map(|(name, value)| (name, value)));
    if let Some(folder) = &command.cwd {
        process.current_dir(folder);
    }
    process.stdin(if command.stdin.is_some() { Stdio::piped() } else { Stdio::null() });
    process.stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
    let umask = command.umask;
    // SAFETY: both may be called between fork and exec. The thread that starts a program waits for its end, so the
    // program is only told to end when the whole helper is killed and cannot end it itself.
    unsafe {
        process.pre_exec(move || {
            libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGTERM);
            if let Some(bits) = umask {
                libc::umask(bits);
            }
            Ok(())
        });
    }
    process.spawn()
}

/// What a program wrote, or that it closed a stream.
enum Heard {
    Bytes(Channel, Vec<u8>),
    Closed,
}

/// Feeds the program, hears what it writes, and waits for its end.
fn listen(
    child: &mut Child,
    command: &Command,
    watch: &mut dyn FnMut(Channel, &[u8]),
) -> io::Result<Output> {
    if let (Some(mut input), Some(bytes)) = (child.stdin.take(), command.stdin.clone()) {
        // A program that does not read must not keep us from hearing it.
        std::thread::spawn(move || input.write_all(&bytes));
    }
    let (sender, heard) = mpsc::sync_channel(64);
    if let Some(stream) = child.stdout.take() {
        hear(stream, Channel::Out, sender.clone());
    }
    if let Some(stream) = child.stderr.take() {
        hear(stream, Channel::Err, sender);
    }
    let mut output = Output::default();
    let deadline = command.timeout.map(|time| Instant::now() + time);
    let mut open = 2;
    let mut status = None;
    while open > 0 {
        let patience = Duration::from_millis(if status.is_some() { 200 } else { 50 });
        match heard.recv_timeout(patience) {
            Ok(Heard::Bytes(channel, bytes)) => {
                watch(channel, &bytes);
                let all =
                    if channel == Channel::Out { &mut output.stdout } else { &mut output.stderr };
                all.extend_from_slice(&bytes);
            }
            Ok(Heard::Closed) => open -= 1,
            // A daemon it started keeps the streams open: the program itself has ended, that is enough.
            Err(mpsc::RecvTimeoutError::Timeout) if status.is_some() => break,
            Err(mpsc::RecvTimeoutError::Timeout) => {}
            Err(mpsc::RecvTimeoutError::Disconnected) => break,
        }
        if deadline.is_some_and(|deadline| Instant::now() > deadline) && !output.timed_out {
            output.timed_out = true;
            signal(child.id(), libc::SIGKILL);
        }
        if status.is_none() {
            status = child.try_wait()?;
        }
    }
    let status = match status {
        Some(status) => status,
        None => wait(child, deadline, &mut output)?,
    };
    output.code = status.code().or_else(|| status.signal().map(|number| -number)).unwrap_or(-1);
    Ok(output)
}

/// Waits for a program that has closed its streams and goes on.
fn wait(
    child: &mut Child,
    deadline: Option<Instant>,
    output: &mut Output,
) -> io::Result<std::process::ExitStatus> {
    let Some(deadline) = deadline else { return child.wait() };
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if Instant::now() > deadline {
            output.timed_out = true;
            signal(child.id(), libc::SIGKILL);
            return child.wait();
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn hear(mut stream: impl Read + Send + 'static, channel: Channel, sender: mpsc::SyncSender<Heard>) {
    std::thread::spawn(move || {
        let mut buffer = vec![0; 32 * 1024];
        loop {
            match stream.read(&mut buffer) {
                Ok(0) => break,
                Ok(length) => {
                    if sender.send(Heard::Bytes(channel, buffer[..length].to_vec())).is_err() {
                        return;
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => break,
            }
        }
        let _gone = sender.send(Heard::Closed);
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::Act;

    fn machine() -> Local {
        Local::new(vec![("FOO".into(), "bar".into())], std::sync::Arc::default())
    }

    #[test]
    fn output_status_environment_and_input() {
        let command = Command::new(["sh", "-c", "cat; echo $FOO >&2; exit 3"]).stdin("in");
        let output = machine().run(&command).unwrap();
        assert_eq!((output.code, output.out().as_str(), output.err().as_str()), (3, "in", "bar\n"));
    }

    #[test]
    fn a_program_that_takes_too_long_is_ended_with_its_children() {
        let mut command = Command::new(["sh", "-c", "sleep 30 & sleep 30"]);
        command.timeout = Some(Duration::from_millis(100));
        let started = Instant::now();
        let output = machine().run(&command).unwrap();
        assert!(output.timed_out && output.code == -9);
        assert!(started.elapsed() < Duration::from_secs(5));
    }

    #[test]
    fn a_daemon_does_not_hold_up_its_starter() {
        let started = Instant::now();
        let output = machine().run(&Command::new(["sh", "-c", "sleep 20 & echo done"])).unwrap();
        assert_eq!(output.out(), "done\n");
        assert!(started.elapsed() < Duration::from_secs(5));
    }

    #[test]
    fn what_must_not_be_broken_off_is_not() {
        let children = std::sync::Arc::<Children>::default();
        let machine = Local::new(Vec::new(), std::sync::Arc::clone(&children));
        let (broken, unbroken) = std::thread::scope(|scope| {
            let run = |command: Command| {
                let machine = &machine;
                scope.spawn(move || machine.run(&command).unwrap().code)
            };
            let broken = run(Command::new(["sleep", "30"]));
            let unbroken = run(Command::new(["sleep", "0.3"]).unbroken());
            while children.lock().len() < 2 {
                std::thread::yield_now();
            }
            children.kill();
            assert!(children.has_unbroken());
            (broken.join().unwrap(), unbroken.join().unwrap())
        });
        assert_eq!((broken, unbroken), (-9, 0));
        assert!(!children.has_unbroken());
        let late = machine.run(&Command::new(["true"]).unbroken());
        assert!(late.is_err(), "nothing new is begun");
    }

    #[test]
    fn a_missing_program_is_named() {
        let error = machine().run(&Command::new(["no-such-program"])).unwrap_err();
        assert_eq!(error.to_string(), "cannot run `no-such-program`: no such file or directory");
    }
}
