//! What the broker keeps, and what becomes of it.

use super::broker::{Broker, ConsumerId, Delivered, Message, No};
use crate::message::Properties;
use crate::queue::{Limit, QueueKind, QueueSpec};
use crate::wire::{ExchangeKind, Outcome, Verdict};

const ME: ConsumerId = ConsumerId(1);
const OTHER: ConsumerId = ConsumerId(2);

fn with(spec: &QueueSpec) -> Broker {
    let mut broker = Broker::default();
    broker.declare_queue(spec).unwrap();
    broker
}

fn quorum(name: &str) -> QueueSpec {
    QueueSpec::new(name, QueueKind::Quorum)
}

fn put(broker: &mut Broker, exchange: &str, key: &str, number: u8) -> Outcome {
    let message = Message::new(key, Properties::default(), vec![number]);
    broker.publish(exchange, &message).unwrap()
}

fn put_all(
    broker: &mut Broker,
    queue: &str,
    numbers: impl IntoIterator<Item = u8>,
) -> Vec<Outcome> {
    let numbers = numbers.into_iter();
    numbers
        .map(|number| put(broker, "", queue, number))
        .collect()
}

/// All that can be delivered now.
fn deliveries(broker: &mut Broker, queue: &str) -> Vec<Delivered> {
    std::iter::from_fn(|| broker.deliver(queue)).collect()
}

fn numbers(deliveries: &[Delivered]) -> Vec<u8> {
    deliveries
        .iter()
        .map(|delivered| delivered.message.body[0])
        .collect()
}

/// What is ready in a queue, taken by a consumer that settles it all and goes.
fn drain(broker: &mut Broker, queue: &str) -> Vec<u8> {
    let id = ConsumerId(99);
    broker.consume(queue, id, usize::MAX).unwrap();
    let all = deliveries(broker, queue);
    for delivered in &all {
        broker.settle(queue, delivered.tag, Verdict::Ack);
    }
    broker.gone(queue, id);
    numbers(&all)
}

#[test]
fn a_full_queue_refuses_and_what_is_out_does_not_count() {
    let limit = Some(Limit::Refuse(2));
    let mut broker = with(&QueueSpec {
        limit,
        ..quorum("jobs")
    });
    let taken = [Outcome::Taken, Outcome::Taken, Outcome::Refused];
    assert_eq!(put_all(&mut broker, "jobs", 1..=3), taken);
    broker.consume("jobs", ME, 1).unwrap();
    assert_eq!(numbers(&deliveries(&mut broker, "jobs")), [1]);
    assert_eq!(
        put_all(&mut broker, "jobs", 4..=5),
        [Outcome::Taken, Outcome::Refused]
    );
    let depth = broker.look("jobs").unwrap();
    assert_eq!((depth.ready, depth.consumers), (2, 1));
}

#[test]
fn a_sliding_queue_keeps_the_newest_and_the_others_are_dead_letters() {
    let news = QueueSpec {
        limit: Some(Limit::DropOldest(3)),
        dead_letters: Some("old".into()),
        ..quorum("news")
    };
    let mut broker = with(&news);
    broker.declare_queue(&quorum("old")).unwrap();
    put_all(&mut broker, "news", 1..=5);
    assert_eq!(drain(&mut broker, "news"), [3, 4, 5]);
    assert_eq!(drain(&mut broker, "old"), [1, 2]);
}

#[test]
fn a_queue_that_is_its_own_dead_letter_queue_ends() {
    let odd = QueueSpec {
        limit: Some(Limit::DropOldest(1)),
        dead_letters: Some("odd".into()),
        ..quorum("odd")
    };
    let mut broker = with(&odd);
    put_all(&mut broker, "odd", 1..=3);
    assert_eq!(drain(&mut broker, "odd").len(), 1);
}

#[test]
fn nobody_holds_more_than_the_prefetch_and_turns_go_round() {
    let mut broker = with(&quorum("jobs"));
    put_all(&mut broker, "jobs", 1..=9);
    broker.consume("jobs", ME, 2).unwrap();
    broker.consume("jobs", OTHER, 1).unwrap();
    let first = deliveries(&mut broker, "jobs");
    let whom: Vec<_> = first.iter().map(|delivered| delivered.consumer).collect();
    assert_eq!(whom, [ME, OTHER, ME]);
    broker.settle("jobs", first[0].tag, Verdict::Ack);
    broker.settle("jobs", first[0].tag, Verdict::Ack); // once is enough
    let next = deliveries(&mut broker, "jobs");
    assert_eq!(
        (next.len(), next[0].consumer, numbers(&next)),
        (1, ME, vec![4])
    );
}

#[test]
fn what_a_consumer_held_comes_again_where_it_was_and_is_marked() {
    let mut broker = with(&quorum("jobs"));
    put_all(&mut broker, "jobs", 1..=4);
    broker.consume("jobs", ME, 2).unwrap();
    deliveries(&mut broker, "jobs");
    broker.gone("jobs", ME);
    broker.consume("jobs", OTHER, 9).unwrap();
    let again = deliveries(&mut broker, "jobs");
    assert_eq!(numbers(&again), [1, 2, 3, 4]);
    let marked = again.iter().map(|delivered| delivered.message.redelivered);
    assert_eq!(marked.collect::<Vec<_>>(), [true, true, false, false]);
}

/// As measured: with a limit of 3 it is delivered 4 times, counted from 0 to 3.
#[test]
fn what_is_given_back_too_often_is_a_dead_letter() {
    let jobs = QueueSpec {
        delivery_limit: Some(3),
        dead_letters: Some("jobs.dead".into()),
        ..quorum("jobs")
    };
    let mut broker = with(&jobs);
    broker.declare_queue(&quorum("jobs.dead")).unwrap();
    put_all(&mut broker, "jobs", [7]);
    broker.consume("jobs", ME, 1).unwrap();
    let mut counts = Vec::new();
    while let Some(delivered) = broker.deliver("jobs") {
        counts.push(delivered.message.properties.delivery_count);
        broker.settle("jobs", delivered.tag, Verdict::Requeue);
    }
    assert_eq!(counts, [Some(0), Some(1), Some(2), Some(3)]);
    assert_eq!(drain(&mut broker, "jobs.dead"), [7]);
}

#[test]
fn a_rejected_one_is_a_dead_letter_at_once_or_gone() {
    let mut broker = with(&QueueSpec {
        dead_letters: Some("jobs.dead".into()),
        ..QueueSpec::new("jobs", QueueKind::Classic)
    });
    put_all(&mut broker, "jobs", 1..=2);
    broker.consume("jobs", ME, 9).unwrap();
    let both = deliveries(&mut broker, "jobs");
    broker.settle("jobs", both[0].tag, Verdict::Reject); // its dead letter queue is not there
    broker.declare_queue(&quorum("jobs.dead")).unwrap();
    broker.settle("jobs", both[1].tag, Verdict::Reject);
    assert_eq!(drain(&mut broker, "jobs.dead"), [2]);
    assert_eq!(
        both[0].message.properties.delivery_count, None,
        "classic queues count nothing"
    );
}

#[test]
fn of_single_active_consumers_the_first_gets_all_until_it_is_gone() {
    let mut broker = with(&QueueSpec {
        single_active: true,
        ..quorum("jobs")
    });
    put_all(&mut broker, "jobs", 1..=3);
    broker.consume("jobs", ME, 1).unwrap();
    broker.consume("jobs", OTHER, 1).unwrap();
    let first = deliveries(&mut broker, "jobs");
    assert_eq!((first.len(), first[0].consumer), (1, ME));
    broker.settle("jobs", first[0].tag, Verdict::Ack);
    assert_eq!(deliveries(&mut broker, "jobs")[0].consumer, ME);
    broker.gone("jobs", ME);
    let next = deliveries(&mut broker, "jobs");
    assert_eq!((next[0].consumer, numbers(&next)), (OTHER, vec![2]));
}

#[test]
fn exchanges_route_to_each_queue_once_and_what_nobody_gets_is_unroutable() {
    let mut broker = with(&quorum("eu"));
    broker.declare_queue(&quorum("all")).unwrap();
    broker
        .declare_exchange("orders", ExchangeKind::Topic, true)
        .unwrap();
    assert_eq!(
        put(&mut broker, "orders", "orders.eu", 0),
        Outcome::Unroutable
    );
    for (queue, key) in [("eu", "*.eu"), ("all", "#"), ("all", "orders.*")] {
        broker.bind(queue, "orders", key).unwrap();
    }
    assert_eq!(put(&mut broker, "orders", "orders.eu", 1), Outcome::Taken);
    assert_eq!(put(&mut broker, "orders", "orders.us", 2), Outcome::Taken);
    assert_eq!(drain(&mut broker, "eu"), [1]);
    assert_eq!(drain(&mut broker, "all"), [1, 2]);
    assert_eq!(put(&mut broker, "", "nobody", 3), Outcome::Unroutable);
    let fanout = broker.declare_exchange("orders", ExchangeKind::Fanout, true);
    assert!(matches!(fanout, Err(No::Contradiction(_))));
}

#[test]
fn a_declaration_that_contradicts_the_queue_is_refused() {
    let mut broker = with(&quorum("jobs"));
    assert_eq!(broker.declare_queue(&quorum("jobs")), Ok("jobs".into()));
    let limit = Some(Limit::Refuse(1));
    let other = broker.declare_queue(&QueueSpec {
        limit,
        ..quorum("jobs")
    });
    assert!(matches!(other, Err(No::Contradiction(_))));
    let one = broker.declare_queue(&quorum("")).unwrap();
    assert_ne!(one, broker.declare_queue(&quorum("")).unwrap());
    assert!(matches!(broker.look("none"), Err(No::NotFound(_))));
}

#[test]
fn after_a_restart_what_is_durable_is_there_and_nobody_consumes() {
    let mut broker = with(&quorum("jobs"));
    broker
        .declare_queue(&QueueSpec::new("news", QueueKind::Transient))
        .unwrap();
    put_all(&mut broker, "jobs", 1..=3);
    broker.consume("jobs", ME, 2).unwrap();
    deliveries(&mut broker, "jobs");
    broker.restart();
    let depth = broker.look("jobs").unwrap();
    assert_eq!((depth.ready, depth.consumers), (3, 0));
    assert_eq!(drain(&mut broker, "jobs"), [1, 2, 3]);
    assert!(matches!(broker.look("news"), Err(No::NotFound(_))));
}
