//! What a server said last arrives, even at a peer whose bytes it did not read.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use async_dsl::net::{Conn, Options, tcp};
use futures_lite::{AsyncReadExt, AsyncWriteExt};

/// Answers after the first byte, ends its direction if it is told to, and drops the connection with the rest unread.
async fn answer(mut conn: Conn, closes: bool) {
    conn.read_exact(&mut [0]).await.unwrap();
    conn.write_all(b"enough").await.unwrap();
    if closes {
        conn.close();
    }
}

#[test]
fn the_last_reply_is_not_lost_to_a_reset() {
    for closes in [false, true] {
        async_dsl::block_on(async {
            let options = Options::new().linger(Duration::from_secs(60));
            let handler = move |conn| answer(conn, closes);
            let server = tcp::serve(0, options, handler).await.unwrap();
            let address = server.local_addr().unwrap();
            let client = async_dsl::thread!({
                let mut conn = TcpStream::connect(address).unwrap();
                conn.write_all(&[0; 1000]).unwrap();
                let mut reply = String::new();
                conn.read_to_string(&mut reply).unwrap();
                assert_eq!(reply, "enough");
                // The other side still listens: a reset may overtake the reply.
                (0..1000).try_for_each(|_| conn.write_all(&[0]))
            });
            assert!(client.await.is_ok(), "closes: {closes}");
        });
    }
}
