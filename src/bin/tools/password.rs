//! Passwords from elsewhere than the command line, which other users of the machine can read.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::ffi::OsStringExt;
use std::path::Path;
use zeroize::Zeroizing;

/// No password is longer, in bytes.
pub(crate) const LONGEST: usize = 4096;

/// The first line of a file, or with `-` of standard input, without its end.
pub(crate) fn from_file(path: &Path) -> io::Result<Zeroizing<Vec<u8>>> {
    match path == Path::new("-") {
        true => first_line(io::stdin().lock()),
        false => first_line_of(path),
    }
}

/// The first line of a file without its end.
pub(crate) fn first_line_of(path: &Path) -> io::Result<Zeroizing<Vec<u8>>> {
    File::open(path).and_then(first_line)
}

/// The value of a variable of the environment, where there is one.
pub(crate) fn from_environment(name: &str) -> Option<Zeroizing<Vec<u8>>> {
    std::env::var_os(name).map(|value| Zeroizing::new(value.into_vec()))
}

/// Reads no more than it needs, into memory that is not moved, so that no copy is left behind.
fn first_line(mut input: impl Read) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut buffer = Zeroizing::new(vec![0; LONGEST + 2]);
    let mut length = 0;
    let end = loop {
        if let Some(end) = buffer[..length].iter().position(|b| *b == b'\n') {
            break end;
        }
        if length == buffer.len() {
            let wrong = format!("the first line is longer than {LONGEST} bytes");
            return Err(io::Error::new(io::ErrorKind::InvalidData, wrong));
        }
        match input.read(&mut buffer[length..]) {
            Ok(0) => break length,
            Ok(more) => length += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    };
    let line = &buffer[..end];
    Ok(Zeroizing::new(line.strip_suffix(b"\r").unwrap_or(line).to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_the_first_line_without_its_end() {
        let read = |text: &[u8]| first_line(text).map(|line| line.to_vec()).ok();
        assert_eq!(read(b"secret\n"), Some(b"secret".to_vec()));
        assert_eq!(read(b"secret\r\nmore\n"), Some(b"secret".to_vec()));
        assert_eq!(read(b" secret "), Some(b" secret ".to_vec()));
        assert_eq!(read(b"\xff\0\n"), Some(b"\xff\0".to_vec()));
        assert_eq!(read(b""), Some(Vec::new()));
        assert_eq!(read(&[b'a'; LONGEST + 3]), None);
    }
}
