//! How we say who we are.

use lapin::auth::AuthProvider;
use lapin::types::{LongString, ShortString};
use std::fmt;

/// A user and a password. The password is in nothing of `lapin`'s, some of which show theirs.
#[derive(Clone)]
pub(crate) struct Secret {
    user: String,
    password: String,
}

impl Secret {
    pub(crate) fn new(user: impl Into<String>, password: impl Into<String>) -> Self {
        Self {
            user: user.into(),
            password: password.into(),
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secret")
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}

impl AuthProvider for Secret {
    fn mechanism(&self) -> ShortString {
        "PLAIN".into()
    }

    fn auth_starter(&self) -> Result<LongString, String> {
        Ok(format!("\0{}\0{}", self.user, self.password).into())
    }
}

/// The certificate of the client says who it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ByCertificate;

impl AuthProvider for ByCertificate {}
