//! WHIP and WHEP as a stranger's encoder sees them, before any packet.

use axum::http::Method;
use serde_json::json;

use super::city::{City, id};

/// What an audio-only encoder offers.
const OFFER: &str = "v=0\r\n\
o=- 1 1 IN IP4 127.0.0.1\r\n\
s=-\r\n\
t=0 0\r\n\
a=group:BUNDLE 0\r\n\
m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n\
c=IN IP4 0.0.0.0\r\n\
a=ice-ufrag:abcd\r\n\
a=ice-pwd:0123456789abcdef0123456789abcdef\r\n\
a=fingerprint:sha-256 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF\r\n\
a=setup:actpass\r\n\
a=mid:0\r\n\
a=sendonly\r\n\
a=rtcp-mux\r\n\
a=rtpmap:111 opus/48000/2\r\n";

const SDP: (&str, &str) = ("content-type", "application/sdp");

#[tokio::test]
async fn a_joined_terminal_publishes_restarts_and_stops() {
    let mut city = City::in_session().await.everybody_in().await;
    let path = format!(
        "/media/whip?conference={}&venue={}",
        city.meeting,
        id(&city.county)
    );
    let created = city
        .county
        .send_bytes(Method::POST, &path, OFFER.into(), &[SDP])
        .await;
    assert_eq!(created.status, 201, "{}", created.json);
    assert_eq!(created.headers["content-type"], "application/sdp");
    let etag = created.headers["etag"].to_str().expect("ASCII").to_owned();
    let location = created.headers["location"]
        .to_str()
        .expect("ASCII")
        .strip_prefix("/api/v1")
        .expect("our own address")
        .to_owned();

    let fragment = ("content-type", "application/trickle-ice-sdpfrag");
    let restart = "a=ice-ufrag:wxyz\r\na=ice-pwd:fedcba9876543210fedcba9876543210\r\nm=audio 9 RTP/AVP 0\r\na=mid:0\r\n";
    let stale = city
        .county
        .send_bytes(
            Method::PATCH,
            &location,
            restart.into(),
            &[fragment, ("if-match", "\"old\"")],
        )
        .await;
    assert_eq!(stale.status, 412);
    let restarted = city
        .county
        .send_bytes(
            Method::PATCH,
            &location,
            restart.into(),
            &[fragment, ("if-match", "*")],
        )
        .await;
    assert_eq!(restarted.status, 200);
    assert_ne!(restarted.headers["etag"].to_str().expect("ASCII"), etag);

    let stranger = city
        .district
        .send_bytes(Method::DELETE, &location, Vec::new(), &[])
        .await;
    assert_eq!(stranger.status, 403, "another venue may not end it");
    assert_eq!(
        city.county
            .send_bytes(Method::DELETE, &location, Vec::new(), &[])
            .await
            .status,
        200
    );
    assert_eq!(
        city.county
            .send_bytes(Method::DELETE, &location, Vec::new(), &[])
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn a_media_token_speaks_for_one_venue_in_one_meeting() {
    let mut city = City::in_session().await.everybody_in().await;
    let path = city.path(&format!("venues/{}/media-token", id(&city.county)));
    let token = city.county.post(&path, json!({})).await.ok()["token"]
        .as_str()
        .expect("a token")
        .to_owned();
    let bearer = format!("Bearer {token}");
    let mut encoder = city.world.stranger();
    let created = encoder
        .send_bytes(
            Method::POST,
            "/media/whip",
            OFFER.into(),
            &[SDP, ("authorization", &bearer)],
        )
        .await;
    assert_eq!(created.status, 201, "{}", created.json);
    let refused = encoder
        .send_bytes(
            Method::POST,
            "/media/whip",
            OFFER.into(),
            &[SDP, ("authorization", "Bearer wrong")],
        )
        .await;
    refused.refused(401, "media.token_unknown");
    let path = city.path(&format!("venues/{}/media-token", id(&city.district)));
    city.county
        .post(&path, json!({}))
        .await
        .refused(403, "conference.not_your_venue");
    let figures = city
        .operator
        .get(&format!("/conferences/{}/media", city.meeting))
        .await
        .ok();
    assert_eq!(figures["venues"][0]["venue_id"], json!(id(&city.county)));
    assert_eq!(
        figures["venues"][0]["sources"][0]["open"], false,
        "入会闭麦 holds in the media server"
    );
}

#[tokio::test]
async fn media_needs_a_seat_a_session_and_an_offer() {
    let mut city = City::in_session().await;
    let path = format!(
        "/media/whip?conference={}&venue={}",
        city.meeting,
        id(&city.county)
    );
    let early = city
        .county
        .send_bytes(Method::POST, &path, OFFER.into(), &[SDP])
        .await;
    early.refused(409, "conference.not_joined");
    let mut stranger = city.world.stranger();
    stranger
        .send_bytes(Method::POST, &path, OFFER.into(), &[SDP])
        .await
        .refused(401, "media.not_authorised");
    let join = city.path("join");
    city.county.post(&join, json!({})).await.ok();
    let json = city
        .county
        .send_bytes(
            Method::POST,
            &path,
            OFFER.into(),
            &[("content-type", "application/json")],
        )
        .await;
    json.refused(415, "media.content_type");
    let nonsense = city
        .county
        .send_bytes(Method::POST, &path, b"hello".to_vec(), &[SDP])
        .await;
    assert_eq!(
        (
            nonsense.status.as_u16(),
            nonsense.code().starts_with("media.")
        ),
        (422, true)
    );
    let other = format!(
        "/media/whip?conference={}&venue={}",
        city.meeting,
        id(&city.district)
    );
    city.county
        .send_bytes(Method::POST, &other, OFFER.into(), &[SDP])
        .await
        .refused(403, "conference.not_your_venue");
}
