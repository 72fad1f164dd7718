//! Supported, Require and Proxy-Require (RFC 3261 section 19.2): our option tags and those of the
//! application, each once.

use super::{ManagedOptions, ManagedPolicy};
use crate::sip::{Draft, split_list};

/// A header field that is a list of option tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OptionTagsField {
    Supported,
    Require,
    ProxyRequire,
}

/// The tags that the library writes where they belong: what is kept of the last REGISTER says
/// nothing about them.
const OURS: [&str; 5] = ["path", "outbound", "gruu", "sec-agree", "mediasec"];

impl OptionTagsField {
    const ALL: [OptionTagsField; 3] =
        [OptionTagsField::Supported, OptionTagsField::Require, OptionTagsField::ProxyRequire];

    /// The one with this name, which may be compact.
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.is_named(name))
    }

    fn name(self) -> &'static str {
        match self {
            OptionTagsField::Supported => "Supported",
            OptionTagsField::Require => "Require",
            OptionTagsField::ProxyRequire => "Proxy-Require",
        }
    }

    fn is_named(self, name: &str) -> bool {
        let is_compact = self == OptionTagsField::Supported && name.eq_ignore_ascii_case("k");
        is_compact || name.eq_ignore_ascii_case(self.name())
    }
}

impl ManagedOptions {
    /// The option tags that the application adds to ours in this header field.
    fn option_tags(&self, field: OptionTagsField) -> impl Iterator<Item = &str> {
        let lines = self.headers.iter().filter(move |(name, _)| field.is_named(name));
        lines.flat_map(|(_, value)| split_list(value))
    }
}

impl ManagedPolicy {
    /// Writes our tags, those of the options, and those that the application has written into its
    /// last REGISTER, in one line.
    pub(super) fn set_option_tags(&self, draft: &mut Draft, field: OptionTagsField, ours: &[&str]) {
        let written = draft.headers().filter(|(name, _)| field.is_named(name));
        let is_ours = |tag: &&str| OURS.iter().any(|ours| ours.eq_ignore_ascii_case(tag));
        let written = written.flat_map(|(_, value)| split_list(value)).filter(|tag| !is_ours(tag));
        // The first hop has refused it (439), whoever named it.
        let refused = |tag: &&str| self.outbound_refused && tag.eq_ignore_ascii_case("outbound");
        let given = self.options.option_tags(field).filter(|tag| !refused(tag));
        let mut tags: Vec<&str> = ours.to_vec();
        for tag in given.chain(written) {
            if !tag.is_empty() && !tags.iter().any(|other| other.eq_ignore_ascii_case(tag)) {
                tags.push(tag);
            }
        }
        let tags = tags.join(", ");
        if tags.is_empty() {
            draft.remove(field.name());
        } else {
            draft.set(field.name(), tags);
        }
    }
}
