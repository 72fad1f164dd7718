//! The core without sockets: timers and states, a line per instant; seeded networks; texts.
#![allow(missing_docs, clippy::unwrap_used)]

#[allow(dead_code, unreachable_pub)]
mod answers;
mod attempt_timeout;
mod auth;
mod auth_policy;
mod bounded_numbers;
mod branches;
mod call_descriptions;
mod call_texts;
mod call_values;
#[allow(dead_code, unreachable_pub)]
mod calls;
mod calls_attacks;
mod calls_flows;
mod calls_incoming;
mod calls_nat;
mod calls_outgoing;
mod calls_random;
mod calls_requests;
mod calls_retries;
mod calls_sessions;
#[allow(clippy::disallowed_methods)]
mod calls_world;
mod cancel;
#[allow(dead_code, unreachable_pub)]
mod common;
#[allow(dead_code, unreachable_pub)]
mod connections;
mod dialog_info;
mod dialogs;
mod digest;
mod doubtful_flows;
mod failback;
mod final_refusals;
mod floods;
mod given_addresses;
mod incoming;
mod invite_client;
mod invite_server;
mod invite_world;
#[allow(unreachable_pub)]
mod invites;
mod leniency;
mod managed;
mod managed_aka;
mod managed_attempts;
mod managed_bearer;
mod managed_change;
mod managed_counts;
mod managed_digest;
mod managed_edges;
mod managed_end;
mod managed_explain;
mod managed_flow;
mod managed_initial_authorization;
mod managed_many;
mod managed_moves;
mod managed_nat;
mod managed_option_tags;
mod managed_own;
mod managed_reg_event;
mod managed_regressions;
mod managed_targets;
mod missing_transport;
mod network_changes;
mod notifications;
#[allow(unreachable_pub)]
mod notifiers;
mod octets;
mod own_contacts;
mod policy;
mod publication_refusals;
mod publications;
#[allow(unreachable_pub)]
mod random;
mod register;
mod registrar;
mod registrar_calls;
mod requests;
mod secrets;
mod sentences;
#[allow(clippy::disallowed_methods)]
mod server_order;
mod server_transaction;
mod sip;
mod stream_addresses;
mod stream_connects;
mod stream_keepalive;
mod stream_losses;
#[allow(clippy::disallowed_methods)]
mod stream_world;
mod subscription_floods;
mod subscription_lifetimes;
mod subscription_texts;
#[allow(unreachable_pub)]
mod subscriptions;
mod targets;
mod tls;
mod torture;
mod transaction;
mod two_flows;
mod two_flows_options;
mod which_transport;
#[allow(clippy::disallowed_methods)]
mod world;
