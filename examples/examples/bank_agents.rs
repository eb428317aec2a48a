//! Accounts as agents: each keeps its own state and does one thing at a time, so no lock is needed and no
//! money is made or lost.

use async_dsl::agent::ErrorMode;
use async_dsl::prelude::*;

#[derive(Debug)]
struct Overdrawn(i64);

impl std::fmt::Display for Overdrawn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} short", self.0)
    }
}

impl std::error::Error for Overdrawn {}

/// Moves money: the deposit is sent from inside the withdrawal, so it happens only if that succeeds.
fn transfer(from: &Agent<i64>, to: &Agent<i64>, amount: i64) {
    let to = to.clone();
    send!(from, |balance| -> Result<i64, Overdrawn> {
        if balance < amount {
            return Err(Overdrawn(amount - balance));
        }
        send!(to, |balance| balance + amount).expect("accounts stay open");
        Ok(balance - amount)
    })
    .expect("accounts stay open");
}

#[async_dsl::main]
async fn main() {
    // A failing action changes nothing; in this mode the agent goes on. The failure is reported on standard error,
    // unless the program sets a hook.
    async_dsl::agent::on_failure(|_| {});
    let account = |start| agent(start).error_mode(ErrorMode::Continue);
    let (ann, bob, cem) = (account(100), account(100), account(100));

    let transfers: Vec<Task<()>> = (0..3)
        .map(|_| {
            go!(|ann, bob, cem| {
                for _ in 0..100 {
                    transfer(&ann, &bob, 7);
                    transfer(&bob, &cem, 5);
                    transfer(&cem, &ann, 9);
                    yield_now!();
                }
            })
        })
        .collect();
    for task in transfers {
        task.await;
    }

    // Money on its way is in an action: let each account finish, and the actions that it sent.
    for account in [&ann, &bob, &cem, &ann, &bob, &cem] {
        account.settled().await.expect("accounts stay open");
    }
    let balances: Vec<i64> = [&ann, &bob, &cem]
        .iter()
        .map(|account| account.get().expect("accounts stay open"))
        .collect();
    println!(
        "nobody is overdrawn: {}",
        balances.iter().all(|balance| *balance >= 0)
    );
    println!("together: {}", balances.iter().sum::<i64>());
}
