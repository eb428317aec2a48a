//! Agents and promises keep what they promise under every schedule.

use async_dsl::prelude::*;

#[async_dsl::test(seeds = 500)]
async fn actions_run_one_at_a_time_in_the_order_each_sender_sent_them() {
    let log = agent(Vec::new());
    let senders = [0, 10, 20].map(|first| {
        go!(|log| {
            for number in first..first + 3 {
                send!(log, |mut log| {
                    log.push(number);
                    yield_now!();
                    log.push(number);
                    log
                })
                .unwrap();
                if number % 2 == 0 {
                    log.settled().await.unwrap();
                    assert!(log.get().unwrap().contains(&number), "it has settled");
                }
            }
        })
    });
    for sender in senders {
        sender.await;
    }
    log.settled().await.unwrap();
    let log = log.get().unwrap();
    assert_eq!(log.len(), 18);
    assert!(
        log.chunks(2).all(|pair| pair[0] == pair[1]),
        "one at a time: {log:?}"
    );
    for first in [0, 10, 20] {
        let own = log
            .iter()
            .filter(|number| (first..first + 3).contains(*number));
        let expected = (first..first + 3).flat_map(|number| [number, number]);
        assert!(own.copied().eq(expected), "{log:?}");
    }
}

#[async_dsl::test(seeds = 500)]
async fn who_waits_for_an_agent_that_fails_is_told() {
    let fragile = agent(1);
    let waits = [(); 2].map(|()| {
        go!(|fragile| {
            send!(fragile, |n| -> Result<i32, String> {
                yield_now!();
                if n == 2 {
                    Err("full".to_owned())
                } else {
                    Ok(n + 1)
                }
            })
            .ok();
            fragile.settled().await.is_ok()
        })
    });
    let mut settled = 0;
    for wait in waits {
        settled += usize::from(wait.await);
    }
    assert!(settled <= 1, "the second action fails");
    assert!(fragile.error().is_some());
    assert!(fragile.restart(5));
    assert_eq!(fragile.get().unwrap(), 5);
}
