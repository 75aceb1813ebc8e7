//! Converts knowledge graphs.
mod args;
mod graph;
mod lockfile;
mod neighbours;
mod pagerank;
#[cfg(test)]
mod real_files;
mod steps;
mod table;
mod triples;
mod vectors;
use clap::Parser;
fn main() {
    let args = args::Args::parse();
    for f in &args.files {
        let g = triples::read(f).unwrap().graph;
        for _ in 0..2 {
        let t = std::time::Instant::now();
        let table = table::tabulate(&g).unwrap();
        let a = t.elapsed();
        let v = vectors::vectorize(&table).unwrap();
        let b = t.elapsed();
        let l = neighbours::link_alike(&v);
        let c = t.elapsed();
        let r = neighbours::recall(&l, &v, v.len() / 200 + 1);
        println!("{f:?} {a:?} {:?} {:?} recall {r:?}", b - a, c - b);
        }
    }
}
