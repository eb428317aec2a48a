//! What is wrong with futures that are awaited in one word: their errors, or their outputs, have several types.

use std::future::IntoFuture;

/// A tuple of 2 to 12 values that can be awaited.
pub trait Futures {
    /// The tuple of outputs.
    type Outputs;
}

/// A tuple of outputs of one type.
#[diagnostic::on_unimplemented(
    message = "the futures of one `race!` have outputs of one type, not `{Self}`",
    label = "outputs of several types",
    note = "make one of the other: `race!(a, async {{ Some(b.await) }})`"
)]
pub trait SameOutputs {}

/// A tuple of 2 to 12 values that can be awaited and give a `Result`.
pub trait Attempts {
    /// The tuple of types of errors.
    type Errors;
}

/// A tuple of errors of one type.
#[diagnostic::on_unimplemented(
    message = "the futures of one `try_join!` have errors of one type, not `{Self}`",
    label = "errors of several types",
    note = "make one of the other: `try_join!(a, async {{ b.await.map_err(Into::into) }})`"
)]
pub trait SameErrors {}

/// A `Result`.
pub trait MayFail {
    /// The type of its error.
    type Error;
}

impl<T, E> MayFail for Result<T, E> {
    type Error = E;
}

macro_rules! same {
    ($Join:ident: $($T:ident $Same:ident,)+) => {
        impl<$($T: IntoFuture),+> Futures for ($($T,)+) {
            type Outputs = ($($T::Output,)+);
        }

        impl<$($T: IntoFuture<Output: MayFail>),+> Attempts for ($($T,)+) {
            type Errors = ($(<$T::Output as MayFail>::Error,)+);
        }

        #[diagnostic::do_not_recommend]
        impl<Same> SameOutputs for ($($Same,)+) {}

        #[diagnostic::do_not_recommend]
        impl<Same> SameErrors for ($($Same,)+) {}
    };
}

lengths! {
    same: [A Same,]
    (Join2: B Same) (Join3: C Same) (Join4: D Same) (Join5: E Same) (Join6: G Same) (Join7: H Same) (Join8: I Same) (Join9: J Same) (Join10: K Same) (Join11: L Same) (Join12: M Same)
}
