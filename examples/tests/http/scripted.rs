//! Servers made by hand, so that they can be as broken as a test wants them.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread::{self, JoinHandle};

/// A server on a port of its own that plays a script for each of `connections`, one after another, and then ends.
pub(crate) struct Scripted<T> {
    address: SocketAddr,
    thread: JoinHandle<Vec<T>>,
}

impl<T: Send + 'static> Scripted<T> {
    pub(crate) fn new<F>(connections: usize, mut script: F) -> Self
    where
        F: FnMut(usize, TcpStream) -> T + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").expect("there is a port");
        let address = listener.local_addr().expect("it is bound");
        let play = move |number| {
            let (conn, _) = listener.accept().expect("it listens");
            conn.set_nodelay(true).expect("this is a socket");
            script(number, conn)
        };
        let thread = thread::spawn(move || (0..connections).map(play).collect());
        Self { address, thread }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    /// What the scripts gave, once all of them are played.
    pub(crate) fn played(self) -> Vec<T> {
        self.thread.join().expect("the script does not panic")
    }
}

/// A server that reads a request and gives the next of the answers, byte by byte; then it closes.
pub(crate) fn answering<A>(answers: Vec<A>) -> Scripted<String>
where
    A: AsRef<[u8]> + Send + 'static,
{
    Scripted::new(answers.len(), move |number, mut conn| {
        let request = request(&mut conn);
        for byte in answers[number].as_ref().chunks(1) {
            if !sent(&mut conn, byte) {
                break; // the client has seen enough
            }
        }
        request
    })
}

/// The head of a request.
pub(crate) fn request(conn: &mut impl Read) -> String {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        conn.read_exact(&mut byte).expect("a request comes");
        head.extend(byte);
    }
    String::from_utf8(head).expect("a request is text")
}

/// Whether the client is still there to take it.
pub(crate) fn sent(conn: &mut impl Write, bytes: &[u8]) -> bool {
    match conn.write_all(bytes).and_then(|()| conn.flush()) {
        Ok(()) => true,
        Err(error)
            if matches!(
                error.kind(),
                ErrorKind::BrokenPipe | ErrorKind::ConnectionReset
            ) =>
        {
            false
        }
        Err(error) => panic!("{error}"),
    }
}
