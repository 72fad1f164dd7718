typedef struct osip_MD5_CTX osip_MD5_CTX;
