//! What a step touches, and which touches commute.
//!
//! The table is data, [`COMMUTES`]. What it does not list is a race. A condition on a pair is a condition on the *kinds*, hardly
//! ever on the state: two accesses must commute in every state in which both can be made, since the search skips an order for
//! good.

/// How something is touched.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub(crate) enum Kind {
    /// In a way that is not known better: it commutes with nothing. Also: a waiter leaves, a granted place is used, a snapshot.
    Any,
    /// A channel: a put, or on an unbounded channel a try.
    Put,
    Take,
    /// Tries that did not succeed,
    TryPut,
    TryTake,
    /// and such that did: they commute with nothing.
    Gave,
    Took,
    /// Its length.
    Len,
    /// Whether it is closed.
    IsClosed,
    Close,
    /// An arm of an `alt!`, or a reservation.
    Arm,
    /// A take collects the value that it was served with.
    Collect,
    /// A take collects the end.
    End,
    /// A handle goes that is not the last of its side.
    DropPutter,
    DropTaker,
    /// The last handle of its side goes, which besides closes.
    LastPutter,
    LastTaker,
    /// A task, a promise: what is waited for comes,
    Comes,
    /// is waited for,
    Awaits,
    /// is looked at.
    Looks,
    /// A task: it is cancelled. Depends on every step of the task besides.
    Cancel,
}

/// How many kinds there are.
const KINDS: usize = Kind::Cancel as usize + 1;

/// What kind of object is touched.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub(crate) enum Form {
    /// An unbounded channel.
    Unbounded = 1,
    /// One of a fixed size, or a rendezvous.
    Fixed = 2,
    /// One that discards.
    Discarding = 4,
    /// One with a buffer of the user's.
    Own = 8,
    /// A channel of which more is to be seen than its values and lines: its counters were read, or, on one of a fixed size,
    /// places were reserved.
    Watched = 16,
    /// No channel.
    Other = 32,
}

const EVERY: u8 = 63;
const UNBOUNDED: u8 = Form::Unbounded as u8;
const FIXED: u8 = Form::Fixed as u8;
const DISCARDING: u8 = Form::Discarding as u8;

/// The pairs that commute, each with the objects on which they do. `a` and `b` commute if `b` and `a` do.
#[rustfmt::skip]
pub(crate) const COMMUTES: &[(Kind, &[Kind], u8)] = {
    use Kind::{
        Any, Arm, Awaits, Cancel, Close, Collect, Comes, DropPutter, DropTaker, End, Gave, IsClosed, LastPutter, LastTaker, Len,
        Looks, Put, Take, Took, TryPut, TryTake,
    };
    &[
        // The n-th take gets the n-th put, whichever comes first; a put parks behind so many more than were taken.
        (Put, &[Take], UNBOUNDED | FIXED),
        // A take that parks gets the end at the close; one that comes later gets it at once. On a fixed channel the take may
        // let in the value of a parked put, which the close would hand back.
        (Close, &[Take], UNBOUNDED | DISCARDING),
        // Two that fail.
        (TryTake, &[TryTake], EVERY),
        (Len, &[Len, Close, IsClosed, Collect, End], EVERY),
        (IsClosed, &[IsClosed, Put, Take, TryPut, TryTake, Arm, Collect, End], EVERY),
        // To collect changes nothing but that the value cannot come back any more: who looks whether the channel has ended sees that.
        (Collect, &[Collect, End, Put, Take, TryPut, Close], EVERY),
        (End, &[End, Put, Take, TryPut, TryTake, Close, Arm], EVERY),
        (DropPutter, &[Put, Take, TryPut, TryTake, Len, IsClosed, Close, Arm, Collect, End, DropPutter, DropTaker, LastTaker, Any, Gave, Took], EVERY),
        (DropTaker, &[Put, Take, TryPut, TryTake, Len, IsClosed, Close, Arm, Collect, End, DropTaker, LastPutter, Awaits, Looks, Any, Gave, Took], EVERY),
        // The close that it is besides is an access of its own.
        (LastPutter, &[Put, Take, TryPut, TryTake, Len, IsClosed, Close, Arm, Collect, End, LastTaker, Any, Gave, Took], EVERY),
        (LastTaker, &[Put, Take, TryPut, TryTake, Len, IsClosed, Close, Arm, Collect, End, Any, Gave, Took], EVERY),
        (Awaits, &[Awaits, Looks, Comes, Cancel], EVERY),
        (Looks, &[Looks], EVERY),
        (Cancel, &[Cancel], EVERY),
    ]
};

/// The forms on which two kinds commute.
static TABLE: [[u8; KINDS]; KINDS] = {
    let mut table = [[0; KINDS]; KINDS];
    let mut row = 0;
    while row < COMMUTES.len() {
        let (one, others, forms) = COMMUTES[row];
        let mut column = 0;
        while column < others.len() {
            table[one as usize][others[column] as usize] |= forms;
            table[others[column] as usize][one as usize] |= forms;
            column += 1;
        }
        row += 1;
    }
    table
};

/// One access.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct Access {
    /// The name of the object.
    pub(crate) object: u32,
    pub(crate) kind: Kind,
    pub(crate) form: Form,
}

impl Access {
    /// Whether the order of the two may make a difference.
    #[inline]
    pub(crate) fn depends_on(self, other: Self) -> bool {
        self.object == other.object
            && TABLE[self.kind as usize][other.kind as usize] & self.form as u8 & other.form as u8
                == 0
    }
}
