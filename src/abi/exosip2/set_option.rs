//! What each option of `eXosip_set_option` does.

use super::context::{self, Context};
use super::ex_option::*;
use super::{given_address, text, tls};
use crate::engine::{CoreRefusal, Masquerade, Refusal, Settings};
use libc::{c_char, c_float, c_int, c_void};
use std::time::Duration;

/// Programs that take the option's milliseconds for a switch, or for seconds, send no flood.
const SHORTEST_KEEP_ALIVE: Duration = Duration::from_secs(1);

/// What a program gives for an option.
struct OptionValue(*const c_void);

impl OptionValue {
    /// The number that it points to. Error: NULL.
    fn number(&self) -> Result<c_int, Refusal> {
        // SAFETY: the promise of `set`, for an option that wants a number.
        let number = unsafe { self.0.cast::<c_int>().as_ref() };
        Ok(*number.ok_or(CoreRefusal::BadParameter)?)
    }

    /// The text; `None` for NULL and an empty one.
    fn text(&self) -> Option<String> {
        // SAFETY: the promise of `set`, for an option that wants a text.
        unsafe { text::filled(self.0.cast::<c_char>()) }.map(|text| text.into_owned())
    }

    /// Error: NULL.
    fn check_given(&self) -> Result<(), Refusal> {
        if self.0.is_null() { Err(CoreRefusal::BadParameter.into()) } else { Ok(()) }
    }
}

/// Turns a setting on or off.
type Switch = fn(&mut Settings, bool);

/// Options that are on or off.
const SWITCHES: [(c_int, Switch); 9] = [
    (EXOSIP_OPT_USE_RPORT, |settings, on| settings.rport = on),
    (EXOSIP_OPT_REGISTER_WITH_DATE, |settings, on| settings.date = on),
    (EXOSIP_OPT_REMOVE_PREROUTESET, |settings, on| settings.remove_route = on),
    (EXOSIP_OPT_DNS_CAPABILITIES, |settings, on| settings.servers = on),
    (EXOSIP_OPT_ENABLE_DNS_CACHE, |settings, on| settings.reuse_names = on),
    (EXOSIP_OPT_ENABLE_AUTOANSWERBYE, |settings, on| settings.answers_bye = on),
    (EXOSIP_OPT_ENABLE_OUTBOUND, |settings, on| settings.dialog_by_flow = on),
    (EXOSIP_OPT_SET_SESSIONTIMERS_FORCE, |settings, on| settings.force_session_timer = on),
    (EXOSIP_OPT_FORCE_CONNECTIONREUSE, |settings, on| settings.reuse_flow = on),
];

/// Sets one option.
///
/// # Safety
/// `value` is NULL or points to what the option wants.
pub(super) unsafe fn set(
    context: &Context,
    option: c_int,
    value: *const c_void,
) -> Result<c_int, Refusal> {
    let (engine, given) = (&context.engine, OptionValue(value));
    if let Some((_, set)) = SWITCHES.iter().find(|(switch, _)| *switch == option) {
        let on = given.number()? != 0;
        engine.settings(|settings| set(settings, on))?;
        return Ok(0);
    }
    match option {
        EXOSIP_OPT_UDP_KEEP_ALIVE
        | EXOSIP_OPT_AUTO_MASQUERADE_CONTACT
        | EXOSIP_OPT_SET_HEADER_USER_AGENT
        | EXOSIP_OPT_SET_SIP_INSTANCE
        | EXOSIP_OPT_SET_DEFAULT_CONTACT_DISPLAYNAME
        | EXOSIP_OPT_SET_CONTACT_DIALOG_EXTRA_PARAMS => set_messages(context, option, &given)?,
        EXOSIP_OPT_SET_IPV4_FOR_GATEWAY
        | EXOSIP_OPT_SET_IPV6_FOR_GATEWAY
        | EXOSIP_OPT_SET_DSCP
        | EXOSIP_OPT_ENABLE_IPV6
        | EXOSIP_OPT_ENABLE_USE_EPHEMERAL_PORT
        | EXOSIP_OPT_ENABLE_REUSE_TCP_PORT
        | EXOSIP_OPT_SET_OC_LOCAL_ADDRESS
        | EXOSIP_OPT_SET_OC_PORT_RANGE => set_sockets(context, option, &given)?,
        EXOSIP_OPT_GET_STATISTICS => {
            let now = statistics(context)?;
            given.check_given()?;
            // SAFETY: not NULL, and the caller's promise.
            unsafe { value.cast_mut().cast::<eXosip_stats>().write(now) };
        }
        // SAFETY: the caller's promise.
        EXOSIP_OPT_ADD_DNS_CACHE => unsafe { given_address::add(context, value.cast_mut())? },
        // SAFETY: the caller's promise.
        EXOSIP_OPT_DELETE_DNS_CACHE => unsafe { given_address::delete(context, value)? },
        EXOSIP_OPT_ADD_ACCOUNT_INFO
        | EXOSIP_OPT_SET_MAX_MESSAGE_TO_READ
        | EXOSIP_OPT_SET_MAX_READ_TIMEOUT => {
            given.check_given()?;
            without_effect(option);
        }
        EXOSIP_OPT_SET_CALLBACK_WAKELOCK => without_effect(option),
        EXOSIP_OPT_SET_TLS_VERIFY_CERTIFICATE => tls::set_verification(context, given.number()?)?,
        EXOSIP_OPT_SET_TLS_CERTIFICATES_INFO => {
            // SAFETY: the caller's promise.
            let from = unsafe { value.cast::<eXosip_tls_ctx_s>().as_ref() };
            match tls::set_files(context, from.ok_or(CoreRefusal::BadParameter)?) {
                // As with eXosip2: what is refused stands in the trace alone.
                Err(Refusal::Core(CoreRefusal::Syntax(wrong))) => context::warn(wrong),
                result => result?,
            }
        }
        EXOSIP_OPT_SET_TLS_CLIENT_CERTIFICATE_NAME
        | EXOSIP_OPT_SET_TLS_SERVER_CERTIFICATE_NAME
        | EXOSIP_OPT_SET_TSC_SERVER => return Err(CoreRefusal::Undefined.into()),
        _ => return Err(CoreRefusal::BadParameter.into()),
    }
    Ok(0)
}

/// Options of what our messages say, and of keep-alive.
fn set_messages(context: &Context, option: c_int, given: &OptionValue) -> Result<(), Refusal> {
    let engine = &context.engine;
    match option {
        EXOSIP_OPT_UDP_KEEP_ALIVE => {
            let every = u64::try_from(given.number()?).ok().filter(|ms| *ms > 0);
            let every = every.map(|ms| Duration::from_millis(ms).max(SHORTEST_KEEP_ALIVE));
            engine.settings(|settings| settings.keep_alive = every)
        }
        EXOSIP_OPT_AUTO_MASQUERADE_CONTACT => {
            let how = if given.number()? == 0 { Masquerade::Off } else { Masquerade::Every };
            engine.settings(|settings| settings.masquerade = how)
        }
        EXOSIP_OPT_SET_HEADER_USER_AGENT => {
            let default = || context.options.lock().default_user_agent.clone();
            let user_agent = given.text().unwrap_or_else(default);
            engine.settings(|settings| settings.user_agent = user_agent)
        }
        EXOSIP_OPT_SET_SIP_INSTANCE => {
            let with_scheme =
                |text: String| if is_uuid(&text) { format!("urn:uuid:{text}") } else { text };
            let urn = given.text().map(with_scheme);
            engine.settings(|settings| settings.instance = urn)
        }
        EXOSIP_OPT_SET_DEFAULT_CONTACT_DISPLAYNAME => {
            let name = given.text();
            engine.settings(|settings| settings.contact_name = name)
        }
        EXOSIP_OPT_SET_CONTACT_DIALOG_EXTRA_PARAMS => {
            let params = given.text();
            engine.settings(|settings| settings.dialog_contact_params = params)
        }
        _ => Err(CoreRefusal::BadParameter.into()),
    }
}

/// Options of sockets and addresses.
fn set_sockets(context: &Context, option: c_int, given: &OptionValue) -> Result<(), Refusal> {
    let engine = &context.engine;
    match option {
        EXOSIP_OPT_SET_IPV4_FOR_GATEWAY => context.options.lock().gateway4 = given.text(),
        EXOSIP_OPT_SET_IPV6_FOR_GATEWAY => context.options.lock().gateway6 = given.text(),
        EXOSIP_OPT_SET_DSCP => {
            let dscp = u8::try_from(given.number()?).ok().filter(|dscp| *dscp < 64);
            context.options.lock().dscp = dscp.ok_or(CoreRefusal::BadParameter)?;
        }
        EXOSIP_OPT_ENABLE_IPV6 => {
            let which = given.number()?;
            if !(0..=2).contains(&which) {
                return Err(CoreRefusal::BadParameter.into());
            }
            context.options.lock().ipv6 = which;
        }
        EXOSIP_OPT_ENABLE_USE_EPHEMERAL_PORT => {
            context.options.lock().accepts_connections = given.number()? == 0;
        }
        EXOSIP_OPT_ENABLE_REUSE_TCP_PORT => engine.set_shared_port(given.number()? != 0)?,
        EXOSIP_OPT_SET_OC_LOCAL_ADDRESS => {
            let given = given.text();
            let address = given.as_ref().and_then(|text| text.parse().ok());
            if given.is_some() && address.is_none() {
                without_effect(option);
            }
            engine.set_connect_from(|local, _| *local = address)?;
        }
        EXOSIP_OPT_SET_OC_PORT_RANGE => {
            given.check_given()?;
            // SAFETY: not NULL, and the promise of `set`.
            let range = port_range(unsafe { given.0.cast::<[c_int; 2]>().read() })?;
            engine.set_connect_from(|_, ports| *ports = range)?;
        }
        _ => return Err(CoreRefusal::BadParameter.into()),
    }
    Ok(())
}

fn without_effect(option: c_int) {
    context::warn(&format!("eXosip_set_option: option {option} has no effect"));
}

/// The first and the last port; both 0: any.
fn port_range(ports: [c_int; 2]) -> Result<Option<(u16, u16)>, Refusal> {
    match ports.map(u16::try_from) {
        [Ok(0), Ok(0)] => Ok(None),
        [Ok(first @ 1..), Ok(last)] if first <= last => Ok(Some((first, last))),
        _ => Err(CoreRefusal::BadParameter.into()),
    }
}

/// RFC 4122 section 3: 8-4-4-4-12 hex digits.
pub(crate) fn is_uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn statistics(context: &Context) -> Result<eXosip_stats, Refusal> {
    let counted = context.engine.statistics()?;
    let alive = |count: usize| c_int::try_from(count).unwrap_or(c_int::MAX);
    // The first second counts as a whole one.
    let hours = context.engine.age().as_secs_f64().max(1.0) / 3600.0;
    let hourly = |ever: u64| (ever as f64 / hours) as c_float;
    Ok(eXosip_stats {
        allocated_transactions: alive(counted.transactions),
        average_transactions: hourly(counted.transactions_ever),
        allocated_registrations: alive(counted.registrations),
        average_registrations: hourly(counted.registrations_ever),
        allocated_calls: alive(counted.calls),
        average_calls: hourly(counted.calls_ever),
        allocated_publications: alive(counted.publications),
        average_publications: hourly(counted.publications_ever),
        allocated_subscriptions: alive(counted.subscriptions),
        average_subscriptions: hourly(counted.subscriptions_ever),
        allocated_insubscriptions: alive(counted.subscriptions_to_us),
        average_insubscriptions: hourly(counted.subscriptions_to_us_ever),
        reserved1: [0; 20],
    })
}

#[cfg(test)]
mod tests {
    use super::{is_uuid, port_range};

    #[test]
    fn a_range_of_ports_is_two_ports_in_order_or_none() {
        assert_eq!(port_range([0, 0]), Ok(None));
        assert_eq!(port_range([1, 65_535]), Ok(Some((1, 65_535))));
        assert_eq!(port_range([5060, 5060]), Ok(Some((5060, 5060))));
        for wrong in [[0, 5], [6, 5], [5, 0], [-1, 5], [5, 65_536]] {
            assert!(port_range(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_bare_uuid_is_no_urn() {
        assert!(is_uuid("00000000-0000-1000-8000-AABBccddeeff"));
        assert!(!is_uuid("urn:uuid:00000000-0000-1000-8000-AABBccddeeff"));
        assert!(!is_uuid("urn:gsma:imei:90420156-025763-0"));
        assert!(!is_uuid(""));
    }
}
