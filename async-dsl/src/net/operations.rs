//! What can be done with a connection, and with each of its directions.

use std::net::SocketAddr;
use std::time::Duration;
use std::{fmt, io};

use super::conn::{Conn, ConnPutter, ConnTaker};
use super::framing::Framing;
use super::{Error, Put, PutError, PutFor, Reserve, Take};
use crate::chan::{Source, Target};
use crate::runtime::block::Blocking;
use crate::runtime::place::At;
use crate::runtime::sync::lock;
use crate::runtime::time::{Timeout, timeout};

macro_rules! both_sides {
    ($port:ident) => {
        impl<C: Framing> $port<C> {
            /// Returns the address of the other side.
            ///
            /// # Errors
            ///
            /// That of the operating system; `Unsupported` on a Unix socket.
            pub fn peer_addr(&self) -> io::Result<SocketAddr> {
                self.shared.link.transport.peer_addr()
            }

            /// Returns the address of this side.
            ///
            /// # Errors
            ///
            /// That of the operating system; `Unsupported` on a Unix socket.
            pub fn local_addr(&self) -> io::Result<SocketAddr> {
                self.shared.link.transport.local_addr()
            }
        }

        impl<C: Framing> fmt::Debug for $port<C> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($port))
                    .field("transport", &self.shared.link.transport)
                    .finish_non_exhaustive()
            }
        }
    };
}

both_sides!(Conn);
both_sides!(ConnPutter);
both_sides!(ConnTaker);

macro_rules! take_side {
    ($port:ident) => {
        impl<C: Framing> $port<C> {
            /// Takes the next frame; this is what `take!` calls. Returns `None` at the peer's clean end, or after an
            /// error, which is returned once.
            ///
            /// Parks until a whole frame has arrived, first come, first served. Dropping the future loses nothing.
            #[track_caller]
            pub fn take(&self) -> Take<'_, C> {
                self.take_operation(At::caller())
            }

            /// Takes the next frame within a time limit. Nothing is lost if it elapses.
            ///
            /// # Errors
            ///
            /// [`Elapsed`](crate::time::Elapsed) if the time limit elapses first.
            ///
            /// # Examples
            ///
            /// ```
            /// use std::time::Duration;
            ///
            /// let (one, _other) = async_dsl::net::unix::pair().unwrap();
            /// async_dsl::block_on(async {
            ///     assert!(one.take_for(Duration::from_millis(1)).await.is_err());
            /// });
            /// ```
            #[track_caller]
            pub fn take_for(&self, limit: Duration) -> Timeout<Take<'_, C>> {
                timeout(limit, self.take())
            }
        }

        impl<C: Framing> $port<C> {
            /// Takes the next frame. Blocks this thread until it has arrived: for plain threads, and for `thread!`.
            ///
            /// # Panics
            ///
            /// Inside a task, where it would block a worker: use `take!` there.
            ///
            /// # Examples
            ///
            /// ```
            /// let (one, other) = async_dsl::net::unix::pair().unwrap();
            /// one.put_blocking(b"hello".to_vec()).unwrap();
            /// assert_eq!(other.take_blocking().unwrap().unwrap(), b"hello");
            /// ```
            #[track_caller]
            pub fn take_blocking(&self) -> Option<Result<C::Frame, Error>> {
                Blocking::new("take_blocking").on_io(self.take())
            }
        }

        impl<C: Framing> Source for $port<C> {
            type Item = Result<C::Frame, Error>;
            type Take<'a>
                = Take<'a, C>
            where
                Self: 'a;

            fn take_operation(&self, at: At) -> Take<'_, C> {
                // An abandoned poll of the handle itself must not stand in line before its operations.
                lock(&self.reading).give_up(|ticket| self.shared.link.input.leave(ticket));
                Take::new(&self.shared, at)
            }
        }
    };
}

take_side!(Conn);
take_side!(ConnTaker);

macro_rules! put_side {
    ($port:ident) => {
        impl<C: Framing> $port<C> {
            /// Puts a frame; this is what `put!` calls.
            ///
            /// Parks until the socket has taken the whole frame, first come, first served. If it is dropped before
            /// the frame was accepted, the put has not happened; if later, the rest is written in the background.
            ///
            /// # Errors
            ///
            /// [`PutError`](super::PutError), with the value if nothing of it was accepted.
            #[track_caller]
            pub fn put(&self, value: C::Put) -> Put<'_, C> {
                self.put_operation(value, At::caller())
            }

            /// Puts a frame within a time limit.
            ///
            /// # Errors
            ///
            /// [`PutError`](super::PutError), with the value if nothing of it was accepted.
            #[track_caller]
            pub fn put_for(&self, value: C::Put, limit: Duration) -> PutFor<'_, C> {
                self.put_for_operation(value, limit, At::caller())
            }

            /// Reserves the next turn to put, for a frame that is made later, as a put arm of `alt!` does.
            ///
            /// Parks until earlier frames are written and the socket takes bytes. Dropping the future, or the permit,
            /// loses nothing.
            ///
            /// # Examples
            ///
            /// ```
            /// use async_dsl::net::unix;
            ///
            /// async_dsl::block_on(async {
            ///     let (one, other) = unix::pair().unwrap();
            ///     one.reserve().await.put(b"made late".to_vec()).unwrap();
            ///     assert_eq!(other.take().await.unwrap().unwrap(), b"made late");
            /// });
            /// ```
            #[track_caller]
            pub fn reserve(&self) -> Reserve<'_, C> {
                self.reserve_operation(At::caller())
            }

            /// Puts a frame. Blocks this thread until the socket has taken it: for plain threads, and for `thread!`.
            ///
            /// # Errors
            ///
            /// [`PutError`], with the value if nothing of it was accepted.
            ///
            /// # Panics
            ///
            /// Inside a task, where it would block a worker: use `put!` there.
            #[track_caller]
            pub fn put_blocking(&self, value: C::Put) -> Result<(), PutError<C::Put>> {
                Blocking::new("put_blocking").on_io(self.put(value))
            }

            fn give_up_writing(&self) {
                let link = &self.shared.link;
                lock(&self.writing).give_up(|ticket| link.leave_output(ticket));
            }

            /// Closes the sending direction: accepted frames are written, then the peer sees the end. Later puts return
            /// their value. Takes go on to the peer's end. Returns whether this call closed it.
            pub fn close(&self) -> bool {
                self.shared.link.close()
            }
        }

        impl<C: Framing> Target for $port<C> {
            type Item = C::Put;
            type Put<'a>
                = Put<'a, C>
            where
                Self: 'a;
            type PutFor<'a>
                = PutFor<'a, C>
            where
                Self: 'a;
            type Reserve<'a>
                = Reserve<'a, C>
            where
                Self: 'a;

            fn put_operation(&self, value: C::Put, at: At) -> Put<'_, C> {
                self.give_up_writing();
                Put::new(&self.shared, value, at)
            }

            fn put_for_operation(&self, value: C::Put, limit: Duration, at: At) -> PutFor<'_, C> {
                self.give_up_writing();
                PutFor::new(&self.shared, value, limit, at)
            }

            fn reserve_operation(&self, at: At) -> Reserve<'_, C> {
                self.give_up_writing();
                Reserve::new(&self.shared, at)
            }
        }
    };
}

put_side!(Conn);
put_side!(ConnPutter);
