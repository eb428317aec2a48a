//! Which arm of an `alt!` wins when several are ready.

use async_dsl::prelude::*;

const ROUNDS: u32 = 10_000;

// With the randomness of real schedulers. Three ready arms: each count is binomial with p = 1/3; five standard
// deviations are 5 * sqrt(n * 2/9), and a fair choice is outside of them less than once in a million runs.
#[async_dsl::test(threads = 1)]
async fn ready_arms_are_chosen_uniformly() {
    let (a, b) = (chan::sliding(1), chan());
    let (resolver, promise) = promise();
    resolver.deliver(0);
    let promise = promise.clone(); // it gives its value any number of times
    let mut wins = [0_u32; 3];
    for _ in 0..ROUNDS {
        a.try_put(1).unwrap();
        let winner = alt! {
            value = take!(a) => { assert_eq!(value, Some(1)); 0 },
            sent = put!(b, 1) => { sent.unwrap(); 1 },
            _ = await!(promise) => 2,
        };
        wins[winner] += 1;
    }
    let margin = 5.0 * (f64::from(ROUNDS) * 2.0 / 9.0).sqrt();
    for count in wins {
        assert!(
            (f64::from(count) - f64::from(ROUNDS) / 3.0).abs() < margin,
            "{wins:?}"
        );
    }
    assert_eq!(b.len(), usize::try_from(wins[1]).unwrap());
}

#[async_dsl::test]
async fn biased_takes_ready_arms_in_order() {
    let (a, b) = (chan(), chan());
    for n in 0..100 {
        a.try_put(n).unwrap();
        b.try_put(n).unwrap();
    }
    for n in 0..100 {
        let from_a = alt! {
            biased;
            value = take!(a) => value == Some(n),
            _ = take!(b) => false,
        };
        assert!(from_a);
    }
    assert_eq!((a.len(), b.len()), (0, 100));
}

// I16, S35. A fair choice leaves one of three out of a thousand rounds less than once in 10^175 runs.
#[async_dsl::test]
async fn each_of_three_ready_channels_wins_sometimes_and_nothing_else_does() {
    let three = ['a', 'b', 'c'].map(|label| {
        let c = chan();
        (0..1000).for_each(|_| c.try_put(label).unwrap());
        c
    });
    let [a, b, c] = &three;
    let mut labels = String::new();
    for _ in 0..1000 {
        let label = alt! {
            label = take!(a) => label,
            label = take!(b) => label,
            label = take!(c) => label,
        };
        labels.extend(label);
        assert_eq!(
            three.iter().map(Chan::len).sum::<usize>(),
            3000 - labels.len()
        );
    }
    assert!(labels[..20].chars().all(|label| "abc".contains(label)));
    let counts = ['a', 'b', 'c'].map(|label| labels.matches(label).count());
    assert_eq!(counts.map(|n| n > 0), [true; 3], "{counts:?}");
}

// S35
#[async_dsl::test]
async fn of_two_delivered_promises_either_wins() {
    let (one, first) = promise();
    let (two, second) = promise();
    one.deliver(1);
    two.deliver(2);
    let mut won = [false; 2];
    for _ in 0..200 {
        let winner: usize = alt! {
            n = await!(first.clone()) => n.unwrap(),
            n = await!(second.clone()) => n.unwrap(),
        };
        won[winner - 1] = true;
    }
    assert_eq!(won, [true; 2]);
}

// X1
#[async_dsl::test]
async fn alts_says_which_channel_and_which_value() {
    let chans: Vec<Chan<u32>> = (0..20).map(|_| chan::fixed(1)).collect();
    for (n, c) in (0..).zip(&chans) {
        c.try_put(n).unwrap();
        let (index, value) = alts(chans.iter().map(Chan::take)).await.unwrap();
        assert_eq!((u32::try_from(index), value), (Ok(n), Some(n)));
    }
    let reserved = alts(chans.iter().map(Chan::reserve)).await.unwrap();
    assert_eq!(reserved.1.put(42), Ok(()));
    assert_eq!(chans[reserved.0].try_take(), Ok(42));
}

// I16
#[async_dsl::test(threads = 1)]
async fn alts_is_uniform_too_and_biased_if_asked() {
    let chans: Vec<Chan<u32>> = (0..20).map(|_| chan::sliding(1)).collect();
    let mut wins = [0_u32; 20];
    for _ in 0..ROUNDS {
        for c in &chans {
            c.try_put(1).unwrap();
        }
        let (index, _) = alts(chans.iter().map(Chan::take)).await.unwrap();
        wins[index] += 1;
    }
    // Each is binomial with p = 1/20; six standard deviations.
    let margin = 6.0 * (f64::from(ROUNDS) * 19.0 / 400.0).sqrt();
    for count in wins {
        assert!(
            (f64::from(count) - f64::from(ROUNDS) / 20.0).abs() < margin,
            "{wins:?}"
        );
    }
    for c in &chans {
        c.try_put(1).unwrap();
    }
    chans[0].try_take().unwrap();
    let (index, _) = alts(chans.iter().map(Chan::take)).biased().await.unwrap();
    assert_eq!(index, 1);
}
