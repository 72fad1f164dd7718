//! The addresses where registrations live, so that a request is known to come from one of them
//! without a walk over the registrations.

use crate::registration::{Activity, Registration};
use rustc_hash::FxHashMap;
use std::net::IpAddr;
use std::num::NonZeroU32;

/// An address in [`RegistrarAddresses`], small enough for every registration: from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct AddressId(NonZeroU32);

impl AddressId {
    fn new(index: usize) -> AddressId {
        AddressId(NonZeroU32::MIN.saturating_add(index as u32))
    }

    fn index(self) -> usize {
        self.0.get() as usize - 1
    }
}

/// The addresses where registrations live, and how often each is used. Ports do not count: some
/// registrars send requests from others than the one that they listen on.
#[derive(Debug, Default)]
pub(super) struct RegistrarAddresses {
    ids: FxHashMap<IpAddr, AddressId>,
    /// By id: an address and the number of its users; 0 where the id is free.
    users: Vec<(IpAddr, usize)>,
    free: Vec<AddressId>,
}

impl RegistrarAddresses {
    /// Whether a registration lives at `address`.
    pub(super) fn contains(&self, address: IpAddr) -> bool {
        self.ids.contains_key(&address.to_canonical())
    }

    fn is(&self, id: Option<AddressId>, address: IpAddr) -> bool {
        id.is_some_and(|id| self.users[id.index()].0 == address)
    }

    /// The address has one user more; it is canonical.
    fn acquire(&mut self, address: IpAddr) -> AddressId {
        if let Some(id) = self.ids.get(&address) {
            self.users[id.index()].1 += 1;
            return *id;
        }
        let id = self.free.pop().unwrap_or(AddressId::new(self.users.len()));
        match self.users.get_mut(id.index()) {
            Some(free) => *free = (address, 1),
            None => self.users.push((address, 1)),
        }
        self.ids.insert(address, id);
        id
    }

    /// The address has one user less.
    fn release(&mut self, id: AddressId) {
        let (address, users) = &mut self.users[id.index()];
        *users -= 1;
        if *users == 0 {
            self.ids.remove(address);
            self.free.push(id);
        }
    }
}

/// Where one registration lives.
#[derive(Debug, Default)]
pub(super) struct RegistrarsOfOne {
    /// Where its last REGISTER went, while it is bound or goes on registering.
    asked: Option<AddressId>,
    /// Where the REGISTER went that its binding is from, which may be before it went elsewhere.
    bound: Option<AddressId>,
}

impl RegistrarsOfOne {
    /// A REGISTER went to `server`.
    pub(super) fn on_sent(&mut self, addresses: &mut RegistrarAddresses, server: IpAddr) {
        settle_at(&mut self.asked, addresses, server);
    }

    /// `server` has accepted a REGISTER of `registration`.
    pub(super) fn on_accepted(
        &mut self,
        addresses: &mut RegistrarAddresses,
        registration: &Registration,
        server: IpAddr,
    ) {
        if registration.is_bound() {
            settle_at(&mut self.bound, addresses, server);
        }
    }

    /// What `registration` does may have changed: it may live nowhere any more.
    pub(super) fn on_changed(
        &mut self,
        addresses: &mut RegistrarAddresses,
        registration: &Registration,
    ) {
        if registration.is_bound() {
            return;
        }
        let is_over = matches!(
            registration.activity(),
            Activity::Idle | Activity::Blocked { .. } | Activity::Terminated
        );
        let asked = self.asked.take_if(|_| is_over);
        for id in self.bound.take().into_iter().chain(asked) {
            addresses.release(id);
        }
    }

    /// The registration is gone.
    pub(super) fn release(self, addresses: &mut RegistrarAddresses) {
        for id in self.asked.into_iter().chain(self.bound) {
            addresses.release(id);
        }
    }
}

/// `place` is at `server` from here on.
fn settle_at(place: &mut Option<AddressId>, addresses: &mut RegistrarAddresses, server: IpAddr) {
    let server = server.to_canonical();
    if addresses.is(*place, server) {
        return;
    }
    let before = place.replace(addresses.acquire(server));
    if let Some(before) = before {
        addresses.release(before);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_counts_while_it_has_a_user_and_its_id_is_used_again() {
        let mut addresses = RegistrarAddresses::default();
        let at = |n: u8| IpAddr::from([192, 0, 2, n]);
        let ids = [1, 2, 1].map(|n| addresses.acquire(at(n)));
        assert_eq!(ids, [0, 1, 0].map(AddressId::new));
        addresses.release(ids[0]);
        assert!(addresses.contains(at(1)) && addresses.contains(at(2)));
        addresses.release(ids[0]);
        assert!(!addresses.contains(at(1)) && addresses.contains(at(2)));
        assert_eq!([3, 4].map(|n| addresses.acquire(at(n)).index()), [0, 2]);
        assert!(addresses.contains("::ffff:192.0.2.4".parse().unwrap()));
        assert_eq!((addresses.ids.len(), addresses.users.len()), (3, 3));
    }

    #[test]
    fn a_registration_that_goes_elsewhere_leaves_where_it_was() {
        let mut addresses = RegistrarAddresses::default();
        let mut one = RegistrarsOfOne::default();
        let at = |n: u8| IpAddr::from([192, 0, 2, n]);
        for n in 1..=3 {
            one.on_sent(&mut addresses, at(n));
            one.on_sent(&mut addresses, at(n));
            assert!((1..=4).all(|other| addresses.contains(at(other)) == (other == n)));
        }
        one.release(&mut addresses);
        assert!(addresses.ids.is_empty());
    }
}
