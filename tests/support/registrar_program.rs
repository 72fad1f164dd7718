//! The program `registrar` on a port of 127.0.0.1 that the kernel chose.

use std::io::{BufRead, BufReader, Lines};
use std::process::{Child, ChildStdout, Command, Stdio};

pub struct RegistrarProgram {
    process: Child,
    /// Where it listens, as it says.
    pub address: String,
    lines: Lines<BufReader<ChildStdout>>,
}

impl RegistrarProgram {
    pub fn start(arguments: &[&str]) -> RegistrarProgram {
        let mut process = Command::new(env!("CARGO_BIN_EXE_registrar"))
            .arg("--until-eof")
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let line = lines.next().unwrap().unwrap();
        let address = line.strip_prefix("listening on ").unwrap().to_owned();
        RegistrarProgram { process, address, lines }
    }

    /// Ends it, which it does without complaint. What it has said since it listened.
    pub fn end(mut self) -> Vec<String> {
        drop(self.process.stdin.take());
        let said = self.lines.by_ref().map_while(Result::ok).collect();
        assert!(self.process.wait().unwrap().success());
        said
    }
}
