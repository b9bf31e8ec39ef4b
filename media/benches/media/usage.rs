//! What a process has used so far, from `/proc`.

use std::fs;
use std::io;

/// A reading of one process.
#[derive(Clone, Copy, Debug, Default)]
pub struct Usage {
    /// User and kernel time, microseconds.
    pub cpu_us: u64,
    pub rss_kib: u64,
}

impl Usage {
    pub fn of(pid: u32) -> io::Result<Self> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
        // The command's name may hold anything; the fields are counted from behind it.
        let fields: Vec<&str> = stat
            .rsplit(')')
            .next()
            .unwrap_or("")
            .split_whitespace()
            .collect();
        let field = |at: usize| {
            fields
                .get(at)
                .and_then(|text| text.parse::<u64>().ok())
                .unwrap_or(0)
        };
        // SAFETY: asks for a number.
        let ticks_per_second = unsafe { libc::sysconf(libc::_SC_CLK_TCK) }
            .max(1)
            .cast_unsigned();
        let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
        let rss = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let rss_kib = rss
            .and_then(|rss| rss.split_whitespace().next()?.parse().ok())
            .unwrap_or(0);
        Ok(Self {
            cpu_us: (field(11) + field(12)) * 1_000_000 / ticks_per_second,
            rss_kib,
        })
    }
}
