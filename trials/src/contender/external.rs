//! `External`: any executable that speaks JSON lines.

use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use serde::Deserialize;

use super::{Alert, Baseline, Detector, Kind, Severity};

/// A line that the executable writes: an alert, a baseline, or an answer.
#[derive(Debug, Deserialize)]
struct Line {
    sync: Option<u64>,
    op: Option<String>,
    t: Option<f64>,
    #[serde(rename = "level")]
    severity: Option<Severity>,
    kind: Option<Kind>,
    p50: Option<f64>,
    p95: Option<f64>,
    p99: Option<f64>,
    confidence: Option<f64>,
}

/// A detector in a process of its own.
///
/// It is started with the argument `stream`, reads one call a line,
/// `{"op":"…","t":12.5,"d":0.0031,"ok":true}`, and writes one alert a line,
/// `{"op":"…","t":71.2,"level":"warning","kind":"location"}`. `{"end":"…"}` says that an operation
/// has no more calls; `{"sync":7}` is answered by the same line after everything that follows from
/// the lines before.
///
/// Alerts are collected when an operation ends, or in lock step after every call. Should the process
/// stop early or break the rules, the trial stops with a panic, since what it has measured would be
/// worth nothing.
#[derive(Debug)]
pub struct External {
    process: Child,
    /// `None` once the process has been told that there is no more.
    input: Option<BufWriter<ChildStdin>>,
    output: Receiver<io::Result<Line>>,
    lock_step: bool,
    operation: u64,
    /// When the last call finished, and the time of the last line that came back.
    last: f64,
    heard: f64,
    baselines: Vec<Baseline>,
}

impl External {
    /// Starts `command`, whose words are divided by spaces. In lock step it has to answer after every
    /// call.
    ///
    /// # Errors
    ///
    /// When it cannot be started.
    pub fn start(command: &str, lock_step: bool) -> io::Result<Self> {
        let mut words = command.split_whitespace();
        let program = words
            .next()
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "the command is empty"))?;
        let mut process = Command::new(program)
            .args(words)
            .arg("stream")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let (Some(input), Some(output)) = (process.stdin.take(), process.stdout.take()) else {
            return Err(io::Error::other("the process has no pipes"));
        };
        let (sender, receiver) = channel();
        // Its lines are read at once: a full pipe would stop it, and then us.
        thread::spawn(move || {
            for line in BufReader::new(output).lines() {
                let line = line.and_then(|text| {
                    serde_json::from_str(&text).map_err(|error| {
                        io::Error::other(format!("the detector wrote `{text}`: {error}"))
                    })
                });
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        let input = Some(BufWriter::with_capacity(1 << 16, input));
        Ok(Self {
            process,
            input,
            output: receiver,
            lock_step,
            operation: 0,
            last: 0.0,
            heard: f64::NEG_INFINITY,
            baselines: Vec::new(),
        })
    }

    fn write(&mut self, line: std::fmt::Arguments<'_>) {
        let input = self.input.as_mut().expect("the process is told the end in `drop` alone");
        input.write_fmt(line).expect("the detector reads until its input ends");
    }

    /// Waits for everything that follows from what was written.
    fn collect(&mut self, out: &mut Vec<Alert>) {
        let op = self.operation;
        self.write(format_args!("{{\"sync\":{op}}}\n"));
        let flushed = self.input.as_mut().map(Write::flush).transpose();
        flushed.expect("the detector reads until its input ends");
        loop {
            let line = self.output.recv().expect("the detector answers before it stops");
            let line = line.expect("the detector writes JSON lines");
            if line.sync == Some(op) {
                return;
            }
            self.take(&line, out);
        }
    }

    /// Checks what a line promises, and takes out of it what it says.
    fn take(&mut self, line: &Line, out: &mut Vec<Alert>) {
        assert_eq!(
            line.op.as_deref(),
            Some(self.operation.to_string().as_str()),
            "the detector told of an operation that was not running"
        );
        let t = line.t.expect("the detector says when");
        if let (Some(severity), Some(kind)) = (line.severity, line.kind) {
            assert!(
                (self.heard..=self.last).contains(&t),
                "an alert at {t} s is later than the last call ({} s) or earlier than the alert \
                 before it ({} s)",
                self.last,
                self.heard
            );
            self.heard = t;
            out.push(Alert { t, severity, kind });
        } else if let (Some(p50), Some(p95), Some(p99), Some(confidence)) =
            (line.p50, line.p95, line.p99, line.confidence)
        {
            self.baselines.push(Baseline { t, p50, p95, p99, confidence });
        }
    }
}

impl Detector for External {
    fn begin(&mut self) {
        self.operation += 1;
        self.last = 0.0;
        self.heard = f64::NEG_INFINITY;
        self.baselines.clear();
    }

    fn call(&mut self, t: f64, d: f64, ok: bool, out: &mut Vec<Alert>) {
        self.last = t;
        let op = self.operation;
        self.write(format_args!("{{\"op\":\"{op}\",\"t\":{t},\"d\":{d},\"ok\":{ok}}}\n"));
        if self.lock_step {
            self.collect(out);
        }
    }

    fn finish(&mut self, out: &mut Vec<Alert>) {
        let op = self.operation;
        self.write(format_args!("{{\"end\":\"{op}\"}}\n"));
        self.collect(out);
    }

    fn baselines(&self) -> &[Baseline] {
        &self.baselines
    }

    fn fork(&self) -> Option<Box<dyn Detector>> {
        None
    }
}

impl Drop for External {
    fn drop(&mut self) {
        // The end of its input tells it to stop.
        self.input = None;
        let _ = self.process.wait();
    }
}
