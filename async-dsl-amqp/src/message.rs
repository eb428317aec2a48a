//! A message as the broker has it: bytes, and what is said about them.

use std::fmt;

/// Tells a message from all others, also from one that was published twice: 64 random bits of the putter, and its count.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MessageId {
    pub(crate) putter: u64,
    pub(crate) number: u64,
}

impl MessageId {
    /// The `message-id` property: 32 hexadecimal digits.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let digits = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !digits {
            return None;
        }
        let half = |digits: &str| u64::from_str_radix(digits, 16).ok();
        Some(Self {
            putter: half(&text[..16])?,
            number: half(&text[16..])?,
        })
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}{:016x}", self.putter, self.number)
    }
}

impl fmt::Debug for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The properties of a message that this crate writes, and reads.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Properties {
    /// `message-id`. What other clients publish may have none, or another form: then its text is in `foreign_id`.
    pub(crate) id: Option<MessageId>,
    pub(crate) foreign_id: Option<String>,
    /// `type`.
    pub(crate) kind: Option<String>,
    pub(crate) content_type: Option<String>,
    /// `correlation-id` and `reply-to`, of requests and replies.
    pub(crate) correlation: Option<String>,
    pub(crate) reply_to: Option<String>,
    /// `delivery-mode` 2: the broker writes it to its disk.
    pub(crate) persistent: bool,
    /// `expiration`, in milliseconds: of a message that waits to be retried.
    pub(crate) expires_after: Option<u64>,
    /// Headers whose values are text.
    pub(crate) headers: Vec<(String, String)>,
    /// Header `v`.
    pub(crate) version: Option<u32>,
    /// Header `x-delivery-count`, which a quorum queue counts: how often it was given back. Read only.
    pub(crate) delivery_count: Option<u64>,
}

/// Without the headers, which may be anybody's secret.
impl fmt::Debug for Properties {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Properties")
            .field("id", &self.id)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_as_it_is_written() {
        let id = MessageId {
            putter: 0x0123_4567_89ab_cdef,
            number: 42,
        };
        assert_eq!(id.to_string(), "0123456789abcdef000000000000002a");
        assert_eq!(MessageId::parse(&id.to_string()), Some(id));
    }

    #[test]
    fn what_another_client_calls_an_id_is_none_of_ours() {
        for text in [
            "",
            "7",
            "+123456789abcdef000000000000002a",
            "0123456789abcdef00000000000000é",
        ] {
            assert_eq!(MessageId::parse(text), None, "{text}");
        }
    }
}
