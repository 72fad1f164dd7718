//! The structs of eXosip2 5.3 for 64-bit Linux, asserted when this library is compiled.

use super::ex_event::eXosip_event;
use super::ex_option::{
    eXosip_account_info, eXosip_dns_cache, eXosip_stats, eXosip_tls_credentials_s, eXosip_tls_ctx_s,
};
use std::mem::offset_of;

const _: () = {
    assert!(size_of::<eXosip_event>() == 328);
    assert!(offset_of!(eXosip_event, r#type) == 0);
    assert!(offset_of!(eXosip_event, textinfo) == 4);
    assert!(offset_of!(eXosip_event, external_reference) == 264);
    assert!(offset_of!(eXosip_event, request) == 272);
    assert!(offset_of!(eXosip_event, response) == 280);
    assert!(offset_of!(eXosip_event, ack) == 288);
    assert!(offset_of!(eXosip_event, tid) == 296);
    assert!(offset_of!(eXosip_event, did) == 300);
    assert!(offset_of!(eXosip_event, rid) == 304);
    assert!(offset_of!(eXosip_event, cid) == 308);
    assert!(offset_of!(eXosip_event, sid) == 312);
    assert!(offset_of!(eXosip_event, nid) == 316);
    assert!(offset_of!(eXosip_event, ss_status) == 320);
    assert!(offset_of!(eXosip_event, ss_reason) == 324);

    assert!(size_of::<eXosip_dns_cache>() == 1280);
    assert!(offset_of!(eXosip_dns_cache, ip) == 1024);
    assert!(size_of::<eXosip_account_info>() == 1284);
    assert!(offset_of!(eXosip_account_info, nat_ip) == 1024);
    assert!(offset_of!(eXosip_account_info, nat_port) == 1280);
    assert!(size_of::<eXosip_stats>() == 128);
    assert!(offset_of!(eXosip_stats, reserved1) == 48);
    assert!(size_of::<eXosip_tls_credentials_s>() == 4096);
    assert!(size_of::<eXosip_tls_ctx_s>() == 13328);
    assert!(offset_of!(eXosip_tls_ctx_s, cipher_list) == 3072);
    assert!(offset_of!(eXosip_tls_ctx_s, client) == 5136);
};
