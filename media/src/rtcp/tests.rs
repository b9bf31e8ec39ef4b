//! Reading back what we write, an independent reader's opinion of it, and hostile bytes.

use bytes::Bytes;
use proptest::prelude::*;
use rtc_rtcp::packet::unmarshal;
use rtc_rtcp::receiver_report::ReceiverReport;
use rtc_rtcp::transport_feedbacks::transport_layer_cc::TransportLayerCc;
use rtc_rtcp::transport_feedbacks::transport_layer_nack::TransportLayerNack;

use super::read::{Message, messages};
use super::*;

fn written(write: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut out = Vec::new();
    write(&mut out);
    assert!(out.len().is_multiple_of(4));
    out
}

/// What the independent reader makes of the first message.
fn other<T: Clone + 'static>(compound: &[u8]) -> T {
    let packets = unmarshal(&mut Bytes::copy_from_slice(compound)).expect("well formed");
    packets[0]
        .as_any()
        .downcast_ref::<T>()
        .expect("of that kind")
        .clone()
}

#[test]
fn a_negative_acknowledgement_names_exactly_the_missing_packets() {
    let lost = [65_530, 65_535, 3, 10, 400, 401];
    let out = written(|out| write::nack(out, 1, 77, &lost));
    let Some(Message::Nack {
        ssrc: 77,
        lost: read,
    }) = messages(&out).next()
    else {
        panic!("a NACK")
    };
    assert_eq!(read.collect::<Vec<_>>(), lost);
    let nack: TransportLayerNack = other(&out);
    let mut named: Vec<u16> = nack
        .nacks
        .iter()
        .flat_map(|pair| pair.packet_list())
        .collect();
    named.sort_by_key(|sequence| sequence.wrapping_sub(65_000));
    assert_eq!(named, lost);
}

#[test]
fn a_receiver_report_is_read_as_it_was_meant() {
    let block = ReportBlock {
        ssrc: 0xdead_beef,
        fraction_lost: 25,
        cumulative_lost: 0x01_0203,
        highest_sequence: 0x0001_fffe,
        jitter: 99,
        last_sender_report: 0x1234_5678,
        delay_since_last_sender_report: 65_536,
    };
    let out = written(|out| write::receiver_report(out, 1, &[block]));
    let Some(Message::ReceiverReport(mut blocks)) = messages(&out).next() else {
        panic!("a report")
    };
    assert_eq!(blocks.next(), Some(block));
    let report: ReceiverReport = other(&out);
    assert_eq!(report.reports[0].ssrc, block.ssrc);
    assert_eq!(report.reports[0].total_lost, block.cumulative_lost);
    assert_eq!(
        report.reports[0].last_sequence_number,
        block.highest_sequence
    );
}

#[test]
fn a_compound_packet_gives_its_messages_in_order() {
    let info = SenderInfo {
        ssrc: 5,
        ntp: 1 << 40,
        timestamp: 90_000,
        packets: 3,
        bytes: 300,
    };
    let out = written(|out| {
        write::sender_report(out, &info, "tower");
        write::keyframe_request(out, 1, 6);
        write::remb(out, 1, 2_500_000, &[6]);
    });
    let mut read = messages(&out);
    assert!(matches!(read.next(), Some(Message::SenderReport(it, _)) if it == info));
    assert!(matches!(
        read.next(),
        Some(Message::KeyframeRequest { ssrc: 6 })
    ));
    // 18 bits of mantissa: the estimate is rounded down to them.
    let Some(Message::Remb { bitrate_bps }) = read.next() else {
        panic!("an estimate")
    };
    assert!(
        (2_499_900..=2_500_000).contains(&bitrate_bps),
        "{bitrate_bps}"
    );
    assert!(read.next().is_none());
    assert_eq!(
        unmarshal(&mut Bytes::from(out)).expect("well formed").len(),
        4
    );
}

#[test]
fn a_full_intra_request_may_name_several_streams() {
    let fir = [
        0x84, 206, 0, 6, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 9, 1, 0, 0, 0, 0, 0, 0, 10, 2, 0, 0, 0,
    ];
    let asked = messages(&fir).filter_map(|message| match message {
        Message::KeyframeRequest { ssrc } => Some(ssrc),
        _ => None,
    });
    assert_eq!(asked.collect::<Vec<_>>(), [9, 10]);
}

proptest! {
    #[test]
    fn transport_feedback_tells_every_arrival_to_a_quarter_millisecond(
        base: u16,
        start in 0_u64..1 << 40,
        steps in prop::collection::vec(prop_oneof![Just(None), (-3000_i64..400_000).prop_map(Some), (0_i64..900).prop_map(Some)], 1..120),
    ) {
        let mut at = start.cast_signed() + 10_000_000;
        let mut arrivals: Vec<Option<u64>> = steps.iter().map(|step| {
            step.map(|step| { at += step; at.cast_unsigned() })
        }).collect();
        arrivals[0] = Some(start + 10_000_000);
        let out = written(|out| write::transport_feedback(out, 1, 2, base, 7, arrivals.iter().copied()));
        let Some(Message::TransportFeedback(read)) = messages(&out).next() else { panic!("feedback") };
        let packets = read.packets();
        prop_assert_eq!(packets.len(), arrivals.len());
        // The reference wraps at 24 bits of 64 ms.
        let turn = (1_i64 << 24) * 64_000;
        for (offset, ((sequence, read), arrival)) in packets.iter().zip(&arrivals).enumerate() {
            prop_assert_eq!(*sequence, base.wrapping_add(offset as u16));
            prop_assert_eq!(read.is_some(), arrival.is_some());
            if let (Some(read), Some(arrival)) = (read, arrival) {
                let error = (arrival.cast_signed() - read).rem_euclid(turn);
                prop_assert!(error < 250, "{} µs off", error);
            }
        }
        let theirs: TransportLayerCc = other(&out);
        prop_assert_eq!(theirs.base_sequence_number, base);
        prop_assert_eq!(usize::from(theirs.packet_status_count), arrivals.len());
        prop_assert_eq!(theirs.recv_deltas.len(), arrivals.iter().flatten().count());
    }

    #[test]
    fn hostile_bytes_do_no_harm(mut bytes in prop::collection::vec(any::<u8>(), 0..400), kind in 200_u8..208, format in 0_u8..32) {
        if bytes.len() >= 4 {
            bytes[0] = 0x80 | format;
            bytes[1] = kind;
            let words = (bytes.len() / 4 - 1) as u16;
            bytes[2..4].copy_from_slice(&words.to_be_bytes());
        }
        for message in messages(&bytes) {
            match message {
                Message::SenderReport(_, blocks) | Message::ReceiverReport(blocks) => {
                    prop_assert!(blocks.count() <= 31);
                }
                Message::Nack { lost, .. } => prop_assert!(lost.count() <= 17 * 100),
                Message::TransportFeedback(feedback) => {
                    prop_assert!(feedback.packets().len() <= usize::from(u16::MAX));
                }
                _ => {}
            }
        }
    }
}
