//! `src` is a house of rooms, each depending only on rooms below it, with no circles between the files inside a room.
//!
//! A file depends on another if it names something that the other defines: in a `use` or by a path in code, followed
//! through every `use` that hands it on, up to the file of its definition. So `mod.rs` does not depend on its children
//! for declaring them or handing them on (`pub use`), but does if its own code uses them; and who takes from a `mod.rs`
//! what that only hands on depends on the child alone. What is only for tests is left out. Methods are called without
//! a path: whose they are, no scanner of names can tell.

#[path = "rooms/house.rs"]
mod house;
#[path = "rooms/planted.rs"]
mod planted;
#[path = "rooms/source.rs"]
mod source;

use std::fs;
use std::path::Path;

use house::{Dependencies, House};

#[test]
fn every_path_is_followed_to_its_file() {
    assert_eq!(dependencies().lost, [""; 0]);
}

#[test]
fn files_import_each_other_in_no_circle() {
    assert_eq!(dependencies().circles(), [[""; 0]; 0]);
}

#[test]
fn rooms_depend_only_on_rooms_below_them() {
    let contributing = written("CONTRIBUTING.md");
    assert_eq!(dependencies().upward(&floors(&contributing)), [""; 0]);
}

/// A scanner that overlooks files or names would find neither circles nor faults; but the commands need every room.
#[test]
fn every_room_is_reached_from_the_commands() {
    let dependencies = dependencies();
    let reached = dependencies.reached("cli");
    let contributing = written("CONTRIBUTING.md");
    let rooms = floors(&contributing).concat();
    let room = |file: &str, room: &str| file.split('/').next() == Some(room);
    let missing: Vec<&str> = rooms
        .into_iter()
        .filter(|name| !reached.iter().any(|file| room(file, name)))
        .collect();
    assert_eq!(missing, [""; 0]);
}

/// The table of `lib.rs` is a second place that says so, and has every room on a floor of its own.
#[test]
fn the_table_of_the_library_lists_rooms_from_below() {
    let library = written("src/lib.rs");
    let rows = library
        .lines()
        .filter_map(|line| line.strip_prefix("//! | [`"));
    let mut floors: Vec<Vec<&str>> = rows
        .map(|row| vec![row.split('`').next().expect("a name")])
        .collect();
    // Not public, and needs nothing.
    floors.insert(0, vec!["npy"]);
    assert_eq!(dependencies().upward(&floors), [""; 0]);
}

/// The picture of the house: arrows go up, rooms on one floor have commas between them.
fn floors(contributing: &str) -> Vec<Vec<&str>> {
    let section = contributing
        .split("## Where things are")
        .nth(1)
        .expect("the section");
    let picture = section.lines().filter_map(|line| line.strip_prefix("    "));
    picture
        .flat_map(|line| line.split('→'))
        .map(|floor| {
            floor
                .split(',')
                .map(str::trim)
                .filter(|room| !room.is_empty())
                .collect()
        })
        .filter(|floor: &Vec<&str>| !floor.is_empty())
        .collect()
}

fn written(file: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).expect("a file")
}

/// Of all files of the library; `main.rs` is a crate of its own.
fn dependencies() -> Dependencies {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    let mut open = vec![src.clone()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            if path.extension().is_none_or(|extension| extension != "rs") {
                continue;
            }
            let below = path.strip_prefix(&src).expect("below src");
            let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
            files.push((parts.join("/"), fs::read_to_string(&path).expect("text")));
        }
    }
    files.retain(|(name, _)| name != "main.rs");
    House::new(
        files
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str())),
    )
    .dependencies()
}
