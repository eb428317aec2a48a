//! What tells several tasks to end. Users see it in [`task`](crate::task).

pub(crate) mod token;
