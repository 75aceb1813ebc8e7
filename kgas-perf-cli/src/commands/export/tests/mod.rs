//! What is exported, compared with what was put into an archive.

mod fake;

use std::collections::BTreeMap;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hdrhistogram::serialization::Deserializer;
use kgas_perf_runtime::alert::Change;
use kgas_perf_runtime::measure::Outcome;
use kgas_perf_runtime::store::{Available, Resolution};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use serde_json::Value;

use super::{ByTime, Export, Format, What};
use fake::{Fake, MARCH, sums};

const HOUR: u64 = 3_600;
const DAY: u64 = 86_400;

fn export(what: What, format: Format) -> Export {
    Export {
        store: None,
        what,
        format,
        out: PathBuf::from("-"),
        from: None,
        until: None,
        resolution: None,
        operation: None,
        host: None,
        instance: None,
        columns: false,
    }
}

/// What is written, and what is told beside it.
fn run(export: &Export, fake: &Fake, now: u64) -> (Vec<u8>, String) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    export.run(fake, now, &mut out, &mut err).unwrap();
    (out, String::from_utf8(err).unwrap())
}

fn lines(out: &[u8]) -> Vec<Value> {
    let text = std::str::from_utf8(out).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Two minutes of two operations, the second in parts.
fn two_minutes() -> Fake {
    let mut fake = Fake::new();
    let minute = |minute: u64| (Resolution::Minute, MARCH + minute * 60);
    fake.call(minute(0), "import", &[(1_000_000, Outcome::Ok), (3_000_000, Outcome::Error)]);
    fake.call(minute(1), "import", &[(2_000_000, Outcome::Ok)]);
    fake.call(minute(1), "rank", &[(500, Outcome::Cancelled)]);
    fake.call(minute(1), "import", &[(4_000_000, Outcome::Ok)]);
    fake.available = Available([(MARCH, MARCH + 120); 3]);
    fake
}

#[test]
fn each_outcome_is_a_row_and_parts_of_a_minute_are_one() {
    let (out, err) = run(&export(What::Calls, Format::Jsonl), &two_minutes(), MARCH + 90);
    let rows = lines(&out);
    let of = |row: &Value| {
        ["start_unix_s", "operation", "outcome", "calls", "sum_ns", "max_ns", "covered_s"]
            .map(|name| row[name].to_string())
            .join(" ")
    };
    let seen: Vec<_> = rows[..4].iter().map(of).collect();
    assert_eq!(
        seen,
        [
            format!("{MARCH} \"import\" \"ok\" 1 1000000 1000000 60"),
            format!("{MARCH} \"import\" \"error\" 1 3000000 3000000 60"),
            format!("{} \"import\" \"ok\" 2 6000000 4000000 30", MARCH + 60),
            format!("{} \"rank\" \"cancelled\" 1 500 500 30", MARCH + 60),
        ]
    );
    assert_eq!(
        (&rows[0]["program_version"], &rows[0]["program_commit"]),
        (&"1.2.0".into(), &Value::Null)
    );
    assert_eq!(rows.len(), 5);
    assert_eq!(
        (&rows[4]["about"]["rows"], &rows[4]["about"]["missing"]),
        (&4.into(), &Value::Array(vec![]))
    );
    assert_eq!(err, "");
}

#[test]
fn others_read_the_histogram_and_the_percentiles_are_its_own() {
    let mut fake = Fake::new();
    let calls: Vec<_> = (1..=100).map(|number| (number * 1_000_000, Outcome::Ok)).collect();
    fake.call((Resolution::Minute, MARCH), "import", &calls);
    let (out, _) = run(&export(What::Calls, Format::Jsonl), &fake, MARCH + 60);
    let row = &lines(&out)[0];
    let bytes = STANDARD.decode(row["histogram"].as_str().unwrap()).unwrap();
    let hdr: hdrhistogram::Histogram<u64> =
        Deserializer::new().deserialize(&mut &bytes[..]).unwrap();
    assert_eq!(hdr.len(), 100);
    for (name, quantile, exact) in [("p50_ns", 0.5, 50e6), ("p95_ns", 0.95, 95e6)] {
        let value = row[name].as_u64().unwrap();
        assert!(hdr.equivalent(value, hdr.value_at_quantile(quantile)), "{name}");
        assert!((value as f64 / exact - 1.0).abs() < 1.0 / 128.0 + 0.000_5, "{name}");
    }
}

#[test]
fn without_a_histogram_a_percentile_is_missing_and_never_zero() {
    let export = export(What::Usage, Format::Csv);
    let (out, _) = run(&export, &two_minutes(), MARCH + 120);
    let mut reader = csv::Reader::from_reader(&out[..]);
    let row: BTreeMap<String, String> = reader.deserialize().next().unwrap().unwrap();
    // No counting allocator ran, and nothing was polled.
    for name in ["allocated_bytes", "futures", "busy_ns"] {
        assert_eq!(row[name], "", "{name}");
    }
    assert_eq!(row["calls"], "2");
}

#[test]
fn calls_are_added_up_by_the_hour_exactly() {
    let mut fake = Fake::new();
    let mut all = Vec::new();
    for minute in 0..120 {
        let calls: Vec<_> =
            (1..=5).map(|call| ((minute + 1) * call * 7_919, Outcome::Ok)).collect();
        fake.call((Resolution::Minute, MARCH + minute * 60), "import", &calls);
        all.push(calls);
    }
    fake.available.0[1] = (MARCH, MARCH);
    fake.available.0[2] = (MARCH, MARCH);
    let by_the_hour =
        Export { resolution: Some(ByTime::Hour), ..export(What::Calls, Format::Jsonl) };
    let rows = lines(&run(&by_the_hour, &fake, MARCH + 2 * HOUR).0);
    assert_eq!(rows.len(), 3);
    for (row, calls) in rows.iter().zip(all.chunks(60)) {
        let whole = sums(&calls.concat());
        let ok = whole.outcome(Outcome::Ok);
        assert_eq!(row["resolution"], "hour");
        assert_eq!((&row["calls"], &row["covered_s"]), (&300.into(), &3_600.into()));
        assert_eq!(row["p99_ns"].as_u64(), ok.quantile(0.99).map(|p99| p99.as_nanos() as u64));
    }
}

#[test]
fn what_is_not_covered_is_told() {
    let mut fake = Fake::new();
    fake.call((Resolution::Day, MARCH), "import", &[(5, Outcome::Ok)]);
    fake.call((Resolution::Minute, MARCH + 3 * DAY), "import", &[(5, Outcome::Ok)]);
    fake.available =
        Available([(MARCH + 3 * DAY, MARCH + 3 * DAY + 60), (0, 0), (MARCH, MARCH + DAY)]);
    fake.damaged_rows = 2;
    let (out, err) = run(&export(What::Calls, Format::Jsonl), &fake, MARCH + 3 * DAY + 30);
    assert_eq!(
        err,
        "not covered: 2026-03-02T00:00:00Z to 2026-03-04T00:00:00Z: nothing is kept of it, or it \
         is only a part of longer rows\n\
         coarser: 2026-03-01T00:00:00Z to 2026-03-02T00:00:00Z: kept by the day only\n\
         damaged rows, left out: 4\n"
    );
    let rows = lines(&out);
    assert_eq!((rows.len(), &rows[0]["resolution"]), (3, &"day".into()));
    let about = &rows[2]["about"];
    assert_eq!(about["missing"][0]["from_unix_s"], MARCH + DAY);
    assert_eq!(about["damaged_rows"], 4);

    let minutes = Export { resolution: Some(ByTime::Minute), ..export(What::Calls, Format::Csv) };
    let (_, err) = run(&minutes, &fake, MARCH + 3 * DAY + 30);
    assert!(
        err.starts_with("not covered: 2026-03-01T00:00:00Z to 2026-03-04T00:00:00Z: "),
        "{err}"
    );
}

#[test]
fn an_archive_without_anything_is_a_header_and_a_word() {
    let (out, err) = run(&export(What::Gauges, Format::Csv), &Fake::new(), MARCH);
    assert_eq!(
        String::from_utf8(out).unwrap(),
        "start_unix_s,resolution,host,instance,slot,gauge,unit,readings,mean,min,max,last\n"
    );
    assert_eq!(err, "nothing is kept of gauges\n");
}

#[test]
fn gauges_come_by_name_and_are_added_up() {
    let mut fake = Fake::new();
    for minute in 0..90 {
        fake.gauge(MARCH + minute * 60, "load", minute as f64);
        fake.gauge(MARCH + minute * 60, "idle", 0.5);
    }
    fake.available.0[1] = (MARCH, MARCH);
    fake.available.0[2] = (MARCH, MARCH);
    let hours = Export { resolution: Some(ByTime::Hour), ..export(What::Gauges, Format::Csv) };
    let (out, _) = run(&hours, &fake, MARCH + 90 * 60);
    let text = String::from_utf8(out).unwrap();
    let expected = format!(
        "{MARCH},hour,ada,importer,0,idle,1,60,0.5,0.5,0.5,0.5\n\
         {},hour,ada,importer,0,idle,1,30,0.5,0.5,0.5,0.5\n\
         {MARCH},hour,ada,importer,0,load,1,60,29.5,0,59,59\n\
         {},hour,ada,importer,0,load,1,30,74.5,60,89,89\n",
        MARCH + HOUR,
        MARCH + HOUR,
    );
    assert_eq!(text.split_once('\n').unwrap().1, expected);
    assert_eq!(
        run(&export(What::Gauges, Format::Csv), &fake, MARCH + 90 * 60)
            .0
            .iter()
            .filter(|byte| **byte == b'\n')
            .count(),
        181
    );
}

#[test]
fn marks_are_notes_of_one_kind() {
    let mut fake = Fake::new();
    fake.mark(MARCH, Change::Deploy, "v2, with \"quotes\"");
    fake.mark(MARCH + 60, Change::LoadTest, "");
    let (out, _) = run(&export(What::Marks, Format::Csv), &fake, MARCH + 120);
    assert_eq!(
        String::from_utf8(out).unwrap(),
        format!(
            "at_unix_ns,host,instance,slot,change,text\n\
             {MARCH}000000000,ada,importer,0,deploy,\"v2, with \"\"quotes\"\"\"\n\
             {}000000000,ada,importer,0,load_test,\n",
            MARCH + 60
        )
    );
    let notes = lines(&run(&export(What::Notes, Format::Jsonl), &fake, MARCH + 120).0);
    assert_eq!(
        (&notes[0]["kind"], &notes[0]["note"]["mark"]["what"]),
        (&"mark".into(), &"deploy".into())
    );
}

#[test]
fn what_does_not_go_together_is_refused() {
    let gauges = Export { operation: Some("import".into()), ..export(What::Gauges, Format::Csv) };
    let marks = Export { resolution: Some(ByTime::Day), ..export(What::Marks, Format::Csv) };
    let turned = Export {
        from: Some("now".parse().unwrap()),
        until: Some("7d".parse().unwrap()),
        ..export(What::Calls, Format::Csv)
    };
    let said = |export: &Export| {
        let mut sink = std::io::sink();
        export.run(&Fake::new(), MARCH, &mut Vec::new(), &mut sink).unwrap_err().to_string()
    };
    assert_eq!(said(&gauges), "--operation does not go with gauges");
    assert_eq!(said(&marks), "--resolution does not go with marks");
    assert_eq!(
        said(&turned),
        "--from 2026-03-01T00:00:00Z is not before --until 2026-02-22T00:00:00Z"
    );
}

/// What Parquet's own reader finds is what the JSON lines say, cell by cell.
#[test]
fn parquet_says_what_json_lines_say() {
    let mut fake = two_minutes();
    fake.mark(MARCH, Change::Deploy, "v2");
    fake.gauge(MARCH, "load", 0.25);
    for what in [What::Calls, What::Usage, What::Gauges, What::Notes] {
        let now = MARCH + 120;
        let (bytes, _) = run(&export(what, Format::Parquet), &fake, now);
        let (json, _) = run(&export(what, Format::Jsonl), &fake, now);
        let mut json = lines(&json);
        let about = json.pop().unwrap();
        let reader = SerializedFileReader::new(bytes::Bytes::from(bytes)).unwrap();
        let metadata = reader.metadata().file_metadata();
        assert_eq!(metadata.created_by(), Some(concat!("kgas-perf ", env!("CARGO_PKG_VERSION"))));
        let told = metadata.key_value_metadata().unwrap();
        let told = told.iter().find(|pair| pair.key == "kgas_perf.about").unwrap();
        let told: Value = serde_json::from_str(told.value.as_ref().unwrap()).unwrap();
        assert_eq!(told, about["about"]);
        let rows: Vec<_> = reader.get_row_iter(None).unwrap().map(Result::unwrap).collect();
        assert_eq!(rows.len(), json.len(), "{what:?}");
        for (row, json) in rows.iter().zip(&json) {
            assert_eq!(row.len(), json.as_object().unwrap().len());
            for (name, field) in row.get_column_iter() {
                let read = match field {
                    Field::Null => Value::Null,
                    Field::Str(text) if json[name].is_object() => {
                        serde_json::from_str(text).unwrap()
                    }
                    Field::Str(text) => text.as_str().into(),
                    Field::Long(number) => (*number).into(),
                    Field::Double(number) => (*number).into(),
                    Field::Bool(truth) => (*truth).into(),
                    other => panic!("{other:?}"),
                };
                assert_eq!(read, json[name], "{name} of {what:?}");
            }
        }
    }
}

#[test]
fn a_row_group_is_bounded() {
    let mut fake = Fake::new();
    for second in 0..70_000 {
        fake.mark(MARCH + second, Change::Other, "a");
    }
    let (bytes, _) = run(&export(What::Marks, Format::Parquet), &fake, MARCH + DAY);
    let reader = SerializedFileReader::new(bytes::Bytes::from(bytes)).unwrap();
    let rows: Vec<_> =
        reader.metadata().row_groups().iter().map(|group| group.num_rows()).collect();
    assert_eq!(rows, [65_536, 4_464]);
}
