//! Numbers, units and the messages about them.

use super::*;

fn duration(text: &str) -> Result<Quantity, String> {
    Quantity::parse(text, Dimension::Duration)
}

#[test]
fn whole_base_units_are_exact() {
    assert_eq!(duration("0.3 s"), Ok(Quantity::DurationNs(300_000_000)));
    assert_eq!(duration("1.50 us"), Ok(Quantity::DurationNs(1_500)));
    assert_eq!(duration("5min"), Ok(Quantity::DurationNs(300_000_000_000)));
    assert_eq!(duration(" 2 d "), Ok(Quantity::DurationNs(172_800_000_000_000)));
    assert_eq!(Quantity::parse("500 MB", Dimension::Bytes), Ok(Quantity::Bytes(500_000_000)));
    assert_eq!(Quantity::parse("1 GiB", Dimension::Bytes), Ok(Quantity::Bytes(1 << 30)));
    assert_eq!(
        Quantity::parse("100 MB/s", Dimension::DataRate),
        Ok(Quantity::BitsPerSecond(800_000_000))
    );
}

#[test]
fn shares_and_rates_are_floating_point() {
    assert_eq!(Quantity::parse("60 %", Dimension::Ratio), Ok(Quantity::Ratio(0.6)));
    assert_eq!(Quantity::parse("0.1%", Dimension::Ratio), Ok(Quantity::Ratio(0.001)));
    assert_eq!(Quantity::parse("120 /min", Dimension::Rate), Ok(Quantity::PerSecond(2.0)));
}

#[test]
fn every_mistake_says_what_is_accepted() {
    let accepted = "`ns`, `us`, `µs`, `ms`, `s`, `min`, `h`, `d`";
    let message = |text| duration(text).unwrap_err();
    assert_eq!(message("fast"), "`fast` is not a number and a unit; write it like \"100 ms\"");
    assert_eq!(message("-5 s"), "`-5 s` is not a number and a unit; write it like \"100 ms\"");
    assert_eq!(
        message("1.2.3 s"),
        "`1.2.3 s` is not a number and a unit; write it like \"100 ms\""
    );
    assert_eq!(message(".5 s"), "`.5 s` is not a number and a unit; write it like \"100 ms\"");
    assert_eq!(message("5"), format!("`5` has no unit; accepted: {accepted}"));
    assert_eq!(message("5 sec"), format!("unknown unit `sec` in `5 sec`; accepted: {accepted}"));
    assert_eq!(
        message("500 MB"),
        format!("`500 MB` is an amount of memory, not a duration; accepted units: {accepted}")
    );
    assert_eq!(message("0.5 ns"), "`0.5 ns` is not a whole number of ns");
    assert_eq!(
        message("999999 d"),
        "`999999 d` is too large; the largest is 18446744073709551615 ns"
    );
    let long = format!("{} s", "9".repeat(40));
    assert_eq!(message(&long), format!("`{long}` has too many digits"));
    assert_eq!(Quantity::parse("101 %", Dimension::Ratio).unwrap_err(), "`101 %` is over 100 %");
    let long = format!("{} /s", "9".repeat(400));
    assert_eq!(
        Quantity::parse(&long, Dimension::Rate).unwrap_err(),
        format!("`{long}` has too many digits")
    );
}

#[test]
fn display_uses_the_largest_unit_without_a_fraction() {
    let shown = [
        Quantity::DurationNs(0),
        Quantity::DurationNs(1_500),
        Quantity::DurationNs(90_000_000_000),
        Quantity::DurationNs(1_200_000_000_000),
        Quantity::Bytes(500_000_000),
        Quantity::Bytes(1 << 30),
        Quantity::Ratio(0.07),
        Quantity::PerSecond(100.0),
        Quantity::BitsPerSecond(800_000_000),
        Quantity::BitsPerSecond(10_000_000),
        Quantity::Count(10),
    ]
    .map(|quantity| quantity.to_string());
    let expected = [
        "0 ns",
        "1500 ns",
        "90 s",
        "20 min",
        "500 MB",
        "1 GiB",
        "7 %",
        "100 /s",
        "100 MB/s",
        "10 Mbit/s",
        "10",
    ];
    assert_eq!(shown, expected);
}

#[test]
fn quantities_of_different_dimensions_do_not_compare() {
    assert!(Quantity::DurationNs(1) < Quantity::DurationNs(2));
    assert!(Quantity::Ratio(0.1) < Quantity::Ratio(0.2));
    assert_eq!(Quantity::DurationNs(1).partial_cmp(&Quantity::Bytes(2)), None);
}
