//! The values of a pipeline that are under way: those whose calls run, and those whose results wait for their turn.

use std::collections::VecDeque;
use std::future::Future;
use std::panic::resume_unwind;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;

use super::super::show::Details;
use super::super::stage::{put, unless_stopped};
use crate::chan::{Gone, Putter, Source, Taker};
use crate::group::Group;
use crate::runtime::place::{At, Line};
use crate::runtime::task::Finished;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// That of the input.
    Kept,
    /// That in which the calls end.
    OfEnds,
}

/// How many calls there may be at a time, and how many there are.
pub(super) struct Places {
    depth: usize,
    order: Order,
    running: AtomicUsize,
    under_way: AtomicUsize,
}

impl Places {
    pub(super) const fn new(depth: usize, order: Order) -> Self {
        Self {
            depth,
            order,
            running: AtomicUsize::new(0),
            under_way: AtomicUsize::new(0),
        }
    }
}

impl Details for Arc<Places> {
    fn text(&self) -> String {
        let running = self.running.load(Ordering::Relaxed);
        let waiting = self.under_way.load(Ordering::Relaxed);
        let waiting = waiting.saturating_sub(running);
        match (self.depth, waiting) {
            (depth, 0) => format!("{running} of {depth} run"),
            (depth, _) => format!("{running} of {depth} run, {waiting} to be put"),
        }
    }
}

/// See the [module](self). When it is dropped, what is still under way counts as discarded.
pub(super) struct Flight<'a, I: IntoIterator> {
    group: &'a Group<I>,
    out: &'a Putter<I::Item>,
    places: &'a Places,
    /// How many calls were started and their ends not taken.
    running: usize,
    /// What has ended, from the next in order on. In the order of ends there are no gaps.
    ended: VecDeque<Option<Finished<I>>>,
    /// The number of the first of these: tasks of a group are numbered from 1 on.
    first: u64,
    /// Of how many values the calls were started, and the results are not put yet.
    under_way: usize,
}

/// What the pipeline goes on with.
enum Step<T, I> {
    Value(T),
    InputEnded,
    Ended(u64, Finished<I>),
}

/// Nothing more is to be done.
struct Over;

impl<'a, I> Flight<'a, I>
where
    I: IntoIterator<IntoIter: Send, Item: Send + 'static> + Send + 'static,
{
    pub(super) const fn new(
        group: &'a Group<I>,
        out: &'a Putter<I::Item>,
        places: &'a Places,
    ) -> Self {
        Self {
            group,
            out,
            places,
            running: 0,
            ended: VecDeque::new(),
            first: 1,
            under_way: 0,
        }
    }

    /// Runs until the input has ended and all results are put, or until nobody takes them any more.
    pub(super) async fn run<T, Fut>(&mut self, from: &Taker<T>, call: impl Fn(T) -> Fut, at: Line)
    where
        Fut: Future<Output = I> + Send + 'static,
    {
        let mut gone = self.out.gone();
        let mut input = Some(from);
        loop {
            while let Some(finished) = self.next_in_order() {
                if self.put_all(finished, at).await.is_err() {
                    return;
                }
            }
            if input.is_none() && self.running == 0 {
                return;
            }
            match self.step(input, at, &mut gone).await {
                Some(Step::Value(value)) => {
                    self.running += 1;
                    self.under_way += 1;
                    self.tell();
                    let name = Some("pipelined".into());
                    self.group.start(call(value), (name, None), at).await;
                }
                Some(Step::InputEnded) => input = None,
                Some(Step::Ended(number, finished)) => self.add(number, finished),
                None => return,
            }
        }
    }

    /// For whoever looks at the pipeline.
    fn tell(&self) {
        let Places {
            running, under_way, ..
        } = self.places;
        running.store(self.running, Ordering::Relaxed);
        under_way.store(self.under_way, Ordering::Relaxed);
    }

    fn has_place(&self) -> bool {
        let depth = self.places.depth;
        self.running < depth && self.under_way < 2 * depth
    }

    /// Waits for a value, if there is a place for it, and for a call to end.
    async fn step<T>(
        &mut self, // not shared: results need not be `Sync`

        input: Option<&Taker<T>>,
        at: Line,
        gone: &mut Gone<I::Item>,
    ) -> Option<Step<T, I>> {
        let input = input.filter(|_| self.has_place());
        let mut take = pin!(input.map(|from| from.take_operation(At::line(at))));
        let mut end = (self.running > 0).then(|| self.group.take_operation(At::line(at)));
        unless_stopped(gone, |cx| {
            if let Some(end) = &mut end {
                if let Poll::Ready(Some((number, _, finished))) = end.poll_finished(cx) {
                    return Poll::Ready(Step::Ended(number, finished));
                }
            }
            match take.as_mut().as_pin_mut() {
                Some(take) => take
                    .poll(cx)
                    .map(|value| value.map_or(Step::InputEnded, Step::Value)),
                None => Poll::Pending,
            }
        })
        .await
    }

    /// A call has ended.
    fn add(&mut self, number: u64, finished: Finished<I>) {
        self.running -= 1;
        self.tell();
        if self.places.order == Order::OfEnds {
            self.ended.push_back(Some(finished));
            return;
        }
        let place = usize::try_from(number - self.first).unwrap_or(usize::MAX);
        if self.ended.len() <= place {
            self.ended.resize_with(place + 1, || None);
        }
        self.ended[place] = Some(finished);
    }

    fn next_in_order(&mut self) -> Option<Finished<I>> {
        let finished = self.ended.front_mut()?.take()?;
        self.ended.pop_front();
        self.first += 1;
        Some(finished)
    }

    /// Puts the results of one value. Its panic goes on here.
    async fn put_all(&mut self, finished: Finished<I>, at: Line) -> Result<(), Over> {
        let items = match finished.into_result() {
            Some(Ok(items)) => items,
            Some(Err(panic)) => resume_unwind(panic.into_panic()),
            None => return Err(Over), // the scheduler ends
        };
        let mut rest = Rest {
            items: items.into_iter(),
            out: self.out,
        };
        self.under_way -= 1;
        self.tell();
        for item in &mut rest.items {
            put(self.out, item, at).await.map_err(|()| Over)?;
        }
        Ok(())
    }
}

impl<I: IntoIterator> Drop for Flight<'_, I> {
    fn drop(&mut self) {
        if self.under_way > 0 {
            self.out.count_discarded(self.under_way as u64);
        }
    }
}

/// The results of a value that are still to be put. When it is dropped, they count as discarded, if they say how many they are.
struct Rest<'a, It: Iterator> {
    items: It,
    out: &'a Putter<It::Item>,
}

impl<It: Iterator> Drop for Rest<'_, It> {
    fn drop(&mut self) {
        let (least, most) = self.items.size_hint();
        if least > 0 && most == Some(least) {
            self.out.count_discarded(least as u64);
        }
    }
}
