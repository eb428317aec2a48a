//! A pool of workers on one queue. One of them panics; the others do its share, and the failure is seen.

use async_dsl::prelude::*;
use async_dsl::task::TaskError;

#[async_dsl::main]
async fn main() {
    let (jobs, queue) = chan::fixed::<u32>(2).split();
    let (results, collected) = chan::fixed(2).split();

    let workers: Vec<Task<()>> = (1..=4)
        .map(|number| {
            go!(|queue, results| {
                while let Some(job) = take!(queue) {
                    if number == 3 {
                        // Given back, so that nothing is lost with this worker.
                        put!(results, Err(job)).ok();
                        panic!("worker {number} had enough");
                    }
                    put!(results, Ok(job * job)).ok();
                }
            })
        })
        .collect();
    drop((queue, results)); // only the workers have them now

    let retry = jobs.clone();
    let sum = go!(|| -> u32 {
        let (mut sum, mut open) = (0, 12);
        while let Some(result) = take!(collected) {
            match result {
                Ok(square) => (sum, open) = (sum + square, open - 1),
                Err(job) => put!(retry, job).expect("workers are left"),
            }
            if open == 0 {
                retry.close(); // the workers' queue ends, and so do they
            }
        }
        sum
    });

    for job in 1..=12 {
        put!(jobs, job).expect("workers are left");
    }
    println!("sum of squares: {}", sum.await);

    for worker in workers {
        match worker.outcome().await {
            Ok(()) => {}
            Err(TaskError::Panicked(panic)) => println!("a worker failed: {}", panic.message()),
            Err(error) => println!("{error}"),
        }
    }
}
