#ifndef CPOOL_FAST_H
#define CPOOL_FAST_H
/* Around loops that are to be vectorised in modules that are otherwise compiled for size: the larger half of such a module
 * is arguments, geometry and dispatch. */
#if defined(__OPTIMIZE_SIZE__) && defined(__GNUC__) && !defined(__clang__)
#define CP_FAST_BEGIN _Pragma("GCC push_options") \
    _Pragma("GCC optimize (\"O2,tree-vectorize,vect-cost-model=dynamic,no-math-errno,no-trapping-math,fp-contract=off\")")
#define CP_FAST_END _Pragma("GCC pop_options")
#else
#define CP_FAST_BEGIN
#define CP_FAST_END
#endif

/* What loops call has to be inlined for them to be vectorised: a compiler that counts size leaves exp and log as calls. */
#if defined(__GNUC__)
#define CP_INLINE static inline __attribute__((always_inline))
#else
#define CP_INLINE static inline
#endif

/* What is inlined into a loop over loops has its registers in memory where size counts. */
#if defined(__GNUC__)
#define CP_CALLED __attribute__((noinline))
#else
#define CP_CALLED
#endif

/* What rows and lanes know of each other: nothing. Without that word gcc gives up on loops over more than ten rows. */
#if defined(__clang__)
#define CP_RESTRICT __restrict__
#define CP_ALWAYS __attribute__((always_inline))
#define CP_EACH _Pragma("clang loop vectorize(assume_safety)")
#elif defined(__GNUC__)
#define CP_RESTRICT __restrict__
#define CP_ALWAYS __attribute__((always_inline))
#define CP_EACH _Pragma("GCC ivdep")
#else
#define CP_RESTRICT
#define CP_ALWAYS
#define CP_EACH
#endif
#endif
