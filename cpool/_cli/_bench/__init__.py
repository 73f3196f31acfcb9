"""What `cpool bench` is made of.

`workloads`  named layers as data, their inputs, the bytes they move
`peers`      how each library is asked for a workload; `frameworks` and `imaging` hold the longer ones,
             `common` what they share
`worker`     one library in a process of its own
`measure`    the processes, the rounds, the figures
`command`    what the arguments ask for; the files that are written
`table`      what is printed
`plot`       the picture, by matplotlib

The first four import nothing of cpool, by relative imports only: `worker` keeps cpool out of the other
libraries' processes, and the suites in `asv_benchmarks` load them from the checkout while the cpool that they
measure was built from another commit. So one table of workloads serves both.
"""
