//! What every request of ours has: Via, From, To, Call-ID, CSeq, Contact, Route; tokens; settings.

mod added;
mod complete;
pub mod contact;
pub mod expiry;
pub mod fields;
mod hidden_fields;
mod initial;
mod local;
mod missing_transport;
mod out_of_dialog;
mod party;
mod refusal;
pub mod response;
mod settings;
pub mod target;
mod tokens;
pub mod via;

pub use added::keep_added;
pub use complete::{complete_answer, complete_request};
pub use fields::{Asks, RequestFields};
pub use hidden_fields::HiddenFields;
pub use initial::InitialRequest;
pub use local::Local;
pub use missing_transport::{MissingTransport, is_served};
pub use out_of_dialog::OutOfDialog;
pub use party::{Party, tag_of, user_of};
pub(crate) use party::{extra_fields, parse_given, push_party, push_wire_user};
pub use refusal::Refusal;
pub use settings::{Masquerade, Settings};
pub use tokens::{Entropy, is_token};
