//! The framing of lines, on bytes that anybody may have sent.

use async_dsl::net::{Error, Lines, unix};
use async_dsl::prelude::*;
use async_dsl::scheduler::Scheduler;
use proptest::collection::vec;
use proptest::prelude::*;

/// What the framing must give for these bytes: the lines, and how they end.
fn expected(bytes: &[u8], max: usize) -> (Vec<String>, Result<(), &'static str>) {
    let mut lines = Vec::new();
    let mut rest = bytes;
    loop {
        let (line, is_last) = match rest.iter().position(|byte| *byte == b'\n') {
            Some(end) => {
                let line = &rest[..end];
                rest = &rest[end + 1..];
                (line.strip_suffix(b"\r").unwrap_or(line), false)
            }
            None if rest.is_empty() => return (lines, Ok(())),
            None => (rest, true),
        };
        if line.len() > max {
            return (lines, Err("too long"));
        }
        match std::str::from_utf8(line) {
            Ok(line) => lines.push(line.to_owned()),
            Err(_) => return (lines, Err("not UTF-8")),
        }
        if is_last {
            return (lines, Ok(()));
        }
    }
}

fn taken(parts: Vec<Vec<u8>>, max: usize) -> (Vec<String>, Result<(), &'static str>) {
    Scheduler::manual().block_on(async_block!({
        let (one, other) = unix::pair().unwrap();
        let other = other.framed(Lines::new().max(max));
        go!({
            for part in parts {
                put!(one, part).ok();
                yield_now!();
            }
        });
        let mut lines = Vec::new();
        loop {
            match take!(other) {
                None => break (lines, Ok(())),
                Some(Ok(line)) => lines.push(line),
                Some(Err(Error::TooLong { max: said })) => {
                    assert_eq!(said, max);
                    break (lines, Err("too long"));
                }
                Some(Err(Error::InvalidUtf8)) => break (lines, Err("not UTF-8")),
                Some(Err(error)) => panic!("{error}"),
            }
        }
    }))
}

/// Bytes of which many are line ends, and some are no text.
fn hostile() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let byte = prop_oneof![
        8 => b'a'..=b'z',
        2 => Just(b'\n'),
        2 => Just(b'\r'),
        1 => any::<u8>(),
    ];
    vec(vec(byte, 0..40), 0..12)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn lines_do_not_depend_on_how_the_bytes_come(parts in hostile(), max in 0usize..50) {
        let bytes = parts.concat();
        let (lines, end) = expected(&bytes, max);
        prop_assert_eq!(taken(vec![bytes.clone()], max), (lines.clone(), end));
        prop_assert_eq!(taken(parts, max), (lines.clone(), end));
        let singly = bytes.iter().map(|byte| vec![*byte]).collect();
        prop_assert_eq!(taken(singly, max), (lines, end));
    }
}

#[test]
fn a_line_of_the_limit_is_given_and_one_more_is_not() {
    for end in ["\n", "\r\n"] {
        let line = format!("{}{end}", "x".repeat(10));
        assert_eq!(taken(vec![line.clone().into_bytes()], 10).1, Ok(()));
        assert_eq!(taken(vec![line.into_bytes()], 9).1, Err("too long"));
    }
}

#[test]
fn an_endless_line_is_an_error_before_it_ends() {
    let scheduler = Scheduler::manual();
    scheduler.block_on(async_block!({
        let (one, other) = unix::pair().unwrap();
        let other = other.framed(Lines::new());
        // It never ends: whoever waited for its end would wait for ever.
        let writer = go!({ while put!(one, vec![b'x'; 4096]).is_ok() {} });
        assert!(matches!(
            take!(other),
            Some(Err(Error::TooLong { max: 65_536 }))
        ));
        drop(other);
        writer.await;
    }));
}
