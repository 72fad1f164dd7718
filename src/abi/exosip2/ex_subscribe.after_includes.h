
/** The state of a subscription (RFC 6665 section 4.1.3). */
typedef enum eXosip_ss {
    EXOSIP_SUBCRSTATE_UNKNOWN = 0,
    EXOSIP_SUBCRSTATE_PENDING = 1,
    EXOSIP_SUBCRSTATE_ACTIVE = 2,
    EXOSIP_SUBCRSTATE_TERMINATED = 3
} eXosip_ss_t;

/** Whether somebody can be reached. */
typedef enum eXosip_ss_status {
    EXOSIP_NOTIFY_UNKNOWN = 0,
    EXOSIP_NOTIFY_PENDING = 1,
    EXOSIP_NOTIFY_ONLINE = 2,
    EXOSIP_NOTIFY_BUSY = 3,
    EXOSIP_NOTIFY_BERIGHTBACK = 4,
    EXOSIP_NOTIFY_AWAY = 5,
    EXOSIP_NOTIFY_ONTHEPHONE = 6,
    EXOSIP_NOTIFY_OUTTOLUNCH = 7,
    EXOSIP_NOTIFY_CLOSED = 8
} eXosip_ss_status_t;

/** Why a subscription ended (RFC 6665 section 4.1.3). */
typedef enum eXosip_ss_reason {
    DEACTIVATED = 0,
    PROBATION = 1,
    REJECTED = 2,
    TIMEOUT = 3,
    GIVEUP = 4,
    NORESOURCE = 5
} eXosip_ss_reason_t;
