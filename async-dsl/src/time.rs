//! Time.
pub use crate::ops::timeout::Elapsed;
use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};
/// x
#[derive(Debug)]
pub struct Sleep(async_io::Timer);
/// x
pub fn sleep(d: Duration) -> Sleep {
    Sleep(async_io::Timer::after(d))
}
impl Future for Sleep {
    type Output = ();
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.0).poll(cx).map(drop)
    }
}
