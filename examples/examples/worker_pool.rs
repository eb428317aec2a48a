//! A pool of workers on one queue. A job makes one of them panic; the others do the rest, and the failure is seen.

use async_dsl::prelude::*;
use async_dsl::task::TaskError;

#[derive(Clone, Copy)]
struct Job {
    number: u32,
    attempt: u32,
}

#[async_dsl::main]
async fn main() {
    let (jobs, queue) = chan::fixed::<Job>(2).split();
    let (results, collected) = chan::fixed::<Result<u32, Job>>(2).split();

    let workers: Vec<Task<()>> = (0..4)
        .map(|_| {
            go!(|queue, results| {
                while let Some(job) = take!(queue) {
                    if job.number == 7 && job.attempt == 1 {
                        // Put back first, so that nothing is lost with this worker.
                        put!(results, Err(job)).ok();
                        panic!("job 7 is too much");
                    }
                    put!(results, Ok(job.number * job.number)).ok();
                }
            })
        })
        .collect();
    drop((queue, results)); // only the workers have them now

    let retries = jobs.clone();
    let sum = go!({
        let (mut sum, mut open) = (0, 12);
        while open > 0 {
            match take!(collected).expect("workers are left") {
                Ok(square) => (sum, open) = (sum + square, open - 1),
                Err(Job { number, attempt }) => {
                    let again = Job {
                        number,
                        attempt: attempt + 1,
                    };
                    // In a task of its own: a task that empties a queue must not wait to fill another.
                    go!(|retries| put!(retries, again).expect("workers are left"));
                }
            }
        }
        retries.close(); // the queue ends, and with it the workers
        sum
    });

    for number in 1..=12 {
        put!(jobs, Job { number, attempt: 1 }).expect("workers are left");
    }
    println!("sum of squares: {}", sum.await);
    for worker in workers {
        if let Err(TaskError::Panicked(panic)) = worker.outcome().await {
            println!("a worker failed: {}", panic.message());
        }
    }
}
