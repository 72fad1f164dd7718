//! The numbers of machines whose long and pointers have 32 bits.

use crate::abi::exosip2::{ex_event, ex_option};
use crate::abi::osip2::osip_fifo;
use crate::abi::osipparser2::sdp_message::elements;
use crate::abi::osipparser2::{
    headers, osip_body, osip_list, osip_md5, osip_message, osip_uri, sdp_message,
};

layout! {
    LIBOSIP2 32:
    osip_list::__node, "__node" 8: next 0 4, element 4 4;
    osip_list::osip_list, "osip_list" 8: nb_elt 0 4, node 4 4;
    osip_list::osip_list_iterator, "osip_list_iterator" 16: actual 0 4, prev 4 4, li 8 4, pos 12 4;
    osip_uri::osip_uri_param, "osip_uri_param" 8: gname 0 4, gvalue 4 4;
    osip_uri::osip_uri, "osip_uri" 40: scheme 0 4, username 4 4, password 8 4, host 12 4, port 16 4, url_params 20 8, url_headers 28 8, string 36 4;
    osip_body::osip_body, "osip_body" 16: body 0 4, length 4 4, headers 8 4, content_type 12 4;
    osip_message::osip_message, "osip_message" 224: sip_version 0 4, req_uri 4 4, sip_method 8 4, status_code 12 4, reason_phrase 16 4, accepts 20 8, accept_encodings 28 8, accept_languages 36 8, alert_infos 44 8, allows 52 8, authentication_infos 60 8, authorizations 68 8, call_id 76 4, call_infos 80 8, contacts 88 8, content_encodings 96 8, content_length 104 4, content_type 108 4, cseq 112 4, error_infos 116 8, from 124 4, mime_version 128 4, proxy_authenticates 132 8, proxy_authentication_infos 140 8, proxy_authorizations 148 8, record_routes 156 8, routes 164 8, to 172 4, vias 176 8, www_authenticates 184 8, headers 192 8, bodies 200 8, message_property 208 4, message 212 4, message_length 216 4, application_data 220 4;
    headers::osip_accept_encoding::osip_accept_encoding, "osip_accept_encoding" 12: element 0 4, gen_params 4 8;
    headers::osip_authentication_info::osip_authentication_info, "osip_authentication_info" 44: auth_type 0 4, nextnonce 4 4, qop_options 8 4, rspauth 12 4, cnonce 16 4, nonce_count 20 4, snum 24 4, srand 28 4, realm 32 4, targetname 36 4, opaque 40 4;
    headers::osip_authorization::osip_authorization, "osip_authorization" 72: auth_type 0 4, username 4 4, realm 8 4, nonce 12 4, uri 16 4, response 20 4, digest 24 4, algorithm 28 4, cnonce 32 4, opaque 36 4, message_qop 40 4, nonce_count 44 4, version 48 4, targetname 52 4, gssapi_data 56 4, crand 60 4, cnum 64 4, auth_param 68 4;
    headers::osip_call_id::osip_call_id, "osip_call_id" 8: number 0 4, host 4 4;
    headers::osip_call_info::osip_call_info, "osip_call_info" 12: element 0 4, gen_params 4 8;
    headers::osip_content_length::osip_content_length, "osip_content_length" 4: value 0 4;
    headers::osip_content_type::osip_content_type, "osip_content_type" 16: r#type 0 4, subtype 4 4, gen_params 8 8;
    headers::osip_cseq::osip_cseq, "osip_cseq" 8: method 0 4, number 4 4;
    headers::osip_from::osip_from, "osip_from" 16: displayname 0 4, url 4 4, gen_params 8 8;
    headers::osip_header::osip_header, "osip_header" 8: hname 0 4, hvalue 4 4;
    headers::osip_via::osip_via, "osip_via" 28: version 0 4, protocol 4 4, host 8 4, port 12 4, comment 16 4, via_params 20 8;
    headers::osip_www_authenticate::osip_www_authenticate, "osip_www_authenticate" 48: auth_type 0 4, realm 4 4, domain 8 4, nonce 12 4, opaque 16 4, stale 20 4, algorithm 24 4, qop_options 28 4, version 32 4, targetname 36 4, gssapi_data 40 4, auth_param 44 4;
    osip_md5::osip_MD5_CTX, "osip_MD5_CTX" 88: state 0 16, count 16 8, buffer 24 64;
    sdp_message::sdp_message, "sdp_message" 100: v_version 0 4, o_username 4 4, o_sess_id 8 4, o_sess_version 12 4, o_nettype 16 4, o_addrtype 20 4, o_addr 24 4, s_name 28 4, i_info 32 4, u_uri 36 4, e_emails 40 8, p_phones 48 8, c_connection 56 4, b_bandwidths 60 8, t_descrs 68 8, z_adjustments 76 4, k_key 80 4, a_attributes 84 8, m_medias 92 8;
    sdp_message::media::sdp_media, "sdp_media" 56: m_media 0 4, m_port 4 4, m_number_of_port 8 4, m_proto 12 4, m_payloads 16 8, i_info 24 4, c_connections 28 8, b_bandwidths 36 8, a_attributes 44 8, k_key 52 4;
    elements::sdp_connection, "sdp_connection" 20: c_nettype 0 4, c_addrtype 4 4, c_addr 8 4, c_addr_multicast_ttl 12 4, c_addr_multicast_int 16 4;
    elements::sdp_attribute, "sdp_attribute" 8: a_att_field 0 4, a_att_value 4 4;
    elements::sdp_bandwidth, "sdp_bandwidth" 8: b_bwtype 0 4, b_bandwidth 4 4;
    elements::sdp_key, "sdp_key" 8: k_keytype 0 4, k_keydata 4 4;
    elements::sdp_time_descr, "sdp_time_descr" 16: t_start_time 0 4, t_stop_time 4 4, r_repeats 8 8;
    osip_fifo::osip_fifo, "osip_fifo" 24: qislocked 0 4, qisempty 4 4, queue 8 8, nb_elt 16 4, state 20 4;
}

layout! {
    EXOSIP2 32:
    ex_event::eXosip_event, "eXosip_event" 308: r#type 0 4, textinfo 4 256, external_reference 260 4, request 264 4, response 268 4, ack 272 4, tid 276 4, did 280 4, rid 284 4, cid 288 4, sid 292 4, nid 296 4, ss_status 300 4, ss_reason 304 4;
    ex_option::eXosip_dns_cache, "eXosip_dns_cache" 1280: host 0 1024, ip 1024 256;
    ex_option::eXosip_account_info, "eXosip_account_info" 1284: proxy 0 1024, nat_ip 1024 256, nat_port 1280 4;
    ex_option::eXosip_stats, "eXosip_stats" 128: allocated_transactions 0 4, average_transactions 4 4, allocated_registrations 8 4, average_registrations 12 4, allocated_calls 16 4, average_calls 20 4, allocated_publications 24 4, average_publications 28 4, allocated_subscriptions 32 4, average_subscriptions 36 4, allocated_insubscriptions 40 4, average_insubscriptions 44 4, reserved1 48 80;
    ex_option::eXosip_tls_credentials_s, "eXosip_tls_credentials_s" 4096: priv_key 0 1024, priv_key_pw 1024 1024, cert 2048 1024, public_key_pinned 3072 1024;
    ex_option::eXosip_tls_ctx_s, "eXosip_tls_ctx_s" 13320: random_file 0 1024, dh_param 1024 1024, root_ca_cert 2048 1024, cipher_list 3072 2048, tls_flags 5120 4, dtls_flags 5124 4, client 5128 4096, server 9224 4096;
}
