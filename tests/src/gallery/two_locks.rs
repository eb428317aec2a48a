//! Two locks in opposite orders: each task holds what the other one waits for.

use async_dsl::prelude::*;

/// An account is a channel of one place: a task that takes the balance has locked it.
fn account(balance: i32) -> Chan<i32> {
    let account = chan::fixed(1);
    account.try_put(balance).ok();
    account
}

/// Locks both accounts, in this order, and moves an amount.
#[linear]
async fn transfer(first: &Chan<i32>, second: &Chan<i32>, amount: i32) {
    let one = take!(first).unwrap_or_default();
    let two = take!(second).unwrap_or_default();
    put!(first, one - amount).ok();
    put!(second, two + amount).ok();
}

/// Each transfer first locks the account that it takes from.
#[linear]
pub async fn wrong() {
    let (alice, bob) = (account(100), account(100));
    let there = go!(|alice, bob| { transfer(&alice, &bob, 30).await });
    let back = go!(|alice, bob| { transfer(&bob, &alice, 10).await });
    there.await;
    back.await;
    assert_eq!((take!(alice), take!(bob)), (Some(80), Some(120)));
}

/// Both transfers lock Alice's account first.
#[linear]
pub async fn right() {
    let (alice, bob) = (account(100), account(100));
    let there = go!(|alice, bob| { transfer(&alice, &bob, 30).await });
    let back = go!(|alice, bob| { transfer(&alice, &bob, -10).await });
    there.await;
    back.await;
    assert_eq!((take!(alice), take!(bob)), (Some(80), Some(120)));
}
