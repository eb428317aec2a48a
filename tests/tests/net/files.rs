//! Whole files.

use std::io::ErrorKind;
use std::path::PathBuf;

use async_dsl::io;
use async_dsl::prelude::*;
use async_dsl::scheduler::Scheduler;

/// A path of a file that does not exist, and is removed in the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        Self(std::env::temp_dir().join(format!("async-dsl-{}-{name}", std::process::id())))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

// S39
#[async_dsl::test(threads = 2)]
async fn what_was_written_is_read() {
    let file = Scratch::new("round-trip");
    let binary: Vec<u8> = (0..=255).cycle().take(300_000).collect();
    let contents: [&[u8]; 4] = [b"plain text\n", "grüße, 世界 🦀".as_bytes(), &binary, b""];
    for content in contents {
        io::write(&file.0, content.to_vec()).await.unwrap();
        assert_eq!(io::read(&file.0).await.unwrap(), content);
    }
    io::write(&file.0, "grüße, 世界 🦀").await.unwrap();
    assert_eq!(io::read_to_string(&file.0).await.unwrap(), "grüße, 世界 🦀");
    io::write(&file.0, [0xff]).await.unwrap();
    let error = io::read_to_string(&file.0).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidData);
}

// S39
#[async_dsl::test(threads = 2)]
async fn a_missing_file_is_an_error() {
    let file = Scratch::new("missing");
    assert_eq!(
        io::read(&file.0).await.unwrap_err().kind(),
        ErrorKind::NotFound
    );
    let inside = file.0.join("inside");
    assert_eq!(
        io::write(inside, "x").await.unwrap_err().kind(),
        ErrorKind::NotFound
    );
}

#[test]
fn files_are_read_off_the_driving_thread() {
    let file = Scratch::new("manual");
    let path = file.0.clone();
    let scheduler = Scheduler::manual();
    let read = scheduler.block_on(async_block!(|path| {
        io::write(&path, "here").await.unwrap();
        let reading = io::read(&path);
        alt! {
            bytes = await!(reading) => bytes.unwrap(),
            sleep!(1min) => panic!("nothing was read"),
        }
    }));
    assert_eq!(read, b"here");
}

#[async_dsl::test(threads = 2)]
async fn a_dropped_write_is_still_done() {
    let file = Scratch::new("dropped");
    drop(io::write(&file.0, "done"));
    while io::read(&file.0).await.unwrap_or_default() != b"done" {
        sleep!(1ms);
    }
}
