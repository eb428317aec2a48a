//! Lost update: two tasks read the same balance, and each writes back its own sum.

use async_dsl::prelude::*;

/// A balance that is read and written by separate operations. It is in a channel of one place, taken and put back.
#[linear]
async fn read(balance: &Chan<u32>) -> u32 {
    let amount = take!(balance).unwrap_or_default();
    put!(balance, amount).ok();
    amount
}

#[linear]
async fn write(balance: &Chan<u32>, amount: u32) {
    take!(balance);
    put!(balance, amount).ok();
}

/// Each deposit reads, then writes: a deposit in between is lost.
#[linear]
pub async fn wrong() {
    let balance = chan::fixed(1);
    put!(balance, 0).ok();
    let deposits = [10, 20].map(|amount| {
        go!(|balance| {
            let before = read(&balance).await;
            write(&balance, before + amount).await;
        })
    });
    for deposit in deposits {
        deposit.await;
    }
    assert_eq!(take!(balance), Some(30), "a deposit is lost");
}

/// Each deposit keeps the balance from its take to its put: no other task can have it meanwhile.
#[linear]
pub async fn right() {
    let balance = chan::fixed(1);
    put!(balance, 0).ok();
    let deposits = [10, 20].map(|amount| {
        go!(|balance| {
            let before = take!(balance).unwrap_or_default();
            put!(balance, before + amount).ok();
        })
    });
    for deposit in deposits {
        deposit.await;
    }
    assert_eq!(take!(balance), Some(30), "a deposit is lost");
}
