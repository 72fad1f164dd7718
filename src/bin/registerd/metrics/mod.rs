//! The metrics, as OpenMetrics over HTTP.

mod http;
mod text;

pub(crate) use http::{MetricsAddress, serve};
pub(crate) use text::{Reloads, exposition};
