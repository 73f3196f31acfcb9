"""The same operators in plain NumPy. One function serves 1, 2 and 3 dimensions: `nd` says which."""

from typing import Any, SupportsIndex

from numpy.typing import ArrayLike, DTypeLike, NDArray

def max_pool(
    x: ArrayLike, *args: Any, return_indices: bool = False, index_dtype: DTypeLike | None = None,
    **keywords: Any,
) -> Any: ...
def max_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, *args: Any, indices: ArrayLike | None = None,
    return_indices: bool = False, index_dtype: DTypeLike | None = None, **keywords: Any,
) -> NDArray[Any]: ...
def min_pool(
    x: ArrayLike, *args: Any, return_indices: bool = False, index_dtype: DTypeLike | None = None,
    **keywords: Any,
) -> Any: ...
def min_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, *args: Any, indices: ArrayLike | None = None,
    return_indices: bool = False, index_dtype: DTypeLike | None = None, **keywords: Any,
) -> NDArray[Any]: ...
def avg_pool(
    x: ArrayLike, *args: Any, return_indices: bool = False, index_dtype: DTypeLike | None = None,
    **keywords: Any,
) -> Any: ...
def avg_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, *args: Any, indices: ArrayLike | None = None,
    return_indices: bool = False, index_dtype: DTypeLike | None = None, **keywords: Any,
) -> NDArray[Any]: ...
def sum_pool(
    x: ArrayLike, *args: Any, return_indices: bool = False, index_dtype: DTypeLike | None = None,
    **keywords: Any,
) -> Any: ...
def sum_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, *args: Any, indices: ArrayLike | None = None,
    return_indices: bool = False, index_dtype: DTypeLike | None = None, **keywords: Any,
) -> NDArray[Any]: ...
def lp_pool(
    x: ArrayLike, *args: Any, return_indices: bool = False, index_dtype: DTypeLike | None = None,
    **keywords: Any,
) -> Any: ...
def lp_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, *args: Any, indices: ArrayLike | None = None,
    return_indices: bool = False, index_dtype: DTypeLike | None = None, **keywords: Any,
) -> NDArray[Any]: ...
def adaptive_max_pool(
    x: ArrayLike, *args: Any, return_indices: bool = False, index_dtype: DTypeLike | None = None,
    **keywords: Any,
) -> Any: ...
def adaptive_max_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, *args: Any, indices: ArrayLike | None = None,
    return_indices: bool = False, index_dtype: DTypeLike | None = None, **keywords: Any,
) -> NDArray[Any]: ...
def adaptive_min_pool(
    x: ArrayLike, *args: Any, return_indices: bool = False, index_dtype: DTypeLike | None = None,
    **keywords: Any,
) -> Any: ...
def adaptive_min_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, *args: Any, indices: ArrayLike | None = None,
    return_indices: bool = False, index_dtype: DTypeLike | None = None, **keywords: Any,
) -> NDArray[Any]: ...
def adaptive_avg_pool(
    x: ArrayLike, *args: Any, return_indices: bool = False, index_dtype: DTypeLike | None = None,
    **keywords: Any,
) -> Any: ...
def adaptive_avg_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, *args: Any, indices: ArrayLike | None = None,
    return_indices: bool = False, index_dtype: DTypeLike | None = None, **keywords: Any,
) -> NDArray[Any]: ...
def adaptive_sum_pool(
    x: ArrayLike, *args: Any, return_indices: bool = False, index_dtype: DTypeLike | None = None,
    **keywords: Any,
) -> Any: ...
def adaptive_sum_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, *args: Any, indices: ArrayLike | None = None,
    return_indices: bool = False, index_dtype: DTypeLike | None = None, **keywords: Any,
) -> NDArray[Any]: ...
def adaptive_lp_pool(
    x: ArrayLike, *args: Any, return_indices: bool = False, index_dtype: DTypeLike | None = None,
    **keywords: Any,
) -> Any: ...
def adaptive_lp_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, *args: Any, indices: ArrayLike | None = None,
    return_indices: bool = False, index_dtype: DTypeLike | None = None, **keywords: Any,
) -> NDArray[Any]: ...
def global_max_pool(
    x: ArrayLike, *args: Any, return_indices: bool = False, index_dtype: DTypeLike | None = None,
    **keywords: Any,
) -> Any: ...
def global_max_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, *args: Any, indices: ArrayLike | None = None,
    return_indices: bool = False, index_dtype: DTypeLike | None = None, **keywords: Any,
) -> NDArray[Any]: ...
def global_min_pool(
    x: ArrayLike, *args: Any, return_indices: bool = False, index_dtype: DTypeLike | None = None,
    **keywords: Any,
) -> Any: ...
def global_min_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, *args: Any, indices: ArrayLike | None = None,
    return_indices: bool = False, index_dtype: DTypeLike | None = None, **keywords: Any,
) -> NDArray[Any]: ...
def global_avg_pool(
    x: ArrayLike, *args: Any, return_indices: bool = False, index_dtype: DTypeLike | None = None,
    **keywords: Any,
) -> Any: ...
def global_avg_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, *args: Any, indices: ArrayLike | None = None,
    return_indices: bool = False, index_dtype: DTypeLike | None = None, **keywords: Any,
) -> NDArray[Any]: ...
def global_sum_pool(
    x: ArrayLike, *args: Any, return_indices: bool = False, index_dtype: DTypeLike | None = None,
    **keywords: Any,
) -> Any: ...
def global_sum_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, *args: Any, indices: ArrayLike | None = None,
    return_indices: bool = False, index_dtype: DTypeLike | None = None, **keywords: Any,
) -> NDArray[Any]: ...
def global_lp_pool(
    x: ArrayLike, *args: Any, return_indices: bool = False, index_dtype: DTypeLike | None = None,
    **keywords: Any,
) -> Any: ...
def global_lp_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, *args: Any, indices: ArrayLike | None = None,
    return_indices: bool = False, index_dtype: DTypeLike | None = None, **keywords: Any,
) -> NDArray[Any]: ...
def max_unpool(
    x: ArrayLike, indices: ArrayLike, kernel_size: Any, stride: Any = None, padding: Any = 0,
    output_size: Any = None, *, nd: SupportsIndex, data_format: str = "channels_first", mode: str = "last",
) -> NDArray[Any]: ...
def max_unpool_backward(
    grad_output: ArrayLike, x: ArrayLike, indices: ArrayLike, kernel_size: Any, stride: Any = None,
    padding: Any = 0, output_size: Any = None, *, nd: SupportsIndex, data_format: str = "channels_first",
    mode: str = "last",
) -> NDArray[Any]: ...
def __getattr__(name: str) -> Any: ...  # the operators that have no signature here yet
