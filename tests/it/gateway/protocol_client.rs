//! What a stranger writes after reading docs/PROTOCOL.md: knows nothing of the server's types.

use std::{net::SocketAddr, time::Duration};

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Message, client::IntoClientRequest as _},
};

/// No frame for three beats: the line is dead (section 2).
const DEAD: Duration = Duration::from_secs(15);

pub struct ProtocolClient {
    line: WebSocketStream<MaybeTlsStream<TcpStream>>,
    pub welcome: Value,
}

impl ProtocolClient {
    /// Opens a socket with the session cookie of section 1.
    pub async fn connect(server: SocketAddr, cookie: &str) -> Result<Self, String> {
        Self::connect_from(server, cookie, None).await
    }

    /// As a page of some site would.
    pub async fn connect_from(
        server: SocketAddr,
        cookie: &str,
        origin: Option<&str>,
    ) -> Result<Self, String> {
        let mut request = format!("ws://{server}/api/v1/socket")
            .into_client_request()
            .map_err(|error| error.to_string())?;
        request
            .headers_mut()
            .insert("cookie", cookie.parse().map_err(|_| "bad cookie")?);
        if let Some(origin) = origin {
            request
                .headers_mut()
                .insert("origin", origin.parse().map_err(|_| "bad origin")?);
        }
        let (line, _) = connect_async(request)
            .await
            .map_err(|error| error.to_string())?;
        let mut client = Self {
            line,
            welcome: Value::Null,
        };
        client
            .say(json!({ "op": "hello", "client": "protocol test" }))
            .await;
        client.welcome = client.next().await.ok_or("closed before the welcome")?;
        assert_eq!(client.welcome["op"], "welcome", "the first frame");
        Ok(client)
    }

    pub async fn say(&mut self, frame: Value) {
        self.line
            .send(Message::text(frame.to_string()))
            .await
            .expect("the line takes it");
    }

    /// The next frame, or nothing when the server has closed.
    pub async fn next(&mut self) -> Option<Value> {
        loop {
            let message = tokio::time::timeout(DEAD, self.line.next())
                .await
                .expect("the line is alive")?;
            match message {
                Ok(Message::Text(text)) => {
                    return Some(serde_json::from_str(&text).expect("frames are JSON"));
                }
                Ok(Message::Close(_)) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }

    /// The next frame that is no beat.
    pub async fn expect(&mut self) -> Value {
        loop {
            let frame = self.next().await.expect("the server keeps the socket open");
            if frame["op"] != "beat" {
                return frame;
            }
        }
    }

    /// Subscribes and reads until the subscription is live: everything told on the way.
    pub async fn subscribe(
        &mut self,
        sub: u32,
        topics: &[&str],
        from: Option<(&str, i64)>,
    ) -> Vec<Value> {
        let from = from.map(|(epoch, seq)| json!({ "epoch": epoch, "seq": seq }));
        self.say(json!({ "op": "subscribe", "sub": sub, "topics": topics, "from": from }))
            .await;
        let mut told = Vec::new();
        loop {
            let frame = self.expect().await;
            let live = frame["op"] == "live" && frame["sub"] == sub;
            told.push(frame);
            if live {
                return told;
            }
        }
    }

    /// Sends a command until its result arrives.
    pub async fn command(&mut self, id: &str, method: &str, path: &str, body: Value) -> Value {
        self.say(
            json!({ "op": "command", "id": id, "method": method, "path": path, "body": body }),
        )
        .await;
        loop {
            let frame = self.expect().await;
            assert_ne!(frame["op"], "refused", "{frame}");
            if frame["op"] == "result" && frame["id"] == id {
                return frame;
            }
        }
    }
}
