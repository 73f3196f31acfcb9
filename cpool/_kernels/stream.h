/* Results that the caches cannot keep: stored past them.
 *
 * An ordinary store reads its line first and, sooner or later, drives out a line of x; large outputs are therefore made in a
 * small buffer and copied with non-temporal stores, whole lines at a time. 2x2/s2 maxima of 8x64x224x224 float32: 3.5 ms
 * with ordinary stores, 3.2 ms so (a copy of as many bytes: 3.4). Smaller outputs stay in the cache, where their reader
 * will look for them.
 * A buffer is not lined up with the output (NumPy's large arrays begin 16 bytes after a line): its loads are unaligned, and
 * the two lines that a copy shares with its neighbours get ordinary stores.
 */
#ifndef CPOOL_STREAM_H
#define CPOOL_STREAM_H

#include "portable.h"

#if defined(__linux__)
#include <sys/mman.h>
#include <unistd.h>
/* Whether the page of p has been touched. The system clears a fresh page when it is written to, in the cache: there an
 * ordinary store is cheap and one past the caches is not (2x2/s2 maxima of 8192x8192 float32 into a new array: 17 against
 * 19 ms). */
static inline int cp_resident(const void* p) {
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    unsigned char seen = 0;
    return mincore((void*)((uintptr_t)p / page * page), 1, &seen) != 0 || (seen & 1);
}
#else
static inline int cp_resident(const void* p) { (void)p; return 1; }
#endif

#if defined(__GNUC__) && defined(__SSE2__) && !defined(CPOOL_PORTABLE)
#include <immintrin.h>

static inline void cp_stream(void* to, const void* from, ptrdiff_t n) {
    char* d = (char*)to;
    const char* s = (const char*)from;
    ptrdiff_t head = (ptrdiff_t)(-(uintptr_t)d & 63), i;
    if (n < head + 64) {
        memcpy(d, s, n);
        return;
    }
    if (head) {
        memcpy(d, s, head);
        d += head, s += head, n -= head;
    }
    for (i = 0; i + 64 <= n; i += 64) {
#if defined(__AVX512F__)
        _mm512_stream_si512((void*)(d + i), _mm512_loadu_si512((const void*)(s + i)));
#elif defined(__AVX__)
        _mm256_stream_si256((__m256i*)(d + i), _mm256_loadu_si256((const __m256i*)(s + i)));
        _mm256_stream_si256((__m256i*)(d + i + 32), _mm256_loadu_si256((const __m256i*)(s + i + 32)));
#else
        int j;
        for (j = 0; j < 64; j += 16) _mm_stream_si128((__m128i*)(d + i + j), _mm_loadu_si128((const __m128i*)(s + i + j)));
#endif
    }
    if (i < n) memcpy(d + i, s + i, n - i);
}

/* before another thread may look */
static inline void cp_stream_end(void) { _mm_sfence(); }

#else
static inline void cp_stream(void* to, const void* from, ptrdiff_t n) { memcpy(to, from, (size_t)n); }
static inline void cp_stream_end(void) {}
#endif
#endif
