//! A RabbitMQ of one's own, for tests, examples and a first try: started on free ports of loopback in a directory of its own,
//! and ended with its handle.
//!
//! It is the RabbitMQ that is installed on this machine (`apt-get install --no-install-recommends rabbitmq-server`); no service
//! has to run, and one that runs is left alone. [`Node::start`] starts a broker, [`Node::cluster`] several that are one.
//!
//! All functions here block their thread: call them before the scheduler starts, or by `async_dsl::spawn_thread`.
//!
//! ```no_run
//! use async_dsl_amqp::node::Node;
//!
//! # fn main() -> std::io::Result<()> {
//! let node = Node::start()?; // some 8 seconds
//! println!("{}", node.address()); // amqp://127.0.0.1:…
//! # Ok(()) }
//! ```

mod guard;
mod place;

use self::guard::Guard;
use self::place::{Place, Ports};
use rustix::process::{Pid, Signal, kill_process};
use std::fs;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long a node may take to start.
const START: Duration = Duration::from_secs(60);

/// What the line about a missing broker says.
const MISSING: &str = "no RabbitMQ found (apt-get install rabbitmq-server)";

/// A RabbitMQ that this program started, on loopback.
///
/// It ends with this handle, also while a panic unwinds; and when the program ends in any other way, killed, aborted or with a
/// handle in a `static`, a small watcher process ends it. Its directory goes with it. The user is `guest`, with the password
/// `guest`.
#[derive(Debug)]
pub struct Node {
    name: String,
    port: u16,
    ports: Ports,
    child: Mutex<Option<Child>>,
    /// Shared by the nodes of a cluster: the name server, the directory, and what ends all of them.
    house: Arc<House>,
}

/// What nodes of a cluster have in common.
#[derive(Debug)]
struct House {
    epmd: Mutex<Child>,
    place: Place,
    guard: Guard,
}

impl Node {
    /// Starts a broker, and returns once it accepts connections, after some 8 seconds.
    ///
    /// # Errors
    ///
    /// [`NotFound`](io::ErrorKind::NotFound) if no RabbitMQ is installed here; [`TimedOut`](io::ErrorKind::TimedOut) if it does
    /// not listen within 60 seconds; else what went wrong, with the end of its log. Nothing is left behind then.
    pub fn start() -> io::Result<Self> {
        let mut nodes = Self::cluster(1)?;
        Ok(nodes.remove(0))
    }

    /// Starts `size` brokers that are one cluster, and returns once all of them accept connections, after some 20 seconds for
    /// three of them.
    ///
    /// The parts of it that are in the minority when nodes are lost pause (`pause_minority`), so that nothing is confirmed that
    /// the others do not have.
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start).
    ///
    /// # Panics
    ///
    /// If `size` is 0.
    pub fn cluster(size: usize) -> io::Result<Vec<Self>> {
        assert!(size > 0, "a cluster has a node at least");
        let mut tries = 0;
        loop {
            tries += 1;
            match Self::try_cluster(size) {
                // A port that was free may be another program's by now.
                Err(error) if error.kind() == io::ErrorKind::AddrInUse && tries < 3 => {}
                result => return result,
            }
        }
    }

    /// Starts a broker as [`start`](Self::start) does, or returns `None` if no RabbitMQ is installed here, having printed
    /// `skipped: no RabbitMQ found (apt-get install rabbitmq-server)`, once a process. For tests.
    ///
    /// # Panics
    ///
    /// If none is installed and the variable `CI` is set, where a test that does not run is a failure; and if it is installed and
    /// does not start.
    pub fn start_or_skip() -> Option<Self> {
        Self::cluster_or_skip(1).map(|mut nodes| nodes.remove(0))
    }

    /// Starts a cluster as [`cluster`](Self::cluster) does, or returns `None` as [`start_or_skip`](Self::start_or_skip) does.
    ///
    /// # Panics
    ///
    /// As [`start_or_skip`](Self::start_or_skip).
    pub fn cluster_or_skip(size: usize) -> Option<Vec<Self>> {
        match Self::cluster(size) {
            Ok(nodes) => Some(nodes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                assert!(std::env::var_os("CI").is_none(), "{error}");
                static SAID: Once = Once::new();
                SAID.call_once(|| eprintln!("skipped: {error}"));
                None
            }
            Err(error) => panic!("RabbitMQ is installed, and does not start: {error}"),
        }
    }

    fn try_cluster(size: usize) -> io::Result<Vec<Self>> {
        let programs = place::programs()?;
        let place = Place::new(programs, size)?;
        let guard = Guard::new(place.path())?;
        let epmd = place
            .epmd()
            .spawn()
            .map_err(|error| missing("epmd", &error))?;
        guard.watch(epmd.id())?;
        let house = Arc::new(House {
            epmd: Mutex::new(epmd),
            place,
            guard,
        });
        let mut nodes = Vec::new();
        for number in 1..=size {
            let ports = Ports::new()?;
            let name = format!("n{number}@localhost");
            house.place.prepare(&name)?;
            nodes.push(Self {
                name,
                port: ports.amqp,
                ports,
                child: Mutex::new(None),
                house: Arc::clone(&house),
            });
        }
        // All at once: each waits for the others.
        let until = Instant::now() + START;
        for node in &nodes {
            node.launch()?;
        }
        for node in &nodes {
            node.wait_until_ready(until)?;
        }
        Ok(nodes)
    }

    /// Returns the address to connect to, without user and password: `amqp://127.0.0.1:PORT`.
    pub fn address(&self) -> String {
        format!("amqp://{}", self.socket())
    }

    /// Returns the socket that the broker listens on.
    pub fn socket(&self) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, self.port))
    }

    /// Returns the name of the node, `n1@localhost`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the process id of the broker, or `None` if it is not running.
    pub fn id(&self) -> Option<u32> {
        self.child().as_ref().map(Child::id)
    }

    /// Kills the broker (`SIGKILL`), as a crash or a power cut would, and returns once it is gone. Does nothing if it is not running.
    pub fn kill(&self) -> io::Result<()> {
        let Some(mut child) = self.child().take() else {
            return Ok(());
        };
        self.house.guard.forget(child.id())?;
        child.kill()?;
        child.wait()?;
        Ok(())
    }

    /// Shuts the broker down (`SIGTERM`), and returns once it has ended, after some 3 seconds. Does nothing if it is not running.
    ///
    /// # Errors
    ///
    /// [`TimedOut`](io::ErrorKind::TimedOut) if it has not ended after 60 seconds; it has been killed then.
    pub fn shut_down(&self) -> io::Result<()> {
        let Some(mut child) = self.child().take() else {
            return Ok(());
        };
        signal(child.id(), Signal::TERM)?;
        let until = Instant::now() + START;
        while child.try_wait()?.is_none() {
            if Instant::now() > until {
                child.kill()?;
                child.wait()?;
                self.house.guard.forget(child.id())?;
                return Err(io::Error::new(
                    io::ErrorKind::TimedOut,
                    "RabbitMQ did not end by itself",
                ));
            }
            sleep(Duration::from_millis(20));
        }
        self.house.guard.forget(child.id())
    }

    /// Stops the broker in its tracks (`SIGSTOP`): its connections stay open, and nothing answers, until
    /// [`resume`](Self::resume).
    pub fn pause(&self) -> io::Result<()> {
        self.send(Signal::STOP)
    }

    /// Lets a broker that was [paused](Self::pause) go on.
    pub fn resume(&self) -> io::Result<()> {
        self.send(Signal::CONT)
    }

    /// Starts the broker again, on the same port and with what it had stored, after [`kill`](Self::kill) or
    /// [`shut_down`](Self::shut_down). Returns once it accepts connections, after some 10 seconds. Does nothing if it is running.
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start). A node of three that starts alone waits for another one to be there.
    pub fn restart(&self) -> io::Result<()> {
        if self.id().is_none() {
            self.launch()?;
        }
        self.wait_until_ready(Instant::now() + START)
    }

    /// Raises the broker's memory alarm, or ends it: while it lasts, connections that publish are blocked. Takes some 2 seconds.
    ///
    /// # Errors
    ///
    /// If the broker is not running, or refuses.
    pub fn alarm(&self, raised: bool) -> io::Result<()> {
        let limit: &[&str] = if raised {
            &["absolute", "1MB"]
        } else {
            &["0.6"]
        };
        self.control(&[&["set_vm_memory_high_watermark"], limit].concat())
            .map(drop)
    }

    /// Runs `rabbitmqctl` with `arguments` for this node, and returns what it printed. Takes some 2 seconds.
    ///
    /// # Errors
    ///
    /// If it cannot be run or fails, with what it said.
    pub fn control(&self, arguments: &[&str]) -> io::Result<String> {
        let output = self
            .house
            .place
            .control(&self.name)
            .args(arguments)
            .output()?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        Err(io::Error::other(format!(
            "rabbitmqctl {}: {}",
            arguments.join(" "),
            String::from_utf8_lossy(&output.stderr).trim()
        )))
    }

    /// Returns the processor time that the broker has used since it was started.
    ///
    /// # Errors
    ///
    /// If it is not running, or the system has no `/proc`.
    pub fn processor_time(&self) -> io::Result<Duration> {
        let id = self.id().ok_or_else(not_running)?;
        let stat = fs::read_to_string(format!("/proc/{id}/stat"))?;
        place::processor_time(&stat)
            .ok_or_else(|| io::Error::other("unknown form of /proc/PID/stat"))
    }

    /// Returns the directory of the broker: its data and its log, removed with the last node.
    pub fn directory(&self) -> &Path {
        self.house.place.path()
    }

    fn child(&self) -> MutexGuard<'_, Option<Child>> {
        self.child.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn send(&self, what: Signal) -> io::Result<()> {
        signal(self.id().ok_or_else(not_running)?, what)
    }

    fn launch(&self) -> io::Result<()> {
        let mut child = self.child();
        let started = self
            .house
            .place
            .server(&self.name, self.ports)
            .spawn()
            .map_err(|error| missing("rabbitmq-server", &error))?;
        let watched = self.house.guard.watch(started.id());
        *child = Some(started);
        watched
    }

    /// The port opens last: who can connect finds it ready.
    fn wait_until_ready(&self, until: Instant) -> io::Result<()> {
        loop {
            let ended = match self.child().as_mut() {
                Some(child) => child.try_wait()?,
                None => return Err(not_running()),
            };
            if let Some(status) = ended {
                let gone = self.child().take();
                if let Some(gone) = gone {
                    self.house.guard.forget(gone.id())?;
                }
                let log = self.house.place.end_of_log(&self.name);
                let kind = if log.contains("eaddrinuse") {
                    io::ErrorKind::AddrInUse
                } else {
                    io::ErrorKind::Other
                };
                return Err(io::Error::new(
                    kind,
                    format!("RabbitMQ ended while it started ({status})\n{log}"),
                ));
            }
            if TcpStream::connect_timeout(&self.socket(), Duration::from_secs(1)).is_ok() {
                return Ok(());
            }
            if Instant::now() > until {
                let log = self.house.place.end_of_log(&self.name);
                let text = format!(
                    "RabbitMQ does not listen after {} seconds\n{log}",
                    START.as_secs()
                );
                return Err(io::Error::new(io::ErrorKind::TimedOut, text));
            }
            sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.kill();
    }
}

impl Drop for House {
    fn drop(&mut self) {
        let epmd = self.epmd.get_mut().unwrap_or_else(PoisonError::into_inner);
        let _ = epmd.kill();
        let _ = epmd.wait();
        let _ = self.guard.forget(epmd.id());
        // The directory goes next, and then the guard, which would remove it too.
    }
}

fn signal(id: u32, signal: Signal) -> io::Result<()> {
    let id = i32::try_from(id)
        .ok()
        .and_then(Pid::from_raw)
        .ok_or_else(not_running)?;
    Ok(kill_process(id, signal)?)
}

fn not_running() -> io::Error {
    io::Error::new(io::ErrorKind::NotConnected, "this RabbitMQ is not running")
}

fn missing(program: &str, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{program}: {error}"))
}

/// A command that shares nothing with us: not our standard streams, and not the group that a terminal's Ctrl-C goes to.
fn apart(program: impl Into<PathBuf>) -> Command {
    use std::os::unix::process::CommandExt;
    let mut command = Command::new(program.into());
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0);
    command
}
