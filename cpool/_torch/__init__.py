"""The parts of `cpool.torch`: tensors as arrays, operators with derivatives, functions, modules."""
