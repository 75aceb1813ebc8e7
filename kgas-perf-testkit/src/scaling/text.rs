//! `text`: an analysis for a person, and as JSON.

use std::fmt;

use crate::scaling::analysis::Scaling;

impl Scaling {
    /// The analysis as JSON, indented; durations in seconds.
    pub fn to_json(&self) -> String {
        // Numbers, names and lists: nothing here can fail to be written.
        serde_json::to_string_pretty(self).unwrap_or_default()
    }
}

/// The answer, the exponent, a line for each size and a line for each class.
impl fmt::Display for Scaling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let e = &self.exponent;
        writeln!(f, "{}", self.answer)?;
        writeln!(
            f,
            "exponent of what grows: {:.2} ({:.2} to {:.2}, {:.0} % sure)",
            e.estimate,
            e.lower,
            e.upper,
            100.0 * e.confidence
        )?;
        writeln!(f, "{:>12} {:>7} {:>12} {:>9}", "size", "repeats", "median", "residual")?;
        for level in &self.levels {
            let median = seconds(level.median_seconds);
            let residual = 100.0 * level.residual.exp_m1();
            writeln!(f, "{:>12} {:>7} {median:>12} {residual:>+8.1}%", level.size, level.repeats)?;
        }
        if !self.unresolved_sizes.is_empty() {
            writeln!(f, "left out, below 20 steps of the timer: {:?}", self.unresolved_sizes)?;
        }
        writeln!(f, "{:<10} {:>8} {:>7} {:>9}  cost", "class", "ΔAICc", "weight", "p")?;
        for fit in &self.fits {
            let out = if fit.is_ruled_out() { " ruled out" } else { "" };
            writeln!(
                f,
                "{:<10} {:>8.1} {:>7.3} {:>9.2e}  {} + {}·{}{out}",
                fit.class,
                fit.delta_aicc,
                fit.weight,
                fit.p_value,
                seconds(fit.overhead_seconds),
                seconds(fit.factor_seconds),
                &fit.class.as_str()[2..fit.class.as_str().len() - 1],
            )?;
        }
        Ok(())
    }
}

/// A duration with the unit that suits it.
pub(crate) fn seconds(seconds: f64) -> String {
    let (value, unit) = match seconds.abs() {
        0.0 => return "0".to_owned(),
        s if s < 1e-6 => (seconds * 1e9, "ns"),
        s if s < 1e-3 => (seconds * 1e6, "µs"),
        s if s < 1.0 => (seconds * 1e3, "ms"),
        _ => (seconds, "s"),
    };
    format!("{} {unit}", significant(value))
}

/// Three significant digits; what is smaller than a thousandth as a power of ten.
fn significant(value: f64) -> String {
    match value.abs() {
        v if v >= 99.95 => format!("{value:.0}"),
        v if v >= 9.995 => format!("{value:.1}"),
        v if v >= 0.9995 => format!("{value:.2}"),
        v if v >= 0.09995 => format!("{value:.3}"),
        v if v >= 0.009_995 => format!("{value:.4}"),
        v if v >= 0.000_999_5 => format!("{value:.5}"),
        _ => format!("{value:.2e}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quadratic() -> Scaling {
        let measured: Vec<(u64, f64)> =
            (0..6).map(|step| 100_u64 << step).map(|n| (n, 1e-3 + 1e-7 * (n * n) as f64)).collect();
        Scaling::analyse(&measured).unwrap()
    }

    #[test]
    fn the_text_names_answer_sizes_and_classes() {
        let text = quadratic().to_string();
        assert!(text.starts_with("O(n²)\nexponent of what grows: 2.00 ("), "{text}");
        assert!(text.contains("         100       1      2.00 ms"), "{text}");
        assert!(text.contains("1.00 ms + 100 ns·n²\n"), "{text}");
        assert_eq!(text.matches("ruled out").count(), 5, "{text}");
    }

    #[test]
    fn the_json_can_be_read_back() {
        let json: serde_json::Value = serde_json::from_str(&quadratic().to_json()).unwrap();
        assert_eq!(json["answer"]["sure"], "O(n²)");
        assert_eq!(json["fits"][0]["class"], "O(n²)");
        assert_eq!(json["levels"][0]["size"], 100);
    }

    #[test]
    fn durations_have_the_unit_that_suits_them() {
        let shown = [0.0, 2.5e-9, 3e-6, 0.04, 7.0].map(seconds);
        assert_eq!(shown, ["0", "2.50 ns", "3.00 µs", "40.0 ms", "7.00 s"]);
    }

    #[test]
    fn three_digits_are_told_of_any_size() {
        let shown = [123.4e-9, 99.96e-9, 0.012_34e-9, 1.234e-14, -1.5e-18, 4_321.0].map(seconds);
        assert_eq!(shown, ["123 ns", "100 ns", "0.0123 ns", "1.23e-5 ns", "-1.50e-9 ns", "4321 s"]);
    }
}
