//! Where a node lives: its directory, its ports, and the commands that start it there.

use super::{MISSING, apart};
use std::collections::hash_map::RandomState;
use std::fmt::Write as _;
use std::fs::{self, DirBuilder};
use std::hash::BuildHasher;
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// Where the package has its scripts. Those in `/usr/sbin` insist on root or the package's own user; these do not.
const PROGRAMS: [&str; 4] = [
    "/usr/lib/rabbitmq/bin",
    "/opt/homebrew/opt/rabbitmq/sbin",
    "/usr/local/opt/rabbitmq/sbin",
    "/opt/rabbitmq/sbin",
];

/// Returns the folder with the scripts of the RabbitMQ that is installed: the variable `RABBITMQ_BIN` says which, else it is looked
/// for where packages put it.
pub(super) fn programs() -> io::Result<PathBuf> {
    let named = std::env::var_os("RABBITMQ_BIN").map(PathBuf::from);
    let mut places = named.into_iter().chain(PROGRAMS.map(PathBuf::from));
    places
        .find(|place| place.join("rabbitmq-server").is_file())
        .ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, MISSING))
}

/// The ports of a node.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ports {
    pub(super) amqp: u16,
    distribution: u16,
}

impl Ports {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self {
            amqp: free_port()?,
            distribution: free_port()?,
        })
    }
}

/// A directory that only this user may enter, and what is in it.
#[derive(Debug)]
pub(super) struct Place {
    path: PathBuf,
    programs: PathBuf,
    epmd_port: u16,
}

impl Place {
    pub(super) fn new(programs: PathBuf, size: usize) -> io::Result<Self> {
        let name = format!(
            "async-dsl-amqp-{}-{:08x}",
            std::process::id(),
            draw() & 0xffff_ffff
        );
        let path = std::env::temp_dir().canonicalize()?.join(name);
        DirBuilder::new().mode(0o700).create(&path)?;
        let place = Self {
            path,
            programs,
            epmd_port: free_port()?,
        };
        fs::write(place.path.join("plugins"), "[].")?;
        fs::write(place.path.join("advanced.config"), "[].")?;
        // What fills the disk of a test is the test's own business.
        let mut config = String::from(
            "loopback_users.guest = true\nlog.console = false\ndisk_free_limit.absolute = 50MB\n",
        );
        if size > 1 {
            config.push_str("cluster_partition_handling = pause_minority\ncluster_formation.peer_discovery_backend = classic_config\n");
            for number in 1..=size {
                let _ = writeln!(
                    config,
                    "cluster_formation.classic_config.nodes.{number} = n{number}@localhost"
                );
            }
        }
        fs::write(place.path.join("rabbitmq.conf"), config)?;
        Ok(place)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Makes the directory of the node `name`.
    pub(super) fn prepare(&self, name: &str) -> io::Result<()> {
        fs::create_dir_all(self.of(name).join("mnesia"))?;
        fs::create_dir_all(self.of(name).join("log"))
    }

    /// The name server, in the foreground: started by a node it would be a daemon that stays behind.
    pub(super) fn epmd(&self) -> Command {
        let mut command = apart("epmd");
        command
            .args([
                "-port",
                &self.epmd_port.to_string(),
                "-address",
                "127.0.0.1",
            ])
            .current_dir(&self.path);
        self.clear(&mut command);
        command
    }

    /// The script becomes the node: the id of its process is the node's.
    pub(super) fn server(&self, name: &str, ports: Ports) -> Command {
        let mut command = apart(self.programs.join("rabbitmq-server"));
        command.arg("-noinput").current_dir(&self.path);
        self.clear(&mut command);
        let own = self.of(name);
        let files = [
            ("RABBITMQ_MNESIA_BASE", own.join("mnesia")),
            ("RABBITMQ_LOG_BASE", own.join("log")),
            ("RABBITMQ_LOGS", self.log(name)),
            ("RABBITMQ_SCHEMA_DIR", own.join("schema")),
            ("RABBITMQ_GENERATED_CONFIG_DIR", own.join("generated")),
            ("RABBITMQ_PID_FILE", own.join("pid")),
            ("RABBITMQ_CONFIG_FILE", self.path.join("rabbitmq.conf")),
            (
                "RABBITMQ_ADVANCED_CONFIG_FILE",
                self.path.join("advanced.config"),
            ),
            ("RABBITMQ_ENABLED_PLUGINS_FILE", self.path.join("plugins")),
        ];
        // Neither more threads than it needs, nor threads that wait by spinning.
        let erlang = "-kernel inet_dist_use_interface {127,0,0,1} +S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none";
        command
            .envs(files)
            .env("RABBITMQ_NODENAME", name)
            .env("RABBITMQ_NODE_IP_ADDRESS", "127.0.0.1")
            .env("RABBITMQ_NODE_PORT", ports.amqp.to_string())
            .env("RABBITMQ_DIST_PORT", ports.distribution.to_string())
            .env("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", erlang)
            .env("RABBITMQ_ALLOW_INPUT", "1");
        command
    }

    /// `rabbitmqctl` for the node `name`.
    pub(super) fn control(&self, name: &str) -> Command {
        let mut command = apart(self.programs.join("rabbitmqctl"));
        command
            .args(["-n", name])
            .current_dir(&self.path)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        self.clear(&mut command);
        command
    }

    /// Returns the last lines of what the node `name` logged.
    pub(super) fn end_of_log(&self, name: &str) -> String {
        let text = fs::read_to_string(self.log(name)).unwrap_or_default();
        let lines: Vec<_> = text.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }

    /// Nothing of the system's settings, nor of the user's.
    fn clear(&self, command: &mut Command) {
        for (name, _) in std::env::vars_os() {
            let ours = name.to_string_lossy().into_owned();
            if ["RABBITMQ_", "ERL_", "ELIXIR_"]
                .iter()
                .any(|start| ours.starts_with(start))
            {
                command.env_remove(name);
            }
        }
        command
            .env("HOME", &self.path)
            .env("ERL_EPMD_PORT", self.epmd_port.to_string())
            .env("ERL_EPMD_ADDRESS", "127.0.0.1")
            .env("ERL_CRASH_DUMP", "/dev/null")
            .env("RABBITMQ_CONF_ENV_FILE", "/dev/null");
    }

    fn of(&self, name: &str) -> PathBuf {
        self.path.join(name.split('@').next().unwrap_or(name))
    }

    fn log(&self, name: &str) -> PathBuf {
        self.of(name).join("log").join("rabbit.log")
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// Returns a port that nobody listens on, below those from which systems choose for connections: it is still free when the node
/// starts again.
fn free_port() -> io::Result<u16> {
    let mut error = None;
    for _ in 0..200 {
        let port = 15_000 + u16::try_from(draw() % 17_000).unwrap_or_default();
        match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
            Ok(_) => return Ok(port),
            Err(found) => error = Some(found),
        }
    }
    Err(error.unwrap_or_else(|| io::Error::from(io::ErrorKind::AddrInUse)))
}

/// A number that another program does not draw.
fn draw() -> u64 {
    RandomState::new().hash_one(std::process::id())
}

/// Returns the processor time in the text of `/proc/PID/stat`: the fields 14 and 15, in ticks.
pub(super) fn processor_time(stat: &str) -> Option<Duration> {
    // The second field, a name, may have spaces; it ends with the last parenthesis.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(Duration::from_millis(
        (user + system).checked_mul(1000)? / rustix::param::clock_ticks_per_second(),
    ))
}
