//! `Figure`: something measured against what is to be reached.

/// One row of the README's table.
#[derive(Debug)]
pub(crate) struct Figure {
    pub(crate) name: &'static str,
    measured: f64,
    unit: &'static str,
    /// More than this is a miss.
    most: f64,
    command: String,
}

impl Figure {
    /// A figure that one of the runtime's benchmarks prints.
    pub(crate) fn new(
        name: &'static str,
        measured: f64,
        unit: &'static str,
        most: f64,
        bench: &str,
    ) -> Self {
        let command = format!("cargo bench -p kgas-perf-runtime --bench {bench}");
        Self { name, measured, unit, most, command }
    }

    /// The CPU time of something, as a ratio to two raw reads of the processor's counter.
    pub(crate) fn times(name: &'static str, measured: f64, most: f64, bench: &str) -> Self {
        Self::new(name, measured, "× two raw clock reads", most, bench)
    }

    /// A figure that a command of its own prints.
    pub(crate) fn named(
        name: &'static str,
        measured: f64,
        unit: &'static str,
        most: f64,
        command: &str,
    ) -> Self {
        Self { name, measured, unit, most, command: command.to_owned() }
    }

    pub(crate) fn is_reached(&self) -> bool {
        self.measured <= self.most
    }
}

/// All figures, as the README shows them.
pub(crate) fn table(figures: &[Figure]) -> String {
    let mut text =
        "| figure | measured | at most | | command |\n|---|--:|--:|---|---|\n".to_owned();
    for figure in figures {
        let Figure { name, measured, unit, most, command } = figure;
        let reached = if figure.is_reached() { "reached" } else { "missed" };
        let (measured, most) = (number(*measured), number(*most));
        text += &format!("| {name} | {measured} {unit} | {most} | {reached} | `{command}` |\n");
    }
    text.replace("  |", " |")
}

/// Two digits after the point, and none where there are none.
fn number(value: f64) -> String {
    if value.fract() == 0.0 { format!("{value:.0}") } else { format!("{value:.2}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_says_what_is_missed() {
        let figures = [
            Figure::times("a call", 1.024, 1.3, "contention"),
            Figure::named("instructions", 121.0, "", 120.0, "cargo xtask callgrind"),
        ];
        assert_eq!(
            table(&figures),
            "| figure | measured | at most | | command |\n|---|--:|--:|---|---|\n\
             | a call | 1.02 × two raw clock reads | 1.30 | reached | \
             `cargo bench -p kgas-perf-runtime --bench contention` |\n\
             | instructions | 121 | 120 | missed | `cargo xtask callgrind` |\n"
        );
    }

    #[test]
    fn as_much_as_is_allowed_is_reached() {
        assert!(Figure::new("lost", 0.0, "", 0.0, "flood").is_reached());
        assert!(!Figure::new("lost", 1.0, "", 0.0, "flood").is_reached());
    }
}
