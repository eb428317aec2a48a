//! The wire beside a real broker, and beside peers that are none.

use super::auth::Secret;
use super::link::{Failure, Link, Peer};
use super::publish::{Message, Publisher, Verdict};
use crate::node::Node;
use async_dsl::scheduler::Scheduler;
use lapin::BasicProperties;
use lapin::options::{QueueDeclareOptions, QueueDeleteOptions};
use lapin::types::FieldTable;
use std::collections::BTreeSet;
use std::future::poll_fn;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::{LazyLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::{Duration, Instant};

const LIMIT: Duration = Duration::from_secs(10);

/// The broker of this test binary. A small process beside it ends it with the binary.
static NODE: LazyLock<Option<Node>> = LazyLock::new(Node::start_or_skip);

static IN_USE: RwLock<()> = RwLock::new(());

/// The broker, for a test that shares it with others.
fn shared() -> Option<(&'static Node, RwLockReadGuard<'static, ()>)> {
    let node = NODE.as_ref()?;
    Some((node, IN_USE.read().unwrap_or_else(PoisonError::into_inner)))
}

/// For a test that counts what the process has open.
fn alone() -> RwLockWriteGuard<'static, ()> {
    IN_USE.write().unwrap_or_else(PoisonError::into_inner)
}

/// The broker, for a test that stops it, or counts.
fn node_alone() -> Option<(&'static Node, RwLockWriteGuard<'static, ()>)> {
    Some((NODE.as_ref()?, alone()))
}

fn peer(address: SocketAddr) -> Peer {
    Peer {
        host: address.ip().to_string(),
        port: address.port(),
        vhost: String::from("/"),
        secret: Some(Secret::new("guest", "guest")),
        heartbeat: Duration::from_secs(10),
        name: String::from("test"),
        #[cfg(feature = "tls")]
        tls: None,
    }
}

async fn open(address: SocketAddr, limit: Duration) -> Result<Link, Failure> {
    Link::open(&peer(address), Scheduler::global(), limit).await
}

/// The threads of `lapin`, the sockets, and the tasks of this process.
fn left() -> (usize, usize, usize) {
    let threads = std::fs::read_dir("/proc/self/task").unwrap().flatten();
    let threads = threads.filter(|thread| {
        std::fs::read_to_string(thread.path().join("comm"))
            .is_ok_and(|name| name.trim() == "lapin-io-loop")
    });
    let open = std::fs::read_dir("/proc/self/fd").unwrap().flatten();
    let sockets = open.filter(|fd| {
        std::fs::read_link(fd.path()).is_ok_and(|to| to.to_string_lossy().starts_with("socket"))
    });
    (
        threads.count(),
        sockets.count(),
        Scheduler::global().task_count(),
    )
}

/// Waits until nothing is left of any connection: whoever counts is [alone], and what tests before it had must end as well.
fn assert_nothing_left() {
    let until = Instant::now() + Duration::from_secs(10);
    while left() != (0, 0, 0) {
        assert!(
            Instant::now() < until,
            "threads, sockets and tasks are left: {:?}",
            left()
        );
        std::thread::sleep(Duration::from_millis(1));
    }
}

async fn declare(link: &Link, name: &str) {
    let options = QueueDeclareOptions {
        durable: true,
        ..QueueDeclareOptions::default()
    };
    link.declare_queue(name, options, FieldTable::default(), LIMIT)
        .await
        .unwrap();
}

fn message(number: u64, key: &str) -> Message {
    Message {
        number,
        id: format!("id {number}").into(),
        exchange: "".into(),
        key: key.into(),
        body: number.to_string().into_bytes(),
        properties: BasicProperties::default().with_delivery_mode(2),
        mandatory: true,
    }
}

async fn verdict(publisher: &mut Publisher) -> Result<(u64, Verdict), Failure> {
    poll_fn(|cx| publisher.poll_verdict(cx)).await
}

/// What the hostile peer sends, and whether it stays.
fn hostile(bytes: &'static [u8], stays: bool) -> (SocketAddr, std::thread::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let peer = std::thread::spawn(move || {
        let (mut socket, _) = listener.accept().unwrap();
        socket.read_exact(&mut [0; 8]).unwrap();
        socket.write_all(bytes).unwrap();
        if stays {
            // Until the other side has had enough.
            let _ = socket.read_to_end(&mut Vec::new());
        }
    });
    (address, peer)
}

#[test]
fn a_hostile_peer_leaves_nothing_and_hangs_nothing() {
    let _alone = alone();
    let limit = Duration::from_millis(200);
    for (what, bytes) in [
        ("silence", &b""[..]),
        ("garbage", b"HTTP/1.1 400 Bad Request\r\n\r\n"),
        ("another version", b"AMQP\x00\x01\x00\x00"),
        ("half a frame", &[1, 0, 0, 0, 0, 1, 0, 0, 10]),
        (
            "a frame of four gigabytes",
            &[1, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 10, 0, 10],
        ),
    ] {
        for stays in [true, false] {
            let (address, peer) = hostile(bytes, stays);
            let started = Instant::now();
            let error = async_dsl::block_on(open(address, limit)).expect_err(what);
            assert!(
                started.elapsed() < Duration::from_secs(5),
                "{what}: {:?}",
                started.elapsed()
            );
            if bytes.is_empty() && stays {
                assert!(
                    matches!(error, Failure::Elapsed("connecting")),
                    "{what}: {error:?}"
                );
            }
            peer.join().unwrap();
            assert_nothing_left();
        }
    }
}

#[test]
fn a_connect_that_is_dropped_leaves_nothing() {
    let _alone = alone();
    let (address, peer) = hostile(b"", true);
    let connecting = open(address, LIMIT);
    let dropped = async_dsl::block_on(async_dsl::time::timeout(
        Duration::from_millis(50),
        connecting,
    ));
    assert!(dropped.is_err());
    peer.join().unwrap();
    assert_nothing_left();
}

#[test]
fn nobody_listens() {
    let _alone = alone();
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    for _ in 0..5 {
        let error = async_dsl::block_on(open(free, LIMIT)).unwrap_err();
        assert!(
            matches!(&error, Failure::Lost(text) if text.contains("refused")),
            "{error:?}"
        );
    }
    assert_nothing_left();
}

#[test]
fn a_wrong_password_is_said_and_not_shown() {
    let Some((node, _alone)) = node_alone() else {
        return;
    };
    let mut peer = peer(node.socket());
    peer.secret = Some(Secret::new("guest", "opensesame"));
    let error = async_dsl::block_on(Link::open(&peer, Scheduler::global(), LIMIT)).unwrap_err();
    assert!(matches!(error, Failure::Credentials(_)), "{error:?}");
    for text in [format!("{peer:?}"), format!("{error:?}"), error.to_string()] {
        assert!(!text.contains("opensesame"), "{text}");
    }
    peer.secret = Some(Secret::new("guest", "guest"));
    peer.vhost = String::from("nowhere");
    let error = async_dsl::block_on(Link::open(&peer, Scheduler::global(), LIMIT)).unwrap_err();
    assert!(
        matches!(&error, Failure::Credentials(text) if text.contains("nowhere")),
        "{error:?}"
    );
    assert_nothing_left();
}

#[test]
fn a_connection_that_is_closed_or_dropped_leaves_nothing() {
    let Some((node, _alone)) = node_alone() else {
        return;
    };
    async_dsl::block_on(async {
        let link = open(node.socket(), LIMIT).await.unwrap();
        link.close(LIMIT).await;
    });
    assert_nothing_left();
    async_dsl::block_on(async {
        let link = open(node.socket(), LIMIT).await.unwrap();
        let mut publisher = link.publisher(LIMIT).await.unwrap();
        declare(&link, "dropped").await;
        publisher.publish(message(1, "dropped"));
    });
    assert_nothing_left();
}

/// `lapin` gives a message that came back to any confirm; here each goes to its own.
#[test]
fn what_nobody_routes_comes_back_to_its_own_put() {
    let Some((node, _shared)) = shared() else {
        return;
    };
    async_dsl::block_on(async {
        let link = open(node.socket(), LIMIT).await.unwrap();
        declare(&link, "routed").await;
        let mut publisher = link.publisher(LIMIT).await.unwrap();
        let mut returned = 0;
        for number in 0..2000 {
            // By threes and sevens, so that neighbours differ.
            let lost = number % 3 == 0 || number % 7 == 0;
            returned += usize::from(lost);
            publisher.publish(message(number, if lost { "nowhere" } else { "routed" }));
        }
        assert_eq!(publisher.in_flight(), 2000);
        for number in 0..2000 {
            let lost = number % 3 == 0 || number % 7 == 0;
            let expected = if lost {
                Verdict::Returned
            } else {
                Verdict::Confirmed
            };
            assert_eq!(verdict(&mut publisher).await.unwrap(), (number, expected));
        }
        let seen = link.look("routed", LIMIT).await.unwrap();
        assert_eq!(seen.messages as usize, 2000 - returned);
    });
}

#[test]
fn a_full_queue_refuses() {
    let Some((node, _shared)) = shared() else {
        return;
    };
    async_dsl::block_on(async {
        let link = open(node.socket(), LIMIT).await.unwrap();
        let mut arguments = FieldTable::default();
        arguments.insert("x-max-length".into(), 3.into());
        arguments.insert(
            "x-overflow".into(),
            lapin::types::AMQPValue::LongString("reject-publish".into()),
        );
        let options = QueueDeclareOptions {
            durable: true,
            ..QueueDeclareOptions::default()
        };
        link.declare_queue("full", options, arguments, LIMIT)
            .await
            .unwrap();
        let mut publisher = link.publisher(LIMIT).await.unwrap();
        let mut verdicts = Vec::new();
        for number in 0..5 {
            publisher.publish(message(number, "full"));
            verdicts.push(verdict(&mut publisher).await.unwrap().1);
        }
        assert_eq!(verdicts[..3], [Verdict::Confirmed; 3]);
        assert_eq!(verdicts[3..], [Verdict::Refused; 2]);
    });
}

#[test]
fn what_contradicts_the_queue_is_said_and_ends_nothing_else() {
    let Some((node, _shared)) = shared() else {
        return;
    };
    async_dsl::block_on(async {
        let link = open(node.socket(), LIMIT).await.unwrap();
        declare(&link, "as it is").await;
        let error = link
            .declare_queue(
                "as it is",
                QueueDeclareOptions::default(),
                FieldTable::default(),
                LIMIT,
            )
            .await;
        assert!(
            matches!(&error, Err(Failure::Refused { code: 406, text }) if text.contains("durable")),
            "{error:?}"
        );
        let error = link.look("not there", LIMIT).await;
        assert!(
            matches!(error, Err(Failure::Refused { code: 404, .. })),
            "{error:?}"
        );
        assert_eq!(link.look("as it is", LIMIT).await.unwrap().messages, 0);
    });
}

#[test]
fn runs_of_acks_leave_the_queue_empty_and_a_rejected_one_comes_again() {
    let Some((node, _shared)) = shared() else {
        return;
    };
    async_dsl::block_on(async {
        let link = open(node.socket(), LIMIT).await.unwrap();
        declare(&link, "acks").await;
        let mut publisher = link.publisher(LIMIT).await.unwrap();
        for number in 0..100 {
            publisher.publish(message(number, "acks"));
        }
        for _ in 0..100 {
            assert_eq!(verdict(&mut publisher).await.unwrap().1, Verdict::Confirmed);
        }
        let mut subscription = link.subscribe("acks", 10, LIMIT).await.unwrap();
        let mut seen = Vec::new();
        for turn in 1..=10 {
            let mut last = 0;
            for _ in 0..10 {
                let delivery = poll_fn(|cx| subscription.poll_delivery(cx)).await.unwrap();
                last = delivery.delivery_tag;
                seen.push(
                    String::from_utf8(delivery.data)
                        .unwrap()
                        .parse::<u64>()
                        .unwrap(),
                );
            }
            if turn < 10 {
                subscription.ack(last, true).unwrap();
            } else {
                subscription.reject(last, true).unwrap();
            }
        }
        assert_eq!(seen, (0..100).collect::<Vec<_>>());
        let again = poll_fn(|cx| subscription.poll_delivery(cx)).await.unwrap();
        assert!(again.redelivered);
        assert_eq!(again.data, b"99");
        subscription.ack(again.delivery_tag, true).unwrap();
        drop(subscription);
        link.close(LIMIT).await;
        let link = open(node.socket(), LIMIT).await.unwrap();
        assert_eq!(link.look("acks", LIMIT).await.unwrap().messages, 0);
    });
}

#[test]
fn a_queue_that_is_deleted_ends_its_subscription() {
    let Some((node, _shared)) = shared() else {
        return;
    };
    async_dsl::block_on(async {
        let link = open(node.socket(), LIMIT).await.unwrap();
        declare(&link, "deleted").await;
        let mut subscription = link.subscribe("deleted", 10, LIMIT).await.unwrap();
        let channel = link.channel(LIMIT).await.unwrap();
        channel
            .queue_delete("deleted".into(), QueueDeleteOptions::default())
            .await
            .unwrap();
        assert!(poll_fn(|cx| subscription.poll_delivery(cx)).await.is_err());
    });
}

#[test]
fn a_killed_broker_is_noticed_at_once_and_what_it_confirmed_is_there_after_its_restart() {
    let Some((node, _alone)) = node_alone() else {
        return;
    };
    let confirmed = async_dsl::block_on(async {
        let link = open(node.socket(), LIMIT).await.unwrap();
        declare(&link, "survives").await;
        let mut publisher = link.publisher(LIMIT).await.unwrap();
        let mut subscription = link.subscribe("survives", 1, LIMIT).await.unwrap();
        let mut confirmed = BTreeSet::new();
        let mut number = 0;
        let lost = loop {
            while publisher.in_flight() < 256 {
                publisher.publish(message(number, "survives"));
                number += 1;
            }
            match verdict(&mut publisher).await {
                Ok((number, verdict)) => {
                    assert_eq!(verdict, Verdict::Confirmed);
                    confirmed.insert(number);
                    if confirmed.len() == 2000 {
                        node.kill().unwrap();
                    }
                }
                Err(error) => break error,
            }
        };
        assert!(matches!(lost, Failure::Lost(_)), "{lost:?}");
        // The one delivery, and then the end.
        poll_fn(|cx| subscription.poll_delivery(cx)).await.unwrap();
        assert!(poll_fn(|cx| subscription.poll_delivery(cx)).await.is_err());
        assert!(!link.connected());
        confirmed
    });
    assert_nothing_left();
    node.restart().unwrap();
    async_dsl::block_on(async {
        let link = open(node.socket(), LIMIT).await.unwrap();
        let mut subscription = link.subscribe("survives", 1000, LIMIT).await.unwrap();
        let mut missing = confirmed;
        while !missing.is_empty() {
            let delivery = poll_fn(|cx| subscription.poll_delivery(cx)).await.unwrap();
            missing.remove(&String::from_utf8(delivery.data).unwrap().parse().unwrap());
            subscription.ack(delivery.delivery_tag, false).unwrap();
        }
    });
}

#[test]
fn a_blocked_connection_says_so_and_another_one_goes_on() {
    let Some((node, _alone)) = node_alone() else {
        return;
    };
    async_dsl::block_on(async {
        let puts = open(node.socket(), LIMIT).await.unwrap();
        let takes = open(node.socket(), LIMIT).await.unwrap();
        declare(&takes, "blocked").await;
        let mut publisher = puts.publisher(LIMIT).await.unwrap();
        for number in 0..10 {
            publisher.publish(message(number, "blocked"));
            verdict(&mut publisher).await.unwrap();
        }
        node.alarm(true).unwrap();
        // The broker blocks a connection when it publishes.
        publisher.publish(message(10, "blocked"));
        let waits =
            async_dsl::time::timeout(Duration::from_millis(300), verdict(&mut publisher)).await;
        assert!(waits.is_err());
        assert!(puts.blocked());
        assert!(!takes.blocked());
        let mut subscription = takes.subscribe("blocked", 100, LIMIT).await.unwrap();
        for _ in 0..10 {
            let delivery = poll_fn(|cx| subscription.poll_delivery(cx)).await.unwrap();
            subscription.ack(delivery.delivery_tag, false).unwrap();
        }
        node.alarm(false).unwrap();
        assert_eq!(
            verdict(&mut publisher).await.unwrap(),
            (10, Verdict::Confirmed)
        );
        assert!(!puts.blocked());
    });
}

#[test]
fn a_broker_that_is_stopped_goes_on_where_it_was() {
    let Some((node, _alone)) = node_alone() else {
        return;
    };
    async_dsl::block_on(async {
        let link = open(node.socket(), LIMIT).await.unwrap();
        declare(&link, "stopped").await;
        let mut publisher = link.publisher(LIMIT).await.unwrap();
        node.pause().unwrap();
        publisher.publish(message(1, "stopped"));
        let waits =
            async_dsl::time::timeout(Duration::from_millis(300), verdict(&mut publisher)).await;
        assert!(waits.is_err());
        node.resume().unwrap();
        assert_eq!(
            verdict(&mut publisher).await.unwrap(),
            (1, Verdict::Confirmed)
        );
        // And one that does not go on: asked for something, it is given up at the deadline.
        node.pause().unwrap();
        let error = link.look("stopped", Duration::from_millis(300)).await;
        assert!(matches!(error, Err(Failure::Elapsed(_))), "{error:?}");
        assert!(verdict_of_lost(&mut publisher).await);
        node.resume().unwrap();
    });
}

async fn verdict_of_lost(publisher: &mut Publisher) -> bool {
    publisher.publish(message(2, "stopped"));
    verdict(publisher).await.is_err()
}
