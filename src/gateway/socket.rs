//! One socket: reads the journal for its client, obeys its frames, notices when it is gone.

use std::{sync::Arc, time::Duration};

use axum::extract::ws::{Message, WebSocket};
use serde_json::{Value, json};
use tokio::{sync::mpsc, time::Instant};

use super::{
    commands::{self, Sender, ToRouter},
    frame::{self, LIMITS, Reason, Say, Tell},
    subscriptions::{Begin, Refusal as SubRefusal, Subscriptions},
};
use crate::{
    identity::{self, Actor, policy},
    platform::{
        Ctx, Failure, Fault, Kind, Refusal,
        http::{extract, problem},
        id,
        journal::{self, Entry},
        tasks,
    },
    region::DivisionCode,
    situation::{Frame, Views},
};

/// Server → client, also the rhythm of looking whether the session still stands.
const BEAT: Duration = Duration::from_secs(5);
/// A client says something (a ping at least) within this time.
const SILENCE: Duration = Duration::from_secs(60);
/// A frame that cannot be written within this time means the line is dead.
const STUCK: Duration = Duration::from_secs(30);
const PAGE: i64 = 500;

struct Session {
    ctx: Ctx,
    actor: Actor,
    router: ToRouter,
    sender: Sender,
    epoch: String,
    /// How far this socket has read the journal.
    at: i64,
    subs: Subscriptions,
    views: Views,
    socket: WebSocket,
    results: mpsc::Sender<(String, u16, Value)>,
    under_way: usize,
}

/// Why a socket ends.
enum End {
    Gone,
    Bye(&'static str, u64),
}

impl From<Fault> for End {
    fn from(fault: Fault) -> Self {
        tracing::warn!(%fault, "a socket ends: the client will come back and resume");
        Self::Bye("server_fault", 1_000)
    }
}

pub async fn run(
    ctx: Ctx,
    router: ToRouter,
    views: Views,
    actor: Actor,
    sender: Sender,
    socket: WebSocket,
) {
    ctx.metrics.sockets.inc();
    let gauge = ctx.metrics.sockets.clone();
    let (results, mut answered) = mpsc::channel(LIMITS.commands_under_way);
    let head = journal::head(&ctx.db).await;
    if let Ok(head) = head {
        let mut session = Session {
            epoch: head.epoch,
            at: head.seq,
            subs: Subscriptions::default(),
            views,
            under_way: 0,
            ctx,
            actor,
            router,
            sender,
            socket,
            results,
        };
        if let End::Bye(code, retry_ms) = session.converse(&mut answered).await {
            let _ = session.tell(&Tell::Bye { code, retry_ms }).await;
            let _ = session.socket.send(Message::Close(None)).await;
        }
    }
    gauge.dec();
}

impl Session {
    async fn converse(&mut self, answered: &mut mpsc::Receiver<(String, u16, Value)>) -> End {
        let mut follow = self.ctx.relay.follow(self.at);
        let mut beat = tokio::time::interval(BEAT);
        let mut heard_at = Instant::now();
        let session = id::fresh(self.ctx.clock.now());
        let welcome = Tell::Welcome {
            session: &session,
            epoch: &self.epoch.clone(),
            head_seq: self.at,
            server_time: self.ctx.clock.now(),
            beat_ms: BEAT.as_millis() as u64,
            limits: LIMITS,
        };
        if let Err(end) = self.tell(&welcome).await {
            return end;
        }
        loop {
            let step = tokio::select! {
                entry = follow.next() => match entry {
                    Ok(entry) => self.entry(&entry).await,
                    Err(fault) => Err(fault.into()),
                },
                said = self.socket.recv() => match said {
                    Some(Ok(Message::Text(text))) => {
                        heard_at = Instant::now();
                        self.obey(text.as_bytes()).await
                    }
                    Some(Ok(Message::Binary(_))) => Err(End::Bye("binary_not_understood", 0)),
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(()),
                    Some(Ok(Message::Close(_)) | Err(_)) | None => Err(End::Gone),
                },
                Some((id, status, body)) = answered.recv() => {
                    self.under_way -= 1;
                    self.tell(&Tell::Result { id: &id, status, body }).await
                }
                frame = self.views.next() => match frame {
                    Frame::Json(text) => self.send(text.to_string()).await,
                    Frame::Binary(bytes) => self.send_message(Message::Binary(bytes)).await,
                },
                _ = beat.tick() => {
                    if heard_at.elapsed() > SILENCE { Err(End::Bye("silent", 0)) } else { self.beat().await }
                }
            };
            if let Err(end) = step {
                return end;
            }
        }
    }

    async fn tell(&mut self, tell: &Tell<'_>) -> Result<(), End> {
        self.send(tell.text()).await
    }

    /// Waits for the line: the client that reads slowly is further back in the journal, nothing else.
    async fn send(&mut self, text: String) -> Result<(), End> {
        self.send_message(Message::Text(text.into())).await
    }

    async fn send_message(&mut self, message: Message) -> Result<(), End> {
        match tokio::time::timeout(STUCK, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(End::Gone),
        }
    }

    async fn entry(&mut self, entry: &Arc<Entry>) -> Result<(), End> {
        self.at = entry.seq;
        let may = may(&self.actor, entry);
        let hearers = self.subs.hear(entry, may);
        if hearers.is_empty() {
            return Ok(());
        }
        let text = serde_json::to_string(entry.as_ref()).expect("entries are JSON");
        for sub in hearers {
            self.send(frame::entry(sub, &text)).await?;
        }
        Ok(())
    }

    async fn beat(&mut self) -> Result<(), End> {
        match identity::still(&self.ctx, &self.actor).await? {
            None => return Err(End::Bye("session_ended", 0)),
            Some(actor) if actor != self.actor => {
                self.actor = actor;
                self.views.renew(&self.actor);
                for sub in self.subs.reset_all(self.at) {
                    self.reset(sub, Reason::Rights, self.at).await?;
                }
            }
            Some(_) => {}
        }
        let head = journal::head(&self.ctx.db).await?;
        self.tell(&Tell::Beat {
            server_time: self.ctx.clock.now(),
            head_seq: head.seq,
        })
        .await
    }

    async fn reset(&mut self, sub: u32, reason: Reason, seq: i64) -> Result<(), End> {
        self.ctx.metrics.socket_resets.inc();
        self.tell(&Tell::Reset { sub, reason, seq }).await
    }

    async fn refuse(&mut self, sub: Option<u32>, refusal: &Refusal) -> Result<(), End> {
        self.tell(&Tell::Refused {
            sub,
            problem: problem::body(refusal),
        })
        .await
    }

    async fn obey(&mut self, text: &[u8]) -> Result<(), End> {
        let say = match extract::parse::<Say>(text) {
            Ok(say) => say,
            Err(Failure::Refusal(refusal)) => return self.refuse(None, &refusal).await,
            Err(Failure::Fault(fault)) => return Err(fault.into()),
        };
        match say {
            Say::Hello { client } => {
                tracing::debug!(client, account.id = %self.actor.account_id, "a client says hello");
                Ok(())
            }
            Say::Ping { at } => self.tell(&Tell::Pong { at }).await,
            Say::Unsubscribe { sub } => {
                self.subs.end(sub);
                self.views.end(sub);
                Ok(())
            }
            Say::Subscribe { sub, topics, from } => self.subscribe(sub, topics, from).await,
            Say::Command {
                id,
                method,
                path,
                body,
            } => self.command(id, method, path, body).await,
            Say::View {
                sub,
                layers,
                bbox,
                zoom,
            } => match self.views.look(&self.actor, sub, layers, bbox, zoom) {
                Ok(()) => Ok(()),
                Err(refusal) => self.refuse(Some(sub), &refusal).await,
            },
        }
    }

    async fn subscribe(
        &mut self,
        sub: u32,
        topics: Vec<String>,
        from: Option<journal::Cursor>,
    ) -> Result<(), End> {
        let head = journal::head(&self.ctx.db).await?;
        let begin = self
            .subs
            .begin(sub, topics, from.as_ref(), &self.epoch, self.at, head.seq);
        match begin {
            Err(refusal) => self.refuse(Some(sub), &bad_subscription(refusal)).await,
            Ok(Begin::Reset { reason, seq }) => {
                self.reset(sub, reason, seq).await?;
                self.tell(&Tell::Live { sub, seq }).await
            }
            Ok(Begin::Replay { replay_from, seq }) => {
                self.replay(sub, replay_from).await?;
                self.tell(&Tell::Live { sub, seq }).await
            }
        }
    }

    /// Tells one subscription what lies between its place and this socket's.
    async fn replay(&mut self, sub: u32, mut seq: i64) -> Result<(), End> {
        while seq < self.at {
            let page = journal::after(&self.ctx.db, seq, PAGE).await?;
            if page.is_empty() {
                return Ok(());
            }
            for entry in page {
                seq = entry.seq;
                if entry.seq > self.at {
                    return Ok(());
                }
                if self.subs.hear_replay(sub, &entry, may(&self.actor, &entry)) {
                    let text = serde_json::to_string(&entry).expect("entries are JSON");
                    self.send(frame::entry(sub, &text)).await?;
                }
            }
        }
        Ok(())
    }

    async fn command(
        &mut self,
        id: String,
        method: String,
        path: String,
        body: Option<Value>,
    ) -> Result<(), End> {
        if self.under_way >= LIMITS.commands_under_way {
            let refusal = too_many_commands();
            let status = refusal.kind.status().as_u16();
            return self
                .tell(&Tell::Result {
                    id: &id,
                    status,
                    body: problem::body(&refusal),
                })
                .await;
        }
        self.under_way += 1;
        let (router, sender, results) = (
            self.router.clone(),
            self.sender.clone(),
            self.results.clone(),
        );
        tasks::spawn("gateway.command", async move {
            let (status, body) = commands::run(&router, &sender, &id, &method, &path, body).await;
            // The socket may be gone; the command is done all the same, and a retry gets this answer.
            let _ = results.send((id, status, body)).await;
        });
        Ok(())
    }
}

fn may<'a>(actor: &'a Actor, entry: &'a Entry) -> impl Fn(&str) -> bool + 'a {
    let division = DivisionCode::parse(&entry.jurisdiction).ok();
    move |topic| {
        division
            .as_ref()
            .is_some_and(|division| policy::may_read_topic(actor, topic, division))
    }
}

fn bad_subscription(refusal: SubRefusal) -> Refusal {
    let (code, zh, en) = match refusal {
        SubRefusal::NoTopics => (
            "socket.no_topics",
            "订阅须至少指明一个主题。",
            "Name at least one topic.",
        ),
        SubRefusal::TooManyTopics => (
            "socket.too_many_topics",
            "一个订阅的主题过多。",
            "Too many topics in one subscription.",
        ),
        SubRefusal::TooManySubscriptions => (
            "socket.too_many_subscriptions",
            "此连接的订阅过多。",
            "Too many subscriptions on this socket.",
        ),
    };
    Refusal::new(Kind::Invalid, code, zh, en).with("limits", json!(LIMITS))
}

fn too_many_commands() -> Refusal {
    Refusal::new(
        Kind::TooMany,
        "socket.too_many_commands",
        "此连接上同时执行的命令过多，请稍后用同一编号重试。",
        "Too many commands under way on this socket; retry with the same id in a moment.",
    )
}
