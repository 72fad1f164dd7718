//! The numbers of machines whose long and pointers have 64 bits.

use crate::abi::exosip2::{ex_event, ex_option};
use crate::abi::osip2::osip_fifo;
use crate::abi::osipparser2::sdp_message::elements;
use crate::abi::osipparser2::{
    headers, osip_body, osip_list, osip_md5, osip_message, osip_uri, sdp_message,
};

layout! {
    LIBOSIP2 64:
    osip_list::__node, "__node" 16: next 0 8, element 8 8;
    osip_list::osip_list, "osip_list" 16: nb_elt 0 4, node 8 8;
    osip_list::osip_list_iterator, "osip_list_iterator" 32: actual 0 8, prev 8 8, li 16 8, pos 24 4;
    osip_uri::osip_uri_param, "osip_uri_param" 16: gname 0 8, gvalue 8 8;
    osip_uri::osip_uri, "osip_uri" 80: scheme 0 8, username 8 8, password 16 8, host 24 8, port 32 8, url_params 40 16, url_headers 56 16, string 72 8;
    osip_body::osip_body, "osip_body" 32: body 0 8, length 8 8, headers 16 8, content_type 24 8;
    osip_message::osip_message, "osip_message" 448: sip_version 0 8, req_uri 8 8, sip_method 16 8, status_code 24 4, reason_phrase 32 8, accepts 40 16, accept_encodings 56 16, accept_languages 72 16, alert_infos 88 16, allows 104 16, authentication_infos 120 16, authorizations 136 16, call_id 152 8, call_infos 160 16, contacts 176 16, content_encodings 192 16, content_length 208 8, content_type 216 8, cseq 224 8, error_infos 232 16, from 248 8, mime_version 256 8, proxy_authenticates 264 16, proxy_authentication_infos 280 16, proxy_authorizations 296 16, record_routes 312 16, routes 328 16, to 344 8, vias 352 16, www_authenticates 368 16, headers 384 16, bodies 400 16, message_property 416 4, message 424 8, message_length 432 8, application_data 440 8;
    headers::osip_accept_encoding::osip_accept_encoding, "osip_accept_encoding" 24: element 0 8, gen_params 8 16;
    headers::osip_authentication_info::osip_authentication_info, "osip_authentication_info" 88: auth_type 0 8, nextnonce 8 8, qop_options 16 8, rspauth 24 8, cnonce 32 8, nonce_count 40 8, snum 48 8, srand 56 8, realm 64 8, targetname 72 8, opaque 80 8;
    headers::osip_authorization::osip_authorization, "osip_authorization" 144: auth_type 0 8, username 8 8, realm 16 8, nonce 24 8, uri 32 8, response 40 8, digest 48 8, algorithm 56 8, cnonce 64 8, opaque 72 8, message_qop 80 8, nonce_count 88 8, version 96 8, targetname 104 8, gssapi_data 112 8, crand 120 8, cnum 128 8, auth_param 136 8;
    headers::osip_call_id::osip_call_id, "osip_call_id" 16: number 0 8, host 8 8;
    headers::osip_call_info::osip_call_info, "osip_call_info" 24: element 0 8, gen_params 8 16;
    headers::osip_content_length::osip_content_length, "osip_content_length" 8: value 0 8;
    headers::osip_content_type::osip_content_type, "osip_content_type" 32: r#type 0 8, subtype 8 8, gen_params 16 16;
    headers::osip_cseq::osip_cseq, "osip_cseq" 16: method 0 8, number 8 8;
    headers::osip_from::osip_from, "osip_from" 32: displayname 0 8, url 8 8, gen_params 16 16;
    headers::osip_header::osip_header, "osip_header" 16: hname 0 8, hvalue 8 8;
    headers::osip_via::osip_via, "osip_via" 56: version 0 8, protocol 8 8, host 16 8, port 24 8, comment 32 8, via_params 40 16;
    headers::osip_www_authenticate::osip_www_authenticate, "osip_www_authenticate" 96: auth_type 0 8, realm 8 8, domain 16 8, nonce 24 8, opaque 32 8, stale 40 8, algorithm 48 8, qop_options 56 8, version 64 8, targetname 72 8, gssapi_data 80 8, auth_param 88 8;
    osip_md5::osip_MD5_CTX, "osip_MD5_CTX" 88: state 0 16, count 16 8, buffer 24 64;
    sdp_message::sdp_message, "sdp_message" 200: v_version 0 8, o_username 8 8, o_sess_id 16 8, o_sess_version 24 8, o_nettype 32 8, o_addrtype 40 8, o_addr 48 8, s_name 56 8, i_info 64 8, u_uri 72 8, e_emails 80 16, p_phones 96 16, c_connection 112 8, b_bandwidths 120 16, t_descrs 136 16, z_adjustments 152 8, k_key 160 8, a_attributes 168 16, m_medias 184 16;
    sdp_message::media::sdp_media, "sdp_media" 112: m_media 0 8, m_port 8 8, m_number_of_port 16 8, m_proto 24 8, m_payloads 32 16, i_info 48 8, c_connections 56 16, b_bandwidths 72 16, a_attributes 88 16, k_key 104 8;
    elements::sdp_connection, "sdp_connection" 40: c_nettype 0 8, c_addrtype 8 8, c_addr 16 8, c_addr_multicast_ttl 24 8, c_addr_multicast_int 32 8;
    elements::sdp_attribute, "sdp_attribute" 16: a_att_field 0 8, a_att_value 8 8;
    elements::sdp_bandwidth, "sdp_bandwidth" 16: b_bwtype 0 8, b_bandwidth 8 8;
    elements::sdp_key, "sdp_key" 16: k_keytype 0 8, k_keydata 8 8;
    elements::sdp_time_descr, "sdp_time_descr" 32: t_start_time 0 8, t_stop_time 8 8, r_repeats 16 16;
    osip_fifo::osip_fifo, "osip_fifo" 40: qislocked 0 8, qisempty 8 8, queue 16 16, nb_elt 32 4, state 36 4;
}

layout! {
    EXOSIP2 64:
    ex_event::eXosip_event, "eXosip_event" 328: r#type 0 4, textinfo 4 256, external_reference 264 8, request 272 8, response 280 8, ack 288 8, tid 296 4, did 300 4, rid 304 4, cid 308 4, sid 312 4, nid 316 4, ss_status 320 4, ss_reason 324 4;
    ex_option::eXosip_dns_cache, "eXosip_dns_cache" 1280: host 0 1024, ip 1024 256;
    ex_option::eXosip_account_info, "eXosip_account_info" 1284: proxy 0 1024, nat_ip 1024 256, nat_port 1280 4;
    ex_option::eXosip_stats, "eXosip_stats" 128: allocated_transactions 0 4, average_transactions 4 4, allocated_registrations 8 4, average_registrations 12 4, allocated_calls 16 4, average_calls 20 4, allocated_publications 24 4, average_publications 28 4, allocated_subscriptions 32 4, average_subscriptions 36 4, allocated_insubscriptions 40 4, average_insubscriptions 44 4, reserved1 48 80;
    ex_option::eXosip_tls_credentials_s, "eXosip_tls_credentials_s" 4096: priv_key 0 1024, priv_key_pw 1024 1024, cert 2048 1024, public_key_pinned 3072 1024;
    ex_option::eXosip_tls_ctx_s, "eXosip_tls_ctx_s" 13328: random_file 0 1024, dh_param 1024 1024, root_ca_cert 2048 1024, cipher_list 3072 2048, tls_flags 5120 8, dtls_flags 5128 8, client 5136 4096, server 9232 4096;
}
