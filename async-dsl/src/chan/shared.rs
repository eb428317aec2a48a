//! The channel that its handles share.

use std::panic::Location;

use super::buffer::{Kind, Store};
use super::effects::Effects;
use super::error::TryPutError;
use super::hint::{self, Hint};
use super::state::{Answer, State};
use crate::chan::inspected;
use crate::runtime::explore::access::{Form, Kind as Touch};
use crate::runtime::id::Name;
use crate::runtime::lock::{Guard, Lock};
use crate::runtime::object::Object;
use crate::runtime::registry::Registered;
use crate::runtime::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

/// What a put says that is polled again after it was done.
pub(super) const DONE: &str = "a put was polled again after it was done";

#[cfg(test)]
std::thread_local! {
    /// The critical sections that this thread has entered.
    pub(crate) static SECTIONS: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

pub(crate) struct Shared<T> {
    state: Lock<State<T>>,
    hint: Hint,
    /// [`State::accepted`], stored at the end of each section in which a put may have been.
    accepted: AtomicU64,
    /// The numbers of handles that can put, and that can take; a `Chan` counts as one of each.
    putters: AtomicUsize,
    takers: AtomicUsize,
    /// There are handles, or there were, that cannot do both.
    split: AtomicBool,
    object: Object,
    made_at: &'static Location<'static>,
    registered: Registered,
}

impl<T> Shared<T> {
    pub(super) fn new(store: Store<T>, made_at: &'static Location<'static>) -> Self {
        let state = State::new(store);
        let object = Object::new();
        if let (true, Some(size)) = (object.is_explored(), state.capacity()) {
            object.set_size(size);
        }
        Self {
            hint: Hint::new(state.hint()),
            accepted: AtomicU64::new(state.accepted()),
            state: Lock::new(state),
            putters: AtomicUsize::new(1),
            takers: AtomicUsize::new(1),
            split: AtomicBool::new(false),
            object,
            made_at,
            registered: Registered::new(),
        }
    }

    /// Runs one operation on the locked state, and its effects after the lock is released.
    pub(super) fn with<R>(&self, operation: impl FnOnce(&mut State<T>, &mut Effects<T>) -> R) -> R {
        self.touch(Touch::Any);
        self.with_noted(operation)
    }

    /// The same, of an operation that has said how it touches the channel.
    pub(super) fn with_noted<R>(
        &self,
        operation: impl FnOnce(&mut State<T>, &mut Effects<T>) -> R,
    ) -> R {
        let mut effects = Effects::new(self.made_at);
        let mut section = self.section(self.lock());
        operation(&mut section.state, &mut effects)
    }

    /// Takes a stored value while nobody is in line, or else does `take`.
    #[inline]
    pub(super) fn take_or(
        &self,
        take: impl FnOnce(&mut State<T>, &mut Effects<T>) -> Answer<Option<T>>,
    ) -> Answer<Option<T>> {
        let mut effects;
        let mut state = self.lock();
        if let Some(value) = state.take_alone() {
            self.hint.store(state.hint_alone());
            return Answer::Done(Some(value));
        }
        effects = Effects::new(self.made_at);
        take(&mut self.section(state).state, &mut effects)
    }

    /// Puts the value, if that can be done at once.
    ///
    /// # Errors
    ///
    /// The value.
    #[inline]
    pub(super) fn try_put(&self, value: &mut Option<T>) -> Result<(), TryPutError<T>> {
        let mut effects;
        let mut state = self.lock();
        if state.put_alone(value) {
            self.hint.store(state.hint_alone());
            return Ok(());
        }
        effects = Effects::new(self.made_at);
        let value = value.take().expect(DONE);
        self.section(state).state.put_now(value, &mut effects)
    }

    /// Runs a section that changes nothing that the hint says, and leaves nothing to be done; except on a closed channel,
    /// where it may have ended a wait for what was out.
    #[inline]
    pub(super) fn collect<R>(&self, collect: impl FnOnce(&mut State<T>) -> R) -> R {
        let mut effects;
        let mut state = self.lock();
        let output = collect(&mut state);
        if state.is_closed() {
            effects = Effects::new(self.made_at);
            self.section(state).state.end_takers(&mut effects);
        }
        output
    }

    /// The running step touches the channel in this way.
    #[inline]
    pub(super) fn touch(&self, how: Touch) {
        self.object.note(how, || self.form());
    }

    /// A try to put succeeded, or did not.
    #[inline]
    pub(super) fn note_try_put(&self, succeeded: bool) {
        let how = |form| match form {
            Form::Unbounded => Touch::Put,
            _ if succeeded => Touch::Gave,
            _ => Touch::TryPut,
        };
        if self.object.is_explored() {
            let form = self.form();
            self.object.note(how(form), || form);
        }
    }

    /// More is seen of the channel than its values and its lines.
    #[inline]
    pub(super) fn watch(&self) {
        if self.object.is_explored() {
            self.object.watch();
            self.touch(Touch::Any);
        }
    }

    pub(crate) const fn object(&self) -> Object {
        self.object
    }

    /// What kind of channel it is, as a search through all schedules tells them apart.
    #[cold]
    pub(super) fn form(&self) -> Form {
        match self.state.lock().kind() {
            Kind::Unbounded => Form::Unbounded,
            Kind::Fixed => Form::Fixed,
            Kind::Dropping | Kind::Sliding => Form::Discarding,
            _ => Form::Own,
        }
    }

    /// Runs what only looks at the state.
    pub(super) fn look<R>(&self, look: impl FnOnce(&State<T>) -> R) -> R {
        look(&self.state.lock())
    }

    #[inline]
    fn lock(&self) -> Guard<'_, State<T>> {
        #[cfg(test)]
        SECTIONS.set(SECTIONS.get() + 1);
        self.state.lock()
    }

    #[inline]
    const fn section<'a>(&'a self, state: Guard<'a, State<T>>) -> Section<'a, T> {
        Section {
            state,
            hint: &self.hint,
            accepted: &self.accepted,
        }
    }

    /// Returns `false` only if a take could not be done at once: see [`hint`](super::hint) for what that promises.
    #[inline]
    pub(crate) fn may_take(&self) -> bool {
        self.hint.says(hint::TAKE)
    }

    /// Returns `false` only if neither a put nor a reservation could be done at once: see [`hint`](super::hint).
    #[inline]
    pub(crate) fn may_put(&self) -> bool {
        self.hint.says(hint::PUT)
    }

    /// Returns whether a put or a reservation that may wait should try before it has its waker ready. Whatever it says,
    /// both may be possible or not.
    #[inline]
    pub(super) fn should_try_put(&self) -> bool {
        self.hint.says(hint::TRY_PUT)
    }

    /// Returns whether the channel is closed; `false` may be about to change.
    #[inline]
    pub(crate) fn was_closed(&self) -> bool {
        self.hint.says(hint::CLOSED)
    }

    /// Returns whether the put of this turn was accepted; `false` may be about to change.
    #[inline]
    pub(super) fn has_accepted(&self, turn: u64) -> bool {
        turn < self.accepted.load(Ordering::Acquire)
    }

    /// Returns whether a put that was accepted while it was parked is to be recorded.
    #[inline]
    pub(super) fn records_puts(&self) -> bool {
        self.hint.says(hint::PUT_DUE)
    }

    pub(super) const fn made_at(&self) -> &'static Location<'static> {
        self.made_at
    }

    pub(crate) const fn registered(&self) -> &Registered {
        &self.registered
    }

    pub(super) fn name(&self, name: Name) {
        inspected::name_channel(&self.registered, name);
    }

    /// Returns the numbers of handles that can put and that can take.
    pub(super) fn handles(&self) -> (usize, usize) {
        (
            self.putters.load(Ordering::Acquire),
            self.takers.load(Ordering::Acquire),
        )
    }

    pub(super) fn split(&self) {
        self.split.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_split(&self) -> bool {
        self.split.load(Ordering::Relaxed)
    }

    /// Returns the locked state, unless it is locked now.
    pub(super) fn try_lock(&self) -> Option<Guard<'_, State<T>>> {
        self.state.try_lock()
    }

    // A count is raised only by the owner of a counted handle, or if it is not 0, so it never rises from 0.

    pub(super) fn add_putter(&self) {
        self.putters.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn add_taker(&self) {
        self.takers.fetch_add(1, Ordering::Relaxed);
    }

    #[cfg(all(feature = "console", not(async_dsl_loom)))]
    pub(super) fn add_putter_unless_gone(&self) -> bool {
        add_unless_gone(&self.putters)
    }

    #[cfg(all(feature = "console", not(async_dsl_loom)))]
    pub(super) fn add_taker_unless_gone(&self) -> bool {
        add_unless_gone(&self.takers)
    }

    /// Removes a putter; the last one closes the channel.
    pub(super) fn remove_putter(&self) {
        let left = self.putters.fetch_sub(1, Ordering::AcqRel) - 1;
        if self.object.is_explored() {
            self.note_drop([Touch::DropPutter, Touch::LastPutter], left);
        }
        if left == 0 {
            self.with_noted(State::close);
        }
    }

    /// Removes a taker; the last one closes the channel and discards what is stored.
    pub(super) fn remove_taker(&self) {
        let left = self.takers.fetch_sub(1, Ordering::AcqRel) - 1;
        if self.object.is_explored() {
            self.note_drop([Touch::DropTaker, Touch::LastTaker], left);
        }
        if left == 0 {
            self.with_noted(State::abandon);
        }
    }

    /// What an `alt!` sees of it before it begins, as a reservation or a take, where every schedule is explored.
    #[cold]
    pub(super) fn seen(&self, reserves: bool) -> crate::commit::Seen {
        let state = self.state.lock();
        let is_ready = if reserves {
            state.can_reserve()
        } else {
            state.can_take()
        };
        drop(state);
        crate::commit::Seen {
            object: self.object,
            form: self.form(),
            reserves,
            is_ready,
        }
    }

    /// A handle goes, after which so many are left of its side.
    #[cold]
    fn note_drop(&self, [one, last]: [Touch; 2], left: usize) {
        let form = self.form();
        if left > 0 {
            return self.object.dropped(one, form, left);
        }
        // Nobody is left who could see that a channel closes whose handles are all of both sides: but for what is in it.
        if self.is_split() || (std::mem::needs_drop::<T>() && self.state.lock().len() > 0) {
            self.object.note(last, || form);
            let closes = last == Touch::LastPutter;
            self.object
                .note(if closes { Touch::Close } else { Touch::Any }, || form);
        }
    }
}

/// A critical section. At its end, however it ends, it stores the hint and which puts were accepted, and then unlocks.
struct Section<'a, T> {
    state: Guard<'a, State<T>>,
    hint: &'a Hint,
    accepted: &'a AtomicU64,
}

impl<T> Drop for Section<'_, T> {
    #[inline]
    fn drop(&mut self) {
        self.hint.store(self.state.hint());
        self.accepted
            .store(self.state.accepted(), Ordering::Release);
    }
}

#[cfg(all(feature = "console", not(async_dsl_loom)))]
fn add_unless_gone(count: &AtomicUsize) -> bool {
    count
        .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |count| {
            (count > 0).then_some(count + 1)
        })
        .is_ok()
}

impl<T> Drop for Shared<T> {
    fn drop(&mut self) {
        inspected::channel_dropped(&mut self.registered);
    }
}

#[cfg(all(
    test,
    target_pointer_width = "64",
    not(any(async_dsl_loom, async_dsl_shuttle))
))]
mod tests {
    use std::mem::size_of;

    use super::*;

    /// What a parked task with a channel of its own costs is mostly this.
    #[test]
    fn a_channel_is_no_larger_than_it_was() {
        assert!(
            size_of::<Shared<u64>>() <= 352,
            "{}",
            size_of::<Shared<u64>>()
        );
    }
}
