//! `Server`: answers HTTP on the loopback interface; `get` asks it.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::load::Dice;

/// How long either side waits for the other.
const PATIENCE: Duration = Duration::from_secs(5);

/// A server with a pool of threads, each of which answers one connection at a time.
///
/// It answers what is asked with some bytes, after work of a length that the path decides. It is
/// what a load is put on, and no server for anything else.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    stopped: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Server {
    /// Listens on a free port, with so many threads.
    ///
    /// # Errors
    /// When no port or no thread is to be had.
    pub fn start(threads: usize) -> io::Result<Self> {
        let listener = Arc::new(TcpListener::bind(("127.0.0.1", 0))?);
        let address = listener.local_addr()?;
        let stopped = Arc::new(AtomicBool::new(false));
        let mut server = Self { address, stopped, threads: Vec::new() };
        for _ in 0..threads.max(1) {
            let (listener, stopped) = (listener.clone(), server.stopped.clone());
            let thread = thread::Builder::new().name("kgas-perf-example".to_owned());
            server.threads.push(thread.spawn(move || serve(&listener, &stopped))?);
        }
        Ok(server)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::Relaxed);
        for _ in &self.threads {
            // Wakes a thread that waits for a connection; one that is busy looks by itself.
            let _ = TcpStream::connect_timeout(&self.address, PATIENCE);
        }
        for thread in self.threads.drain(..) {
            // One that panicked has been told on its own thread.
            let _ = thread.join();
        }
    }
}

fn serve(listener: &TcpListener, stopped: &AtomicBool) {
    while !stopped.load(Ordering::Relaxed) {
        if let Ok((stream, _)) = listener.accept() {
            // Whoever hangs up has no answer to be told.
            let _ = answer(stream, stopped);
        }
    }
}

/// Answers one request.
fn answer(stream: TcpStream, stopped: &AtomicBool) -> io::Result<()> {
    if stopped.load(Ordering::Relaxed) {
        return Ok(());
    }
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(&stream);
    let mut request = String::new();
    // No line of a request that `get` makes is longer.
    reader.by_ref().take(1_024).read_line(&mut request)?;
    let mut line = String::new();
    while reader.by_ref().take(1_024).read_line(&mut line)? > 2 {
        line.clear();
    }
    let number = request.split('/').nth(1).and_then(|path| path.split(' ').next());
    let Some(number) = number.and_then(|number| number.parse().ok()) else {
        return (&stream).write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    };
    // From 50,000 to 100,000 steps: some hundred microseconds.
    let mut dice = Dice::new(number);
    let steps = 50_000 + dice.below(50_000);
    let sum = (0..steps).fold(0_u64, |sum, _| sum ^ dice.bits());
    let body = format!("{sum:016x}");
    let head = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 16\r\n\r\n";
    (&stream).write_all(format!("{head}{body}").as_bytes())
}

/// Asks a server for a number's page, and answers its length.
///
/// # Errors
/// When there is no answer within five seconds, or it is not `200 OK`.
pub fn get(address: SocketAddr, number: u64) -> io::Result<usize> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_nodelay(true)?;
    stream.write_all(format!("GET /{number} HTTP/1.1\r\nHost: localhost\r\n\r\n").as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    if head.starts_with("HTTP/1.1 200 ") {
        return Ok(body.len());
    }
    let status = head.lines().next().unwrap_or("nothing").to_owned();
    Err(io::Error::other(status))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_answers_many_and_ends_when_it_is_dropped() {
        let server = Server::start(3).unwrap();
        let address = server.address();
        thread::scope(|scope| {
            for number in 0..12 {
                scope.spawn(move || assert_eq!(get(address, number).unwrap(), 16));
            }
        });
        drop(server);
        assert!(get(address, 1).is_err());
    }
}
