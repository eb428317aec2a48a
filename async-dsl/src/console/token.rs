//! The token of a console over TCP.

use std::collections::VecDeque;
use std::fmt::{self, Write};
use std::io;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use subtle::ConstantTimeEq;

use crate::runtime::sync::lock;

/// 128 random bits as 32 hexadecimal digits. They give access to the console.
pub(super) struct Token(String);

impl Token {
    pub(super) fn random() -> io::Result<Self> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes)?;
        let mut digits = String::with_capacity(32);
        for byte in bytes {
            let _ = write!(digits, "{byte:02x}");
        }
        Ok(Self(digits))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// Compares in a time that depends on the length of `other` only.
    pub(super) fn is(&self, other: &str) -> bool {
        self.0.as_bytes().ct_eq(other.as_bytes()).into()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

/// The recent wrong tokens, of all connections.
#[derive(Debug, Default)]
pub(super) struct Wrong {
    lately: Mutex<VecDeque<Instant>>,
}

/// This many wrong tokens `WITHIN` the time pass as mistakes. The answer to each further one is delayed by `PENALTY`.
pub(super) const MISTAKES: usize = 5;
pub(super) const WITHIN: Duration = Duration::from_secs(10);
pub(super) const PENALTY: Duration = Duration::from_secs(1);

impl Wrong {
    /// Counts a wrong token. Returns whether it is one too many.
    pub(super) fn count(&self, now: Instant) -> bool {
        let mut lately = lock(&self.lately);
        lately.retain(|at| now.saturating_duration_since(*at) < WITHIN);
        let too_many = lately.len() >= MISTAKES;
        if too_many {
            lately.pop_front();
        }
        lately.push_back(now);
        too_many
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_itself_only() {
        let (token, other) = (Token::random().unwrap(), Token::random().unwrap());
        assert_eq!(token.as_str().len(), 32);
        assert!(token.is(token.as_str()));
        for wrong in [
            "",
            "0",
            other.as_str(),
            &token.as_str()[..31],
            &format!("{}0", token.as_str()),
        ] {
            assert!(!token.is(wrong), "{wrong}");
        }
        let upper = token.as_str().to_uppercase();
        assert_eq!(token.is(&upper), upper == token.as_str());
        assert_eq!(format!("{token:?}"), "Token(..)");
    }

    #[test]
    fn a_few_wrong_tokens_are_mistakes_until_there_are_too_many() {
        let wrong = Wrong::default();
        let start = Instant::now();
        for i in 0..MISTAKES {
            assert!(!wrong.count(start + Duration::from_secs(i as u64)));
        }
        // For as long as the attempts go on.
        for i in 0..100 {
            assert!(wrong.count(start + Duration::from_secs(5 + i)));
        }
        assert_eq!(lock(&wrong.lately).len(), MISTAKES, "no more are kept");
        let later = start + Duration::from_secs(104) + WITHIN;
        assert!(!wrong.count(later));
    }
}
