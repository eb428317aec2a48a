//! The head of a block, and I18: what a block names and does not use is no warning.
#![deny(warnings)]
use async_dsl::prelude::*;
use std::io;

fn main() {
    let (a, b, none) = (chan::fixed(4), vec![1], None::<u32>);
    let task = go!(|a, mut b, none| -> io::Result<usize> {
        b.push(2);
        put!(a, b.len()).map_err(io::Error::other)?;
        Ok(take!(a).unwrap_or(0))
    });
    assert_eq!(async_dsl::block_on(task).unwrap(), 2);
    assert_eq!((b.len(), none), (1, None));
    assert!(put_all(&a));

    let future = async_block!(|a| take!(a));
    assert_eq!(async_dsl::block_on(future), Some(1));
    let read = thread!(|a| -> io::Result<Option<i32>> {
        let text = std::str::from_utf8(b"2").map_err(io::Error::other)?;
        assert_eq!(text, "2");
        Ok(None)
    });
    assert!(async_dsl::block_on(read).is_ok());
    assert_eq!(async_dsl::block_on(go!(2 + 2)), 4);
    assert_eq!(async_dsl::block_on(go! { let two = 2; two + 2 }), 4);
    let text = agent((String::new(), 0));
    send!(text, |(mut text, n)| -> Result<(String, i32), io::Error> {
        text.push('x');
        sleep!(1us);
        Err(io::Error::other("no")).or(Ok::<_, io::Error>((text, n + 1)))
    })
    .unwrap();
    send!(text, |mut state| { state.1 += 1; state }).unwrap();
    text.settled_blocking().unwrap();
    assert_eq!(text.get().unwrap(), ("x".to_owned(), 2));
}

fn put_all(a: &Chan<usize>) -> bool {
    async_dsl::block_on(async_block!({ put!(a, 1).is_ok() }))
}
