
#define osip_www_authenticate_set_algorithm_MD5(header) \
    osip_www_authenticate_set_algorithm((header), osip_strdup("MD5"))
#define osip_www_authenticate_set_stale_true(header) \
    osip_www_authenticate_set_stale((header), osip_strdup("true"))
#define osip_www_authenticate_set_stale_false(header) \
    osip_www_authenticate_set_stale((header), osip_strdup("false"))
