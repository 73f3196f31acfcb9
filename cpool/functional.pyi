"""The operators; their signatures are in the stub of the package."""

import cpool as _cpool
from cpool._derivatives import *
from cpool._fractional import *
from cpool._order import *
from cpool._s3 import *
from cpool._smooth import *
from cpool._stochastic import *

adaptive_avg_pool1d = _cpool.adaptive_avg_pool1d
adaptive_avg_pool1d_backward = _cpool.adaptive_avg_pool1d_backward
adaptive_avg_pool2d = _cpool.adaptive_avg_pool2d
adaptive_avg_pool2d_backward = _cpool.adaptive_avg_pool2d_backward
adaptive_avg_pool3d = _cpool.adaptive_avg_pool3d
adaptive_avg_pool3d_backward = _cpool.adaptive_avg_pool3d_backward
adaptive_lp_pool1d = _cpool.adaptive_lp_pool1d
adaptive_lp_pool1d_backward = _cpool.adaptive_lp_pool1d_backward
adaptive_lp_pool2d = _cpool.adaptive_lp_pool2d
adaptive_lp_pool2d_backward = _cpool.adaptive_lp_pool2d_backward
adaptive_lp_pool3d = _cpool.adaptive_lp_pool3d
adaptive_lp_pool3d_backward = _cpool.adaptive_lp_pool3d_backward
adaptive_max_pool1d = _cpool.adaptive_max_pool1d
adaptive_max_pool1d_backward = _cpool.adaptive_max_pool1d_backward
adaptive_max_pool2d = _cpool.adaptive_max_pool2d
adaptive_max_pool2d_backward = _cpool.adaptive_max_pool2d_backward
adaptive_max_pool3d = _cpool.adaptive_max_pool3d
adaptive_max_pool3d_backward = _cpool.adaptive_max_pool3d_backward
adaptive_min_pool1d = _cpool.adaptive_min_pool1d
adaptive_min_pool1d_backward = _cpool.adaptive_min_pool1d_backward
adaptive_min_pool2d = _cpool.adaptive_min_pool2d
adaptive_min_pool2d_backward = _cpool.adaptive_min_pool2d_backward
adaptive_min_pool3d = _cpool.adaptive_min_pool3d
adaptive_min_pool3d_backward = _cpool.adaptive_min_pool3d_backward
adaptive_sum_pool1d = _cpool.adaptive_sum_pool1d
adaptive_sum_pool1d_backward = _cpool.adaptive_sum_pool1d_backward
adaptive_sum_pool2d = _cpool.adaptive_sum_pool2d
adaptive_sum_pool2d_backward = _cpool.adaptive_sum_pool2d_backward
adaptive_sum_pool3d = _cpool.adaptive_sum_pool3d
adaptive_sum_pool3d_backward = _cpool.adaptive_sum_pool3d_backward
avg_pool1d = _cpool.avg_pool1d
avg_pool1d_backward = _cpool.avg_pool1d_backward
avg_pool2d = _cpool.avg_pool2d
avg_pool2d_backward = _cpool.avg_pool2d_backward
avg_pool3d = _cpool.avg_pool3d
avg_pool3d_backward = _cpool.avg_pool3d_backward
dynamic_k = _cpool.dynamic_k
global_avg_pool = _cpool.global_avg_pool
global_avg_pool_backward = _cpool.global_avg_pool_backward
global_lp_pool = _cpool.global_lp_pool
global_lp_pool_backward = _cpool.global_lp_pool_backward
global_max_pool = _cpool.global_max_pool
global_max_pool_backward = _cpool.global_max_pool_backward
global_min_pool = _cpool.global_min_pool
global_min_pool_backward = _cpool.global_min_pool_backward
global_sum_pool = _cpool.global_sum_pool
global_sum_pool_backward = _cpool.global_sum_pool_backward
kmax_pool = _cpool.kmax_pool
kmax_pool_backward = _cpool.kmax_pool_backward
kmax_pool_jvp = _cpool.kmax_pool_jvp
lp_pool1d = _cpool.lp_pool1d
lp_pool1d_backward = _cpool.lp_pool1d_backward
lp_pool2d = _cpool.lp_pool2d
lp_pool2d_backward = _cpool.lp_pool2d_backward
lp_pool3d = _cpool.lp_pool3d
lp_pool3d_backward = _cpool.lp_pool3d_backward
max_pool1d = _cpool.max_pool1d
max_pool1d_backward = _cpool.max_pool1d_backward
max_pool2d = _cpool.max_pool2d
max_pool2d_backward = _cpool.max_pool2d_backward
max_pool3d = _cpool.max_pool3d
max_pool3d_backward = _cpool.max_pool3d_backward
max_unpool1d = _cpool.max_unpool1d
max_unpool1d_backward = _cpool.max_unpool1d_backward
max_unpool2d = _cpool.max_unpool2d
max_unpool2d_backward = _cpool.max_unpool2d_backward
max_unpool3d = _cpool.max_unpool3d
max_unpool3d_backward = _cpool.max_unpool3d_backward
min_pool1d = _cpool.min_pool1d
min_pool1d_backward = _cpool.min_pool1d_backward
min_pool2d = _cpool.min_pool2d
min_pool2d_backward = _cpool.min_pool2d_backward
min_pool3d = _cpool.min_pool3d
min_pool3d_backward = _cpool.min_pool3d_backward
sum_pool1d = _cpool.sum_pool1d
sum_pool1d_backward = _cpool.sum_pool1d_backward
sum_pool2d = _cpool.sum_pool2d
sum_pool2d_backward = _cpool.sum_pool2d_backward
sum_pool3d = _cpool.sum_pool3d
sum_pool3d_backward = _cpool.sum_pool3d_backward
