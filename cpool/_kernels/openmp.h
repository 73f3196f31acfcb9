/* The only file that includes omp.h. Without OpenMP every answer is that of a single thread. */
#ifndef CPOOL_OPENMP_H
#define CPOOL_OPENMP_H

#if defined(__linux__)
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <sched.h>
#endif

#ifdef _OPENMP

#include <omp.h>

static inline int cpool_openmp(void) { return _OPENMP; }
static inline int cpool_max_threads(void) { return omp_get_max_threads(); }

/* Give the calling thread's pool back to the system; 0 if that worked. libgomp has had the call since GCC 9,
   earlier than the OpenMP version that it announces. */
#if _OPENMP >= 201811 || (defined(__GNUC__) && __GNUC__ >= 9) || (defined(__clang_major__) && __clang_major__ >= 9)
static inline int cpool_release_pool(void) { return omp_pause_resource_all(omp_pause_hard); }
#else
static inline int cpool_release_pool(void) { return -1; }
#endif

#else

static inline int cpool_openmp(void) { return 0; }
static inline int cpool_max_threads(void) { return 1; }
static inline int cpool_release_pool(void) { return 0; }

#endif

/* Processors that this process may run on, 0 where the system does not say. */
static inline int cpool_affinity(void) {
#if defined(__linux__)
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
#endif
    return 0;
}

#endif
