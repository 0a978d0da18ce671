//! Small crates with what the scanner must find, and what it must not take for a dependency.

use crate::house::{Dependencies, House};

fn read(files: &[(&str, &str)]) -> Dependencies {
    let dependencies = House::new(files.iter().copied()).dependencies();
    assert_eq!(dependencies.lost, [""; 0]);
    dependencies
}

/// What `a.rs` with this text needs, beside a room with a child, a grandchild and what it hands on.
fn needs(text: &str) -> Vec<String> {
    let dependencies = read(&[
        ("lib.rs", "pub mod a; pub mod room; mod other;"),
        ("a.rs", text),
        ("other.rs", "pub const ONE: u8 = 1;"),
        (
            "room/mod.rs",
            "mod child;\npub use child::{Thing, make as build};\npub fn own() {}",
        ),
        (
            "room/child.rs",
            "pub mod deep; pub struct Thing; impl Thing { pub fn new() {} } pub fn make() {}",
        ),
        ("room/child/deep.rs", "pub fn dig() {}"),
    ]);
    dependencies.of["a"].iter().cloned().collect()
}

#[test]
fn a_name_leads_to_the_file_that_defines_it() {
    let child = ["room/child"];
    for text in [
        "use crate::room::child::Thing;",
        "use crate::{room::{child::{self, Thing as T}}};",
        "use super::room::Thing;",
        "fn f() { use crate::room::Thing; }",
        "fn f() -> crate::room::Thing { todo!() }",
        "fn f() { crate::room::Thing::new() }",
        "use crate::room;\nfn f() { room::build() }",
        "use crate::room as house;\nfn f() { g(|| house::Thing) }",
        "use crate::room::child as c;\nfn f() { let x = 0..c::make(); }",
        "use crate::room::Thing;\nfn f() { Thing::new() }",
        "macro_rules! m { () => { $crate::room::build() } }",
        "fn f<'a>(_: &'a str) { crate::room::build() }",
        "fn f() -> char { crate::room::build(); '\"' }",
        "fn f() { ('\\'', \"\\\"\", r#\"\"\"#, b\"x\"); /* /* */ */ crate::room::build() }",
        "#[cfg(test)]\nuse crate::{other::{ONE}, room::own};\npub use crate::room::Thing;\nfn f(_: Thing) {}",
        "#[cfg(test)]\nfn t() -> [u8; 2] { crate::room::own() }\nfn f() { crate::room::build() }",
    ] {
        assert_eq!(needs(text), child, "{text}");
    }
    assert_eq!(
        needs("use crate::room::child::deep::dig;"),
        ["room/child/deep"]
    );
    assert_eq!(
        needs("use crate::room::child;\nfn f() { child::deep::dig() }"),
        ["room/child/deep"]
    );
    assert_eq!(
        needs("use crate::{other::ONE, room::{Thing, own}};"),
        ["other", "room", "room/child"]
    );
}

#[test]
fn what_is_not_code_is_no_dependency() {
    for text in [
        "// use crate::room::Thing;",
        "//! [`crate::room::Thing`]\n/* use crate::room::own; */",
        "const S: &str = \"use crate::room::own; \\\" crate::room::own()\";",
        "const S: &str = r#\"crate::room::own() \" crate::room::own()\"#;",
        "#[cfg(test)]\nmod tests { use crate::room::own; #[test] fn t() { if true { own() } } }",
        "#[cfg(test)]\n#[allow(unused)]\nuse crate::room::{own, Thing};",
        "use std::room::Thing;\nfn f(x: X) { x.room.own(); other::Thing::new(); Self::own() }",
        "use crate::room;\nfn f() { <X as Y>::room::own(); ::room::own() }",
        "use crate::room;",
        "pub use crate::room::Thing;",
        "pub(in crate::room) use crate::room::{own, Thing};",
    ] {
        assert_eq!(needs(text), [""; 0], "{text}");
    }
}

#[test]
fn circles_are_found_whole() {
    let found = |files: &[(&str, &str)]| -> Vec<String> {
        read(files)
            .circles()
            .iter()
            .map(|circle| circle.join(" "))
            .collect()
    };
    let lib = ("lib.rs", "mod a; mod b; mod c;");
    let a = ("a.rs", "use crate::b::B; pub struct A;");
    let c = ("c.rs", "use crate::{a::A, b::B}; pub struct C(A, B);");
    assert_eq!(found(&[lib, a, ("b.rs", "pub struct B;"), c]), [""; 0]);
    assert_eq!(
        found(&[lib, a, ("b.rs", "pub struct B(super::a::A);"), c]),
        ["a b"]
    );
    assert_eq!(
        found(&[lib, a, ("b.rs", "use super::c; pub struct B(c::C);"), c]),
        ["a b c"]
    );
    // Each by itself: b needs itself by a path, which is no circle of files.
    assert_eq!(
        found(&[lib, a, ("b.rs", "pub struct B; fn f(_: crate::b::B) {}"), c]),
        [""; 0]
    );
}

/// A parent that hands on its child's items may be used by the child for its own: only using them makes a circle.
#[test]
fn a_parent_is_in_a_circle_only_by_its_own_code() {
    let circles = |parent: &str| {
        let child = ("room/child.rs", "use super::Base; pub struct Thing(Base);");
        let files = [("lib.rs", "mod room;"), ("room/mod.rs", parent), child];
        read(&files).circles().len()
    };
    assert_eq!(
        circles("mod child; pub use child::Thing; pub struct Base;"),
        0
    );
    assert_eq!(
        circles("mod child; pub use child::Thing; pub struct Base; fn f(_: Thing) {}"),
        1
    );
    assert_eq!(
        circles("mod child; pub struct Base; fn f(_: child::Thing) {}"),
        1
    );
    let method = "mod child; pub use child::Thing; pub struct Base; fn f(x: X) { x.Thing() }";
    assert_eq!(circles(method), 0);
    assert_eq!(
        circles("mod child; use child::Thing; pub struct Base; fn f(_: Thing) {}"),
        1
    );
}

/// `super::child::Thing` is in the child, whatever else is called `child`; `super::child` may be both.
#[test]
fn a_function_with_the_name_of_a_module_is_not_in_its_way() {
    let needs = |text| {
        read(&[
            ("lib.rs", "mod room;"),
            ("room/mod.rs", "mod child; mod other; fn child() {}"),
            ("room/child.rs", "pub struct Thing;"),
            ("room/other.rs", text),
        ])
        .of["room/other"]
            .iter()
            .cloned()
            .collect::<Vec<_>>()
    };
    assert_eq!(needs("use super::child::Thing;"), ["room/child"]);
    assert_eq!(
        needs("use super::child;\nfn f(_: child::Thing) {}"),
        ["room", "room/child"]
    );
    assert_eq!(needs("fn f() { super::child() }"), ["room"]);
}

#[test]
fn a_need_of_a_higher_or_equal_floor_is_found() {
    let files = [
        ("lib.rs", "mod low; mod left; mod right; mod attic;"),
        ("low.rs", "use crate::attic::A; pub struct L;"),
        ("left/mod.rs", "mod inner; pub struct F;"),
        (
            "left/inner.rs",
            "use crate::{low::L, right::R}; use super::F;",
        ),
        ("right.rs", "use crate::low::L; pub struct R;"),
        ("attic.rs", "use crate::{left::F, low::L}; pub struct A;"),
    ];
    let floors =
        crate::floors("## Where things are\n\nFrom below:\n\n    low → left, right\n    → attic\n");
    assert_eq!(floors, [vec!["low"], vec!["left", "right"], vec!["attic"]]);
    let found = ["left/inner needs right", "low needs attic"];
    assert_eq!(read(&files).upward(&floors), found);
    let found = [
        "attic is in no room",
        "left/inner needs right",
        "low needs attic",
    ];
    assert_eq!(read(&files).upward(&floors[..2]), found);
}

#[test]
fn what_cannot_be_followed_is_said() {
    for (text, lost) in [
        ("use crate::b::Missing;", "a: crate::b::Missing"),
        ("use crate::b::*;", "a: crate::b::*"),
        ("mod inner { pub struct X; }", "a: mod inner"),
        ("fn f() { super::b::missing() }", "a: super::b::missing"),
    ] {
        let files = [
            ("lib.rs", "mod a; mod b;"),
            ("a.rs", text),
            ("b.rs", "pub struct B;"),
        ];
        assert_eq!(House::new(files).dependencies().lost, [lost]);
    }
}
