//! Runs a child process, streams its lines under the step's name, and stops it with everything it started.

use std::fmt;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use crate::interrupt;

/// Lines a child may be ahead of the terminal before it has to wait.
const LINES_MAX: usize = 1024;
/// After this long without a line, a sign of life is printed.
const QUIET_MAX: Duration = Duration::from_secs(30);
/// How long a child may take to end after a polite request.
const FAREWELL: Duration = Duration::from_secs(8);

/// Why a task could not be done, in words for the person who started it.
#[derive(Debug)]
pub struct Trouble(String);

impl Trouble {
    pub fn new(words: impl Into<String>) -> Trouble {
        Trouble(words.into())
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Runs `command` to its end and prints each line as `[step] line`.
pub fn stream(step: &str, command: &mut Command) -> Result<(), Trouble> {
    stream_lines(step, command, |_| true)
}

/// Like [`stream`]; `keep` hears every line first (without colours) and says whether to print it.
pub fn stream_lines(
    step: &str,
    command: &mut Command,
    mut keep: impl FnMut(&str) -> bool,
) -> Result<(), Trouble> {
    let called = describe(command);
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()
        .map_err(|error| Trouble::new(format!("{called} does not start: {error}")))?;
    let lines = listen(&mut child);
    let started = Instant::now();
    let mut heard_at = Instant::now();
    let mut ended: Option<(ExitStatus, Instant)> = None;
    loop {
        match lines.recv_timeout(Duration::from_millis(100)) {
            Ok(line) => {
                heard_at = Instant::now();
                let line = without_colours(&line);
                if keep(&line) {
                    println!("[{step}] {line}");
                }
                continue;
            }
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {}
        }
        if interrupt::raised() {
            stop(&mut child);
            return Err(Trouble::new("interrupted"));
        }
        if heard_at.elapsed() > QUIET_MAX {
            println!("[{step}] … still at it ({} s)", started.elapsed().as_secs());
            heard_at = Instant::now();
        }
        // A grandchild that outlives its parent keeps the pipe open; do not wait for it for ever.
        match ended {
            Some((_, at)) if at.elapsed() > Duration::from_secs(2) => break,
            Some(_) => {}
            None => {
                ended = child
                    .try_wait()
                    .ok()
                    .flatten()
                    .map(|status| (status, Instant::now()))
            }
        }
    }
    let status = child
        .wait()
        .map_err(|error| Trouble::new(format!("{called} was lost: {error}")))?;
    if status.success() {
        Ok(())
    } else {
        Err(Trouble::new(format!("{called}: {status}")))
    }
}

/// Asks the child's whole process group to end, and insists after [`FAREWELL`].
pub fn stop(child: &mut Child) {
    let group = -i32::try_from(child.id()).expect("process ids fit in pid_t");
    for signal in [libc::SIGTERM, libc::SIGKILL] {
        // SAFETY: the group was created for this child by `process_group(0)`; kill has no memory effects.
        unsafe { libc::kill(group, signal) };
        let asked_at = Instant::now();
        while asked_at.elapsed() < FAREWELL {
            if matches!(child.try_wait(), Ok(Some(_)) | Err(_)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

fn listen(child: &mut Child) -> Receiver<String> {
    let (sender, receiver) = sync_channel(LINES_MAX);
    let stdout = child.stdout.take().expect("stdout is piped");
    let stderr = child.stderr.take().expect("stderr is piped");
    forward(stdout, sender.clone());
    forward(stderr, sender);
    receiver
}

fn forward(source: impl Read + Send + 'static, lines: SyncSender<String>) {
    std::thread::spawn(move || {
        let mut source = BufReader::new(source);
        let mut line = Vec::new();
        while matches!(source.read_until(b'\n', &mut line), Ok(read) if read > 0) {
            let text = String::from_utf8_lossy(&line).trim_end().to_owned();
            line.clear();
            if lines.send(text).is_err() {
                return;
            }
        }
    });
}

fn describe(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program());
    let mut words = vec![
        program
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned(),
    ];
    words.extend(
        command
            .get_args()
            .map(|argument| argument.to_string_lossy().into_owned()),
    );
    words.join(" ")
}

/// The line without terminal escapes, so that prefixes and counts can be read from it.
fn without_colours(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        if character != '\u{1b}' {
            plain.push(character);
            continue;
        }
        if characters.next() == Some('[') {
            for code in characters.by_ref() {
                if code.is_ascii_alphabetic() {
                    break;
                }
            }
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_taken_off_a_line() {
        assert_eq!(
            without_colours("\u{1b}[32m✓\u{1b}[0m 12 passed"),
            "✓ 12 passed"
        );
    }

    #[test]
    fn a_failing_command_is_named_with_its_status() {
        let trouble = stream("x", Command::new("sh").args(["-c", "exit 3"])).unwrap_err();
        assert_eq!(trouble.to_string(), "sh -c exit 3: exit status: 3");
    }

    #[test]
    fn every_line_of_both_streams_is_heard() {
        let mut heard = Vec::new();
        stream_lines(
            "x",
            Command::new("sh").args(["-c", "echo out; echo err >&2"]),
            |line| {
                heard.push(line.to_owned());
                false
            },
        )
        .unwrap();
        heard.sort();
        assert_eq!(heard, ["err", "out"]);
    }
}
