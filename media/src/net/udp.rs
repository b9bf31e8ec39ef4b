//! The UDP socket of a worker: many datagrams per system call in both directions.

use std::io;
use std::mem::{MaybeUninit, size_of, zeroed};
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::{AsRawFd, RawFd};
use std::time::Duration;

use socket2::{Domain, Protocol, SockAddr, Socket, Type};

use super::arena::{Arena, Run};

/// Datagrams per `recvmmsg`.
const RECEIVE_BATCH: usize = 64;
/// Room for one datagram; larger ones are cut and then fail their authentication.
const RECEIVE_LEN: usize = 2_048;
/// Messages per `sendmmsg`.
const SEND_BATCH: usize = 256;
/// Large enough for a key frame burst of 50 publishers, small enough that a starved thread shows as loss, not as
/// seconds of delay (8 MB once delivered everything 11 s late).
const RECEIVE_BUFFER: usize = 1_500_000;
const SEND_BUFFER: usize = 2_000_000;
/// What the kernel needs for a control message with one `u16` or one `timespec`.
const CONTROL_LEN: usize = 64;

/// A bound, nonblocking socket.
pub struct Udp {
    socket: UdpSocket,
    gso: bool,
}

/// One datagram just received.
pub struct Received<'a> {
    /// Sender.
    pub from: SocketAddr,
    /// Its bytes, to be decrypted in place.
    pub bytes: &'a mut [u8],
    /// How long ago the kernel took it in; zero when it does not say.
    pub age: Duration,
}

impl Udp {
    /// Binds.
    ///
    /// # Errors
    /// The address is taken or not ours.
    pub fn bind(address: SocketAddr) -> io::Result<Self> {
        Self::bind_with(address, false)
    }

    /// Binds `count` sockets to one port (`SO_REUSEPORT`); the kernel spreads senders over them.
    ///
    /// The first is bound alone and shares only afterwards, so that a port another server holds is refused even if
    /// that server shares its own.
    ///
    /// # Errors
    /// As [`Self::bind`].
    pub fn bind_group(address: SocketAddr, count: usize) -> io::Result<Vec<Self>> {
        let first = Self::bind(address)?;
        if count <= 1 {
            return Ok(vec![first]);
        }
        set_option(first.as_raw_fd(), libc::SOL_SOCKET, libc::SO_REUSEPORT, 1);
        let bound = first.local_addr()?;
        let mut group = vec![first];
        for _ in 1..count {
            group.push(Self::bind_with(bound, true)?);
        }
        Ok(group)
    }

    fn bind_with(address: SocketAddr, shared: bool) -> io::Result<Self> {
        let socket = Socket::new(
            Domain::for_address(address),
            Type::DGRAM,
            Some(Protocol::UDP),
        )?;
        socket.set_nonblocking(true)?;
        // The kernel may grant less without privileges; that is not a reason not to start.
        let _ = socket.set_recv_buffer_size(RECEIVE_BUFFER);
        let _ = socket.set_send_buffer_size(SEND_BUFFER);
        if address.is_ipv6() {
            // One socket for both families where the address is unspecified.
            let _ = socket.set_only_v6(false);
        }
        if shared {
            set_option(socket.as_raw_fd(), libc::SOL_SOCKET, libc::SO_REUSEPORT, 1);
        }
        socket.bind(&SockAddr::from(address))?;
        let socket = UdpSocket::from(socket);
        let stamps: libc::c_int = 1;
        set_option(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_TIMESTAMPNS,
            stamps,
        );
        let mut probe: libc::c_int = 0;
        let mut len = size_of::<libc::c_int>() as libc::socklen_t;
        // SAFETY: both pointers are to locals of the lengths given.
        let gso = unsafe {
            libc::getsockopt(
                socket.as_raw_fd(),
                libc::SOL_UDP,
                libc::UDP_SEGMENT,
                (&raw mut probe).cast(),
                &raw mut len,
            )
        } == 0;
        Ok(Self { socket, gso })
    }

    /// The bound address.
    ///
    /// # Errors
    /// As `getsockname`.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// Never lets the kernel segment.
    pub fn without_gso(mut self) -> Self {
        self.gso = false;
        self
    }

    /// Whether the kernel segments.
    pub fn gso(&self) -> bool {
        self.gso
    }

    /// Sends all runs of the arena and empties it. What the kernel will not take now is lost: media must not queue.
    /// Returns (datagrams sent, datagrams lost).
    pub fn send(&mut self, arena: &mut Arena) -> (u64, u64) {
        let (mut sent, mut lost) = (0, 0);
        let mut at = 0;
        while at < arena.runs().len() {
            let runs = &arena.runs()[at..(at + SEND_BATCH).min(arena.runs().len())];
            match send_runs(self.socket.as_raw_fd(), arena, runs) {
                Ok(count) => {
                    sent += runs[..count]
                        .iter()
                        .map(|run| run.datagrams() as u64)
                        .sum::<u64>();
                    at += count.max(1);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    lost += arena.runs()[at..]
                        .iter()
                        .map(|run| run.datagrams() as u64)
                        .sum::<u64>();
                    break;
                }
                Err(error) => {
                    let run = runs[0];
                    at += 1;
                    if run.datagrams() > 1
                        && matches!(error.raw_os_error(), Some(libc::EIO | libc::EINVAL))
                    {
                        // The device cannot segment: say so to everybody and send this run one by one.
                        self.gso = false;
                        for datagram in arena.bytes(&run).chunks(run.segment) {
                            match self.socket.send_to(datagram, run.to) {
                                Ok(_) => sent += 1,
                                Err(_) => lost += 1,
                            }
                        }
                    } else {
                        lost += run.datagrams() as u64;
                    }
                }
            }
        }
        arena.clear();
        if !self.gso {
            arena.disable_gso();
        }
        (sent, lost)
    }
}

impl AsRawFd for Udp {
    fn as_raw_fd(&self) -> RawFd {
        self.socket.as_raw_fd()
    }
}

fn set_option(fd: RawFd, level: libc::c_int, name: libc::c_int, value: libc::c_int) {
    // SAFETY: the pointer is to a local of the length given. Failure leaves the default, which works.
    unsafe {
        libc::setsockopt(
            fd,
            level,
            name,
            (&raw const value).cast(),
            size_of::<libc::c_int>() as libc::socklen_t,
        );
    }
}

fn send_runs(fd: RawFd, arena: &Arena, runs: &[Run]) -> io::Result<usize> {
    let addresses: Vec<SockAddr> = runs.iter().map(|run| SockAddr::from(run.to)).collect();
    let mut vectors: Vec<libc::iovec> = runs
        .iter()
        .map(|run| libc::iovec {
            iov_base: arena.bytes(run).as_ptr().cast_mut().cast(),
            iov_len: run.len,
        })
        .collect();
    let mut controls = vec![[0_u64; CONTROL_LEN / 8]; runs.len()];
    let mut messages: Vec<libc::mmsghdr> = Vec::with_capacity(runs.len());
    for (at, run) in runs.iter().enumerate() {
        // SAFETY: all-zero is a valid mmsghdr.
        let mut message: libc::mmsghdr = unsafe { zeroed() };
        let header = &mut message.msg_hdr;
        header.msg_name = addresses[at].as_ptr().cast_mut().cast();
        header.msg_namelen = addresses[at].len();
        header.msg_iov = &raw mut vectors[at];
        header.msg_iovlen = 1;
        if run.datagrams() > 1 {
            header.msg_control = controls[at].as_mut_ptr().cast();
            // SAFETY: the control buffer is aligned, zeroed and longer than CMSG_SPACE(2).
            unsafe {
                header.msg_controllen = libc::CMSG_SPACE(size_of::<u16>() as u32) as _;
                let control = libc::CMSG_FIRSTHDR(header);
                (*control).cmsg_level = libc::SOL_UDP;
                (*control).cmsg_type = libc::UDP_SEGMENT;
                (*control).cmsg_len = libc::CMSG_LEN(size_of::<u16>() as u32) as _;
                libc::CMSG_DATA(control)
                    .cast::<u16>()
                    .write_unaligned(run.segment as u16);
            }
        }
        messages.push(message);
    }
    // SAFETY: names, vectors, controls and the arena's bytes outlive the call and are not moved before it.
    let count = unsafe {
        libc::sendmmsg(
            fd,
            messages.as_mut_ptr(),
            messages.len() as libc::c_uint,
            libc::MSG_DONTWAIT,
        )
    };
    if count < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(count as usize)
}

/// Buffers of `recvmmsg`, made once.
pub struct Receiver {
    bytes: Vec<[u8; RECEIVE_LEN]>,
    names: Vec<libc::sockaddr_storage>,
    controls: Vec<[u64; CONTROL_LEN / 8]>,
}

impl Default for Receiver {
    fn default() -> Self {
        // SAFETY: all-zero is a valid sockaddr_storage.
        let name: libc::sockaddr_storage = unsafe { zeroed() };
        Self {
            bytes: vec![[0; RECEIVE_LEN]; RECEIVE_BATCH],
            names: vec![name; RECEIVE_BATCH],
            controls: vec![[0; CONTROL_LEN / 8]; RECEIVE_BATCH],
        }
    }
}

impl Receiver {
    /// Receives what is waiting, at most one batch, and hands each datagram to `take`. Returns how many there were;
    /// a full batch means there may be more.
    ///
    /// # Errors
    /// Anything but "nothing there"; the socket is then of no more use.
    pub fn receive(&mut self, udp: &Udp, mut take: impl FnMut(Received<'_>)) -> io::Result<usize> {
        let mut vectors: [MaybeUninit<libc::iovec>; RECEIVE_BATCH] =
            [MaybeUninit::uninit(); RECEIVE_BATCH];
        // SAFETY: all-zero is a valid mmsghdr.
        let mut messages: [libc::mmsghdr; RECEIVE_BATCH] = unsafe { zeroed() };
        for at in 0..RECEIVE_BATCH {
            vectors[at].write(libc::iovec {
                iov_base: self.bytes[at].as_mut_ptr().cast(),
                iov_len: RECEIVE_LEN,
            });
            let header = &mut messages[at].msg_hdr;
            header.msg_name = (&raw mut self.names[at]).cast();
            header.msg_namelen = size_of::<libc::sockaddr_storage>() as libc::socklen_t;
            header.msg_iov = vectors[at].as_mut_ptr();
            header.msg_iovlen = 1;
            header.msg_control = self.controls[at].as_mut_ptr().cast();
            header.msg_controllen = CONTROL_LEN as _;
        }
        // SAFETY: every pointer is into buffers that outlive the call.
        let count = unsafe {
            libc::recvmmsg(
                udp.as_raw_fd(),
                messages.as_mut_ptr(),
                RECEIVE_BATCH as libc::c_uint,
                libc::MSG_DONTWAIT,
                std::ptr::null_mut(),
            )
        };
        if count < 0 {
            let error = io::Error::last_os_error();
            return match error.kind() {
                // A refused datagram of ours comes back as an error on the socket; it says nothing about reading.
                io::ErrorKind::WouldBlock
                | io::ErrorKind::Interrupted
                | io::ErrorKind::ConnectionRefused => Ok(0),
                _ => Err(error),
            };
        }
        let now = wall_clock();
        for (at, message) in messages.iter().enumerate().take(count as usize) {
            let Some(from) = address(&self.names[at]) else {
                continue;
            };
            let len = (message.msg_len as usize).min(RECEIVE_LEN);
            // SAFETY: the kernel filled the control buffer and said how far.
            let stamp = unsafe { timestamp(&message.msg_hdr) };
            let age = stamp.map_or(Duration::ZERO, |stamp| now.saturating_sub(stamp));
            take(Received {
                from,
                bytes: &mut self.bytes[at][..len],
                age,
            });
        }
        Ok(count as usize)
    }
}

fn wall_clock() -> Duration {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the pointer is to a local. The kernel stamps datagrams with this clock, so they are compared with it.
    unsafe { libc::clock_gettime(libc::CLOCK_REALTIME, &raw mut time) };
    Duration::new(time.tv_sec.max(0) as u64, time.tv_nsec as u32)
}

/// # Safety
/// `header` must be one the kernel has filled, its control buffer alive.
unsafe fn timestamp(header: &libc::msghdr) -> Option<Duration> {
    // SAFETY: the macros stay inside the control buffer of the header.
    unsafe {
        let mut control = libc::CMSG_FIRSTHDR(header);
        while !control.is_null() {
            if (*control).cmsg_level == libc::SOL_SOCKET
                && (*control).cmsg_type == libc::SCM_TIMESTAMPNS
            {
                let time = libc::CMSG_DATA(control)
                    .cast::<libc::timespec>()
                    .read_unaligned();
                return Some(Duration::new(
                    time.tv_sec.max(0) as u64,
                    time.tv_nsec as u32,
                ));
            }
            control = libc::CMSG_NXTHDR(header, control);
        }
    }
    None
}

fn address(name: &libc::sockaddr_storage) -> Option<SocketAddr> {
    match i32::from(name.ss_family) {
        libc::AF_INET => {
            // SAFETY: the family says which struct it is, and the storage is large enough for all of them.
            let name = unsafe { &*std::ptr::from_ref(name).cast::<libc::sockaddr_in>() };
            let ip = std::net::Ipv4Addr::from(u32::from_be(name.sin_addr.s_addr));
            Some(SocketAddr::from((ip, u16::from_be(name.sin_port))))
        }
        libc::AF_INET6 => {
            // SAFETY: as above.
            let name = unsafe { &*std::ptr::from_ref(name).cast::<libc::sockaddr_in6>() };
            let ip = std::net::Ipv6Addr::from(name.sin6_addr.s6_addr);
            Some(SocketAddr::from((ip, u16::from_be(name.sin6_port))))
        }
        _ => None,
    }
}
