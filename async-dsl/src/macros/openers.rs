//! The openers: they start linear code, anywhere.

/// Starts a task now, and returns its [`Task`](crate::task::Task).
///
/// ```text
/// go!({ … })
/// go!(|jobs, mut log| { … })                 // `jobs` and `log` are cloned into the task
/// go!(|jobs = self.jobs| { … })              // a field, or any expression, cloned into the task under a name of its own
/// go!(|jobs| -> io::Result<()> { … })        // the type of the block, so that `?` can be used in it
/// go!(name = "cook", |jobs| { … })           // a name, by which `inspect` shows the task
/// go!(group = g, |jobs| { … })               // a task of a `Group`, or of a `scope!`
/// go!(token = t, |jobs| { … })               // dropped at its next parking point when the `CancelToken` is cancelled
/// ```
///
/// The block is linear code: the words work in it, and so does `.await`. Everything the block uses moves
/// into the task, except the names in the head, which are cloned and live as long as the task: `|jobs|` is
/// `let jobs = jobs.clone();` before the task, so of a reference it gives what that refers to, and `|jobs = self.jobs()|` is
/// `let jobs = self.jobs().clone();` (evaluated where the opener stands; with a `|` in it, it stands in parentheses). The block's `return`
/// and `?` leave the task. What the block keeps across a parking point must be [`Send`], because
/// tasks move between threads. The name is anything that becomes a `Cow<'static, str>`: a text, a `format!`. Options may
/// stand together, in any order: `go!(name = "cook", group = g, { … })`.
///
/// # Groups and tokens
///
/// `go!(group = g, { … })` starts a task of a [`Group`](crate::task::Group), and returns a
/// [`Canceller`](crate::task::Canceller) of it: what became of the task, `take!(g)` returns. The start **parks** while the
/// group's [limit](crate::task::Group::limit) is reached, so it works in linear code only; elsewhere there is
/// [`Group::spawn`](crate::task::Group::spawn). Dropped while it is parked, it has started nothing.
///
/// `go!(token = t, { … })` starts a task that ends with a [`CancelToken`](crate::task::CancelToken): once that is cancelled,
/// the task is dropped at its next parking point, as by [`Task::cancel`](crate::task::Task::cancel), and whoever awaits it gets
/// [`Cancelled`](crate::task::TaskError::Cancelled). Of a token that is cancelled already the block never runs. A task that
/// is to end in its own way awaits `token.cancelled()` instead.
///
/// The task runs on the scheduler of the running task or, outside tasks, on the one that was entered or the
/// global one. **Dropping the `Task` detaches it**: it runs on.
///
/// `go! { … }` works too; rustfmt formats only the form with parentheses.
///
/// # "Use of moved value" in a loop
///
/// What the block uses moves into the first task, and the next one finds it gone: rustc says E0382, "value moved here, in
/// previous iteration of loop", and proposes a `clone` inside of the block, which comes too late. Name it in the head:
///
/// ```
/// # use async_dsl::prelude::*;
/// let c = chan();
/// for i in 0..3 {
///     go!(|c| { put!(c, i) }); // not `go!({ put!(c, i) })`
/// }
/// # async_dsl::block_on(async_block!({ for _ in 0..3 { take!(c).unwrap(); } }));
/// ```
///
/// So it is with a channel that is used after the task was started. A method clones what it needs of `self`:
///
/// ```
/// # use async_dsl::prelude::*;
/// struct Hub {
///     jobs: Chan<u32>,
/// }
///
/// impl Hub {
///     fn start(&self) -> Task<Option<u32>> {
///         go!(|jobs = self.jobs| { take!(jobs) })
///     }
/// }
/// # let hub = Hub { jobs: chan::fixed(1) };
/// # hub.jobs.put_blocking(1).unwrap();
/// # assert_eq!(async_dsl::block_on(hub.start()), Some(1));
/// ```
///
/// # `?` needs a type
///
/// In a block that ends with `Ok(())` nothing says which error `?` makes of the one that it finds: rustc says E0282, "cannot
/// infer type of the type parameter `E`". Write the type of the block behind the head, which may be empty, or that of the task:
///
/// ```
/// # use async_dsl::prelude::*;
/// # let c = chan::fixed(2);
/// let task = go!(|c| -> Result<(), Closed<u32>> {
///     put!(c, 1)?;
///     Ok(())
/// });
/// let other: Task<Result<(), Closed<u32>>> = go!({
///     put!(c, 2)?;
///     Ok(())
/// });
/// # async_dsl::block_on(async_block!({ (task.await.unwrap(), other.await.unwrap()) }));
/// ```
///
/// # A function that starts itself
///
/// An `async fn fib` with `go!(fib(n - 1).await)` in it does not compile: "future cannot be sent between threads safely",
/// because rustc would have to know what the function's future holds while it still finds that out. Let a plain function
/// start the task and return it, or say the type of its future, with `Send`:
///
/// ```
/// # use async_dsl::prelude::*;
/// fn fib(n: u64) -> Task<u64> {
///     go!({
///         if n < 2 {
///             return n;
///         }
///         let (one, two) = (fib(n - 1), fib(n - 2));
///         one.await + two.await
///     })
/// }
///
/// fn sum(n: u64) -> impl Future<Output = u64> + Send {
///     async_block!({
///         match n {
///             0 => 0,
///             n => go!(sum(n - 1).await).await + n,
///         }
///     })
/// }
///
/// assert_eq!(async_dsl::block_on(fib(10)), 55);
/// assert_eq!(async_dsl::block_on(sum(10)), 55);
/// ```
///
/// # Macros of others
///
/// The words work in the arguments of other macros too: `println!("{:?}", take!(c))`. One that appears only when the other macro
/// expands is not seen, and is a compile error.
///
/// A word is known as `take!` and as `async_dsl::take!`, or by the name that the dependency was given. A macro by any other path
/// is left alone (`nom::take!(3)`), even if it is ours in the end, and so is one that the block itself defines by
/// `macro_rules!`. A macro of another crate that is *imported* under a word's name cannot be told from the word: rustc then
/// says "no rules expected `@`". Call it by its path.
///
/// A duration literal is one in every expression, and so in `assert!(time < 20ms)`, `vec![1ms; 3]` and `retry!(2 * 20ms)`. What a
/// macro that is not of the standard library takes as it is written stays as it is written: an argument that is nothing but
/// a literal, `retry!(20ms)`, and whatever is in arguments that are not expressions between commas, `every!(20ms => beat())`. Where
/// such a macro wants an expression, write `retry!((20ms))`, or bind the duration by a `let` before.
///
/// In linear code a fragment of a macro, `$e` of `$e:expr`, stays one expression, as everywhere.
///
/// # Errors
///
/// A misplaced word, a blocking call such as `take_blocking` in the block, and a capture that is neither a
/// name nor `name = expression`, or whose type is not `Clone`, do not compile.
///
/// # Panics
///
/// A panic of the block is kept, and goes on where the task is awaited; if it never is, a process-wide hook reports
/// the panic ([`on_unobserved_panic`](crate::task::on_unobserved_panic)).
///
/// # Examples
///
/// ```
/// use async_dsl::prelude::*;
///
/// let numbers = chan::fixed(1);
/// let sum = go!(|numbers| {
///     let mut sum = 0;
///     while let Some(number) = take!(numbers) {
///         sum += number;
///     }
///     sum
/// });
/// go!({
///     for number in 1..=3 {
///         put!(numbers, number).ok();
///     }
///     numbers.close();
/// });
/// assert_eq!(async_dsl::block_on(sum), 6);
/// ```
#[cfg_attr(doc, ::async_dsl_macros::shown(($($option:ident = $value:expr,)* $block:expr), ($($option:ident = $value:expr,)* |$($captured:ident),*| $(-> $result:ty)? $block:block)))]
#[macro_export]
macro_rules! go {
    (@closure $($code:tt)*) => {
        ::core::compile_error!(
            "`go!(group = …)` cannot park inside a plain closure: use it before the closure, or make \
             that an async closure, `async |x| { … }`"
        )
    };
    (@item $($code:tt)*) => {
        ::core::compile_error!(
            "`go!(group = …)` cannot park inside a nested item: make that an `async fn` with \
             `#[linear]`, and await it"
        )
    };
    (@value $($code:tt)*) => {
        ::core::compile_error!(
            "`go!(group = …)` cannot park in the value of a `put!` arm, because the channel keeps a \
             place for the value meanwhile: make the value before the `alt!`"
        )
    };
    (@thread $($code:tt)*) => {
        ::core::compile_error!(
            "`go!(group = …)` cannot be used in `thread!`, which runs blocking code: use \
             `async_dsl::block_on(group.spawn(async_block!({ … })))`"
        )
    };
    ($($code:tt)*) => { $crate::__private::go_inner!(($crate) $($code)*) };
}

/// A future of linear code. Nothing runs until it is awaited.
///
/// It takes what [`go!`](crate::go!) takes: `async_block!({ … })`, with captures and a type if need be, and
/// returns an anonymous future of the block's value. What the block uses moves into the future.
///
/// **Dropping the future** drops the block where it is parked, with what it holds.
///
/// # Errors
///
/// A misplaced word, a blocking call in the block and a capture as [`go!`](crate::go!) does not take it do not compile.
///
/// # Panics
///
/// A panic of the block goes on where the future is awaited.
///
/// # Examples
///
/// ```
/// use async_dsl::prelude::*;
///
/// let numbers = chan::fixed(1);
/// let answer = async_block!(|numbers| -> Result<u32, Closed<u32>> {
///     put!(numbers, 42)?;
///     Ok(take!(numbers).unwrap_or(0))
/// });
/// assert_eq!(async_dsl::block_on(answer).unwrap(), 42);
/// ```
#[cfg_attr(doc, ::async_dsl_macros::shown(($block:expr), (|$($captured:ident),*| $(-> $result:ty)? $block:block)))]
#[macro_export]
macro_rules! async_block {
    ($($code:tt)*) => { $crate::__private::async_block_inner!(($crate) $($code)*) };
}

/// Queues an action on an agent and returns at once.
///
/// `send!(agent, |state| { … })` gives the agent's state to the block, by value, and the block gives the new
/// one. With a type, `send!(agent, |state| -> Result<State, E> { … })`, the action may fail. The pattern
/// may be any that always matches: `|mut state|`, `|(a, b)|`.
///
/// The block is linear code, so an action may park; meanwhile other agents run, and the next action of this
/// one waits. Everything else the block uses moves into it.
///
/// # Errors
///
/// Returns a [`SendError`](crate::agent::SendError) if the agent's queue is full, or the agent failed
/// or was stopped; the action is dropped then.
///
/// # Panics
///
/// A panic of the block is the agent's: it keeps its last good state, and stops or goes on as its
/// [`ErrorMode`](crate::agent::ErrorMode) says.
///
/// # Examples
///
/// ```
/// use async_dsl::prelude::*;
///
/// let counter = agent(0);
/// send!(counter, |n| {
///     sleep!(1ms);
///     n + 1
/// })
/// .unwrap();
/// send!(counter, |n| { n * 2 }).unwrap();
/// async_dsl::block_on(counter.settled()).unwrap();
/// assert_eq!(counter.get().unwrap(), 2);
/// ```
#[cfg_attr(doc, ::async_dsl_macros::shown(($agent:expr, |$state:pat_param| $(-> $result:ty)? $block:block)))]
#[macro_export]
macro_rules! send {
    ($($code:tt)*) => { $crate::__private::send_inner!(($crate) $($code)*) };
}

/// Queues an action that changes the state of an [`Agent`](crate::agent::Agent) in place:
/// `update!(words, |map| { … })`. Returns a `Result`.
///
/// As [`send!`](crate::send!), but the block gets `&mut S`, and gives `()` or, written `|state| -> Result<(), E> { … }`, a
/// `Result`. Nothing is cloned, so an action on a large state costs what it changes.
///
/// The block is linear code: it may park, with the state in its hands. Nobody can look at the state meanwhile;
/// [`get`](crate::agent::Agent::get) returns [`AgentError::Updating`](crate::agent::AgentError::Updating).
///
/// # Errors
///
/// Returns a [`SendError`](crate::agent::SendError) if the agent's queue is full, or the agent failed or was stopped; the
/// action is dropped then.
///
/// # Panics
///
/// **There is no way back.** A panic of the block, and a shutdown of its scheduler while it is parked, stop the agent with
/// the state as it is. `send!` has a way back, at the price of a clone for each action.
///
/// # Examples
///
/// ```
/// use async_dsl::prelude::*;
/// use std::collections::HashMap;
///
/// let words = agent(HashMap::<&str, u64>::new());
/// for word in ["to", "be", "or", "not", "to", "be"] {
///     update!(words, |words| { *words.entry(word).or_default() += 1 }).unwrap();
/// }
/// async_dsl::block_on(words.settled()).unwrap();
/// assert_eq!(words.get().unwrap()["be"], 2);
/// ```
#[cfg_attr(doc, ::async_dsl_macros::shown(($agent:expr, |$state:pat_param| $(-> $result:ty)? $block:block)))]
#[macro_export]
macro_rules! update {
    ($($code:tt)*) => { $crate::__private::update_inner!(($crate) $($code)*) };
}

/// Runs blocking code on a pool of threads that is made for it, and returns its [`Task`](crate::task::Task).
///
/// It takes what [`go!`](crate::go!) takes: `thread!({ … })`, `thread!(|path| -> io::Result<String> { … })`.
/// The block is plain code, not linear: no words, but `take_blocking`, files and long computations. Await
/// the task in linear code to have its value there.
///
/// **Dropping the `Task` detaches it.** A thread cannot be cancelled once its code has begun.
///
/// # Errors
///
/// A word in the block does not compile.
///
/// # Panics
///
/// A panic of the block is kept, and goes on where the task is awaited, as with `go!`.
///
/// # Examples
///
/// ```
/// use async_dsl::prelude::*;
///
/// let numbers = chan::fixed(1);
/// let sum = thread!(|numbers| {
///     let mut sum = 0;
///     while let Some(number) = numbers.take_blocking() {
///         sum += number;
///     }
///     sum
/// });
/// numbers.put_blocking(1).unwrap();
/// numbers.put_blocking(2).unwrap();
/// numbers.close();
/// assert_eq!(async_dsl::block_on(sum), 3);
/// ```
#[cfg_attr(doc, ::async_dsl_macros::shown(($block:expr), (|$($captured:ident),*| $(-> $result:ty)? $block:block)))]
#[macro_export]
macro_rules! thread {
    ($($code:tt)*) => { $crate::__private::thread_inner!(($crate) $($code)*) };
}

/// The expansion of an opener or an [`alt!`](crate::alt!) as a `&'static str`, formatted.
///
/// The code in it is not run. The words are shown as what they become, `$crate` as `async_dsl`.
///
/// # Without running the program
///
/// A variable of the environment shows what stands on a line, an opener, an attribute or a word, while it is compiled:
///
/// ```text
/// ASYNC_DSL_EXPAND=src/main.rs:12 cargo check     # printed on standard error
/// ASYNC_DSL_EXPAND=all cargo check                # each in a file of its own, below target/async-dsl/expand
/// ```
///
/// The line is that of the opener's or the word's name, or of an arm of `alt!`, which is shown with its choice; of an
/// attribute its own line or the one on which the function starts. The file may be named from any folder.
/// A file below `target/async-dsl/expand` is called after the source file, the line, the column and the name,
/// `src/main.rs/12-5-go.rs`; files of an earlier run stay. The folder is in `CARGO_TARGET_DIR` if that is set, and otherwise in
/// the workspace's `target`, whatever cargo's configuration says; code outside of the workspace gets no files.
///
/// Cargo compiles a crate again when the variable changes, unless the crate starts tasks only and has neither a word nor an
/// `.await` in linear code: then `touch` the file. Where nothing is printed, nothing of ours starts on that line. Compilers
/// before Rust 1.88 do not tell a macro its file and line; they say so, and `expand!` works with them. A line inside of a
/// `macro_rules!` is that of its definition, if the code was written there, and of its call for the code that it was given.
///
/// # Errors
///
/// Anything that is not an opener, `timeout!` or `alt!` does not compile, nor does code with mistakes in it.
///
/// # Examples
///
/// ```
/// use async_dsl::prelude::*;
///
/// let expansion = expand!(go!(|numbers| { take!(numbers) }));
/// assert!(expansion.contains("numbers.async_dsl_take("));
/// ```
#[cfg_attr(doc, ::async_dsl_macros::shown(($opener:expr)))]
#[macro_export]
macro_rules! expand {
    ($($code:tt)*) => { $crate::__private::expand_inner!($($code)*) };
}

pub use {async_block, expand, go, send, thread, update};
