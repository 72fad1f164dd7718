/* MD5 of a text as hex digits (RFC 1321), for programs that compute their digest answers
   themselves. */
#ifndef MD5_H
#define MD5_H

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static inline void md5_block(uint32_t state[4], const unsigned char *block)
{
    static const int turns[4][4] = {
        {7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3];

    for (int i = 0; i < 64; i++) {
        uint32_t mixed, word, sum;
        int at, turn = turns[i / 16][i % 4];

        if (i < 16) {
            mixed = (b & c) | (~b & d);
            at = i;
        } else if (i < 32) {
            mixed = (d & b) | (~d & c);
            at = (5 * i + 1) % 16;
        } else if (i < 48) {
            mixed = b ^ c ^ d;
            at = (3 * i + 5) % 16;
        } else {
            mixed = c ^ (b | ~d);
            at = 7 * i % 16;
        }
        word = (uint32_t)block[4 * at] | (uint32_t)block[4 * at + 1] << 8 |
               (uint32_t)block[4 * at + 2] << 16 | (uint32_t)block[4 * at + 3] << 24;
        sum = a + mixed + word + (uint32_t)(int64_t)floor(fabs(sin(i + 1)) * 4294967296.0);
        a = d;
        d = c;
        c = b;
        b += sum << turn | sum >> (32 - turn);
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
}

static inline void md5_hex(const char *text, char hex[33])
{
    uint32_t state[4] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
    size_t length = strlen(text), rest = length % 64;
    unsigned char last[128] = {0};
    size_t ends = rest < 56 ? 64 : 128;

    for (size_t at = 0; at + 64 <= length; at += 64)
        md5_block(state, (const unsigned char *)text + at);
    memcpy(last, text + length - rest, rest);
    last[rest] = 0x80;
    for (int i = 0; i < 8; i++)
        last[ends - 8 + (size_t)i] = (unsigned char)((uint64_t)length * 8 >> 8 * i);
    for (size_t at = 0; at < ends; at += 64)
        md5_block(state, last + at);
    for (int i = 0; i < 16; i++)
        snprintf(hex + 2 * i, 3, "%02x", (unsigned)(state[i / 4] >> 8 * (i % 4) & 0xff));
}

#endif
