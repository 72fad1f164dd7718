//! The view on a terminal: one page at a time, renewed.

use super::layout::{Anchor, account_line, cause_line, fill, headline, wrap};
use super::{PORTION, Source, ViewError};
use crate::clock;
use crate::fleet::{Page, Standing, Statistics};
use crossterm::cursor::{Hide, MoveTo, Show};
use crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use crossterm::style::Print;
use crossterm::terminal::{
    Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode,
    enable_raw_mode, size,
};
use crossterm::{execute, queue};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::low_level::emulate_default_handler;
use std::io::{self, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

const KEYS: &str = "space: next page  b: back  home: first  f: filter  q: end";

const NO_ANSWER: &str = "no answer from the daemon  q: end";
/// The daemon is silent for so long before that is shown.
const SILENCE: Duration = Duration::from_secs(2);

/// The terminal as it is given back.
struct Terminal;

impl Terminal {
    fn take() -> io::Result<Terminal> {
        enable_raw_mode()?;
        let terminal = Terminal;
        execute!(io::stdout(), EnterAlternateScreen, Hide)?;
        Ok(terminal)
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // There is nobody left to tell.
        let _ = execute!(io::stdout(), Show, LeaveAlternateScreen);
        let _ = disable_raw_mode();
    }
}

/// What a key does.
#[derive(Debug, PartialEq, Eq)]
enum KeyAction {
    Next,
    Back,
    First,
    Filter,
    Quit,
}

fn action(key: KeyEvent) -> Option<KeyAction> {
    if key.kind == KeyEventKind::Release {
        return None;
    }
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    match key.code {
        KeyCode::Char('c' | 'd') if control => Some(KeyAction::Quit),
        KeyCode::Char('q') | KeyCode::Esc => Some(KeyAction::Quit),
        KeyCode::Char(' ' | 'n') | KeyCode::PageDown | KeyCode::Down => Some(KeyAction::Next),
        KeyCode::Char('b' | 'p') | KeyCode::PageUp | KeyCode::Up => Some(KeyAction::Back),
        KeyCode::Home => Some(KeyAction::First),
        KeyCode::Char('f') => Some(KeyAction::Filter),
        _ => None,
    }
}

/// Where the view is.
struct Position {
    /// Where the pages before this one began.
    before: Vec<Anchor>,
    from: Anchor,
    next: Option<Anchor>,
    filter: Option<Standing>,
}

impl Position {
    fn go(&mut self, action: &KeyAction) {
        match action {
            KeyAction::Next => {
                if let Some(next) = self.next.take() {
                    self.before.push(self.from);
                    self.from = next;
                }
            }
            KeyAction::Back => self.from = self.before.pop().unwrap_or_default(),
            KeyAction::First => (self.before, self.from) = (Vec::new(), (0, 0)),
            KeyAction::Filter => {
                let states = Standing::ALL;
                let place = self.filter.and_then(|now| states.iter().position(|one| *one == now));
                let next = place.map_or(Some(states.len() - 1), |place| place.checked_sub(1));
                self.filter = next.and_then(|next| states.get(next).copied());
                (self.before, self.from) = (Vec::new(), (0, 0));
            }
            KeyAction::Quit => {}
        }
    }
}

/// What is to be looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Look {
    from: usize,
    filter: Option<Standing>,
    limit: usize,
}

/// What the daemon says of it.
struct Seen {
    look: Look,
    statistics: Statistics,
    page: Page,
}

/// Asks the daemon in a thread of its own, so that keys have their effect while it does not answer.
fn observe(mut source: Source) -> io::Result<(Sender<Look>, Receiver<io::Result<Seen>>)> {
    let (looks, asked) = channel::<Look>();
    let (answer, answers) = channel();
    std::thread::Builder::new().name("observer".to_owned()).spawn(move || {
        for look in asked {
            if answer.send(source.look(look)).is_err() {
                return;
            }
        }
    })?;
    Ok((looks, answers))
}

impl Source {
    fn look(&mut self, look: Look) -> io::Result<Seen> {
        let statistics = self.statistics()?;
        let offset = look.from.saturating_sub(statistics.causes.len());
        let filter = look.filter.map(|state| format!("state={}", state.name()));
        let page = self.page(filter.as_deref().unwrap_or(""), offset, look.limit)?;
        Ok(Seen { look, statistics, page })
    }
}

/// Shows pages until a key or a signal ends it.
pub(super) fn show(source: Source, interval: Duration) -> Result<(), ViewError> {
    let signal = Arc::new(AtomicUsize::new(0));
    for number in [SIGHUP, SIGINT, SIGTERM] {
        let value = usize::try_from(number).unwrap_or(0);
        signal_hook::flag::register_usize(number, Arc::clone(&signal), value)
            .map_err(ViewError::Output)?;
    }
    let (looks, answers) = observe(source).map_err(ViewError::Daemon)?;
    let terminal = Terminal::take().map_err(ViewError::Output)?;
    let shown = View {
        position: Position { before: Vec::new(), from: (0, 0), next: None, filter: None },
        asked_at: None,
        due: clock::now(),
        has_complained: false,
        interval,
    }
    .run(&looks, &answers, &signal);
    drop(terminal);
    let number = signal.load(Ordering::Relaxed);
    if let Some(number) = i32::try_from(number).ok().filter(|number| *number > 0) {
        // It ends by the signal, as whoever sent it expects, but with the terminal as it was.
        let _ = emulate_default_handler(number);
    }
    shown
}

struct View {
    position: Position,
    /// Since when an answer is awaited.
    asked_at: Option<Instant>,
    /// When the next look is taken.
    due: Instant,
    /// It is shown that no answer comes.
    has_complained: bool,
    interval: Duration,
}

impl View {
    fn run(
        mut self,
        looks: &Sender<Look>,
        answers: &Receiver<io::Result<Seen>>,
        signal: &AtomicUsize,
    ) -> Result<(), ViewError> {
        while signal.load(Ordering::Relaxed) == 0 {
            let now = clock::now();
            if self.asked_at.is_none() && now >= self.due {
                let look = self.look().map_err(ViewError::Output)?;
                // When the thread is gone, the answers say so.
                let _ = looks.send(look);
                self.asked_at = Some(now);
            }
            let left = self.due.saturating_duration_since(now);
            let mut patience = left.min(Duration::from_millis(200));
            if let Some(asked_at) = self.asked_at {
                patience = Duration::ZERO;
                match answers.recv_timeout(Duration::from_millis(20)) {
                    Ok(answer) => self.on_answer(&answer.map_err(ViewError::Daemon)?)?,
                    Err(RecvTimeoutError::Timeout) => self.on_silence(now, asked_at)?,
                    Err(RecvTimeoutError::Disconnected) => {
                        let ended = io::Error::other("nobody asks the daemon any more");
                        return Err(ViewError::Daemon(ended));
                    }
                }
            }
            if self.takes_key(patience).map_err(ViewError::Output)? {
                return Ok(());
            }
        }
        Ok(())
    }

    fn look(&self) -> io::Result<Look> {
        let (_, height) = size()?;
        // One more than fits tells whether there is another page.
        let limit = (usize::from(height) + 1).min(PORTION);
        Ok(Look { from: self.position.from.0, filter: self.position.filter, limit })
    }

    fn on_answer(&mut self, seen: &Seen) -> Result<(), ViewError> {
        (self.asked_at, self.has_complained) = (None, false);
        let is_current = self.look().map_err(ViewError::Output)? == seen.look;
        // A key may have turned the page meanwhile.
        self.due = clock::now();
        if is_current {
            self.due += self.interval;
            draw(seen, &mut self.position).map_err(ViewError::Output)?;
        }
        Ok(())
    }

    fn on_silence(&mut self, now: Instant, asked_at: Instant) -> Result<(), ViewError> {
        if self.has_complained || now.saturating_duration_since(asked_at) < SILENCE {
            return Ok(());
        }
        self.has_complained = true;
        let (width, height) = size().map_err(ViewError::Output)?;
        let text: String = NO_ANSWER.chars().take(width.into()).collect();
        let last = MoveTo(0, height.saturating_sub(1));
        execute!(io::stdout(), last, Clear(ClearType::CurrentLine), Print(text))
            .map_err(ViewError::Output)
    }

    /// Does what a key asks for within this time; whether it is the end.
    fn takes_key(&mut self, patience: Duration) -> io::Result<bool> {
        if !event::poll(patience)? {
            return Ok(false);
        }
        match event::read()? {
            Event::Key(key) => match action(key) {
                Some(KeyAction::Quit) => return Ok(true),
                Some(action) => {
                    self.position.go(&action);
                    self.due = clock::now();
                }
                None => {}
            },
            Event::Resize(..) => self.due = clock::now(),
            _ => {}
        }
        Ok(false)
    }
}

fn draw(seen: &Seen, position: &mut Position) -> io::Result<()> {
    let (width, height) = size()?;
    let (width, height) = (usize::from(width), usize::from(height));
    let statistics = &seen.statistics;
    let mut lines: Vec<String> =
        headline(statistics).iter().flat_map(|line| wrap(line, width)).collect();
    let shown = position.filter.map_or("all accounts", Standing::name);
    let footer = wrap(&format!("{shown}  {KEYS}"), width);
    let room = height.saturating_sub(lines.len() + footer.len()).max(1);
    let causes = &statistics.causes;
    let mut items: Vec<Vec<String>> =
        causes.iter().skip(position.from.0).map(|cause| wrap(&cause_line(cause), width)).collect();
    items.extend(seen.page.accounts.iter().map(|row| wrap(&account_line(row), width)));
    let (body, next) = fill(&items, position.from, room);
    position.next = next;
    lines.extend(body);
    lines.resize(height.saturating_sub(footer.len()).max(lines.len()), String::new());
    lines.extend(footer);
    let mut out = io::stdout().lock();
    for (row, line) in (0u16..).zip(&lines).take(height) {
        queue!(out, MoveTo(0, row), Clear(ClearType::CurrentLine), Print(line))?;
    }
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_back_is_the_one_before_and_the_filter_begins_anew() {
        let mut position =
            Position { before: Vec::new(), from: (0, 0), next: Some((7, 1)), filter: None };
        position.go(&KeyAction::Next);
        assert_eq!(position.from, (7, 1));
        position.go(&KeyAction::Next);
        assert_eq!(position.from, (7, 1), "there is no other page");
        position.go(&KeyAction::Back);
        position.go(&KeyAction::Back);
        assert_eq!(position.from, (0, 0));
        let mut seen = Vec::new();
        for _ in 0..=Standing::ALL.len() {
            position.go(&KeyAction::Filter);
            seen.push(position.filter);
        }
        assert_eq!(seen.first(), Some(&Some(Standing::Stopped)));
        assert_eq!(seen.last(), Some(&None));
    }
}
