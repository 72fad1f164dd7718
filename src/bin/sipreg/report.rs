//! What is printed: words for a person, JSON for a program, or one line for Nagios.

use crate::options::Options;
use crate::session::Moment;
use crate::{clock, json};
use register::engine::TappedMessage;
use register::engine::registerer::{Info, RegistererEvent, RegistererEventKind};
use register::sip::{CSeq, Message, StartLine, octets};
use register::trace::escaped;
use serde::Serialize;
use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Registered, and unregistered at the end.
    Done,
    /// The command line is wrong.
    Usage,
    /// The registrar refuses.
    Refused,
    /// There is no answer.
    NoAnswer,
    /// The network fails, or TLS.
    Network,
    /// What there is to say cannot be written.
    Output,
}

impl Outcome {
    /// The exit status.
    pub(crate) fn status(self) -> u8 {
        match self {
            Outcome::Done => 0,
            Outcome::Usage => 1,
            Outcome::Refused => 2,
            Outcome::NoAnswer => 3,
            Outcome::Network => 4,
            Outcome::Output => 5,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Outcome::Done => "done",
            Outcome::Usage => "usage",
            Outcome::Refused => "refused",
            Outcome::NoAnswer => "no-answer",
            Outcome::Network => "network",
            Outcome::Output => "output",
        }
    }
}

/// The last line of JSON.
#[derive(Serialize)]
struct EndLine<'a> {
    time: String,
    event: &'static str,
    aor: &'a str,
    outcome: &'static str,
    exit: u8,
    explain: &'a str,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    Words,
    Json,
    /// Nothing before the end.
    Nagios,
}

#[derive(Clone, Copy)]
enum Colour {
    Red = 31,
    Green = 32,
    Yellow = 33,
    Cyan = 36,
}

/// Prints what happens.
pub(crate) struct Report {
    style: Style,
    aor: String,
    shows_messages: bool,
    explains: bool,
    has_colours: bool,
    start: Instant,
    /// The CSeq of the last REGISTER that was shown: copies are not.
    last_cseq: u32,
    /// Why nothing more can be printed.
    failure: Option<io::Error>,
}

impl Report {
    pub(crate) fn new(options: &Options) -> Report {
        let output = &options.output;
        let style = match (output.nagios, output.json) {
            (true, _) => Style::Nagios,
            (false, true) => Style::Json,
            (false, false) => Style::Words,
        };
        let wants_colours = !output.no_color && std::env::var_os("NO_COLOR").is_none();
        Report {
            style,
            aor: options.from.clone(),
            shows_messages: match style {
                Style::Words => !output.quiet,
                Style::Json => output.verbose > 0,
                Style::Nagios => false,
            },
            explains: output.verbose > 0,
            has_colours: wants_colours && io::stdout().is_terminal(),
            start: clock::now(),
            last_cseq: 0,
            failure: None,
        }
    }

    /// Whether nothing more can be printed.
    pub(crate) fn is_closed(&self) -> bool {
        self.failure.is_some()
    }

    /// Why something could not be printed that somebody wants to read: a pipe that nobody reads any
    /// more is no failure.
    pub(crate) fn failure(&self) -> Option<&io::Error> {
        self.failure.as_ref().filter(|error| error.kind() != io::ErrorKind::BrokenPipe)
    }

    fn print(&mut self, line: &str) {
        let mut out = io::stdout().lock();
        let written = out.write_all(line.as_bytes()).and_then(|()| out.flush());
        if let (Err(error), None) = (written, &self.failure) {
            self.failure = Some(error);
        }
    }

    /// A sentence for a person.
    pub(crate) fn say(&mut self, sentence: &str) {
        if self.style == Style::Words {
            self.print(&format!("{}\n", escaped(sentence)));
        }
    }

    /// A message has gone by.
    pub(crate) fn message(&mut self, at: Moment, message: &TappedMessage<'_>) {
        if !self.shows_messages {
            return;
        }
        if self.style == Style::Json {
            return self.print(&json::line(&json::MessageLine::new(at.time_of_day, message)));
        }
        let mut room = Vec::new();
        let Ok(read) = Message::read(message.bytes, &mut room) else { return };
        let arrow = if message.is_received { "<-" } else { "->" };
        let (what, colour) = match read.start {
            StartLine::Request { method, uri } if message.is_received || method != "REGISTER" => {
                (format!("{method} {uri}"), Colour::Cyan)
            }
            StartLine::Request { uri, .. } => {
                let number = read.cseq().map_or(0, |CSeq { number, .. }| number);
                if number <= self.last_cseq {
                    return;
                }
                self.last_cseq = number;
                (register_line(uri, number, &read), Colour::Cyan)
            }
            StartLine::Status { code, reason } => (format!("{code} {reason}"), colour_of(code)),
        };
        let (on, off) = match self.has_colours {
            true => (format!("\x1b[{}m", colour as u8), "\x1b[0m"),
            false => (String::new(), ""),
        };
        let seconds = at.instant.saturating_duration_since(self.start).as_secs_f64();
        // Octets that are no text stand for themselves in what the library reads.
        let what = octets::encode(&what);
        let what = String::from_utf8_lossy(&what);
        let what = escaped(&what);
        self.print(&format!("{seconds:8.3} s  {on}{arrow} {what}{off}\n"));
    }

    /// Something has happened to the registration.
    pub(crate) fn event(
        &mut self,
        at: Moment,
        event: &RegistererEvent,
        info: &Info,
        explain: &str,
    ) {
        match self.style {
            Style::Json => {
                let at = at.time_of_day;
                let line = json::EventLine::new(at, event.what, &self.aor, info, explain);
                let line = json::line(&line);
                self.print(&line);
            }
            Style::Words if self.explains => {
                let is_state = matches!(event.what, RegistererEventKind::State(_));
                let name = json::event_name(event.what);
                let text = if is_state { format!("{name}: {explain}") } else { name.to_owned() };
                self.print(&format!("            {}\n", escaped(&text)));
            }
            Style::Words | Style::Nagios => {}
        }
    }

    /// The end, and what there is to say of it.
    pub(crate) fn end(&mut self, outcome: Outcome, sentence: &str) {
        self.say(sentence);
        if self.style == Style::Json {
            let line = json::line(&EndLine {
                time: clock::rfc3339(clock::time_of_day()),
                event: "end",
                aor: &self.aor,
                outcome: outcome.word(),
                exit: outcome.status(),
                explain: sentence,
            });
            self.print(&line);
        }
    }

    /// The line for Nagios, and its status.
    pub(crate) fn nagios(&mut self, check: &Check<'_>) -> u8 {
        let (status, line) = check.result(&self.aor);
        self.print(&line);
        status
    }
}

/// `REGISTER sip:127.0.0.1:5060  CSeq 1  Expires 3600  with credentials`
fn register_line(uri: &str, cseq: u32, request: &Message<'_>) -> String {
    let expires = request.header("Expires").unwrap_or("-");
    let proof = request.header("Authorization").or(request.header("Proxy-Authorization"));
    let proof = if proof.is_some() { "  with credentials" } else { "" };
    format!("REGISTER {uri}  CSeq {cseq}  Expires {expires}{proof}")
}

fn colour_of(status: u16) -> Colour {
    match status {
        0..=299 => Colour::Green,
        401 | 407 | 423 => Colour::Yellow,
        _ => Colour::Red,
    }
}

/// What a check of Nagios has found.
pub(crate) struct Check<'a> {
    pub(crate) outcome: Outcome,
    pub(crate) sentence: &'a str,
    /// How long it took until the registrar had accepted it, and for how many seconds it did.
    pub(crate) registered: Option<(Duration, u32)>,
    /// REGISTERs that were sent.
    pub(crate) requests: u64,
    pub(crate) warning: Option<f64>,
    pub(crate) critical: Option<f64>,
}

impl Check<'_> {
    /// Status and line, as https://nagios-plugins.org/doc/guidelines.html wants them.
    fn result(&self, aor: &str) -> (u8, String) {
        let is_slow = |limit: Option<f64>| {
            let taken = self.registered.map(|(taken, _)| taken.as_secs_f64());
            taken.zip(limit).is_some_and(|(taken, limit)| taken > limit)
        };
        let (status, word) = match (self.outcome, self.registered) {
            (Outcome::Usage, _) => (3, "UNKNOWN"),
            (_, None) => (2, "CRITICAL"),
            (_, Some(_)) if is_slow(self.critical) => (2, "CRITICAL"),
            (outcome, Some(_)) if outcome != Outcome::Done || is_slow(self.warning) => {
                (1, "WARNING")
            }
            _ => (0, "OK"),
        };
        let plain = |text: &str| escaped(text).replace(['|', '\n'], " ");
        let what = match (self.outcome, self.registered) {
            (Outcome::Done, Some((taken, granted))) => {
                let taken = taken.as_secs_f64();
                format!("{} registered for {granted} s in {taken:.3} s", plain(aor))
            }
            _ => plain(self.sentence),
        };
        let limit = |limit: Option<f64>| limit.map_or(String::new(), |limit| limit.to_string());
        let (warning, critical) = (limit(self.warning), limit(self.critical));
        let data = self.registered.map_or(String::new(), |(taken, granted)| {
            let (taken, requests) = (taken.as_secs_f64(), self.requests);
            format!(
                " | time={taken:.3}s;{warning};{critical};0; granted={granted}s;;;0; \
                 requests={requests};;;0;"
            )
        });
        (status, format!("SIPREG {word} - {what}{data}\n"))
    }
}

/// The line for Nagios where nothing could be tried.
pub(crate) fn unknown(why: &str) -> String {
    format!("SIPREG UNKNOWN - {}\n", escaped(why).replace(['|', '\n'], " "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(outcome: Outcome, taken: Option<u64>) -> (u8, String) {
        let registered = taken.map(|ms| (Duration::from_millis(ms), 60));
        let (warning, critical) = (Some(0.5), Some(1.0));
        let sentence = "no | answer\nhere";
        Check { outcome, sentence, registered, requests: 2, warning, critical }.result("sip:a@b")
    }

    #[test]
    fn nagios_gets_a_status_a_sentence_and_figures() {
        let (status, line) = check(Outcome::Done, Some(250));
        assert_eq!(status, 0);
        let figures = "time=0.250s;0.5;1;0; granted=60s;;;0; requests=2;;;0;";
        let said = format!("SIPREG OK - sip:a@b registered for 60 s in 0.250 s | {figures}\n");
        assert_eq!(line, said);
        assert_eq!(check(Outcome::Done, Some(501)).0, 1);
        assert_eq!(check(Outcome::Done, Some(1001)).0, 2);
        assert_eq!(check(Outcome::NoAnswer, Some(1)).0, 1, "it could not be removed");
        let refused = (2, "SIPREG CRITICAL - no   answer     here\n".to_owned());
        assert_eq!(check(Outcome::Refused, None), refused);
        assert_eq!(check(Outcome::Usage, None).0, 3);
    }
}
