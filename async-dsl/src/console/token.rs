//! The token of a console over TCP.

use std::collections::VecDeque;
use std::fmt::{self, Write};
use std::io;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use subtle::ConstantTimeEq;

use crate::sync::lock;

/// 128 random bits as 32 hexadecimal digits. Whoever knows them has the console.
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

/// The wrong tokens of the last while, of all connections. When there were too many, none is even compared.
#[derive(Debug, Default)]
pub(super) struct Attempts {
    failed: Mutex<VecDeque<Instant>>,
}

/// So many wrong tokens within this time.
pub(super) const FAILURES: usize = 5;
pub(super) const WITHIN: Duration = Duration::from_secs(10);

impl Attempts {
    /// Runs an attempt, unless there were too many: then it says how long none is allowed.
    pub(super) fn attempt(
        &self,
        now: Instant,
        attempt: impl FnOnce() -> bool,
    ) -> Result<bool, Duration> {
        let mut failed = lock(&self.failed);
        while failed
            .front()
            .is_some_and(|at| now.saturating_duration_since(*at) >= WITHIN)
        {
            failed.pop_front();
        }
        if let (FAILURES.., Some(oldest)) = (failed.len(), failed.front()) {
            return Err(WITHIN.saturating_sub(now.saturating_duration_since(*oldest)));
        }
        let right = attempt();
        if !right {
            failed.push_back(now);
        }
        Ok(right)
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
    fn too_many_wrong_tokens_stop_even_the_right_one_for_a_while() {
        let attempts = Attempts::default();
        let start = Instant::now();
        for i in 0..FAILURES {
            let now = start + Duration::from_secs(i as u64);
            assert_eq!(
                attempts.attempt(now, || true),
                Ok(true),
                "a right one does not count"
            );
            assert_eq!(attempts.attempt(now, || false), Ok(false));
        }
        let now = start + Duration::from_secs(5);
        let waits = attempts.attempt(now, || panic!("it is not compared"));
        assert_eq!(waits, Err(Duration::from_secs(5)));
        let now = start + WITHIN;
        assert_eq!(attempts.attempt(now, || true), Ok(true));
        assert_eq!(attempts.attempt(now, || false), Ok(false));
        assert!(attempts.attempt(now, || true).is_err());
    }
}
