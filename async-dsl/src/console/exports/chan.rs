//! An exported channel, with its type erased.

use std::sync::Arc;
use std::time::Duration;

use self::sealed::AnyPort;
use super::super::value::{FromValue, Room, ToValue, Value};
use super::super::wait::{Over, Wait};
use crate::chan::{Chan, Closed, Putter, Seen, Taker, WeakChan};
use crate::runtime::place::Line;

/// A handle to a channel that [`Exports::chan`](super::Exports::chan) accepts: a `Chan`, a `Putter` or a `Taker`. It
/// cannot be implemented outside this crate.
pub trait Export: sealed::Export {}

mod sealed {
    use super::{Arc, Port};

    #[allow(missing_debug_implementations)] // no user can have one
    pub struct AnyPort(pub(in crate::console) Arc<dyn Port>);

    pub trait Export {
        fn port(&self) -> AnyPort;
    }
}

pub(in crate::console) trait Port: Send + Sync {
    /// Returns the type of its values.
    fn holds(&self) -> &'static str;

    /// Returns the line that made it, and its counters unless it is too busy to read them. `None` if it is gone.
    fn look(&self) -> Option<(Line, Option<Seen>)>;

    fn take(&self, wait: &Wait, limit: Duration) -> Result<Taken, String>;

    fn put(&self, value: Value, wait: &Wait, limit: Duration) -> Result<Put, String>;
}

pub(in crate::console) enum Taken {
    Value(Value),
    /// The channel's end.
    End,
    Over(Over),
}

pub(in crate::console) enum Put {
    Done,
    Over(Over),
}

type Show<T> = fn(&T) -> Result<Value, String>;
type Read<T> = fn(Value) -> Result<T, String>;

struct Exported<T> {
    chan: WeakChan<T>,
    show: Option<Show<T>>,
    read: Option<Read<T>>,
}

impl<T: Send + 'static> Port for Exported<T> {
    fn holds(&self) -> &'static str {
        std::any::type_name::<T>()
    }

    fn look(&self) -> Option<(Line, Option<Seen>)> {
        self.chan.look()
    }

    fn take(&self, wait: &Wait, limit: Duration) -> Result<Taken, String> {
        let show = self.show.ok_or("it was not exported to be taken from")?;
        // A taker only: the channel must still close when its last putter is dropped.
        let Some(taker) = self.chan.taker() else {
            return Ok(Taken::End);
        };
        let mut take = std::pin::pin!(taker.take());
        match wait.until(limit, |cx| take.as_mut().poll(cx)) {
            Ok(Some(value)) => show(&value).map(Taken::Value),
            Ok(None) => Ok(Taken::End),
            Err(over) => Ok(Taken::Over(over)),
        }
    }

    fn put(&self, value: Value, wait: &Wait, limit: Duration) -> Result<Put, String> {
        let read = self.read.ok_or("it was not exported to be put into")?;
        let value = read(value)?;
        let closed = || "it is closed; nothing was put".to_string();
        let putter = self.chan.putter().ok_or_else(closed)?;
        let mut put = std::pin::pin!(putter.put(value));
        match wait.until(limit, |cx| put.as_mut().poll(cx)) {
            Ok(Ok(())) => Ok(Put::Done),
            Ok(Err(Closed(_))) => Err(closed()),
            Err(over) => Ok(Put::Over(over)),
        }
    }
}

fn show<T: ToValue>(value: &T) -> Result<Value, String> {
    value
        .to_value(&mut Room::new())
        .map_err(|error| format!("a value was taken, but it cannot be shown: {error}"))
}

fn read<T: FromValue>(value: Value) -> Result<T, String> {
    let kind = value.kind();
    T::from_value(value).ok_or_else(|| format!("it takes {}, and this is {kind}", T::expected()))
}

impl<T: ToValue + FromValue + Send + 'static> Export for Chan<T> {}
impl<T: ToValue + FromValue + Send + 'static> sealed::Export for Chan<T> {
    fn port(&self) -> AnyPort {
        AnyPort(Arc::new(Exported {
            chan: self.downgrade(),
            show: Some(show::<T>),
            read: Some(read::<T>),
        }))
    }
}

impl<T: FromValue + Send + 'static> Export for Putter<T> {}
impl<T: FromValue + Send + 'static> sealed::Export for Putter<T> {
    fn port(&self) -> AnyPort {
        AnyPort(Arc::new(Exported {
            chan: self.downgrade(),
            show: None,
            read: Some(read::<T>),
        }))
    }
}

impl<T: ToValue + Send + 'static> Export for Taker<T> {}
impl<T: ToValue + Send + 'static> sealed::Export for Taker<T> {
    fn port(&self) -> AnyPort {
        AnyPort(Arc::new(Exported {
            chan: self.downgrade(),
            show: Some(show::<T>),
            read: None,
        }))
    }
}

pub(super) fn to_look_at<T: Send + 'static>(chan: &Chan<T>) -> Arc<dyn Port> {
    Arc::new(Exported {
        chan: chan.downgrade(),
        show: None,
        read: None,
    })
}
