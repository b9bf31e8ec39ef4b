//! Debian's Janus as a rival: bare RTP into its streaming plugin, WebRTC out, two event loops, a network of its own.

use std::fs;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, TcpStream, UdpSocket};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::client::{Client, Identity, PAYLOAD_TYPE, PWD, ufrag};
use crate::load::{self, Receivers, Way};
use crate::usage::Usage;
use crate::{Pacing, drop};

const HTTP_PORT: u16 = 8088;
const RTP_PORT: u16 = 5004;
/// Where Janus and its receivers meet: it does not offer loopback addresses.
const ADDRESS: Ipv4Addr = Ipv4Addr::new(10, 77, 0, 1);
const PLUGINS: &str = "/usr/lib/x86_64-linux-gnu/janus";
const START_WITHIN: Duration = Duration::from_secs(10);

/// One line for every number of receivers and pacing; says so and goes on where there is no Janus.
pub fn report(subscribers: &[usize], time: Duration) -> io::Result<()> {
    if Command::new("janus")
        .arg("--help")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_err()
    {
        eprintln!("media.janus is skipped: it is not installed (`apt-get install janus`)");
        return Ok(());
    }
    let network = drop::own_network()
        .and_then(|()| drop::run(&format!("ip addr add {ADDRESS}/24 dev media0")))
        .and_then(|()| drop::run("ip link set media1 up"));
    if let Err(error) = network {
        eprintln!(
            "media.janus is skipped: no network of its own ({error}); it takes root and `ip`"
        );
        return Ok(());
    }
    for pacing in [Pacing::Burst, Pacing::Spaced] {
        for &subscribers in subscribers {
            if let Err(error) = run(subscribers, pacing, time) {
                eprintln!("media.janus with {subscribers} receivers failed: {error}");
            }
        }
    }
    Ok(())
}

fn run(subscribers: usize, pacing: Pacing, time: Duration) -> io::Result<()> {
    let identity = Identity::generate()?;
    let mut janus = Janus::start()?;
    let epoch = Instant::now();
    let mut receivers = Receivers::new(epoch)?;
    let empty = Usage::of(janus.child.id())?;
    let mut joins = Vec::with_capacity(subscribers);
    for _ in 0..subscribers {
        let client = janus.join(&identity)?;
        joins.push(client.joined_in);
        receivers.add(client)?;
    }
    joins.sort_unstable();
    let joined = Usage::of(janus.child.id())?;
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    socket.connect((Ipv4Addr::LOCALHOST, RTP_PORT))?;
    let stop = Arc::new(AtomicBool::new(false));
    let publishing = load::publish(Way::Bare(socket), pacing, epoch, Arc::clone(&stop));
    receivers.run(Duration::from_secs(1));
    receivers.delays_us.clear();
    let (packets, before) = (receivers.packets, Usage::of(janus.child.id())?);
    receivers.run(time);
    let (after, forwarded) = (Usage::of(janus.child.id())?, receivers.packets - packets);
    stop.store(true, Ordering::Relaxed);
    let _ = publishing.join();
    println!(
        concat!(
            r#"{{"bench":"media.janus","subscribers":{},"pacing":"{}","us_per_packet":{:.2},"#,
            r#""rss_kib_per_subscriber":{:.1},"join_cpu_ms":{:.2},"join_ms_p50":{:.1},"p50_ms":{:.1},"p99_ms":{:.1},"#,
            r#""packets":{}}}"#
        ),
        subscribers,
        if pacing == Pacing::Burst {
            "burst"
        } else {
            "spaced"
        },
        (after.cpu_us - before.cpu_us) as f64 / forwarded.max(1) as f64,
        after.rss_kib.saturating_sub(empty.rss_kib) as f64 / subscribers as f64,
        (joined.cpu_us - empty.cpu_us) as f64 / 1e3 / subscribers as f64,
        joins[subscribers / 2].as_secs_f64() * 1e3,
        receivers.delay_ms(50),
        receivers.delay_ms(99),
        forwarded,
    );
    Ok(())
}

/// A running Janus with one session; ended when dropped.
struct Janus {
    child: Child,
    folder: PathBuf,
    session: u64,
}

impl Janus {
    fn start() -> io::Result<Self> {
        let folder = std::env::temp_dir().join(format!("media-bench-janus-{}", std::process::id()));
        fs::create_dir_all(&folder)?;
        let general = format!(
            "general: {{ plugins_folder = \"{PLUGINS}/plugins\" transports_folder = \"{PLUGINS}/transports\" \
             events_folder = \"none\" loggers_folder = \"none\" debug_level = 1 event_loops = 2 session_timeout = 0 }}\n\
             nat: {{ ice_lite = false full_trickle = false ice_enforce_list = \"{ADDRESS}\" }}\n\
             media: {{ rtp_port_range = \"20000-60000\" }}\n"
        );
        fs::write(folder.join("janus.jcfg"), general)?;
        let http = format!(
            "general: {{ json = \"compact\" base_path = \"/janus\" http = true port = {HTTP_PORT} \
             ip = \"127.0.0.1\" https = false }}\nadmin: {{ admin_http = false }}\n"
        );
        fs::write(folder.join("janus.transport.http.jcfg"), http)?;
        let streaming = format!(
            "load: {{ type = \"rtp\" id = 1 video = true videoport = {RTP_PORT} videopt = {PAYLOAD_TYPE} \
             videocodec = \"vp8\" audio = false }}\n"
        );
        fs::write(folder.join("janus.plugin.streaming.jcfg"), streaming)?;
        let child = Command::new("janus")
            .arg("-C")
            .arg(folder.join("janus.jcfg"))
            .arg("-F")
            .arg(&folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let mut janus = Self {
            child,
            folder,
            session: 0,
        };
        let begun = Instant::now();
        loop {
            let asked = janus.post("", &json!({"janus": "create", "transaction": "create"}));
            match asked {
                Ok(answer) => {
                    janus.session = number(&answer, "id")?;
                    return Ok(janus);
                }
                Err(error) if begun.elapsed() > START_WITHIN => return Err(error),
                Err(_) => std::thread::sleep(Duration::from_millis(50)),
            }
        }
    }

    /// Watches the one stream; Janus offers, so the answer is ours.
    fn join(&mut self, identity: &Identity) -> io::Result<Client> {
        let begun = Instant::now();
        let session = format!("/{}", self.session);
        let attach = json!({
            "janus": "attach", "plugin": "janus.plugin.streaming", "transaction": "attach"
        });
        let handle = number(&self.post(&session, &attach)?, "id")?;
        let path = format!("{session}/{handle}");
        let message = |body: Value| json!({"janus": "message", "transaction": "say", "body": body});
        self.post(&path, &message(json!({"request": "watch", "id": 1})))?;
        let offer = loop {
            let event = self.call("GET", &session, "")?;
            if let Some(sdp) = event["jsep"]["sdp"].as_str() {
                break sdp.to_owned();
            }
        };
        let socket = UdpSocket::bind((ADDRESS, 0))?;
        let ufrag = ufrag(&socket)?;
        let mut start = message(json!({"request": "start"}));
        let port = socket.local_addr()?.port();
        let sdp = answer(&offer, &ufrag, &identity.fingerprint, port);
        start["jsep"] = json!({"type": "answer", "sdp": sdp});
        self.post(&path, &start)?;
        Client::connect(socket, begun, &offer, &ufrag, identity)
    }

    fn post(&self, path: &str, body: &Value) -> io::Result<Value> {
        self.call("POST", path, &body.to_string())
    }

    fn call(&self, method: &str, path: &str, body: &str) -> io::Result<Value> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, HTTP_PORT))?;
        stream.set_read_timeout(Some(Duration::from_secs(20)))?;
        write!(
            stream,
            "{method} /janus{path} HTTP/1.0\r\nHost: localhost\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        )?;
        let mut text = String::new();
        stream.read_to_string(&mut text)?;
        let body = text.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        serde_json::from_str(body).map_err(io::Error::other)
    }
}

impl Drop for Janus {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn number(answer: &Value, name: &str) -> io::Result<u64> {
    answer["data"][name]
        .as_u64()
        .ok_or_else(|| io::Error::other(format!("no {name} in {answer}")))
}

/// The offer turned round, with what this client takes of it: all of it.
fn answer(offer: &str, ufrag: &str, fingerprint: &str, port: u16) -> String {
    // Lite, so that Janus checks and this client only answers.
    let mut lines = Vec::new();
    for line in offer.lines() {
        let name = line.split([':', ' ']).next().unwrap_or_default();
        match name {
            "a=ssrc"
            | "a=ssrc-group"
            | "a=msid"
            | "a=candidate"
            | "a=end-of-candidates"
            | "a=ice-lite"
            | "a=ice-options"
            | "a=fingerprint"
            | "a=ice-pwd" => {}
            "a=sendonly" => lines.push("a=recvonly".to_owned()),
            "a=setup" => lines.push("a=setup:active".to_owned()),
            "a=ice-ufrag" => {
                lines.push(format!("a=ice-ufrag:{ufrag}"));
                lines.push(format!("a=ice-pwd:{PWD}"));
                lines.push(format!("a=fingerprint:sha-256 {fingerprint}"));
            }
            "t=0" => lines.extend([line.to_owned(), "a=ice-lite".to_owned()]),
            _ => lines.push(line.to_owned()),
        }
    }
    lines.push(format!(
        "a=candidate:1 1 udp 2130706431 {ADDRESS} {port} typ host"
    ));
    lines.push("a=end-of-candidates".to_owned());
    lines.join("\r\n") + "\r\n"
}
