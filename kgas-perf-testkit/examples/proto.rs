fn main() {
    let a: Vec<String> = std::env::args().collect();
    let (t, r, d, w) =
        kgas_perf_testkit::__proto(&a[1], a.get(2).map_or(1.0, |x| x.parse().unwrap()));
    println!("{} {t:.1} {r:.4} {d:.4} {w:.4}", a[1]);
}
