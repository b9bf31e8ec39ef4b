//! Builds the one answer this server gives: ICE-lite, passive DTLS, one bundled transport.

use std::fmt::Write as _;
use std::net::SocketAddr;

use super::caps::{Comparison, clock_of, compare};
use super::offer::{IceCredentials, Offer, Section};
use super::{AgreedMedia, LocalSsrcs, OfferRefusal, Purpose};
use crate::rtp::{Extension, MediaKind};

/// What the server says about itself in every answer.
#[derive(Debug, Clone)]
pub struct LocalSide {
    /// UDP addresses clients can reach, most preferred first.
    pub udp: Vec<SocketAddr>,
    /// TCP addresses for networks that drop UDP.
    pub tcp: Vec<SocketAddr>,
    /// `AB:CD:…`, sha-256 of the server's DTLS certificate.
    pub fingerprint: String,
}

/// What both sides settled on.
#[derive(Debug, Clone)]
pub struct Agreement {
    /// The answer to send back, CRLF line ends.
    pub answer: String,
    /// ICE credentials of the client.
    pub remote_ice: IceCredentials,
    /// ICE credentials of the server for this connection.
    pub local_ice: IceCredentials,
    /// sha-256 of the certificate the client must show in DTLS.
    pub fingerprint: [u8; 32],
    /// The accepted sections in the order of the offer.
    pub media: Vec<AgreedMedia>,
}

/// Reads an offer and writes its answer.
///
/// # Errors
/// Any [`OfferRefusal`]; sections nobody can use are refused singly inside the answer (port 0)
/// as long as one remains.
pub fn agree(text: &str, purpose: Purpose, local: &LocalSide) -> Result<Agreement, OfferRefusal> {
    let offer = Offer::parse(text)?;
    unique_mids(&offer.sections)?;
    let mut compared = Vec::with_capacity(offer.sections.len());
    let mut flowing_without_codec = false;
    for (position, section) in offer.sections.iter().enumerate() {
        let comparison = compare(section, position, purpose, offer.transport.direction)?;
        flowing_without_codec |= comparison.is_none()
            && matches!(section.kind.as_str(), "audio" | "video")
            && section.port != 0
            && !directed_away(section, purpose);
        compared.push(comparison);
    }
    let accepted = compared.iter().flatten().count();
    if accepted == 0 {
        return Err(if flowing_without_codec {
            OfferRefusal::NoCodec
        } else {
            OfferRefusal::NoMedia
        });
    }
    check_bundle(&offer, &compared, accepted)?;
    let (remote_ice, fingerprint) = remote_transport(&offer, &compared)?;

    if purpose == Purpose::Receive {
        draw_ssrcs(&mut compared);
    }
    let local_ice = IceCredentials::generate();
    let answer = write(&offer, &compared, purpose, local, &local_ice);
    let media = compared
        .into_iter()
        .flatten()
        .map(|one| one.media)
        .collect();
    Ok(Agreement {
        answer,
        remote_ice,
        local_ice,
        fingerprint,
        media,
    })
}

fn directed_away(section: &Section, purpose: Purpose) -> bool {
    use super::Direction::{Inactive, RecvOnly, SendOnly};
    match section.direction {
        Some(Inactive) => true,
        Some(RecvOnly) => purpose == Purpose::Publish,
        Some(SendOnly) => purpose == Purpose::Receive,
        _ => false,
    }
}

fn unique_mids(sections: &[Section]) -> Result<(), OfferRefusal> {
    for (position, section) in sections.iter().enumerate() {
        if section.mid.is_some()
            && sections[..position]
                .iter()
                .any(|earlier| earlier.mid == section.mid)
        {
            return Err(OfferRefusal::Malformed);
        }
    }
    Ok(())
}

fn check_bundle(
    offer: &Offer,
    compared: &[Option<Comparison>],
    accepted: usize,
) -> Result<(), OfferRefusal> {
    if accepted == 1 {
        return Ok(());
    }
    let group = offer.bundle.as_ref().ok_or(OfferRefusal::NoBundle)?;
    let all_inside = offer
        .sections
        .iter()
        .zip(compared)
        .filter(|(_, comparison)| comparison.is_some())
        .all(|(section, _)| section.mid.as_ref().is_some_and(|mid| group.contains(mid)));
    if all_inside {
        Ok(())
    } else {
        Err(OfferRefusal::NoBundle)
    }
}

/// The credentials and fingerprint of the shared transport: those of the first accepted section.
fn remote_transport(
    offer: &Offer,
    compared: &[Option<Comparison>],
) -> Result<(IceCredentials, [u8; 32]), OfferRefusal> {
    let section = offer
        .sections
        .iter()
        .zip(compared)
        .find_map(|(section, comparison)| comparison.is_some().then_some(section))
        .ok_or(OfferRefusal::NoMedia)?;
    // A bundle-only section may leave its transport to the first section of the group.
    let sources = [Some(&section.transport), Some(&offer.transport)]
        .into_iter()
        .flatten()
        .chain(offer.sections.iter().map(|section| &section.transport));
    let mut ice = None;
    let mut fingerprint = None;
    let mut setup = None;
    for transport in sources {
        if ice.is_none()
            && let (Some(ufrag), Some(pwd)) = (&transport.ufrag, &transport.pwd)
        {
            ice = Some(IceCredentials::new(ufrag, pwd).ok_or(OfferRefusal::NoIce)?);
        }
        fingerprint = fingerprint.or(transport.fingerprint);
        setup = setup.or(transport.setup.as_deref());
    }
    if !matches!(setup, None | Some("actpass" | "active")) {
        return Err(OfferRefusal::NotAnOffer);
    }
    Ok((
        ice.ok_or(OfferRefusal::NoIce)?,
        fingerprint.ok_or(OfferRefusal::NoFingerprint)?,
    ))
}

fn draw_ssrcs(compared: &mut [Option<Comparison>]) {
    let mut drawn = Vec::new();
    let mut draw = || loop {
        let ssrc = rand::random::<u32>();
        if ssrc != 0 && !drawn.contains(&ssrc) {
            drawn.push(ssrc);
            return ssrc;
        }
    };
    let mut places = [0; 2];
    for comparison in compared.iter_mut().flatten() {
        let place = &mut places[usize::from(comparison.media.kind == MediaKind::Video)];
        comparison.media.local = Some(LocalSsrcs {
            media: draw(),
            rtx: draw(),
            place: *place,
        });
        *place += 1;
    }
}

fn write(
    offer: &Offer,
    compared: &[Option<Comparison>],
    purpose: Purpose,
    local: &LocalSide,
    ice: &IceCredentials,
) -> String {
    let mut text = String::with_capacity(1024 * compared.len());
    let mut line = |args: std::fmt::Arguments<'_>| {
        // Writing into a String cannot fail.
        let _ = text.write_fmt(args);
        text.push_str("\r\n");
    };
    line(format_args!("v=0"));
    line(format_args!(
        "o=- {} 1 IN IP4 0.0.0.0",
        rand::random::<u64>() >> 2
    ));
    line(format_args!("s=-"));
    line(format_args!("t=0 0"));
    line(format_args!("a=ice-lite"));
    if offer.bundle.is_some() {
        let mids: Vec<&str> = compared
            .iter()
            .flatten()
            .map(|one| one.media.mid.as_str())
            .collect();
        line(format_args!("a=group:BUNDLE {}", mids.join(" ")));
    }
    line(format_args!("a=msid-semantic: WMS *"));

    let mut first = true;
    for (section, comparison) in offer.sections.iter().zip(compared) {
        let Some(comparison) = comparison else {
            let formats = section.order.first().map_or("0", String::as_str);
            line(format_args!(
                "m={} 0 {} {formats}",
                section.kind, section.proto
            ));
            line(format_args!("c=IN IP4 0.0.0.0"));
            if let Some(mid) = &section.mid {
                line(format_args!("a=mid:{mid}"));
            }
            line(format_args!("a=inactive"));
            continue;
        };
        write_section(&mut line, section, comparison, purpose);
        write_transport(&mut line, local, ice, first);
        first = false;
        if let Some(ssrcs) = comparison.media.local {
            write_ssrcs(&mut line, comparison, ssrcs);
        }
    }
    text
}

type Line<'a> = dyn FnMut(std::fmt::Arguments<'_>) + 'a;

fn write_section(
    line: &mut Line<'_>,
    section: &Section,
    comparison: &Comparison,
    purpose: Purpose,
) {
    let media = &comparison.media;
    let formats: Vec<String> = media
        .payloads
        .iter()
        .flat_map(|payload| [Some(payload.payload_type), payload.rtx_payload_type])
        .flatten()
        .map(|pt| pt.to_string())
        .collect();
    line(format_args!(
        "m={} 9 {} {}",
        section.kind,
        section.proto,
        formats.join(" ")
    ));
    line(format_args!("c=IN IP4 0.0.0.0"));
    if let Some(mid) = &section.mid {
        line(format_args!("a=mid:{mid}"));
    }
    for extension in Extension::ALL {
        if let Some(id) = media.extensions.id(extension) {
            line(format_args!("a=extmap:{id} {}", extension.uri()));
        }
    }
    line(format_args!(
        "a={}",
        match purpose {
            Purpose::Publish => "recvonly",
            Purpose::Receive => "sendonly",
        }
    ));
    line(format_args!("a=rtcp-mux"));
    if section.rtcp_rsize {
        line(format_args!("a=rtcp-rsize"));
    }
    for payload in &media.payloads {
        let clock = clock_of(payload.codec);
        let channels = if media.kind == MediaKind::Audio {
            "/2"
        } else {
            ""
        };
        line(format_args!(
            "a=rtpmap:{} {}/{clock}{channels}",
            payload.payload_type,
            payload.codec.name(),
        ));
        if let Some(rtx) = payload.rtx_payload_type {
            line(format_args!("a=rtpmap:{rtx} rtx/{clock}"));
        }
    }
    for (pt, feedback) in &comparison.feedback {
        line(format_args!("a=rtcp-fb:{pt} {feedback}"));
    }
    for (pt, parameters) in &comparison.fmtp {
        line(format_args!("a=fmtp:{pt} {parameters}"));
    }
    if !media.rids.is_empty() {
        for rid in &media.rids {
            line(format_args!("a=rid:{rid} recv"));
        }
        line(format_args!("a=simulcast:recv {}", media.rids.join(";")));
    }
}

fn write_transport(line: &mut Line<'_>, local: &LocalSide, ice: &IceCredentials, first: bool) {
    line(format_args!("a=ice-ufrag:{}", ice.ufrag));
    line(format_args!("a=ice-pwd:{}", ice.pwd));
    line(format_args!("a=fingerprint:sha-256 {}", local.fingerprint));
    line(format_args!("a=setup:passive"));
    if first {
        for candidate in candidates(local) {
            line(format_args!("a={candidate}"));
        }
        line(format_args!("a=end-of-candidates"));
    }
}

/// `candidate:…` attributes of the server, UDP before TCP (RFC 8445 5.1.2.1, RFC 6544).
pub(super) fn candidates(local: &LocalSide) -> Vec<String> {
    let mut lines = Vec::new();
    for (place, address) in local.udp.iter().enumerate() {
        let priority = (126_u32 << 24) | ((65_535 - place as u32) << 8) | 255;
        lines.push(format!(
            "candidate:{} 1 udp {priority} {} {} typ host",
            place + 1,
            address.ip(),
            address.port()
        ));
    }
    for (place, address) in local.tcp.iter().enumerate() {
        // Type preference below every UDP one: TCP is the way out of closed networks, not the first choice.
        let priority = (90_u32 << 24) | ((32_767 - place as u32) << 8) | 255;
        lines.push(format!(
            "candidate:{} 1 tcp {priority} {} {} typ host tcptype passive",
            local.udp.len() + place + 1,
            address.ip(),
            address.port()
        ));
    }
    lines
}

fn write_ssrcs(line: &mut Line<'_>, comparison: &Comparison, ssrcs: LocalSsrcs) {
    let LocalSsrcs { media, rtx, place } = ssrcs;
    let cname = ssrcs.cname();
    let kind = match comparison.media.kind {
        MediaKind::Audio => "audio",
        MediaKind::Video => "video",
    };
    line(format_args!("a=msid:{cname} {kind}-{place}"));
    let has_rtx = comparison.media.has_rtx();
    if has_rtx {
        line(format_args!("a=ssrc-group:FID {media} {rtx}"));
    }
    line(format_args!("a=ssrc:{media} cname:{cname}"));
    if has_rtx {
        line(format_args!("a=ssrc:{rtx} cname:{cname}"));
    }
}
