//! A mould's life, with a tree of one struct and its two texts.

use super::kept::Kept;
use super::*;

/// Reads `name=value;` into a struct with both.
fn read(from: &[u8], recorder: Option<&Recorder>) -> *mut c_void {
    let at = from.iter().position(|byte| *byte == b'=').unwrap();
    let (name, value) = (&from[..at], &from[at + 1..from.len() - 1]);
    let texts = [text(name).unwrap(), text(value).unwrap()];
    let root = alloc(24);
    // SAFETY: a fresh block of three words.
    unsafe {
        root.cast::<[usize; 3]>().write([texts[0].expose_provenance(), 7, texts[1].expose_provenance()])
    };
    if let Some(recorder) = recorder {
        recorder.saw_struct(root, 24);
        recorder.saw_text(texts[0], name, None);
        recorder.saw_text(texts[1], value, Some(Kind::Bare));
    }
    root
}

fn mould(from: &[u8]) -> Option<Mould> {
    let recorder = Recorder::default();
    let root = read(from, Some(&recorder));
    // SAFETY: recorded right now.
    let mould = unsafe { recorder.mould(root, from) };
    free(root);
    mould
}

/// Both texts of a tree.
fn texts<'a>(root: *mut c_void) -> [&'a [u8]; 2] {
    // SAFETY: a tree of ours.
    unsafe {
        let words = &*root.cast::<[*mut c_void; 3]>();
        assert_eq!(words[1].addr(), 7);
        [0, 2].map(|i| bytes(words[i].cast()).unwrap())
    }
}

fn free(root: *mut c_void) {
    // SAFETY: a tree of ours that is not used again.
    unsafe {
        let words = *root.cast::<[*mut c_void; 3]>();
        [words[0], words[2], root].into_iter().for_each(|block| release(block));
    }
}

#[test]
fn a_text_of_the_same_shape_is_cast_with_its_own_values() {
    let mut mould = mould(b"a=1;").unwrap();
    for value in ["1", "2", "12", "an-other.one"] {
        let root = mould.cast(format!("a={value};").as_bytes()).unwrap();
        assert_eq!(texts(root), [b"a", value.as_bytes()]);
        free(root);
    }
}

#[test]
fn a_text_of_another_shape_is_not_cast() {
    let mut mould = mould(b"a=1;").unwrap();
    for text in [
        "", "a", "a=", "a=;", "b=1;", "a=1", "a=1;;", "a=1 ;", "a= 1;", "a=1=;", "a=\"1\";", "a=1\0;",
        "aa=1;",
    ] {
        assert_eq!(mould.cast(text.as_bytes()), None, "{text}");
    }
}

#[test]
fn what_was_not_recorded_has_no_mould() {
    let recorder = Recorder::default();
    let root = read(b"a=1;", Some(&recorder));
    let other = read(b"b=2;", None);
    recorder.saw_text(other, b"b", None);
    // SAFETY: recorded right now.
    assert!(unsafe { recorder.mould(root, b"a=1;") }.is_none(), "nothing leads there");
    let recorder = Recorder::default();
    recorder.saw_struct(root, 24);
    // SAFETY: the same.
    assert!(unsafe { recorder.mould(root, b"a=1;") }.is_none(), "it leads elsewhere");
    [root, other].into_iter().for_each(free);
}

#[test]
fn a_tree_is_taken_back_once_and_up_to_a_bound() {
    let mut mould = mould(b"a=1;").unwrap();
    let trees: Vec<_> = (0..260).map(|_| mould.cast(b"a=1;").unwrap()).collect();
    // SAFETY: trees of ours.
    let taken = trees.iter().filter(|root| unsafe { mould.take_back(**root) }).count();
    assert_eq!(taken, 256);
    trees[256..].iter().for_each(|root| free(*root));
    assert_eq!(mould.cast(b"a=22;"), Some(trees[255]));
    assert_eq!(texts(trees[255]), [&b"a"[..], b"22"]);
    free(trees[255]);
}

#[test]
fn a_tree_with_much_room_is_not_taken_back() {
    let mut mould = mould(b"a=1;").unwrap();
    let root = mould.cast(format!("a={};", "1".repeat(2000)).as_bytes()).unwrap();
    // SAFETY: a tree of ours.
    assert!(!unsafe { mould.take_back(root) });
    free(root);
}

/// How many moulds are asked for while `count` texts are read that are all of other shapes.
fn asked(kept: &mut Kept, count: usize) -> usize {
    (0..count).filter(|_| kept.recorder(b"x").is_some()).count()
}

#[test]
fn the_second_text_is_recorded_and_then_few() {
    let mut kept = Kept::new();
    assert_eq!(asked(&mut kept, 1), 0);
    assert_eq!(asked(&mut kept, 1), 1);
    assert_eq!(asked(&mut kept, 63), 0);
    assert_eq!(asked(&mut kept, 6400), 100);
    assert!(kept.recorder(&[b'x'; 2049]).is_none());
}

#[test]
fn moulds_of_use_stay_and_earn_others() {
    let mut kept = Kept::new();
    asked(&mut kept, 2);
    for name in ["a", "b", "c", "d", "e"] {
        kept.keep(mould(format!("{name}=1;").as_bytes()).unwrap(), true);
        free(kept.cast(b"a=1;", 0).unwrap());
    }
    assert!(kept.cast(b"b=1;", 0).is_none(), "the one that was of no use for longest is gone");
    assert_eq!(asked(&mut kept, 1), 1);
    assert!(kept.cast(b"a=1;", 1).is_none(), "another edition");
}
