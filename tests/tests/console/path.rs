//! The socket's place in the file system: who can connect, and what becomes of the file.

use std::fs;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::UnixListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_dsl::console::{self, Options};

use crate::socket::{Client, folder, open};

#[test]
fn only_the_user_can_connect() {
    let (_console, path, folder) = open(|options| options);
    let meta = fs::symlink_metadata(&path).unwrap();
    assert!(meta.file_type().is_socket());
    assert_eq!(meta.permissions().mode() & 0o777, 0o600);
    // Nothing is left of how it was made.
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

/// Not even for a moment.
#[test]
fn the_socket_never_has_a_wider_mode() {
    let folder = folder();
    let path = folder.path().join("console");
    let (watched, seen) = (path.clone(), Arc::new(AtomicUsize::new(0)));
    let looks = Arc::clone(&seen);
    let watching = std::thread::spawn(move || {
        while looks.load(Ordering::Relaxed) < 100 {
            if let Ok(meta) = fs::symlink_metadata(&watched) {
                assert_eq!(meta.permissions().mode() & 0o777, 0o600);
                looks.fetch_add(1, Ordering::Relaxed);
            }
        }
    });
    while seen.load(Ordering::Relaxed) < 100 && !watching.is_finished() {
        drop(console::serve(Options::unix(&path)).unwrap());
    }
    watching.join().unwrap();
}

#[test]
fn the_socket_goes_with_the_console() {
    let (console, path, _folder) = open(|options| options);
    drop(console);
    assert!(!path.exists());

    let (console, path, folder) = open(|options| options);
    // Somebody else took the place meanwhile.
    fs::remove_file(&path).unwrap();
    let other = console::serve(Options::unix(&path)).unwrap();
    drop(console);
    assert!(path.exists());
    drop(other);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_socket_left_behind_is_replaced() {
    let folder = folder();
    let path = folder.path().join("console");
    drop(UnixListener::bind(&path).unwrap());
    assert!(path.exists());
    let console = console::serve(Options::unix(&path)).unwrap();
    assert_eq!(console.path(), Some(&*path));
    assert_eq!(Client::connect(&path).ask("1"), "1");
}

#[test]
fn what_is_in_use_or_no_socket_is_left_alone() {
    let (_console, path, folder) = open(|options| options);
    let error = console::serve(Options::unix(&path)).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::AddrInUse);
    assert_eq!(Client::connect(&path).ask("1"), "1");

    let file = folder.path().join("file");
    fs::write(&file, "precious").unwrap();
    let error = console::serve(Options::unix(&file)).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::AlreadyExists);
    assert_eq!(fs::read_to_string(&file).unwrap(), "precious");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);

    let error = console::serve(Options::unix(folder.path().join("none/console"))).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
}
