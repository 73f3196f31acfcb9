"""The layers; their signatures are in the stub of the package."""

import cpool as _cpool
from cpool._drawn_layers import *
from cpool._whole_layers import *

AdaptiveAvgPool1d = _cpool.AdaptiveAvgPool1d
AdaptiveAvgPool2d = _cpool.AdaptiveAvgPool2d
AdaptiveAvgPool3d = _cpool.AdaptiveAvgPool3d
AdaptiveLpPool1d = _cpool.AdaptiveLpPool1d
AdaptiveLpPool2d = _cpool.AdaptiveLpPool2d
AdaptiveLpPool3d = _cpool.AdaptiveLpPool3d
AdaptiveMaxPool1d = _cpool.AdaptiveMaxPool1d
AdaptiveMaxPool2d = _cpool.AdaptiveMaxPool2d
AdaptiveMaxPool3d = _cpool.AdaptiveMaxPool3d
AdaptiveMinPool1d = _cpool.AdaptiveMinPool1d
AdaptiveMinPool2d = _cpool.AdaptiveMinPool2d
AdaptiveMinPool3d = _cpool.AdaptiveMinPool3d
AdaptiveSumPool1d = _cpool.AdaptiveSumPool1d
AdaptiveSumPool2d = _cpool.AdaptiveSumPool2d
AdaptiveSumPool3d = _cpool.AdaptiveSumPool3d
AvgPool1d = _cpool.AvgPool1d
AvgPool2d = _cpool.AvgPool2d
AvgPool3d = _cpool.AvgPool3d
GlobalAvgPool = _cpool.GlobalAvgPool
GlobalLpPool = _cpool.GlobalLpPool
GlobalMaxPool = _cpool.GlobalMaxPool
GlobalMinPool = _cpool.GlobalMinPool
GlobalSumPool = _cpool.GlobalSumPool
KMaxPool = _cpool.KMaxPool
LpPool1d = _cpool.LpPool1d
LpPool2d = _cpool.LpPool2d
LpPool3d = _cpool.LpPool3d
MaxPool1d = _cpool.MaxPool1d
MaxPool2d = _cpool.MaxPool2d
MaxPool3d = _cpool.MaxPool3d
MaxUnpool1d = _cpool.MaxUnpool1d
MaxUnpool2d = _cpool.MaxUnpool2d
MaxUnpool3d = _cpool.MaxUnpool3d
MinPool1d = _cpool.MinPool1d
MinPool2d = _cpool.MinPool2d
MinPool3d = _cpool.MinPool3d
SumPool1d = _cpool.SumPool1d
SumPool2d = _cpool.SumPool2d
SumPool3d = _cpool.SumPool3d
