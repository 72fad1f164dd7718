//! What is read from a request before it is sent.

use crate::request::{Asks, MissingTransport, Refusal, RequestFields};
use crate::sip::{Draft, Params, search};
use crate::transaction::Branch;
use crate::transport::{Destination, Transport, TransportSet};
use std::borrow::Cow;

/// What is read from a request before anything changes.
pub(super) struct Parts {
    /// Where it goes.
    pub(super) destination: Destination<'static>,
    /// The transport that it goes by whatever its URIs say.
    pub(super) given: Option<Transport>,
    /// A transport that it requires and that is not the one it goes by.
    pub(super) missing_transport: Option<MissingTransport>,
    /// Number and method of its CSeq.
    pub(super) cseq: (u32, Cow<'static, str>),
    /// What it asks for our binding, if it is a REGISTER.
    pub(super) asks: Asks,
    /// The branch of its Via.
    pub(super) branch: Option<Branch>,
}

impl Parts {
    /// Reads `draft`. Errors: as for [`RequestFields::check`], and `Syntax` without destination.
    ///
    /// `given`: the transport that the request goes by whatever its URIs say.
    pub(super) fn read(draft: &Draft, given: Option<Transport>) -> Result<Self, Refusal> {
        let fields = RequestFields::of(draft);
        fields.check()?;
        let targets = fields.targets();
        let destination = match (&targets.request_uri, &targets.route) {
            (Some(target), Some(route)) => {
                Destination::of(route).map(|destination| destination.on_the_way_to(target))
            }
            (target, route) => route.as_ref().or(target.as_ref()).and_then(Destination::of),
        };
        let destination = destination.ok_or(Refusal::Syntax("no destination"))?.into_owned();
        let cseq = fields.cseq.unwrap_or("");
        let (number, method) =
            cseq.split_once(char::is_whitespace).ok_or(Refusal::Syntax("CSeq"))?;
        let number = number.parse().map_err(|_| Refusal::Syntax("CSeq"))?;
        let method = match method.trim_ascii() {
            "REGISTER" => "REGISTER".into(),
            "INVITE" => "INVITE".into(),
            "ACK" => "ACK".into(),
            "BYE" => "BYE".into(),
            other => other.to_owned().into(),
        };
        // With a placeholder for its port the Via does not parse.
        let params = fields
            .via
            .and_then(|via| search::find(via.as_bytes(), b';').map(|at| Params::new(&via[at..])));
        let branch = params.and_then(|params| params.get("branch"));
        let branch = branch.map(str::trim_ascii).filter(|branch| !branch.is_empty());
        let missing_transport =
            given.and_then(|given| targets.missing_transport(TransportSet::only(given)));
        let (cseq, branch) = ((number, method), branch.map(Branch::parse));
        let asks = fields.asks();
        Ok(Parts { destination, given, missing_transport, cseq, asks, branch })
    }
}
