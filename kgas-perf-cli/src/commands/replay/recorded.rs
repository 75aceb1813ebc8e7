//! `Recorded`: a log of calls, read from CSV or JSON lines.

use std::collections::HashMap;
use std::io::{self, BufRead, Write};
use std::str;
use std::time::Duration;

use csv::{ByteRecord, ReaderBuilder};
use serde_json::{Map, Value};

use super::columns::{Field, Unit};
use super::lines::{Line, Lines};
use super::operation::Call;
use super::stream::said;

/// The most bytes of a line of JSON that are read.
const LONGEST: usize = 1 << 20;

/// The calls of a log by operation, in the order in which operations first appear.
#[derive(Debug, Default)]
pub(crate) struct Recorded {
    pub(crate) operations: Vec<(String, Vec<Call>)>,
    places: HashMap<String, usize>,
    /// Lines that were passed over.
    pub(crate) wrong: u64,
}

/// How a log is read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reading<'a> {
    /// The unit of durations whose column does not tell it.
    pub(crate) unit: Unit,
    /// What an operation is called where no column names it.
    pub(crate) unnamed: &'a str,
    /// The one operation to read, or all.
    pub(crate) only: Option<&'a str>,
}

/// The four texts of a call, each with what it holds.
type Row<'a> = [Option<(Field, &'a str)>; 4];

impl Recorded {
    /// Reads a log: JSON lines if it begins with `{`, else CSV divided by commas, semicolons or
    /// tabs. Lines that are not as they should be are told to `err` with their numbers.
    ///
    /// # Errors
    ///
    /// When it cannot be read, or when its header lacks a time or a duration.
    pub(crate) fn read(
        mut input: impl BufRead,
        reading: Reading<'_>,
        err: &mut impl Write,
    ) -> io::Result<Self> {
        let begin = input.fill_buf()?;
        let begin = begin.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(begin).trim_ascii_start();
        let header = begin.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let mut recorded = Self::default();
        if begin.first() == Some(&b'{') {
            recorded.json_lines(input, reading, err)?;
        } else {
            let delimiter = delimiter(header);
            recorded.csv(input, delimiter, reading, err)?;
        }
        Ok(recorded)
    }

    fn json_lines(
        &mut self,
        input: impl BufRead,
        reading: Reading<'_>,
        err: &mut impl Write,
    ) -> io::Result<()> {
        let mut lines = Lines::new(input, LONGEST);
        while let Some(Line { number, bytes }) = lines.next()? {
            let Some(bytes) = bytes else {
                self.tell(number, &format!("longer than {LONGEST} bytes"), err);
                continue;
            };
            if bytes.trim_ascii().is_empty() {
                continue;
            }
            let taken = serde_json::from_slice::<Map<String, Value>>(bytes)
                .map_err(|error| said(&error))
                .and_then(|object| self.object(&object, reading));
            if let Err(wrong) = taken {
                self.tell(number, &wrong, err);
            }
        }
        Ok(())
    }

    fn object(&mut self, object: &Map<String, Value>, reading: Reading<'_>) -> Result<(), String> {
        let mut texts: [Option<(usize, Field, String)>; 4] = [const { None }; 4];
        for (key, value) in object {
            let Some((field, rank)) = Field::named(key) else { continue };
            let text = match value {
                Value::String(text) => text.clone(),
                Value::Null => continue,
                other => other.to_string(),
            };
            let held = &mut texts[field.place()];
            if held.as_ref().is_none_or(|(other, ..)| rank < *other) {
                *held = Some((rank, field, text));
            }
        }
        let row = texts
            .each_ref()
            .map(|held| held.as_ref().map(|(_, field, text)| (*field, text.as_str())));
        self.take(row, reading)
    }

    fn csv(
        &mut self,
        input: impl BufRead,
        delimiter: u8,
        reading: Reading<'_>,
        err: &mut impl Write,
    ) -> io::Result<()> {
        let mut reader =
            ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(input);
        let columns = columns(reader.byte_headers()?)?;
        let mut record = ByteRecord::new();
        while reader.read_byte_record(&mut record)? {
            let number = record.position().map_or(0, csv::Position::line);
            let mut row: Row<'_> = [None; 4];
            let mut utf8 = true;
            for (held, column) in row.iter_mut().zip(columns) {
                let Some((at, field)) = column else { continue };
                let Some(bytes) = record.get(at) else { continue };
                match str::from_utf8(bytes) {
                    Ok(text) => *held = Some((field, text)),
                    Err(_) => utf8 = false,
                }
            }
            let taken = if utf8 { self.take(row, reading) } else { Err("not UTF-8".to_owned()) };
            if let Err(wrong) = taken {
                self.tell(number, &wrong, err);
            }
        }
        Ok(())
    }

    /// Takes one call.
    fn take(&mut self, row: Row<'_>, reading: Reading<'_>) -> Result<(), String> {
        let [operation, time, duration, outcome] = row;
        let name = operation.map_or(reading.unnamed, |(_, name)| name);
        let (Some((Field::Time(seconds), time)), Some((Field::Duration(unit), duration))) =
            (time, duration)
        else {
            let lacking = if time.is_none() { "time" } else { "duration" };
            return Err(format!("no {lacking}"));
        };
        let t = number(time, "time")? * seconds;
        let d = number(duration, "duration")? * unit.unwrap_or(reading.unit.seconds());
        if Duration::try_from_secs_f64(d).is_err() {
            return Err(format!(
                "the duration `{duration}` is negative, or no clock counts so far"
            ));
        }
        let ok = outcome.map_or(Ok(true), |(field, text)| ended_well(field, text))?;
        if reading.only.is_some_and(|only| only != name) {
            return Ok(());
        }
        let place = match self.places.get(name) {
            Some(place) => *place,
            None => {
                self.operations.push((name.to_owned(), Vec::new()));
                self.places.insert(name.to_owned(), self.operations.len() - 1);
                self.operations.len() - 1
            }
        };
        self.operations[place].1.push(Call { t, d, ok });
        Ok(())
    }

    fn tell(&mut self, number: u64, wrong: &str, err: &mut impl Write) {
        self.wrong += 1;
        // With standard error gone there is nobody to tell; the number of them is told at the end.
        let _ = writeln!(err, "line {number}: {wrong}");
    }
}

/// What most likely divides the columns of a header.
fn delimiter(header: &[u8]) -> u8 {
    let count = |byte: u8| header.iter().filter(|other| **other == byte).count();
    // Of equals, the last is the greatest.
    [b'\t', b';', b','].into_iter().max_by_key(|byte| count(*byte)).unwrap_or(b',')
}

/// Which columns hold the operation, the time, the duration and the outcome.
fn columns(header: &ByteRecord) -> io::Result<[Option<(usize, Field)>; 4]> {
    let mut columns: [Option<(usize, usize, Field)>; 4] = [None; 4];
    for (at, name) in header.iter().enumerate() {
        let name = String::from_utf8_lossy(name);
        let Some((field, rank)) = Field::named(name.trim_start_matches('\u{feff}')) else {
            continue;
        };
        let held = &mut columns[field.place()];
        if held.is_none_or(|(other, ..)| rank < other) {
            *held = Some((rank, at, field));
        }
    }
    let wrong = |lacking: &str, accepted: &str| {
        let header: Vec<_> = header.iter().map(String::from_utf8_lossy).collect();
        let header = header.join(", ");
        let wrong = format!("no column has the {lacking}: `{header}`; accepted: {accepted}");
        Err(io::Error::new(io::ErrorKind::InvalidData, wrong))
    };
    if columns[1].is_none() {
        return wrong("time", "t, time, timestamp, also with _s, _ms, _us, _ns");
    }
    if columns[2].is_none() {
        return wrong("duration", "d, duration, also with _s, _ms, _us, _ns");
    }
    Ok(columns.map(|column| column.map(|(_, at, field)| (at, field))))
}

fn number(text: &str, what: &str) -> Result<f64, String> {
    match text.trim().parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(number),
        _ => Err(format!("the {what} `{text}` is no number")),
    }
}

/// Whether a call ended well. Nothing at all says that it did.
fn ended_well(field: Field, text: &str) -> Result<bool, String> {
    let word = text.trim().to_ascii_lowercase();
    match word.as_str() {
        "" | "true" | "ok" | "yes" | "success" | "succeeded" | "passed" => return Ok(true),
        "false" | "no" | "err" | "error" | "failed" | "failure" | "panic" | "panicked"
        | "cancelled" | "canceled" | "timeout" => return Ok(false),
        _ => {}
    }
    match (field, word.parse::<u16>()) {
        (Field::Outcome, Ok(0)) => Ok(false),
        (Field::Outcome, Ok(1)) => Ok(true),
        (Field::Status, Ok(status @ 100..=599)) => Ok(status < 400),
        _ => Err(format!("the outcome `{text}` is neither `ok` nor `error`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Recorded, String) {
        let mut err = Vec::new();
        let reading = Reading { unit: Unit::Ms, unnamed: "log", only: None };
        let recorded = Recorded::read(text.as_bytes(), reading, &mut err).unwrap();
        (recorded, String::from_utf8(err).unwrap())
    }

    #[test]
    fn csv_and_json_lines_say_the_same() {
        let csv = "\u{feff}time_ms;name;duration;status;who\n\
            1000;\"a;b\";2;200;x\n1500;c;1;503\n2000;c;0.5;ok;y;z\n";
        let json = r#"{"time_ms":1000,"name":"a;b","duration":2,"status":200}
            {"time_ms":"1500","name":"c","duration":1,"status":503,"timestamp":7}

            {"time":2,"operation":"c","name":"d","duration_us":500}"#;
        let (csv, told) = read(csv);
        assert_eq!(told, "");
        let (json, told) = read(json);
        assert_eq!(told, "");
        assert_eq!(csv.operations, json.operations);
        let first = Call { t: 1.0, d: 0.002, ok: true };
        assert_eq!(csv.operations[0], ("a;b".to_owned(), vec![first]));
        assert!(!csv.operations[1].1[0].ok && csv.operations[1].1[1].ok);
    }

    #[test]
    fn a_log_of_one_operation_need_not_name_it() {
        let (recorded, _) = read("t,d\n1,2\n");
        assert_eq!(recorded.operations[0].0, "log");
    }

    #[test]
    fn what_is_wrong_is_told_by_its_line() {
        let (recorded, told) = read("t,d,ok\nx,1,1\n1,-1,1\n1,1,maybe\n1\n\n2,1,0\n");
        assert_eq!(
            told,
            "line 2: the time `x` is no number\n\
             line 3: the duration `-1` is negative, or no clock counts so far\n\
             line 4: the outcome `maybe` is neither `ok` nor `error`\n\
             line 5: no duration\n"
        );
        assert_eq!((recorded.wrong, recorded.operations[0].1.len()), (4, 1));
        let (_, told) = read("{\"t\":1,\"d\":1}\n[]\n{\"t\":1}\n");
        assert_eq!(told.lines().count(), 2, "{told}");
        assert!(told.ends_with("line 3: no duration\n"), "{told}");
    }

    #[test]
    fn a_header_without_times_is_refused() {
        let reading = Reading { unit: Unit::S, unnamed: "log", only: None };
        let error = Recorded::read(&b"op,d\n"[..], reading, &mut io::sink()).unwrap_err();
        assert!(error.to_string().contains("no column has the time: `op, d`"), "{error}");
    }
}
