/* Which x86-64 level this processor and its operating system offer: 1, 3 or 4; always 1 elsewhere. */
#ifndef CPOOL_PROCESSOR_H
#define CPOOL_PROCESSOR_H

#if defined(_MSC_VER) && !defined(__clang__) && defined(_M_X64)

#include <immintrin.h>
#include <intrin.h>

/* Bits of CPUID leaves 1, 7 and 0x80000001, and the register state that the system saves (XCR0). */
static int cpool_processor_level(void) {
    const int leaf1 = 1 << 12 | 1 << 22 | 1 << 27 | 1 << 28 | 1 << 29;  /* fma movbe osxsave avx f16c */
    const int leaf7 = 1 << 3 | 1 << 5 | 1 << 8;                         /* bmi1 avx2 bmi2 */
    const int leaf7_v4 = (int)(1u << 16 | 1u << 17 | 1u << 28 | 1u << 30 | 1u << 31);  /* f dq cd bw vl */
    int r[4], ebx7;
    unsigned long long saved;
    __cpuid(r, 0);
    if (r[0] < 7) return 1;
    __cpuid(r, 1);
    if ((r[2] & leaf1) != leaf1) return 1;
    __cpuidex(r, 7, 0);
    ebx7 = r[1];
    if ((ebx7 & leaf7) != leaf7) return 1;
    __cpuid(r, 0x80000001);
    if (!(r[2] & 1 << 5)) return 1;                                     /* lzcnt */
    saved = _xgetbv(0);
    if ((saved & 0x6) != 0x6) return 1;
    return (ebx7 & leaf7_v4) == leaf7_v4 && (saved & 0xE6) == 0xE6 ? 4 : 3;
}

#elif defined(__GNUC__) && defined(__x86_64__)

static int cpool_processor_level(void) {
    __builtin_cpu_init();
#if !defined(__clang__) && __GNUC__ >= 12
    if (!__builtin_cpu_supports("x86-64-v3")) return 1;
    return __builtin_cpu_supports("x86-64-v4") ? 4 : 3;
#else   /* the level names are recent; every processor with these features has the rest of the level */
    if (!(__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")
          && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2"))) return 1;
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
        && __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq")
        && __builtin_cpu_supports("avx512vl") ? 4 : 3;
#endif
}

#else

static int cpool_processor_level(void) { return 1; }

#endif

#if defined(__clang__)
#define CPOOL_COMPILER "Clang " __clang_version__
#elif defined(__GNUC__)
#define CPOOL_COMPILER "GCC " __VERSION__
#elif defined(_MSC_VER)
#define CPOOL_TEXT_(x) #x
#define CPOOL_TEXT(x) CPOOL_TEXT_(x)
#define CPOOL_COMPILER "MSVC " CPOOL_TEXT(_MSC_VER)
#else
#define CPOOL_COMPILER "unknown"
#endif

/* What setup.py compiled: it defines CPOOL_HAS_V3 and CPOOL_HAS_V4 for the levels that it builds. */
#ifdef CPOOL_HAS_V3
#define CPOOL_BUILT_V3 1
#else
#define CPOOL_BUILT_V3 0
#endif
#ifdef CPOOL_HAS_V4
#define CPOOL_BUILT_V4 1
#else
#define CPOOL_BUILT_V4 0
#endif

#endif
