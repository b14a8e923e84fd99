//! How long each bomb takes to be refused, and what the others cost that are not refused. Started by
//! `cargo xtask fuzz bombs`, optimised as what ships; fails where a refusal takes longer than it may.

use longkey_core::otpauth::Otpauth;
use longkey_fuzz::bombs::{LIMIT, bombs, wake_with_foreign_items};
use std::process::ExitCode;
use std::time::Instant;

fn time<T>(name: &str, work: impl FnOnce() -> T) -> f64 {
    let begun = Instant::now();
    let _ = work();
    let taken = begun.elapsed().as_secs_f64() * 1e3;
    println!("{taken:>9.3} ms  {name}");
    taken
}

fn main() -> ExitCode {
    let mut late = 0;
    for bomb in bombs(LIMIT / 2) {
        let taken = time(&bomb.name, || assert!((bomb.refuses)(&bomb.text), "not refused: {}", bomb.name));
        let most = bomb.within.as_secs_f64() * 1e3;
        if taken >= most {
            println!("^ too long: {most} ms at most");
            late += 1;
        }
    }
    println!("{late} refusals take too long\n");
    for items in [10, 100] {
        time(&format!("waking up with {items} items that open for nobody"), || wake_with_foreign_items(items));
    }
    for names in [1000, 10_000] {
        let query: String = (0..names).map(|at| format!("&n{at}=")).collect();
        let text = format!("otpauth://totp/a?secret=JBSWY3DPEHPK3PXP{query}");
        time(&format!("an address with {names} names, {} bytes", text.len()), || Otpauth::parse(&text));
    }
    if late == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
