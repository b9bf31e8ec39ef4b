//! Reading division lists in every form that is about.

use super::*;

fn first(text: &str) -> Row {
    read(text.as_bytes())
        .expect("a list")
        .into_iter()
        .next()
        .expect("a row")
}

#[test]
fn the_tree_is_read_in_its_order_with_parents() {
    let tree = r#"[{"code":"22","name":"吉林省","children":[{"code":"2201","name":"长春市","children":[
        {"code":"220171","name":"长春经济技术开发区"},{"code":"220102","name":"南关区"}]}]}]"#;
    let rows = read(tree.as_bytes()).expect("a tree");
    let told: Vec<_> = rows
        .iter()
        .map(|row| (row.line, row.code.as_str(), row.parent.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (1, "22", ""),
            (2, "2201", "22"),
            (3, "220171", "2201"),
            (4, "220102", "2201")
        ]
    );
}

#[test]
fn the_areacity_table_gives_the_long_name_and_its_pinyin() {
    let row = first(
        "\u{feff}id,pid,deep,name,pinyin_prefix,pinyin,ext_id,ext_name\n220106,2201,2,\"绿园\",\"l\",\"lv yuan\",\"220106000000\",\"绿园区\"\n",
    );
    assert_eq!(
        (row.name.as_str(), row.pinyin.as_str()),
        ("绿园区", "lv yuan qu")
    );
    assert_eq!(
        (row.long_code.as_str(), row.parent.as_str(), row.line),
        ("220106000000", "2201", 2)
    );
}

#[test]
fn our_own_table_has_dates_and_successors() {
    let row = first(
        "code,name,kind,valid_from,valid_until,successor,seat_lon,seat_lat\r\n220381,公主岭市,county,,2020-06-19,220184,124.8,43.5\r\n",
    );
    assert_eq!(row.until, Some(jiff::civil::date(2020, 6, 19)));
    assert_eq!(
        (row.successor.as_str(), row.seat),
        ("220184", Some([124.8, 43.5]))
    );
    let row = first("code,name,valid_from\n220184,公主岭市,19.06.2020\n");
    assert_eq!(
        row.unreadable,
        Some(("valid_from", "19.06.2020".to_owned()))
    );
}

#[test]
fn gb18030_is_understood_and_what_is_no_list_is_refused() {
    let (bytes, _, _) = encoding_rs::GB18030.encode("code,name\n2201,长春市\n");
    assert_eq!(read(&bytes).expect("GB 18030")[0].name, "长春市");
    assert_eq!(read(b"\xFF\xFF\x00\xFF,"), Err(NotAList::Encoding));
    assert_eq!(read("{\"香港\":{}}".as_bytes()), Err(NotAList::Form));
    assert_eq!(read(b""), Err(NotAList::Form));
    assert_eq!(read(b"a,b\n1,2\n"), Err(NotAList::Form));
    assert!(matches!(
        read(b"[{\"code\":\"22\""),
        Err(NotAList::Broken { line: 1, .. })
    ));
}
