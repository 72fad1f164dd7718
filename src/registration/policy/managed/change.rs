//! Other options for a registration that goes on.

use super::{Goal, ManagedOptions, ManagedPolicy, OptionsError, PolicyContext};
use crate::registration::Registration;
use crate::request::Refusal;

/// What becomes of options that were changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OptionsChange {
    /// The next REGISTER has them, and is sent or planned.
    Planned,
    /// A REGISTER that was made before them awaits its answer; the next one has them.
    UnderWay,
}

impl ManagedPolicy {
    /// Takes other options, which were checked, and registers with them. The binding, Call-ID and
    /// CSeq stay. Errors: what cannot be changed in a registration, in words; nothing has changed
    /// then.
    pub fn change(
        &mut self,
        context: &mut PolicyContext<'_>,
        registration: &mut Registration,
        mut options: ManagedOptions,
    ) -> Result<OptionsChange, OptionsError> {
        if let Some(what) = self.unchangeable(&options) {
            return Err(OptionsError(format!("{what} cannot change in a registration")));
        }
        if self.terminate_requested {
            return Err(Refusal::WrongState.into());
        }
        let logins = std::mem::take(&mut options.logins);
        options.registrar.clear();
        options.tag = self.options.tag;
        if options.expires < registration.expires() && self.goal == Goal::Bound {
            registration.set_expires(options.expires);
        }
        self.options = options;
        self.set_credentials(logins);
        if registration.transaction().is_some() {
            return Ok(OptionsChange::UnderWay);
        }
        match self.register(context, registration) {
            // One that waits for its moment is made when that has come.
            Ok(()) | Err(Refusal::WrongState) => Ok(OptionsChange::Planned),
            Err(refusal) => Err(refusal.into()),
        }
    }

    /// What of `next` names another registration, or stands in its last REGISTER as text.
    fn unchangeable(&self, next: &ManagedOptions) -> Option<&'static str> {
        let now = &self.options;
        let differs = [
            ("the address-of-record", now.aor != next.aor),
            ("the registrar", self.registrar != next.registrar),
            ("From", now.from != next.from),
            ("the header fields", now.headers != next.headers),
            ("the Contact", now.contacts != next.contacts),
            ("the instance id", now.instance != next.instance),
            ("the reg-id", now.reg_id != next.reg_id),
            ("the transport", now.transport != next.transport),
            ("TLS", now.tls != next.tls),
            ("one that was taken over", now.adopted),
        ];
        differs.into_iter().find_map(|(what, differs)| differs.then_some(what))
    }
}
