//! The operations of a channel's handles, each with the ends that it has.

use std::fmt;
use std::time::Duration;

use super::error::{Closed, TryPutError, TryTakeError};
use super::handle::Line;
use super::state::{Answer, State, Stats, Waiting};
use super::{Chan, Put, PutFor, Putter, Reserve, Take, TakeFor, Taker};
use crate::chan::inspected;
use crate::runtime::block::Blocking;
use crate::runtime::explore::access::Kind as Touch;
use crate::runtime::place::At;

macro_rules! take_side {
    ($port:ident) => {
        impl<T> $port<T> {
            /// Takes the next value. Returns `None` once the channel is closed and empty.
            ///
            /// Parks until there is a value, first come, first served. On a closed channel it also parks while a value
            /// that was handed to another taker may come back, because that taker has not run yet and could be
            /// cancelled. Dropping the future loses nothing.
            ///
            /// ```
            /// use async_dsl::prelude::*;
            ///
            /// async_dsl::block_on(async {
            ///     let c = chan();
            ///     c.put(1).await.unwrap();
            ///     c.close();
            ///     assert_eq!((c.take().await, c.take().await), (Some(1), None));
            /// });
            /// ```
            #[track_caller]
            pub fn take(&self) -> Take<'_, T> {
                Take::new(&self.shared, At::caller())
            }

            /// Takes the next value within a time limit. Returns `Ok(None)` once the channel is closed and empty.
            ///
            /// Parks until there is a value, or until the limit elapses. If both happen at once, the value wins: a put
            /// at a rendezvous that is done has been taken. Dropping the future loses nothing.
            ///
            /// # Errors
            ///
            /// [`Elapsed`](crate::time::Elapsed) if the time limit elapses first.
            ///
            /// ```
            /// use async_dsl::prelude::*;
            /// use std::time::Duration;
            ///
            /// async_dsl::block_on(async {
            ///     let c = chan::<u32>();
            ///     let moment = Duration::from_millis(1);
            ///     assert!(c.take_for(moment).await.is_err());
            ///     c.close();
            ///     assert_eq!(c.take_for(moment).await, Ok(None));
            /// });
            /// ```
            #[track_caller]
            pub fn take_for(&self, limit: Duration) -> TakeFor<Take<'_, T>> {
                TakeFor::new(self.take(), limit)
            }

            /// Takes a value if one can be had at once. It never parks.
            ///
            /// # Errors
            ///
            /// [`TryTakeError::Empty`] if there is no value now, [`TryTakeError::Closed`] if there will never be one:
            /// only once every value that was handed to a taker has been collected by it.
            ///
            /// ```
            /// use async_dsl::chan::{TryTakeError, chan};
            ///
            /// let c = chan();
            /// c.try_put(1).unwrap();
            /// assert_eq!((c.try_take(), c.try_take()), (Ok(1), Err(TryTakeError::Empty)));
            /// c.close();
            /// assert_eq!(c.try_take(), Err(TryTakeError::Closed));
            /// ```
            #[track_caller]
            pub fn try_take(&self) -> Result<T, TryTakeError> {
                let taken = match self.shared.take_or(State::try_take) {
                    Answer::Done(Some(value)) => Ok(value),
                    Answer::Done(None) => Err(TryTakeError::Closed),
                    _ => Err(TryTakeError::Empty),
                };
                self.shared.touch(if taken.is_ok() {
                    Touch::Took
                } else {
                    Touch::TryTake
                });
                taken
            }

            /// Takes the next value. Returns `None` once the channel is closed and empty.
            ///
            /// Blocks this thread until there is a value: for plain threads, and for `thread!`.
            ///
            /// # Panics
            ///
            /// Inside a task, where it would block a worker: use `take!` there.
            ///
            /// ```
            /// use async_dsl::prelude::*;
            ///
            /// let c = chan::fixed(0);
            /// go!(|c| put!(c, 7));
            /// assert_eq!(c.take_blocking(), Some(7));
            /// ```
            #[track_caller]
            pub fn take_blocking(&self) -> Option<T> {
                Blocking::new("take_blocking").on(self.take())
            }
        }
    };
}

macro_rules! put_side {
    ($port:ident) => {
        impl<T> $port<T> {
            /// Puts a value.
            ///
            /// Parks while the buffer is full, or at a rendezvous until a taker comes; first come, first served.
            /// Dropping the future while it is parked drops the value with it.
            ///
            /// # Errors
            ///
            /// [`Closed`] with the value if the channel is closed, or closes while this is parked.
            ///
            /// ```
            /// use async_dsl::prelude::*;
            ///
            /// async_dsl::block_on(async {
            ///     let c = chan::fixed(1);
            ///     c.put(1).await.unwrap();
            ///     c.close();
            ///     assert_eq!(c.put(2).await, Err(Closed(2)));
            /// });
            /// ```
            #[track_caller]
            pub fn put(&self, value: T) -> Put<'_, T> {
                Put::new(&self.shared, value, At::caller())
            }

            /// Puts a value within a time limit.
            ///
            /// Parks while there is no room, until the limit elapses. Dropping the future while it is parked drops the
            /// value with it.
            ///
            /// # Errors
            ///
            /// [`PutError`](super::PutError) with the value: the channel is closed, or the limit elapsed.
            ///
            /// ```
            /// use async_dsl::prelude::*;
            /// use std::time::Duration;
            ///
            /// async_dsl::block_on(async {
            ///     let c = chan::fixed(0);
            ///     let late = c.put_for(1, Duration::from_millis(1)).await;
            ///     assert_eq!(late, Err(PutError::Elapsed(1)));
            /// });
            /// ```
            #[track_caller]
            pub fn put_for(&self, value: T, limit: Duration) -> PutFor<'_, T> {
                PutFor::new(&self.shared, value, limit, At::caller())
            }

            /// Puts a value if that can be done at once. It never parks.
            ///
            /// # Errors
            ///
            /// [`TryPutError`] with the value: there is no room now, or the channel is closed.
            ///
            /// ```
            /// use async_dsl::chan::{TryPutError, fixed};
            ///
            /// let c = fixed(1);
            /// assert_eq!((c.try_put(1), c.try_put(2)), (Ok(()), Err(TryPutError::Full(2))));
            /// ```
            #[track_caller]
            pub fn try_put(&self, value: T) -> Result<(), TryPutError<T>> {
                let put = self.shared.try_put(&mut Some(value));
                self.shared.note_try_put(put.is_ok());
                put
            }

            /// Puts a value.
            ///
            /// Blocks this thread while there is no room: for plain threads, and for `thread!`.
            ///
            /// # Errors
            ///
            /// [`Closed`] with the value if the channel is closed, or closes meanwhile.
            ///
            /// # Panics
            ///
            /// Inside a task, where it would block a worker: use `put!` there.
            ///
            /// ```
            /// use async_dsl::prelude::*;
            ///
            /// let c = chan::fixed(0);
            /// let taker = go!(|c| take!(c));
            /// c.put_blocking(7).unwrap();
            /// assert_eq!(async_dsl::block_on(taker), Some(7));
            /// ```
            #[track_caller]
            pub fn put_blocking(&self, value: T) -> Result<(), Closed<T>> {
                Blocking::new("put_blocking").on(self.put(value))
            }

            /// Reserves a place for one value, to be put later with [`Permit::put`](super::Permit::put).
            ///
            /// Parks like a put. On a closed channel it returns a permit whose put fails. Dropping the future or the
            /// permit frees the place.
            ///
            /// ```
            /// use async_dsl::prelude::*;
            ///
            /// async_dsl::block_on(async {
            ///     let c = chan::fixed(1);
            ///     let permit = c.reserve().await;
            ///     assert!(c.try_put(1).is_err(), "the place is taken");
            ///     permit.put(2).unwrap();
            ///     assert_eq!(c.take().await, Some(2));
            /// });
            /// ```
            #[track_caller]
            pub fn reserve(&self) -> Reserve<'_, T> {
                Reserve::new(&self.shared, At::caller())
            }
        }
    };
}

macro_rules! both_sides {
    ($port:ident) => {
        impl<T> $port<T> {
            /// Closes the channel. Returns whether this call closed it.
            ///
            /// Values in the buffer can still be taken. Parked takes return `None`, also one that a
            /// [`Permit`](super::Permit) has reserved, unless a value that was handed to another taker may still come
            /// back: then they stay parked for that. Parked and later puts, and those of permits, return their value
            /// with the error.
            ///
            /// ```
            /// use async_dsl::prelude::*;
            ///
            /// let c = chan::<u32>();
            /// assert_eq!((c.close(), c.close(), c.is_closed()), (true, false, true));
            /// ```
            #[allow(clippy::must_use_candidate)]
            pub fn close(&self) -> bool {
                self.shared.touch(Touch::Close);
                self.shared.with_noted(|state, fx| state.close(fx))
            }

            /// Returns whether the channel is closed. There may still be values to take.
            ///
            /// ```
            /// let (putter, taker) = async_dsl::chan::fixed::<u32>(1).split();
            /// drop(putter);
            /// assert!(taker.is_closed());
            /// ```
            pub fn is_closed(&self) -> bool {
                self.shared.touch(Touch::IsClosed);
                self.shared.look(State::is_closed)
            }

            /// Returns the number of values that can be taken now. At a rendezvous that is 0, except for values whose
            /// takers were cancelled: see [`fixed`](super::fixed).
            ///
            /// ```
            /// let c = async_dsl::chan::chan();
            /// c.try_put(1).unwrap();
            /// assert_eq!((c.len(), c.is_empty()), (1, false));
            /// ```
            pub fn len(&self) -> usize {
                self.shared.touch(Touch::Len);
                self.shared.look(State::len)
            }

            /// Returns whether there is no value to take now.
            ///
            /// ```
            /// assert!(async_dsl::chan::chan::<u32>().is_empty());
            /// ```
            pub fn is_empty(&self) -> bool {
                self.len() == 0
            }

            /// Returns the largest number of values that the buffer holds: `None` is no limit, 0 is a rendezvous.
            ///
            /// ```
            /// use async_dsl::chan::{chan, fixed};
            ///
            /// assert_eq!((chan::<u32>().capacity(), fixed::<u32>(2).capacity()), (None, Some(2)));
            /// ```
            pub fn capacity(&self) -> Option<usize> {
                self.shared.look(State::capacity)
            }

            /// Returns the number of values that were accepted and then discarded: see [`Stats::discarded`].
            ///
            /// ```
            /// let c = async_dsl::chan::sliding(1);
            /// c.try_put(1).unwrap();
            /// c.try_put(2).unwrap();
            /// assert_eq!(c.discarded(), 1);
            /// ```
            pub fn discarded(&self) -> u64 {
                self.stats().discarded
            }

            /// Returns the channel's counters.
            ///
            /// ```
            /// let c = async_dsl::chan::chan();
            /// c.try_put(1).unwrap();
            /// c.try_put(2).unwrap();
            /// c.try_take().unwrap();
            /// let stats = c.stats();
            /// assert_eq!((stats.puts, stats.takes, stats.high_water), (2, 1, 2));
            /// ```
            pub fn stats(&self) -> Stats {
                self.shared.watch();
                self.shared.look(|state| state.stats)
            }

            /// Returns the channel's number, which [`inspect`](crate::inspect) shows: unique in the program, and 0 in a build
            /// that does not inspect.
            ///
            /// ```
            /// let c = async_dsl::chan::chan::<u32>();
            /// let snapshot = async_dsl::inspect::snapshot();
            /// assert!(snapshot.channels.iter().any(|channel| channel.number == c.number()));
            /// ```
            pub fn number(&self) -> u64 {
                inspected::channel_number(self.shared.registered())
            }

            /// Returns the numbers of puts and takes that are parked in line now. An `alt!` counts once for each of its
            /// arms.
            ///
            /// ```
            /// let c = async_dsl::chan::chan::<u32>();
            /// assert_eq!(c.waiting().takers, 0);
            /// ```
            pub fn waiting(&self) -> Waiting {
                self.shared.watch();
                self.shared.look(|state| Waiting {
                    putters: state.putters.queued(),
                    takers: state.takers.queued(),
                })
            }
        }

        impl<T> fmt::Debug for $port<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.shared.watch();
                let (takers, putters) = self.shared.look(State::parked_at);
                f.debug_struct(stringify!($port))
                    .field("len", &self.len())
                    .field("capacity", &self.capacity())
                    .field("closed", &self.is_closed())
                    .field("made_at", &Line(self.shared.made_at()))
                    .field("takers_parked_at", &takers)
                    .field("putters_parked_at", &putters)
                    .finish()
            }
        }
    };
}

take_side! { Chan }
take_side! { Taker }
put_side! { Chan }
put_side! { Putter }
both_sides! { Chan }
both_sides! { Putter }
both_sides! { Taker }
