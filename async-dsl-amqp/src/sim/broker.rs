//! What a broker keeps, without time and without a network: exchanges, queues, who consumes, what is not settled.
//!
//! It does what RabbitMQ's documentation says, where our pumps can see it. A quorum queue of it keeps its limit exactly.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::fmt;

use super::matching::matches;
use crate::message::Properties;
use crate::queue::{Argument, Limit, QueueKind, QueueSpec};
use crate::wire::{Depth, ExchangeKind, Outcome, Verdict};

/// A consumer, over all channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct ConsumerId(pub(super) u64);

/// A message in a queue.
#[derive(Clone)]
pub(super) struct Message {
    pub(super) key: String,
    pub(super) properties: Properties,
    pub(super) body: Vec<u8>,
    /// It was delivered before.
    pub(super) redelivered: bool,
    /// How often it was given back.
    count: u32,
}

/// Without the body, which may be anybody's secret.
impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("properties", &self.properties)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// A message for a consumer, with the number under which it is settled.
#[derive(Debug)]
pub(super) struct Delivered {
    pub(super) consumer: ConsumerId,
    pub(super) tag: u64,
    pub(super) message: Message,
}

/// Why something cannot be done.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum No {
    Contradiction(String),
    NotFound(String),
}

#[derive(Debug, Default)]
pub(super) struct Broker {
    queues: BTreeMap<String, Queue>,
    exchanges: BTreeMap<String, Exchange>,
    names: u64,
    tags: u64,
}

#[derive(Debug)]
struct Exchange {
    kind: ExchangeKind,
    durable: bool,
    /// Key and queue.
    bindings: BTreeSet<(String, String)>,
}

#[derive(Debug)]
struct Queue {
    spec: QueueSpec,
    /// Numbers that say where what is given back belongs.
    ready: BTreeMap<u64, Message>,
    next: u64,
    /// In the order of their turns.
    consumers: VecDeque<Consumer>,
    unsettled: HashMap<u64, (ConsumerId, u64, Message)>,
}

#[derive(Debug)]
struct Consumer {
    id: ConsumerId,
    prefetch: usize,
    holds: usize,
}

/// What became of a message at one queue.
enum Enqueued {
    Taken,
    Refused,
    /// Taken, in place of the oldest, which is a dead letter for this queue.
    Displaced(Box<Message>, String),
}

impl Message {
    pub(super) fn new(key: impl Into<String>, properties: Properties, body: Vec<u8>) -> Self {
        Self {
            key: key.into(),
            properties,
            body,
            redelivered: false,
            count: 0,
        }
    }
}

/// What two declarations of a queue must agree in.
fn declared(spec: &QueueSpec) -> (bool, bool, Vec<(&'static str, Argument)>) {
    (spec.is_durable(), spec.exclusive, spec.arguments())
}

impl Broker {
    /// Declares a queue, and returns its name.
    pub(super) fn declare_queue(&mut self, spec: &QueueSpec) -> Result<String, No> {
        let mut spec = spec.clone();
        if spec.name.is_empty() {
            self.names += 1;
            spec.name = format!("amq.gen-{}", self.names);
        }
        let name = spec.name.clone();
        match self.queues.get(&name) {
            Some(queue) if declared(&queue.spec) != declared(&spec) => Err(No::Contradiction(
                format!("inequivalent arguments for queue `{name}`"),
            )),
            Some(_) => Ok(name),
            None => {
                self.queues.insert(name.clone(), Queue::new(spec));
                Ok(name)
            }
        }
    }

    pub(super) fn declare_exchange(
        &mut self,
        name: &str,
        kind: ExchangeKind,
        durable: bool,
    ) -> Result<(), No> {
        let new = || Exchange {
            kind,
            durable,
            bindings: BTreeSet::new(),
        };
        let exchange = self.exchanges.entry(name.to_owned()).or_insert_with(new);
        if (exchange.kind, exchange.durable) == (kind, durable) {
            Ok(())
        } else {
            let text = format!("inequivalent arguments for exchange `{name}`");
            Err(No::Contradiction(text))
        }
    }

    pub(super) fn bind(&mut self, queue: &str, exchange: &str, key: &str) -> Result<(), No> {
        self.queue(queue)?;
        let found = self.exchanges.get_mut(exchange);
        let found = found.ok_or_else(|| No::NotFound(format!("no exchange `{exchange}`")))?;
        found.bindings.insert((key.to_owned(), queue.to_owned()));
        Ok(())
    }

    pub(super) fn delete_queue(&mut self, name: &str) {
        self.queues.remove(name);
        for exchange in self.exchanges.values_mut() {
            exchange.bindings.retain(|(_, queue)| queue != name);
        }
    }

    pub(super) fn look(&mut self, name: &str) -> Result<Depth, No> {
        let queue = self.queue(name)?;
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        Ok(Depth {
            ready: count(queue.ready.len()),
            consumers: count(queue.consumers.len()),
        })
    }

    fn queue(&mut self, name: &str) -> Result<&mut Queue, No> {
        let queue = self.queues.get_mut(name);
        queue.ok_or_else(|| No::NotFound(format!("no queue `{name}`")))
    }

    /// Routes a message to all queues it is for. If one of them is full and says so, it is refused, though others have it.
    pub(super) fn publish(&mut self, exchange: &str, message: &Message) -> Result<Outcome, No> {
        let queues: BTreeSet<String> = if exchange.is_empty() {
            let named = self.queues.contains_key(&message.key);
            named.then(|| message.key.clone()).into_iter().collect()
        } else {
            let found = self.exchanges.get(exchange);
            let found = found.ok_or_else(|| No::NotFound(format!("no exchange `{exchange}`")))?;
            let is_for = |key: &str| match found.kind {
                ExchangeKind::Fanout => true,
                ExchangeKind::Topic => matches(key, &message.key),
            };
            let bound = found.bindings.iter().filter(|(key, _)| is_for(key));
            bound.map(|(_, queue)| queue.clone()).collect()
        };
        if queues.is_empty() {
            return Ok(Outcome::Unroutable);
        }
        let mut outcome = Outcome::Taken;
        for name in queues {
            match self.enqueue(&name, message.clone()) {
                Enqueued::Taken => {}
                Enqueued::Refused => outcome = Outcome::Refused,
                Enqueued::Displaced(oldest, dead) => self.bury(&dead, *oldest),
            }
        }
        Ok(outcome)
    }

    fn enqueue(&mut self, name: &str, message: Message) -> Enqueued {
        let Some(queue) = self.queues.get_mut(name) else {
            return Enqueued::Refused;
        };
        let is_full = |most: u32| queue.ready.len() >= most as usize;
        let oldest = match queue.spec.limit {
            Some(Limit::Refuse(most)) if is_full(most) => return Enqueued::Refused,
            Some(Limit::DropOldest(most)) if is_full(most) => queue.ready.pop_first(),
            _ => None,
        };
        queue.ready.insert(queue.next, message);
        queue.next += 1;
        match (oldest, &queue.spec.dead_letters) {
            (Some((_, oldest)), Some(dead)) => Enqueued::Displaced(Box::new(oldest), dead.clone()),
            _ => Enqueued::Taken,
        }
    }

    /// A dead letter that its queue does not take is gone, and so is one that it displaces: queues may be each other's.
    fn bury(&mut self, queue: &str, message: Message) {
        let properties = Properties {
            delivery_count: None,
            ..message.properties
        };
        self.enqueue(queue, Message::new(queue, properties, message.body));
    }

    pub(super) fn consume(
        &mut self,
        name: &str,
        id: ConsumerId,
        prefetch: usize,
    ) -> Result<(), No> {
        let queue = self.queue(name)?;
        queue.consumers.push_back(Consumer {
            id,
            prefetch,
            holds: 0,
        });
        Ok(())
    }

    /// The next delivery of a queue, if it has a message and somebody to take it.
    pub(super) fn deliver(&mut self, name: &str) -> Option<Delivered> {
        self.tags += 1;
        let tag = self.tags;
        let queue = self.queues.get_mut(name)?;
        let among = if queue.spec.single_active {
            1
        } else {
            usize::MAX
        };
        let mut waiting = queue.consumers.iter().take(among);
        let turn = waiting.position(|consumer| consumer.holds < consumer.prefetch)?;
        let (number, mut message) = queue.ready.pop_first()?;
        let mut consumer = queue.consumers.remove(turn)?;
        consumer.holds += 1;
        let id = consumer.id;
        if queue.spec.single_active {
            queue.consumers.push_front(consumer);
        } else {
            queue.consumers.push_back(consumer);
        }
        if queue.spec.kind == QueueKind::Quorum {
            message.properties.delivery_count = Some(message.count.into());
        }
        let kept = (id, number, message.clone());
        queue.unsettled.insert(tag, kept);
        Some(Delivered {
            consumer: id,
            tag,
            message,
        })
    }

    /// Settles one delivery. One that is settled already, or was given back, is ignored.
    pub(super) fn settle(&mut self, name: &str, tag: u64, verdict: Verdict) {
        let Some(queue) = self.queues.get_mut(name) else {
            return;
        };
        let Some((id, number, message)) = queue.unsettled.remove(&tag) else {
            return;
        };
        if let Some(consumer) = queue.consumers.iter_mut().find(|it| it.id == id) {
            consumer.holds -= 1;
        }
        let dead = match verdict {
            Verdict::Ack => None,
            Verdict::Reject => Some(message),
            Verdict::Requeue => queue.give_back(number, message),
        };
        let to = queue.spec.dead_letters.clone();
        if let (Some(message), Some(to)) = (dead, to) {
            self.bury(&to, message);
        }
    }

    /// A consumer is gone: all that it holds is given back.
    pub(super) fn gone(&mut self, name: &str, id: ConsumerId) {
        let Some(queue) = self.queues.get_mut(name) else {
            return;
        };
        queue.consumers.retain(|consumer| consumer.id != id);
        let held = queue.unsettled.iter().filter(|(_, kept)| kept.0 == id);
        let mut held: Vec<_> = held.map(|(tag, _)| *tag).collect();
        held.sort_unstable();
        for tag in held {
            self.settle(name, tag, Verdict::Requeue);
        }
    }

    /// The broker is killed, and starts again: no consumers; of transient queues and exchanges nothing is left.
    pub(super) fn restart(&mut self) {
        self.exchanges.retain(|_, exchange| exchange.durable);
        let lost = self
            .queues
            .values()
            .filter(|queue| !queue.spec.is_durable());
        let lost: Vec<_> = lost.map(|queue| queue.spec.name.clone()).collect();
        for name in lost {
            self.delete_queue(&name);
        }
        let names: Vec<_> = self.queues.keys().cloned().collect();
        for name in names {
            let consumers = self.queues.get(&name).map(|queue| &queue.consumers);
            let ids = consumers.into_iter().flatten().map(|consumer| consumer.id);
            for id in ids.collect::<Vec<_>>() {
                self.gone(&name, id);
            }
        }
    }
}

impl Queue {
    fn new(spec: QueueSpec) -> Self {
        Self {
            spec,
            ready: BTreeMap::new(),
            next: 0,
            consumers: VecDeque::new(),
            unsettled: HashMap::new(),
        }
    }

    /// Puts it back to where it was, limit or not. Returns it if it was given back too often.
    fn give_back(&mut self, number: u64, mut message: Message) -> Option<Message> {
        message.redelivered = true;
        message.count += 1;
        let most = self.spec.delivery_limit;
        let counts = self.spec.kind == QueueKind::Quorum;
        if counts && most.is_some_and(|most| message.count > most) {
            return Some(message);
        }
        self.ready.insert(number, message);
        None
    }
}
