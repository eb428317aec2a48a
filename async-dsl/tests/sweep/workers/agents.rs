//! The queues of two agents, the second of which only gets what actions of the first send: who sends, waits, fails, restarts,
//! while the scheduler may stop.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_dsl::agent::{AgentError, SendError, on_failure};
use async_dsl::prelude::*;
use async_dsl::scheduler::on_threads;
use async_dsl::task::yield_now;
use shuttle::future::block_on;
use shuttle::thread;

use super::combinations;
use super::ledger::Ledger;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    /// It sends an action, and waits until that is over.
    Sends,
    /// It does not wait.
    SendsAndLeaves,
    /// Its action parks, and sends one to itself and one to the other agent, which are held until it is over.
    SendsHeld,
    /// Its action sends, and fails.
    Fails,
    Settles,
    Restarts,
}

const ACTS: &[Act] = &[
    Act::Sends,
    Act::SendsAndLeaves,
    Act::SendsHeld,
    Act::Fails,
    Act::Settles,
    Act::Restarts,
];

/// When the future given to the scheduler ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Until {
    /// When every act has ended and the agents are settled.
    Settled,
    /// When the first act has ended.
    First,
}

#[derive(Clone)]
struct Program {
    acts: Vec<Act>,
    until: Until,
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {:?}", self.acts, self.until)
    }
}

pub(super) fn cases() -> impl Iterator<Item = (String, Box<dyn Fn() + Send + Sync>)> {
    let programs = [Until::Settled, Until::First]
        .into_iter()
        .flat_map(|until| {
            let combinations = combinations(ACTS, 3).into_iter();
            combinations.map(move |acts| Program { acts, until })
        });
    programs.map(|program| {
        let name = program.to_string();
        (name, Box::new(move || program.run()) as _)
    })
}

/// Which restart the state comes from, 0 being none, and how many actions have succeeded since.
type State = (usize, usize);

/// What is known of an agent without asking it.
#[derive(Default)]
struct Counts {
    made: AtomicUsize,
    refused: AtomicUsize,
    /// By the restart before them.
    succeeded: [AtomicUsize; 4],
    failed: AtomicUsize,
    /// Those that an action has sent which failed.
    doomed: AtomicUsize,
    gone: AtomicUsize,
    /// One is running.
    runs: AtomicBool,
}

fn add(count: &AtomicUsize) {
    count.fetch_add(1, Ordering::Relaxed);
}

fn get(count: &AtomicUsize) -> usize {
    count.load(Ordering::Relaxed)
}

/// What every action has.
struct Action {
    counts: Arc<Counts>,
    ledger: Arc<Ledger>,
    over: Arc<AtomicBool>,
    is_running: bool,
    is_doomed: bool,
}

impl Action {
    fn begins(&mut self) {
        let another = self.counts.runs.swap(true, Ordering::Relaxed);
        self.is_running = true;
        let (holds, doomed) = (!another && !self.is_doomed, self.is_doomed);
        self.ledger.must(holds, || {
            format!("an action begins: another one runs: {another}, what sent it failed: {doomed}")
        });
        self.ledger.note("an action begins", None);
    }

    fn ends(&self, count: &AtomicUsize) {
        add(count);
        self.over.store(true, Ordering::Relaxed);
        self.ledger.note("an action ends", None);
    }
}

impl Drop for Action {
    fn drop(&mut self) {
        if self.is_running {
            self.counts.runs.store(false, Ordering::Relaxed);
        }
        add(&self.counts.gone);
    }
}

struct World {
    agents: [Agent<State>; 2],
    counts: [Arc<Counts>; 2],
    ledger: Arc<Ledger>,
    restarts: AtomicUsize,
    /// Of the actions that were sent to the first agent, and accepted: whether they are over.
    accepted: Mutex<Vec<Arc<AtomicBool>>>,
    /// Whether what settles has run, and was not lost at a stop before a restart.
    keeps_all: bool,
}

impl World {
    fn action(&self, which: usize, is_doomed: bool) -> Action {
        let counts = Arc::clone(&self.counts[which]);
        add(&counts.made);
        Action {
            counts,
            ledger: Arc::clone(&self.ledger),
            over: Arc::default(),
            is_running: false,
            is_doomed,
        }
    }

    /// Notes whether an action was accepted.
    fn sent(&self, over: Arc<AtomicBool>, sent: &Result<(), SendError>) {
        match sent {
            Ok(()) => self.accepted.lock().unwrap().push(over),
            Err(_) => add(&self.counts[0].refused),
        }
    }

    fn send_to(&self, which: usize, mut action: Action) -> Result<(), SendError> {
        self.agents[which].send(|(restart, count)| async move {
            action.begins();
            thread::yield_now();
            action.ends(&action.counts.succeeded[restart]);
            (restart, count + 1)
        })
    }

    /// Sends an action that does nothing but let the others run.
    fn send(&self) -> Result<(), SendError> {
        let action = self.action(0, false);
        let over = Arc::clone(&action.over);
        let sent = self.send_to(0, action);
        self.sent(over, &sent);
        sent
    }

    /// The same, from an action: nobody waits for it before that is over.
    fn send_held(&self, which: usize) {
        if self.send_to(which, self.action(which, false)).is_err() {
            add(&self.counts[which].refused);
        }
    }

    /// The same, from an action which will fail.
    fn send_doomed(&self, which: usize) {
        let counts = &self.counts[which];
        match self.send_to(which, self.action(which, true)) {
            Ok(()) => add(&counts.doomed),
            Err(_) => add(&counts.refused),
        }
    }

    /// Sends one that parks and sends to both.
    fn send_sending(self: &Arc<Self>) -> Result<(), SendError> {
        let mut action = self.action(0, false);
        let over = Arc::clone(&action.over);
        let own = Arc::downgrade(self);
        let sent = self.agents[0].send(|(restart, count)| async move {
            action.begins();
            for which in [0, 1] {
                if let Some(own) = own.upgrade() {
                    own.send_held(which);
                }
                yield_now().await;
            }
            action.ends(&action.counts.succeeded[restart]);
            (restart, count + 1)
        });
        self.sent(over, &sent);
        sent
    }

    fn send_failing(self: &Arc<Self>) -> Result<(), SendError> {
        let mut action = self.action(0, false);
        let over = Arc::clone(&action.over);
        let own = Arc::downgrade(self);
        let sent = self.agents[0].send_fallible(|_| async move {
            action.begins();
            if let Some(own) = own.upgrade() {
                own.send_doomed(0);
                own.send_doomed(1);
            }
            action.ends(&action.counts.failed);
            Err::<State, _>("as it was told to")
        });
        self.sent(over, &sent);
        sent
    }

    /// Waits until what was sent by now is over.
    async fn settle(&self, which: usize) -> Result<(), AgentError> {
        let before = self.accepted.lock().unwrap().clone();
        let settled = self.agents[which].settled().await;
        self.ledger.note("settled: agent", which);
        if which == 0 && settled.is_ok() && self.keeps_all {
            let over = before.iter().all(|over| over.load(Ordering::Relaxed));
            self.ledger
                .must(over, || "settled, and an action is not over".to_owned());
        }
        settled
    }

    /// Waits until nothing is left to do.
    async fn settle_all(&self) {
        for which in [0, 1] {
            let agent = &self.agents[which];
            while !agent.is_idle() && agent.error().is_none() {
                let _ = self.settle(which).await;
            }
        }
    }

    async fn act(self: &Arc<Self>, act: Act) {
        match act {
            Act::Sends => {
                if self.send().is_ok() {
                    let _ = self.settle(0).await;
                }
            }
            Act::SendsAndLeaves => {
                let _ = self.send();
            }
            Act::SendsHeld => {
                let _ = self.send_sending();
            }
            Act::Fails => {
                let _ = self.send_failing();
            }
            Act::Settles => {
                let _ = self.settle(0).await;
            }
            Act::Restarts => {
                yield_now().await;
                let number = self.restarts.fetch_add(1, Ordering::Relaxed) + 1;
                if self.agents[0].restart((number, 0)) {
                    self.ledger.note("restarted:", number);
                }
            }
        }
    }
}

impl Program {
    fn has(&self, act: Act) -> bool {
        self.acts.contains(&act)
    }

    fn run(&self) {
        on_failure(|_| ());
        let agents = [agent((0, 0)), agent((0, 0))];
        let counts = [Arc::default(), Arc::default()];
        let (own, shares) = (agents.clone(), counts.clone());
        let main = |ledger| async move {
            let world = Arc::new(World {
                agents: own,
                counts: shares,
                ledger,
                restarts: AtomicUsize::new(0),
                accepted: Mutex::default(),
                keeps_all: self.until == Until::Settled || !self.has(Act::Restarts),
            });
            let acts: Vec<_> = self
                .acts
                .iter()
                .map(|act| {
                    let (act, own) = (*act, Arc::clone(&world));
                    let future = world.ledger.tracked(async move { own.act(act).await });
                    go!(future.await)
                })
                .collect();
            match self.until {
                Until::Settled => {
                    for act in acts {
                        act.await;
                    }
                    world.settle_all().await;
                }
                Until::First => {
                    if let Some(first) = acts.into_iter().next() {
                        first.await;
                    }
                }
            }
        };
        super::run(|ledger| on_threads(2, main(ledger)));
        for (agent, counts) in agents.iter().zip(&counts) {
            // Nobody runs any more, and so nobody need be waited for.
            let settled = block_on(agent.settled());
            self.check(agent, counts, settled);
        }
        drop(agents);
        for counts in counts {
            let (made, gone) = (get(&counts.made), get(&counts.gone));
            assert_eq!(made, gone, "actions are made, and dropped at last");
        }
    }

    fn check(&self, agent: &Agent<State>, counts: &Counts, settled: Result<(), AgentError>) {
        match settled {
            Ok(()) => assert_eq!(agent.queued(), 0),
            Err(AgentError::Failed { .. }) => assert!(self.has(Act::Fails)),
            Err(AgentError::Stopped) => assert!(self.until == Until::First),
            Err(error) => panic!("{error}"),
        }
        let (restart, count) = agent.last_good();
        let succeeded = &counts.succeeded;
        assert_eq!(count, get(&succeeded[restart]), "the state is another one");
        let succeeded: usize = succeeded.iter().map(get).sum();
        let over = succeeded + get(&counts.failed);
        let known = get(&counts.refused) + over + get(&counts.doomed) + agent.queued();
        let lost = get(&counts.made) - known;
        assert!(
            lost == 0 || self.until == Until::First,
            "{lost} actions are lost"
        );
    }
}
