//! What the macros write for you, printed by the program itself: `expand!` is a string.

use async_dsl::prelude::*;

fn main() {
    let go = expand!(go!(|jobs, log| -> std::io::Result<()> {
        while let Some(job) = take!(jobs) {
            put!(log, run(job)?).ok();
        }
        Ok(())
    }));
    println!("// go!\n{go}\n");

    let alt = expand!(alt! {
        job = take!(jobs) => run(job),
        sent = put!(results, outcome), if open => sent.is_ok(),
        sleep!(1s) => false,
    });
    println!("// alt!\n{alt}\n");

    let send = expand!(send!(counter, |n| {
        sleep!(100ms);
        n + 1
    }));
    println!("// send!\n{send}");
}
