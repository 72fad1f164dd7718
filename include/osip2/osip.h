#ifndef OSIP2_OSIP_H
#define OSIP2_OSIP_H

/* Generated from the Rust source; do not edit. */

#include <osipparser2/osip_message.h>
struct timeval;
/* libosip2's header stands here for programs that include it and name its types. Its state machines
   are not in this library: a program that drives them needs libosip2, headers and all. */
#include <sys/time.h>
#include <time.h>

#include <osip2/osip_fifo.h>
#include <osip2/osip_mt.h>
#include <osip2/osip_time.h>
#include <osipparser2/osip_const.h>
#include <osipparser2/osip_parser.h>

/* What the machines work on. None is ever made. */
typedef struct osip osip_t;
typedef struct osip_transaction osip_transaction_t;
typedef struct osip_event osip_event_t;

/* Calls the program back; never called. */
typedef void (*osip_message_cb_t)(int type, osip_transaction_t *transaction,
                                  osip_message_t *message);
typedef void (*osip_kill_transaction_cb_t)(int type, osip_transaction_t *transaction);

/* T1, T2 and T4 of RFC 3261, milliseconds. */
#define DEFAULT_T1 500
#define DEFAULT_T2 4000
#define DEFAULT_T4 5000

/* Which of the four machines: client or server, INVITE or not. */
typedef enum osip_fsm_type_t {
    ICT, IST, NICT, NIST
} osip_fsm_type_t;

/* Where a machine is. */
typedef enum state_t {
    ICT_PRE_CALLING,
    ICT_CALLING,
    ICT_PROCEEDING,
    ICT_COMPLETED,
    ICT_TERMINATED,
    IST_PRE_PROCEEDING,
    IST_PROCEEDING,
    IST_COMPLETED,
    IST_CONFIRMED,
    IST_TERMINATED,
    NICT_PRE_TRYING,
    NICT_TRYING,
    NICT_PROCEEDING,
    NICT_COMPLETED,
    NICT_TERMINATED,
    NIST_PRE_TRYING,
    NIST_TRYING,
    NIST_PROCEEDING,
    NIST_COMPLETED,
    NIST_TERMINATED,
    DIALOG_EARLY,
    DIALOG_CONFIRMED,
    DIALOG_CLOSE
} state_t;

/* What happens to a machine. */
typedef enum type_t {
    TIMEOUT_A,
    TIMEOUT_B,
    TIMEOUT_D,
    TIMEOUT_E,
    TIMEOUT_F,
    TIMEOUT_K,
    TIMEOUT_G,
    TIMEOUT_H,
    TIMEOUT_I,
    TIMEOUT_J,
    RCV_REQINVITE,
    RCV_REQACK,
    RCV_REQUEST,
    RCV_STATUS_1XX,
    RCV_STATUS_2XX,
    RCV_STATUS_3456XX,
    SND_REQINVITE,
    SND_REQACK,
    SND_REQUEST,
    SND_STATUS_1XX,
    SND_STATUS_2XX,
    SND_STATUS_3456XX,
    KILL_TRANSACTION,
    UNKNOWN_EVT
} type_t;

/* Callbacks for messages. */
typedef enum osip_message_callback_type {
    OSIP_ICT_INVITE_SENT,
    OSIP_ICT_INVITE_SENT_AGAIN,
    OSIP_ICT_ACK_SENT,
    OSIP_ICT_ACK_SENT_AGAIN,
    OSIP_ICT_STATUS_1XX_RECEIVED,
    OSIP_ICT_STATUS_2XX_RECEIVED,
    OSIP_ICT_STATUS_2XX_RECEIVED_AGAIN,
    OSIP_ICT_STATUS_3XX_RECEIVED,
    OSIP_ICT_STATUS_4XX_RECEIVED,
    OSIP_ICT_STATUS_5XX_RECEIVED,
    OSIP_ICT_STATUS_6XX_RECEIVED,
    OSIP_ICT_STATUS_3456XX_RECEIVED_AGAIN,
    OSIP_IST_INVITE_RECEIVED,
    OSIP_IST_INVITE_RECEIVED_AGAIN,
    OSIP_IST_ACK_RECEIVED,
    OSIP_IST_ACK_RECEIVED_AGAIN,
    OSIP_IST_STATUS_1XX_SENT,
    OSIP_IST_STATUS_2XX_SENT,
    OSIP_IST_STATUS_2XX_SENT_AGAIN,
    OSIP_IST_STATUS_3XX_SENT,
    OSIP_IST_STATUS_4XX_SENT,
    OSIP_IST_STATUS_5XX_SENT,
    OSIP_IST_STATUS_6XX_SENT,
    OSIP_IST_STATUS_3456XX_SENT_AGAIN,
    OSIP_NICT_REGISTER_SENT,
    OSIP_NICT_BYE_SENT,
    OSIP_NICT_OPTIONS_SENT,
    OSIP_NICT_INFO_SENT,
    OSIP_NICT_CANCEL_SENT,
    OSIP_NICT_NOTIFY_SENT,
    OSIP_NICT_SUBSCRIBE_SENT,
    OSIP_NICT_UNKNOWN_REQUEST_SENT,
    OSIP_NICT_REQUEST_SENT_AGAIN,
    OSIP_NICT_STATUS_1XX_RECEIVED,
    OSIP_NICT_STATUS_2XX_RECEIVED,
    OSIP_NICT_STATUS_2XX_RECEIVED_AGAIN,
    OSIP_NICT_STATUS_3XX_RECEIVED,
    OSIP_NICT_STATUS_4XX_RECEIVED,
    OSIP_NICT_STATUS_5XX_RECEIVED,
    OSIP_NICT_STATUS_6XX_RECEIVED,
    OSIP_NICT_STATUS_3456XX_RECEIVED_AGAIN,
    OSIP_NIST_REGISTER_RECEIVED,
    OSIP_NIST_BYE_RECEIVED,
    OSIP_NIST_OPTIONS_RECEIVED,
    OSIP_NIST_INFO_RECEIVED,
    OSIP_NIST_CANCEL_RECEIVED,
    OSIP_NIST_NOTIFY_RECEIVED,
    OSIP_NIST_SUBSCRIBE_RECEIVED,
    OSIP_NIST_UNKNOWN_REQUEST_RECEIVED,
    OSIP_NIST_REQUEST_RECEIVED_AGAIN,
    OSIP_NIST_STATUS_1XX_SENT,
    OSIP_NIST_STATUS_2XX_SENT,
    OSIP_NIST_STATUS_2XX_SENT_AGAIN,
    OSIP_NIST_STATUS_3XX_SENT,
    OSIP_NIST_STATUS_4XX_SENT,
    OSIP_NIST_STATUS_5XX_SENT,
    OSIP_NIST_STATUS_6XX_SENT,
    OSIP_NIST_STATUS_3456XX_SENT_AGAIN,
    OSIP_ICT_STATUS_TIMEOUT,
    OSIP_NICT_STATUS_TIMEOUT,
    OSIP_MESSAGE_CALLBACK_COUNT
} osip_message_callback_type_t;

/* Callbacks for the end of transactions. */
typedef enum osip_kill_callback_type {
    OSIP_ICT_KILL_TRANSACTION,
    OSIP_IST_KILL_TRANSACTION,
    OSIP_NICT_KILL_TRANSACTION,
    OSIP_NIST_KILL_TRANSACTION,
    OSIP_KILL_CALLBACK_COUNT
} osip_kill_callback_type_t;

/* Callbacks for errors of the network. */
typedef enum osip_transport_error_callback_type {
    OSIP_ICT_TRANSPORT_ERROR,
    OSIP_IST_TRANSPORT_ERROR,
    OSIP_NICT_TRANSPORT_ERROR,
    OSIP_NIST_TRANSPORT_ERROR,
    OSIP_TRANSPORT_ERROR_CALLBACK_COUNT
} osip_transport_error_callback_type_t;

/* How far a look-up of SRV and NAPTR records is, see eXosip_dnsutils_naptr. */
#define OSIP_SRV_STATE_UNKNOWN 0
#define OSIP_SRV_STATE_RETRYLATER 2
#define OSIP_SRV_STATE_COMPLETED 3
#define OSIP_SRV_STATE_NOTSUPPORTED 4
#define OSIP_NAPTR_STATE_UNKNOWN 0
#define OSIP_NAPTR_STATE_INPROGRESS 1
#define OSIP_NAPTR_STATE_NAPTRDONE 2
#define OSIP_NAPTR_STATE_SRVINPROGRESS 3
#define OSIP_NAPTR_STATE_SRVDONE 4
#define OSIP_NAPTR_STATE_RETRYLATER 5
#define OSIP_NAPTR_STATE_NOTSUPPORTED 6

/* One server of an SRV record. */
typedef struct osip_srv_entry {
    char srv[512];
    int priority;
    int weight;
    int rweight;
    int port;
    char ipaddress[512];
    struct timeval srv_is_broken;
} osip_srv_entry_t;

/* The servers of one transport. */
typedef struct osip_srv_record {
    char name[1024];
    int srv_state;
    char flag[256];
    char protocol[1024];
    char regexp[1024];
    char replacement[1024];
    int order;
    int preference;
    int index;
    osip_srv_entry_t srventry[10];
} osip_srv_record_t;

/* The transports of one domain. */
typedef struct osip_naptr {
    char domain[512];
    char AUS[64];
    int naptr_state;
    void *arg;
    int keep_in_cache;
    osip_srv_record_t sipudp_record;
    osip_srv_record_t siptcp_record;
    osip_srv_record_t siptls_record;
    osip_srv_record_t sipdtls_record;
    osip_srv_record_t sipsctp_record;
    osip_srv_record_t sipenum_record;
} osip_naptr_t;

#endif  /* OSIP2_OSIP_H */
