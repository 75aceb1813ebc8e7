//! scratch
use kgas_perf_runtime::__private as p;
use std::hint::black_box;
static SITE: p::CallSite = p::CallSite::new(&p::SiteSpec{operation:"x",category:p::Category::Custom,file:file!(),line:1,path:||"x",sized:false,size_bounds:p::SizeBounds::DEFAULT,catalogue:p::CatalogueText::BUILTIN});
#[inline(never)] fn plain(x:u64)->u64{ black_box(x).wrapping_mul(3) }
#[inline(never)] fn measured(x:u64)->u64{ let _m = p::start::<{p::SAMPLED}>(&SITE,None,8,p::Outcome::Ok); black_box(x).wrapping_mul(3) }
#[inline(never)] fn rd(x:u64)->u64{ unsafe{ let a=core::arch::x86_64::_rdtsc(); let r=black_box(x).wrapping_mul(3); let b=core::arch::x86_64::_rdtsc(); black_box(b-a); r} }
fn cpu()->f64{ let mut t=unsafe{std::mem::zeroed::<libc::timespec>()}; unsafe{libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID,&mut t)}; t.tv_sec as f64*1e9+t.tv_nsec as f64 }
fn t(f:fn(u64)->u64,n:u64)->f64{ let a=cpu(); for i in 0..n { black_box(f(i)); } (cpu()-a)/n as f64 }
fn main(){
  let n: u64 = std::env::args().nth(1).map_or(100_000, |a| a.parse().unwrap());
  if std::env::args().nth(2).is_some() { for i in 0..n { black_box(measured(i)); } return; }
  let mut v=[vec![],vec![],vec![]];
  for _ in 0..45 { v[0].push(t(plain,n)); v[1].push(t(rd,n)); v[2].push(t(measured,n)); }
  for x in &mut v { x.sort_by(f64::total_cmp); }
  let m=|i:usize| v[i][22];
  println!("plain {:.2} rd {:.2} measured {:.2}  ratio {:.3}", m(0), m(1)-m(0), m(2)-m(0), (m(2)-m(0))/(m(1)-m(0)));
  let s = kgas_perf_runtime::Registry::global().snapshot();
  println!("{:#?}", s.operation("x").unwrap().by_class[0].memory);
  println!("{} {:?} {:?}", s.operation("x").unwrap().calls(), s.operation("x").unwrap().outcome(p::Outcome::Ok).quantile(0.5), s.operation("x").unwrap().by_class[0].self_time());
}
