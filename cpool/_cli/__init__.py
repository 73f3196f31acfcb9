"""What the `cpool` command is made of.

`_files`   files, folders and pipes in; files that appear whole or not at all out
`_pool`    one pooling command over one or many files
`_large`   the same, and pyramids, of arrays that need not fit the memory: by dask
`_stores`  Zarr, .npy and TIFF in parts
`_demo`    the photograph pooled with every operator

Only `cpool.__main__` imports these, each when its command runs. Pillow, tqdm, dask and zarr are imported
where they are used.
"""
