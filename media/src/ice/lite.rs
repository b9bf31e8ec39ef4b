//! The ICE-lite agent of one peer: which addresses are proven, which one is used, when consent ends.

use std::time::{Duration, Instant};

use aws_lc_rs::hmac;

use super::stun::{self, Request};
use crate::net::Remote;
use crate::sdp::IceCredentials;

/// Consent ends this long after the last authenticated check (RFC 7675).
pub const CONSENT: Duration = Duration::from_secs(30);
/// A nominated path this long without a check may be left for one of lower priority. Browsers check
/// a working path at least every 2.5 s.
const PATH_SILENT: Duration = Duration::from_secs(3);
/// Addresses remembered per peer; a browser on many networks proves fewer.
pub const PATHS_MAX: usize = 8;

/// One side's name and password as this agent needs them.
struct Generation {
    local: IceCredentials,
    remote_ufrag: String,
    key: hmac::Key,
}

impl Generation {
    fn new(local: IceCredentials, remote_ufrag: String) -> Self {
        let key = stun::key(&local.pwd);
        Self {
            local,
            remote_ufrag,
            key,
        }
    }
}

/// An address the peer has proven to hold.
struct Path {
    remote: Remote,
    priority: u32,
    checked_at: Instant,
    nominated: bool,
}

/// What became of a check.
#[derive(Debug, PartialEq, Eq)]
pub enum Checked {
    /// Not for this agent or not authentic: no answer, nothing learnt.
    Refused,
    /// Answer to send to where the check came from.
    Answered {
        /// The STUN answer.
        answer: Vec<u8>,
        /// The address was not known before: route its datagrams here from now on.
        learnt: bool,
        /// An address forgotten to make room.
        forgotten: Option<Remote>,
    },
}

/// The agent.
pub struct Lite {
    current: Generation,
    /// Valid beside `current` until the peer's first check with the new one (ICE restart).
    former: Option<Box<Generation>>,
    paths: Vec<Path>,
    selected: Option<Remote>,
    /// The last authenticated check, or the creation.
    heard_at: Instant,
}

impl Lite {
    /// An agent that has heard nothing yet.
    pub fn new(now: Instant, local: IceCredentials, remote_ufrag: String) -> Self {
        Self {
            current: Generation::new(local, remote_ufrag),
            former: None,
            paths: Vec::new(),
            selected: None,
            heard_at: now,
        }
    }

    /// Takes a parsed check that names one of this agent's fragments.
    pub fn check(&mut self, now: Instant, from: Remote, request: &Request<'_>) -> Checked {
        let belongs = |generation: &Generation| {
            generation.local.ufrag == request.local_ufrag
                && generation.remote_ufrag == request.remote_ufrag
                && request.authentic(&generation.key)
        };
        let key = if belongs(&self.current) {
            self.former = None;
            &self.current.key
        } else {
            match &self.former {
                Some(former) if belongs(former) => &former.key,
                _ => return Checked::Refused,
            }
        };
        if request.controlled {
            // A lite agent is always the controlled one; the other side has to switch.
            return Checked::Answered {
                answer: stun::role_conflict(request.transaction, key),
                learnt: false,
                forgotten: None,
            };
        }
        let answer = stun::success(request.transaction, from.addr, key);
        self.heard_at = now;
        let (learnt, forgotten) = self.learn(now, from, request);
        self.select(now, from);
        Checked::Answered {
            answer,
            learnt,
            forgotten,
        }
    }

    fn learn(
        &mut self,
        now: Instant,
        from: Remote,
        request: &Request<'_>,
    ) -> (bool, Option<Remote>) {
        if let Some(path) = self.paths.iter_mut().find(|path| path.remote == from) {
            path.checked_at = now;
            path.priority = request.priority;
            path.nominated |= request.use_candidate;
            return (false, None);
        }
        let mut forgotten = None;
        if self.paths.len() == PATHS_MAX {
            let oldest = (0..self.paths.len())
                .filter(|at| Some(self.paths[*at].remote) != self.selected)
                .min_by_key(|at| self.paths[*at].checked_at);
            forgotten = oldest.map(|at| self.paths.swap_remove(at).remote);
        }
        self.paths.push(Path {
            remote: from,
            priority: request.priority,
            checked_at: now,
            nominated: request.use_candidate,
        });
        (true, forgotten)
    }

    /// Decides which path to send on after a check on `from`.
    ///
    /// Firefox nominates every path it checks and goes on checking all of them, so the newest nomination means
    /// nothing: the highest priority wins, and a lower one only after the better path has fallen silent. Before any
    /// nomination the first proven path is used, because DTLS may start before it (RFC 8445, 12.1).
    fn select(&mut self, now: Instant, from: Remote) {
        let Some(candidate) = self.paths.iter().find(|path| path.remote == from) else {
            return;
        };
        let current = self
            .selected
            .and_then(|selected| self.paths.iter().find(|path| path.remote == selected));
        let better = match current {
            None => true,
            Some(current) if current.remote == from => false,
            Some(current) if !candidate.nominated => {
                !current.nominated
                    && now.saturating_duration_since(current.checked_at) > PATH_SILENT
            }
            Some(current) => {
                !current.nominated
                    || candidate.priority > current.priority
                    || now.saturating_duration_since(current.checked_at) > PATH_SILENT
            }
        };
        if better {
            self.selected = Some(from);
        }
    }

    /// Begins an ICE restart: new credentials on both sides, media goes on over the old path meanwhile.
    pub fn restart(&mut self, now: Instant, local: IceCredentials, remote_ufrag: String) {
        let next = Generation::new(local, remote_ufrag);
        self.former = Some(Box::new(std::mem::replace(&mut self.current, next)));
        // A peer that restarts is often on a new network: what was nominated counts no longer.
        for path in &mut self.paths {
            path.nominated = false;
        }
        self.heard_at = now;
    }

    /// Drops a path whose connection is gone (TCP).
    pub fn lose(&mut self, remote: Remote) {
        self.paths.retain(|path| path.remote != remote);
        if self.selected == Some(remote) {
            let best = self
                .paths
                .iter()
                .max_by_key(|path| (path.nominated, path.checked_at, path.priority));
            self.selected = best.map(|path| path.remote);
        }
    }

    /// Where to send.
    pub fn selected(&self) -> Option<Remote> {
        self.selected
    }

    /// Every proven address.
    pub fn remotes(&self) -> impl Iterator<Item = Remote> + '_ {
        self.paths.iter().map(|path| path.remote)
    }

    /// The fragments under which checks may name this agent.
    pub fn local_ufrags(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.current)
            .chain(self.former.as_deref())
            .map(|generation| generation.local.ufrag.as_str())
    }

    /// When consent ends unless a check comes.
    pub fn expires_at(&self) -> Instant {
        self.heard_at + CONSENT
    }
}
