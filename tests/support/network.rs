//! A network of its own for a test: this host, and another one at the other end of a cable.
#![expect(clippy::unwrap_used, reason = "a test without its network has failed")]

use std::env;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use crate::machine;
use crate::passage::{self, Passage};
use crate::program::Program;

/// The address of this host.
pub const OURS: Ipv4Addr = Ipv4Addr::new(10, 77, 0, 2);

/// The address of the other host.
pub const THEIRS: Ipv4Addr = Ipv4Addr::new(10, 77, 0, 1);

/// Set in the process that has a network of its own.
const INSIDE: &str = "TEST_NETWORK";

/// The socket of the passage out of the network, where it has one.
const PASSAGE: &str = "TEST_PASSAGE";

/// Time limit of a test in a network of its own.
const LONGEST: Duration = Duration::from_mins(4);

/// Runs `test` in a network that nothing else uses, which takes a second process of this test. `name` is the name of the
/// test with its modules. Where this machine has no network namespaces, it says `left out`.
pub fn alone(name: &str, test: impl FnOnce()) {
    alone_beside(name, None, test);
}

/// The same beside an address of this machine, which the test may [`reach`].
pub fn alone_beside(name: &str, outside: Option<SocketAddr>, test: impl FnOnce()) {
    if env::var_os(INSIDE).is_some() {
        test();
        return;
    }
    if let Some(reason) = missing() {
        machine::say(&format!("left out: renderers in a network of their own: {reason}"));
        return;
    }
    let passage = outside.map(Passage::open);
    let mut command = Command::new("unshare");
    command.args(["--net", "--"]).arg(env::current_exe().unwrap());
    command.args(["--exact", name, "--nocapture"]).env(INSIDE, "yes");
    command.envs(passage.iter().map(|passage| (PASSAGE, passage.socket())));
    let output = Program::start(&mut command).finish(LONGEST);
    assert!(output.status.success(), "{}{}", output.stdout, output.stderr);
    assert!(output.stdout.contains("1 passed"), "{name} is not the name of this test: {}", output.stdout);
    output.stderr.lines().for_each(machine::say);
}

/// Has the address of this machine that [`alone_beside`] names be reached in this network, once that is connected.
pub fn reach(outside: SocketAddr) {
    passage::enter(&PathBuf::from(env::var_os(PASSAGE).unwrap()), outside);
}

/// The reason why no namespace can be made here.
fn missing() -> Option<String> {
    for (program, arguments) in
        [("unshare", &["--net", "true"][..]), ("ip", &["-V"]), ("nsenter", &["--version"])]
    {
        match Command::new(program).args(arguments).output() {
            Ok(output) if output.status.success() => {}
            Ok(output) => {
                return Some(format!("{program}: {}", String::from_utf8_lossy(&output.stderr).trim()));
            }
            Err(error) => return Some(format!("{program}: {error}")),
        }
    }
    None
}

/// The other host. It is gone when this is dropped.
#[derive(Debug)]
pub struct OtherHost {
    holder: Program,
}

impl OtherHost {
    /// Connects this network with a new host by a cable. Multicast passes it.
    #[must_use]
    pub fn connect() -> Self {
        let mut command = Command::new("unshare");
        let holder =
            Program::start(command.args(["--net", "--", "sh", "-c", "echo ready; exec sleep infinity"]));
        let _ = holder.wait_for_stdout("ready");
        let host = Self { holder };
        let id = host.holder.id().to_string();
        ip(&["link", "set", "lo", "up"]);
        ip(&["link", "add", "ours", "type", "veth", "peer", "name", "theirs"]);
        ip(&["link", "set", "theirs", "netns", &id]);
        ip(&["addr", "add", &format!("{OURS}/24"), "dev", "ours"]);
        ip(&["link", "set", "ours", "up", "multicast", "on"]);
        ip(&["route", "add", "default", "dev", "ours"]);
        for arguments in [
            "link set lo up".to_owned(),
            format!("addr add {THEIRS}/24 dev theirs"),
            "link set theirs up multicast on".to_owned(),
            "route add default dev theirs".to_owned(),
        ] {
            let arguments: Vec<&str> = arguments.split(' ').collect();
            run(host.command("ip").args(arguments));
        }
        host
    }

    /// A command that runs there.
    #[must_use]
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new("nsenter");
        command.args(["--net", "--target", &self.holder.id().to_string(), "--", program]);
        command
    }
}

fn ip(arguments: &[&str]) {
    run(Command::new("ip").args(arguments));
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}
