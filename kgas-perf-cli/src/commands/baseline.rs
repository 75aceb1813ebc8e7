//! `kgas-perf baseline`: reviews what tests found of operations, and lists what they last said.

use std::fs;
use std::io::{self, BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};

use kgas_perf_testkit::baselines::{Book, Found, Pending};

use crate::args::ReviewArgs;
use crate::failure::Failure;

/// How many folders deep crates are looked for, and which folders hold none.
const DEEPEST: usize = 4;
const NOT_THESE: [&str; 3] = ["target", "node_modules", "perf"];
/// Where in a target folder results are kept.
const RESULTS: &str = "kgas-perf/results";

/// What is pending in one crate.
struct Waiting {
    folder: PathBuf,
    pending: Vec<Pending>,
}

/// What somebody decided.
enum Decision {
    Accept(Option<String>),
    Reject,
    Skip,
    Quit,
}

/// Reviews what is pending in the crates at and below a folder.
pub(crate) fn review(args: &ReviewArgs, out: &mut impl Write) -> Result<(), Failure> {
    let (mut crates, mut failures) = (Vec::new(), Vec::new());
    let from = args.folder.as_deref().unwrap_or(Path::new("."));
    find(from, DEEPEST, &mut crates, &mut failures);
    let asks = !args.decides() && !args.only_lists() && interactive();
    let mut found_names = Vec::new();
    for Waiting { folder, pending } in &crates {
        let file = Book::file_of(folder);
        let mut book = match Book::read(&file) {
            Ok(book) => book,
            Err(error) => {
                failures.push(error.into());
                continue;
            }
        };
        if crates.len() > 1 && !args.decides() {
            writeln!(out, "{}:", folder.display())?;
        }
        for found in pending {
            let one = format!("{} ({})", found.operation, found.key());
            let named = |names: &[String]| names.contains(&found.operation) || names.contains(&one);
            let new = args.accept_new && found.how == "new";
            let decision = if named(&args.reject) {
                Decision::Reject
            } else if named(&args.accept) || new {
                Decision::Accept(args.reason.clone())
            } else if asks {
                ask(found, &book, out)?
            } else {
                if !args.decides() {
                    write!(out, "{}", found.beside(&book))?;
                }
                Decision::Skip
            };
            let decided = match decision {
                Decision::Skip => continue,
                Decision::Quit => return several(failures),
                Decision::Reject => {
                    found.discard(folder)?;
                    "rejected"
                }
                Decision::Accept(reason) => {
                    accept(found, &book, folder, reason)?;
                    book = Book::read(&file)?;
                    "accepted"
                }
            };
            if crates.len() > 1 && args.decides() {
                writeln!(out, "{decided} {one} in {}", folder.display())?;
            } else {
                writeln!(out, "{decided} {one}")?;
            }
            found_names.extend([found.operation.clone(), one]);
        }
    }
    for name in args.accept.iter().chain(&args.reject) {
        if !found_names.contains(name) {
            failures.push(Failure::NotPending { operation: name.clone() });
        }
    }
    if crates.is_empty() && failures.is_empty() {
        writeln!(out, "nothing is pending")?;
    } else if !crates.is_empty() && !args.decides() && !args.only_lists() && !asks {
        writeln!(
            out,
            "this is no terminal; decide with --accept NAME --reason TEXT, --reject NAME, \
             --accept-new; NAME (KEY) is one of several"
        )?;
    }
    several(failures)?;
    if args.check && !crates.is_empty() { Err(Failure::Concluded(1)) } else { Ok(()) }
}

/// What went wrong on the way, if anything has.
fn several(mut failures: Vec<Failure>) -> Result<(), Failure> {
    match failures.pop() {
        None => Ok(()),
        Some(one) if failures.is_empty() => Err(one),
        Some(last) => {
            failures.push(last);
            Err(Failure::Several(failures))
        }
    }
}

fn interactive() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}

/// Puts what was found into the baselines. What makes them worse takes a reason, which is kept.
fn accept(
    found: &Pending,
    book: &Book,
    folder: &Path,
    reason: Option<String>,
) -> Result<(), Failure> {
    let reason = reason.filter(|reason| !reason.trim().is_empty());
    if found.is_worse(book) && reason.is_none() {
        let (operation, how) = (found.operation.clone(), found.how.clone());
        return Err(Failure::NoReason { operation, how });
    }
    let mut found = found.clone();
    let origin = match &mut found.found {
        Found::Durations(_, entry) => &mut entry.origin,
        Found::Counts(_, entry) => &mut entry.origin,
    };
    if let Some(reason) = reason {
        origin.reason = reason;
    } else if found.how != "new" {
        origin.reason = format!("accepted: it is {}", found.how);
    }
    Book::change(&Book::file_of(folder), |book| found.put_into(book))?;
    Ok(found.discard(folder)?)
}

/// Asks a person at a terminal.
fn ask(found: &Pending, book: &Book, out: &mut impl Write) -> Result<Decision, Failure> {
    write!(out, "\n{}", found.beside(book))?;
    loop {
        write!(out, "[a]ccept, [r]eject, [s]kip, [q]uit? ")?;
        out.flush()?;
        let Some(answer) = line()? else { return Ok(Decision::Quit) };
        match answer.as_str() {
            "a" | "accept" if found.is_worse(book) => {
                write!(out, "why is it {}? ", found.how)?;
                out.flush()?;
                let Some(reason) = line()?.filter(|reason| !reason.is_empty()) else {
                    writeln!(out, "without a reason it stays pending")?;
                    return Ok(Decision::Skip);
                };
                return Ok(Decision::Accept(Some(reason)));
            }
            "a" | "accept" => return Ok(Decision::Accept(None)),
            "r" | "reject" => return Ok(Decision::Reject),
            "s" | "skip" => return Ok(Decision::Skip),
            "q" | "quit" => return Ok(Decision::Quit),
            _ => {}
        }
    }
}

/// A line of standard input; `None` at its end.
fn line() -> Result<Option<String>, Failure> {
    let mut line = String::new();
    let read = io::stdin().lock().read_line(&mut line)?;
    Ok((read > 0).then(|| line.trim().to_owned()))
}

/// The crates at and below a folder that have something pending, sorted, and what cannot be read.
fn find(folder: &Path, deeper: usize, found: &mut Vec<Waiting>, failures: &mut Vec<Failure>) {
    let mut pending = Vec::new();
    for each in Pending::all(folder) {
        match each {
            Ok(each) => pending.push(each),
            Err(error) => failures.push(error.into()),
        }
    }
    if !pending.is_empty() {
        found.push(Waiting { folder: folder.to_owned(), pending });
    }
    let Ok(entries) = fs::read_dir(folder) else { return };
    let mut below: Vec<PathBuf> = entries
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .map(|entry| entry.path())
        .filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            !name.starts_with('.') && !NOT_THESE.contains(&&*name)
        })
        .collect();
    below.sort();
    for folder in below.iter().filter(|_| deeper > 0) {
        find(folder, deeper - 1, found, failures);
    }
}

/// Lists what assertions last said, from the folder where tests keep it.
pub(crate) fn results(folder: Option<&Path>, out: &mut impl Write) -> Result<(), Failure> {
    let folder = match folder {
        Some(folder) => folder.to_owned(),
        None => kept()?,
    };
    let unreadable = |source| Failure::Unreadable { path: folder.clone(), source };
    let mut files: Vec<PathBuf> = fs::read_dir(&folder)
        .map_err(unreadable)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|end| end == "json"))
        .collect();
    files.sort();
    for file in files {
        let text = fs::read_to_string(&file)
            .map_err(|source| Failure::Unreadable { path: file.clone(), source })?;
        let result: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
        let text = |key: &str| result[key].as_str().unwrap_or("unreadable").to_owned();
        writeln!(out, "{:<13} {}", text("answer"), text("said"))?;
    }
    Ok(())
}

/// Where tests keep results: the folder they are told, else the target folder, which is that of a
/// workspace where the current folder is in one.
fn kept() -> Result<PathBuf, Failure> {
    if let Some(told) = std::env::var_os("KGAS_PERF_RESULTS") {
        return Ok(told.into());
    }
    if let Some(target) = std::env::var_os("CARGO_TARGET_DIR") {
        return Ok(Path::new(&target).join(RESULTS));
    }
    let here = std::env::current_dir()?;
    let mut above = here.ancestors().map(|above| above.join("target").join(RESULTS));
    above.find(|folder| folder.is_dir()).ok_or_else(|| {
        Failure::Refused(format!(
            "there is no target/{RESULTS} in {} or above: run tests that assert first, or name \
             the folder",
            here.display()
        ))
    })
}
