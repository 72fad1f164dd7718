//! What is read from a request before it is sent.

use crate::request::{Asks, Refusal, RequestFields};
use crate::sip::Draft;
use crate::transaction::{TransactionId, branch_number};
use crate::transport::{HostPort, Routes};
use std::borrow::Cow;

/// What is read from a request before anything changes.
pub(crate) struct Parts {
    pub(crate) place: HostPort,
    pub(crate) cseq: u32,
    pub(crate) method: Cow<'static, str>,
    pub(crate) asks: Asks,
    /// The number in its branch, if that was drawn for this request and no other was sent with it.
    pub(crate) fresh: Option<u128>,
}

impl Parts {
    /// Reads `draft`, whose place may be known from before.
    pub(crate) fn of(draft: &Draft, routes: &mut Routes<TransactionId>) -> Result<Self, Refusal> {
        let fields = RequestFields::of(draft);
        Parts::read(&fields, fields.asks(), routes)
    }

    /// The same of a request that we have just made, and that nobody has changed.
    pub(crate) fn of_fresh(draft: &Draft, routes: &mut Routes<TransactionId>) -> Result<Self, Refusal> {
        let fields = RequestFields::of(draft);
        Parts::read_fresh(&fields, fields.asks(), routes)
    }

    /// The same of one that is known to ask for `expires` seconds.
    pub(crate) fn of_known(
        draft: &Draft,
        expires: u32,
        routes: &mut Routes<TransactionId>,
    ) -> Result<Self, Refusal> {
        Parts::read_fresh(&RequestFields::of(draft), Asks::for_seconds(expires), routes)
    }

    fn read_fresh(
        fields: &RequestFields<'_>,
        asks: Asks,
        routes: &mut Routes<TransactionId>,
    ) -> Result<Self, Refusal> {
        // The Via that we make ends with it.
        let branch = fields.via.and_then(|via| via.get(via.len().checked_sub(39)?..));
        Ok(Parts { fresh: branch.and_then(branch_number), ..Parts::read(fields, asks, routes)? })
    }

    fn read(
        fields: &RequestFields<'_>,
        asks: Asks,
        routes: &mut Routes<TransactionId>,
    ) -> Result<Self, Refusal> {
        let place = fields.next_hop().and_then(|next_hop| routes.place(next_hop));
        let place = place.ok_or(Refusal::Syntax("no destination"))?;
        let cseq = fields.cseq.unwrap_or("");
        let (number, method) = cseq.split_once(char::is_whitespace).ok_or(Refusal::Syntax("CSeq"))?;
        let cseq = number.parse().map_err(|_| Refusal::Syntax("CSeq"))?;
        let method = match method.trim() {
            "REGISTER" => "REGISTER".into(),
            other => other.to_owned().into(),
        };
        Ok(Parts { place, cseq, method, asks, fresh: None })
    }
}
