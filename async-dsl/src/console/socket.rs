//! A Unix socket that only its owner can connect to, from its first moment on.

use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, MetadataExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

/// A file that is removed when this is dropped, unless another has taken its place.
#[derive(Debug)]
pub(super) struct Owned {
    path: PathBuf,
    /// Its device and inode.
    file: (u64, u64),
}

impl Owned {
    pub(super) fn new(path: &Path) -> io::Result<Self> {
        Ok(Self {
            path: path.into(),
            file: identity(path)?,
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        if identity(&self.path).is_ok_and(|file| file == self.file) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn identity(path: &Path) -> io::Result<(u64, u64)> {
    let meta = fs::symlink_metadata(path)?;
    Ok((meta.dev(), meta.ino()))
}

/// A folder that only this user can enter, beside `path` so that files can be moved out of it. It is removed on drop.
#[derive(Debug)]
pub(super) struct Private(PathBuf);

impl Private {
    pub(super) fn beside(path: &Path) -> io::Result<Self> {
        let parent = match path.parent() {
            Some(parent) if parent != Path::new("") => parent,
            _ => Path::new("."),
        };
        // Short, because the path of a socket is limited to about 100 bytes.
        let folder = parent.join(format!(".{:08x}", getrandom::u32()?));
        DirBuilder::new().mode(0o700).create(&folder)?;
        Ok(Self(folder))
    }

    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Private {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Listens on a new socket of mode 0600. A socket without a listener is replaced; anything else at the path is left
/// alone, and an error.
pub(super) fn listen(path: &Path) -> io::Result<(UnixListener, Owned)> {
    let private = Private::beside(path)?;
    let ours = private.file("s");
    let listener = UnixListener::bind(&ours)?;
    fs::set_permissions(&ours, Permissions::from_mode(0o600))?;
    // A hard link, because it never replaces a file.
    if let Err(error) = fs::hard_link(&ours, path) {
        if error.kind() != io::ErrorKind::AlreadyExists {
            return Err(error);
        }
        remove_stale(path, &private)?;
        fs::hard_link(&ours, path)?;
    }
    Ok((listener, Owned::new(path)?))
}

/// Moves the file aside before it is checked, so that no other can take its place in between.
fn remove_stale(path: &Path, private: &Private) -> io::Result<()> {
    if !fs::symlink_metadata(path)?.file_type().is_socket() {
        return Err(io::Error::new(
            io::ErrorKind::AlreadyExists,
            format!("{} exists and is no socket", path.display()),
        ));
    }
    let aside = private.file("o");
    fs::rename(path, &aside)?;
    match UnixStream::connect(&aside) {
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => Ok(()),
        _ => {
            fs::hard_link(&aside, path)?;
            Err(io::Error::new(
                io::ErrorKind::AddrInUse,
                format!("somebody listens on {}", path.display()),
            ))
        }
    }
}

/// Writes a new file of mode 0600, in place of an old one.
pub(super) fn write_private(path: &Path, text: &str) -> io::Result<Owned> {
    let private = Private::beside(path)?;
    let ours = private.file("f");
    fs::write(&ours, text)?;
    fs::set_permissions(&ours, Permissions::from_mode(0o600))?;
    fs::rename(&ours, path)?;
    Owned::new(path)
}
