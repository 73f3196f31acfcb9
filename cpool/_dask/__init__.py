"""What `cpool.dask` is made of.

`graphs`   blocks of results, and what of the chunks of arrays a task gets
`blocks`   `block_reduce`
"""
