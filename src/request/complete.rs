//! Requests and the addresses that they leave from.

use super::contact::{self, Address};
use super::target::hides_route;
use super::via::stamp;
use super::{Local, Masquerade, Settings, tag_of};
use crate::sip::Draft;

/// Puts the addresses into a request outside of registrations. A preloaded Route is taken out as
/// the settings want it; that of a dialog stays.
pub fn complete_request(
    draft: &mut Draft,
    local: Local,
    settings: &Settings,
    branch: Option<&str>,
) {
    let transports = (settings.transport, local.transport);
    stamp(draft, transports, &Address::ours(local.address, settings.public_port), branch);
    let is_in_dialog = draft.get("To").is_some_and(|to| !tag_of(to).is_empty());
    let may_hide = !is_in_dialog && !local.keep_route;
    if may_hide && draft.get("Route").is_some_and(|first| hides_route(first, settings)) {
        draft.remove("Route");
    }
    fill_contacts(draft, local, settings);
}

/// Puts the address into the Contacts of an answer to a request outside of registrations.
pub fn complete_answer(draft: &mut Draft, local: Local, settings: &Settings) {
    fill_contacts(draft, local, settings);
}

/// Where a Contact has no address yet it gets that of the application, else the one that the peer
/// sees, else our own.
fn fill_contacts(draft: &mut Draft, local: Local, settings: &Settings) {
    let seen = local.learned.filter(|_| settings.masquerade != Masquerade::Off);
    let seen = Address::ours(seen.unwrap_or(local.address), settings.public_port);
    let address = match &settings.public_host {
        Some(host) => Address::new(host, seen.port),
        None => seen,
    };
    draft.change(|name, value| {
        name.eq_ignore_ascii_case("Contact").then(|| contact::fill(value, &address))
    });
}
