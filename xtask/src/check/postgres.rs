//! A PostgreSQL of our own in a temporary folder: started, used, and gone again.

use std::os::unix::fs::{DirBuilderExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::tools;
use crate::run::Trouble;
use crate::{interrupt, place};

/// How long a new cluster may take until it accepts connections.
const START_MAX: Duration = Duration::from_secs(60);
/// How long it may take to close after a fast shutdown request.
const STOP_MAX: Duration = Duration::from_secs(20);
/// Nothing here outlives the run, so nothing has to survive a power cut.
const SETTINGS: [&str; 5] = [
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=600",
    "listen_addresses=127.0.0.1",
];

/// A running cluster; dropping it stops the server and removes its files.
pub struct Cluster {
    folder: PathBuf,
    port: u16,
    server: Child,
}

impl Cluster {
    pub fn start() -> Result<Cluster, Trouble> {
        let programs = tools::postgres_folder()
            .ok_or_else(|| Trouble::new("no PostgreSQL: apt-get install postgresql"))?;
        let owner = Owner::choose()?;
        let folder = std::env::temp_dir().join(format!("fenghuotai-pg-{}", std::process::id()));
        owner.create(&folder)?;
        let data = folder.join("data");
        let built = initialise(&programs, &owner, &folder, &data).and_then(|()| {
            let port = place::free_port()?;
            Ok((port, serve(&programs, &owner, &folder, &data, port)?))
        });
        match built {
            Ok((port, server)) => {
                let mut cluster = Cluster {
                    folder,
                    port,
                    server,
                };
                cluster.wait(&programs)?;
                Ok(cluster)
            }
            Err(trouble) => {
                remove(&folder);
                Err(trouble)
            }
        }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Address for the tests; they make their own databases.
    pub fn url(&self) -> String {
        format!("postgres://fenghuotai@127.0.0.1:{}/postgres", self.port)
    }

    fn wait(&mut self, programs: &Path) -> Result<(), Trouble> {
        let started = Instant::now();
        while started.elapsed() < START_MAX && !interrupt::raised() {
            let port = self.port.to_string();
            let ready = Command::new(programs.join("pg_isready"))
                .args([
                    "-q",
                    "-h",
                    "127.0.0.1",
                    "-p",
                    &port,
                    "-d",
                    "postgres",
                    "-U",
                    "fenghuotai",
                ])
                .status();
            if ready.is_ok_and(|status| status.success()) {
                return Ok(());
            }
            if let Ok(Some(status)) = self.server.try_wait() {
                return Err(Trouble::new(format!(
                    "PostgreSQL ended at once ({status}):\n{}",
                    self.log()
                )));
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Err(Trouble::new(format!(
            "PostgreSQL does not answer:\n{}",
            self.log()
        )))
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let server = libc::pid_t::try_from(self.server.id()).expect("process ids fit in pid_t");
        // SAFETY: the process is our child and not yet waited for. SIGINT is PostgreSQL's fast shutdown.
        unsafe { libc::kill(server, libc::SIGINT) };
        let asked_at = Instant::now();
        while matches!(self.server.try_wait(), Ok(None)) {
            if asked_at.elapsed() > STOP_MAX {
                println!("[tests-pg] PostgreSQL does not close; it is ended");
                let _ended = self.server.kill().and_then(|()| self.server.wait());
                break;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        remove(&self.folder);
    }
}

/// The account that PostgreSQL runs under: ours, or `postgres` when we are root, which it refuses to be.
struct Owner(Option<(u32, u32)>);

impl Owner {
    fn choose() -> Result<Owner, Trouble> {
        // SAFETY: geteuid has no preconditions.
        if unsafe { libc::geteuid() } != 0 {
            return Ok(Owner(None));
        }
        let accounts = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
        let found = ["postgres", "nobody"].iter().find_map(|name| {
            let line = accounts
                .lines()
                .find(|line| line.split(':').next() == Some(name))?;
            let mut fields = line.split(':').skip(2);
            Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
        });
        found
            .map(|ids| Owner(Some(ids)))
            .ok_or_else(|| Trouble::new("no account for PostgreSQL: it refuses to run as root"))
    }

    fn create(&self, folder: &Path) -> Result<(), Trouble> {
        let made = std::fs::DirBuilder::new().mode(0o700).create(folder);
        made.and_then(|()| {
            self.0.map_or(Ok(()), |(user, group)| {
                chown(folder, Some(user), Some(group))
            })
        })
        .map_err(|error| Trouble::new(format!("{}: {error}", folder.display())))
    }

    fn command(&self, program: &Path, folder: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(folder).stdin(Stdio::null());
        if let Some((user, group)) = self.0 {
            command.uid(user).gid(group);
        }
        command
    }
}

fn initialise(programs: &Path, owner: &Owner, folder: &Path, data: &Path) -> Result<(), Trouble> {
    let output = owner
        .command(&programs.join("initdb"), folder)
        .args([
            "--username=fenghuotai",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
            "-D",
        ])
        .arg(data)
        .output()
        .map_err(|error| Trouble::new(format!("initdb does not start: {error}")))?;
    if output.status.success() {
        return Ok(());
    }
    Err(Trouble::new(format!(
        "initdb fails: {}",
        String::from_utf8_lossy(&output.stderr).trim()
    )))
}

fn serve(
    programs: &Path,
    owner: &Owner,
    folder: &Path,
    data: &Path,
    port: u16,
) -> Result<Child, Trouble> {
    let fault = |error: std::io::Error| Trouble::new(format!("PostgreSQL does not start: {error}"));
    let log = std::fs::File::create(folder.join("log")).map_err(fault)?;
    let mut command = owner.command(&programs.join("postgres"), folder);
    command
        .arg("-D")
        .arg(data)
        .arg("-k")
        .arg(folder)
        .args(["-p", &port.to_string()]);
    SETTINGS.iter().for_each(|setting| {
        command.args(["-c", setting]);
    });
    command
        .stdout(log.try_clone().map_err(fault)?)
        .stderr(log)
        .process_group(0);
    // SAFETY: prctl is async-signal-safe and touches nothing of ours; it ends the server with us, even on SIGKILL.
    unsafe {
        command.pre_exec(|| match libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGINT) {
            0 => Ok(()),
            _ => Err(std::io::Error::last_os_error()),
        });
    }
    command.spawn().map_err(fault)
}

fn remove(folder: &Path) {
    if let Err(error) = std::fs::remove_dir_all(folder) {
        println!("[tests-pg] {} stays behind: {error}", folder.display());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_answers_and_leaves_nothing_behind() {
        if tools::postgres_folder().is_none() {
            println!("SKIPPED: no PostgreSQL on this machine");
            return;
        }
        let cluster = Cluster::start().unwrap();
        let (folder, port) = (cluster.folder.clone(), cluster.port());
        assert!(std::net::TcpStream::connect(("127.0.0.1", port)).is_ok());
        drop(cluster);
        assert!(!folder.exists());
        assert!(std::net::TcpStream::connect(("127.0.0.1", port)).is_err());
    }
}
