//! Ranges as players and download managers send them.

use crate::recording::range::{Wanted, wanted};

#[test]
fn a_player_gets_the_part_it_asks_for() {
    for (header, part) in [
        ("bytes=0-", Wanted::Part(0, 1_000)),
        ("bytes=0-0", Wanted::Part(0, 1)),
        ("bytes=10-19", Wanted::Part(10, 20)),
        ("bytes=990-5000", Wanted::Part(990, 1_000)),
        ("bytes=-10", Wanted::Part(990, 1_000)),
        ("bytes=-5000", Wanted::Part(0, 1_000)),
        ("bytes=0-99999999999999999999999", Wanted::Part(0, 1_000)),
        ("bytes=1000-", Wanted::Beyond),
        ("bytes=99999999999999999999999-", Wanted::Beyond),
        ("bytes=-0", Wanted::Beyond),
    ] {
        assert_eq!(wanted(Some(header), 1_000), part, "{header}");
    }
}

#[test]
fn what_cannot_be_read_asks_for_the_whole() {
    for header in [
        "bytes=",
        "bytes=-",
        "bytes=a-b",
        "bytes=5-2",
        "bytes=0-1,5-6",
        "lines=0-1",
        "bytes=+1-2",
        "",
    ] {
        assert_eq!(wanted(Some(header), 1_000), Wanted::Whole, "{header}");
    }
    assert_eq!(wanted(None, 1_000), Wanted::Whole);
    assert_eq!(wanted(Some("bytes=0-"), 0), Wanted::Beyond);
}
