//! How a connection ends, cleanly or not, for whoever uses it.

use std::net::Shutdown;
use std::time::{Duration, Instant};

use async_dsl::net::{Chunks, Error, Lines, Listener, PutError, tcp, unix};
use async_dsl::prelude::*;
use async_dsl::time::Elapsed;
use futures_lite::{AsyncReadExt, AsyncWriteExt, StreamExt};

use super::lines;

#[async_dsl::test(threads = 2)]
async fn the_peers_end_is_none_again_and_again() {
    let (one, other) = lines();
    drop(other);
    for _ in 0..3 {
        assert!(take!(one).is_none());
    }
}

#[async_dsl::test(threads = 2)]
async fn an_error_comes_once_and_then_the_end_again_and_again() {
    let (one, other) = lines();
    let other = other.framed(Chunks);
    put!(other, b"good\nb\xffd\ngood\n".to_vec()).unwrap();
    assert_eq!(take!(one).unwrap().unwrap(), "good");
    assert!(matches!(take!(one), Some(Err(Error::InvalidUtf8))));
    for _ in 0..3 {
        assert!(take!(one).is_none());
    }
    // Other handles, and other framings, see the same end.
    assert!(take!(one.clone().framed(Chunks)).is_none());
    // The other direction goes on.
    put!(one, "still".to_string()).unwrap();
    assert_eq!(take!(other).unwrap().unwrap(), b"still\n");
}

#[async_dsl::test(threads = 2)]
async fn a_reset_is_an_error_and_no_end() {
    let listener = tcp::listen(0).await.unwrap();
    let client = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let conn = listener.accept().await.unwrap();
    let socket = socket2::SockRef::from(&client);
    socket.set_linger(Some(Duration::ZERO)).unwrap();
    drop(client); // resets
    assert!(matches!(take!(conn), Some(Err(Error::Io(_)))));
    assert!(take!(conn).is_none());
}

#[async_dsl::test(threads = 2)]
async fn a_loop_that_skips_errors_ends() {
    let bad = b"good\nb\xffd\ngood\n".to_vec();
    let (one, other) = unix::pair().unwrap();
    put!(one, bad.clone()).unwrap();
    let conn = other.framed(Lines::new());
    let mut good = 0;
    while let Some(line) = take!(conn) {
        let Ok(line) = line else { continue };
        assert_eq!(line, "good");
        good += 1;
    }
    assert_eq!(good, 1);

    let (one, other) = unix::pair().unwrap();
    put!(one, bad.clone()).unwrap();
    let (_putter, taker) = other.framed(Lines::new()).split();
    assert_eq!(taker.filter_map(Result::ok).count().await, 1);

    let (one, other) = unix::pair().unwrap();
    put!(one, bad).unwrap();
    let (putter, taker) = other.framed(Lines::new()).split();
    let mut errors = 0;
    let good = loop {
        alt! {
            line = take!(taker) => match line {
                Some(Ok(line)) => put!(putter, line).unwrap(),
                Some(Err(_)) => errors += 1,
                None => break take!(one).unwrap().unwrap(),
            }
            sleep!(1min) => panic!("it does not end"),
        }
    };
    assert_eq!((errors, good), (1, b"good\n".to_vec()));

    let (one, other) = unix::pair().unwrap();
    put!(one, b"b\xffd\n".to_vec()).unwrap();
    let conn = other.framed(Lines::new());
    let blocking = thread!({
        let errors = std::iter::from_fn(|| conn.take_blocking());
        errors.filter(Result::is_err).count()
    });
    assert_eq!(blocking.await, 1);
}

#[async_dsl::test(threads = 2)]
async fn an_error_is_read_once_and_then_the_end() {
    let listener = tcp::listen(0).await.unwrap();
    let client = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let mut conn = listener.accept().await.unwrap();
    let socket = socket2::SockRef::from(&client);
    socket.set_linger(Some(Duration::ZERO)).unwrap();
    drop(client); // resets
    let mut buffer = [0; 10];
    AsyncReadExt::read(&mut conn, &mut buffer)
        .await
        .unwrap_err();
    for _ in 0..3 {
        let read = AsyncReadExt::read(&mut conn, &mut buffer).await;
        assert_eq!(read.unwrap(), 0);
    }
    assert!(take!(conn).is_none());
}

#[async_dsl::test(threads = 2)]
async fn of_several_takers_one_is_told_of_the_error_and_all_of_the_end() {
    let (one, other) = lines();
    let takers: Vec<Task<usize>> = (0..4)
        .map(|_| {
            go!(|one| {
                let mut errors = 0;
                while let Some(line) = take!(one) {
                    errors += usize::from(line.is_err());
                }
                errors
            })
        })
        .collect();
    let other = other.framed(Chunks);
    put!(other, b"b\xffd\n".to_vec()).unwrap();
    let mut errors = 0;
    for taker in takers {
        errors += taker.await;
    }
    assert_eq!(errors, 1);
}

#[async_dsl::test(threads = 2)]
async fn every_put_into_a_broken_connection_gets_its_value_back() {
    let (one, other) = lines();
    drop(other);
    let first = loop {
        if let Err(error) = put!(one, "lost".to_string()) {
            break error;
        }
    };
    assert!(matches!(first.error(), Error::Io(_)));
    // A loop that tries on without end lets others go on, and its time come.
    let trying = go!({
        timeout!(5ms, {
            loop {
                let error = put!(one, "kept".to_string()).unwrap_err();
                assert!(matches!(error.error(), Error::Io(_)));
                assert_eq!(error.into_value().unwrap(), "kept");
            }
        })
    });
    let _: Elapsed = trying.await.unwrap_err();
}

#[async_dsl::test(threads = 2)]
async fn a_flush_without_end_lets_its_time_come() {
    let (mut one, _other) = unix::pair().unwrap();
    let flushing = go!({
        timeout!(5ms, {
            loop {
                AsyncWriteExt::flush(&mut one).await.unwrap();
            }
        })
    });
    let _: Elapsed = flushing.await.unwrap_err();
}

/// An error of a program's own, with one `From`.
#[derive(Debug)]
struct Mine(std::io::Error);

impl<E: Into<std::io::Error>> From<E> for Mine {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

/// Uses everything of the network that can fail, up to this step, which does.
#[linear]
async fn fails_at<E>(step: usize) -> Result<(), E>
where
    E: From<std::io::Error> + From<Error> + From<PutError<Vec<u8>>> + From<Elapsed>,
{
    let listener = tcp::listen(0).await?;
    let address = listener.local_addr()?;
    let mut conn = tcp::connect(address).await?;
    let mut other = listener.accept().await?;
    match step {
        0 => drop(tcp::listen(address).await?),
        1 => drop(tcp::connect("no port").await?),
        2 => timeout!(1ms, { take!(conn).map(drop) }).map(drop)?,
        3 => {
            other.close();
            put!(other, vec![1])?;
        }
        4 => {
            other.close();
            put!(other, vec![1], 1ms)?;
        }
        5 => {
            other.close();
            other.reserve().await.put(vec![1])?;
        }
        6 => {
            other.close();
            other.write_all(&[1]).await?;
        }
        7 => {
            put!(other, b"b\xffd\n".to_vec())?;
            take!(conn.framed(Lines::new())).transpose()?;
        }
        8 => {
            drop(other);
            conn.read_exact(&mut [0]).await?;
        }
        _ => drop(unix::connect("/no/such/socket").await?),
    }
    Ok(())
}

#[async_dsl::test(threads = 2)]
async fn every_error_of_the_network_is_an_io_error_of_a_fitting_kind() {
    use std::io::ErrorKind::{
        AddrInUse, BrokenPipe, InvalidData, InvalidInput, NotFound, TimedOut, UnexpectedEof,
    };
    let kinds = [
        AddrInUse,
        InvalidInput,
        TimedOut,
        BrokenPipe,
        BrokenPipe,
        BrokenPipe,
        BrokenPipe,
        InvalidData,
        UnexpectedEof,
        NotFound,
    ];
    for (step, kind) in kinds.into_iter().enumerate() {
        let error = fails_at::<std::io::Error>(step).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{step}: {error}");
        let Mine(error) = fails_at(step).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{step}: {error}");
    }
}

/// The time goes by the system's clock, as the socket does.
#[async_dsl::test(threads = 2)]
async fn a_listener_that_is_of_no_use_says_so_each_time_after_a_wait() {
    let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let broken = socket.try_clone().unwrap();
    let listener = Listener::try_from(socket).unwrap();
    socket2::SockRef::from(&broken)
        .shutdown(Shutdown::Both)
        .unwrap();
    let start = Instant::now();
    for _ in 0..4 {
        listener.accept().await.unwrap_err();
    }
    // Not before the first, then 50, 100 and 200 ms.
    assert!(start.elapsed() >= Duration::from_millis(350));
}
