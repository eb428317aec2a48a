//! Whole files, read and written off the workers.
//!
//! Each function starts its work at once, on the pool of threads for blocking code, and returns a [`Task`] of the result. It can
//! be awaited, be an arm of `alt!`, or be dropped, and then the work is still done.

use std::path::Path;
use std::{fs, io};

use crate::runtime::task::Task;
use crate::runtime::task::thread::spawn_thread;

/// Returns the contents of a file.
///
/// Awaiting the task parks until the file is read. Dropping the task drops what was read.
///
/// # Errors
///
/// That of the operating system.
///
/// # Examples
///
/// ```
/// use async_dsl::prelude::*;
/// use async_dsl::io;
///
/// # let path = std::env::temp_dir().join(format!("async-dsl-io-{}", std::process::id()));
/// async_dsl::block_on(async_block!(|path| {
///     io::write(&path, "grüße").await.unwrap();
///     let bytes = alt! {
///         bytes = await!(io::read(&path)) => bytes.unwrap(),
///         sleep!(1min) => panic!("a slow disk"),
///     };
///     assert_eq!(bytes, "grüße".as_bytes());
/// }));
/// # std::fs::remove_file(path).unwrap();
/// ```
#[track_caller]
pub fn read(path: impl AsRef<Path>) -> Task<io::Result<Vec<u8>>> {
    let path = path.as_ref().to_owned();
    spawn_thread(move || fs::read(path))
}

/// Returns the contents of a file as text.
///
/// Awaiting the task parks until the file is read. Dropping the task drops what was read.
///
/// # Errors
///
/// That of the operating system; `InvalidData` if the file is not UTF-8.
///
/// # Examples
///
/// ```
/// async_dsl::block_on(async {
///     let text = async_dsl::io::read_to_string("/no/such/file").await;
///     assert_eq!(text.unwrap_err().kind(), std::io::ErrorKind::NotFound);
/// });
/// ```
#[track_caller]
pub fn read_to_string(path: impl AsRef<Path>) -> Task<io::Result<String>> {
    let path = path.as_ref().to_owned();
    spawn_thread(move || fs::read_to_string(path))
}

/// Writes a whole file: creates it, or replaces its contents.
///
/// Awaiting the task parks until the file is written. Dropping the task does not stop the writing.
///
/// # Errors
///
/// That of the operating system.
///
/// # Examples
///
/// ```
/// # let path = std::env::temp_dir().join(format!("async-dsl-io-write-{}", std::process::id()));
/// async_dsl::block_on(async {
///     async_dsl::io::write(&path, vec![0, 159, 146, 150]).await.unwrap();
///     assert_eq!(async_dsl::io::read(&path).await.unwrap(), [0, 159, 146, 150]);
/// });
/// # std::fs::remove_file(path).unwrap();
/// ```
#[track_caller]
pub fn write(
    path: impl AsRef<Path>,
    bytes: impl AsRef<[u8]> + Send + 'static,
) -> Task<io::Result<()>> {
    let path = path.as_ref().to_owned();
    spawn_thread(move || fs::write(path, bytes))
}
