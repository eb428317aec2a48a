//! A queue as it is declared.

/// A queue as it is declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct QueueSpec {
    /// Empty: the broker makes one up.
    pub(crate) name: String,
    pub(crate) kind: QueueKind,
    /// Of this connection alone, and gone with it. Not of a quorum queue.
    pub(crate) exclusive: bool,
    pub(crate) limit: Option<Limit>,
    /// How often it may be given back before it is a dead letter. Only quorum queues count that: others are declared without.
    pub(crate) delivery_limit: Option<u32>,
    /// The queue of the dead letters, which is declared besides.
    pub(crate) dead_letters: Option<String>,
    /// One consumer at a time gets deliveries; the next one when that is gone.
    pub(crate) single_active: bool,
}

/// Where a queue keeps its messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum QueueKind {
    /// Durable, over several nodes if there are.
    Quorum,
    /// A durable classic one.
    Classic,
    /// A classic one that is gone with the broker.
    Transient,
}

/// How many messages that are ready a queue keeps, and what becomes of what is too much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Limit {
    /// It is refused.
    Refuse(u32),
    /// The oldest is discarded.
    DropOldest(u32),
}

/// The value of an argument of `queue.declare`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Argument {
    Text(String),
    /// A `long`: brokers compare types as well as values, so that one type it must be.
    Number(i64),
    Flag(bool),
}

impl QueueSpec {
    /// A queue of this name and kind, with nothing else about it.
    pub(crate) fn new(name: impl Into<String>, kind: QueueKind) -> Self {
        Self {
            name: name.into(),
            kind,
            exclusive: false,
            limit: None,
            delivery_limit: None,
            dead_letters: None,
            single_active: false,
        }
    }

    /// The flag `durable`.
    pub(crate) const fn is_durable(&self) -> bool {
        !matches!(self.kind, QueueKind::Transient)
    }

    /// The arguments of `queue.declare`. Two specs are the same queue if these and the flags are.
    pub(crate) fn arguments(&self) -> Vec<(&'static str, Argument)> {
        let text = |text: &str| Argument::Text(text.to_owned());
        let mut arguments = Vec::new();
        let is_quorum = self.kind == QueueKind::Quorum;
        if is_quorum {
            arguments.push(("x-queue-type", text("quorum")));
        }
        if let Some(limit) = self.limit {
            let (length, overflow) = match limit {
                Limit::Refuse(length) => (length, "reject-publish"),
                Limit::DropOldest(length) => (length, "drop-head"),
            };
            arguments.push(("x-max-length", Argument::Number(length.into())));
            arguments.push(("x-overflow", text(overflow)));
        }
        if let Some(limit) = self.delivery_limit.filter(|_| is_quorum) {
            arguments.push(("x-delivery-limit", Argument::Number(limit.into())));
        }
        if let Some(queue) = &self.dead_letters {
            // The default exchange, which routes to the queue that the key names.
            arguments.push(("x-dead-letter-exchange", text("")));
            arguments.push(("x-dead-letter-routing-key", text(queue)));
        }
        if self.single_active {
            arguments.push(("x-single-active-consumer", Argument::Flag(true)));
        }
        arguments
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Argument {
        Argument::Text(text.to_owned())
    }

    #[test]
    fn a_classic_queue_is_declared_without_arguments() {
        let transient = QueueSpec::new("jobs", QueueKind::Transient);
        assert_eq!(
            (transient.is_durable(), transient.arguments()),
            (false, vec![])
        );
        let classic = QueueSpec {
            delivery_limit: Some(5),
            ..QueueSpec::new("jobs", QueueKind::Classic)
        };
        assert_eq!((classic.is_durable(), classic.arguments()), (true, vec![]));
    }

    #[test]
    fn all_that_can_be_said_of_a_queue_is_in_its_arguments() {
        let jobs = QueueSpec {
            limit: Some(Limit::Refuse(100)),
            delivery_limit: Some(5),
            dead_letters: Some("jobs.dead".into()),
            single_active: true,
            ..QueueSpec::new("jobs", QueueKind::Quorum)
        };
        let expected = [
            ("x-queue-type", text("quorum")),
            ("x-max-length", Argument::Number(100)),
            ("x-overflow", text("reject-publish")),
            ("x-delivery-limit", Argument::Number(5)),
            ("x-dead-letter-exchange", text("")),
            ("x-dead-letter-routing-key", text("jobs.dead")),
            ("x-single-active-consumer", Argument::Flag(true)),
        ];
        assert_eq!(jobs.arguments(), expected);
    }

    #[test]
    fn a_sliding_queue_drops_its_head() {
        let newest = QueueSpec {
            limit: Some(Limit::DropOldest(3)),
            ..QueueSpec::new("news", QueueKind::Transient)
        };
        let expected = [
            ("x-max-length", Argument::Number(3)),
            ("x-overflow", text("drop-head")),
        ];
        assert_eq!(newest.arguments(), expected);
    }
}
