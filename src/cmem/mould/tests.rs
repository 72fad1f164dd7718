//! A mould's life, with a tree of one struct and its two texts.

use super::kept::Kept;
use super::*;

/// The words of the struct but for the two that lead to texts, 0 and 2.
const WORDS: [usize; 12] = [0, 7, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0];
const SIZE: usize = size_of_val(&WORDS);

/// Reads `name=value;` into a struct with both.
fn read(from: &[u8], recorder: Option<&Recorder>) -> *mut c_void {
    let at = from.iter().position(|byte| *byte == b'=').unwrap();
    let (name, value) = (&from[..at], &from[at + 1..from.len() - 1]);
    let texts = [text(name).unwrap(), text(value).unwrap()];
    let (root, mut words) = (alloc(SIZE), WORDS);
    [words[0], words[2]] = texts.map(|text| text.expose_provenance());
    // SAFETY: a fresh block of these words.
    unsafe { root.cast::<[usize; 12]>().write(words) };
    if let Some(recorder) = recorder {
        recorder.saw_struct(root, SIZE);
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
        let words = &*root.cast::<[*mut c_void; 12]>();
        assert!((0..12).all(|word| matches!(word, 0 | 2) || words[word].addr() == WORDS[word]));
        [0, 2].map(|i| bytes(words[i].cast()).unwrap())
    }
}

fn free(root: *mut c_void) {
    // SAFETY: a tree of ours that is not used again.
    unsafe {
        let words = *root.cast::<[*mut c_void; 12]>();
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
    recorder.saw_struct(root, SIZE);
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
fn a_value_of_any_length_is_written_over_one_of_any_other() {
    let mut mould = mould(b"a=1;").unwrap();
    let lengths = [1, 7, 8, 15, 16, 17, 23, 24, 25, 31, 32, 39, 40, 41, 55, 56, 100];
    for (before, now) in lengths.iter().flat_map(|before| lengths.map(|now| (*before, now))) {
        for length in [before, now] {
            let value: String = ('a'..='z').cycle().take(length).collect();
            let root = mould.cast(format!("a={value};").as_bytes()).unwrap();
            assert_eq!(texts(root), [b"a", value.as_bytes()]);
            // SAFETY: a tree of ours.
            assert!(unsafe { mould.take_back(root) });
        }
    }
}

#[test]
fn a_tree_with_any_word_or_text_changed_is_none() {
    for name in ["a", "as-long-as-16-b", "longer-than-16-b"] {
        let mut mould = mould(format!("{name}=1;").as_bytes()).unwrap();
        let root = mould.cast(format!("{name}=2;").as_bytes()).unwrap();
        let words = root.cast::<usize>();
        for word in 0..WORDS.len() {
            // SAFETY: a word of a tree of ours, which is whole when the mould has it.
            unsafe {
                let was = words.add(word).read();
                words.add(word).write(if matches!(word, 0 | 2) { 0 } else { was ^ 1 << 40 });
                assert!(!mould.is_last(root) && !mould.take_back(root), "word {word}");
                words.add(word).write(was);
            }
        }
        for at in 0..name.len() {
            // SAFETY: a byte of the tree's first text.
            unsafe {
                let byte = root.cast::<*mut u8>().read().add(at);
                let was = byte.read();
                for odd in [0, b'x'] {
                    byte.write(odd);
                    assert!(!mould.is_last(root), "byte {at}");
                }
                byte.write(was);
            }
        }
        // SAFETY: a tree of ours.
        assert!(unsafe { mould.is_last(root) });
        free(root);
    }
}

#[test]
fn bytes_are_of_a_kind_together_as_each_is_alone() {
    for kind in [Kind::Bare, Kind::Quoted, Kind::Line] {
        for (byte, at) in (0..=u8::MAX).flat_map(|byte| [0, 7, 15].map(|at| (byte, at))) {
            let mut bytes = [b'a'; 16];
            bytes[at] = byte;
            assert_eq!(kind.has_all(&bytes), kind.has(byte), "{kind:?} {byte}");
        }
    }
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
