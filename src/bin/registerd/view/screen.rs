//! The view on a terminal: one page at a time, renewed.

use super::Source;
use super::layout::{Anchor, account_line, cause_line, fill, headline, wrap};
use crate::clock;
use crate::fleet::Standing;
use crossterm::cursor::{Hide, MoveTo, Show};
use crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use crossterm::style::Print;
use crossterm::terminal::{
    Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode,
    enable_raw_mode, size,
};
use crossterm::{execute, queue};
use std::io::{self, Write as _};
use std::time::Duration;

const KEYS: &str = "space: next page  b: back  home: first  f: filter  q: end";

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

/// Shows pages until a key ends it.
pub(super) fn show(mut source: Source, interval: Duration) -> io::Result<()> {
    let _terminal = Terminal::take()?;
    let mut position = Position { before: Vec::new(), from: (0, 0), next: None, filter: None };
    loop {
        draw(&mut source, &mut position)?;
        let renew = clock::now() + interval;
        loop {
            let left = renew.saturating_duration_since(clock::now());
            if !event::poll(left)? {
                break;
            }
            match event::read()? {
                Event::Key(key) => match action(key) {
                    Some(KeyAction::Quit) => return Ok(()),
                    Some(action) => {
                        position.go(&action);
                        break;
                    }
                    None => {}
                },
                Event::Resize(..) => break,
                _ => {}
            }
        }
    }
}

fn draw(source: &mut Source, position: &mut Position) -> io::Result<()> {
    let (width, height) = size()?;
    let (width, height) = (usize::from(width), usize::from(height));
    let statistics = source.statistics()?;
    let mut lines: Vec<String> =
        headline(&statistics).iter().flat_map(|line| wrap(line, width)).collect();
    let shown = position.filter.map_or("all accounts", Standing::name);
    let footer = wrap(&format!("{shown}  {KEYS}"), width);
    let room = height.saturating_sub(lines.len() + footer.len()).max(1);
    let causes = &statistics.causes;
    let mut items: Vec<Vec<String>> =
        causes.iter().skip(position.from.0).map(|cause| wrap(&cause_line(cause), width)).collect();
    let offset = position.from.0.saturating_sub(causes.len());
    let filter = position.filter.map(|state| format!("state={}", state.name()));
    // One more than fits tells whether there is another page.
    let page = source.page(filter.as_deref().unwrap_or(""), offset, (room + 1).min(1000))?;
    items.extend(page.accounts.iter().map(|row| wrap(&account_line(row), width)));
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
