//! What `#[async_dsl::main(…)]` expands to, if it asks for what a feature brings.

/// Runs a main function that waits for its tasks when the program is to end.
#[cfg(feature = "signal")]
#[doc(hidden)]
#[macro_export]
macro_rules! __graceful {
    ($grace:expr, $main:expr) => {
        $crate::__private::run_gracefully($grace, $main)
    };
}

/// Without the feature.
#[cfg(not(feature = "signal"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __graceful {
    ($($any:tt)*) => {
        ::core::compile_error!(
            "`graceful` needs the feature `signal`: `async-dsl = { …, features = [\"signal\"] }`"
        )
    };
}

/// Starts a tokio runtime for the global scheduler.
#[cfg(feature = "tokio")]
#[doc(hidden)]
#[macro_export]
macro_rules! __tokio {
    () => {
        $crate::__private::start_tokio()
    };
}

/// Without the feature.
#[cfg(not(feature = "tokio"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __tokio {
    () => {
        ::core::compile_error!(
            "`tokio` needs the feature `tokio`: `async-dsl = { …, features = [\"tokio\"] }`"
        )
    };
}
