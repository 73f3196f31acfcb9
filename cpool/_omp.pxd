cpdef int effective_threads() except -1
cpdef int threads_for(double work) except -1
