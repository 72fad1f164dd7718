#define REGISTERER_VERSION 1 /* of the structs below */
